/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe-yaml.c - tests of core/recipe/yaml.c, yaml_place.c and file.c: reading YAML,
 * places in it, its bounds, and what is refused.
 */
#include "recipe-shared.h"

#include "recipe/yaml.h"

/* --- places and sharing, seen in the nodes themselves --- */

static struct kp_node *parse(const char *text)
{
    struct kp_node *node = kp_yaml_parse(arena, diags, "t.yml", "some/folder", text, strlen(text));

    expect_findings("");
    ck_assert_ptr_nonnull(node);
    return node;
}

static void expect_place(const struct kp_node *node, const char *expected)
{
    char place[64];

    ck_assert_ptr_nonnull(node);
    snprintf(place, sizeof(place), "%s:%u:%u+%u", node->place.file, (unsigned)node->place.line,
             (unsigned)node->place.column, (unsigned)node->place.length);
    ck_assert_str_eq(place, expected);
}

START_TEST(places_count_bytes)
{
    const struct kp_node *root =
        parse("# \303\251\na: bc\n\303\251\303\251: [\303\274, 'd''e', \"f\\tg\"]\n"
              "k:\n  l: |\n    text\n    more\n  m: one\n    two\n  n:\n");
    const struct kp_node *list = kp_node_get(root, "\303\251\303\251");
    const struct kp_node *map = kp_node_get(root, "k");

    expect_place(root, "t.yml:2:1+1");
    expect_place(root->keys[0], "t.yml:2:1+1");
    expect_place(kp_node_get(root, "a"), "t.yml:2:4+2");
    expect_place(root->keys[1], "t.yml:3:1+4");
    expect_place(list, "t.yml:3:7+1");
    expect_place(list->items[0], "t.yml:3:8+2");
    expect_place(list->items[1], "t.yml:3:12+6");
    ck_assert_str_eq(list->items[1]->text, "d'e");
    expect_place(list->items[2], "t.yml:3:20+6");
    expect_place(map, "t.yml:5:3+1");
    expect_place(kp_node_get(map, "l"), "t.yml:5:6+1");
    ck_assert_str_eq(kp_node_get(map, "l")->text, "text\nmore\n");
    expect_place(kp_node_get(map, "m"), "t.yml:8:6+3");
    ck_assert_str_eq(kp_node_get(map, "m")->text, "one two");
    expect_place(kp_node_get(map, "n"), "t.yml:10:5+0");
    ck_assert(kp_node_is_empty(kp_node_get(map, "n")));
    ck_assert_str_eq(map->folder, "some/folder");
}
END_TEST

START_TEST(lines_end_as_yaml_says)
{
    const struct kp_node *root =
        parse("\357\273\277a: b\r\nc: d\re: f\302\205g: h\342\200\250i: j\n");

    expect_place(kp_node_get(root, "a"), "t.yml:1:4+1");
    expect_place(kp_node_get(root, "c"), "t.yml:2:4+1");
    expect_place(kp_node_get(root, "e"), "t.yml:3:4+1");
    expect_place(kp_node_get(root, "g"), "t.yml:4:4+1");
    expect_place(kp_node_get(root, "i"), "t.yml:5:4+1");
}
END_TEST

START_TEST(anchors_are_no_part_of_a_place)
{
    const struct kp_node *root =
        parse("a: &x   foo\nb: &y # why\n\n  - c\nd: *y\ne: &z 'q'\nf: &e\n");

    expect_place(kp_node_get(root, "a"), "t.yml:1:9+3");
    expect_place(kp_node_get(root, "b"), "t.yml:4:3+1");
    ck_assert_ptr_eq(kp_node_get(root, "d"), kp_node_get(root, "b"));
    expect_place(kp_node_get(root, "e"), "t.yml:6:7+3");
    ck_assert(!kp_node_get(root, "e")->plain);
    ck_assert(kp_node_is_empty(kp_node_get(root, "f")));
}
END_TEST

START_TEST(an_empty_text_is_an_empty_scalar)
{
    expect_place(parse(""), "t.yml:0:0+0");
    expect_place(parse("--- ~\n"), "t.yml:1:5+1");
}
END_TEST

