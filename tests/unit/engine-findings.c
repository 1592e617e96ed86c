/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of engine/plan.h: everything that is wrong with a recipe and can be known before it
 * runs, as it is told. Structure and names are the recipe tests', values plugin-bind.c's.
 */
#include "plan-shared.h"

static const struct {
    const char *text, *findings;
} wrongs[] = {
    {"inputs: {k: kernel}\nimages: {a: [k, uper]}\noutputs: [a]\n",
     "r.yml:3:17: error: stage 'uper': unknown stage type [KP1201]\n"
     "    3 | images: {a: [k, uper]}\n"
     "      |                 ^~~~\n"
     "  hint: did you mean 'upper'?\n"},
    {"inputs: {k: kernel, o: other}\nimages: {a: [k, upper, o]}\noutputs: [a]\n",
     "r.yml:3:24: error: 'o': an input or image stands only at the beginning of a chain [KP1216]\n"
     "    3 | images: {a: [k, upper, o]}\n"
     "      |                        ^\n"},
    {"inputs: {k: kernel}\nimages: {a: [k, {make: x}]}\noutputs: [a]\n",
     "r.yml:3:18: error: stage 'make': takes no main input, so it must begin a chain [KP1202]\n"
     "    3 | images: {a: [k, {make: x}]}\n"
     "      |                  ^~~~\n"},
    {"images: {a: [{upper: ~}, rot]}\noutputs: [a]\n",
     "r.yml:2:15: error: stage 'upper': needs a main input, so it cannot begin a chain [KP1203]\n"
     "    2 | images: {a: [{upper: ~}, rot]}\n"
     "      |               ^~~~~\n"
     "  hint: put an input or an image before it\n"},
    {"inputs: {k: kernel}\nimages: {a: [k, rot, elf-only]}\noutputs: [a]\n",
     "r.yml:3:22: error: stage 'elf-only': its main input is of kind 'compressed', and it takes "
     "'elf' [KP1204]\n"
     "    3 | images: {a: [k, rot, elf-only]}\n"
     "      |                      ^~~~~~~~\n"},
    {"inputs: {r: rotted, e: elf}\nimages: {a: [e, {elf-only: {tree: r}}]}\noutputs: [a]\n",
     "r.yml:3:35: error: stage 'elf-only': tree: 'r' is of kind 'compressed', and it takes 'dtb', "
     "'script' [KP1205]\n"
     "    3 | images: {a: [e, {elf-only: {tree: r}}]}\n"
     "      |                                   ^\n"},
    {"inputs: {e: elf}\nimages: {a: [e, {elf-only: {tree: _}}]}\noutputs: [a]\n",
     "r.yml:3:35: error: stage 'elf-only': tree: '_' is of kind 'elf', and it takes 'dtb', "
     "'script' [KP1205]\n"
     "    3 | images: {a: [e, {elf-only: {tree: _}}]}\n"
     "      |                                   ^\n"},
    {"inputs: {k: kernel}\nimages: {a: [k, split.unpack]}\noutputs: [a.middle]\n",
     "r.yml:4:11: error: 'a.middle': stage 'split.unpack' makes no part 'middle' [KP1208]\n"
     "    4 | outputs: [a.middle]\n"
     "      |           ^~~~~~~~\n"
     "  hint: its parts are: head, tail, extra\n"},
    {"inputs: {k: kernel}\nimages: {a: [k, upper], b: [a.head]}\noutputs: [b]\n",
     "r.yml:3:29: error: 'a.head': stage 'upper' makes no part 'head' [KP1208]\n"
     "    3 | images: {a: [k, upper], b: [a.head]}\n"
     "      |                             ^~~~~~\n"},
    {"inputs: {k: kernel}\nimages: {a: [k.head, upper]}\noutputs: [a]\n",
     "r.yml:3:14: error: 'k.head': an input has no parts [KP1215]\n"
     "    3 | images: {a: [k.head, upper]}\n"
     "      |              ^~~~~~\n"
     "  hint: parts are made by stages that take an image apart\n"},
    {"inputs: {k: kernel}\nimages: {a: [k, split.unpack], b: [a.head], c: [b.tail]}\n"
     "outputs: [c]\n",
     "r.yml:3:49: error: 'b.tail': a part has no parts [KP1215]\n"
     "    3 | images: {a: [k, split.unpack], b: [a.head], c: [b.tail]}\n"
     "      |                                                 ^~~~~~\n"
     "  hint: parts are made by stages that take an image apart\n"},
    {"arch: bord\ninputs: {k: {file: {path: kernel, arch: mainframe}}}\noutputs: [k]\n",
     "r.yml:2:7: error: arch: 'bord': unknown architecture [KP1210]\n"
     "    2 | arch: bord\n"
     "      |       ^~~~\n"
     "  hint: did you mean 'board'?\n"
     "r.yml:3:41: error: arch: 'mainframe': unknown architecture [KP1210]\n"
     "    3 | inputs: {k: {file: {path: kernel, arch: mainframe}}}\n"
     "      |                                         ^~~~~~~~~\n"
     "  hint: `kpipe plugins` lists the architectures that the plugins here know\n"},
    {"inputs: {k: {file: {path: kernel, load: high, colour: red, entry: -1}}}\noutputs: [k]\n",
     "r.yml:2:41: error: input 'k': load: 'high': not a number [KP1212]\n"
     "    2 | inputs: {k: {file: {path: kernel, load: high, colour: red, entry: -1}}}\n"
     "      |                                         ^~~~\n"
     "r.yml:2:47: error: input 'k': colour: no fact has that name [KP1213]\n"
     "    2 | inputs: {k: {file: {path: kernel, load: high, colour: red, entry: -1}}}\n"
     "      |                                               ^~~~~~\n"
     "  hint: facts are arch, entry, load, bss, version, kind, codec, size, or a vendor's own "
     "(com.example.name)\n"
     "r.yml:2:67: error: input 'k': entry: '-1': a negative number [KP1212]\n"
     "    2 | inputs: {k: {file: {path: kernel, load: high, colour: red, entry: -1}}}\n"
     "      |                                                                   ^~\n"},
    {"inputs: {k: kernel}\nimages: {a: [k, header]}\noutputs: [a]\n",
     "r.yml:3:17: error: stage 'header': load: missing [KP1302]\n"
     "    3 | images: {a: [k, header]}\n"
     "      |                 ^~~~~~\n"
     "  hint: give 'load:' here, or 'load:' in the facts of the input file\n"},
    {"arch: board\ninputs: {k: kernel}\nimages: {a: [k, facts, header]}\noutputs: [a]\n",
     "r.yml:4:24: error: stage 'header': load: missing [KP1302]\n"
     "    4 | images: {a: [k, facts, header]}\n"
     "      |                        ^~~~~~\n"
     "  hint: give 'load:' here, or 'load:' in the facts of the input file\n"},
    {"inputs: {k: kernel}\nimages: {a: [k, {header: {load: 1, name: 'x%(version)'}}]}\n"
     "outputs: [a]\n",
     "r.yml:3:42: error: stage 'header': name: the main input cannot have the trait 'version' "
     "[KP1314]\n"
     "    3 | images: {a: [k, {header: {load: 1, name: 'x%(version)'}}]}\n"
     "      |                                          ^~~~~~~~~~~~~\n"
     "  hint: nothing before this stage tells it: give it in the facts of the input, {file: {path: "
     "..., version: ...}}\n"},
    {"images: {a: [{make: {text: x, before: _}}]}\noutputs: [a]\n",
     "r.yml:2:39: error: stage 'make': before: '_' stands for the main input, and the stage has "
     "none [KP1317]\n"
     "    2 | images: {a: [{make: {text: x, before: _}}]}\n"
     "      |                                       ^\n"},
    {"inputs: {k: gone/kernel, d: /}\nimages: {a: [k, upper]}\noutputs: [a, d]\n",
     "r.yml:2:13: error: input 'k': gone/kernel: No such file or directory [KP1401]\n"
     "    2 | inputs: {k: gone/kernel, d: /}\n"
     "      |             ^~~~~~~~~~~\n"
     "  hint: a relative path counts from the folder of the recipe that says it\n"
     "r.yml:2:29: error: input 'd': /: Is a directory [KP1401]\n"
     "    2 | inputs: {k: gone/kernel, d: /}\n"
     "      |                             ^\n"
     "  hint: a folder of files is an input {tree: PATH}, for stages that take trees\n"},
};

