/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of trees from the recipe to the plugin: how recipes name them, what is refused
 * before the run, and what the services of host.h give and report.
 */
#define KP_STATIC_NAME grove
#include "../plugins/grove.c"

#include "engine-shared.h"

#include "base/auto.h"
#include "engine/plan.h"
#include "engine/run.h"
#include "plugin/bind.h"
#include "recipe/words.h"

static const struct kp_static_row compiled_in[] = {
    {"grove", kpipe_note_grove, kpipe_plugin_grove},
    {NULL, NULL, NULL},
};

static struct kp_registry *registry;
static struct kp_plan *plan;

static void begin(void)
{
    set_up();
    registry = registry_of(compiled_in);
    ck_assert_int_eq(mkdir("root", 0755), 0);
    ck_assert_int_eq(mkdir("root/etc", 0755), 0);
    ck_assert_int_eq(mkdir("other", 0700), 0);
    put_file("root/a", "one\n");
    put_file("root/etc/b", "two\n");
    put_file("file", "a file\n");
    ck_assert_int_eq(chmod("root/a", 0644) | chmod("root/etc/b", 0600), 0);
}

static void end(void)
{
    kp_plan_free(plan);
    plan = NULL;
    kp_registry_free(registry);
    tear_down();
}

static bool make_plan(const char *text)
{
    const struct kp_reference_finder finder = {registry, kp_bind_find_references};
    const struct kp_recipe_options options = {.file = "r.yml", .finder = &finder};
    const char *whole = kp_arena_printf(arena, "kpipe: 1\n%s", text);
    const struct kp_recipe *recipe;

    put_file("r.yml", whole);
    recipe = kp_recipe_read(arena, diags, &options);
    kp_plan_free(plan);
    plan = recipe != NULL ? kp_plan_new(arena, diags, registry, recipe, NULL, NULL) : NULL;
    return plan != NULL;
}

static bool run_recipe(const char *text)
{
    const struct kp_run_options options = {.registry = registry, .out_folder = "out", .threads = 2};

    if (!make_plan(text))
        kp_diags_render(diags, 0, stderr, (struct kp_diag_style){0});
    ck_assert_ptr_nonnull(plan);
    return kp_run(plan, diags, &options) == KP_RUN_OK;
}

/* A recipe whose stage ends with an error that has these words. */
static void expect_failure(const char *recipe, const char *words)
{
    char *text KP_AUTO(free) = NULL;
    size_t length = 0;
    FILE *to = open_memstream(&text, &length);

    ck_assert(!run_recipe(recipe));
    kp_diags_render(diags, findings_seen, to, (struct kp_diag_style){0});
    fclose(to);
    findings_seen = kp_diags_count(diags);
    ck_assert_msg(strstr(text, words) != NULL, "%s", text);
    ck_assert_uint_eq(kp_diags_count(diags), findings_seen);
    expect_no_file("out/x");
}

START_TEST(trees_are_listed_and_read)
{
    ck_assert_int_eq(symlink("etc/b", "root/link"), 0);
    ck_assert(run_recipe("inputs: {r: {tree: root}, again: {tree: {path: ./root}}}\n"
                         "images:\n"
                         "  x: [{ls: r}]\n"
                         "  same: [{ls: {tree: again}}]\n"
                         "  y: [{cat: {tree: r, names: [etc/b, a, link]}}]\n"
                         "  z: [{ls: {tree: r, folder: etc}}]\n"
                         "outputs: [x, same, y, z]\n"));
    expect_findings("");
    expect_file("out/x", "-0644 a 4 0:0 =0\n"
                         "d0755 etc 0 0:0 =0\n"
                         "-0600 etc/b 4 0:0 =0\n"
                         "l0777 link -> etc/b 0 0:0 =0\n");
    expect_file("out/same", "-0644 a 4 0:0 =0\n"
                            "d0755 etc 0 0:0 =0\n"
                            "-0600 etc/b 4 0:0 =0\n"
                            "l0777 link -> etc/b 0 0:0 =0\n");
    expect_file("out/y", "two\none\ntwo\n");
    expect_file("out/z", "-0600 etc/b 4 0:0 =0\n");
    /* One folder is one step, and so is what two images make of it. */
    ck_assert_uint_eq(plan->step_count, 4);
}
END_TEST

