/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of base/diag.h: every character of what is shown. What is collected, and
 * in what order, is tested in base-findings.c.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"

/* Numbers and formats of these tests alone. */
#define TEST_PLAIN 1999, "%s"
#define TEST_RANGE 1998, "stage '%s': level: %d: out of range 0..12"

static const struct kp_diag_style plain = {false, false};
static const struct kp_diag_style with_detail = {false, true};
static const struct kp_diag_style coloured = {true, false};

static void expect_from(struct kp_diags *diags, size_t first, struct kp_diag_style style,
                        const char *expected)
{
    char *text = NULL;
    size_t length = 0;
    FILE *to = open_memstream(&text, &length);

    kp_diags_render(diags, first, to, style);
    fclose(to);
    ck_assert_str_eq(text, expected);
    free(text);
}

static void expect(struct kp_diags *diags, const char *expected)
{
    expect_from(diags, 0, plain, expected);
    kp_diags_free(diags);
}

/* A diags with one source, and the place in it. */
static struct kp_diags *with_source(const char *text, struct kp_place *place)
{
    struct kp_diags *diags = kp_diags_new();

    ck_assert_ptr_nonnull(diags);
    place->file = kp_diags_add_source(diags, "board.yml", text, strlen(text));
    ck_assert_str_eq(place->file, "board.yml");
    return diags;
}

START_TEST(line_with_caret)
{
    struct kp_place place = {NULL, 2, 20, 2};
    struct kp_diags *diags = with_source("images:\n  - {gzip: {level: 13}}\n", &place);

    ck_assert(!kp_error_hint(diags, place, "choose a smaller level", TEST_RANGE, "gzip", 13));
    expect(diags, "board.yml:2:20: error: stage 'gzip': level: 13: out of range 0..12 [KP1998]\n"
                  "    2 |   - {gzip: {level: 13}}\n"
                  "      |                    ^~\n"
                  "  hint: choose a smaller level\n");
}
END_TEST

START_TEST(places_of_all_kinds)
{
    struct kp_place place = {NULL, 1, 1, 0};
    struct kp_diags *diags = with_source("abc\n\nlast", &place);

    kp_error(diags, KP_NOWHERE, TEST_PLAIN, "nowhere");
    place.line = 0;
    place.column = 0;
    kp_error(diags, place, TEST_PLAIN, "the file");
    place.line = 1;
    kp_warning(diags, place, TEST_PLAIN, "the line");
    place.column = 3;
    place.length = 100;
    kp_finding_add(diags, KP_SEVERITY_NOTE, place, NULL, NULL, TEST_PLAIN, "the end");
    place.column = 4;
    kp_error(diags, place, TEST_PLAIN, "behind the end");
    place.column = 400;
    kp_error(diags, place, TEST_PLAIN, "far behind the end");
    place.line = 2;
    place.column = 1;
    kp_error(diags, place, TEST_PLAIN, "empty line");
    place.line = 3;
    place.length = 0;
    kp_error(diags, place, TEST_PLAIN, "last line");
    place.line = 4;
    kp_error(diags, place, TEST_PLAIN, "no such line");
    place.line = 1; /* back again */
    kp_error(diags, place, TEST_PLAIN, "first line");
    place.line = 4;
    place.file = "other.yml";
    kp_error(diags, place, TEST_PLAIN, "unknown source");
    expect(diags, "kpipe: error: nowhere [KP1999]\n"
                  "board.yml: error: the file [KP1999]\n"
                  "board.yml:1: warning: the line [KP1999]\n"
                  "    1 | abc\n"
                  "board.yml:1:3: note: the end [KP1999]\n"
                  "    1 | abc\n"
                  "      |   ^\n"
                  "board.yml:1:4: error: behind the end [KP1999]\n"
                  "    1 | abc\n"
                  "      |    ^\n"
                  "board.yml:1:400: error: far behind the end [KP1999]\n"
                  "    1 | abc\n"
                  "      |    ^\n"
                  "board.yml:2:1: error: empty line [KP1999]\n"
                  "    2 |\n"
                  "      | ^\n"
                  "board.yml:3:1: error: last line [KP1999]\n"
                  "    3 | last\n"
                  "      | ^\n"
                  "board.yml:4:1: error: no such line [KP1999]\n"
                  "board.yml:1:1: error: first line [KP1999]\n"
                  "    1 | abc\n"
                  "      | ^\n"
                  "other.yml:4:1: error: unknown source [KP1999]\n");
}
END_TEST

