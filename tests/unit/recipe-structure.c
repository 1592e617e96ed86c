/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe-structure.c - tests of core/recipe/recipe.c, item.c, chain.c and outputs.c: the
 * keys of a recipe, its inputs, images and outputs.
 */
#include "recipe-shared.h"

START_TEST(names_have_a_grammar)
{
    ck_assert(kp_recipe_is_name("a"));
    ck_assert(kp_recipe_is_name("Zz9-_"));
    ck_assert(!kp_recipe_is_name(""));
    ck_assert(!kp_recipe_is_name("9a"));
    ck_assert(!kp_recipe_is_name("_"));
    ck_assert(!kp_recipe_is_name("a.b"));
    ck_assert(!kp_recipe_is_name("a b"));
    ck_assert(!kp_recipe_is_name("a(b=c)"));
}
END_TEST

/* Without a finder parameters are not looked at. */
START_TEST(a_finder_is_not_needed)
{
    options.finder = NULL;
    accept("kpipe: 1\ninputs: {x: f}\nimages: {y: [x, {zimage: {dtb: nope}}]}\noutputs: [y]\n",
           "input x: f\nimage y: x | <zimage>{dtb: nope}\noutput y > y\n");
}
END_TEST

static bool find_nothing(void *data, const char *stage, struct kp_node *params,
                         kp_visit_reference visit, void *context)
{
    (void)data, (void)stage, (void)params, (void)visit, (void)context;
    return false;
}

START_TEST(a_finder_without_memory)
{
    const struct kp_reference_finder fails = {NULL, find_nothing};

    options.finder = &fails;
    refuse("kpipe: 1\ninputs: {x: f}\nimages: {y: [x, {zimage: {dtb: x}}]}\noutputs: [y]\n",
           "kpipe: error: out of memory [KP1801]\n");
}
END_TEST

START_TEST(elements_and_outputs_have_places)
{
    const struct kp_recipe *recipe;

    write_file("r.yml", "kpipe: 1\ninputs: {x: f}\nimages: {y: [x, gzip, {xz: {a: b}}]}\n"
                        "outputs: [y, {x: {file: z}}]\n");
    recipe = kp_recipe_read(arena, diags, &options);
    expect_findings("");
    ck_assert_ptr_nonnull(recipe);
    ck_assert_str_eq(recipe->file, "r.yml");
    ck_assert_uint_eq(recipe->inputs[0].place.column, 10);
    ck_assert_uint_eq(recipe->images[0].place.column, 10);
    ck_assert_uint_eq(recipe->images[0].elements[0].place.column, 14);
    ck_assert_uint_eq(recipe->images[0].elements[1].place.column, 17);
    ck_assert_uint_eq(recipe->images[0].elements[2].place.column, 24);
    ck_assert_uint_eq(recipe->outputs[0].place.column, 11);
    ck_assert_uint_eq(recipe->outputs[0].file_place.column, 11);
    ck_assert_uint_eq(recipe->outputs[1].place.column, 15);
    ck_assert_uint_eq(recipe->outputs[1].file_place.column, 25);
}
END_TEST

START_TEST(the_version_is_needed)
{
    refuse("name: x\n",
           "r.yml: error: 'kpipe' is missing: the version of the recipe language [KP1101]\n"
           "  hint: begin the recipe with 'kpipe: 1'\n");
    refuse(
        "kpipe: x\n",
        "r.yml:1:8: error: 'kpipe' must be a number: the version of the recipe language [KP1102]\n"
        "    1 | kpipe: x\n"
        "      |        ^\n"
        "  hint: write 'kpipe: 1'\n");
    refuse(
        "kpipe: {a: b}\n",
        "r.yml:1:8: error: 'kpipe' must be a number: the version of the recipe language [KP1102]\n"
        "    1 | kpipe: {a: b}\n"
        "      |        ^\n"
        "  hint: write 'kpipe: 1'\n");
    refuse("kpipe: 2\n", "r.yml:1:8: error: version 2 of the recipe language is unknown: this "
                         "kpipe knows version 1 [KP1103]\n"
                         "    1 | kpipe: 2\n"
                         "      |        ^\n"
                         "  hint: use a newer kpipe\n");
    refuse("kpipe: 0\n", "r.yml:1:8: error: version 0 of the recipe language is unknown: this "
                         "kpipe knows version 1 [KP1103]\n"
                         "    1 | kpipe: 0\n"
                         "      |        ^\n"
                         "  hint: write 'kpipe: 1'\n");
    accept("kpipe: '1'\n"
           "inputs: {x: f}\n"
           "outputs: [x]\n",
           "input x: f\n"
           "output x > x\n");
}
END_TEST

