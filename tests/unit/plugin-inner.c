/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of operations within a call: decoding by identification (plugin/host_stage.c,
 * kpipe/codec.h), and what a stage passes on to the one that it is given (bind_stage.c).
 */
#define KP_STATIC_NAME peel
#include "../plugins/peel.c"

#include "engine-shared.h"
#include "plugin/call.h"

static const struct kp_static_row compiled_in[] = {
    {"peel", kpipe_note_peel, kpipe_plugin_peel},
    {NULL, NULL, NULL},
};

static struct kp_registry *registry;
static struct kp_image input;
static struct kp_call_result result;

static bool no_trait(void *data, const char *trait)
{
    (void)data;
    (void)trait;
    return false;
}

static void begin(void)
{
    set_up();
    registry = registry_of(compiled_in);
}

static void end(void)
{
    kp_call_result_clear(&result);
    kp_image_clear(&input);
    kp_registry_free(registry);
    tear_down();
}

/* Runs a stage "name: parameters" on some bytes. */
static bool call(const char *stage, const char *bytes)
{
    const struct kp_node *node = yaml(stage);
    const struct kp_binder binder = {.arena = arena,
                                     .diags = diags,
                                     .registry = registry,
                                     .stage = node->keys[0]->text,
                                     .trait_possible = no_trait};
    const struct kp_call_context context = {
        .registry = registry, .diags = diags, .output_limit = 64 << 20};
    struct kp_call_request request = {.main = &input, .place = node->keys[0]->place};

    kp_call_result_clear(&result);
    kp_image_clear(&input);
    input.range = kp_range_copy(bytes, strlen(bytes));
    request.stage = kp_registry_stage(registry, diags, request.place, node->keys[0]->text);
    ck_assert_ptr_nonnull(request.stage);
    request.values = kp_bind_check(&binder, request.stage->operation.params, node->items[0],
                                   request.place, &request.value_count);
    return request.values != NULL && kp_call_run(&context, &request, &result);
}

static void expect(const char *stage, const char *bytes, const char *expected)
{
    ck_assert_msg(call(stage, bytes), "%s failed", stage);
    ck_assert_uint_eq(kp_range_size(result.output.range), strlen(expected));
    ck_assert_mem_eq(kp_range_view(result.output.range), expected, strlen(expected));
    expect_findings("");
}

/* The stage fails with that error at its name; `hint` may be "". */
static void expect_error(const char *stage, const char *bytes, const char *error, const char *hint)
{
    char expected[512], carets[32] = "^";

    memset(carets + 1, '~', strcspn(stage, ":") - 1);
    carets[strcspn(stage, ":")] = '\0';
    sprintf(expected, "r.yml:1:1: error: %s\n    1 | %s\n      | %s\n%s", error, stage, carets,
            hint);
    ck_assert(!call(stage, bytes));
    expect_findings(expected);
}

START_TEST(end_of_the_stream_is_found)
{
    expect("peel:", "DBLgabc.", "aabbcc@8");
    expect("peel:", "DBLgabc.rest", "aabbcc@8");
    expect("peel:", "DBLg.", "@5");
    expect("peel: 6", "DBLgabc.rest", "aabbcc@8");
}
END_TEST

START_TEST(unpacking_alone_judges_what_follows)
{
    expect("dbl.unpack:", "DBLgabc.", "aabbcc");
    expect_error("dbl.unpack:", "DBLgabc.rest",
                 "stage 'dbl.unpack': dbl: 4 bytes behind the end of the stream at offset 8: not "
                 "dbl [KP1501]",
                 "  hint: use 'decompress', which can check a kernel's size trailer and keep other "
                 "bytes, or 'trailing: ignore'\n");
    ck_assert(call("dbl.unpack: {trailing: ignore}", "DBLgabc.rest"));
    expect_findings("r.yml:1:1: warning: stage 'dbl.unpack': dbl: 4 bytes behind the end of the "
                    "stream at offset 8: ignored [KP1501]\n"
                    "    1 | dbl.unpack: {trailing: ignore}\n"
                    "      | ^~~~~~~~~~\n");
}
END_TEST

START_TEST(limits_hold)
{
    static const char *const hint = "  hint: raise 'limit' if the input is to be trusted\n";

    expect("dbl.unpack: {limit: 6}", "DBLgabc.", "aabbcc");
    ck_assert(!call("dbl.unpack: {limit: 5}", "DBLgabc."));
    expect_findings("r.yml:1:21: error: stage 'dbl.unpack': output: more than 5 bytes: beyond the "
                    "limit [KP1501]\n"
                    "    1 | dbl.unpack: {limit: 5}\n"
                    "      |                     ^\n"
                    "  hint: raise 'limit' if the input is to be trusted\n");
    expect_error("peel: 5", "DBLgabc.",
                 "stage 'dbl.unpack': output: more than 5 bytes: beyond the limit [KP1501]", hint);
}
END_TEST