START_TEST(line_ends_of_all_kinds)
{
    struct kp_place place = {NULL, 0, 1, 0};
    struct kp_diags *diags = with_source("one\r\ntwo\rthree\xc2\x85"
                                         "four\xe2\x80\xa8"
                                         "five\xe2\x80\xa9six\n",
                                         &place);

    for (place.line = 7; place.line > 0; place.line--)
        kp_warning(diags, place, TEST_PLAIN, "x");
    kp_diags_sort(diags);
    expect(diags, "board.yml:1:1: warning: x [KP1999]\n    1 | one\n      | ^\n"
                  "board.yml:2:1: warning: x [KP1999]\n    2 | two\n      | ^\n"
                  "board.yml:3:1: warning: x [KP1999]\n    3 | three\n      | ^\n"
                  "board.yml:4:1: warning: x [KP1999]\n    4 | four\n      | ^\n"
                  "board.yml:5:1: warning: x [KP1999]\n    5 | five\n      | ^\n"
                  "board.yml:6:1: warning: x [KP1999]\n    6 | six\n      | ^\n"
                  "board.yml:7:1: warning: x [KP1999]\n    7 |\n      | ^\n");
}
END_TEST

START_TEST(caret_stays_under_its_place)
{
    struct kp_place place = {NULL, 1, 3, 1};
    struct kp_diags *diags = with_source("\t\tx\n"
                                         "\xc3\xa4\xe2\x82\xac x\n"
                                         "\x1b[31mx\n"
                                         "\xff\xfex\n"
                                         "a\xc3\xa4"
                                         "bc\n",
                                         &place);

    kp_error(diags, place, TEST_PLAIN, "tabs");
    place.line = 2;
    place.column = 7;
    kp_error(diags, place, TEST_PLAIN, "wide in bytes");
    place.line = 3;
    place.column = 6;
    kp_error(diags, place, TEST_PLAIN, "control characters");
    place.line = 4;
    place.column = 3;
    kp_error(diags, place, TEST_PLAIN, "no characters");
    place.line = 5;
    place.column = 2;
    place.length = 3;
    kp_error(diags, place, TEST_PLAIN, "two characters");
    expect(diags, "board.yml:1:3: error: tabs [KP1999]\n"
                  "    1 |   x\n"
                  "      |   ^\n"
                  "board.yml:2:7: error: wide in bytes [KP1999]\n"
                  "    2 | \xc3\xa4\xe2\x82\xac x\n"
                  "      |    ^\n"
                  "board.yml:3:6: error: control characters [KP1999]\n"
                  "    3 | \\x1b[31mx\n"
                  "      |         ^\n"
                  "board.yml:4:3: error: no characters [KP1999]\n"
                  "    4 | \\xff\\xfex\n"
                  "      |         ^\n"
                  "board.yml:5:2: error: two characters [KP1999]\n"
                  "    5 | a\xc3\xa4"
                  "bc\n"
                  "      |  ^~\n");
}
END_TEST

START_TEST(nothing_drives_the_terminal)
{
    struct kp_diags *diags = kp_diags_new();
    const struct kp_place place = {"a\x1b]0;x\x07.yml", 0, 0, 0};

    kp_finding_add(diags, KP_SEVERITY_ERROR, place, "h\nkpipe: error: fake", "d\x9b", TEST_PLAIN,
                   "t\xe2\x80\xae\r");
    expect_from(diags, 0, with_detail,
                "a\\x1b]0;x\\x07.yml: error: t\\u202e\\x0d [KP1999]\n"
                "  hint: h\\x0akpipe: error: fake\n"
                "  detail: d\\x9b\n");
    kp_diags_free(diags);
}
END_TEST

/* `count` times `text` at the end of `to`. */
static void repeat(char *to, const char *text, size_t count)
{
    while (count-- > 0)
        strcat(to, text);
}

