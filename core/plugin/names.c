/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/names.c - see names.h. ctype.h is not used: it depends on the locale.
 */
#include "plugin/names.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alphanumeric(char c)
{
    return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z');
}

/* True if the text is [a-z][a-z0-9 and what is in `further`]*. */
static bool is_name(const char *text, const char *further)
{
    if (!is_lower(*text))
        return false;
    while (*++text != '\0')
        if (!is_lower(*text) && !is_digit(*text) && strchr(further, *text) == NULL)
            return false;
    return true;
}

bool kp_is_format_name(const char *text)
{
    return is_name(text, "-");
}

bool kp_is_stage_name(const char *text)
{
    const char *dot = strchr(text, '.');

    return is_name(text, "-.") && (dot == NULL || strcmp(dot, ".unpack") == 0);
}

bool kp_is_arch_name(const char *text)
{
    return is_name(text, "_");
}

bool kp_is_param_name(const char *text)
{
    return is_name(text, "_-");
}

bool kp_is_item_name(const char *text)
{
    if (!is_alphanumeric(*text) || is_digit(*text))
        return false;
    while (*++text != '\0')
        if (!is_alphanumeric(*text) && *text != '_' && *text != '-')
            return false;
    return true;
}

bool kp_is_word(const char *text)
{
    if (!is_alphanumeric(*text))
        return false;
    while (*++text != '\0')
        if (!is_alphanumeric(*text) && strchr("._+-", *text) == NULL)
            return false;
    return true;
}

bool kp_is_reverse_domain(const char *text)
{
    bool dot = false;

    if (!is_name(text, "-."))
        return false;
    for (; *text != '\0'; text++) {
        if (*text != '.')
            continue;
        dot = true;
        if (!is_lower(text[1]) && !is_digit(text[1]))
            return false;
    }
    return dot;
}

bool kp_is_kind(const char *text)
{
    return kp_is_format_name(text) || kp_is_reverse_domain(text);
}

bool kp_is_version(const char *text)
{
    for (;;) {
        if (!is_digit(*text))
            return false;
        while (is_digit(*text))
            text++;
        if (*text == '\0')
            return true;
        if (*text++ != '.')
            return false;
    }
}

/* Takes the number at *text, without leading zeros, and the dot behind it. */
static size_t next_number(const char **text, const char **digits)
{
    size_t length;

    while (**text == '0')
        ++*text;
    *digits = *text;
    length = strspn(*text, "0123456789");
    *text += length;
    if (**text == '.')
        ++*text;
    return length;
}

int kp_compare_versions(const char *a, const char *b)
{
    while (*a != '\0' || *b != '\0') {
        const char *a_digits, *b_digits;
        const size_t a_length = next_number(&a, &a_digits);
        const size_t b_length = next_number(&b, &b_digits);
        int order;

        if (a_length != b_length)
            return a_length < b_length ? -1 : 1;
        order = memcmp(a_digits, b_digits, a_length);
        if (order != 0)
            return order;
    }
    return 0;
}

bool kp_text_is_clean(const char *text, size_t length, bool lines)
{
    while (length > 0) {
        uint32_t point = 0;
        const size_t used = kp_text_decode(text, length, &point);

        if (used == 0 || (kp_text_is_control(point) && !(lines && point == '\n')))
            return false;
        text += used;
        length -= used;
    }
    return true;
}