START_TEST(what_is_wrong_is_told_in_full)
{
    ck_assert(!make_plan(wrongs[_i].text));
    expect_findings(wrongs[_i].findings);
}
END_TEST

START_TEST(all_is_told_at_once)
{
    /* What follows an error is checked as well, and what no output needs. */
    ck_assert(!make_plan_of("arch: nothing\n"
                            "inputs: {k: gone, o: other}\n"
                            "images:\n"
                            "  a: [k, {slow: x}, {header: {load: 1, nam: 2}}, {concat: b}]\n"
                            "  b: [a, {make: x}, {slow: y}]\n"
                            "  c: [o, rot, elf-only]\n"
                            "outputs: [a]\n",
                            false));
    expect_findings(
        "r.yml:2:7: error: arch: 'nothing': unknown architecture [KP1210]\n"
        "    2 | arch: nothing\n"
        "      |       ^~~~~~~\n"
        "  hint: `kpipe plugins` lists the architectures that the plugins here know\n"
        "r.yml:5:17: error: stage 'slow': ms: 'x': not a number [KP1303]\n"
        "    5 |   a: [k, {slow: x}, {header: {load: 1, nam: 2}}, {concat: b}]\n"
        "      |                 ^\n"
        "  hint: write a number as 4096, 4K, 0x1000 or 0o10000\n"
        "r.yml:5:40: error: stage 'header': nam: unknown parameter [KP1301]\n"
        "    5 |   a: [k, {slow: x}, {header: {load: 1, nam: 2}}, {concat: b}]\n"
        "      |                                        ^~~\n"
        "  hint: did you mean 'name'?\n"
        "r.yml:6:7: error: image 'a': made from itself: a -> b -> a [KP1206]\n"
        "    6 |   b: [a, {make: x}, {slow: y}]\n"
        "      |       ^\n"
        "r.yml:6:11: error: stage 'make': takes no main input, so it must begin a chain [KP1202]\n"
        "    6 |   b: [a, {make: x}, {slow: y}]\n"
        "      |           ^~~~\n"
        "r.yml:6:28: error: stage 'slow': ms: 'y': not a number [KP1303]\n"
        "    6 |   b: [a, {make: x}, {slow: y}]\n"
        "      |                            ^\n"
        "  hint: write a number as 4096, 4K, 0x1000 or 0o10000\n"
        "r.yml:7:15: error: stage 'elf-only': its main input is of kind 'compressed', and it takes "
        "'elf' [KP1204]\n"
        "    7 |   c: [o, rot, elf-only]\n"
        "      |               ^~~~~~~~\n"
        "r.yml:3:13: error: input 'k': gone: No such file or directory [KP1401]\n"
        "    3 | inputs: {k: gone, o: other}\n"
        "      |             ^~~~\n"
        "  hint: a relative path counts from the folder of the recipe that says it\n");
}
END_TEST

