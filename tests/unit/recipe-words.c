/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/recipe-words.c - the words of `kpipe pipe` as a recipe: what becomes of each
 * way to write parameters, and the whole text of each error. A finder stands in for the
 * plugins' tables: the parameters `file` and `files` take images, and so does the short
 * one of the stage `append`.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/vector.h"
#include "recipe/words.h"

static struct kp_arena *arena;
static struct kp_diags *diags;

static bool find(void *data, const char *stage, struct kp_node *params, kp_visit_reference visit,
                 void *context)
{
    struct kp_node *file = kp_node_get(params, "file");
    struct kp_node *files = kp_node_get(params, "files");

    ck_assert_str_eq(data, "finder");
    if (strcmp(stage, "append") == 0 && params->kind == KP_NODE_SCALAR)
        return visit(context, params, NULL, KP_TYPE_IMAGE);
    if (file != NULL && !visit(context, file, NULL, KP_TYPE_IMAGE))
        return false;
    for (size_t i = 0; files != NULL && i < files->count; i++) {
        if (!visit(context, files->items[i], files, KP_TYPE_IMAGE))
            return false;
    }
    return true;
}

static const struct kp_reference_finder finder = {(void *)"finder", find};

static void set_up(void)
{
    arena = kp_arena_new();
    diags = kp_diags_new();
    ck_assert_ptr_nonnull(arena);
    ck_assert_ptr_nonnull(diags);
}

static void tear_down(void)
{
    kp_diags_free(diags);
    kp_arena_free(arena);
}

/* A node in one line: map{key: "text" ...}; a scalar that was written plain is <text>. */
static void print(struct kp_string *to, const struct kp_node *node)
{
    if (node == NULL) {
        kp_string_add(to, "none");
    } else if (node->kind == KP_NODE_SCALAR) {
        kp_string_printf(to, node->plain ? "<%s>" : "\"%s\"", node->text);
        ck_assert_uint_eq(node->length, strlen(node->text));
        ck_assert_str_eq(node->folder, ".");
    } else {
        kp_string_add(to, node->kind == KP_NODE_MAP ? "{" : "[");
        for (size_t i = 0; i < node->count; i++) {
            kp_string_add(to, i > 0 ? " " : "");
            if (node->kind == KP_NODE_MAP)
                kp_string_printf(to, "%s:", node->keys[i]->text);
            print(to, node->items[i]);
        }
        kp_string_add(to, node->kind == KP_NODE_MAP ? "}" : "]");
    }
}

static struct kp_recipe *read_words(const char *const *words, const char *arch, const char *output)
{
    size_t count = 0;

    while (words[count] != NULL)
        count++;
    return kp_recipe_from_words(arena, diags, &finder, words, count, arch, output);
}

/* Reads `file WORD` and compares the stage's name and parameters. */
static void check_word(const char *word, const char *stage, const char *params)
{
    const char *const words[] = {"file", word, NULL};
    const struct kp_recipe *recipe = read_words(words, NULL, "out");
    struct kp_string text KP_AUTO(string) = {0};

    ck_assert_msg(recipe != NULL, "%s: refused", word);
    ck_assert_uint_eq(kp_diags_count(diags), 0);
    ck_assert_str_eq(recipe->images[0].elements[1].stage, stage);
    print(&text, recipe->images[0].elements[1].params);
    ck_assert_str_eq(text.text, params);
}

/* Reads words that are wrong and compares everything that is said. */
static void check_error(const char *const *words, const char *expected)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);

    ck_assert_ptr_null(read_words(words, NULL, "out"));
    ck_assert_ptr_nonnull(to);
    kp_diags_render(diags, 0, to, (struct kp_diag_style){false, false});
    fclose(to);
    ck_assert_str_eq(text, expected);
    free(text);
}

static void check_one_error(const char *word, const char *expected)
{
    const char *const words[] = {"file", word, NULL};

    check_error(words, expected);
}