START_TEST(keys_of_a_recipe)
{
    refuse(
        "kpipe: 1\n"
        "outptus: [a]\n"
        "tools: ld\n"
        "foo: bar\n"
        "images: [a]\n"
        "vars: x\n"
        "name: {a: b}\n"
        "arch: [a]\n",
        "r.yml:2:1: error: unknown key 'outptus' [KP1104]\n"
        "    2 | outptus: [a]\n"
        "      | ^~~~~~~\n"
        "  hint: did you mean 'outputs'?\n"
        "r.yml:3:8: error: 'tools': must be a map of names and paths, or a list of names, not text "
        "[KP1105]\n"
        "    3 | tools: ld\n"
        "      |        ^~\n"
        "r.yml:4:1: error: unknown key 'foo' [KP1104]\n"
        "    4 | foo: bar\n"
        "      | ^~~\n"
        "r.yml:5:9: error: 'images': must be a map, not a list [KP1105]\n"
        "    5 | images: [a]\n"
        "      |         ^\n"
        "r.yml:6:7: error: 'vars': must be a map, not text [KP1105]\n"
        "    6 | vars: x\n"
        "      |       ^\n"
        "r.yml:7:7: error: 'name': must be text, not a map [KP1105]\n"
        "    7 | name: {a: b}\n"
        "      |       ^\n"
        "r.yml:8:7: error: 'arch': must be text, not a list [KP1105]\n"
        "    8 | arch: [a]\n"
        "      |       ^\n");
    accept("kpipe: 1\n"
           "vars:\n"
           "matrix: ~\n"
           "images:\n"
           "name:\n"
           "arch:\n"
           "inputs: {x: f}\n"
           "outputs: [x]\n",
           "input x: f\n"
           "output x > x\n");
}
END_TEST

START_TEST(outputs_are_needed)
{
    refuse("kpipe: 1\n", "r.yml: error: no outputs: nothing to make [KP1116]\n"
                         "  hint: name the images to make, as in 'outputs: [uImage]'\n");
    refuse("kpipe: 1\n"
           "outputs:\n"
           "vars: {a: }\n"
           "inputs: {k: $(a), y: $(q)}\n",
           "r.yml: error: no outputs: nothing to make [KP1116]\n"
           "  hint: name the images to make, as in 'outputs: [uImage]'\n"
           "r.yml:4:22: error: $(q): no variable has that name [KP1120]\n"
           "    4 | inputs: {k: $(a), y: $(q)}\n"
           "      |                      ^~~~\n");
    refuse("kpipe: 1\n"
           "outputs: []\n",
           "r.yml: error: no outputs: nothing to make [KP1116]\n"
           "  hint: name the images to make, as in 'outputs: [uImage]'\n");
}
END_TEST

