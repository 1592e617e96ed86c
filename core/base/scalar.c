/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/scalar.c - numbers and booleans out of a scalar's text, by the rules of
 * the recipe language: decimal, 0x, 0o; K, M and G (or KiB, MiB, GiB) are powers
 * of 1024; no leading 0, because readers disagree on what it means. YAML's own
 * ideas of numbers play no part.
 */
#include "base/node.h"

#include <limits.h>
#include <string.h>

#define NOT_A_NUMBER "not a number"
#define TOO_LARGE "does not fit into 64 bits"

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 16;
}

/* The power of 1024 after the digits as a number of bits, or -1. */
static int suffix_shift(const char *suffix)
{
    static const struct {
        char suffix[4];
        int shift;
    } known[] = {{"", 0}, {"K", 10}, {"M", 20}, {"G", 30}, {"KiB", 10}, {"MiB", 20}, {"GiB", 30}};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(suffix, known[i].suffix) == 0)
            return known[i].shift;
    }
    return -1;
}

/* The number without its sign. What is no number at all is reported before what
 * is too large. */
static const char *magnitude(const char *text, unsigned long long *value)
{
    unsigned long long number = 0;
    unsigned base = 10;
    bool overflow = false;
    const char *digits;
    int shift;

    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'o')) {
        base = text[1] == 'x' ? 16 : 8;
        text += 2;
    } else if (text[0] == '0' && digit_value(text[1]) < 10) {
        if (text[1 + strspn(text + 1, "0123456789")] == '\0')
            return "a number has no leading 0 (octal begins with 0o)";
        return NOT_A_NUMBER;
    }
    for (digits = text; digit_value(*text) < (int)base; text++)
        overflow |= __builtin_mul_overflow(number, base, &number) ||
                    __builtin_add_overflow(number, (unsigned)digit_value(*text), &number);
    shift = suffix_shift(text);
    if (text == digits || shift < 0)
        return NOT_A_NUMBER;
    if (overflow || __builtin_mul_overflow(number, 1ull << shift, &number))
        return TOO_LARGE;
    *value = number;
    return NULL;
}

const char *kp_scalar_uint(const char *text, unsigned long long *value)
{
    unsigned long long number = 0;

    if (text[0] == '-' && magnitude(text + 1, &number) == NULL && number > 0)
        return "a negative number";
    return magnitude(text, value);
}

const char *kp_scalar_int(const char *text, long long *value)
{
    const bool negative = text[0] == '-';
    unsigned long long number;
    const char *wrong = magnitude(negative ? text + 1 : text, &number);

    if (wrong != NULL)
        return wrong;
    if (number > (unsigned long long)LLONG_MAX + (negative ? 1 : 0))
        return TOO_LARGE;
    /* The smallest number has no positive counterpart to be negated. */
    if (number > (unsigned long long)LLONG_MAX)
        *value = LLONG_MIN;
    else
        *value = negative ? -(long long)number : (long long)number;
    return NULL;
}

const char *kp_scalar_bool(const char *text, bool *value)
{
    if (strcmp(text, "true") == 0 || strcmp(text, "yes") == 0)
        *value = true;
    else if (strcmp(text, "false") == 0 || strcmp(text, "no") == 0)
        *value = false;
    else
        return "not true, false, yes or no";
    return NULL;
}
