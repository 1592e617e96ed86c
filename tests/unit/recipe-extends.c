/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe-extends.c - tests of core/recipe/extends.c and merge.c: recipes made of several
 * files.
 */
#include "recipe-shared.h"

static void write_base(void)
{
    write_file("base/b.yml", "vars: {l: ../lin, c: gz}\n"
                             "inputs:\n"
                             "  k: $(l)/k\n"
                             "  t: {file: {path: $(l)/t, load: 1}}\n"
                             "  m: m\n"
                             "images: {u: [k, gzip]}\n"
                             "outputs: [u]\n"
                             "arch: arm\n");
}

/* c0.yml extends c1.yml, and so on to one that is not there. */
static void write_chain_of_files(void)
{
    char name[16];
    char text[32];

    for (int i = 0; i < 16; i++) {
        snprintf(name, sizeof(name), "c%d.yml", i);
        snprintf(text, sizeof(text), "extends: c%d.yml\n", i + 1);
        write_file(name, text);
    }
}

START_TEST(a_base_gives_what_is_missing)
{
    write_base();
    accept("kpipe: 1\n"
           "extends: base/b.yml\n",
           "arch arm\n"
           "input k: base/../lin/k\n"
           "input t: base/../lin/t load=1\n"
           "input m: base/m\n"
           "image u: k | <gzip>\n"
           "output u > u\n");
}
END_TEST

START_TEST(this_file_wins)
{
    write_base();
    accept("kpipe: 1\n"
           "extends: base/b.yml\n"
           "vars: {l: foo}\n"
           "inputs: {t: {file: {load: 2, entry: 3}}}\n"
           "images: {v: [u, xz], u: [m]}\n"
           "outputs: [v]\n"
           "name: z\n"
           "arch: x86\n",
           "name z\n"
           "arch x86\n"
           "input k: foo/k\n"
           "input t: foo/t load=2 entry=3\n"
           "input m: base/m\n"
           "image u: m\n"
           "image v: u | <xz>\n"
           "output v > v\n");
}
END_TEST

START_TEST(a_later_base_wins)
{
    write_base();
    write_file("base/c.yml", "kpipe: 1\n"
                             "extends: b.yml\n"
                             "vars: {l: from-c}\n"
                             "images: {u: [k, xz]}\n");
    accept("kpipe: 1\n"
           "extends: [base/b.yml, base/c.yml]\n"
           "vars:\n",
           "arch arm\n"
           "input k: base/from-c/k\n"
           "input t: base/from-c/t load=1\n"
           "input m: base/m\n"
           "image u: k | <xz>\n"
           "output u > u\n");
}
END_TEST

START_TEST(an_empty_list_extends_nothing)
{
    accept("kpipe: 1\n"
           "extends: []\n"
           "inputs: {x: f}\n"
           "outputs: [x]\n",
           "input x: f\n"
           "output x > x\n");
}
END_TEST

START_TEST(variables_of_bases_merge_to_the_bottom)
{
    write_file(
        "base/v.yml",
        "vars: {b: {name: n, dtb: base, load: 1, more: {a: 2, c: 2}}, d: {name: map}, e: text}\n");
    accept("kpipe: 1\n"
           "extends: base/v.yml\n"
           "vars: {b: {dtb: mine, more: {c: 3}}, d: text, e: {name: map}}\n"
           "inputs: {x: '$(b) $(b.dtb) $(b.load) $(b.more.a) $(b.more.c) $(d) $(e)'}\n"
           "outputs: [x]\n",
           "input x: base/n mine 1 2 3 text map\n"
           "output x > x\n");
}
END_TEST

START_TEST(names_of_one_namespace_win_across_files)
{
    write_base();
    accept("kpipe: 1\n"
           "extends: base/b.yml\n"
           "images: {k: [m, {s: $(c)}]}\n"
           "matrix: {c: [p, q]}\n"
           "inputs: {u: uu}\n"
           "outputs: [{k: k-$(c)}]\n",
           "arch arm\n"
           "input t: base/../lin/t load=1\n"
           "input m: base/m\n"
           "input u: uu\n"
           "image k(c=p): m | <s>p\n"
           "image k(c=q): m | <s>q\n"
           "output k(c=p) > k-p\n"
           "output k(c=q) > k-q\n");
    write_file("base/m.yml", "matrix: {c: [p, q], d: [r]}\n"
                             "inputs: {k: $(c)$(d)}\n"
                             "outputs: [k]\n");
    accept("kpipe: 1\n"
           "extends: base/m.yml\n"
           "vars: {c: one}\n",
           "input k(d=r): oner\n"
           "output k(d=r) > k\n");
}
END_TEST