START_TEST(names)
{
    refuse("kpipe: 1\n"
           "inputs: {1x: a, x-y_Z9: b, \303\274: c, '': d}\n"
           "images: {a.b: [x-y_Z9]}\n"
           "outputs: [x-y_Z9]\n",
           "r.yml:2:10: error: inputs: '1x' is not a name [KP1106]\n"
           "    2 | inputs: {1x: a, x-y_Z9: b, \303\274: c, '': d}\n"
           "      |          ^~\n"
           "  hint: a name is a letter, then letters, digits, _ and -\n"
           "r.yml:2:28: error: inputs: '\303\274' is not a name [KP1106]\n"
           "    2 | inputs: {1x: a, x-y_Z9: b, \303\274: c, '': d}\n"
           "      |                            ^\n"
           "  hint: a name is a letter, then letters, digits, _ and -\n"
           "r.yml:2:35: error: inputs: '' is not a name [KP1106]\n"
           "    2 | inputs: {1x: a, x-y_Z9: b, \303\274: c, '': d}\n"
           "      |                                  ^~\n"
           "  hint: a name is a letter, then letters, digits, _ and -\n"
           "r.yml:3:10: error: images: 'a.b' is not a name [KP1106]\n"
           "    3 | images: {a.b: [x-y_Z9]}\n"
           "      |          ^~~\n"
           "  hint: a name is a letter, then letters, digits, _ and -\n");
}
END_TEST

START_TEST(inputs_and_images_share_names)
{
    refuse("kpipe: 1\n"
           "inputs: {x: a}\n"
           "images: {x: [y]}\n"
           "outputs: [x]\n",
           "r.yml:3:10: error: 'x': an input has that name already, on line 2 [KP1107]\n"
           "    3 | images: {x: [y]}\n"
           "      |          ^\n"
           "r.yml:3:14: error: 'y': no input or image has that name [KP1108]\n"
           "    3 | images: {x: [y]}\n"
           "      |              ^\n"
           "  hint: a stage that begins a chain is a map: {y: }\n");
    refuse("kpipe: 1\n"
           "images: {x: [x]}\n"
           "inputs:\n"
           "  x: a\n"
           "outputs: [x]\n",
           "r.yml:4:3: error: 'x': an image has that name already, on line 2 [KP1107]\n"
           "    4 |   x: a\n"
           "      |   ^\n");
}
END_TEST

START_TEST(inputs)
{
    accept("kpipe: 1\n"
           "inputs:\n"
           "  a: p\n"
           "  b: /p/q\n"
           "  c: {file: r}\n"
           "  d: {file: {path: s, arch: arm64, load: 0x8000, com.example.board: x}}\n"
           "  e: ../t\n"
           "outputs: [a]\n",
           "input a: p\n"
           "input b: /p/q\n"
           "input c: r\n"
           "input d: s arch=arm64 load=0x8000 com.example.board=x\n"
           "input e: ../t\n"
           "output a > a\n");
}
END_TEST

