/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of sources from the recipe to the plugin: facts in values, images and lists by name,
 * how often a source runs, what is refused, and plugins that break the rules.
 */
#define KP_STATIC_NAME spring
#include "../plugins/spring.c"

/* Two plugins in one program: the second one's names are told apart by hand. */
#undef KP_STATIC_NAME
#define KP_STATIC_NAME probe
#define kp_descriptor_ probe_descriptor
#include "../plugins/probe.c"
#undef kp_descriptor_

#include "engine-shared.h"

#include "base/auto.h"
#include "engine/plan.h"
#include "engine/run.h"
#include "engine/source.h"
#include "plugin/bind.h"

static const struct kp_static_row compiled_in[] = {
    {"spring", kpipe_note_spring, kpipe_plugin_spring},
    {"probe", kpipe_note_probe, kpipe_plugin_probe},
    {NULL, NULL, NULL},
};

static struct kp_registry *registry;
static struct kp_plan *plan;

static void begin(void)
{
    set_up();
    registry = registry_of(compiled_in);
    spring_runs = 0;
    put_file("lines", "fact version 6.1\n"
                      "fact stage upper\n"
                      "image kernel the kernel\n"
                      "arch board\n"
                      "list dtbs one.dtb first\n"
                      "list dtbs two.dtb second\n"
                      "empty none\n");
}

static void end(void)
{
    kp_plan_free(plan);
    plan = NULL;
    kp_registry_free(registry);
    tear_down();
}

/* How often the source ran, where that can be seen. */
static void expect_runs(unsigned count)
{
    ck_assert(in_workers() || spring_runs == count);
}

static bool make_plan(const char *text)
{
    const struct kp_reference_finder finder = {registry, kp_bind_find_references};
    struct kp_sources *made KP_AUTO(sources) = kp_sources_new(arena, diags, registry, 0);
    const struct kp_recipe_options options = {
        .file = "r.yml", .finder = &finder, .sources = kp_sources_runner(made)};
    const struct kp_recipe *recipe;

    put_file("r.yml", kp_arena_printf(arena, "kpipe: 1\n%s", text));
    recipe = kp_recipe_read(arena, diags, &options);
    kp_plan_free(plan);
    plan = recipe != NULL ? kp_plan_new(arena, diags, registry, recipe, NULL, NULL) : NULL;
    return plan != NULL;
}

static void run_recipe(const char *text)
{
    const struct kp_run_options options = {.registry = registry, .out_folder = "out", .threads = 2};

    if (!make_plan(text))
        kp_diags_render(diags, 0, stderr, (struct kp_diag_style){0});
    ck_assert_ptr_nonnull(plan);
    ck_assert_int_eq(kp_run(plan, diags, &options), KP_RUN_OK);
}

/* A recipe that is refused, all of it said in these words. */
static void refuse(const char *recipe, const char *expected)
{
    char *text KP_AUTO(free) = NULL;
    size_t length = 0;
    FILE *to = open_memstream(&text, &length);

    ck_assert(!make_plan(recipe));
    kp_diags_sort(diags);
    kp_diags_render(diags, 0, to, (struct kp_diag_style){0});
    fclose(to);
    hide_paths(text);
    ck_assert_str_eq(text, expected);
    kp_diags_free(diags);
    diags = kp_diags_new();
}

/* The one error of a recipe with the input {spring: lines}, at that parameter. */
#define BROKEN(lines, column, message)                                                             \
    put_file("bad", lines);                                                                        \
    refuse("inputs: {k: {spring: bad}}\noutputs: [k.x]\n",                                         \
           "r.yml:2:" column ": error: input 'k': " message)

START_TEST(items_are_images)
{
    run_recipe(
        "inputs: {k: {spring: lines}}\n"
        "images: {x: [k.kernel, upper], y: [k.kernel, {concat: [k.dtbs, k.none, k.kernel]}]}\n"
        "outputs: [x, y, k.kernel: {file: z}]\n");
    expect_findings("");
    expect_file("out/x", "THE KERNEL");
    expect_file("out/y", "the kernelfirstsecondthe kernel");
    expect_file("out/z", "the kernel");
    expect_runs(1);
    ck_assert_str_eq(plan->steps[0]->label, "k.kernel");
    ck_assert_str_eq(plan->steps[0]->arch, "board");
    ck_assert_str_eq(plan->steps[2]->label, "k.dtbs: one.dtb");
}
END_TEST