START_TEST(errors_of_the_codec_are_told)
{
    expect_error("peel:", "DBLgabc",
                 "stage 'dbl.unpack': dbl: the input ends inside it, at offset 7 [KP1501]", "");
    expect_error("peel:", "plain",
                 "stage 'peel': compressed data: no codec known begins like it [KP1508]",
                 "  hint: where you know the codec, name its own stage, as in lzma.unpack; `kpipe "
                 "plugins` lists them\n");
}
END_TEST

static const struct {
    const char *stage, *bytes, *blamed, *fault;
} faults[] = {
    {"peel:", "DBLna.", "dbl.unpack", "did not tell where its stream ends"},
    {"peel:", "DBLta.", "dbl.unpack", "stream_end twice, or behind the end of the input"},
    {"peel:", "DBLba.", "dbl.unpack", "stream_end twice, or behind the end of the input"},
    {"peel:", "DBLda.", "dbl.unpack", "decode within a decode"},
    {"dbl.unpack:", "DBLda.", "dbl.unpack", "decode needs KP_THREADS_ANY"},
    {"locked:", "DBLga.", "locked", "decode needs KP_THREADS_ANY"},
    {"peel: 0", "DBLga.", "peel", "decode without an image, a limit or a place for the end"},
};

START_TEST(faults_are_the_plugin_s)
{
    char error[256];

    sprintf(error,
            "stage '%s': plugin org.example.peel 1.0 ((compiled in)): fault of the plugin: %s "
            "[KP1502]",
            faults[_i].blamed, faults[_i].fault);
    expect_error(faults[_i].stage, faults[_i].bytes, error,
                 "  hint: tell its vendor; nothing was written\n");
}
END_TEST

/* Else a call would wait for a lock that a call around it holds. */
START_TEST(no_decode_by_a_locked_codec_where_a_lock_is_held)
{
    ck_assert(!call("hold: peel", "DBLga."));
    expect_findings("r.yml:1:7: error: stage 'peel': compressed data: 'dbl.unpack' runs once at a "
                    "time, and so does what stage 'hold' runs [KP1501]\n"
                    "    1 | hold: peel\n"
                    "      |       ^~~~\n"
                    "  hint: decompress before that stage, in an image of its own\n");
    expect("hold: dbl", "", "DBLg level 1, preset 1.");
}
END_TEST

START_TEST(stages_get_what_is_passed)
{
    expect("wrap: dbl", "", "DBLg level 1, preset 1.");
    expect("wrap: {stage: dbl, preset: none}", "", "DBLg level 1, preset 0.");
    expect("wrap: {stage: {dbl: 7}}", "", "DBLg level 7, preset 1.");
    expect("wrap: {stage: {dbl: {level: 3}}}", "", "DBLg level 3, preset 1.");
    expect("wrap: {stage: {dbl: {preset: none}}}", "", "DBLg level 1, preset 0.");
    expect("wrap: {stage: {dbl: {preset: none}}, preset: old}", "", "DBLg level 1, preset 0.");
    expect("wrap: {stage: {dbl: }, preset: old}", "", "DBLg level 1, preset 1.");
    expect("wrap: {stage: dbl, preset: older}", "", "DBLg level 1, preset 1."); /* is called old */
    expect("wrap: {stage: peel}", "DBLga.", "aa@6"); /* takes no preset */
}
END_TEST

START_TEST(what_is_passed_is_checked)
{
    ck_assert(!call("wrap: {stage: {dbl: [1]}}", ""));
    expect_findings("r.yml:1:21: error: stage 'dbl': level: a list where a number is expected "
                    "[KP1306]\n"
                    "    1 | wrap: {stage: {dbl: [1]}}\n"
                    "      |                     ^\n");
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_test(tests, end_of_the_stream_is_found);
    tcase_add_test(tests, unpacking_alone_judges_what_follows);
    tcase_add_test(tests, limits_hold);
    tcase_add_test(tests, errors_of_the_codec_are_told);
    tcase_add_loop_test(tests, faults_are_the_plugin_s, 0, sizeof(faults) / sizeof(faults[0]));
    tcase_add_test(tests, no_decode_by_a_locked_codec_where_a_lock_is_held);
    tcase_add_test(tests, stages_get_what_is_passed);
    tcase_add_test(tests, what_is_passed_is_checked);
}

int main(void)
{
    return run_tests("plugin-inner", begin, end, fill);
}