START_TEST(what_is_no_input)
{
    refuse(
        "kpipe: 1\n"
        "inputs:\n"
        "  x: \n"
        "  a: [b]\n"
        "  b: {twig: P}\n"
        "  c: {kbuild: z}\n"
        "  d: {path: p, load: 4}\n"
        "  e: {file: {load: 4}}\n"
        "  f: {file: }\n"
        "  g: {file: [a]}\n"
        "  h: {file: {path: [a], load: [b], arch: }}\n"
        "  i: {file: a, load: 5}\n"
        "  j: {}\n"
        "  k: {file: {path: }}\n"
        "  l: ''\n"
        "  m: {file: {path: ''}}\n"
        "outputs: [x]\n",
        "r.yml:3:5: error: input 'x': no path [KP1114]\n"
        "    3 |   x: \n"
        "      |     ^\n"
        "  hint: give the path of a file\n"
        "r.yml:4:6: error: input 'a': must be a path or a map of one key, the type of input, not a "
        "list [KP1105]\n"
        "    4 |   a: [b]\n"
        "      |      ^\n"
        "r.yml:5:7: error: input 'b': 'twig': no type of input has that name [KP1113]\n"
        "    5 |   b: {twig: P}\n"
        "      |       ^~~~\n"
        "  hint: types are file, tree, and the sources that `kpipe plugins` lists\n"
        "r.yml:6:7: error: input 'c': 'kbuild': no type of input has that name [KP1113]\n"
        "    6 |   c: {kbuild: z}\n"
        "      |       ^~~~~~\n"
        "  hint: types are file, tree, and the sources that `kpipe plugins` lists\n"
        "r.yml:7:6: error: input 'd': must be a map of one key, the type of input [KP1112]\n"
        "    7 |   d: {path: p, load: 4}\n"
        "      |      ^\n"
        "  hint: write {file: {path: P, ...}}\n"
        "r.yml:8:7: error: input 'e': no path [KP1114]\n"
        "    8 |   e: {file: {load: 4}}\n"
        "      |       ^~~~\n"
        "  hint: write {file: {path: P}}\n"
        "r.yml:9:7: error: input 'f': no path [KP1114]\n"
        "    9 |   f: {file: }\n"
        "      |       ^~~~\n"
        "  hint: write {file: {path: P}}\n"
        "r.yml:10:13: error: input 'g': must be a path or a map with 'path', not a list [KP1105]\n"
        "   10 |   g: {file: [a]}\n"
        "      |             ^\n"
        "r.yml:11:20: error: input 'h': must be a path, not a list [KP1105]\n"
        "   11 |   h: {file: {path: [a], load: [b], arch: }}\n"
        "      |                    ^\n"
        "r.yml:11:31: error: input 'h': 'load': must be text or a number, not a list [KP1105]\n"
        "   11 |   h: {file: {path: [a], load: [b], arch: }}\n"
        "      |                               ^\n"
        "r.yml:11:42: error: input 'h': 'arch': must be text or a number, not nothing [KP1105]\n"
        "   11 |   h: {file: {path: [a], load: [b], arch: }}\n"
        "      |                                          ^\n"
        "r.yml:12:6: error: input 'i': must be a map of one key, the type of input [KP1112]\n"
        "   12 |   i: {file: a, load: 5}\n"
        "      |      ^\n"
        "  hint: facts about a file stand in {file: {path: P, load: 0x8000}}\n"
        "r.yml:13:6: error: input 'j': must be a map of one key, the type of input [KP1112]\n"
        "   13 |   j: {}\n"
        "      |      ^\n"
        "  hint: facts about a file stand in {file: {path: P, load: 0x8000}}\n"
        "r.yml:14:20: error: input 'k': no path [KP1114]\n"
        "   14 |   k: {file: {path: }}\n"
        "      |                    ^\n"
        "  hint: give the path of a file\n"
        "r.yml:15:6: error: input 'l': no path [KP1114]\n"
        "   15 |   l: ''\n"
        "      |      ^~\n"
        "  hint: give the path of a file\n"
        "r.yml:16:20: error: input 'm': no path [KP1114]\n"
        "   16 |   m: {file: {path: ''}}\n"
        "      |                    ^~\n"
        "  hint: give the path of a file\n");
}
END_TEST

START_TEST(chains)
{
    accept("kpipe: 1\n"
           "inputs: {kernel: a}\n"
           "images:\n"
           "  a: kernel\n"
           "  b: {cpio: {a: b}}\n"
           "  c: [a.part, objcopy, {gzip: {level: 9}}, {xz: }, {lzma: ~}, {uimage: [b, _, "
           "kernel.dtb.x]}]\n"
           "  d: [{cpio: }]\n"
           "  e: [kernel, {zimage: {dtb: b}}]\n"
           "outputs: [c]\n",
           "input kernel: a\n"
           "image a: kernel\n"
           "image b: <cpio>{a: b}\n"
           "image c: a.part | <objcopy> | <gzip>{level: 9} | <xz> | <lzma> | <uimage>[b, _, "
           "kernel.dtb.x]\n"
           "image d: <cpio>\n"
           "image e: kernel | <zimage>{dtb: b}\n"
           "output c > c\n");
}
END_TEST

