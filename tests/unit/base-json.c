/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of base/json.h and base/text.h.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"

struct sink {
    struct kp_json json;
    char *text;
    size_t length;
};

static void sink_open(struct sink *sink)
{
    *sink = (struct sink){0};
    sink->json.to = open_memstream(&sink->text, &sink->length);
    ck_assert_ptr_nonnull(sink->json.to);
}

static void sink_expect(struct sink *sink, const char *expected)
{
    fclose(sink->json.to);
    ck_assert_str_eq(sink->text, expected);
    free(sink->text);
}

START_TEST(document)
{
    struct sink sink;
    struct kp_json *json = &sink.json;

    sink_open(&sink);
    kp_json_begin(json, NULL, '{');
    kp_json_text(json, "name", "gzip");
    kp_json_number(json, "most", UINT64_MAX);
    kp_json_integer(json, "least", INT64_MIN);
    kp_json_boolean(json, "yes", true);
    kp_json_boolean(json, "no", false);
    kp_json_text(json, "none", NULL);
    kp_json_begin(json, "empty list", '[');
    kp_json_end(json, ']');
    kp_json_begin(json, "list", '[');
    kp_json_number(json, NULL, 1);
    kp_json_begin(json, NULL, '{');
    kp_json_end(json, '}');
    kp_json_begin(json, NULL, '{');
    kp_json_text(json, "a", "b");
    kp_json_end(json, '}');
    kp_json_end(json, ']');
    kp_json_text(json, "last", "");
    kp_json_end(json, '}');
    sink_expect(&sink, "{\n"
                       "  \"name\": \"gzip\",\n"
                       "  \"most\": 18446744073709551615,\n"
                       "  \"least\": -9223372036854775808,\n"
                       "  \"yes\": true,\n"
                       "  \"no\": false,\n"
                       "  \"none\": null,\n"
                       "  \"empty list\": [],\n"
                       "  \"list\": [\n"
                       "    1,\n"
                       "    {},\n"
                       "    {\n"
                       "      \"a\": \"b\"\n"
                       "    }\n"
                       "  ],\n"
                       "  \"last\": \"\"\n"
                       "}\n");
}
END_TEST

START_TEST(documents_one_after_the_other)
{
    struct sink sink;

    sink_open(&sink);
    kp_json_number(&sink.json, NULL, 1);
    kp_json_begin(&sink.json, NULL, '[');
    kp_json_end(&sink.json, ']');
    kp_json_text(&sink.json, NULL, "x");
    sink_expect(&sink, "1\n[]\n\"x\"\n");
}
END_TEST

START_TEST(escapes)
{
    struct sink sink;

    sink_open(&sink);
    kp_json_text(&sink.json, NULL, "\" \\ / \b\f\n\r\t bfnrt \x01\x1b\x7f");
    kp_json_bytes(&sink.json, NULL, "a\0b", 3);
    kp_json_begin(&sink.json, NULL, '{');
    kp_json_text(&sink.json, "k\"\n", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\xc2\x9b");
    kp_json_end(&sink.json, '}');
    sink_expect(&sink, "\"\\\" \\\\ / \\b\\f\\n\\r\\t bfnrt \\u0001\\u001b\\u007f\"\n"
                       "\"a\\u0000b\"\n"
                       "{\n  \"k\\\"\\n\": \"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\\u009b\"\n}\n");
}
END_TEST

#define BAD "\xef\xbf\xbd"

START_TEST(bytes_that_are_no_utf8)
{
    static const struct {
        const char *bytes, *shown;
    } rows[] = {
        {"a\xff"
         "b",
         "\"a" BAD "b\"\n"},
        {"\xc3", "\"" BAD "\"\n"},                         /* cut short */
        {"\xc3(", "\"" BAD "(\"\n"},                       /* no continuation */
        {"\xc0\xaf", "\"" BAD BAD "\"\n"},                 /* overlong */
        {"\xe0\x80\xaf", "\"" BAD BAD BAD "\"\n"},         /* overlong */
        {"\xf0\x80\x80\xaf", "\"" BAD BAD BAD BAD "\"\n"}, /* overlong */
        {"\xed\xa0\x80", "\"" BAD BAD BAD "\"\n"},         /* surrogate */
        {"\xf4\x90\x80\x80", "\"" BAD BAD BAD BAD "\"\n"}, /* above 10ffff */
        {"\xf5\x80\x80\x80", "\"" BAD BAD BAD BAD "\"\n"},
        {"\x80", "\"" BAD "\"\n"},
    };
    struct sink sink;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        sink_open(&sink);
        kp_json_text(&sink.json, NULL, rows[i].bytes);
        sink_expect(&sink, rows[i].shown);
    }
}
END_TEST

START_TEST(text_is_made_safe)
{
    static const struct {
        const char *bytes, *shown;
    } rows[] = {
        {"", ""},
        {"plain \xc3\xa4\xf0\x9f\x98\x80", "plain \xc3\xa4\xf0\x9f\x98\x80"},
        {"\x1b[31m\n\t\r\x7f", "\\x1b[31m\\x0a\\x09\\x0d\\x7f"},
        {"\xc2\x9b", "\\u009b"}, /* CSI in one character */
        {"\xe2\x80\xae"
         "cba",
         "\\u202ecba"}, /* right to left */
        {"\xe2\x81\xa6", "\\u2066"},
        {"\xe2\x80\xa8", "\\u2028"},
        {"\xf3\xa0\x80\xa0", "\\ue0020"},
        {"\xff\xc3", "\\xff\\xc3"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct kp_string string = {0};

        kp_text_escape(&string, rows[i].bytes, strlen(rows[i].bytes));
        ck_assert_str_eq(string.text, rows[i].shown);
        kp_string_free(&string);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base-json");
    TCase *tests = tcase_create("all");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tests, document);
    tcase_add_test(tests, documents_one_after_the_other);
    tcase_add_test(tests, escapes);
    tcase_add_test(tests, bytes_that_are_no_utf8);
    tcase_add_test(tests, text_is_made_safe);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
