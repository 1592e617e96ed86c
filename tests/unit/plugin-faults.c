/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of plugin/call.h: what is said of a plugin that breaks its promises, in a call and in
 * an inspection. What it may do is plugin-call.c's.
 */
#include "call-shared.h"

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
    {"overrun", "wrote past the end of what it had reserved"},
    {"overrun_append", "wrote past the end of what it had reserved"},
    {"overrun_give_back", "wrote past the end of what it had reserved"},
    {"no_text", "fail without a text"},
    {"no_field", "field without a name or a value"},
    {"no_identity", "identify without an image or a place for the answer"},
    {"no_task", "parallel without a task"},
    {"no_stage", "run_stage without a stage or an input"},
    {"no_stages", "run_stages without a stage or an input"},
    {"no_inputs", "run_stages without a stage or an input"},
    {"no_place", "run_stages without inputs, or a place for outputs"},
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

static bool inspect_quietly(const char *bytes, struct kp_traits *traits)
{
    struct kp_image image = {.range = kp_range_copy(bytes, strlen(bytes))};
    struct kp_inspector inspector;
    bool good;

    ck_assert(kp_registry_inspector(registry, "rogue", NULL, &(size_t){0}, &inspector));
    ck_assert_str_eq(inspector.format, "rogue");
    good = kp_call_inspect(&context, &inspector, "a.img", &image, traits);
    kp_image_clear(&image);
    return good;
}

/* Inspects an image of these bytes. */
static bool inspect(const char *bytes, struct kp_traits *traits)
{
    context.field = on_field;
    return inspect_quietly(bytes, traits);
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
    {"ROGUO", "part behind the end of the image"},
    {"ROGUN", "part whose name or role is not well-formed"},
    {"ROGUD", "part whose name or role is not well-formed"},
    {"ROGUR", "part whose name or role is not well-formed"},
    {"ROGUU", "a detail that nobody asked for"},
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

/* More than there may be of other reports. */
START_TEST(details_that_are_asked_for)
{
    struct kp_traits traits = {0};

    context.details = true;
    ck_assert(inspect("ROGUda7Bb", &traits));
    ck_assert_str_eq(told, "field a 5 2 7 18  -\nfield B 7 2 0 16 b -\n");
    ck_assert(inspect("ROGUU", &traits));
    context.field = NULL;
    context.details = true;
    ck_assert(inspect_quietly("ROGUC70000", &traits));
    context.details = false;
    expect_findings("");
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
    ck_assert(kp_registry_inspector(registry, "rogue", NULL, &(size_t){0}, &inspector));
    ck_assert_int_eq(truncate("a.img", 6), 0);
    ck_assert(!kp_call_inspect(&context, &inspector, "a.img", &image, &traits));
    expect_findings("kpipe: warning: a.img: looks odd [KP1506]\n"
                    "kpipe: error: a.img: changed while it was read [KP1402]\n");
    kp_image_clear(&image);
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_loop_test(tests, faults_name_the_plugin, 0, sizeof(faults) / sizeof(faults[0]));
    tcase_add_test(tests, success_after_an_error);
    tcase_add_test(tests, addresses_only_where_they_are_physical);
    tcase_add_test(tests, reading_behind_the_end_is_the_image_s_fault);
    tcase_add_loop_test(tests, output_has_a_limit, 0, 3);
    tcase_add_test(tests, inspection);
    tcase_add_loop_test(tests, faults_of_inspections, 0,
                        sizeof(inspector_faults) / sizeof(inspector_faults[0]));
    tcase_add_test(tests, details_that_are_asked_for);
    tcase_add_test(tests, inspected_file_that_vanishes);
}

int main(void)
{
    return run_tests("plugin-faults", begin, end, fill);
}