START_TEST(chain)
{
    const char *const words[] = {"a/vmlinux", "objcopy", "gzip.unpack", NULL};
    const struct kp_recipe *recipe = read_words(words, "arm64", "uImage");

    ck_assert_ptr_nonnull(recipe);
    ck_assert_uint_eq(recipe->input_count, 1);
    ck_assert_str_eq(recipe->inputs[0].name, "vmlinux");
    ck_assert_str_eq(recipe->inputs[0].file, "a/vmlinux");
    ck_assert_str_eq(recipe->inputs[0].path->text, "a/vmlinux");
    ck_assert_str_eq(recipe->inputs[0].place.file, "argument 1");
    ck_assert_str_eq(recipe->arch->text, "arm64");
    ck_assert_str_eq(recipe->arch->place.file, "--arch");
    ck_assert_uint_eq(recipe->image_count, 1);
    ck_assert_str_eq(recipe->images[0].name, "output");
    ck_assert_uint_eq(recipe->images[0].element_count, 3);
    ck_assert_str_eq(recipe->images[0].elements[0].reference, "vmlinux");
    ck_assert_ptr_null(recipe->images[0].elements[0].stage);
    ck_assert_str_eq(recipe->images[0].elements[1].stage, "objcopy");
    ck_assert_ptr_null(recipe->images[0].elements[1].params);
    ck_assert_str_eq(recipe->images[0].elements[2].stage, "gzip.unpack");
    ck_assert_str_eq(recipe->images[0].elements[2].place.file, "argument 3");
    ck_assert_uint_eq(recipe->output_count, 1);
    ck_assert_str_eq(recipe->outputs[0].image, "output");
    ck_assert_str_eq(recipe->outputs[0].file, "uImage");
}
END_TEST

START_TEST(file_alone)
{
    const char *const words[] = {"-", NULL};
    const struct kp_recipe *recipe = read_words(words, NULL, "-");

    ck_assert_ptr_nonnull(recipe);
    ck_assert_ptr_null(recipe->arch);
    ck_assert_str_eq(recipe->inputs[0].name, "stdin");
    ck_assert_str_eq(recipe->inputs[0].path->text, "-");
    ck_assert_str_eq(recipe->inputs[0].file, "/dev/stdin");
    ck_assert_uint_eq(recipe->images[0].element_count, 1);
    ck_assert_str_eq(recipe->outputs[0].file, "-");
}
END_TEST

START_TEST(pairs)
{
    check_word("s:a=1,b=2", "s", "{a:<1> b:<2>}");
    check_word("s:name=a:b", "s", "{name:<a:b>}");
    check_word("s:name=a=b", "s", "{name:<a=b>}");
    check_word("s:name=,b=", "s", "{name:<> b:<>}");
    check_word("s:name=Linux \"6\" [x] it's", "s", "{name:<Linux \"6\" [x] it's>}");
    check_word("s:name=# no comment", "s", "{name:<# no comment>}");
    check_word("s:name=*a,x=&b,y=!c", "s", "{name:<*a> x:<&b> y:<!c>}");
}
END_TEST

START_TEST(quotes)
{
    check_word("s:name=\"a, b\",c=1", "s", "{name:\"a, b\" c:<1>}");
    check_word("s:name='a, \"b\\'", "s", "{name:\"a, \"b\\\"}");
    check_word("s:name=\"\"", "s", "{name:\"\"}");
    check_word("s:\"a=b, c\"", "s", "\"a=b, c\"");
}
END_TEST