/* Too many of something, which would be too long to write down. */
static void refuse_many(const char *begin, const char *each, size_t count, const char *findings)
{
    char *text KP_AUTO(free) = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);

    ck_assert_ptr_nonnull(to);
    fputs(begin, to);
    for (size_t i = 0; i < count; i++) {
        if (strchr(each, '%') != NULL)
            fprintf(to, "- &a%zu x\n", i);
        else
            fputs(each, to);
    }
    fclose(to);
    ck_assert_ptr_null(kp_yaml_parse(arena, diags, "t.yml", ".", text, size));
    expect_findings(findings);
    forget();
}

START_TEST(size_is_bounded)
{
    refuse_many("a: b\n", "# 89abcdef12345\n", 262144,
                "t.yml: error: too large for a recipe: more than 4 MiB [KP1002]\n");
    refuse_many(
        "a:\n", "- b\n", KP_YAML_MAX_NODES,
        "t.yml:199999:3: error: too large for a recipe: more than 200000 values, with those "
        "that aliases repeat [KP1006]\n199999 | - b\n      |   ^\n");
    refuse_many("a:\n", "%", 1001,
                "t.yml:1002:3: error: too many anchors: more than 1000 [KP1017]\n"
                " 1002 | - &a1000 x\n      |   ^\n");
}
END_TEST

/* --- the file itself --- */

START_TEST(files_that_cannot_be_read)
{
    options.file = "none.yml";
    expect_refused("kpipe: error: cannot read the recipe: none.yml: no such file [KP1001]\n");
    forget();
    options.file = ".";
    expect_refused("kpipe: error: cannot read the recipe: .: it is a folder [KP1001]\n");
    forget();
    write_file("a", "");
    options.file = "a/b.yml";
    expect_refused("kpipe: error: cannot read the recipe: a/b.yml: not a directory [KP1001]\n");
}
END_TEST

START_TEST(a_file_without_permission)
{
    write_file("r.yml", "kpipe: 1\n");
    ck_assert_int_eq(chmod("r.yml", 0), 0);
    ck_assert_int_eq(chmod(".", 0755), 0);
    if (geteuid() == 0)
        ck_assert_int_eq(seteuid(65534), 0);
    expect_refused(
        "kpipe: error: cannot read the recipe: r.yml: no permission to read it [KP1001]\n");
    if (getuid() == 0)
        ck_assert_int_eq(seteuid(0), 0);
}
END_TEST

START_TEST(a_file_without_end)
{
    options.file = "/dev/zero";
    expect_refused("/dev/zero: error: too large for a recipe: more than 4 MiB [KP1002]\n");
}
END_TEST

START_TEST(standard_input_is_a_file_here)
{
    write_file("in", "kpipe: 1\ninputs: {x: a/b}\noutputs: [x, y]\n");
    ck_assert_ptr_nonnull(freopen("in", "r", stdin));
    options.file = "-";
    expect_refused("<stdin>:3:14: error: 'y': no input or image has that name [KP1108]\n"
                   "    3 | outputs: [x, y]\n"
                   "      |              ^\n"
                   "  hint: a stage that begins a chain is a map: {y: }\n");
    forget();
    ck_assert_int_eq(lseek(0, 0, SEEK_SET), 0);
    write_file("in", "kpipe: 1\ninputs: {x: a/b}\noutputs: [x]\n");
    expect_read("input x: a/b\noutput x > x\n");
}
END_TEST

/* --- what is refused --- */

START_TEST(what_is_no_map_is_refused)
{
    refuse("", "r.yml: error: the recipe is empty [KP1015]\n"
               "  hint: begin the recipe with 'kpipe: 1'\n");
    refuse("# nothing\n", "r.yml: error: the recipe is empty [KP1015]\n"
                          "  hint: begin the recipe with 'kpipe: 1'\n");
    refuse("---\n"
           "...\n",
           "r.yml:2:1: error: the recipe is empty [KP1015]\n"
           "    2 | ...\n"
           "      | ^\n"
           "  hint: begin the recipe with 'kpipe: 1'\n");
    refuse("- a\n", "r.yml:1:1: error: a recipe is a map, not a list [KP1016]\n"
                    "    1 | - a\n"
                    "      | ^\n");
    refuse("text\n", "r.yml:1:1: error: a recipe is a map, not text [KP1016]\n"
                     "    1 | text\n"
                     "      | ^~~~\n");
}
END_TEST

