/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of base/diag.h and base/codes.h: what is collected, in what order, names
 * that are near, and the catalogue.
 */
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/codes.h"
#include "base/diag.h"

/* Numbers and formats of these tests alone. */
#define TEST_PLAIN 1999, "%s"
#define TEST_RANGE 1998, "stage '%s': level: %d: out of range 0..12"

static void expect(struct kp_diags *diags, const char *expected)
{
    const struct kp_diag_style plain = {false, false};
    char *text = NULL;
    size_t length = 0;
    FILE *to = open_memstream(&text, &length);

    kp_diags_render(diags, 0, to, plain);
    fclose(to);
    ck_assert_str_eq(text, expected);
    free(text);
    kp_diags_free(diags);
}

START_TEST(findings_are_kept)
{
    char text[] = "text";
    char hint[] = "hint";
    char detail[] = "detail";
    struct kp_diags *diags = kp_diags_new();
    const struct kp_finding *first;

    ck_assert_uint_eq(kp_diags_errors(diags), 0);
    ck_assert_ptr_null(kp_diags_get(diags, 0));
    kp_finding_add(diags, KP_SEVERITY_ERROR, KP_NOWHERE, hint, detail, TEST_PLAIN, text);
    text[0] = hint[0] = detail[0] = 'X';
    first = kp_diags_get(diags, 0);
    for (int i = 0; i < 1000; i++)
        kp_warning(diags, KP_NOWHERE, TEST_PLAIN, "w");
    ck_assert(!kp_error(diags, KP_NOWHERE, TEST_PLAIN, "second"));
    ck_assert_ptr_eq(kp_diags_get(diags, 0), first);
    ck_assert_str_eq(first->text, "text");
    ck_assert_str_eq(first->hint, "hint");
    ck_assert_str_eq(first->detail, "detail");
    ck_assert_uint_eq(first->code, 1999);
    ck_assert_uint_eq(kp_diags_errors(diags), 2);
    ck_assert_uint_eq(kp_diags_count(diags), 1002);
    ck_assert_ptr_null(kp_diags_get(diags, 1002));
    kp_diags_free(diags);
    kp_diags_free(NULL);
}
END_TEST

START_TEST(no_memory_is_reported_once)
{
    struct kp_diags *diags = kp_diags_new();

    kp_warning(diags, KP_NOWHERE, TEST_PLAIN, "before");
    ck_assert(!kp_out_of_memory(diags));
    ck_assert(!kp_out_of_memory(diags));
    kp_warning(diags, KP_NOWHERE, TEST_PLAIN, "after");
    ck_assert_uint_eq(kp_diags_errors(diags), 1);
    kp_diags_sort(diags);
    expect(diags, "kpipe: warning: before [KP1999]\n"
                  "kpipe: error: out of memory [KP1801]\n"
                  "kpipe: warning: after [KP1999]\n");
}
END_TEST

START_TEST(sorted_by_place)
{
    struct kp_diags *diags = kp_diags_new();
    struct kp_place b = {"b.yml", 9, 2, 0};
    const struct kp_place a = {"a.yml", 5, 1, 0};

    kp_error(diags, KP_NOWHERE, TEST_PLAIN, "none 1");
    kp_error(diags, b, TEST_PLAIN, "b 9:2 first");
    kp_error(diags, a, TEST_PLAIN, "a 5:1");
    kp_error(diags, b, TEST_PLAIN, "b 9:2 second");
    b.column = 1;
    kp_error(diags, b, TEST_PLAIN, "b 9:1");
    kp_error(diags, KP_NOWHERE, TEST_PLAIN, "none 2");
    b.line = 3;
    b.column = 70;
    kp_error(diags, b, TEST_PLAIN, "b 3:70");
    kp_diags_sort(diags);
    expect(diags, "b.yml:3:70: error: b 3:70 [KP1999]\n"
                  "b.yml:9:1: error: b 9:1 [KP1999]\n"
                  "b.yml:9:2: error: b 9:2 first [KP1999]\n"
                  "b.yml:9:2: error: b 9:2 second [KP1999]\n"
                  "a.yml:5:1: error: a 5:1 [KP1999]\n"
                  "kpipe: error: none 1 [KP1999]\n"
                  "kpipe: error: none 2 [KP1999]\n");
}
END_TEST