START_TEST(types_of_input_do_not_merge)
{
    write_base();
    refuse("kpipe: 1\n"
           "extends: base/b.yml\n"
           "inputs: {m: {file: mm}, t: {twig: x}}\n",
           "r.yml:3:29: error: input 't': 'twig': no type of input has that name [KP1113]\n"
           "    3 | inputs: {m: {file: mm}, t: {twig: x}}\n"
           "      |                             ^~~~\n"
           "  hint: types are file, tree, and the sources that `kpipe plugins` lists\n");
}
END_TEST

START_TEST(a_variable_is_set_by_a_base_only_if_it_wins)
{
    write_base();
    refuse("kpipe: 1\n"
           "extends: base/b.yml\n"
           "vars: {l: }\n",
           "r.yml:3:8: error: variable 'l' must be set [KP1121]\n"
           "    3 | vars: {l: }\n"
           "      |        ^\n"
           "  hint: use --set l=VALUE\n");
}
END_TEST

START_TEST(errors_show_the_file_they_are_in)
{
    write_file("base/e.yml", "inputs: {x: $(no)}\n"
                             "images: {y: [z]}\n"
                             "outptus: x\n"
                             "outputs: [x, y]\n");
    refuse("kpipe: 1\n"
           "extends: base/e.yml\n",
           "base/e.yml:1:13: error: $(no): no variable has that name [KP1120]\n"
           "    1 | inputs: {x: $(no)}\n"
           "      |             ^~~~~\n"
           "base/e.yml:2:14: error: 'z': no input or image has that name [KP1108]\n"
           "    2 | images: {y: [z]}\n"
           "      |              ^\n"
           "  hint: a stage that begins a chain is a map: {z: }\n"
           "base/e.yml:3:1: error: unknown key 'outptus' [KP1104]\n"
           "    3 | outptus: x\n"
           "      | ^~~~~~~\n"
           "  hint: did you mean 'outputs'?\n");
}
END_TEST

START_TEST(cycles_of_files)
{
    write_file("base/a.yml", "extends: b.yml\n");
    write_file("base/b.yml", "extends: ../base/c.yml\n");
    write_file("base/c.yml", "extends: [a.yml]\n");
    refuse("kpipe: 1\n"
           "extends: base/a.yml\n",
           "base/../base/c.yml:1:11: error: a recipe extends itself: base/a.yml -> base/b.yml -> "
           "base/../base/c.yml -> base/a.yml [KP1141]\n"
           "    1 | extends: [a.yml]\n"
           "      |           ^~~~~\n");
    refuse("kpipe: 1\n"
           "extends: ./r.yml\n",
           "r.yml:2:10: error: a recipe extends itself: r.yml -> r.yml [KP1141]\n"
           "    2 | extends: ./r.yml\n"
           "      |          ^~~~~~~\n");
}
END_TEST