START_TEST(trees_multiply_by_matrix)
{
    put_file("other/c", "three\n");
    ck_assert(run_recipe("matrix: {m: [root, other]}\n"
                         "inputs: {r: {tree: $(m)}}\n"
                         "images: {x: [{ls: {tree: r, quiet: yes}}]}\n"
                         "outputs: [x: {file: x-$(m)}]\n"));
    expect_file("out/x-root", "3\n");
    expect_file("out/x-other", "1\n");
}
END_TEST

START_TEST(plans_show_trees)
{
    char *text KP_AUTO(free) = NULL;
    size_t length = 0;
    FILE *to = open_memstream(&text, &length);
    struct kp_json json = {to, 0, false};

    ck_assert(make_plan("inputs: {r: {tree: root}, unused: {tree: gone}}\n"
                        "images: {x: [{ls: r}], y: [{cat: {tree: r, names: a}}]}\n"
                        "outputs: [x, y]\n"));
    kp_plan_print(plan, to);
    kp_json_begin(&json, NULL, '{');
    kp_plan_json(plan, &json);
    kp_json_end(&json, '}');
    fclose(to);
    ck_assert_ptr_nonnull(strstr(text, "#1   r = root (tree)\n"
                                       "#2   ls tree=r + #1\n"
                                       "#3   cat tree=r,names=[a] + #1\n"
                                       "x = #2\n"
                                       "y = #3\n"));
    ck_assert_ptr_nonnull(strstr(text, "\"type\": \"tree\""));
    ck_assert_ptr_nonnull(strstr(text, "\"trees\": ["));
    ck_assert_uint_eq(plan->steps[0]->output_count, 2);
}
END_TEST

START_TEST(what_is_no_tree)
{
    ck_assert(!make_plan("inputs: {r: {tree: root}, f: file, g: {tree: other}}\n"
                         "images:\n"
                         "  a: [r]\n"
                         "  b: [{ls: f}]\n"
                         "  c: [{ls: c2}]\n"
                         "  c2: [{ls: r}]\n"
                         "  d: [{ls: r.x}]\n"
                         "  e: [{ls: _}]\n"
                         "outputs: [r, a, b, c, d, e, g: {file: g}]\n"));
    kp_diags_sort(diags);
    expect_findings(
        "r.yml:4:7: error: 'r': a tree is no image [KP1230]\n"
        "    4 |   a: [r]\n"
        "      |       ^\n"
        "  hint: a stage that reads trees takes it in a parameter\n"
        "r.yml:5:12: error: stage 'ls': tree: 'f' is no tree, and it takes one [KP1232]\n"
        "    5 |   b: [{ls: f}]\n"
        "      |            ^\n"
        "  hint: a tree is an input {tree: PATH}\n"
        "r.yml:6:12: error: stage 'ls': tree: 'c2' is no tree, and it takes one [KP1232]\n"
        "    6 |   c: [{ls: c2}]\n"
        "      |            ^~\n"
        "  hint: a tree is an input {tree: PATH}\n"
        "r.yml:8:12: error: 'r.x': a tree has no parts [KP1215]\n"
        "    8 |   d: [{ls: r.x}]\n"
        "      |            ^~~\n"
        "  hint: parts are made by stages that take an image apart\n"
        "r.yml:9:12: error: stage 'ls': tree: '_': no input or image has that name [KP1207]\n"
        "    9 |   e: [{ls: _}]\n"
        "      |            ^\n"
        "  hint: name an input or an image of this recipe; files stand under `inputs:`\n"
        "r.yml:10:11: error: 'r': a tree is no image [KP1230]\n"
        "   10 | outputs: [r, a, b, c, d, e, g: {file: g}]\n"
        "      |           ^\n"
        "  hint: a stage that reads trees takes it in a parameter\n"
        "r.yml:10:29: error: 'g': a tree is no image [KP1230]\n"
        "   10 | outputs: [r, a, b, c, d, e, g: {file: g}]\n"
        "      |                             ^\n"
        "  hint: a stage that reads trees takes it in a parameter\n");
}
END_TEST