START_TEST(cycles_through_parameters)
{
    ck_assert(!make_plan_of("inputs: {k: kernel}\n"
                            "images:\n"
                            "  a: [k, {concat: [k, b]}]\n"
                            "  b: [c, {nest: {stage: {concat: c}}}]\n"
                            "  c: [k, {concat: b}]\n"
                            "outputs: [a]\n",
                            false));
    expect_findings("r.yml:6:19: error: image 'b': made from itself: b -> c -> b [KP1206]\n"
                    "    6 |   c: [k, {concat: b}]\n"
                    "      |                   ^\n");
}
END_TEST

/* A recipe that was made by something that does not know the plugins' tables. */
START_TEST(names_that_the_reader_could_not_check)
{
    struct kp_recipe *recipe = read_recipe("inputs: {k: kernel}\n"
                                           "images: {a: [k, {concat: [kernl, q]}]}\n"
                                           "outputs: [a, k]\n",
                                           false);

    ck_assert_ptr_nonnull(recipe);
    recipe->outputs[1].image = "kk";
    ck_assert_ptr_null(kp_plan_new(arena, diags, registry, recipe, NULL, NULL));
    expect_findings("r.yml:3:27: error: stage 'concat': with: 'kernl': no input or image has that "
                    "name [KP1207]\n"
                    "    3 | images: {a: [k, {concat: [kernl, q]}]}\n"
                    "      |                           ^~~~~\n"
                    "  hint: name an input or an image of this recipe; files stand under "
                    "`inputs:`\n"
                    "r.yml:3:34: error: stage 'concat': with: 'q': no input or image has that name "
                    "[KP1207]\n"
                    "    3 | images: {a: [k, {concat: [kernl, q]}]}\n"
                    "      |                                  ^\n"
                    "  hint: name an input or an image of this recipe; files stand under "
                    "`inputs:`\n"
                    "r.yml:4:14: error: 'kk': no input or image has that name [KP1209]\n"
                    "    4 | outputs: [a, k]\n"
                    "      |              ^\n"
                    "  hint: did you mean 'k'?\n");
}
END_TEST

