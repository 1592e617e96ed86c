/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of plugin/bind.h: what a recipe says against a table, before anything runs: every
 * finding in full, the canonical form of values, the names of images. What becomes of the
 * values in a call is plugin-fill.c's.
 */
#include "bind-shared.h"

/* What is wrong: the text, and all that is said about it. */
static const struct {
    const char *text, *findings;
} wrongs[] = {
    {"all: {levle: 1}", "r.yml:1:7: error: stage 'all': levle: unknown parameter [KP1301]\n"
                        "    1 | all: {levle: 1}\n"
                        "      |       ^~~~~\n"
                        "  hint: did you mean 'level'?\n"},
    {"all: {items: [{name: a, place: 1}]}",
     "r.yml:1:25: error: stage 'all': items[0].place: unknown parameter [KP1301]\n"
     "    1 | all: {items: [{name: a, place: 1}]}\n"
     "      |                         ^~~~~\n"
     "  hint: known are: name, load, image, inner, numbers\n"},
    {"all: {items: [b, {load: 0x200}]}",
     "r.yml:1:18: error: stage 'all': items[1].name: missing [KP1302]\n"
     "    1 | all: {items: [b, {load: 0x200}]}\n"
     "      |                  ^\n"
     "  hint: name: what it is called\n"},
    {"all: {level: six}", "r.yml:1:14: error: stage 'all': level: 'six': not a number [KP1303]\n"
                          "    1 | all: {level: six}\n"
                          "      |              ^~~\n"
                          "  hint: write a number as 4096, 4K, 0x1000 or 0o10000\n"},
    {"all: {level: 010}",
     "r.yml:1:14: error: stage 'all': level: '010': a number has no leading 0 (octal begins with "
     "0o) [KP1303]\n"
     "    1 | all: {level: 010}\n"
     "      |              ^~~\n"
     "  hint: write a number as 4096, 4K, 0x1000 or 0o10000\n"},
    {"all: {offset: 1.5}", "r.yml:1:15: error: stage 'all': offset: '1.5': not a number [KP1303]\n"
                           "    1 | all: {offset: 1.5}\n"
                           "      |               ^~~\n"
                           "  hint: write a number as -16, 4K or 0x1000\n"},
    {"all: {flag: 1}",
     "r.yml:1:13: error: stage 'all': flag: '1': not true, false, yes or no [KP1303]\n"
     "    1 | all: {flag: 1}\n"
     "      |             ^\n"
     "  hint: write true, false, yes or no\n"},
    {"all: {level: 10}", "r.yml:1:14: error: stage 'all': level: 10: out of range 1..9 [KP1304]\n"
                         "    1 | all: {level: 10}\n"
                         "      |              ^~\n"},
    {"all: {offset: -9}",
     "r.yml:1:15: error: stage 'all': offset: -9: out of range -8..8 [KP1304]\n"
     "    1 | all: {offset: -9}\n"
     "      |               ^~\n"},
    {"all: {items: {name: a, load: 64K}}",
     "r.yml:1:30: error: stage 'all': items[0].load: 64K: out of range 0x100..0xffff [KP1304]\n"
     "    1 | all: {items: {name: a, load: 64K}}\n"
     "      |                              ^~~\n"},
    {"all: {mode: fats}",
     "r.yml:1:13: error: stage 'all': mode: 'fats': not among its choices [KP1305]\n"
     "    1 | all: {mode: fats}\n"
     "      |             ^~~~\n"
     "  hint: did you mean 'fast'?\n"},
    {"all: {modes: [fast, whatever]}",
     "r.yml:1:21: error: stage 'all': modes[1]: 'whatever': not among its choices [KP1305]\n"
     "    1 | all: {modes: [fast, whatever]}\n"
     "      |                     ^~~~~~~~\n"
     "  hint: known are: slow, fast\n"},
    {"all: {level: [1]}",
     "r.yml:1:14: error: stage 'all': level: a list where a number is expected [KP1306]\n"
     "    1 | all: {level: [1]}\n"
     "      |              ^\n"},
    {"all: {offset: {a: 1}}",
     "r.yml:1:15: error: stage 'all': offset: a map where a number is expected [KP1306]\n"
     "    1 | all: {offset: {a: 1}}\n"
     "      |               ^\n"},
    {"all: {flag: []}",
     "r.yml:1:13: error: stage 'all': flag: a list where true or false is expected [KP1306]\n"
     "    1 | all: {flag: []}\n"
     "      |             ^\n"},
    {"all: {mode: {}}",
     "r.yml:1:13: error: stage 'all': mode: a map where one of its choices is expected [KP1306]\n"
     "    1 | all: {mode: {}}\n"
     "      |             ^\n"},
    {"all: {word: [a]}",
     "r.yml:1:13: error: stage 'all': word: a list where text is expected [KP1306]\n"
     "    1 | all: {word: [a]}\n"
     "      |             ^\n"},
    {"all: {images: [i1, [i2]]}",
     "r.yml:1:20: error: stage 'all': images[1]: a list where the name of an image is expected "
     "[KP1306]\n"
     "    1 | all: {images: [i1, [i2]]}\n"
     "      |                    ^\n"},
    {"all: {inner: [1]}",
     "r.yml:1:14: error: stage 'all': inner: a list where a map of its fields is expected "
     "[KP1306]\n"
     "    1 | all: {inner: [1]}\n"
     "      |              ^\n"},
    {"all: {stage: [upper]}", "r.yml:1:14: error: stage 'all': stage: a list where a stage, "
                              "{NAME: {PARAMETERS}} is expected [KP1306]\n"
                              "    1 | all: {stage: [upper]}\n"
                              "      |              ^\n"},
    {"all: {word: abcde}",
     "r.yml:1:13: error: stage 'all': word: text of 5 bytes: its length must be in 2..4 [KP1307]\n"
     "    1 | all: {word: abcde}\n"
     "      |             ^~~~~\n"},
    {"all: {images: []}",
     "r.yml:1:15: error: stage 'all': images: 0 items: their number must be 1..3 [KP1308]\n"
     "    1 | all: {images: []}\n"
     "      |               ^\n"},
    {"all: {items: {name: a, numbers: 1}}",
     "r.yml:1:33: error: stage 'all': items[0].numbers: 1 items: their number must be at least 2 "
     "[KP1308]\n"
     "    1 | all: {items: {name: a, numbers: 1}}\n"
     "      |                                 ^\n"},
    {"all: 9", "r.yml:1:6: error: stage 'all': text where its parameters are expected [KP1309]\n"
               "    1 | all: 9\n"
               "      |      ^\n"
               "  hint: name the parameter: {PARAMETER: VALUE}\n"},
    {"all: {inner: 9}",
     "r.yml:1:14: error: stage 'all': inner: text where a map of its fields is expected [KP1306]\n"
     "    1 | all: {inner: 9}\n"
     "      |              ^\n"},
    {"all: {name: 'a %(colour)'}",
     "r.yml:1:13: error: stage 'all': name: 'colour': no trait has that name [KP1310]\n"
     "    1 | all: {name: 'a %(colour)'}\n"
     "      |             ^~~~~~~~~~~~~\n"
     "  hint: traits are arch, entry, load, bss, version, kind, codec, size\n"},
    {"all: {name: 'a %(load'}",
     "r.yml:1:13: error: stage 'all': name: '%(load': unfinished %(trait) [KP1311]\n"
     "    1 | all: {name: 'a %(load'}\n"
     "      |             ^~~~~~~~~~\n"
     "  hint: write %(NAME), or %% for the character\n"},
    {"all: {name: 100%}",
     "r.yml:1:13: error: stage 'all': name: '%': unfinished %(trait) [KP1311]\n"
     "    1 | all: {name: 100%}\n"
     "      |             ^~~~\n"
     "  hint: write %(NAME), or %% for the character\n"},
    {"all: {tree: kernel}",
     "r.yml:1:13: error: stage 'all': tree: 'kernel': no input or image has that name [KP1207]\n"
     "    1 | all: {tree: kernel}\n"
     "      |             ^~~~~~\n"},
    {"all: {stage: uper}", "r.yml:1:14: error: stage 'uper': unknown stage type [KP1201]\n"
                           "    1 | all: {stage: uper}\n"
                           "      |              ^~~~\n"
                           "  hint: did you mean 'upper'?\n"},
    {"all: {stage: {make: x}}",
     "r.yml:1:15: error: stage 'make': takes no main input, so it must begin a chain [KP1202]\n"
     "    1 | all: {stage: {make: x}}\n"
     "      |               ^~~~\n"},
    {"all: {stage: {upper: {much: 1}}}",
     "r.yml:1:23: error: stage 'upper': much: unknown parameter [KP1301]\n"
     "    1 | all: {stage: {upper: {much: 1}}}\n"
     "      |                       ^~~~\n"
     "  hint: it takes no parameters\n"},
    {"all: {stage: {upper: 1}}",
     "r.yml:1:22: error: stage 'upper': text where its parameters are expected [KP1309]\n"
     "    1 | all: {stage: {upper: 1}}\n"
     "      |                      ^\n"
     "  hint: it takes no parameters\n"},
    /* All that is wrong is told at once. */
    {"all: {level: 0, items: [{name: [a]}, {name: b, load: x}], x: 1}",
     "r.yml:1:59: error: stage 'all': x: unknown parameter [KP1301]\n"
     "    1 | all: {level: 0, items: [{name: [a]}, {name: b, load: x}], x: 1}\n"
     "      |                                                           ^\n"
     "  hint: known are: level, load, offset, name, word, version, tree, stage, images, items, "
     "numbers, words, flags, modes, inner, maybe, mode, flag, old\n"
     "r.yml:1:14: error: stage 'all': level: 0: out of range 1..9 [KP1304]\n"
     "    1 | all: {level: 0, items: [{name: [a]}, {name: b, load: x}], x: 1}\n"
     "      |              ^\n"
     "r.yml:1:32: error: stage 'all': items[0].name: a list where text is expected [KP1306]\n"
     "    1 | all: {level: 0, items: [{name: [a]}, {name: b, load: x}], x: 1}\n"
     "      |                                ^\n"
     "r.yml:1:54: error: stage 'all': items[1].load: 'x': not a number [KP1303]\n"
     "    1 | all: {level: 0, items: [{name: [a]}, {name: b, load: x}], x: 1}\n"
     "      |                                                      ^\n"
     "  hint: write a number as 4096, 4K, 0x1000 or 0o10000\n"},
};