START_TEST(what_is_no_name_is_left_to_the_engine)
{
    accept("kpipe: 1\n"
           "inputs: {kernel: a}\n"
           "images:\n"
           "  a: [kernel, {zimage: {dtb: [kernel]}}, {zimage: {dtb: ~}}, {uimage: ''}, {uimage: "
           "[{a: b}, kernel]}, {fit: {images: [a, {data: kernel}]}}]\n"
           "outputs: [a]\n",
           "input kernel: a\n"
           "image a: kernel | <zimage>{dtb: [kernel]} | <zimage>{dtb: ~} | <uimage> | <uimage>[{a: "
           "b}, kernel] | <fit>{images: [a, {data: kernel}]}\n"
           "output a > a\n");
}
END_TEST

START_TEST(what_is_no_chain)
{
    refuse("kpipe: 1\n"
           "inputs: {kernel: a}\n"
           "images:\n"
           "  a: []\n"
           "  b:\n"
           "  c: [kernle, objcopy]\n"
           "  d: [kernel, [a]]\n"
           "  e: [kernel, {a: b, c: d}]\n"
           "  f: [vmlinux.bin]\n"
           "  g: [./vmlinux, gzip]\n"
           "  h: [kernel, ~]\n"
           "  i: [kernel.]\n"
           "  j: [kernel, {}]\n"
           "  m: ['']\n"
           "  n: [cpio]\n"
           "  o: [kernel, {uimage: [_, nope, kernle, kernel]}, {zimage: {dtb: dtb}}]\n"
           "outputs: [kernel]\n",
           "r.yml:4:3: error: image 'a': its chain is empty [KP1111]\n"
           "    4 |   a: []\n"
           "      |   ^\n"
           "  hint: a chain begins with an input, an image, or a stage without input\n"
           "r.yml:5:3: error: image 'b': its chain is empty [KP1111]\n"
           "    5 |   b:\n"
           "      |   ^\n"
           "  hint: a chain begins with an input, an image, or a stage without input\n"
           "r.yml:6:7: error: 'kernle': no input or image has that name [KP1108]\n"
           "    6 |   c: [kernle, objcopy]\n"
           "      |       ^~~~~~\n"
           "  hint: did you mean 'kernel'?\n"
           "r.yml:7:15: error: image 'd': an element of a chain: must be a name or a stage, not a "
           "list [KP1105]\n"
           "    7 |   d: [kernel, [a]]\n"
           "      |               ^\n"
           "r.yml:8:15: error: image 'e': must be a map of one key, the name of a stage [KP1112]\n"
           "    8 |   e: [kernel, {a: b, c: d}]\n"
           "      |               ^\n"
           "  hint: write {stage: {parameters}}\n"
           "r.yml:9:7: error: 'vmlinux.bin': no input or image has that name [KP1108]\n"
           "    9 |   f: [vmlinux.bin]\n"
           "      |       ^~~~~~~~~~~\n"
           "  hint: files are named under 'inputs'\n"
           "r.yml:10:7: error: './vmlinux': no input or image has that name [KP1108]\n"
           "   10 |   g: [./vmlinux, gzip]\n"
           "      |       ^~~~~~~~~\n"
           "  hint: files are named under 'inputs'\n"
           "r.yml:11:15: error: image 'h': an element of a chain: must be a name or a stage, not "
           "nothing [KP1105]\n"
           "   11 |   h: [kernel, ~]\n"
           "      |               ^\n"
           "r.yml:12:7: error: 'kernel.': no input or image has that name [KP1108]\n"
           "   12 |   i: [kernel.]\n"
           "      |       ^~~~~~~\n"
           "  hint: did you mean 'kernel'?\n"
           "r.yml:13:15: error: image 'j': must be a map of one key, the name of a stage [KP1112]\n"
           "   13 |   j: [kernel, {}]\n"
           "      |               ^\n"
           "  hint: write {stage: {parameters}}\n"
           "r.yml:14:7: error: image 'm': an element of a chain: must be a name or a stage, not "
           "nothing [KP1105]\n"
           "   14 |   m: ['']\n"
           "      |       ^~\n"
           "r.yml:15:7: error: 'cpio': no input or image has that name [KP1108]\n"
           "   15 |   n: [cpio]\n"
           "      |       ^~~~\n"
           "  hint: a stage that begins a chain is a map: {cpio: }\n"
           "r.yml:16:28: error: 'nope': no input or image has that name [KP1108]\n"
           "   16 |   o: [kernel, {uimage: [_, nope, kernle, kernel]}, {zimage: {dtb: dtb}}]\n"
           "      |                            ^~~~\n"
           "r.yml:16:34: error: 'kernle': no input or image has that name [KP1108]\n"
           "   16 |   o: [kernel, {uimage: [_, nope, kernle, kernel]}, {zimage: {dtb: dtb}}]\n"
           "      |                                  ^~~~~~\n"
           "  hint: did you mean 'kernel'?\n"
           "r.yml:16:67: error: 'dtb': no input or image has that name [KP1108]\n"
           "   16 |   o: [kernel, {uimage: [_, nope, kernle, kernel]}, {zimage: {dtb: dtb}}]\n"
           "      |                                                                   ^~~\n");
}
END_TEST