START_TEST(facts_stand_in_values)
{
    run_recipe("vars: {word: $(k.version)}\n"
               "name: Linux $(k.version)\n"
               "inputs: {k: {spring: {file: lines}}, again: {spring: ./lines}}\n"
               "images:\n"
               "  x: [{make: {text: $(word)-$(k.stage)-$(again.version)}}, {nest: $(k.stage)}]\n"
               "outputs: [x: {file: x-$(k.version)}]\n");
    expect_findings("");
    ck_assert_str_eq(plan->name, "Linux 6.1");
    expect_file("out/x-6.1", "6.1-UPPER-6.1");
    expect_runs(1);
}
END_TEST

START_TEST(sources_that_nobody_needs_do_not_run)
{
    put_file("bad", "fail no\n");
    run_recipe(
        "inputs: {k: {spring: lines}, unused: {spring: bad}, gone: {spring: gone}}\n"
        "images: {x: [k.kernel], y: [{make: {text: $(gone.fact)}}], z: [unused.image, upper],\n"
        "         l: [{make: {text: x}}, {concat: [unused.list]}]}\n"
        "outputs: [x]\n");
    expect_runs(1);
}
END_TEST

/* Whether a source has a fact is the folder's matter, and no fault of what nobody needs. */
START_TEST(facts_that_nobody_needs_may_be_missing)
{
    run_recipe("vars: {a: $(k.nothing)}\n"
               "inputs: {k: {spring: lines}}\n"
               "images:\n"
               "  x: [{make: {text: $(k.version)}}]\n"
               "  y: [{make: {text: $(a)}}]\n"
               "  z: [y, upper]\n"
               "outputs: [x]\n");
    expect_findings("");
    expect_runs(1);
}
END_TEST

START_TEST(sources_multiply_by_matrix)
{
    put_file("a", "fact f one\nimage i first\nlist l x xa\nlist l y ya\n");
    put_file("b", "fact f two\nimage i second\nlist l z zb\n");
    run_recipe("matrix: {m: [a, b], v: ['6.1']}\n"
               "inputs: {k: {spring: $(m)}}\n"
               "images:\n"
               "  x: [k.i, {concat: [k.l]}]\n"
               "  y: [{make: {text: $(k.f)$(v)}}]\n"
               "  all: [{make: {text: '='}}, {concat: [k.i, k.l]}]\n"
               "outputs: [x: {file: x-$(m)-$(k.f)}, y: {file: y-$(m)-$(v)}, all]\n");
    expect_findings("");
    expect_file("out/x-a-one", "firstxaya");
    expect_file("out/x-b-two", "secondzb");
    expect_file("out/y-a-6.1", "one6.1");
    expect_file("out/y-b-6.1", "two6.1");
    expect_file("out/all", "=firstsecondxayazb");
    expect_runs(2);
}
END_TEST

/* A dot in a value of the matrix begins no part. */
START_TEST(values_with_dots_are_no_parts)
{
    put_file("kernel-6.1", "abcdefgh");
    run_recipe("matrix: {v: ['6.1']}\n"
               "inputs: {k: kernel-$(v)}\n"
               "images: {x: [k, split.unpack], y: [x.tail, upper]}\n"
               "outputs: [y: {file: y-$(v)}]\n");
    expect_file("out/y-6.1", "EFGH");
}
END_TEST

START_TEST(sources_read_trees)
{
    ck_assert_int_eq(mkdir("root", 0755), 0);
    put_file("root/a", "a member");
    put_file("lines", "member m a\n");
    run_recipe("inputs: {k: {spring: {file: lines, tree: root}}}\noutputs: [k.m: {file: m}]\n");
    expect_file("out/m", "a member");
}
END_TEST