START_TEST(what_is_wrong_is_told_in_full)
{
    size_t count;

    ck_assert_ptr_null(check(wrongs[_i].text, &count));
    expect_findings(wrongs[_i].findings);
}
END_TEST

START_TEST(traits_that_cannot_be)
{
    size_t count;

    impossible = "load";
    ck_assert_ptr_null(check("all: ", &count));
    expect_findings("r.yml:1:1: error: stage 'all': load: missing [KP1302]\n"
                    "    1 | all: \n"
                    "      | ^~~\n"
                    "  hint: give 'load:' here, or 'load:' in the facts of the input file\n");
    ck_assert_ptr_nonnull(check("all: {load: 1}", &count));
    ck_assert_ptr_null(check("all: {load: 1, name: '%(load)'}", &count));
    expect_findings(
        "r.yml:1:22: error: stage 'all': name: the main input cannot have the trait 'load' "
        "[KP1314]\n"
        "    1 | all: {load: 1, name: '%(load)'}\n"
        "      |                      ^~~~~~~~~\n"
        "  hint: nothing before this stage tells it: give it in the facts of the input, {file: "
        "{path: ..., load: ...}}\n");
}
END_TEST

START_TEST(deprecated_parameter)
{
    size_t count;

    ck_assert_ptr_nonnull(check("all: {old: yes}", &count));
    expect_findings("r.yml:1:12: warning: stage 'all': old: deprecated [KP1315]\n"
                    "    1 | all: {old: yes}\n"
                    "      |            ^~~\n"
                    "  hint: use 'flag'\n");
}
END_TEST

