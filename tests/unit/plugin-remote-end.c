/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of how calls in workers end (plugin/remote_done.c, remote_fault.c, worker_end.c): outputs
 * that are none, ends at every step, limits, and what the user is told.
 */
#include "remote-shared.h"

LIE(done_cut_short)
{
    kp_put_u32(&said, KP_OK);
    say(KP_WIRE_DONE);
}
LIE(done_output_not_given)
{
    put_done(1, 1);
    kp_put_u8(&said, KP_PIECE_OWN);
    kp_put_bytes(&said, "x", 1);
    say(KP_WIRE_DONE);
}
LIE(done_too_many_pieces)
{
    put_done(0, UINT32_MAX);
    say(KP_WIRE_DONE);
}
LIE(done_kind)
{
    put_done(0, 1);
    kp_put_u8(&said, 9);
    kp_put_u64(&said, 0);
    say(KP_WIRE_DONE);
}
LIE(done_image_not_given)
{
    put_done(0, 1);
    kp_put_u8(&said, KP_PIECE_IMAGE);
    put_image(7, 0, 1);
    say(KP_WIRE_DONE);
}
LIE(done_no_image)
{
    put_done(0, 1);
    kp_put_u8(&said, KP_PIECE_IMAGE);
    kp_put_u32(&said, KP_WIRE_NONE);
    say(KP_WIRE_DONE);
}
LIE(done_part_outside)
{
    put_done(0, 1);
    kp_put_u8(&said, KP_PIECE_IMAGE);
    put_image(0, UINT64_MAX - 1, 2);
    say(KP_WIRE_DONE);
}
LIE(done_not_granted)
{
    put_done(0, 1);
    kp_put_u8(&said, KP_PIECE_GRANT);
    kp_put_u32(&said, 0);
    kp_put_u64(&said, 0);
    kp_put_u64(&said, 1);
    say(KP_WIRE_DONE);
}
LIE(done_behind_grant)
{
    close(ask_for_memory(4096));
    put_done(0, 1);
    kp_put_u8(&said, KP_PIECE_GRANT);
    kp_put_u32(&said, 0);
    kp_put_u64(&said, 4096);
    kp_put_u64(&said, 1);
    say(KP_WIRE_DONE);
}
LIE(done_while_mapped)
{
    (void)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ask_for_memory(4096), 0);
    put_done(0, 1);
    kp_put_u8(&said, KP_PIECE_GRANT);
    kp_put_u32(&said, 0);
    kp_put_u64(&said, 0);
    kp_put_u64(&said, 16);
    say(KP_WIRE_DONE);
    await_message();
}
LIE(done_twice_the_output)
{
    put_done(0, 1);
    said.bytes[4] = 2;
    for (int i = 0; i < 2; i++) {
        if (i > 0) {
            kp_put_u32(&said, 0);
            kp_put_u32(&said, 1);
        }
        kp_put_u8(&said, KP_PIECE_OWN);
        kp_put_bytes(&said, "x", 1);
    }
    say(KP_WIRE_DONE);
}
LIE(done_more_behind)
{
    kp_put_u32(&said, KP_OK);
    kp_put_u32(&said, 0);
    kp_put_u8(&said, 0);
    say(KP_WIRE_DONE);
}
LIE(hangs_up)
{
    _exit(0);
}
LIE(closes)
{
    close(wire.socket);
    pause();
}

