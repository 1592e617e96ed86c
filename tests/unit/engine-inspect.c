/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of engine/inspect.h: what is found out about a file. What inspectors do wrong is
 * plugin-call.c's.
 */
#include "plan-shared.h"

#include "engine/layers.h"

static struct kp_inspection inspection;

static bool inspect(const char *bytes)
{
    struct kp_range *range = kp_range_copy(bytes, strlen(bytes));
    bool good;

    kp_inspection_free(&inspection);
    inspection = (struct kp_inspection){0};
    good = kp_inspect(registry, diags, "a.img", range, NULL, KP_INSPECT_FACTS, &inspection);
    kp_range_unref(range);
    return good;
}

static void finish(void)
{
    kp_inspection_free(&inspection);
    end();
}

START_TEST(unknown_bytes)
{
    ck_assert(inspect("nobody knows"));
    ck_assert(inspection.kind == NULL && inspection.codec == NULL && inspection.format == NULL);
    ck_assert_uint_eq(inspection.fields.count, 0);
    ck_assert(inspect(""));
    ck_assert_ptr_null(inspection.kind);
}
END_TEST

START_TEST(kind_that_nobody_describes)
{
    ck_assert(inspect("\x7f"
                      "ELF and more"));
    ck_assert_str_eq(inspection.kind, "elf");
    ck_assert_ptr_null(inspection.codec);
    ck_assert_ptr_null(inspection.format);
    ck_assert_uint_eq(inspection.traits.count, 0);
}
END_TEST

START_TEST(fields_and_traits)
{
    const struct kp_inspected_field *fields;

    ck_assert(inspect("rot1letters"));
    ck_assert_str_eq(inspection.kind, "compressed");
    ck_assert_str_eq(inspection.codec, "rot");
    ck_assert_str_eq(inspection.format, "rot");
    ck_assert_uint_eq(inspection.fields.count, 2);
    fields = inspection.fields.items;
    ck_assert_str_eq(fields[0].name, "magic");
    ck_assert(fields[0].is_text && fields[0].offset == 0 && fields[0].length == 4);
    ck_assert_str_eq(fields[0].text, "rot1");
    ck_assert_ptr_null(fields[0].meaning);
    ck_assert_str_eq(fields[1].name, "size");
    ck_assert(!fields[1].is_text && fields[1].number == 7 && fields[1].flags == KP_FIELD_BYTES);
    ck_assert_str_eq(fields[1].meaning, "without the magic");
    ck_assert_uint_eq(inspection.traits.count, 1);
    ck_assert_uint_eq(kp_traits_get(&inspection.traits, "size")->number, 7);
    expect_findings("");
}
END_TEST

/* What comes out of compressed layers is bounded for all of them together. */
START_TEST(limit_of_contents)
{
    static const char outer[] = "rot1spu2cde"; /* of "rot1bcd", of "abc" */
    struct kp_layers layers = {0};
    struct kp_layers_options options = {.registry = registry, .name = "a.img", .depth = 9};
    struct kp_range *range;

    range = kp_range_copy(outer, strlen(outer));
    for (options.limit = 0; options.limit <= 10; options.limit++) {
        ck_assert(kp_layers_open(&layers, &options, range));
        /* Seven bytes come out of it, and three of these. */
        ck_assert_msg(layers.count == (options.limit < 7    ? 1
                                       : options.limit < 10 ? 2
                                                            : 3),
                      "limit %u: %u layers", (unsigned)options.limit, (unsigned)layers.count);
        if (options.limit < 7)
            ck_assert_str_eq(layers.top->closed, options.limit == 0
                                                     ? "the limit of decompressed bytes is reached"
                                                     : "it cannot be decompressed");
        kp_layers_free(&layers);
    }
    kp_range_unref(range);
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_test(tests, unknown_bytes);
    tcase_add_test(tests, kind_that_nobody_describes);
    tcase_add_test(tests, fields_and_traits);
    tcase_add_test(tests, limit_of_contents);
}

int main(void)
{
    return run_tests("engine-inspect", begin, finish, fill);
}