static void print_image(struct kp_string *to, void *data, const struct kp_value *value)
{
    ck_assert_ptr_eq(data, registry);
    if (value->image == KP_VALUE_MAIN)
        kp_string_add(to, "_");
    else
        kp_string_printf(to, "#%zu", value->image);
}

/* The canonical form of a text's values. */
static const char *print(const char *text, bool all)
{
    struct kp_string printed = {0};
    size_t count;
    const struct kp_value *values = check(text, &count);
    const char *copy;

    ck_assert_msg(values != NULL, "%s", text);
    kp_string_add(&printed, "");
    kp_bind_print(&printed, values, count, all, print_image, registry);
    copy = kp_arena_strdup(arena, printed.text);
    kp_string_free(&printed);
    return copy;
}

START_TEST(values_are_printed)
{
    ck_assert_str_eq(print("all: ", false), "");
    ck_assert_str_eq(print("all: ", true), "level=6,offset=-1,numbers=[1, 2048],words=[one],"
                                           "inner={on=true},mode=fast");
    ck_assert_str_eq(print("all: {load: 4K, offset: 0x3, mode: slow, flag: no, word: abc,"
                           " name: 'a b', tree: _, images: i4, numbers: [], words: [a, 'b, c'],"
                           " flags: [yes, no], modes: fast}",
                           false),
                     "load=0x1000,offset=3,name=\"a b\",word=abc,tree=_,images=[#4],numbers=[],"
                     "words=[a, \"b, c\"],flags=[true, false],modes=[fast],mode=slow,flag=false");
    ck_assert_str_eq(print("all: {items: [a, {name: b, image: i2, inner: {x: 1}}], maybe: {},"
                           " stage: {slow: 5}}",
                           false),
                     "stage={slow: {ms=5}},items=[{name=a}, {name=b, image=#2, inner={x=1}}],"
                     "maybe={}");
    ck_assert_str_eq(print("all: {items: a, stage: upper}", true),
                     "level=6,offset=-1,stage={upper: {}},"
                     "items=[{name=a, load=0x8000, inner={on=true}}],numbers=[1, 2048],"
                     "words=[one],inner={on=true},mode=fast");
}
END_TEST

