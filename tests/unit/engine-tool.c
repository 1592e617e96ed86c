/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/engine-tool.c - host tools from a recipe to an image: who may run what, what is
 * asked for before the run, and what a user is told of each way to fail.
 */
#define KP_STATIC_NAME tooler
#include "../plugins/tooler.c"

#include "engine-shared.h"
#include "engine/run.h"
#include "recipe/recipe.h"

static const struct kp_static_row compiled_in[] = {
    {"tooler", kpipe_note_tooler, kpipe_plugin_tooler},
    {NULL, NULL, NULL},
};

static struct kp_registry *registry;
static struct kp_toolbox *box;
static struct kp_plan *plan;
static char notes[8192];

static const struct kp_tool_given hostile_given[] = {{"hostile", KPIPE_TEST_HOSTILE}};

static void open_box(const struct kp_toolbox_options *options)
{
    kp_toolbox_free(box);
    box = kp_toolbox_new(options);
    ck_assert_ptr_nonnull(box);
}

static void begin(void)
{
    set_up();
    put_file("kernel", "the kernel");
    registry = registry_of(compiled_in);
    open_box(&(struct kp_toolbox_options){
        .given = hostile_given, .given_count = 1, .search = "/usr/bin", .temporary = test_folder});
}

static void end(void)
{
    kp_plan_free(plan);
    plan = NULL;
    kp_toolbox_free(box);
    box = NULL;
    kp_registry_free(registry);
    tear_down();
}

static bool make_plan(const char *text)
{
    const struct kp_recipe_options options = {.file = "r.yml"};
    const struct kp_recipe *recipe;
    char whole[1024];

    snprintf(whole, sizeof(whole), "kpipe: 1\n%s", text);
    put_file("r.yml", whole);
    recipe = kp_recipe_read(arena, diags, &options);
    ck_assert_ptr_nonnull(recipe);
    kp_plan_free(plan);
    plan = kp_plan_new(arena, diags, registry, recipe, box, NULL);
    return plan != NULL;
}

/* A chain of one stage behind the kernel. */
static bool plan_stage(const char *stage)
{
    char text[512];

    snprintf(text, sizeof(text), "inputs: {k: kernel}\nimages: {a: [k, %s]}\noutputs: [a]\n",
             stage);
    return make_plan(text);
}

static void on_event(void *data, const struct kp_event *event)
{
    (void)data;
    if (event->type == KP_EVENT_NOTE && !is_of_machine(event->text) &&
        strlen(notes) + strlen(event->text) < sizeof(notes) - 2)
        strcat(strcat(notes, event->text), "\n");
}

static const struct kp_listener listener = {NULL, on_event};

static enum kp_run_result run_stage(const char *stage)
{
    const struct kp_run_options options = {
        .registry = registry, .out_folder = "out", .threads = 2, .listener = &listener};

    notes[0] = '\0';
    if (!plan_stage(stage))
        kp_diags_render(diags, 0, stderr, (struct kp_diag_style){0});
    ck_assert_ptr_nonnull(plan);
    return kp_run(plan, diags, &options);
}

static void expect_failure(const char *stage, const char *expected)
{
    ck_assert_int_eq(run_stage(stage), KP_RUN_FAILED);
    expect_findings(expected);
}

START_TEST(makes_images)
{
    ck_assert_int_eq(run_stage("{tooler: copy}"), KP_RUN_OK);
    expect_file("out/a", "the kernel");
    ck_assert_int_eq(run_stage("{tooler: {arguments: [file, 3], output: out}}"), KP_RUN_OK);
    expect_file("out/a", "xxx");
    /* Within a stage that another one runs. */
    ck_assert_int_eq(run_stage("{tooler: {inner: {tooler: {arguments: [exit, 0], output: none, by: "
                               "copy}}}}"),
                     KP_RUN_OK);
    ck_assert_int_eq(run_stage("{tooler: {by: copy, inner: {tooler: copy}}}"), KP_RUN_OK);
    expect_file("out/a", "the kernel");
    expect_findings("");
}
END_TEST