/* An image that cannot be named is not planned as if it could. */
START_TEST(names_that_are_none)
{
    struct kp_recipe *recipe = read_recipe("inputs: {k: kernel}\n"
                                           "images: {a.b: [k, {concat: k}]}\n"
                                           "outputs: [k]\n",
                                           true);

    ck_assert_ptr_nonnull(recipe);
    ck_assert_ptr_null(kp_plan_new(arena, diags, registry, recipe, NULL, NULL));
    expect_findings("r.yml:3:10: error: images: 'a.b' is not a name [KP1106]\n"
                    "    3 | images: {a.b: [k, {concat: k}]}\n"
                    "      |          ^~~\n"
                    "  hint: a name is a letter, then letters, digits, _ and -\n");
}
END_TEST

START_TEST(nesting_is_bounded)
{
    static char text[65536];
    size_t length = (size_t)sprintf(text, "inputs: {k: kernel}\nimages:\n");

    for (int i = 0; i < 1100; i++)
        length += (size_t)sprintf(text + length, "  i%d: [k, {concat: i%d}]\n", i, i + 1);
    strcpy(text + length, "  i1100: [k, upper]\noutputs: [i0]\n");
    ck_assert(!make_plan_of(text, false));
    expect_findings("r.yml:1003:22: error: 'i1000': more than 1000 images are nested in one "
                    "another [KP1214]\n"
                    " 1003 |   i999: [k, {concat: i1000}]\n"
                    "      |                      ^~~~~\n");
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_loop_test(tests, what_is_wrong_is_told_in_full, 0,
                        sizeof(wrongs) / sizeof(wrongs[0]));
    tcase_add_test(tests, all_is_told_at_once);
    tcase_add_test(tests, cycles_through_parameters);
    tcase_add_test(tests, names_that_the_reader_could_not_check);
    tcase_add_test(tests, names_that_are_none);
    tcase_add_test(tests, nesting_is_bounded);
}

int main(void)
{
    return run_tests("engine-findings", begin, end, fill);
}
