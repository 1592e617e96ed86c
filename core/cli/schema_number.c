/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/schema_number.c - the schema of a number between limits. YAML may hand it over as a
 * number, or as text where it is in quotes or in a form that YAML does not know (4K, 0o17):
 * then the limits have to be a pattern. The forms are base/scalar.c's.
 */
#include <inttypes.h>

#include "base/auto.h"
#include "base/vector.h"
#include "cli/schema.h"

/* Most digits of a number: in octal. */
#define MAX_DIGITS 22

/* A class of the digits from `low` to `high`. */
static void add_class(struct kp_string *to, int low, int high)
{
    kp_string_add(to, "[");
    if (low <= 9)
        kp_string_printf(to, "%d-%d", low, high < 9 ? high : 9);
    if (high > 9)
        kp_string_printf(to, "%c-%c%c-%c", low > 10 ? 'a' + low - 10 : 'a', 'a' + high - 10,
                         low > 10 ? 'A' + low - 10 : 'A', 'A' + high - 10);
    kp_string_add(to, "]");
}

/* Alternatives for the numbers from 1 to `most` (not 0), without leading zeros: those with
 * fewer digits, and those that are smaller in the first digit that differs. */
static void add_numbers(struct kp_string *to, uint64_t most, int base)
{
    int digits[MAX_DIGITS];
    int count = 0;

    for (uint64_t rest = most; rest > 0; rest /= (unsigned)base)
        digits[count++] = (int)(rest % (unsigned)base); /* the lowest first */
    if (count > 1) {
        add_class(to, 1, base - 1);
        add_class(to, 0, base - 1);
        kp_string_printf(to, "{0,%d}|", count - 2);
    }
    for (int at = count - 1; at >= 0; at--) {
        const int low = at == count - 1 ? 1 : 0;

        /* The last digit may be that of `most` itself. */
        const int high = at == 0 ? digits[at] : digits[at] - 1;

        if (high < low)
            continue;
        for (int i = count - 1; i > at; i--)
            add_class(to, digits[i], digits[i]);
        add_class(to, low, high);
        if (at > 0) {
            add_class(to, 0, base - 1);
            kp_string_printf(to, "{%d}", at);
        }
        kp_string_add(to, at > 0 ? "|" : "");
    }
}

/* The forms of the numbers from 1 to `most`. */
static void add_forms(struct kp_string *to, uint64_t most)
{
    static const struct {
        int shift;
        const char *suffix;
    } scales[] = {{0, ""}, {10, "K(iB)?"}, {20, "M(iB)?"}, {30, "G(iB)?"}};

    for (size_t i = 0; i < sizeof(scales) / sizeof(scales[0]); i++) {
        if (most >> scales[i].shift == 0)
            break;
        kp_string_add(to, i > 0 ? "|(" : "(");
        add_numbers(to, most >> scales[i].shift, 10);
        kp_string_add(to, "|0x0*(");
        add_numbers(to, most >> scales[i].shift, 16);
        kp_string_add(to, ")|0o0*(");
        add_numbers(to, most >> scales[i].shift, 8);
        kp_string_printf(to, "))%s", scales[i].suffix);
    }
}

static void write_pattern(struct kp_json *json, const struct kp_string *pattern)
{
    kp_json_begin(json, NULL, '{');
    kp_json_text(json, "type", "string");
    if (!pattern->failed)
        kp_json_text(json, "pattern", pattern->text);
    kp_json_end(json, '}');
}

/* Zero, in each of its forms. */
#define ZERO "(0|0x0+|0o0+)([KMG](iB)?)?"
/* Any number. */
#define ANY "(0|[1-9][0-9]*|0x[0-9A-Fa-f]+|0o[0-7]+)([KMG](iB)?)?"

void kp_schema_unsigned(struct kp_json *json, uint64_t minimum, uint64_t maximum)
{
    const bool limits = maximum != 0 && maximum != UINT64_MAX;
    struct kp_string pattern KP_AUTO(string) = {0};

    kp_json_begin(json, "anyOf", '[');
    kp_json_begin(json, NULL, '{');
    kp_json_text(json, "type", "integer");
    kp_json_number(json, "minimum", minimum);
    kp_json_number(json, "maximum", maximum != 0 ? maximum : UINT64_MAX);
    kp_json_end(json, '}');
    kp_string_add(&pattern, minimum > 0 ? "^(?!" ZERO "$)(" : "^(" ZERO "|");
    if (limits)
        add_forms(&pattern, maximum);
    kp_string_add(&pattern, limits ? ")$" : ANY ")$");
    write_pattern(json, &pattern);
    kp_schema_ref(json, NULL, "variable");
    kp_json_end(json, ']');
}

void kp_schema_signed(struct kp_json *json, int64_t low, int64_t high)
{
    const bool limits = low != 0 || high != 0;
    struct kp_string pattern KP_AUTO(string) = {0};

    kp_json_begin(json, "anyOf", '[');
    kp_json_begin(json, NULL, '{');
    kp_json_text(json, "type", "integer");
    kp_json_integer(json, "minimum", limits ? low : INT64_MIN);
    kp_json_integer(json, "maximum", limits ? high : INT64_MAX);
    kp_json_end(json, '}');
    if (!limits) {
        kp_string_add(&pattern, "^-?" ANY "$");
    } else {
        kp_string_add(&pattern, low > 0 || high < 0 ? "^(?!-?" ZERO "$)(" : "^(-?" ZERO);
        if (high > 0) {
            kp_string_add(&pattern, low <= 0 ? "|" : "");
            add_forms(&pattern, (uint64_t)high);
        }
        if (low < 0) {
            kp_string_add(&pattern, high >= 0 ? "|-(" : "-(");
            add_forms(&pattern, (uint64_t) - (low + 1) + 1);
            kp_string_add(&pattern, ")");
        }
        kp_string_add(&pattern, ")$");
    }
    write_pattern(json, &pattern);
    kp_schema_ref(json, NULL, "variable");
    kp_json_end(json, ']');
}