/* No two of these print alike. */
static const char *const different[] = {
    "all: ",
    "all: {words: [a, b]}",
    "all: {words: ['a, b']}",
    "all: {words: ['a,b']}",
    "all: {words: ['a\", \"b']}",
    "all: {words: [a, 'b\"']}",
    "all: {words: ['a\\', b]}",
    "all: {words: ['a\\\", b']}",
    "all: {words: ['']}",
    "all: {words: []}",
    "all: {words: ['', '']}",
    "all: {words: ['\"']}",
    "all: {words: ['\"\"']}",
    "all: {words: ['a b']}",
    "all: {words: ['a=b']}",
    "all: {words: ['[a]']}",
    "all: {words: ['a,flags=[true']}",
    "all: {words: [a], flags: [true]}",
    "all: {items: [a, b]}",
    "all: {items: ['a}, {name=b']}",
    "all: {items: [{name: a, inner: {x: 1}}]}",
    "all: {items: [{name: 'a, inner={x=1'}]}",
    "all: {maybe: {}}",
    "all: {maybe: {x: 0}}",
    "all: {stage: {slow: 1}}",
    "all: {stage: {slow: 2}}",
    "all: {tree: _}",
    "all: {tree: i0}",
};

START_TEST(different_values_print_differently)
{
    const size_t count = sizeof(different) / sizeof(different[0]);

    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            ck_assert_str_ne(print(different[i], true), print(different[j], true));
}
END_TEST

START_TEST(equal_values_print_alike)
{
    ck_assert_str_eq(print("all: {load: 4K, level: 6}", true), print("all: {load: 4096}", true));
    ck_assert_str_eq(print("all: {images: [i1]}", true), print("all: {images: i1}", true));
    ck_assert_str_eq(print("all: {flag: yes}", true), print("all: {flag: 'true'}", true));
    ck_assert_str_eq(print("all: {level: ~}", true), print("all: ", true));
}
END_TEST

/* "a b@ " for the names visited, @ for those in a list. */
static bool visit(void *context, struct kp_node *scalar, struct kp_node *list, uint32_t type)
{
    char *names = context;

    sprintf(names + strlen(names), "%s%s%s ",
            type == KP_TYPE_TREE  ? "/"
            : type == KP_TYPE_KEY ? "#"
                                  : "",
            scalar->text,
            list == NULL     ? ""
            : list == scalar ? "@@"
                             : "@");
    return strcmp(scalar->text, "stop") != 0;
}

START_TEST(names_of_images_are_found)
{
    struct kp_node *node = yaml("concat: [a, b]\n"
                                "elf-only: {tree: c, other: x}\n"
                                "nest: {stage: {nest: {stage: {concat: d}}}}\n"
                                "knot: {stage: upper}\n"
                                "unknown: {with: e}\n"
                                "rot: ~\n"
                                "slow: 3\n");
    char names[100] = "";

    for (size_t i = 0; i < node->count; i++)
        ck_assert(
            kp_bind_find_references(registry, node->keys[i]->text, node->items[i], visit, names));
    ck_assert(kp_bind_find_references(registry, "concat", NULL, visit, names));
    ck_assert_str_eq(names, "b@ a@ c d@@ ");
    node = yaml("concat: {with: [a, stop, b]}");
    ck_assert(!kp_bind_find_references(registry, "concat", node->items[0], visit, names));
    ck_assert_str_eq(names, "b@ a@ c d@@ b@ stop@ ");
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_loop_test(tests, what_is_wrong_is_told_in_full, 0,
                        sizeof(wrongs) / sizeof(wrongs[0]));
    tcase_add_test(tests, traits_that_cannot_be);
    tcase_add_test(tests, deprecated_parameter);
    tcase_add_test(tests, values_are_printed);
    tcase_add_test(tests, different_values_print_differently);
    tcase_add_test(tests, equal_values_print_alike);
    tcase_add_test(tests, names_of_images_are_found);
}

int main(void)
{
    return run_tests("plugin-bind", begin, end, fill);
}
