/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/conformance/params.c - what the tables of parameters promise: values outside of
 * what a row declares are refused, at any depth, and those inside are not.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/text.h"
#include "base/vector.h"
#include "conformance.h"
#include "recipe/yaml.h"

enum { LONGEST = 4096 }; /* of texts that are tried */

static size_t tried;

static bool no_image(void *data, const struct kp_param *row, const struct kp_node *scalar,
                     size_t *index)
{
    (void)data;
    (void)row;
    (void)scalar;
    *index = KP_VALUE_MAIN;
    return true;
}

static bool any_trait(void *data, const char *trait)
{
    (void)data;
    (void)trait;
    return true;
}

/* Whether the binder finds fault with the value of a parameter: KP1303 to KP1309 with its
 * path. What else is missing does not matter here. */
static bool is_refused(const struct kp_stage *stage, const char *text, const char *path)
{
    KP_AUTO(arena) struct kp_arena *arena = kp_arena_new();
    KP_AUTO(diags) struct kp_diags *diags = kp_diags_new();
    const struct kp_binder binder = {.arena = arena,
                                     .diags = diags,
                                     .registry = registry,
                                     .stage = stage->name,
                                     .image = no_image,
                                     .trait_possible = any_trait};
    const struct kp_node *node = kp_yaml_parse(arena, diags, "p", ".", text, strlen(text));
    size_t count;

    ck_assert_msg(node != NULL, "%s: not YAML", text);
    kp_bind_check(&binder, stage->operation.params, node, KP_NOWHERE, &count);
    tried++;
    for (size_t i = 0; i < kp_diags_count(diags); i++) {
        const struct kp_finding *finding = kp_diags_get(diags, i);

        if (finding->code >= 1301 && finding->code <= 1309 && finding->code != 1302 &&
            strstr(finding->text, path) != NULL)
            return true;
    }
    return false;
}

/* Where a row stands: the text before and after its value. */
struct position {
    const struct kp_stage *stage;
    char before[512], after[64], path[512];
};

/* Four texts behind each other, which must fit. */
static void join(char *to, size_t size, const char *a, const char *b, const char *c, const char *d)
{
    const int length = snprintf(to, size, "%s%s%s%s", a, b, c, d);

    ck_assert_int_ge(length, 0);
    ck_assert_uint_lt((size_t)length, size);
}

static void expect(const struct position *at, const char *value, bool refused)
{
    KP_AUTO(string) struct kp_string text = {0};

    kp_string_printf(&text, "%s%s%s", at->before, value, at->after);
    ck_assert(!text.failed);
    ck_assert_msg(is_refused(at->stage, text.text, at->path) == refused, "%s: %s: is %s",
                  at->stage->name, text.text, refused ? "accepted" : "refused");
}

static void expect_number(const struct position *at, uint64_t value, bool refused)
{
    char text[32];

    snprintf(text, sizeof(text), "%" PRIu64, value);
    expect(at, text, refused);
}

static void expect_integer(const struct position *at, int64_t value, bool refused)
{
    char text[32];

    snprintf(text, sizeof(text), "%" PRId64, value);
    expect(at, text, refused);
}

static void check_uint(const struct position *at, const struct kp_param *row)
{
    const bool limited = row->minimum != 0 || row->maximum != 0;

    expect(at, "many", true);
    expect(at, "-1", true);
    expect(at, "1.5", true);
    expect(at, "0x10000000000000000", true);
    if (limited) {
        expect_number(at, row->minimum, false);
        expect_number(at, row->maximum, false);
    }
    if (limited && row->maximum < UINT64_MAX)
        expect_number(at, row->maximum + 1, true);
    if (row->minimum > 0)
        expect_number(at, row->minimum - 1, true);
}

static void check_int(const struct position *at, const struct kp_param *row)
{
    expect(at, "many", true);
    expect(at, "9223372036854775808", true);
    if (row->low == 0 && row->high == 0)
        return;
    expect_integer(at, row->low, false);
    expect_integer(at, row->high, false);
    if (row->high < INT64_MAX)
        expect_integer(at, row->high + 1, true);
    if (row->low > INT64_MIN)
        expect_integer(at, row->low - 1, true);
}