/* KP_PARAM_MAY_MISS: what is not there is not given; what is there must be what it should be. */
START_TEST(paths_that_may_be_missing)
{
    static const struct {
        const char *more, *around, *given;
    } cases[] = {
        {"gone", "gone/deeper", "neither"},  {"lines", "gone", "more"},
        {"gone", "root", "around"},          {"lines", "root", "both"},
        {"dangling", "dangling", "neither"},
    };

    ck_assert_int_eq(mkdir("root", 0755), 0);
    ck_assert_int_eq(symlink("nowhere", "dangling"), 0);
    put_file("lines", "given what\n");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        run_recipe(kp_arena_printf(arena,
                                   "inputs: {k: {spring: {file: lines, more: %s, around: %s}}}\n"
                                   "images: {x: [{make: {text: $(k.what)}}]}\noutputs: [x]\n",
                                   cases[i].more, cases[i].around));
        expect_findings("");
        expect_file("out/x", cases[i].given);
    }
    refuse("inputs: {a: {spring: {file: lines, around: lines}},\n"
           "         b: {spring: {file: lines, more: lines/x}},\n"
           "         c: {spring: {file: lines, tree: gone}}}\n"
           "outputs: [a.x, b.x, c.x]\n",
           "r.yml:2:44: error: input 'a': lines: It is a file, not a folder [KP1401]\n"
           "    2 | inputs: {a: {spring: {file: lines, around: lines}},\n"
           "      |                                            ^~~~~\n"
           "r.yml:3:42: error: input 'b': lines/x: Not a directory [KP1401]\n"
           "    3 |          b: {spring: {file: lines, more: lines/x}},\n"
           "      |                                          ^~~~~~~\n"
           "r.yml:4:42: error: input 'c': gone: No such file or directory [KP1401]\n"
           "    4 |          c: {spring: {file: lines, tree: gone}}}\n"
           "      |                                          ^~~~\n"
           "  hint: a relative path counts from the folder of the recipe that says it\n");
}
END_TEST

START_TEST(names_that_mean_nothing)
{
    refuse("inputs: {k: {spring: lines}, f: lines}\n"
           "images:\n"
           "  a: [k]\n"
           "  b: [k.kernl]\n"
           "  c: [k.dtbs]\n"
           "  d: [k.kernel.part]\n"
           "  e: [f, {elf-only: {tree: k.dtbs}}]\n"
           "  f2: [f, {concat: [k.nothing]}]\n"
           "outputs: [a, b, c, d, e, f2]\n",
           "r.yml:4:7: error: 'k': a source is no image [KP1233]\n"
           "    4 |   a: [k]\n"
           "      |       ^\n"
           "  hint: name an image of it, as in k.NAME\n"
           "r.yml:5:7: error: 'k.kernl': input 'k' has no image 'kernl' [KP1234]\n"
           "    5 |   b: [k.kernl]\n"
           "      |       ^~~~~~~\n"
           "  hint: did you mean 'kernel'?\n"
           "r.yml:6:7: error: 'k.dtbs': a list of images, where one is expected [KP1235]\n"
           "    6 |   c: [k.dtbs]\n"
           "      |       ^~~~~~\n"
           "  hint: name it where a list of images is taken\n"
           "r.yml:7:7: error: 'k.kernel.part': an item of a source has no parts [KP1237]\n"
           "    7 |   d: [k.kernel.part]\n"
           "      |       ^~~~~~~~~~~~~\n"
           "  hint: parts are made by stages that take an image apart\n"
           "r.yml:8:28: error: 'k.dtbs': a list of images, where one is expected [KP1235]\n"
           "    8 |   e: [f, {elf-only: {tree: k.dtbs}}]\n"
           "      |                            ^~~~~~\n"
           "  hint: name it where a list of images is taken\n"
           "r.yml:9:21: error: 'k.nothing': input 'k' has no image 'nothing' [KP1234]\n"
           "    9 |   f2: [f, {concat: [k.nothing]}]\n"
           "      |                     ^~~~~~~~~\n"
           "  hint: known are: kernel, dtbs, none\n");
    expect_runs(1);
}
END_TEST

START_TEST(facts_that_are_none)
{
    refuse("vars: {a: $(k.versoin)}\n"
           "inputs: {k: {spring: lines}, f: lines}\n"
           "images: {x: [{make: {text: $(a)}}], y: [{make: {text: $(f.x)}}]}\n"
           "outputs: [x, y]\n",
           "r.yml:2:11: error: $(k.versoin): input 'k' has no fact 'versoin' [KP1136]\n"
           "    2 | vars: {a: $(k.versoin)}\n"
           "      |           ^~~~~~~~~~~~\n"
           "  hint: did you mean 'version'?\n"
           "r.yml:4:55: error: $(f.x): input 'f' is no source, and has no facts [KP1137]\n"
           "    4 | images: {x: [{make: {text: $(a)}}], y: [{make: {text: $(f.x)}}]}\n"
           "      |                                                       ^~~~~~\n");
}
END_TEST