START_TEST(repeats_are_dropped)
{
    struct kp_diags *diags = kp_diags_new();
    struct kp_place place = {"a.yml", 1, 1, 0};

    kp_error(diags, place, TEST_PLAIN, "one");
    kp_error(diags, place, TEST_PLAIN, "two");
    kp_error(diags, place, TEST_PLAIN, "one");
    kp_warning(diags, place, TEST_PLAIN, "one");
    kp_warning(diags, place, TEST_PLAIN, "one");
    kp_error_hint(diags, place, "hint", TEST_PLAIN, "one");
    place.line = 2;
    kp_error(diags, place, TEST_PLAIN, "one");
    kp_error(diags, KP_NOWHERE, TEST_PLAIN, "one");
    kp_error(diags, KP_NOWHERE, TEST_PLAIN, "one");
    ck_assert_uint_eq(kp_diags_errors(diags), 7);
    kp_diags_sort(diags);
    ck_assert_uint_eq(kp_diags_errors(diags), 5);
    expect(diags, "a.yml:1:1: error: one [KP1999]\n"
                  "a.yml:1:1: error: two [KP1999]\n"
                  "a.yml:1:1: warning: one [KP1999]\n"
                  "a.yml:1:1: error: one [KP1999]\n"
                  "  hint: hint\n"
                  "a.yml:2:1: error: one [KP1999]\n"
                  "kpipe: error: one [KP1999]\n");
}
END_TEST

static void *report_many(void *data)
{
    for (int i = 0; i < 1000; i++) {
        kp_error((struct kp_diags *)data, KP_NOWHERE, TEST_RANGE, "x", i);
        kp_diags_get((struct kp_diags *)data, 0);
    }
    return NULL;
}

START_TEST(many_threads_report)
{
    struct kp_diags *diags = kp_diags_new();
    pthread_t threads[4];

    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, report_many, diags), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    ck_assert_uint_eq(kp_diags_errors(diags), 4000);
    kp_diags_sort(diags);
    ck_assert_uint_eq(kp_diags_errors(diags), 1000);
    ck_assert_uint_eq(kp_diags_count(diags), 1000);
    kp_diags_free(diags);
}
END_TEST

START_TEST(nearest_names)
{
    static const char *const names[] = {"gzip",    "gzip.unpack", "lz4",    "zstd",
                                        "objcopy", "uimage",      "zimage", "level"};
    static const struct {
        const char *name, *nearest;
    } rows[] = {
        {"gzp", "gzip"},
        {"gizp", "gzip"},
        {"GZIP", "gzip"},
        {"uImage", "uimage"},
        {"zImage", "zimage"},
        {"image", "uimage"},
        {"lzma", NULL},
        {"objcpoy", "objcopy"},
        {"obcopi", "objcopy"},
        {"obcpoi", NULL},
        {"levl", "level"},
        {"lvl", NULL},
        {"gzip.unpak", "gzip.unpack"},
        {"gzip", "gzip"},
        {"", NULL},
        {"x", NULL},
        {"l4", "lz4"},
        {"something entirely different", NULL},
    };
    static const char *const letters[] = {"a", "ab"};
    char large[300] = "";

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *nearest = kp_nearest(rows[i].name, names, sizeof(names) / sizeof(names[0]));

        ck_assert_msg((nearest == NULL) == (rows[i].nearest == NULL), "%s: %s", rows[i].name,
                      nearest);
        if (nearest != NULL)
            ck_assert_str_eq(nearest, rows[i].nearest);
    }
    ck_assert_str_eq(kp_nearest("b", letters, 2), "ab");
    ck_assert_ptr_null(kp_nearest("gzip", names, 0));
    memset(large, 'x', 200);
    ck_assert_ptr_null(kp_nearest(large, names, 8));
    {
        const char *const candidates[] = {large, "gzip"};

        ck_assert_str_eq(kp_nearest("gzi", candidates, 2), "gzip");
    }
}
END_TEST

START_TEST(catalogue_is_in_order)
{
    const struct kp_code *code;
    unsigned before = 999;

    for (size_t i = 0; (code = kp_code_at(i)) != NULL; i++) {
        const unsigned number = code->number;

        ck_assert_uint_lt(number, 1900);
        ck_assert_msg(number > before, "row of KP%u", number);
        ck_assert_msg(code->message[0] != '\0', "message of KP%u", number);
        ck_assert_msg(strlen(code->explanation) > 20, "explanation of KP%u", number);
        ck_assert_ptr_eq(kp_code_find(number), code);
        before = number;
    }
    ck_assert_str_eq(kp_code_find(1801)->message, "out of memory");
    ck_assert_ptr_null(kp_code_find(0));
    ck_assert_ptr_null(kp_code_find(1999));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base-findings");
    TCase *tests = tcase_create("all");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tests, findings_are_kept);
    tcase_add_test(tests, no_memory_is_reported_once);
    tcase_add_test(tests, sorted_by_place);
    tcase_add_test(tests, repeats_are_dropped);
    tcase_add_test(tests, many_threads_report);
    tcase_add_test(tests, nearest_names);
    tcase_add_test(tests, catalogue_is_in_order);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