START_TEST(what_cannot_be_extended)
{
    write_file("base/bad.yml", "a: b: c\n");
    write_file("base/new.yml", "kpipe: 2\n");
    write_file("base/odd.yml", "kpipe: x\n");
    write_file("base/list.yml", "- a\n");
    refuse("kpipe: 1\n"
           "extends:\n"
           "  - nope.yml\n"
           "  - base\n"
           "  - ''\n"
           "  - ~\n"
           "  - [a]\n"
           "  - a/$(x)\n"
           "  - kpipe:x.yml\n"
           "  - base/bad.yml\n"
           "  - base/new.yml\n"
           "  - base/odd.yml\n"
           "  - base/list.yml\n",
           "r.yml:3:5: error: cannot read the recipe: nope.yml: no such file [KP1001]\n"
           "    3 |   - nope.yml\n"
           "      |     ^~~~~~~~\n"
           "r.yml:4:5: error: cannot read the recipe: base: it is a folder [KP1001]\n"
           "    4 |   - base\n"
           "      |     ^~~~\n"
           "r.yml:5:5: error: 'extends': must be a file or a list of files, not nothing [KP1105]\n"
           "    5 |   - ''\n"
           "      |     ^~\n"
           "r.yml:6:5: error: 'extends': must be a file or a list of files, not nothing [KP1105]\n"
           "    6 |   - ~\n"
           "      |     ^\n"
           "r.yml:7:5: error: 'extends': must be a file or a list of files, not a list [KP1105]\n"
           "    7 |   - [a]\n"
           "      |     ^\n"
           "r.yml:8:5: error: 'extends' cannot name variables [KP1140]\n"
           "    8 |   - a/$(x)\n"
           "      |     ^~~~~~\n"
           "  hint: variables get their values after all files are merged\n"
           "r.yml:9:5: error: 'kpipe:x.yml': this kpipe has no installed recipes [KP1143]\n"
           "    9 |   - kpipe:x.yml\n"
           "      |     ^~~~~~~~~~~\n"
           "base/bad.yml:1:5: error: not YAML: mapping values are not allowed in this context "
           "[KP1003]\n"
           "    1 | a: b: c\n"
           "      |     ^\n"
           "  hint: look at the indentation, and put a value that contains ': ' into quotes\n"
           "base/new.yml:1:8: error: version 2 of the recipe language is unknown: this kpipe knows "
           "version 1 [KP1103]\n"
           "    1 | kpipe: 2\n"
           "      |        ^\n"
           "  hint: use a newer kpipe\n"
           "base/odd.yml:1:8: error: 'kpipe' must be a number: the version of the recipe language "
           "[KP1102]\n"
           "    1 | kpipe: x\n"
           "      |        ^\n"
           "  hint: write 'kpipe: 1'\n"
           "base/list.yml:1:1: error: a recipe is a map, not a list [KP1016]\n"
           "    1 | - a\n"
           "      | ^\n");
    refuse("kpipe: 1\n"
           "extends: {a: b}\n",
           "r.yml:2:10: error: 'extends': must be a file or a list of files, not a map [KP1105]\n"
           "    2 | extends: {a: b}\n"
           "      |          ^\n");
}
END_TEST

START_TEST(installed_recipes)
{
    write_file("inst/bb.yml", "extends: kpipe:k.yml\n"
                              "outputs: [k]\n");
    write_file("inst/k.yml", "inputs: {k: foo}\n");
    options.installed_recipes = "inst";
    accept("kpipe: 1\n"
           "extends: kpipe:bb.yml\n",
           "input k: inst/foo\n"
           "output k > k\n");
    options.installed_recipes = "inst/";
    refuse("kpipe: 1\n"
           "extends: kpipe:no.yml\n",
           "r.yml:2:10: error: cannot read the recipe: inst/no.yml: no such file [KP1001]\n"
           "    2 | extends: kpipe:no.yml\n"
           "      |          ^~~~~~~~~~~~\n");
}
END_TEST

START_TEST(the_number_of_files_is_bounded)
{
    write_chain_of_files();
    refuse("kpipe: 1\n"
           "extends: c0.yml\n",
           "c14.yml:1:10: error: 'extends': more than 16 levels or 100 files [KP1142]\n"
           "    1 | extends: c15.yml\n"
           "      |          ^~~~~~~\n");
    write_file("q.yml", "inputs: {x: f}\n"
                        "outputs: [x]\n");
    write_many("kpipe: 1\n"
               "extends:\n",
               "  - q.yml\n", 100, "");
    expect_refused("r.yml:102:5: error: 'extends': more than 16 levels or 100 files [KP1142]\n"
                   "  102 |   - q.yml\n"
                   "      |     ^~~~~\n");
    forget();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_base_gives_what_is_missing,
        this_file_wins,
        a_later_base_wins,
        an_empty_list_extends_nothing,
        variables_of_bases_merge_to_the_bottom,
        names_of_one_namespace_win_across_files,
        types_of_input_do_not_merge,
        a_variable_is_set_by_a_base_only_if_it_wins,
        errors_show_the_file_they_are_in,
        cycles_of_files,
        what_cannot_be_extended,
        installed_recipes,
        the_number_of_files_is_bounded,
    };

    return run_tests("recipe-extends", tests, sizeof(tests) / sizeof(tests[0]));
}