START_TEST(folders_that_are_none)
{
    ck_assert(!make_plan("inputs: {g: {tree: gone}, h: {tree: file}, i: root}\n"
                         "images: {x: [{ls: g}], y: [{ls: h}]}\n"
                         "outputs: [x, y, i]\n"));
    kp_diags_sort(diags);
    expect_findings(
        "r.yml:2:20: error: input 'g': gone: No such file or directory [KP1401]\n"
        "    2 | inputs: {g: {tree: gone}, h: {tree: file}, i: root}\n"
        "      |                    ^~~~\n"
        "  hint: a relative path counts from the folder of the recipe that says it\n"
        "r.yml:2:37: error: input 'h': file: It is a file, not a folder [KP1401]\n"
        "    2 | inputs: {g: {tree: gone}, h: {tree: file}, i: root}\n"
        "      |                                     ^~~~\n"
        "r.yml:2:47: error: input 'i': root: Is a directory [KP1401]\n"
        "    2 | inputs: {g: {tree: gone}, h: {tree: file}, i: root}\n"
        "      |                                               ^~~~\n"
        "  hint: a folder of files is an input {tree: PATH}, for stages that take trees\n");
}
END_TEST

START_TEST(nothing_else_is_said_of_a_tree)
{
    ck_assert(
        !make_plan("inputs: {r: {tree: {path: root, arch: arm}}, s: {tree: }, t: {tree: []}}\n"
                   "images: {x: [{ls: r}], y: [{ls: s}], z: [{ls: t}]}\n"
                   "outputs: [x, y, z]\n"));
    kp_diags_sort(diags);
    expect_findings(
        "r.yml:2:33: error: unknown key 'arch' [KP1104]\n"
        "    2 | inputs: {r: {tree: {path: root, arch: arm}}, s: {tree: }, t: {tree: []}}\n"
        "      |                                 ^~~~\n"
        "  hint: nothing but its path can be said of a tree\n"
        "r.yml:2:50: error: input 's': no path [KP1114]\n"
        "    2 | inputs: {r: {tree: {path: root, arch: arm}}, s: {tree: }, t: {tree: []}}\n"
        "      |                                                  ^~~~\n"
        "  hint: write {tree: P}\n"
        "r.yml:2:69: error: input 't': must be a path, not a list [KP1105]\n"
        "    2 | inputs: {r: {tree: {path: root, arch: arm}}, s: {tree: }, t: {tree: []}}\n"
        "      |                                                                     ^\n");
}
END_TEST

START_TEST(words_name_trees_by_path)
{
    static const char *const words[] = {"file", "cat:tree=root,names=a"};
    const struct kp_reference_finder finder = {registry, kp_bind_find_references};
    const struct kp_recipe *recipe =
        kp_recipe_from_words(arena, diags, &finder, words, 2, NULL, "x");

    ck_assert_ptr_nonnull(recipe);
    ck_assert_uint_eq(recipe->input_count, 2);
    ck_assert_int_eq(recipe->inputs[0].type, KP_INPUT_FILE);
    ck_assert_int_eq(recipe->inputs[1].type, KP_INPUT_TREE);
    ck_assert_str_eq(recipe->inputs[1].file, "root");
}
END_TEST

#define ODD(parameters)                                                                            \
    "inputs: {r: {tree: root}}\nimages: {x: [{odd: {tree: r, how: " parameters "}}]}\n"            \
    "outputs: [x]\n"

START_TEST(single_members_are_described)
{
    ck_assert(run_recipe(ODD("find, name: etc/b")));
    expect_file("out/x", "-0600 etc/b 4 0:0 =0\n");
    ck_assert(run_recipe(ODD("find, name: etc/none")));
    expect_file("out/x", "none\n");
    ck_assert(run_recipe(ODD("find, name: a/none")));
    expect_file("out/x", "none\n");
    ck_assert_int_eq(unlink("out/x"), 0);
    expect_failure(ODD("find, name: ../file"),
                   "error: stage 'odd': tree 'r': '../file': a name in a tree is relative, "
                   "without '.' and '..' [KP1520]\n");
}
END_TEST