START_TEST(errors_are_no_reason_for_others)
{
    refuse("kpipe: 1\n"
           "inputs: {kernel: $(nope)}\n"
           "images: {a: [kernel, gzip], b: [a, xz]}\n"
           "outputs: [a, {b: $(b)}]\n",
           "r.yml:2:18: error: $(nope): no variable has that name [KP1120]\n"
           "    2 | inputs: {kernel: $(nope)}\n"
           "      |                  ^~~~~~~\n"
           "r.yml:4:18: error: $(b): no variable has that name [KP1120]\n"
           "    4 | outputs: [a, {b: $(b)}]\n"
           "      |                  ^~~~\n");
}
END_TEST

START_TEST(images_made_of_themselves)
{
    refuse("kpipe: 1\n"
           "inputs: {kernel: a}\n"
           "images:\n"
           "  a: [b, gzip]\n"
           "  b: [c]\n"
           "  c: [kernel, {uimage: [a]}]\n"
           "  d: [d]\n"
           "  e: [kernel, {zimage: {dtb: e}}]\n"
           "outputs: [a, d, e]\n",
           "r.yml:6:25: error: an image is made from itself: a -> b -> c -> a [KP1109]\n"
           "    6 |   c: [kernel, {uimage: [a]}]\n"
           "      |                         ^\n"
           "r.yml:7:7: error: an image is made from itself: d -> d [KP1109]\n"
           "    7 |   d: [d]\n"
           "      |       ^\n"
           "r.yml:8:30: error: an image is made from itself: e -> e [KP1109]\n"
           "    8 |   e: [kernel, {zimage: {dtb: e}}]\n"
           "      |                              ^\n");
    write_many("kpipe: 1\n"
               "inputs: {x: f}\n"
               "images:\n",
               "  i#: [i@]\n", 1001,
               "  i1001: [x]\n"
               "outputs: [i0]\n");
    expect_refused("r.yml:1002:10: error: more than 1000 images, each made from the next [KP1110]\n"
                   " 1002 |   i998: [i999]\n"
                   "      |          ^~~~\n");
    forget();
}
END_TEST

START_TEST(outputs)
{
    accept("kpipe: 1\n"
           "inputs: {x: f}\n"
           "images: {y: x}\n"
           "outputs: x\n",
           "input x: f\n"
           "image y: x\n"
           "output x > x\n");
    accept("kpipe: 1\n"
           "inputs: {x: f}\n"
           "outputs: {x: y/z}\n",
           "input x: f\n"
           "output x > y/z\n");
    accept("kpipe: 1\n"
           "inputs: {x: f}\n"
           "images: {y: x}\n"
           "outputs: [y, {x: }, {x.part: }, {y: {file: ..a/b..}}]\n",
           "input x: f\n"
           "image y: x\n"
           "output y > y\n"
           "output x > x\n"
           "output x.part > x.part\n"
           "output y > ..a/b..\n");
}
END_TEST

