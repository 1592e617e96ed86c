/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe-expand.c - tests of core/recipe/variables.c, uses.c, expand.c and piece.c:
 * variables, what they stand for, and what is wrong with them.
 */
#include "recipe-shared.h"

/* A recipe in a folder that names its base's variables and its own, and the folder that
 * each path is relative to. */
START_TEST(the_first_character_decides_about_the_folder)
{
    write_file("base/b.yml",
               "vars: {rel: lin, empty: '', abs: /l, out: x$(here), set: , deep: $(rel)}\n"
               "inputs: {own: k, named: $(rel)/k, other: $(out), root: $(abs)/k}\n");
    write_file("boards/r.yml",
               "kpipe: 1\nextends: ../base/b.yml\nvars: {here: h, e: $(env:HERE), q: $$(x}\n"
               "inputs:\n"
               "  own2: k\n"
               "  named2: $(rel)/k\n"
               "  behind: k/$(rel)\n"
               "  none: $(empty)k\n"
               "  deep2: $(empty)$(deep)$(here)\n"
               "  set: $(set)/k\n"
               "  behind-set: k$(set)\n"
               "  env: $(e)/k\n"
               "  dollar: $(q)\n"
               "outputs: [own]\n");
    setenv("HERE", "environment", 1);
    set("set", "linux");
    options.file = "boards/r.yml";
    expect_read("input own: boards/../base/k\n"
                "input named: boards/../base/lin/k\n"
                "input other: boards/../base/xh\n"
                "input root: /l/k\n"
                "input own2: boards/k\n"
                "input named2: boards/../base/lin/k\n"
                "input behind: boards/k/lin\n"
                "input none: boards/k\n"
                "input deep2: boards/../base/linh\n"
                "input set: linux/k\n"
                "input behind-set: boards/klinux\n"
                "input env: environment/k\n"
                "input dollar: boards/$(x\n"
                "output own > own\n");
}
END_TEST

START_TEST(lines_of_set_are_counted)
{
    set("a", "1\n2", "b", "$(");
    refuse("kpipe: 1\nvars: {a: , b: }\ninputs: {x: $(b)}\noutputs: [x]\n",
           "--set:3:3: error: $( without ) [KP1123]\n"
           "    3 | b=$(\n"
           "      |   ^~\n"
           "  hint: write $$ for a $ that is just a character\n");
}
END_TEST

START_TEST(variables_are_replaced)
{
    accept("kpipe: 1\n"
           "vars:\n"
           "  a: 1\n"
           "  b: $(a)2\n"
           "  e: ''\n"
           "inputs:\n"
           "  x: $(e)$(b)$$(c)$d%(x)%%$\n"
           "outputs: [x]\n",
           "input x: 12$(c)$d%(x)%%$\n"
           "output x > x\n");
    accept("kpipe: 1\n"
           "vars:\n"
           "  a: x y\n"
           "  b: arm\n"
           "inputs:\n"
           "  x: f\n"
           "name: $(a)\n"
           "arch: $(b)\n"
           "outputs: [x]\n",
           "name x y\n"
           "arch arm\n"
           "input x: f\n"
           "output x > x\n");
    /* What nobody names is never looked at. */
    accept("kpipe: 1\n"
           "vars:\n"
           "  a: [$(nope), $(\n"
           "  , {b: $(c)}]\n"
           "inputs:\n"
           "  x: f\n"
           "outputs: [x]\n",
           "input x: f\n"
           "output x > x\n");
}
END_TEST

START_TEST(unknown_variables)
{
    refuse("kpipe: 1\n"
           "vars:\n"
           "  foo: 1\n"
           "inputs:\n"
           "  x: a$(fooo)$(nope)\n"
           "  y: \"q$(bar)\"\n"
           "outputs: [x]\n",
           "r.yml:5:7: error: $(fooo): no variable has that name [KP1120]\n"
           "    5 |   x: a$(fooo)$(nope)\n"
           "      |       ^~~~~~~\n"
           "  hint: did you mean 'foo'?\n"
           "r.yml:5:14: error: $(nope): no variable has that name [KP1120]\n"
           "    5 |   x: a$(fooo)$(nope)\n"
           "      |              ^~~~~~~\n"
           "r.yml:6:8: error: $(bar): no variable has that name [KP1120]\n"
           "    6 |   y: \"q$(bar)\"\n"
           "      |        ^~~~~~\n");
    refuse("kpipe: 1\n"
           "vars:\n"
           "  foo: 1\n"
           "inputs:\n"
           "  x: >-\n"
           "    text\n"
           "    $(nope)\n"
           "outputs: [x]\n",
           "r.yml:5:6: error: $(nope): no variable has that name [KP1120]\n"
           "    5 |   x: >-\n"
           "      |      ^~\n");
    refuse("kpipe: 1\n"
           "vars:\n"
           "  a: $(b)/x\n"
           "  b: -$(c)\n"
           "inputs:\n"
           "  x: $(a)$(a)\n"
           "  y: $(b)\n"
           "outputs: [x]\n",
           "r.yml:4:7: error: $(c): no variable has that name [KP1120]\n"
           "    4 |   b: -$(c)\n"
           "      |       ^~~~\n");
}
END_TEST