START_TEST(facts_in_their_own_paths)
{
    refuse("inputs: {k: {spring: $(k.version)}}\noutputs: [k.kernel]\n",
           "r.yml:2:22: error: a variable contains itself: k.version -> k.version [KP1122]\n"
           "    2 | inputs: {k: {spring: $(k.version)}}\n"
           "      |                      ^~~~~~~~~~~~\n");
    refuse("vars: {v: $(b.x)}\ninputs: {a: {spring: $(v)}, b: {spring: $(a.x)}}\n"
           "outputs: [a.kernel]\n",
           "r.yml:3:22: error: a variable contains itself: v -> b.x -> a.x -> v [KP1122]\n"
           "    3 | inputs: {a: {spring: $(v)}, b: {spring: $(a.x)}}\n"
           "      |                      ^~~~\n");
    expect_runs(0);
}
END_TEST

START_TEST(facts_in_the_matrix)
{
    put_file("a", "fact f one\n");
    refuse("matrix: {m: [a], n: ['$(k.f)']}\ninputs: {k: {spring: $(m)}}\n"
           "images: {x: [{make: {text: $(n)}}]}\noutputs: [x]\n",
           "r.yml:2:22: error: matrix: a value of 'n': cannot depend on 'm', a variable of the "
           "matrix [KP1155]\n"
           "    2 | matrix: {m: [a], n: ['$(k.f)']}\n"
           "      |                      ^~~~~~~~\n");
    run_recipe("matrix: {n: ['$(k.f)', two]}\ninputs: {k: {spring: a}}\n"
               "images: {x: [{make: {text: $(n)}}]}\noutputs: [x: {file: $(n)}]\n");
    expect_file("out/one", "one");
    expect_file("out/two", "two");
}
END_TEST

START_TEST(parameters_are_checked)
{
    refuse("inputs: {a: {spring: gone}, b: {spring: {file: lines, times: 12}},\n"
           "         c: {spring: {fiel: lines}}, d: {sprnig: lines}, e: {spring: {file: lines, "
           "tree: lines}}}\n"
           "outputs: [a.x, b.x, c.x, d.x, e.x]\n",
           "r.yml:2:22: error: input 'a': gone: No such file or directory [KP1401]\n"
           "    2 | inputs: {a: {spring: gone}, b: {spring: {file: lines, times: 12}},\n"
           "      |                      ^~~~\n"
           "  hint: a relative path counts from the folder of the recipe that says it\n"
           "r.yml:2:62: error: input 'b': times: 12: out of range 0..9 [KP1304]\n"
           "    2 | inputs: {a: {spring: gone}, b: {spring: {file: lines, times: 12}},\n"
           "      |                                                              ^~\n"
           "r.yml:3:14: error: input 'c': file: missing [KP1302]\n"
           "    3 |          c: {spring: {fiel: lines}}, d: {sprnig: lines}, e: {spring: {file: "
           "lines, tree: lines}}}\n"
           "      |              ^~~~~~\n"
           "  hint: file: the file with the lines\n"
           "r.yml:3:23: error: input 'c': fiel: unknown parameter [KP1301]\n"
           "    3 |          c: {spring: {fiel: lines}}, d: {sprnig: lines}, e: {spring: {file: "
           "lines, tree: lines}}}\n"
           "      |                       ^~~~\n"
           "  hint: did you mean 'file'?\n"
           "r.yml:3:42: error: input 'd': 'sprnig': no type of input has that name [KP1113]\n"
           "    3 |          c: {spring: {fiel: lines}}, d: {sprnig: lines}, e: {spring: {file: "
           "lines, tree: lines}}}\n"
           "      |                                          ^~~~~~\n"
           "  hint: did you mean 'spring'?\n"
           "r.yml:3:90: error: input 'e': lines: It is a file, not a folder [KP1401]\n"
           "    3 |          c: {spring: {fiel: lines}}, d: {sprnig: lines}, e: {spring: {file: "
           "lines, tree: lines}}}\n"
           "      |                                                                             "
           "             ^~~~~\n");
}
END_TEST

START_TEST(architectures_that_disagree)
{
    refuse("arch: flat\ninputs: {k: {spring: lines}}\noutputs: [k.kernel]\n",
           "r.yml:4:11: error: 'k.kernel': its architecture is 'board', and the recipe says "
           "'flat' [KP1236]\n"
           "    4 | outputs: [k.kernel]\n"
           "      |           ^~~~~~~~\n"
           "  hint: correct `arch:`, or leave it out\n");
}
END_TEST