START_TEST(steps_know_their_tools)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);

    ck_assert(plan_stage("{tooler: copy}"));
    ck_assert_uint_eq(plan->steps[1]->tool_count, 1);
    ck_assert_str_eq(plan->steps[1]->tools[0]->version, "hostile 6.66");
    ck_assert_ptr_nonnull(strstr(plan->steps[1]->key, "(hostile 6.66)"));
    kp_plan_print(plan, to);
    fclose(to);
    ck_assert_ptr_nonnull(strstr(text, "by hostile (" KPIPE_TEST_HOSTILE ", hostile 6.66)"));
    free(text);
    /* Chains that share their steps share this one. */
    ck_assert(make_plan("inputs: {k: kernel}\n"
                        "images: {a: [k, {tooler: copy}], b: [k, {tooler: copy}, {tooler: copy}]}\n"
                        "outputs: [a, b]\n"));
    ck_assert_uint_eq(plan->step_count, 3);
}
END_TEST

START_TEST(ways_to_fail)
{
    static const char place[] = "r.yml:3:17: error: stage 'tooler': tool 'hostile' "
                                "(" KPIPE_TEST_HOSTILE "): ";
    static const struct {
        const char *stage, *text, *hint;
    } rows[] = {
        {"{tooler: [exit, 3]}", "exit status 3 [KP1515]", NULL},
        {"{tooler: [crash, 11]}", "ended by signal 11 (SEGV) [KP1516]", NULL},
        {"{tooler: [crash, 9]}", "ended by signal 9 (KILL) [KP1516]", "did memory run short?"},
        {"{tooler: {arguments: [wait], seconds: 1}}", "not done after 1 s [KP1517]",
         "it was killed with all that it started; give it more time, if the stage has a parameter "
         "for that"},
        {"{tooler: [much, 2000000]}", "wrote more than 1048576 bytes [KP1518]",
         "raise the limit of its output, if the stage has a parameter for that"},
        {"{tooler: [exit, 0]}", "wrote nothing to standard output [KP1519]", NULL},
        {"{tooler: {arguments: [exit, 0], output: out}}", "wrote no file 'out' [KP1519]", NULL},
        {"{tooler: {arguments: [link, /usr/bin/env], output: out}}",
         "'out' is no regular file [KP1519]", NULL},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const size_t caret = 6; /* of "tooler" */
        char expected[2048];
        int length =
            snprintf(expected, sizeof(expected), "%s%s\n    3 | images: {a: [k, %s]}\n      | %*s^",
                     place, rows[i].text, rows[i].stage, 17, "");

        for (size_t at = 1; at < caret; at++)
            expected[length++] = '~';
        expected[length++] = '\n';
        expected[length] = '\0';
        if (rows[i].hint != NULL)
            snprintf(expected + length, sizeof(expected) - (size_t)length, "  hint: %s\n",
                     rows[i].hint);
        /* The place of a stage with parameters is its name's. */
        memcpy(strstr(expected, "3:17"), "3:18", 4);
        expect_failure(rows[i].stage, expected);
        expect_no_file("out/a");
    }
}
END_TEST

/* A file that is no image, but bytes of the plugin's. */
START_TEST(file_of_bytes)
{
    ck_assert_int_eq(run_stage("{tooler: {arguments: [show, a], misuse: bytes}}"), KP_RUN_OK);
    expect_file("out/a", "byte");
    expect_findings("");
}
END_TEST

/* What a tool says that ends well is dropped, or shown if the plugin wants it shown; and what a
 * plugin knows to do about one that does not. */
START_TEST(warnings_and_hints)
{
    static const char shown[] =
        "r.yml:3:18: warning: stage 'tooler': tool 'hostile' (" KPIPE_TEST_HOSTILE
        "): one thing / and \\x1b[2J another [KP1501]\n"
        "    3 | images: {a: [k, {tooler: {arguments: [warn, 0], misuse: warns}}]}\n"
        "      |                  ^~~~~~\n";

    ck_assert_int_eq(run_stage("{tooler: [warn, 0]}"), KP_RUN_OK);
    expect_findings("");
    ck_assert_int_eq(run_stage("{tooler: {arguments: [warn, 0], misuse: warns}}"), KP_RUN_OK);
    expect_findings(shown);
    expect_file("out/a", "done\n");
    expect_failure("{tooler: {arguments: [warn, 7], misuse: warns}}",
                   "r.yml:3:18: error: stage 'tooler': tool 'hostile' (" KPIPE_TEST_HOSTILE
                   "): exit status 7: one thing / and \\x1b[2J another [KP1515]\n"
                   "    3 | images: {a: [k, {tooler: {arguments: [warn, 7], misuse: warns}}]}\n"
                   "      |                  ^~~~~~\n"
                   "  hint: do it better\n"
                   "  detail: one thing / and \\x1b[2J another\n");
}
END_TEST