START_TEST(cycles)
{
    refuse("kpipe: 1\n"
           "vars:\n"
           "  a: $(b)\n"
           "  b: x$(c)\n"
           "  c: $(a)\n"
           "inputs:\n"
           "  x: $(a)\n"
           "outputs: [x]\n",
           "r.yml:5:6: error: a variable contains itself: a -> b -> c -> a [KP1122]\n"
           "    5 |   c: $(a)\n"
           "      |      ^~~~\n");
    refuse("kpipe: 1\n"
           "vars:\n"
           "  a: $(a)\n"
           "inputs:\n"
           "  x: $(a)\n"
           "outputs: [x]\n",
           "r.yml:3:6: error: a variable contains itself: a -> a [KP1122]\n"
           "    3 |   a: $(a)\n"
           "      |      ^~~~\n");
    refuse("kpipe: 1\n"
           "vars:\n"
           "  a: $(l)\n"
           "  l: [a, $(l)]\n"
           "inputs:\n"
           "  x: f\n"
           "images: {y: [x, {s: $(a)}]}\n"
           "outputs: [y]\n",
           "r.yml:4:10: error: a variable contains itself: l -> l [KP1122]\n"
           "    4 |   l: [a, $(l)]\n"
           "      |          ^~~~\n");
}
END_TEST

START_TEST(variables_that_must_be_set)
{
    refuse("kpipe: 1\n"
           "vars:\n"
           "  a:\n"
           "  b: $(a)\n"
           "inputs:\n"
           "  x: $(a)$(b)\n"
           "  y: $(b)\n"
           "outputs: [x]\n",
           "r.yml:3:3: error: variable 'a' must be set [KP1121]\n"
           "    3 |   a:\n"
           "      |   ^\n"
           "  hint: use --set a=VALUE\n");
    accept("kpipe: 1\n"
           "vars:\n"
           "  a:\n"
           "inputs:\n"
           "  x: f\n"
           "  y: $(a)\n"
           "images: {z: [y, gzip]}\n"
           "outputs: [x]\n",
           "input x: f\n"
           "output x > x\n");
}
END_TEST

START_TEST(set_wins)
{
    set("a", "foo$(b)");
    accept("kpipe: 1\n"
           "vars:\n"
           "  a:\n"
           "  b: 1\n"
           "inputs:\n"
           "  x: $(a)\n"
           "outputs: [x]\n",
           "input x: foo1\n"
           "output x > x\n");
    set("a", "", "b", "~");
    accept("kpipe: 1\n"
           "vars:\n"
           "  a:\n"
           "  b: 1\n"
           "inputs:\n"
           "  x: f$(a)/$(b)\n"
           "outputs: [x]\n",
           "input x: f/~\n"
           "output x > x\n");
    set("a", "text");
    accept("kpipe: 1\n"
           "vars:\n"
           "  a: {k: v}\n"
           "inputs:\n"
           "  x: $(a)\n"
           "outputs: [x]\n",
           "input x: text\n"
           "output x > x\n");
}
END_TEST

START_TEST(what_set_gets_wrong)
{
    set("foo", "$(b)", "c", "d", "fooo", "q");
    refuse("kpipe: 1\n"
           "vars:\n"
           "  foo:\n"
           "inputs:\n"
           "  x: $(foo)\n"
           "outputs: [x]\n",
           "--set:1:5: error: $(b): no variable has that name [KP1120]\n"
           "    1 | foo=$(b)\n"
           "      |     ^~~~\n"
           "--set:2:1: error: --set c: no variable has that name [KP1127]\n"
           "    2 | c=d\n"
           "      | ^\n"
           "--set:3:1: error: --set fooo: no variable has that name [KP1127]\n"
           "    3 | fooo=q\n"
           "      | ^~~~\n"
           "  hint: did you mean 'foo'?\n");
    set("a", "$(a)");
    refuse("kpipe: 1\n"
           "vars:\n"
           "  a:\n"
           "inputs:\n"
           "  x: $(a)\n"
           "outputs: [x]\n",
           "--set:1:3: error: a variable contains itself: a -> a [KP1122]\n"
           "    1 | a=$(a)\n"
           "      |   ^~~~\n");
}
END_TEST