START_TEST(yaml_values)
{
    check_word("s:list=[a, 'b, c'],x=1", "s", "{list:[<a> \"b, c\"] x:<1>}");
    check_word("s:codec={xz: {dict: 32M}},x=1", "s", "{codec:{xz:{dict:<32M>}} x:<1>}");
    check_word("s:list=[\"a]\", it's]", "s", "{list:[\"a]\" <it's>]}");
    check_word("s:list=[\"a\\\"]\"]", "s", "{list:[\"a\"]\"]}");
    check_word("s:[a, b]", "s", "[<a> <b>]");
    check_word("s:{a: 1, b: [2, 3]}", "s", "{a:<1> b:[<2> <3>]}");
    check_word("s:{}", "s", "{}");
}
END_TEST

START_TEST(short_values)
{
    check_word("uimage:0x8000", "uimage", "<0x8000>");
    check_word("s:a:b", "s", "<a:b>");
    check_word("s: a ", "s", "< a >");
}
END_TEST

START_TEST(places)
{
    const char *const words[] = {"file", "stage:load=1,name=x,list=[a, bc]", NULL};
    const struct kp_recipe *recipe = read_words(words, NULL, "out");
    const struct kp_node *params;
    struct kp_place place;

    ck_assert_ptr_nonnull(recipe);
    params = recipe->images[0].elements[1].params;
    place = params->keys[1]->place;
    ck_assert_str_eq(place.file, "argument 2");
    ck_assert_uint_eq(place.line, 1);
    ck_assert_uint_eq(place.column, 14);
    ck_assert_uint_eq(place.length, 4);
    ck_assert_uint_eq(params->items[1]->place.column, 19);
    place = params->items[2]->items[1]->place;
    ck_assert_str_eq(place.file, "argument 2");
    ck_assert_uint_eq(place.column, 30);
    ck_assert_uint_eq(place.length, 2);
    place = recipe->images[0].elements[1].place;
    ck_assert_uint_eq(place.column, 1);
    ck_assert_uint_eq(place.length, 5);
}
END_TEST

/* Paths become inputs: one for each path, each with a name of its own. */
START_TEST(paths)
{
    const char *const words[] = {
        "zImage", "pack:file=dir/am335x.dtb,files=[_, x/zImage, zImage, 1.bin, out put]",
        "append:dir/am335x.dtb", "append:output", NULL};
    static const char *const names[] = {"zImage",     "am335x-dtb", "zImage-2",
                                        "file-1-bin", "out-put",    "output-2"};
    static const char *const files[] = {"zImage", "dir/am335x.dtb", "x/zImage",
                                        "1.bin",  "out put",        "output"};
    const struct kp_recipe *recipe = read_words(words, NULL, "out");
    struct kp_string text KP_AUTO(string) = {0};

    ck_assert_ptr_nonnull(recipe);
    ck_assert_uint_eq(recipe->input_count, 6);
    for (size_t i = 0; i < 6; i++) {
        ck_assert_str_eq(recipe->inputs[i].name, names[i]);
        ck_assert_str_eq(recipe->inputs[i].file, files[i]);
        ck_assert(kp_recipe_is_name(names[i]));
    }
    for (size_t i = 1; i < 4; i++)
        print(&text, recipe->images[0].elements[i].params);
    ck_assert_str_eq(text.text,
                     "{file:<am335x-dtb> files:[<_> <zImage-2> <zImage> <file-1-bin> <out-put>]}"
                     "<am335x-dtb><output-2>");
    ck_assert_uint_eq(recipe->inputs[1].place.column, 11);
    ck_assert_str_eq(recipe->inputs[1].place.file, "argument 2");
}
END_TEST

START_TEST(no_stage)
{
    check_one_error(":a=1", "argument 2:1:1: error: ':a=1': a stage was expected [KP1720]\n"
                            "    1 | :a=1\n"
                            "      | ^~~~\n");
}
END_TEST

START_TEST(no_params)
{
    check_one_error("gzip:",
                    "argument 2:1:5: error: stage 'gzip': nothing stands behind ':' [KP1721]\n"
                    "    1 | gzip:\n"
                    "      |     ^\n"
                    "  hint: leave the colon out if there are no parameters\n");
}
END_TEST