START_TEST(what_is_no_yaml_is_refused)
{
    refuse("kpipe: 1\n"
           "name: a\n"
           " b: c\n",
           "r.yml:3:3: error: not YAML: mapping values are not allowed in this context [KP1003]\n"
           "    3 |  b: c\n"
           "      |   ^\n"
           "  hint: look at the indentation, and put a value that contains ': ' into quotes\n");
    refuse("kpipe: 1\n"
           "name: a: b\n",
           "r.yml:2:8: error: not YAML: mapping values are not allowed in this context [KP1003]\n"
           "    2 | name: a: b\n"
           "      |        ^\n"
           "  hint: look at the indentation, and put a value that contains ': ' into quotes\n");
    refuse("kpipe: 1\n"
           "\tname: x\n",
           "r.yml:2:1: error: not YAML: found a tab character that violates indentation, while "
           "scanning a plain scalar from line 1 [KP1003]\n"
           "    2 |  name: x\n"
           "      | ^\n"
           "  hint: indent with spaces\n");
    refuse("kpipe: 1\n"
           "name: \tx\n"
           "\ty: z\n",
           "r.yml:3:1: error: not YAML: found a tab character that violates indentation, while "
           "scanning a plain scalar from line 2 [KP1003]\n"
           "    3 |  y: z\n"
           "      | ^\n"
           "  hint: indent with spaces\n");
    refuse("kpipe: 1\n"
           "outputs: [a\n"
           "\n",
           "r.yml:2:11: error: not YAML: did not find expected ',' or ']', while parsing a flow "
           "sequence [KP1003]\n"
           "    2 | outputs: [a\n"
           "      |           ^\n");
    refuse("kpipe: 1\n"
           "name: \"a\n",
           "r.yml:2:8: error: not YAML: found unexpected end of stream, while scanning a quoted "
           "scalar [KP1003]\n"
           "    2 | name: \"a\n"
           "      |        ^\n");
    refuse("kpipe: 1\n"
           "vars: {a: 1\n"
           "b: 2\n",
           "r.yml:3:2: error: not YAML: did not find expected ',' or '}', while parsing a flow "
           "mapping from line 2 [KP1003]\n"
           "    3 | b: 2\n"
           "      |  ^\n");
}
END_TEST

START_TEST(characters_that_begin_no_value_need_quotes)
{
    refuse("kpipe: 1\n"
           "name: %(version)\n",
           "r.yml:2:7: error: not YAML: found character that cannot start any token, while "
           "scanning for the next token [KP1003]\n"
           "    2 | name: %(version)\n"
           "      |       ^\n"
           "  hint: put a value that begins with % into quotes, as in \"%(version)\"\n");
    refuse("kpipe: 1\n"
           "name: @x\n",
           "r.yml:2:7: error: not YAML: found character that cannot start any token, while "
           "scanning for the next token [KP1003]\n"
           "    2 | name: @x\n"
           "      |       ^\n"
           "  hint: put the value into quotes\n");
    refuse("kpipe: 1\n"
           "name: `x`\n",
           "r.yml:2:7: error: not YAML: found character that cannot start any token, while "
           "scanning for the next token [KP1003]\n"
           "    2 | name: `x`\n"
           "      |       ^\n"
           "  hint: put the value into quotes\n");
    accept("kpipe: 1\n"
           "name: \"%(version) @ `\"\n"
           "inputs: {x: f}\n"
           "outputs: [x]\n",
           "name %(version) @ `\n"
           "input x: f\n"
           "output x > x\n");
}
END_TEST

START_TEST(bytes_that_are_no_text_are_refused)
{
    refuse("kpipe: 1\n"
           "name: \377\n",
           "r.yml:2:7: error: not YAML: invalid leading UTF-8 octet: 0xff [KP1004]\n"
           "    2 | name: \\xff\n"
           "      |       ^~~~\n"
           "  hint: a recipe is text in UTF-8\n");
    refuse("kpipe: 1\n"
           "name: \344\270\n",
           "r.yml:2:9: error: not YAML: invalid trailing UTF-8 octet: 0x0a [KP1004]\n"
           "    2 | name: \\xe4\\xb8\n"
           "      |               ^\n"
           "  hint: a recipe is text in UTF-8\n");
    refuse("kpipe: 1\n"
           "name: a\033b\n",
           "r.yml:2:8: error: not YAML: control characters are not allowed: 0x1b [KP1004]\n"
           "    2 | name: a\\x1bb\n"
           "      |        ^~~~\n"
           "  hint: a recipe is text in UTF-8\n");
    refuse("kpipe: 1\n"
           "name: \344",
           "r.yml:2:7: error: not YAML: incomplete UTF-8 octet sequence [KP1003]\n"
           "    2 | name: \\xe4\n"
           "      |       ^~~~\n"
           "  hint: a recipe is text in UTF-8\n");
}
END_TEST