START_TEST(names_of_variables)
{
    refuse("kpipe: 1\n"
           "vars:\n"
           "  a:\n"
           "inputs:\n"
           "  x: f$(a\n"
           "  z: $(1a)$()$(a b)$(a.)$(a.1)\n"
           "outputs: [x]\n",
           "r.yml:5:7: error: $( without ) [KP1123]\n"
           "    5 |   x: f$(a\n"
           "      |       ^~~\n"
           "  hint: write $$ for a $ that is just a character\n"
           "r.yml:6:6: error: $(1a): not the name of a variable [KP1124]\n"
           "    6 |   z: $(1a)$()$(a b)$(a.)$(a.1)\n"
           "      |      ^~~~~\n"
           "  hint: write $$ for a $ that is just a character\n"
           "r.yml:6:11: error: $(): not the name of a variable [KP1124]\n"
           "    6 |   z: $(1a)$()$(a b)$(a.)$(a.1)\n"
           "      |           ^~~\n"
           "  hint: write $$ for a $ that is just a character\n"
           "r.yml:6:14: error: $(a b): not the name of a variable [KP1124]\n"
           "    6 |   z: $(1a)$()$(a b)$(a.)$(a.1)\n"
           "      |              ^~~~~~\n"
           "  hint: write $$ for a $ that is just a character\n"
           "r.yml:6:20: error: $(a.): not the name of a variable [KP1124]\n"
           "    6 |   z: $(1a)$()$(a b)$(a.)$(a.1)\n"
           "      |                    ^~~~~\n"
           "  hint: write $$ for a $ that is just a character\n"
           "r.yml:6:25: error: $(a.1): not the name of a variable [KP1124]\n"
           "    6 |   z: $(1a)$()$(a b)$(a.)$(a.1)\n"
           "      |                         ^~~~~~\n"
           "  hint: write $$ for a $ that is just a character\n");
    refuse("kpipe: 1\n"
           "vars:\n"
           "  1a: b\n"
           "  a.b: c\n"
           "inputs:\n"
           "  x: f\n"
           "outputs: [x]\n",
           "r.yml:3:3: error: vars: '1a' is not a name [KP1106]\n"
           "    3 |   1a: b\n"
           "      |   ^~\n"
           "  hint: a name is a letter, then letters, digits, _ and -\n"
           "r.yml:4:3: error: vars: 'a.b' is not a name [KP1106]\n"
           "    4 |   a.b: c\n"
           "      |   ^~~\n"
           "  hint: a name is a letter, then letters, digits, _ and -\n");
    refuse(
        "kpipe: 1\n"
        "vars:\n"
        "  $(c): d\n"
        "inputs:\n"
        "  $(y): a\n"
        "  x: {file: {path: a, $(b): c}}\n"
        "outputs: [x]\n",
        "r.yml:3:3: error: vars: '$(c)' is not a name [KP1106]\n"
        "    3 |   $(c): d\n"
        "      |   ^~~~\n"
        "  hint: a name is a letter, then letters, digits, _ and -\n"
        "r.yml:5:3: error: inputs: '$(y)' is not a name [KP1106]\n"
        "    5 |   $(y): a\n"
        "      |   ^~~~\n"
        "  hint: a name is a letter, then letters, digits, _ and -\n"
        "r.yml:6:23: error: key '$(b)': variables are replaced in values, never in keys [KP1126]\n"
        "    6 |   x: {file: {path: a, $(b): c}}\n"
        "      |                       ^~~~\n");
}
END_TEST

