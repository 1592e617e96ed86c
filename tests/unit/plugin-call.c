/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of plugin/call.h: calls of a plugin that uses the host's services, and of one that
 * breaks its promises (tests/plugins/rogue.c). Locks and threads are engine-run.c's.
 */
#define KP_STATIC_NAME rogue
#include "../plugins/rogue.c"

#include "engine-shared.h"
#include "plugin/call.h"

enum { OUTPUT_LIMIT = 4096 };

static const struct kp_static_row compiled_in[] = {
    {"rogue", kpipe_note_rogue, kpipe_plugin_rogue},
    {NULL, NULL, NULL},
};

/* What a call gets and what it told; `told` collects notes, progress and fields. */
static struct kp_registry *registry;
static struct kp_image input, other;
static struct kp_call_context context;
static struct kp_call_request request;
static struct kp_call_result result;
static char told[512];
static bool is_cancelled;

static bool on_cancelled(void *data)
{
    (void)data;
    return is_cancelled;
}

static void on_progress(void *data, uint64_t done, uint64_t total)
{
    sprintf((char *)data + strlen(data), "progress %d of %d\n", (int)done, (int)total);
}

static void on_note(void *data, const char *text, const char *detail)
{
    sprintf((char *)data + strlen(data), "note %s (%s)\n", text, detail == NULL ? "-" : detail);
}

static bool on_field(void *data, const struct kp_field *field)
{
    sprintf((char *)data + strlen(data), "field %s %d %d %d %d %.*s %s\n", field->name,
            (int)field->offset, (int)field->length, (int)field->number, (int)field->flags,
            (int)field->text.length, field->text.bytes,
            field->meaning == NULL ? "-" : field->meaning);
    return field->number != 99;
}

static bool no_threads(void *data, uint64_t count, kp_task task, void *task_data)
{
    (void)data;
    (void)count;
    (void)task;
    (void)task_data;
    return false;
}

static bool find_image(void *data, const struct kp_param *row, const struct kp_node *scalar,
                       size_t *index)
{
    (void)data;
    (void)row;
    *index = strcmp(scalar->text, "_") == 0 ? KP_VALUE_MAIN : 0;
    return true;
}

static bool any_trait(void *data, const char *trait)
{
    (void)data;
    (void)trait;
    return true;
}

static void begin(void)
{
    static const struct kp_image *images[] = {&other};

    set_up();
    registry = kp_registry_new(&(struct kp_registry_options){.compiled_in = compiled_in});
    ck_assert_ptr_nonnull(registry);
    input.range = kp_range_copy("ROGUbcdef", 9);
    other.range = kp_range_copy("second", 6);
    context = (struct kp_call_context){.registry = registry,
                                       .diags = diags,
                                       .build_time = 1234567,
                                       .output_limit = OUTPUT_LIMIT,
                                       .data = told,
                                       .cancelled = on_cancelled,
                                       .progress = on_progress,
                                       .note = on_note};
    request = (struct kp_call_request){.main = &input, .images = images, .image_count = 1};
}

static void end(void)
{
    kp_call_result_clear(&result);
    kp_image_clear(&input);
    kp_image_clear(&other);
    kp_registry_free(registry);
    tear_down();
}

/* Calls the stage of a text "rogue: {parameters}". */
static bool call(const char *text)
{
    const struct kp_node *node = yaml(text);
    const struct kp_binder binder = {arena, diags, registry, "rogue", NULL, find_image, any_trait};

    kp_call_result_clear(&result);
    request.place = node->keys[0]->place;
    request.stage = kp_registry_stage(registry, diags, request.place, node->keys[0]->text);
    ck_assert_ptr_nonnull(request.stage);
    request.values = kp_bind_check(&binder, request.stage->operation.params, node->items[0],
                                   request.place, &request.value_count);
    ck_assert_ptr_nonnull(request.values);
    return kp_call_run(&context, &request, &result);
}

static void expect_bytes(const struct kp_image *image, const char *expected, size_t size)
{
    ck_assert_uint_eq(kp_range_size(image->range), size);
    ck_assert_mem_eq(kp_range_view(image->range), expected, size);
}