START_TEST(no_equals)
{
    check_one_error("s:a=1,bc", "argument 2:1:7: error: stage 's': 'bc': '=' is missing [KP1722]\n"
                                "    1 | s:a=1,bc\n"
                                "      |       ^~\n"
                                "  hint: write NAME=VALUE; put a value with a comma in quotes that "
                                "reach kpipe, 'name=\"a, b\"'\n");
}
END_TEST

START_TEST(ends_with_comma)
{
    check_one_error("s:a=1,", "argument 2:1:7: error: stage 's': '': '=' is missing [KP1722]\n"
                              "    1 | s:a=1,\n"
                              "      |       ^\n"
                              "  hint: write NAME=VALUE; put a value with a comma in quotes that "
                              "reach kpipe, 'name=\"a, b\"'\n");
}
END_TEST

START_TEST(twice)
{
    check_one_error("s:a=1,a=2", "argument 2:1:7: error: stage 's': a: given twice [KP1723]\n"
                                 "    1 | s:a=1,a=2\n"
                                 "      |       ^\n"
                                 "  hint: several values of a list stand in brackets: [a,b]\n");
}
END_TEST

START_TEST(no_end)
{
    check_one_error("s:a='x", "argument 2:1:5: error: stage 's': a: its end is missing [KP1724]\n"
                              "    1 | s:a='x\n"
                              "      |     ^\n");
}
END_TEST

START_TEST(no_bracket)
{
    check_one_error("s:a=[{x: 1}",
                    "argument 2:1:5: error: stage 's': a: its end is missing [KP1724]\n"
                    "    1 | s:a=[{x: 1}\n"
                    "      |     ^\n");
}
END_TEST

START_TEST(text_behind)
{
    check_one_error("s:a=\"x\"y,b=1",
                    "argument 2:1:8: error: stage 's': 'y,b=1': a comma was expected before it "
                    "[KP1725]\n"
                    "    1 | s:a=\"x\"y,b=1\n"
                    "      |        ^~~~~\n");
}
END_TEST

START_TEST(text_behind_short)
{
    check_one_error("s:'x'y", "argument 2:1:6: error: stage 's': 'y': a comma was expected before "
                              "it [KP1725]\n"
                              "    1 | s:'x'y\n"
                              "      |      ^\n");
}
END_TEST

/* All words are read, whatever is wrong with one; the excerpt shows the word as it was
 * written, also where YAML was read out of it. */
START_TEST(all_errors)
{
    const char *const words[] = {"", "s:x={a: 1, a: 2}", "append:\"\"", NULL};

    check_error(words, "argument 1:1:1: error: an empty word where a file was expected [KP1726]\n"
                       "    1 |\n"
                       "      | ^\n"
                       "argument 2:1:12: error: key 'a' is there already, on line 1 [KP1007]\n"
                       "    1 | s:x={a: 1, a: 2}\n"
                       "      |            ^\n"
                       "argument 3:1:9: error: an empty word where a file was expected [KP1726]\n"
                       "    1 | append:\"\"\n"
                       "      |         ^\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("recipe-words");
    TCase *tests = tcase_create("words");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, chain);
    tcase_add_test(tests, file_alone);
    tcase_add_test(tests, pairs);
    tcase_add_test(tests, quotes);
    tcase_add_test(tests, yaml_values);
    tcase_add_test(tests, short_values);
    tcase_add_test(tests, places);
    tcase_add_test(tests, paths);
    tcase_add_test(tests, no_stage);
    tcase_add_test(tests, no_params);
    tcase_add_test(tests, no_equals);
    tcase_add_test(tests, ends_with_comma);
    tcase_add_test(tests, twice);
    tcase_add_test(tests, no_end);
    tcase_add_test(tests, no_bracket);
    tcase_add_test(tests, text_behind);
    tcase_add_test(tests, text_behind_short);
    tcase_add_test(tests, all_errors);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