START_TEST(lists)
{
    accept("kpipe: 1\n"
           "vars:\n"
           "  l: [a, b, $(m)]\n"
           "  m: [c, {d: $(n)}]\n"
           "  n: 5\n"
           "inputs:\n"
           "  x: y\n"
           "images: {i: [x, {u: [$(l), z]}, {v: $(l)}, {w: {p: [$(m), '$(n)']}}]}\n"
           "outputs: [i]\n",
           "input x: y\n"
           "image i: x | <u>[a, b, c, {d: 5}, z] | <v>[a, b, c, {d: 5}] | <w>{p: [c, {d: 5}, 5]}\n"
           "output i > i\n");
    accept("kpipe: 1\n"
           "vars:\n"
           "  l: [objcopy, gzip]\n"
           "  o: [x, {i: a}]\n"
           "inputs:\n"
           "  x: y\n"
           "images: {i: [x, $(l), xz]}\n"
           "outputs: [$(o), {x: b}]\n",
           "input x: y\n"
           "image i: x | <objcopy> | <gzip> | <xz>\n"
           "output x > x\n"
           "output i > a\n"
           "output x > b\n");
    refuse("kpipe: 1\n"
           "vars:\n"
           "  l: [a]\n"
           "  o: [$(nope)]\n"
           "inputs:\n"
           "  x: $(l)\n"
           "  y: a$(l)\n"
           "outputs: [x, $(o), y]\n",
           "r.yml:4:7: error: $(nope): no variable has that name [KP1120]\n"
           "    4 |   o: [$(nope)]\n"
           "      |       ^~~~~~~\n"
           "r.yml:6:6: error: input 'x': must be a path or a map of one key, the type of input, "
           "not a list [KP1105]\n"
           "    6 |   x: $(l)\n"
           "      |      ^~~~\n"
           "r.yml:7:7: error: $(l): a list cannot stand inside text [KP1128]\n"
           "    7 |   y: a$(l)\n"
           "      |       ^~~~\n");
}
END_TEST

START_TEST(maps)
{
    accept("kpipe: 1\n"
           "vars:\n"
           "  b: {name: n, dtb: d, e: {f: g, name: h}}\n"
           "inputs:\n"
           "  x: $(b)-$(b.dtb)-$(b.e.f)-$(b.e)\n"
           "outputs: [x]\n",
           "input x: n-d-g-h\n"
           "output x > x\n");
    refuse("kpipe: 1\n"
           "vars:\n"
           "  b: {name: n, dtb: d, e: {f: g}, h: }\n"
           "  c: {x: y}\n"
           "inputs:\n"
           "  x: $(b.dtc)$(c)$(b.dtb.x)$(b.e)$(b.h)$(b.e.g)\n"
           "outputs: [x]\n",
           "r.yml:6:6: error: $(b.dtc): 'b' has no key 'dtc' [KP1129]\n"
           "    6 |   x: $(b.dtc)$(c)$(b.dtb.x)$(b.e)$(b.h)$(b.e.g)\n"
           "      |      ^~~~~~~~\n"
           "  hint: did you mean 'dtb'?\n"
           "r.yml:6:14: error: $(c): 'c' has no key 'name' [KP1129]\n"
           "    6 |   x: $(b.dtc)$(c)$(b.dtb.x)$(b.e)$(b.h)$(b.e.g)\n"
           "      |              ^~~~\n"
           "  hint: give the map a 'name', or name one of its keys, as in $(board.dtb)\n"
           "r.yml:6:18: error: $(b.dtb.x): 'b.dtb' is not a map [KP1131]\n"
           "    6 |   x: $(b.dtc)$(c)$(b.dtb.x)$(b.e)$(b.h)$(b.e.g)\n"
           "      |                  ^~~~~~~~~~\n"
           "r.yml:6:28: error: $(b.e): 'b.e' has no key 'name' [KP1129]\n"
           "    6 |   x: $(b.dtc)$(c)$(b.dtb.x)$(b.e)$(b.h)$(b.e.g)\n"
           "      |                            ^~~~~~\n"
           "  hint: give the map a 'name', or name one of its keys, as in $(board.dtb)\n"
           "r.yml:6:34: error: $(b.h) has no value [KP1133]\n"
           "    6 |   x: $(b.dtc)$(c)$(b.dtb.x)$(b.e)$(b.h)$(b.e.g)\n"
           "      |                                  ^~~~~~\n"
           "r.yml:6:40: error: $(b.e.g): 'b.e' has no key 'g' [KP1129]\n"
           "    6 |   x: $(b.dtc)$(c)$(b.dtb.x)$(b.e)$(b.h)$(b.e.g)\n"
           "      |                                        ^~~~~~~~\n");
    set("c", "5");
    refuse("kpipe: 1\n"
           "vars:\n"
           "  c: {x: y}\n"
           "inputs:\n"
           "  x: $(c.x)\n"
           "outputs: [x]\n",
           "r.yml:5:6: error: $(c.x): 'c' is not a map [KP1131]\n"
           "    5 |   x: $(c.x)\n"
           "      |      ^~~~~~\n");
}
END_TEST