/* Its traits are "name=value ..." in the order of names. */
static void expect_traits(const struct kp_traits *traits, const char *expected)
{
    char text[256] = "";

    for (size_t i = 0; i < traits->count; i++) {
        const struct kp_trait *trait = &traits->items[i];

        if (trait->text != NULL)
            sprintf(text + strlen(text), "%s=%s ", trait->name, trait->text);
        else
            sprintf(text + strlen(text), "%s=0x%x ", trait->name, (unsigned)trait->number);
    }
    ck_assert_str_eq(text, expected);
}

/* Calls, and gets that text and no finding. */
static void expect_output(const char *text, const char *expected)
{
    ck_assert_msg(call(text), "%s failed", text);
    expect_bytes(&result.output, expected, strlen(expected));
    expect_findings("");
}

START_TEST(bytes_are_exact)
{
    ck_assert(call("rogue: bytes"));
    expect_bytes(&result.output, "abcGU..Rese4\0\0\0", 15);
    expect_traits(&result.output.traits, "kind=raw ");
    expect_findings("");
}
END_TEST

START_TEST(images_are_read)
{
    expect_output("rogue: read", "GU bcdef rogue - 0");
    expect_output("rogue: {how: image, image: second}", "second");
    expect_output("rogue: {how: image, image: _}", "ROGUbcdef");
}
END_TEST

START_TEST(facts_of_the_host)
{
    expect_output("rogue: facts", "flat 1 1 1234567 1");
    expect_output("rogue: parallel", "1bB{");
    expect_output("rogue: scratch", "ok");
}
END_TEST

START_TEST(content_traits_pass_and_encoding_traits_do_not)
{
    ck_assert(kp_traits_set_number(&input.traits, "load", 0x8000));
    ck_assert(kp_traits_set_number(&input.traits, "bss", 3));
    ck_assert(kp_traits_set_number(&input.traits, "size", 4));
    ck_assert(kp_traits_set_text(&input.traits, "version", "6.1"));
    ck_assert(kp_traits_set_text(&input.traits, "kind", "elf"));
    ck_assert(kp_traits_set_text(&other.traits, "com.example.board", "x"));
    expect_output("rogue: read", "GU bcdef rogue - 0");
    expect_traits(&result.output.traits, "bss=0x3 kind=raw load=0x8000 version=6.1 ");
    expect_output("rogue: traits", "1100 8000 6.1");
    expect_traits(&result.output.traits,
                  "arch=flat bss=0x3 entry=0x8004 kind=raw size=0x5 version=6.1 ");
}
END_TEST

START_TEST(recipe_arch_is_the_default)
{
    request.arch = "board";
    expect_output("rogue: read", "GU bcdef rogue - 0");
    expect_traits(&result.output.traits, "arch=board kind=raw ");
}
END_TEST

START_TEST(arch_that_disagrees)
{
    static const char *const expected =
        "r.yml:1:1: error: stage 'rogue': arch: the image says 'flat', and before it was 'board' "
        "[KP1503]\n"
        "    1 | rogue: traits\n"
        "      | ^~~~~\n"
        "  hint: correct `arch:` in the recipe or the facts of the input, or give another input\n";

    ck_assert(kp_traits_set_text(&input.traits, "arch", "board"));
    ck_assert(!call("rogue: traits"));
    expect_findings(expected);
    kp_traits_clear(&input.traits, "arch");
    request.arch = "board";
    ck_assert(!call("rogue: traits"));
    expect_findings(expected);
}
END_TEST

START_TEST(messages)
{
    ck_assert(call("rogue: message"));
    ck_assert_str_eq(told, "note a note (for developers)\nprogress 1 of 2\n");
    expect_findings("r.yml:1:1: warning: stage 'rogue': a warning [KP1501]\n"
                    "    1 | rogue: message\n"
                    "      | ^~~~~\n"
                    "  detail: its detail\n");
    context.note = NULL;
    context.progress = NULL;
    context.cancelled = NULL;
    ck_assert(call("rogue: message"));
}
END_TEST

START_TEST(first_error_is_the_cause)
{
    ck_assert(!call("rogue: fail"));
    ck_assert_str_eq(told, "note the second: what follows (-)\n");
    expect_findings("r.yml:1:1: error: stage 'rogue': the first: the cause [KP1501]\n"
                    "    1 | rogue: fail\n"
                    "      | ^~~~~\n");
}
END_TEST