START_TEST(nul_is_refused)
{
    refuse("kpipe: 1\n"
           "name: \"a\\0b\"\n",
           "r.yml:2:7: error: NUL characters are not allowed in text [KP1014]\n"
           "    2 | name: \"a\\0b\"\n"
           "      |       ^~~~~~\n");
}
END_TEST

START_TEST(keys_stand_once)
{
    refuse("kpipe: 1\n"
           "vars:\n"
           "  a: 1\n"
           "  b: 2\n"
           "  a: 3\n"
           "  \303\251: {a: b, a: c}\n"
           "  'b': 4\n",
           "r.yml:5:3: error: key 'a' is there already, on line 3 [KP1007]\n"
           "    5 |   a: 3\n"
           "      |   ^\n"
           "r.yml:6:14: error: key 'a' is there already, on line 6 [KP1007]\n"
           "    6 |   \303\251: {a: b, a: c}\n"
           "      |             ^\n"
           "r.yml:7:3: error: key 'b' is there already, on line 4 [KP1007]\n"
           "    7 |   'b': 4\n"
           "      |   ^~~\n");
}
END_TEST

START_TEST(tags_are_refused)
{
    refuse("kpipe: 1\n"
           "name: !!str x\n"
           "arch: &x !foo 'a'\n"
           "vars: !!map\n"
           "  a: ! b\n"
           "inputs: !<tag:x> []\n",
           "r.yml:2:7: error: tags are not allowed: !!str [KP1008]\n"
           "    2 | name: !!str x\n"
           "      |       ^~~~~\n"
           "  hint: leave it out: what a value means is decided by the parameter's type\n"
           "r.yml:3:10: error: tags are not allowed: !foo [KP1008]\n"
           "    3 | arch: &x !foo 'a'\n"
           "      |          ^~~~\n"
           "  hint: leave it out: what a value means is decided by the parameter's type\n"
           "r.yml:4:7: error: tags are not allowed: !!map [KP1008]\n"
           "    4 | vars: !!map\n"
           "      |       ^~~~~\n"
           "  hint: leave it out: what a value means is decided by the parameter's type\n"
           "r.yml:5:6: error: tags are not allowed: ! [KP1008]\n"
           "    5 |   a: ! b\n"
           "      |      ^\n"
           "  hint: leave it out: what a value means is decided by the parameter's type\n"
           "r.yml:6:9: error: tags are not allowed: !<tag:x> [KP1008]\n"
           "    6 | inputs: !<tag:x> []\n"
           "      |         ^~~~~~~~\n"
           "  hint: leave it out: what a value means is decided by the parameter's type\n");
}
END_TEST

START_TEST(merge_keys_are_refused)
{
    refuse("kpipe: 1\n"
           "vars:\n"
           "  <<: {a: 1}\n",
           "r.yml:3:3: error: merge keys are not allowed: << [KP1009]\n"
           "    3 |   <<: {a: 1}\n"
           "      |   ^~\n"
           "  hint: name an anchored value with an alias, or a base recipe with 'extends'\n");
    refuse("kpipe: 1\n"
           "vars: {'<<': 1}\n"
           "inputs: {x: f}\n"
           "outputs: [x]\n",
           "r.yml:2:8: error: vars: '<<' is not a name [KP1106]\n"
           "    2 | vars: {'<<': 1}\n"
           "      |        ^~~~\n"
           "  hint: a name is a letter, then letters, digits, _ and -\n");
}
END_TEST

