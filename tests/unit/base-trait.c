/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of base/trait.h.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/trait.h"

START_TEST(types_and_rules_of_names)
{
    static const struct {
        const char *name;
        enum kp_trait_type type;
        bool is_name, content;
    } rows[] = {
        {"arch", KP_TRAIT_IS_TEXT, true, true},
        {"entry", KP_TRAIT_IS_NUMBER, true, true},
        {"load", KP_TRAIT_IS_NUMBER, true, true},
        {"bss", KP_TRAIT_IS_NUMBER, true, true},
        {"version", KP_TRAIT_IS_TEXT, true, true},
        {"kind", KP_TRAIT_IS_TEXT, true, false},
        {"codec", KP_TRAIT_IS_TEXT, true, false},
        {"size", KP_TRAIT_IS_NUMBER, true, false},
        {"com.example.board-id", KP_TRAIT_UNKNOWN, true, true},
        {"com.example.Board_2", KP_TRAIT_UNKNOWN, true, true},
        {"colour", KP_TRAIT_UNKNOWN, false, false},
        {"", KP_TRAIT_UNKNOWN, false, false},
        {".", KP_TRAIT_UNKNOWN, false, false},
        {".com.example", KP_TRAIT_UNKNOWN, false, false},
        {"com..example", KP_TRAIT_UNKNOWN, false, false},
        {"com.example.", KP_TRAIT_UNKNOWN, false, false},
        {"com.-x", KP_TRAIT_UNKNOWN, false, false},
        {"com.ex ample", KP_TRAIT_UNKNOWN, false, false},
        {"com.ex\xc3\xa4mple", KP_TRAIT_UNKNOWN, false, false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_assert_msg(kp_trait_type(rows[i].name) == rows[i].type, "type of %s", rows[i].name);
        ck_assert_msg(kp_trait_is_name(rows[i].name) == rows[i].is_name, "name %s", rows[i].name);
        ck_assert_msg(kp_trait_is_content(rows[i].name) == rows[i].content, "content %s",
                      rows[i].name);
    }
}
END_TEST

START_TEST(traits_are_set_replaced_and_cleared)
{
    struct kp_traits traits = {0};

    ck_assert_ptr_null(kp_traits_get(&traits, "load"));
    kp_traits_clear(&traits, "load");
    ck_assert(kp_traits_set_number(&traits, "load", 0x8000));
    ck_assert(kp_traits_set_text(&traits, "arch", "arm"));
    ck_assert(kp_traits_set_number(&traits, "entry", 0x8040));
    ck_assert_uint_eq(traits.count, 3);
    ck_assert_str_eq(traits.items[0].name, "arch");
    ck_assert_str_eq(traits.items[1].name, "entry");
    ck_assert_str_eq(traits.items[2].name, "load");
    ck_assert_str_eq(kp_traits_get(&traits, "arch")->text, "arm");
    ck_assert_uint_eq(kp_traits_get(&traits, "load")->number, 0x8000);
    ck_assert_ptr_null(kp_traits_get(&traits, "load")->text);

    /* A text that comes from the set itself. */
    ck_assert(kp_traits_set_text(&traits, "arch", kp_traits_get(&traits, "arch")->text));
    ck_assert_str_eq(kp_traits_get(&traits, "arch")->text, "arm");
    ck_assert(kp_traits_set_number(&traits, "arch", 5));
    ck_assert_ptr_null(kp_traits_get(&traits, "arch")->text);
    ck_assert_uint_eq(traits.count, 3);

    kp_traits_clear(&traits, "entry");
    ck_assert_uint_eq(traits.count, 2);
    ck_assert_ptr_null(kp_traits_get(&traits, "entry"));
    ck_assert_uint_eq(kp_traits_get(&traits, "load")->number, 0x8000);
    kp_traits_free(&traits);
    ck_assert_uint_eq(traits.count, 0);
    kp_traits_free(&traits);
}
END_TEST

START_TEST(content_passes_and_encoding_does_not)
{
    struct kp_traits from = {0};
    struct kp_traits to = {0};
    struct kp_traits all = {0};

    ck_assert(kp_traits_set_text(&from, "arch", "arm64"));
    ck_assert(kp_traits_set_number(&from, "load", 0x80000));
    ck_assert(kp_traits_set_text(&from, "kind", "compressed"));
    ck_assert(kp_traits_set_text(&from, "codec", "gzip"));
    ck_assert(kp_traits_set_number(&from, "size", 12345));
    ck_assert(kp_traits_set_number(&from, "com.example.board-id", 9));
    ck_assert(kp_traits_set_number(&to, "load", 1));
    ck_assert(kp_traits_set_number(&to, "bss", 2));

    ck_assert(kp_traits_copy(&to, &from, true));
    ck_assert_uint_eq(to.count, 4);
    ck_assert_str_eq(kp_traits_get(&to, "arch")->text, "arm64");
    ck_assert_uint_eq(kp_traits_get(&to, "load")->number, 0x80000);
    ck_assert_uint_eq(kp_traits_get(&to, "bss")->number, 2);
    ck_assert_uint_eq(kp_traits_get(&to, "com.example.board-id")->number, 9);
    ck_assert_ptr_null(kp_traits_get(&to, "kind"));

    ck_assert(kp_traits_copy(&all, &from, false));
    ck_assert_uint_eq(all.count, 6);
    ck_assert_uint_eq(kp_traits_get(&all, "size")->number, 12345);
    ck_assert(kp_traits_copy(&all, &all, false));
    ck_assert_uint_eq(all.count, 6);
    kp_traits_free(&from);
    kp_traits_free(&to);
    kp_traits_free(&all);
}
END_TEST

START_TEST(many_traits_stay_sorted)
{
    struct kp_traits traits = {0};
    char name[64];

    for (unsigned i = 0; i < 100; i++) {
        snprintf(name, sizeof(name), "com.example.t%02u", i * 37 % 100);
        ck_assert(kp_traits_set_number(&traits, name, i));
    }
    ck_assert_uint_eq(traits.count, 100);
    for (size_t i = 1; i < traits.count; i++)
        ck_assert_int_lt(strcmp(traits.items[i - 1].name, traits.items[i].name), 0);
    ck_assert_uint_eq(kp_traits_get(&traits, "com.example.t37")->number, 1);
    kp_traits_free(&traits);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base-trait");
    TCase *tests = tcase_create("all");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tests, types_and_rules_of_names);
    tcase_add_test(tests, traits_are_set_replaced_and_cleared);
    tcase_add_test(tests, content_passes_and_encoding_does_not);
    tcase_add_test(tests, many_traits_stay_sorted);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