START_TEST(errors_stand_at_the_parameter)
{
    BROKEN("fail broken\n", "22",
           "broken [KP1521]\n"
           "    2 | inputs: {k: {spring: bad}}\n"
           "      |                      ^~~\n"
           "  hint: no hint\n");
}
END_TEST

#define FAULT(lines, what)                                                                         \
    BROKEN(lines, "14",                                                                            \
           "plugin org.example.spring 1.0.0 ((compiled in)): fault of the plugin: " what           \
           " [KP1522]\n"                                                                           \
           "    2 | inputs: {k: {spring: bad}}\n"                                                  \
           "      |              ^~~~~~\n"                                                         \
           "  hint: tell its vendor; nothing was written\n")

START_TEST(faults_name_the_plugin)
{
    FAULT("image a x\nimage a y\n", "gives the image 'a' twice");
    FAULT("list a l x\nimage a y\n", "gives the image 'a' twice");
    FAULT("image a x\nlist a l y\n", "gives the image 'a' twice");
    FAULT("image 1a x\n", "gives an item whose name is none");
    FAULT("image a.b x\n", "gives an item whose name is none");
    FAULT("image  x\n", "gives an item whose name is none");
    FAULT("fact a/b x\n", "gives an item whose name is none");
    FAULT("fact a x\nfact a y\n", "tells the fact 'a' twice");
    FAULT("fact a \xff\n", "tells a fact that is no text (UTF-8 without control characters), or "
                           "too long");
    FAULT("list a \x01 x\n", "source_list of what is no image of this call, or has no label");
    FAULT("silent\n", "failed without saying why");
    FAULT("null a\n", "source_image of what is no image of this call");
    FAULT("stale a\n", "source_image of what is no image of this call");
    FAULT("image a x\nappend\n", "output used against its rules (kpipe/host.h, outputs)");
}
END_TEST

/* An image of a call that is over. */
START_TEST(images_of_an_earlier_call)
{
    run_recipe("inputs: {k: {spring: lines}}\noutputs: [k.kernel]\n");
    ck_assert(in_workers() || spring_kept != NULL);
    FAULT("stale a\n", "source_image of what is no image of this call");
}
END_TEST

START_TEST(sources_are_no_stages)
{
    ck_assert_ptr_null(kp_registry_find_stage(registry, "spring"));
    ck_assert_ptr_null(kp_registry_find_source(registry, "upper"));
    ck_assert_ptr_nonnull(kp_registry_find_source(registry, "spring"));
}
END_TEST

/* Bytes that a source gave live as long as the plan, and stay an input's. */
START_TEST(writing_to_the_file_is_an_error)
{
    const struct kp_run_options options = {.registry = registry, .out_folder = "out", .threads = 1};

    ck_assert(make_plan("inputs: {k: {spring: lines}}\nimages: {x: [k.kernel, upper]}\n"
                        "outputs: [x]\n"));
    put_file("lines", "something else that is longer than what was there before, by far, so that "
                      "nobody can mistake it for what it was, really and truly, for it is long\n");
    ck_assert_int_eq(kp_run(plan, diags, &options), KP_RUN_FAILED);
    ck_assert_str_eq(kp_diags_get(diags, 0)->text, "k: changed while it was read");
    expect_no_file("out/x");
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_test(tests, items_are_images);
    tcase_add_test(tests, facts_stand_in_values);
    tcase_add_test(tests, sources_that_nobody_needs_do_not_run);
    tcase_add_test(tests, facts_that_nobody_needs_may_be_missing);
    tcase_add_test(tests, sources_multiply_by_matrix);
    tcase_add_test(tests, values_with_dots_are_no_parts);
    tcase_add_test(tests, sources_read_trees);
    tcase_add_test(tests, paths_that_may_be_missing);
    tcase_add_test(tests, names_that_mean_nothing);
    tcase_add_test(tests, facts_that_are_none);
    tcase_add_test(tests, facts_in_their_own_paths);
    tcase_add_test(tests, facts_in_the_matrix);
    tcase_add_test(tests, parameters_are_checked);
    tcase_add_test(tests, architectures_that_disagree);
    tcase_add_test(tests, errors_stand_at_the_parameter);
    tcase_add_test(tests, faults_name_the_plugin);
    tcase_add_test(tests, images_of_an_earlier_call);
    tcase_add_test(tests, sources_are_no_stages);
    tcase_add_test(tests, writing_to_the_file_is_an_error);
}

int main(void)
{
    return run_tests("engine-sources", begin, end, fill);
}
