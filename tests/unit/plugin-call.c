/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of plugin/call.h: calls of a plugin that uses the host's services as they are meant.
 * Broken promises are plugin-faults.c's, locks and threads engine-threads.c's.
 */
#include "call-shared.h"

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
    /* What a worker shows of its progress comes by another way than its messages. */
    if (strncmp(told, "progress", 8) != 0)
        ck_assert_str_eq(told, "note a note (for developers)\nprogress 1 of 2\n");
    else
        ck_assert_str_eq(told, "progress 1 of 2\nnote a note (for developers)\n");
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

START_TEST(stage_within_a_stage)
{
    expect_output("rogue: {how: stage, stage: {rogue: {how: stage, stage: {rogue: read}}}}",
                  "GU bcdef rogue - 0");
    expect_output("rogue: {how: stages, stage: {rogue: read}}",
                  "GU bcdef rogue - 0GU bc rogue - 0");
    ck_assert(!call("rogue: {how: stages, stage: {rogue: fail}}"));
    expect_findings("r.yml:1:30: error: stage 'rogue': the first: the cause [KP1501]\n"
                    "    1 | rogue: {how: stages, stage: {rogue: fail}}\n"
                    "      |                              ^~~~~\n");
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
    expect_findings("r.yml:1:1: error: the kernel: changed while it was read [KP1402]\n"
                    "    1 | rogue: bytes\n"
                    "      | ^~~~~\n"
                    "  hint: somebody wrote to it during the run: run again when it is complete\n");
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
    tcase_add_test(tests, stage_within_a_stage);
    tcase_add_test(tests, part_that_was_not_made);
    tcase_add_test(tests, cancelled_calls_fail_in_silence);
    tcase_add_test(tests, no_memory_for_threads);
    tcase_add_test(tests, input_that_vanishes);
}

int main(void)
{
    return run_tests("plugin-call", begin, end, fill);
}