START_TEST(the_environment)
{
    setenv("KPIPE_TEST", "/foo$(c)", 1);
    accept("kpipe: 1\n"
           "vars:\n"
           "  c: $(env:KPIPE_TEST)\n"
           "inputs:\n"
           "  x: a/$(c)\n"
           "outputs: [x]\n",
           "input x: a//foo$(c)\n"
           "output x > x\n");
    refuse("kpipe: 1\n"
           "vars:\n"
           "  c: $(env:KPIPE_NONE)\n"
           "inputs:\n"
           "  x: $(env:KPIPE_NONE)/$(c)\n"
           "outputs: [x]\n",
           "r.yml:3:6: error: $(env:KPIPE_NONE): not set in the environment [KP1125]\n"
           "    3 |   c: $(env:KPIPE_NONE)\n"
           "      |      ^~~~~~~~~~~~~~~~~\n"
           "r.yml:5:6: error: $(env:KPIPE_NONE): not set in the environment [KP1125]\n"
           "    5 |   x: $(env:KPIPE_NONE)/$(c)\n"
           "      |      ^~~~~~~~~~~~~~~~~\n");
}
END_TEST

START_TEST(growth_is_bounded)
{
    write_many("kpipe: 1\n"
               "vars:\n",
               "  v#: $(v@)$(v@)\n", 18,
               "  v18: 12345678\n"
               "inputs: {x: $(v0)}\n"
               "outputs: [x]\n");
    expect_refused(
        "r.yml:22:13: error: too long with its variables replaced: more than 1 MiB [KP1134]\n"
        "   22 | inputs: {x: $(v0)}\n"
        "      |             ^~~~~\n");
    forget();
    write_many("kpipe: 1\n"
               "vars:\n",
               "  v#: $(v@)$(v@)\n", 40,
               "  v40: ''\n"
               "inputs: {x: $(v0)}\n"
               "outputs: [x]\n");
    expect_refused("r.yml:44:13: error: the recipe is too large with its variables replaced: more "
                   "than 256 MiB [KP1135]\n"
                   "   44 | inputs: {x: $(v0)}\n"
                   "      |             ^~~~~\n");
    forget();
    write_many("kpipe: 1\n"
               "vars:\n",
               "  v#: [$(v@), $(v@)]\n", 40,
               "  v40: a\n"
               "inputs: {x: f}\n"
               "images: {y: [x, {s: $(v0)}]}\n"
               "outputs: [y, $(v0)]\n");
    expect_refused("r.yml:38:17: error: the recipe is too large with its variables replaced: more "
                   "than 256 MiB [KP1135]\n"
                   "   38 |   v35: [$(v36), $(v36)]\n"
                   "      |                 ^~~~~~\n");
    forget();
    write_many("kpipe: 1\n"
               "vars:\n",
               "  v#: [$(v@), $(v@)]\n", 40,
               "  v40: a\n"
               "inputs: {x: f}\n"
               "images: {y: [x, {s: $(v0)}]}\n"
               "outputs: [y]\n");
    expect_refused("r.yml:40:17: error: the recipe is too large with its variables replaced: more "
                   "than 256 MiB [KP1135]\n"
                   "   40 |   v37: [$(v38), $(v38)]\n"
                   "      |                 ^~~~~~\n");
    forget();
    write_many("kpipe: 1\n"
               "vars:\n",
               "  v#: $(v@)\n", 65,
               "  v65: a\n"
               "inputs: {x: $(v0)}\n"
               "outputs: [x]\n");
    expect_refused(
        "r.yml:66:8: error: variables that name variables: more than 64 levels [KP1132]\n"
        "   66 |   v63: $(v64)\n"
        "      |        ^~~~~~\n");
    forget();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_first_character_decides_about_the_folder,
        lines_of_set_are_counted,
        variables_are_replaced,
        unknown_variables,
        cycles,
        variables_that_must_be_set,
        set_wins,
        what_set_gets_wrong,
        names_of_variables,
        lists,
        maps,
        the_environment,
        growth_is_bounded,
    };

    return run_tests("recipe-expand", tests, sizeof(tests) / sizeof(tests[0]));
}