START_TEST(what_is_no_output)
{
    refuse("kpipe: 1\n"
           "inputs: {x: f}\n"
           "outputs:\n"
           "  - [a]\n"
           "  - ~\n"
           "  - nope\n"
           "  - {x: , y: }\n"
           "  - {x: [a]}\n"
           "  - {x: {file: [a]}}\n"
           "  - {x: {file: }}\n"
           "  - {x: {fle: a}}\n",
           "r.yml:4:5: error: output: must be a name or {NAME: {file: F}}, not a list [KP1105]\n"
           "    4 |   - [a]\n"
           "      |     ^\n"
           "r.yml:5:5: error: output: must be a name or {NAME: {file: F}}, not nothing [KP1105]\n"
           "    5 |   - ~\n"
           "      |     ^\n"
           "r.yml:6:5: error: 'nope': no input or image has that name [KP1108]\n"
           "    6 |   - nope\n"
           "      |     ^~~~\n"
           "  hint: a stage that begins a chain is a map: {nope: }\n"
           "r.yml:7:5: error: output: must be a name or {NAME: {file: F}}, not a map [KP1105]\n"
           "    7 |   - {x: , y: }\n"
           "      |     ^\n"
           "r.yml:8:9: error: output: must be a file or a map with 'file', not a list [KP1105]\n"
           "    8 |   - {x: [a]}\n"
           "      |         ^\n"
           "r.yml:9:16: error: 'file': must be the name of a file, not a list [KP1105]\n"
           "    9 |   - {x: {file: [a]}}\n"
           "      |                ^\n"
           "r.yml:10:16: error: 'file': must be the name of a file, not nothing [KP1105]\n"
           "   10 |   - {x: {file: }}\n"
           "      |                ^\n"
           "r.yml:11:10: error: unknown key 'fle' [KP1104]\n"
           "   11 |   - {x: {fle: a}}\n"
           "      |          ^~~\n"
           "  hint: did you mean 'file'?\n");
}
END_TEST

START_TEST(files_of_outputs)
{
    refuse("kpipe: 1\n"
           "inputs: {x: f}\n"
           "outputs:\n"
           "  - {x: ../a}\n"
           "  - {x: /a}\n"
           "  - {x: a//b}\n"
           "  - {x: a/./b}\n"
           "  - {x: a/}\n"
           "  - {x: ''}\n"
           "  - {x: .}\n"
           "  - {x: ..}\n"
           "  - {x: b/..}\n",
           "r.yml:4:9: error: output 'x': file '../a': it must do without . and .. [KP1410]\n"
           "    4 |   - {x: ../a}\n"
           "      |         ^~~~\n"
           "r.yml:5:9: error: output 'x': file '/a': it must be relative to the output folder "
           "[KP1410]\n"
           "    5 |   - {x: /a}\n"
           "      |         ^~\n"
           "r.yml:6:9: error: output 'x': file 'a//b': it has an empty component [KP1410]\n"
           "    6 |   - {x: a//b}\n"
           "      |         ^~~~\n"
           "r.yml:7:9: error: output 'x': file 'a/./b': it must do without . and .. [KP1410]\n"
           "    7 |   - {x: a/./b}\n"
           "      |         ^~~~~\n"
           "r.yml:8:9: error: output 'x': file 'a/': it has an empty component [KP1410]\n"
           "    8 |   - {x: a/}\n"
           "      |         ^~\n"
           "r.yml:9:9: error: output 'x': file '': it is empty [KP1410]\n"
           "    9 |   - {x: ''}\n"
           "      |         ^~\n"
           "r.yml:10:9: error: output 'x': file '.': it must do without . and .. [KP1410]\n"
           "   10 |   - {x: .}\n"
           "      |         ^\n"
           "r.yml:11:9: error: output 'x': file '..': it must do without . and .. [KP1410]\n"
           "   11 |   - {x: ..}\n"
           "      |         ^~\n"
           "r.yml:12:9: error: output 'x': file 'b/..': it must do without . and .. [KP1410]\n"
           "   12 |   - {x: b/..}\n"
           "      |         ^~~~\n");
}
END_TEST