/* What a tool says is shown in part, with nothing that drives a terminal. */
START_TEST(last_words)
{
    const struct kp_finding *finding;

    ck_assert_int_eq(run_stage("{tooler: [shout, 2]}"), KP_RUN_FAILED);
    finding = kp_diags_get(diags, 0);
    ck_assert_str_eq(finding->text, "stage 'tooler': tool 'hostile' (" KPIPE_TEST_HOSTILE
                                    "): exit status 2: line 19999 of far too many / "
                                    "\\x1b[2J\\x1b[31mred\\x07 and \\xff / last words");
    ck_assert_uint_gt(strlen(finding->detail), strlen(finding->text));
    ck_assert_uint_lt(strlen(finding->detail), 4096);
}
END_TEST

START_TEST(does_not_start)
{
    const struct kp_tool_given given[] = {{"hostile", "script"}};
    char expected[1024];

    put_file("script", "#!/no/such/interpreter\n");
    ck_assert_int_eq(chmod("script", 0755), 0);
    open_box(
        &(struct kp_toolbox_options){.given = given, .given_count = 1, .temporary = test_folder});
    snprintf(
        expected, sizeof(expected),
        "r.yml:3:18: error: stage 'tooler': tool 'hostile' (%s/script): cannot be run: it does "
        "not start: No such file or directory [KP1509]\n"
        "    3 | images: {a: [k, {tooler: copy}]}\n"
        "      |                  ^~~~~~\n"
        "  hint: is it a program for this machine, whose interpreter and libraries are among "
        "the system's?\n",
        test_folder);
    expect_failure("{tooler: copy}", expected);
    /* A folder for private folders that is none. */
    open_box(&(struct kp_toolbox_options){
        .given = hostile_given, .given_count = 1, .temporary = "/no/such/folder"});
    expect_failure("{tooler: copy}",
                   "r.yml:3:18: error: stage 'tooler': tool 'hostile' (" KPIPE_TEST_HOSTILE
                   "): cannot be run: /no/such/folder: No such file or directory [KP1509]\n"
                   "    3 | images: {a: [k, {tooler: copy}]}\n"
                   "      |                  ^~~~~~\n"
                   "  hint: its private folder lies in $TMPDIR or /tmp: is there room, and may it "
                   "be written to?\n");
}
END_TEST