START_TEST(further_documents_are_refused)
{
    refuse("kpipe: 1\n"
           "---\n"
           "a: b\n",
           "r.yml:2:1: error: only one document is allowed in a recipe [KP1010]\n"
           "    2 | ---\n"
           "      | ^\n");
    accept("%YAML 1.1\n"
           "---\n"
           "kpipe: 1\n"
           "inputs: {x: f}\n"
           "outputs: [x]\n"
           "...\n",
           "input x: f\n"
           "output x > x\n");
}
END_TEST

START_TEST(aliases_name_what_stands_above)
{
    refuse("kpipe: 1\n"
           "vars: {a: *nope, b: *no}\n",
           "r.yml:2:11: error: alias 'nope': nothing before it has that anchor [KP1011]\n"
           "    2 | vars: {a: *nope, b: *no}\n"
           "      |           ^~~~~\n"
           "r.yml:2:21: error: alias 'no': nothing before it has that anchor [KP1011]\n"
           "    2 | vars: {a: *nope, b: *no}\n"
           "      |                     ^~~\n");
    refuse("kpipe: 1\n"
           "vars: &v {a: *v}\n",
           "r.yml:2:14: error: alias 'v': it stands inside what it names [KP1012]\n"
           "    2 | vars: &v {a: *v}\n"
           "      |              ^~\n");
    accept("kpipe: 1\n"
           "vars: {a: &n one, b: &n two}\n"
           "inputs: {x: *n}\n"
           "outputs: [x]\n",
           "input x: two\n"
           "output x > x\n");
}
END_TEST

START_TEST(keys_are_text)
{
    refuse("kpipe: 1\n"
           "vars: {[a]: b, {c: d}: e}\n",
           "r.yml:2:8: error: a key must be text, not a list [KP1013]\n"
           "    2 | vars: {[a]: b, {c: d}: e}\n"
           "      |        ^\n"
           "r.yml:2:16: error: a key must be text, not a map [KP1013]\n"
           "    2 | vars: {[a]: b, {c: d}: e}\n"
           "      |                ^\n");
    accept("kpipe: 1\n"
           "vars: {&k a: b, c: *k}\n"
           "inputs: {x: $(c)}\n"
           "outputs: [x]\n",
           "input x: a\n"
           "output x > x\n");
}
END_TEST

START_TEST(nesting_is_bounded)
{
    refuse("kpipe: 1\n"
           "vars: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n",
           "r.yml:2:70: error: nested too deep: more than 64 levels [KP1005]\n"
           "    2 | vars: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n"
           "      |                                                                      ^\n");
    refuse(
        "a: &a [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n"
        "b: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[*a]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n",
        "r.yml:2:34: error: nested too deep: more than 64 levels [KP1005]\n"
        "    2 | b: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[*a]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n"
        "      |                                  ^~\n");
    accept("kpipe: 1\n"
           "vars: {a: "
           "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]"
           "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}\n"
           "inputs: {x: f}\n"
           "outputs: [x]\n",
           "input x: f\n"
           "output x > x\n");
}
END_TEST

START_TEST(what_aliases_stand_for_is_bounded)
{
    refuse("a: &a [x, x, x, x, x, x, x, x, x]\n"
           "b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
           "c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\n"
           "d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\n"
           "e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]\n"
           "f: [*e, *e, *e]\n",
           "r.yml:6:5: error: too large for a recipe: more than 200000 values, with those that "
           "aliases repeat [KP1006]\n"
           "    6 | f: [*e, *e, *e]\n"
           "      |     ^~\n");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        places_count_bytes,
        lines_end_as_yaml_says,
        anchors_are_no_part_of_a_place,
        an_empty_text_is_an_empty_scalar,
        size_is_bounded,
        files_that_cannot_be_read,
        a_file_without_permission,
        a_file_without_end,
        standard_input_is_a_file_here,
        what_is_no_map_is_refused,
        what_is_no_yaml_is_refused,
        characters_that_begin_no_value_need_quotes,
        bytes_that_are_no_text_are_refused,
        nul_is_refused,
        keys_stand_once,
        tags_are_refused,
        merge_keys_are_refused,
        further_documents_are_refused,
        aliases_name_what_stands_above,
        keys_are_text,
        nesting_is_bounded,
        what_aliases_stand_for_is_bounded,
    };

    return run_tests("recipe-yaml", tests, sizeof(tests) / sizeof(tests[0]));
}