START_TEST(error_at_a_value)
{
    ck_assert(!call("rogue:\n"
                    "  how: deep\n"
                    "  parts:\n"
                    "    - first\n"
                    "    - {name: second, depth: {note: x, level: 2}}\n"));
    expect_findings("r.yml:5:46: error: stage 'rogue': level: 2: too deep [KP1501]\n"
                    "    5 |     - {name: second, depth: {note: x, level: 2}}\n"
                    "      |                                              ^\n"
                    "  hint: dig less\n"
                    "  detail: at level 2\n");
}
END_TEST

/* What each broken promise is reported as. */
static const struct {
    const char *how, *fault;
} faults[] = {
    {"silent", "failed without saying why"},
    {"seven", "returned a number that is neither success nor failure"},
    {"swallow", "output_append of NULL"},
    {"undeclared", "sets the trait 'bss', which it did not declare"},
    {"no_trait", "sets a trait whose name is none"},
    {"number_for_text", "sets a trait to a number that is a text"},
    {"text_for_number", "sets a trait to a text that is a number"},
    {"null_text", "sets a trait to a text that is a number"},
    {"null_trait", "clear_trait of NULL"},
    {"too_much_scratch", "asks for more scratch memory than it declared"},
    {"other_part", "a part that it did not declare"},
    {"slice_behind", "image_slice behind the end of an image"},
    {"image_behind", "output_image behind the end of an image"},
    {"piece_behind", "image_piece behind the end of an image"},
    {"read_null", "image_read of NULL"},
    {"fill_null", "output_fill of NULL"},
    {"reserve_null", "output_reserve of NULL"},
    {"give_back_null", "output_give_back of NULL"},
    {"give_back_appended", "output used against its rules (kpipe/host.h, outputs)"},
    {"no_text", "fail without a text"},
    {"no_field", "field without a name or a value"},
    {"no_identity", "identify without an image or a place for the answer"},
    {"no_task", "parallel without a task"},
    {"no_stage", "run_stage without a stage or an input"},
};

START_TEST(faults_name_the_plugin)
{
    const char *how = faults[_i].how;
    char text[80];
    char expected[512];

    sprintf(text, "rogue: %s", how);
    sprintf(expected,
            "r.yml:1:1: error: stage 'rogue': plugin org.example.rogue 6.6.6 ((compiled in)): "
            "fault of the plugin: %s [KP1502]\n"
            "    1 | %s\n"
            "      | ^~~~~\n"
            "  hint: tell its vendor; nothing was written\n",
            faults[_i].fault, text);
    ck_assert(!call(text));
    expect_findings(expected);
    ck_assert_ptr_null(result.output.range);
}
END_TEST

START_TEST(success_after_an_error)
{
    ck_assert(!call("rogue: ok_after_fail"));
    expect_findings("r.yml:1:1: error: stage 'rogue': this went wrong [KP1501]\n"
                    "    1 | rogue: ok_after_fail\n"
                    "      | ^~~~~\n"
                    "r.yml:1:1: error: stage 'rogue': plugin org.example.rogue 6.6.6 "
                    "((compiled in)): fault of the plugin: returned success after reporting an "
                    "error [KP1502]\n"
                    "    1 | rogue: ok_after_fail\n"
                    "      | ^~~~~\n"
                    "  hint: tell its vendor; nothing was written\n");
}
END_TEST

START_TEST(addresses_only_where_they_are_physical)
{
    request.arch = "flat";
    ck_assert(call("rogue: not_physical"));
    expect_traits(&result.output.traits, "arch=flat kind=raw load=0x1 ");
    request.arch = "board";
    ck_assert(!call("rogue: not_physical"));
    expect_findings("r.yml:1:1: error: stage 'rogue': plugin org.example.rogue 6.6.6 "
                    "((compiled in)): fault of the plugin: sets the trait 'load', which is not "
                    "physical on 'board' [KP1502]\n"
                    "    1 | rogue: not_physical\n"
                    "      | ^~~~~\n"
                    "  hint: tell its vendor; nothing was written\n");
}
END_TEST

START_TEST(reading_behind_the_end_is_the_image_s_fault)
{
    ck_assert(!call("rogue: read_behind"));
    expect_findings("r.yml:1:1: error: stage 'rogue': 1 bytes at offset 100000 of an image of 9 "
                    "bytes: it ends too early [KP1501]\n"
                    "    1 | rogue: read_behind\n"
                    "      | ^~~~~\n");
}
END_TEST