LIE(half_a_message)
{
    static const uint8_t packet[KP_WIRE_PACKET] = {KP_WIRE_FAULT, 0, 0, 0, 0, 0, 1, 0};

    (void)!write(wire.socket, packet, sizeof(packet));
    _exit(0);
}
static const struct lie lies[] = {
    {lie_half_a_message, PROTOCOL "it hung up"},
    {lie_done_cut_short, UNREADABLE},
    {lie_done_output_not_given, PROTOCOL "an output that was not given to it"},
    {lie_done_too_many_pieces, UNREADABLE},
    {lie_done_kind, UNREADABLE},
    {lie_done_image_not_given, PROTOCOL "an image that was not given to it"},
    {lie_done_no_image, PROTOCOL "an image that was not given to it"},
    {lie_done_part_outside, PROTOCOL "a part of an image that lies outside of it"},
    {lie_done_not_granted, PROTOCOL "memory that was not granted to it"},
    {lie_done_behind_grant, PROTOCOL "a piece of an output that lies outside of its bytes"},
    {lie_done_while_mapped, "keeps writing to its output"},
    {lie_done_twice_the_output, PROTOCOL "an output that was not given to it"},
    {lie_done_more_behind, UNREADABLE},
    {lie_hangs_up, PROTOCOL "it hung up"},
    {lie_closes, PROTOCOL "it hung up"},
};

START_TEST(outputs_are_checked)
{
    expect_found_out(&lies[_i]);
}
END_TEST

LIE(done_number)
{
    kp_put_u32(&said, 12);
    kp_put_u32(&said, 0);
    say(KP_WIRE_DONE);
}

START_TEST(what_is_returned_is_checked)
{
    plant(lie_done_number);
    ck_assert(!call("rogue: {how: bytes}"));
    expect_fault("returned a number that is neither success nor failure");
}
END_TEST

START_TEST(an_inspection_has_no_outputs)
{
    const struct kp_inspector inspector = {NULL, kp_registry_file(registry, 0), "rogue"};
    struct kp_traits traits = {0};
    char expected[1024];

    ck_assert(kp_registry_open(registry, kp_registry_file(registry, 0)));
    plant(lie_done_not_granted);
    ck_assert(!kp_call_inspect(&context, &inspector, "a.img", &input, &traits));
    snprintf(expected, sizeof(expected),
             "kpipe: error: a.img: plugin org.example.rogue 6.6.6 (%s/rogue/rogue.so): fault of "
             "the plugin: " PROTOCOL "memory that was not granted to it [KP1507]\n"
             "  hint: tell its vendor\n",
             KPIPE_TEST_ALONE);
    expect_findings(expected);
    plant(lie_done_output_not_given);
    ck_assert(!kp_call_inspect(&context, &inspector, "a.img", &input, &traits));
    kp_traits_free(&traits);
}
END_TEST

/* One that died, or began to talk, while it was idle is not used. */
START_TEST(an_idle_worker_is_quiet)
{
    const pid_t idle = plant(NULL);

    ck_assert_int_eq(kill(idle, SIGKILL), 0);
    ck_assert_int_eq(waitid(P_PID, (id_t)idle, &(siginfo_t){0}, WEXITED | WNOWAIT), 0);
    ck_assert(call("rogue: {how: bytes}"));
    expect_findings("");
    ck_assert_uint_eq(kp_range_size(result.output.range), 15);
}
END_TEST

LIE(done_once_more)
{
    for (int i = 0; i < 2; i++) {
        kp_put_u32(&said, KP_OK);
        kp_put_u32(&said, 0);
        say(KP_WIRE_DONE);
        while (i == 0 && await_message().type != KP_WIRE_BEGIN)
            ;
    }
}

/* What comes after the end of a call is not of the next one: the liar never begins that. */
START_TEST(one_end_is_enough)
{
    make_registry("rogue", KPIPE_TEST_WORKER, (struct kp_limits){.seconds = 1});
    plant(lie_done_once_more);
    ck_assert(call("rogue: {how: bytes}"));
    ck_assert_uint_eq(kp_range_size(result.output.range), 0);
    ck_assert(!call("rogue: {how: bytes}"));
    ck_assert_str_eq(kp_diags_get(diags, 0)->text,
                     "stage 'rogue' (plugin org.example.rogue 6.6.6, rogue.so): did not return "
                     "within 1 s: it was killed");
}
END_TEST

/* --- how calls end --- */