START_TEST(long_lines_are_shown_in_part)
{
    char source[4000] = "";
    char expected[4000] = "";
    struct kp_place place = {NULL, 1, 1001, 2};
    struct kp_diags *diags;

    repeat(source, "\xc3\xa4", 500); /* 1000 bytes */
    strcat(source, "XY");
    repeat(source, "b", 500);
    diags = with_source(source, &place);
    kp_error(diags, place, TEST_PLAIN, "middle");
    place.column = 3;
    kp_error(diags, place, TEST_PLAIN, "near the begin");
    place.column = 1502;
    kp_error(diags, place, TEST_PLAIN, "last");

    strcat(expected, "board.yml:1:1001: error: middle [KP1999]\n    1 | ...");
    repeat(expected, "\xc3\xa4", 80);
    strcat(expected, "XY");
    repeat(expected, "b", 75);
    strcat(expected, "...\n      | ");
    repeat(expected, " ", 83);
    strcat(expected, "^~\nboard.yml:1:3: error: near the begin [KP1999]\n    1 | ");
    repeat(expected, "\xc3\xa4", 160);
    strcat(expected, "...\n      |  ^\nboard.yml:1:1502: error: last [KP1999]\n    1 | ...");
    repeat(expected, "b", 81);
    strcat(expected, "\n      | ");
    repeat(expected, " ", 83);
    strcat(expected, "^\n");
    expect(diags, expected);
}
END_TEST

START_TEST(long_line_of_escapes)
{
    char source[400] = "";
    char expected[1000] = "board.yml:1:201: error: x [KP1999]\n    1 | ...";
    struct kp_place place = {NULL, 1, 201, 1};
    struct kp_diags *diags;

    repeat(source, "\x01", 200);
    strcat(source, "X");
    repeat(source, "\x80", 100);
    diags = with_source(source, &place);
    kp_error(diags, place, TEST_PLAIN, "x");
    repeat(expected, "\\x01", 20);
    strcat(expected, "X");
    repeat(expected, "\\x80", 19);
    strcat(expected, "...\n      | ");
    repeat(expected, " ", 83);
    strcat(expected, "^\n");
    expect(diags, expected);
}
END_TEST

START_TEST(line_of_160_columns_is_shown_whole)
{
    char source[1000] = "";
    char expected[1000] = "board.yml:1:160: error: x [KP1999]\n    1 | ";
    struct kp_place place = {NULL, 1, 160, 9};

    repeat(source, "-", 160);
    strcat(expected, source);
    strcat(expected, "\n      | ");
    repeat(expected, " ", 159);
    strcat(expected, "^\n");
    {
        struct kp_diags *diags = with_source(source, &place);

        kp_error(diags, place, TEST_PLAIN, "x");
        expect(diags, expected);
    }
}
END_TEST

START_TEST(colours)
{
    struct kp_place place = {NULL, 1, 2, 2};
    struct kp_diags *diags = with_source("abcd", &place);

    kp_finding_add(diags, KP_SEVERITY_ERROR, place, "h", "d", TEST_PLAIN, "e");
    kp_warning(diags, KP_NOWHERE, TEST_PLAIN, "w");
    kp_finding_add(diags, KP_SEVERITY_NOTE, KP_NOWHERE, NULL, NULL, 0, "n");
    expect_from(diags, 0, coloured,
                "\x1b[1mboard.yml:1:2:\x1b[0m \x1b[1;31merror:\x1b[0m e \x1b[2m[KP1999]\x1b[0m\n"
                "    1 | abcd\n"
                "      |  \x1b[1;32m^~\x1b[0m\n"
                "  \x1b[36mhint:\x1b[0m h\n"
                "\x1b[1mkpipe:\x1b[0m \x1b[1;35mwarning:\x1b[0m w \x1b[2m[KP1999]\x1b[0m\n"
                "\x1b[1mkpipe:\x1b[0m \x1b[1;36mnote:\x1b[0m n\n");
    expect_from(diags, 2, plain, "kpipe: note: n\n");
    expect_from(diags, 3, plain, "");
    kp_diags_free(diags);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base-diag");
    TCase *tests = tcase_create("all");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tests, line_with_caret);
    tcase_add_test(tests, places_of_all_kinds);
    tcase_add_test(tests, line_ends_of_all_kinds);
    tcase_add_test(tests, caret_stays_under_its_place);
    tcase_add_test(tests, nothing_drives_the_terminal);
    tcase_add_test(tests, long_lines_are_shown_in_part);
    tcase_add_test(tests, long_line_of_escapes);
    tcase_add_test(tests, line_of_160_columns_is_shown_whole);
    tcase_add_test(tests, colours);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