START_TEST(failures_name_tree_and_member)
{
    ck_assert_int_eq(symlink("../file", "root/out"), 0);
    ck_assert_int_eq(symlink("loop", "root/loop"), 0);
    ck_assert_int_eq(mkfifo("root/pipe", 0600), 0);
#define CAT(name)                                                                                  \
    "inputs: {r: {tree: root}}\nimages: {x: [{cat: {tree: r, names: '" name "'}}]}\noutputs: "     \
    "[x]\n"
    ck_assert(!run_recipe(CAT("out")));
    expect_findings("r.yml:3:15: error: stage 'cat': tree 'r': 'out': a link leads out of the "
                    "tree [KP1520]\n"
                    "    3 | images: {x: [{cat: {tree: r, names: 'out'}}]}\n"
                    "      |               ^~~\n"
                    "  hint: copy what the link leads to into the tree, or make the link "
                    "relative\n");
    expect_failure(CAT("loop"), "'loop': too many links: they may lead to each other [KP1520]");
    expect_failure(CAT("pipe"), "'pipe': it is a device, a pipe or a socket, and a file was");
    expect_failure(CAT("etc"), "'etc': it is a folder, and a file was expected [KP1520]");
    expect_failure(CAT("none"), "'none': no such file [KP1520]");
    expect_failure(CAT("/etc/passwd"), "'/etc/passwd': a name in a tree is relative");
    ck_assert_int_eq(unlink("root/pipe"), 0);
    put_file("root/etc/bad\nname\xff", "");
    expect_failure(
        "inputs: {r: {tree: root}}\nimages: {x: [{ls: r}]}\noutputs: [x]\n",
        "stage 'ls': tree 'r': 'etc/bad\\x0aname\\xff': its name, or what the link says");
    expect_failure("inputs: {r: {tree: root}}\nimages: {x: [{ls: {tree: r, folder: a}}]}\n"
                   "outputs: [x]\n",
                   "stage 'ls': tree 'r': 'a': a folder was expected [KP1520]");
}
END_TEST

START_TEST(plugins_that_ask_for_too_much)
{
    expect_failure(ODD("foreign"), "fault of the plugin: a tree that was not given to it");
    expect_failure(ODD("no_name"), "fault of the plugin: a tree that was not given to it, or no");
    expect_failure(ODD("no_place"), "fault of the plugin: tree_list without a place");
    expect_failure(ODD("no_entry"), "fault of the plugin: tree_find without a place");
}
END_TEST

START_TEST(writing_to_a_member_is_an_error)
{
    if (in_workers())
        return; /* the plugin's commands see nothing of the tree */
    expect_failure(ODD("twice, command: echo more >> root/a"),
                   "error: r: a: changed while it was read [KP1402]");
    expect_failure(ODD("twice, command: touch root/new"),
                   "error: r: .: changed while it was read [KP1402]");
    expect_failure(ODD("twice, command: rm -r root; mkdir root"), "error: r: ");
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_test(tests, trees_are_listed_and_read);
    tcase_add_test(tests, trees_multiply_by_matrix);
    tcase_add_test(tests, plans_show_trees);
    tcase_add_test(tests, what_is_no_tree);
    tcase_add_test(tests, folders_that_are_none);
    tcase_add_test(tests, nothing_else_is_said_of_a_tree);
    tcase_add_test(tests, words_name_trees_by_path);
    tcase_add_test(tests, single_members_are_described);
    tcase_add_test(tests, failures_name_tree_and_member);
    tcase_add_test(tests, plugins_that_ask_for_too_much);
    tcase_add_test(tests, writing_to_a_member_is_an_error);
}

int main(void)
{
    return run_tests("engine-trees", begin, end, fill);
}