START_TEST(output_has_a_limit)
{
    static const char *const ways[] = {"append_much", "fill_much", "reserve_much"};
    char text[80];
    char expected[512];

    sprintf(text, "rogue: %s", ways[_i]);
    sprintf(expected,
            "r.yml:1:1: error: stage 'rogue': its output would exceed 4096 bytes [KP1504]\n"
            "    1 | %s\n"
            "      | ^~~~~\n"
            "  hint: is the input what it should be? `kpipe inspect` tells\n",
            text);
    ck_assert(!call(text));
    expect_findings(expected);
}
END_TEST

START_TEST(stage_within_a_stage)
{
    expect_output("rogue: {how: stage, stage: {rogue: {how: stage, stage: {rogue: read}}}}",
                  "GU bcdef rogue - 0");
    ck_assert(!call("rogue: {how: stage, stage: {rogue: fail}}"));
    expect_findings("r.yml:1:29: error: stage 'rogue': the first: the cause [KP1501]\n"
                    "    1 | rogue: {how: stage, stage: {rogue: fail}}\n"
                    "      |                             ^~~~~\n");
    ck_assert(!call("rogue: {how: no_input, stage: {rogue: read}}"));
    expect_findings("r.yml:1:1: error: stage 'rogue': plugin org.example.rogue 6.6.6 "
                    "((compiled in)): fault of the plugin: run_stage without a stage or an input "
                    "[KP1502]\n"
                    "    1 | rogue: {how: no_input, stage: {rogue: read}}\n"
                    "      | ^~~~~\n"
                    "  hint: tell its vendor; nothing was written\n");
}
END_TEST

START_TEST(part_that_was_not_made)
{
    static const char *const wanted[] = {"head"};

    request.wanted_parts = wanted;
    request.wanted_count = 1;
    ck_assert(!call("rogue: bytes"));
    expect_findings("r.yml:1:1: error: stage 'rogue': made no part 'head': the image has none "
                    "[KP1505]\n"
                    "    1 | rogue: bytes\n"
                    "      | ^~~~~\n"
                    "  hint: `kpipe inspect` tells what the image holds\n");
}
END_TEST

START_TEST(cancelled_calls_fail_in_silence)
{
    is_cancelled = true;
    ck_assert(!call("rogue: silent"));
    expect_findings("");
}
END_TEST

START_TEST(no_memory_for_threads)
{
    context.parallel = no_threads;
    ck_assert(!call("rogue: parallel"));
    expect_findings("kpipe: error: out of memory [KP1801]\n");
}
END_TEST

START_TEST(input_that_vanishes)
{
    char page[4096] = "ROGU";
    FILE *file = fopen("input", "w");

    ck_assert_ptr_nonnull(file);
    for (int i = 0; i < 4; i++)
        ck_assert_uint_eq(fwrite(page, 1, sizeof(page), file), sizeof(page));
    ck_assert_int_eq(fclose(file), 0);
    ck_assert(kp_range_guard_install());
    kp_range_unref(other.range);
    other.range = kp_range_open("input", "the kernel", NULL);
    ck_assert_ptr_nonnull(other.range);
    ck_assert_int_eq(truncate("input", 100), 0);
    ck_assert(!call("rogue: bytes"));
    expect_findings("r.yml:1:1: error: the kernel: cut short while it was read [KP1402]\n"
                    "    1 | rogue: bytes\n"
                    "      | ^~~~~\n"
                    "  hint: somebody wrote to it during the run: run again when it is complete\n");
}
END_TEST

/* Inspects an image of these bytes. */
static bool inspect(const char *bytes, struct kp_traits *traits)
{
    struct kp_image image = {.range = kp_range_copy(bytes, strlen(bytes))};
    struct kp_inspector inspector;
    bool good;

    context.field = on_field;
    ck_assert(kp_registry_inspector(registry, "rogue", NULL, &inspector));
    ck_assert_str_eq(inspector.format, "rogue");
    good = kp_call_inspect(&context, &inspector, "a.img", &image, traits);
    kp_image_clear(&image);
    return good;
}