LIE(much_memory)
{
    ck_assert_int_eq(ask_for_memory(UINT64_C(1) << 40), -1);
    ck_assert_int_eq(ask_for_memory(UINT64_MAX), -1);
    say_failed();
}

START_TEST(memory_is_limited)
{
    plant(lie_much_memory);
    ck_assert(!call("rogue: {how: bytes}"));
    expect_one("rogue: {how: bytes}",
               "stage 'rogue' (plugin org.example.rogue 6.6.6, rogue.so): ran out of memory: its "
               "worker may use 8192 MiB [KP1527]",
               "is the input what it should be? --worker-limit memory=SIZE raises the limit");
}
END_TEST

START_TEST(there_is_no_program)
{
    make_registry("rogue", "/nowhere/kpipe-worker", (struct kp_limits){0});
    ck_assert(!call("rogue: {how: bytes}"));
    expect_one("rogue: {how: bytes}",
               "stage 'rogue' (plugin org.example.rogue 6.6.6, rogue.so): it runs in a worker, and "
               "there is no program /nowhere/kpipe-worker: install it, or let plugins run in kpipe "
               "itself: --isolation none [KP1528]",
               NULL);
}
END_TEST

LIE(lent_without_descriptors)
{
    say_note("no descriptors");
    kp_put_u64(&said, 4);
    say(KP_WIRE_PARALLEL);
}

START_TEST(kpipe_runs_out_of_descriptors)
{
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    plant(lie_lent_without_descriptors);
    ck_assert(!call("rogue: {how: bytes}"));
    setrlimit(RLIMIT_NOFILE, &limit);
    expect_one("rogue: {how: bytes}",
               "stage 'rogue' (plugin org.example.rogue 6.6.6, rogue.so): kpipe cannot go on with "
               "its worker: Too many open files [KP1529]",
               "raise the limit of open files (ulimit -n), or let fewer stages run at a time (-j)");
}
END_TEST

/* The place in the plugin's code is another in every build. */
static void hide_offset(char *text)
{
    char *at = strstr(text, ".so+0x");
    const char *end;

    if (at == NULL)
        return;
    at += strlen(".so+0x");
    for (end = at; strchr("0123456789abcdef", *end) != NULL; end++)
        ;
    memmove(at, end, strlen(end) + 1);
}

static void expect_end(const char *stage, const char *expected)
{
    char text[1024];

    ck_assert(!call(stage));
    ck_assert_uint_eq(kp_diags_count(diags), findings_seen + 1);
    snprintf(text, sizeof(text), "%s", kp_diags_get(diags, findings_seen)->text);
    findings_seen++;
    hide_offset(text);
    ck_assert_str_eq(text, expected);
}

START_TEST(ends_of_workers_are_told)
{
    make_registry("faulty", KPIPE_TEST_WORKER, (struct kp_limits){0});
    expect_end("faulty: write", "stage 'faulty' (plugin org.example.faulty 1.2, faulty.so+0x): "
                                "killed by SIGSEGV");
    expect_end("faulty: abort", "stage 'faulty' (plugin org.example.faulty 1.2, faulty.so+0x): "
                                "killed by SIGABRT");
    expect_end("faulty: exit", "stage 'faulty' (plugin org.example.faulty 1.2, faulty.so+0x): "
                               "ended by exit status 0: called exit");
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_loop_test(tests, outputs_are_checked, 0, sizeof(lies) / sizeof(lies[0]));
    tcase_add_test(tests, what_is_returned_is_checked);
    tcase_add_test(tests, an_inspection_has_no_outputs);
    tcase_add_test(tests, an_idle_worker_is_quiet);
    tcase_add_test(tests, one_end_is_enough);
    tcase_add_test(tests, memory_is_limited);
    tcase_add_test(tests, there_is_no_program);
    tcase_add_test(tests, kpipe_runs_out_of_descriptors);
    tcase_add_test(tests, ends_of_workers_are_told);
}

int main(void)
{
    return run_tests("plugin-remote-end", begin, end, fill);
}