static void check_text(const struct position *at, const struct kp_param *row)
{
    char text[LONGEST + 3] = "\"";

    if (row->maximum > 0 && row->maximum < LONGEST) {
        memset(text + 1, 'a', row->maximum);
        strcpy(text + 1 + row->maximum, "\"");
        expect(at, text, false);
        memset(text + 1, 'a', row->maximum + 1);
        strcpy(text + 2 + row->maximum, "\"");
        expect(at, text, true);
    }
    if (row->minimum > 0 && row->minimum < LONGEST) {
        memset(text + 1, 'a', row->minimum - 1);
        strcpy(text + row->minimum, "\"");
        expect(at, text, true);
    }
}

static void check_scalar(const struct position *at, const struct kp_param *row)
{
    switch (row->type) {
    case KP_TYPE_UINT:
        check_uint(at, row);
        break;
    case KP_TYPE_INT:
        check_int(at, row);
        break;
    case KP_TYPE_BOOL:
        expect(at, "maybe", true);
        expect(at, "2", true);
        expect(at, "true", false);
        expect(at, "no", false);
        break;
    case KP_TYPE_CHOICE:
        expect(at, "no-such-choice", true);
        for (size_t i = 0; row->choices[i] != NULL; i++)
            expect(at, row->choices[i]->name, false);
        break;
    case KP_TYPE_TEXT:
        check_text(at, row);
        break;
    default: /* names of images, stages and trees are nothing that a table limits */
        return;
    }
    expect(at, "{a: {b: c}}", true);
}

static void check_table(const struct position *outer, const struct kp_param *const *table);

static void check_row(const struct position *outer, const struct kp_param *row)
{
    struct position at = {.stage = outer->stage};
    const bool list = row->list != 0;

    join(at.before, sizeof(at.before), outer->before, "{", row->name, list ? ": [" : ": ");
    join(at.after, sizeof(at.after), list ? "]" : "", "}", outer->after, "");
    join(at.path, sizeof(at.path), outer->path, outer->path[0] == '\0' ? "" : ".", row->name,
         list ? "[0]" : "");
    if (row->type == KP_TYPE_RECORD) {
        check_table(&at, row->fields);
        return;
    }
    if (list && row->min_items > 1)
        return; /* a list of one is refused for its length */
    check_scalar(&at, row);
}

static void check_table(const struct position *outer, const struct kp_param *const *table)
{
    struct position at = *outer;

    join(at.path, sizeof(at.path), "no-such-parameter", "", "", "");
    join(at.before, sizeof(at.before), outer->before, "{no-such-parameter: ", "", "");
    join(at.after, sizeof(at.after), "}", outer->after, "", "");
    expect(&at, "1", true);
    for (; table != NULL && *table != NULL; table++)
        check_row(outer, *table);
}

START_TEST(only_what_is_declared_is_taken)
{
    const struct position at = {.stage = takers[_i]};

    tried = 0;
    check_table(&at, takers[_i]->operation.params);
    ck_assert_uint_gt(tried, 0);
}
END_TEST

/* People read these; an empty one is as bad as none. */
START_TEST(everything_is_described)
{
    const struct kp_operation *operation = &takers[_i]->operation;

    ck_assert_msg(operation->summary[0] != '\0' &&
                      operation->summary[strlen(operation->summary) - 1] != '.',
                  "%s: summary: '%s': a phrase without final stop is wanted", takers[_i]->name,
                  operation->summary);
    for (const struct kp_param *const *row = operation->params; row != NULL && *row != NULL; row++)
        ck_assert_msg((*row)->summary[0] != '\0' &&
                          (*row)->summary[strlen((*row)->summary) - 1] != '.',
                      "%s: %s: summary: '%s': a phrase without final stop is wanted",
                      takers[_i]->name, (*row)->name, (*row)->summary);
}
END_TEST

void add_param_tests(TCase *tests)
{
    tcase_add_loop_test(tests, only_what_is_declared_is_taken, 0, (int)taker_count);
    tcase_add_loop_test(tests, everything_is_described, 0, (int)taker_count);
}