START_TEST(inspection)
{
    struct kp_traits traits = {0};

    ck_assert(inspect("ROGUf", &traits));
    ck_assert_str_eq(told, "field number 4 1 102 1  fields\nfield text 0 4 0 0 ROGU -\n");
    expect_traits(&traits, "arch=flat load=0x8000 ");
    kp_traits_free(&traits);
    ck_assert(inspect("ROGUw", &traits));
    expect_findings("kpipe: warning: a.img: looks odd [KP1506]\n");
    ck_assert(!inspect("ROGUe", &traits));
    expect_findings("kpipe: error: a.img: header: cut: too short [KP1506]\n");
    expect_traits(&traits, "load=0x8000 ");
    kp_traits_free(&traits);
    ck_assert(inspect("ROGUa", &traits));
    expect_traits(&traits, "arch=board ");
    kp_traits_free(&traits);
    ck_assert(!inspect("ROGUn", &traits));
    expect_findings("kpipe: error: out of memory [KP1801]\n");
}
END_TEST

static const struct {
    const char *bytes, *fault;
} inspector_faults[] = {
    {"ROGUb", "output used against its rules (kpipe/host.h, outputs)"},
    {"ROGUF", "output used against its rules (kpipe/host.h, outputs)"},
    {"ROGUi", "output used against its rules (kpipe/host.h, outputs)"},
    {"ROGUp", "a part that it did not declare"},
    {"ROGUs", "run_stage without a stage or an input"},
    {"ROGU?", "returned a number that is neither success nor failure"},
};

START_TEST(faults_of_inspections)
{
    struct kp_traits traits = {0};
    char expected[256];

    sprintf(expected,
            "kpipe: error: a.img: plugin org.example.rogue 6.6.6 ((compiled in)): fault of the "
            "plugin: %s [KP1507]\n"
            "  hint: tell its vendor\n",
            inspector_faults[_i].fault);
    ck_assert(!inspect(inspector_faults[_i].bytes, &traits));
    expect_findings(expected);
    kp_traits_free(&traits);
}
END_TEST

START_TEST(inspected_file_that_vanishes)
{
    struct kp_traits traits = {0};
    struct kp_image image = {0};
    struct kp_inspector inspector;

    put_file("a.img", "ROGUw and more");
    ck_assert(kp_range_guard_install());
    image.range = kp_range_open("a.img", "a.img", NULL);
    ck_assert(kp_registry_inspector(registry, "rogue", NULL, &inspector));
    ck_assert_int_eq(truncate("a.img", 6), 0);
    ck_assert(!kp_call_inspect(&context, &inspector, "a.img", &image, &traits));
    expect_findings("kpipe: warning: a.img: looks odd [KP1506]\n"
                    "kpipe: error: a.img: cut short while it was read [KP1402]\n");
    kp_image_clear(&image);
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_test(tests, bytes_are_exact);
    tcase_add_test(tests, images_are_read);
    tcase_add_test(tests, facts_of_the_host);
    tcase_add_test(tests, content_traits_pass_and_encoding_traits_do_not);
    tcase_add_test(tests, recipe_arch_is_the_default);
    tcase_add_test(tests, arch_that_disagrees);
    tcase_add_test(tests, messages);
    tcase_add_test(tests, first_error_is_the_cause);
    tcase_add_test(tests, error_at_a_value);
    tcase_add_loop_test(tests, faults_name_the_plugin, 0, sizeof(faults) / sizeof(faults[0]));
    tcase_add_test(tests, success_after_an_error);
    tcase_add_test(tests, addresses_only_where_they_are_physical);
    tcase_add_test(tests, reading_behind_the_end_is_the_image_s_fault);
    tcase_add_loop_test(tests, output_has_a_limit, 0, 3);
    tcase_add_test(tests, stage_within_a_stage);
    tcase_add_test(tests, part_that_was_not_made);
    tcase_add_test(tests, cancelled_calls_fail_in_silence);
    tcase_add_test(tests, no_memory_for_threads);
    tcase_add_test(tests, input_that_vanishes);
    tcase_add_test(tests, inspection);
    tcase_add_loop_test(tests, faults_of_inspections, 0,
                        sizeof(inspector_faults) / sizeof(inspector_faults[0]));
    tcase_add_test(tests, inspected_file_that_vanishes);
}

int main(void)
{
    return run_tests("plugin-call", begin, end, fill);
}
