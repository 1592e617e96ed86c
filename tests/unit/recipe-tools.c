/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/recipe-tools.c - the section `tools` of a recipe: its forms, its paths, and how it
 * merges.
 */
#include "recipe-shared.h"

#define REST                                                                                       \
    "inputs: {k: f}\n"                                                                             \
    "outputs: [k]\n"
#define READ_REST                                                                                  \
    "input k: f\n"                                                                                 \
    "output k > k\n"

START_TEST(forms)
{
    accept("kpipe: 1\ntools: {ld: /opt/bin/ld, gzip: , objcopy: ~, g++: bin/g++}\n" REST,
           "tool ld: /opt/bin/ld\ntool gzip: -\ntool objcopy: -\ntool g++: bin/g++\n" READ_REST);
    accept("kpipe: 1\ntools: [ld, gzip]\n" REST, "tool ld: -\ntool gzip: -\n" READ_REST);
    accept("kpipe: 1\ntools: {}\n" REST, READ_REST);
    accept("kpipe: 1\ntools: []\n" REST, READ_REST);
    accept("kpipe: 1\ntools:\n" REST, READ_REST);
}
END_TEST

START_TEST(variables)
{
    accept("kpipe: 1\nvars: {d: /opt/bin, none: ''}\n"
           "tools: {ld: $(d)/ld, gzip: $(none)}\n" REST,
           "tool ld: /opt/bin/ld\ntool gzip: -\n" READ_REST);
    refuse("kpipe: 1\nmatrix: {b: [x, y]}\n"
           "tools: {ld: $(b)/ld}\n" REST,
           "r.yml:3:13: error: 'tools': cannot depend on 'b', a variable of the matrix [KP1155]\n"
           "    3 | tools: {ld: $(b)/ld}\n"
           "      |             ^~~~~~~\n");
}
END_TEST

/* Each file adds to its bases; a path counts from the folder of the file that says it. */
START_TEST(bases)
{
    write_file("base/b.yml", "tools: {ld: bin/ld, gzip: /opt/gzip}\n" REST);
    write_file("base/l.yml", "tools: [ld, nm, ld]\n" REST);
    accept("kpipe: 1\nextends: base/b.yml\ntools: [xz]\n" REST,
           "tool ld: base/bin/ld\ntool gzip: /opt/gzip\ntool xz: -\n" READ_REST);
    accept("kpipe: 1\nextends: base/b.yml\ntools: {gzip: bin/gzip}\n" REST,
           "tool ld: base/bin/ld\ntool gzip: bin/gzip\n" READ_REST);
    accept("kpipe: 1\nextends: base/b.yml\ntools:\n" REST,
           "tool ld: base/bin/ld\ntool gzip: /opt/gzip\n" READ_REST);
    accept("kpipe: 1\nextends: base/l.yml\ntools: {nm: /bin/nm, as: }\n" REST,
           "tool ld: -\ntool nm: /bin/nm\ntool as: -\n" READ_REST);
    /* Named without a path it is searched again: this file wins. */
    accept("kpipe: 1\nextends: base/b.yml\ntools: [ld]\n" REST,
           "tool ld: -\ntool gzip: /opt/gzip\n" READ_REST);
}
END_TEST

START_TEST(what_is_no_tool)
{
    refuse("kpipe: 1\ntools: {/bin/ld: x, '': y}\n" REST,
           "r.yml:2:9: error: tools: '/bin/ld' is not a name [KP1106]\n"
           "    2 | tools: {/bin/ld: x, '': y}\n"
           "      |         ^~~~~~~\n"
           "  hint: name the program, as in `tools: [ld]`; its path stands behind the name: "
           "`tools: {ld: /opt/bin/ld}`\n"
           "r.yml:2:21: error: tools: '' is not a name [KP1106]\n"
           "    2 | tools: {/bin/ld: x, '': y}\n"
           "      |                     ^~\n"
           "  hint: name the program, as in `tools: [ld]`; its path stands behind the name: "
           "`tools: {ld: /opt/bin/ld}`\n");
    refuse("kpipe: 1\ntools: {ld: [x]}\n" REST,
           "r.yml:2:13: error: ld: must be the path of a program, or nothing, not a list [KP1105]\n"
           "    2 | tools: {ld: [x]}\n"
           "      |             ^\n");
    refuse("kpipe: 1\ntools: [{ld: x}, '$(x)']\nvars: {x: y}\n" REST,
           "r.yml:2:9: error: 'tools': must be a list of names, not a map [KP1105]\n"
           "    2 | tools: [{ld: x}, '$(x)']\n"
           "      |         ^\n"
           "r.yml:2:18: error: tools: '$(x)' is not a name [KP1106]\n"
           "    2 | tools: [{ld: x}, '$(x)']\n"
           "      |                  ^~~~~~\n"
           "  hint: name the program, as in `tools: [ld]`; its path stands behind the name: "
           "`tools: {ld: /opt/bin/ld}`\n");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {forms, variables, bases, what_is_no_tool};

    return run_tests("recipe-tools", tests, sizeof(tests) / sizeof(tests[0]));
}