START_TEST(outputs_have_files_of_their_own)
{
    refuse(
        "kpipe: 1\n"
        "inputs: {x: f}\n"
        "images: {y: x}\n"
        "outputs: [x, {y: x}, {y: a}, {y: a/b}, {x: a/b/c}, {y: a-b}, {x: a-b}, {x: a-b}]\n",
        "r.yml:4:18: error: outputs 'x' and 'y' have the same file: 'x' [KP1411]\n"
        "    4 | outputs: [x, {y: x}, {y: a}, {y: a/b}, {x: a/b/c}, {y: a-b}, {x: a-b}, {x: a-b}]\n"
        "      |                  ^\n"
        "  hint: give one of them another file, as in {y: {file: NAME}}\n"
        "r.yml:4:34: error: output 'y': file 'a/b': 'a' is a file already, of output 'y' [KP1412]\n"
        "    4 | outputs: [x, {y: x}, {y: a}, {y: a/b}, {x: a/b/c}, {y: a-b}, {x: a-b}, {x: a-b}]\n"
        "      |                                  ^~~\n"
        "r.yml:4:44: error: output 'x': file 'a/b/c': 'a' is a file already, of output 'y' "
        "[KP1412]\n"
        "    4 | outputs: [x, {y: x}, {y: a}, {y: a/b}, {x: a/b/c}, {y: a-b}, {x: a-b}, {x: a-b}]\n"
        "      |                                            ^~~~~\n"
        "r.yml:4:44: error: output 'x': file 'a/b/c': 'a/b' is a file already, of output 'y' "
        "[KP1412]\n"
        "    4 | outputs: [x, {y: x}, {y: a}, {y: a/b}, {x: a/b/c}, {y: a-b}, {x: a-b}, {x: a-b}]\n"
        "      |                                            ^~~~~\n"
        "r.yml:4:66: error: outputs 'y' and 'x' have the same file: 'a-b' [KP1411]\n"
        "    4 | outputs: [x, {y: x}, {y: a}, {y: a/b}, {x: a/b/c}, {y: a-b}, {x: a-b}, {x: a-b}]\n"
        "      |                                                                  ^~~\n"
        "  hint: give one of them another file, as in {x: {file: NAME}}\n"
        "r.yml:4:76: error: outputs 'y' and 'x' have the same file: 'a-b' [KP1411]\n"
        "    4 | outputs: [x, {y: x}, {y: a}, {y: a/b}, {x: a/b/c}, {y: a-b}, {x: a-b}, {x: a-b}]\n"
        "      |                                                                            ^~~\n"
        "  hint: give one of them another file, as in {x: {file: NAME}}\n");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        names_have_a_grammar,
        a_finder_is_not_needed,
        a_finder_without_memory,
        elements_and_outputs_have_places,
        the_version_is_needed,
        keys_of_a_recipe,
        outputs_are_needed,
        names,
        inputs_and_images_share_names,
        inputs,
        what_is_no_input,
        chains,
        what_is_no_name_is_left_to_the_engine,
        what_is_no_chain,
        errors_are_no_reason_for_others,
        images_made_of_themselves,
        outputs,
        what_is_no_output,
        files_of_outputs,
        outputs_have_files_of_their_own,
    };

    return run_tests("recipe-structure", tests, sizeof(tests) / sizeof(tests[0]));
}