START_TEST(contract_broken)
{
    static const char *const rows[][2] = {
        {"undeclared", "runs a tool that it did not declare"},
        {"output", "runs a tool with an output that is no name"},
        {"limit", "runs a tool with a limit above the greatest"},
        {"short", "runs a tool with a request of another size"},
        {"same-files", "runs a tool with a file without contents or name of its own"},
        {"bad-file", "runs a tool with a file without contents or name of its own"},
        {"twice-filled", "runs a tool with a file without contents or name of its own"},
        {"empty-file", "runs a tool with a file without contents or name of its own"},
        {"flags", "runs a tool with a request of another size"},
        {"no-request", "runs a tool with a request of another size"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char stage[128], expected[512];

        snprintf(stage, sizeof(stage), "{tooler: {arguments: copy, misuse: %s}}", rows[i][0]);
        snprintf(expected, sizeof(expected),
                 "r.yml:3:18: error: stage 'tooler': plugin org.example.tooler 1.0.0 ((compiled "
                 "in)): fault of the plugin: %s [KP1502]\n"
                 "    3 | images: {a: [k, %s]}\n"
                 "      |                  ^~~~~~\n"
                 "  hint: tell its vendor; nothing was written\n",
                 rows[i][1], stage);
        ck_assert_int_eq(run_stage(stage), KP_RUN_FAILED);
        expect_findings(expected);
    }
}
END_TEST

/* All that is missing is known before the run. */
START_TEST(missing_tools)
{
    ck_assert(!plan_stage("needs"));
    expect_findings("r.yml:3:17: error: stage 'needs': tool 'absent-tool': not found [KP1513]\n"
                    "    3 | images: {a: [k, needs]}\n"
                    "      |                 ^~~~~\n"
                    "  hint: install it, or give its path: `tools: {NAME: PATH}` in the recipe, or "
                    "--tool NAME=PATH\n");
    ck_assert(plan_stage("chooses"));
    ck_assert(plan_stage("{chooses: [copy, copy]}"));
    ck_assert(!plan_stage("{chooses: [copy, absent]}"));
    expect_findings("r.yml:3:34: error: stage 'chooses': tool 'absent-tool': not found [KP1513]\n"
                    "    3 | images: {a: [k, {chooses: [copy, absent]}]}\n"
                    "      |                                  ^~~~~~\n"
                    "  hint: install it, or give its path: `tools: {NAME: PATH}` in the recipe, or "
                    "--tool NAME=PATH\n");
    ck_assert(!plan_stage("{tooler: {inner: needs}}"));
    expect_findings("r.yml:3:34: error: stage 'needs': tool 'absent-tool': not found [KP1513]\n"
                    "    3 | images: {a: [k, {tooler: {inner: needs}}]}\n"
                    "      |                                  ^~~~~\n"
                    "  hint: install it, or give its path: `tools: {NAME: PATH}` in the recipe, or "
                    "--tool NAME=PATH\n");
    ck_assert(!make_plan("tools: {absent-tool: bin/none}\n"
                         "inputs: {k: kernel}\n"
                         "images: {a: [k, needs]}\n"
                         "outputs: [a]\n"));
    expect_findings("r.yml:4:17: error: stage 'needs': tool 'absent-tool': bin/none: no such file "
                    "[KP1514]\n"
                    "    4 | images: {a: [k, needs]}\n"
                    "      |                 ^~~~~\n"
                    "  hint: its path is given under `tools:`\n");
    kp_toolbox_free(box);
    box = NULL;
    ck_assert(!plan_stage("needs"));
    expect_findings(
        "r.yml:3:17: error: stage 'needs': tool 'absent-tool': this kpipe runs no tools "
        "[KP1513]\n"
        "    3 | images: {a: [k, needs]}\n"
        "      |                 ^~~~~\n");
}
END_TEST

START_TEST(not_declared)
{
    ck_assert(!plan_stage("{tooler: {tool: gzip}}"));
    expect_findings(
        "r.yml:3:33: error: stage 'tooler': tool 'gzip': its plugin does not ask for it "
        "[KP1510]\n"
        "    3 | images: {a: [k, {tooler: {tool: gzip}}]}\n"
        "      |                                 ^~~~\n");
    ck_assert(!plan_stage("{tooler: {tool: /bin/gzip}}"));
    expect_findings("r.yml:3:33: error: stage 'tooler': tool '/bin/gzip': not a name [KP1513]\n"
                    "    3 | images: {a: [k, {tooler: {tool: /bin/gzip}}]}\n"
                    "      |                                 ^~~~~~~~~\n"
                    "  hint: tools have names; a path stands under `tools:` in the recipe, or "
                    "behind --tool NAME=\n");
}
END_TEST

/* One that the note announces by the end of its name: of a bundled plugin, it needs no more. */
START_TEST(announced_by_its_end)
{
    static const struct kp_tool_given given[] = {{"arm-hostile", KPIPE_TEST_HOSTILE}};

    open_box(
        &(struct kp_toolbox_options){.given = given, .given_count = 1, .temporary = test_folder});
    ck_assert_int_eq(run_stage("{tooler: {arguments: [file, 3], output: out, tool: arm-hostile, "
                               "by: undeclared}}"),
                     KP_RUN_OK);
    expect_file("out/a", "xxx");
    expect_findings("");
    ck_assert(!plan_stage("{tooler: {tool: arm-hostil, by: undeclared}}"));
    expect_findings(
        "r.yml:3:33: error: stage 'tooler': tool 'arm-hostil': its plugin does not ask for it "
        "[KP1510]\n"
        "    3 | images: {a: [k, {tooler: {tool: arm-hostil, by: undeclared}}]}\n"
        "      |                                 ^~~~~~~~~~\n");
}
END_TEST

#ifndef KPIPE_NO_DLOPEN
#define RECIPE_NAMES_HOSTILE                                                                       \
    "tools: {hostile: " KPIPE_TEST_HOSTILE "}\n"                                                   \
    "inputs: {k: kernel}\n"                                                                        \
    "images: {a: [k, {tooler: copy}]}\n"                                                           \
    "outputs: [a]\n"

/* A plugin that was not built with this kpipe needs the user's word, and so does a program that
 * only the recipe names. */
START_TEST(not_granted)
{
    static const char *const paths[] = {KPIPE_TEST_PLUGINS, NULL};

    kp_registry_free(registry);
    registry =
        kp_registry_new(&(struct kp_registry_options){.paths = paths, .worker = KPIPE_TEST_WORKER});
    open_box(&(struct kp_toolbox_options){.temporary = test_folder});
    ck_assert(!plan_stage("{tooler: copy}"));
    kp_diags_sort(diags); /* two parameters ask for it, by the same word */
    expect_findings("r.yml:3:18: error: stage 'tooler': tool 'hostile': plugin org.example.tooler "
                    "is not bundled, and nobody grants it the tool [KP1511]\n"
                    "    3 | images: {a: [k, {tooler: copy}]}\n"
                    "      |                  ^~~~~~\n"
                    "  hint: if you trust the plugin, put `tools: [hostile]` into the recipe, or "
                    "say --tool hostile\n");
    ck_assert(!plan_stage("{tooler: {tool: arm-hostile, by: copy}}"));
    expect_findings("r.yml:3:33: error: stage 'tooler': tool 'arm-hostile': plugin "
                    "org.example.tooler is not bundled, and nobody grants it the tool [KP1511]\n"
                    "    3 | images: {a: [k, {tooler: {tool: arm-hostile, by: copy}}]}\n"
                    "      |                                 ^~~~~~~~~~~\n"
                    "  hint: if you trust the plugin, put `tools: [arm-hostile]` into the recipe, "
                    "or say --tool arm-hostile\n");
    ck_assert(!make_plan(RECIPE_NAMES_HOSTILE));
    kp_diags_sort(diags);
    expect_findings("r.yml:4:18: error: stage 'tooler': tool 'hostile': " KPIPE_TEST_HOSTILE
                    ": only the recipe says that this is the program [KP1616]\n"
                    "    4 | images: {a: [k, {tooler: copy}]}\n"
                    "      |                  ^~~~~~\n"
                    "  hint: if you trust that program, say --tool hostile=" KPIPE_TEST_HOSTILE
                    " on the command "
                    "line, or --allow-exec for all that recipes name\n");
    open_box(&(struct kp_toolbox_options){.any_tool = true, .temporary = test_folder});
    ck_assert(make_plan(RECIPE_NAMES_HOSTILE));
    open_box(&(struct kp_toolbox_options){
        .given = hostile_given, .given_count = 1, .temporary = test_folder});
    ck_assert(plan_stage("{tooler: copy}"));
    expect_findings("");
}
END_TEST
#endif

/* Said once a run, and not in an error: the run is good. */
START_TEST(what_is_not_enforced_is_said)
{
    open_box(&(struct kp_toolbox_options){
        .given = hostile_given, .given_count = 1, .temporary = test_folder, .without = 7});
    ck_assert_int_eq(run_stage("{tooler: copy}, {tooler: copy}"), KP_RUN_OK);
    ck_assert_str_eq(notes,
                     "host tools are not shut in as they should be: there are no namespaces (not "
                     "wanted), so they see other processes and the names of files; there is no "
                     "Landlock, so they can read and write the user's files; they can signal the "
                     "user's processes; they can use the network; there is no seccomp filter, so "
                     "all system calls are open to them\n");
    expect_findings("");
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_test(tests, makes_images);
    tcase_add_test(tests, steps_know_their_tools);
    tcase_add_test(tests, ways_to_fail);
    tcase_add_test(tests, file_of_bytes);
    tcase_add_test(tests, warnings_and_hints);
    tcase_add_test(tests, last_words);
    tcase_add_test(tests, does_not_start);
    tcase_add_test(tests, contract_broken);
    tcase_add_test(tests, missing_tools);
    tcase_add_test(tests, not_declared);
    tcase_add_test(tests, announced_by_its_end);
#ifndef KPIPE_NO_DLOPEN
    tcase_add_test(tests, not_granted);
#endif
    tcase_add_test(tests, what_is_not_enforced_is_said);
}

int main(void)
{
    return run_tests("engine-tool", begin, end, fill);
}
