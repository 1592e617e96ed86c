/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of engine/run.h: what a run makes, with one thread and with many; what is left when
 * something fails; and what it tells its listener. Files by themselves are engine-write.c's,
 * locks and cancelling engine-threads.c's.
 */
#include "run-shared.h"

START_TEST(outputs_are_right)
{
    ck_assert_int_eq(run_recipe("inputs: {k: kernel, o: other}\n"
                                "images:\n"
                                "  big: [k, upper]\n"
                                "  parts: [big, {split.unpack: 4}]\n"
                                "  all: [big, {concat: {with: [o, _, parts.tail], gap: 2}}]\n"
                                "  turned: [all, rot]\n"
                                "  back: [turned, rot.unpack, {nest: upper}]\n"
                                "  begun: [{make: {text: ab, times: 3, before: o}}]\n"
                                "outputs: [big, all, back, {turned: {file: sub/turned}}, begun,\n"
                                "          {parts.head: head}, parts, k]\n"),
                     KP_RUN_OK);
    expect_file("out/big", "THE KERNEL");
    expect_bytes("out/all", "THE KERNEL\0\0another\0\0THE KERNEL\0\0KERNEL", 39);
    expect_bytes("out/back", "THE KERNEL\0\0ANOTHER\0\0THE KERNEL\0\0KERNEL", 39);
    expect_bytes("out/sub/turned", "rot1UIF!LFSOFM\1\1bopuifs\1\1UIF!LFSOFM\1\1LFSOFM", 43);
    expect_file("out/begun", "anotherababab");
    expect_file("out/head", "THE ");
    expect_file("out/parts", "THE KERNEL");
    expect_file("out/k", "the kernel");
    expect_findings("");
}
END_TEST

START_TEST(shared_steps_run_once)
{
    ck_assert_int_eq(run_recipe("matrix: {b: [p, q, r, s, t, u, v, w]}\n"
                                "inputs: {k: kernel}\n"
                                "images:\n"
                                "  base: [k, count, upper]\n"
                                "  one: [base, count, {slow: 1}, {concat: base}]\n"
                                "outputs: [{one: {file: one-$(b)}}]\n"),
                     KP_RUN_OK);
    expect_calls(2);
    expect_file("out/one-p", "THE KERNELTHE KERNEL");
    expect_file("out/one-w", "THE KERNELTHE KERNEL");
}
END_TEST

START_TEST(traits_arrive)
{
    ck_assert_int_eq(run_recipe("arch: flat64\n"
                                "inputs:\n"
                                "  k: {file: {path: kernel, load: 0x100}}\n"
                                "images:\n"
                                "  a: [k, {facts: {version: '6.1'}}, upper, header]\n"
                                "  b: [k, {facts: {load: 0x200, version: '6.2'}},\n"
                                "      {header: {name: 'Linux %(version)'}}]\n"
                                "  c: [{make: x}, {header: {load: 3}}]\n"
                                "outputs: [a, b, c]\n"),
                     KP_RUN_OK);
    expect_file("out/a", "load=0x100 name=none arch=flat\nTHE KERNEL");
    expect_file("out/b", "load=0x200 name=Linux 6.2 arch=flat\nthe kernel");
    expect_file("out/c", "load=0x3 name=none arch=flat\nx");
}
END_TEST

START_TEST(errors_of_stages)
{
    ck_assert_int_eq(run_recipe("arch: board\n"
                                "inputs: {k: kernel}\n"
                                "images: {a: [k, {facts: {arch: flat}}]}\n"
                                "outputs: [a]\n"),
                     KP_RUN_FAILED);
    expect_findings(
        "r.yml:4:18: error: stage 'facts': arch: the image says 'flat', and before it was 'board' "
        "[KP1503]\n"
        "    4 | images: {a: [k, {facts: {arch: flat}}]}\n"
        "      |                  ^~~~~\n"
        "  hint: correct `arch:` in the recipe or the facts of the input, or give another input\n");
    ck_assert_int_eq(run_recipe("inputs: {k: kernel}\n"
                                "images: {a: [k, split.unpack]}\n"
                                "outputs: [a.extra]\n"),
                     KP_RUN_FAILED);
    expect_findings("r.yml:3:17: error: stage 'split.unpack': made no part 'extra': the image has "
                    "none [KP1505]\n"
                    "    3 | images: {a: [k, split.unpack]}\n"
                    "      |                 ^~~~~~~~~~~~\n"
                    "  hint: `kpipe inspect` tells what the image holds\n");
    expect_no_file("out/a.extra");
    options.output_limit = 100;
    ck_assert_int_eq(run_recipe("images: {a: [{make: {text: ten bytes., times: 11}}]}\n"
                                "outputs: [a]\n"),
                     KP_RUN_FAILED);
    expect_findings("r.yml:2:15: error: stage 'make': its output would exceed 100 bytes [KP1504]\n"
                    "    2 | images: {a: [{make: {text: ten bytes., times: 11}}]}\n"
                    "      |               ^~~~\n"
                    "  hint: is the input what it should be? `kpipe inspect` tells\n");
    expect_no_file("out/a");
}
END_TEST

/* `bad` fails, and so does all that is made from it. */
static const char *const failing = "inputs: {k: kernel}\n"
                                   "images:\n"
                                   "  good: [k, upper]\n"
                                   "  bad: [good, {fail: not today}]\n"
                                   "  worse: [bad, upper, {concat: good}]\n"
                                   "  other: [good, {concat: k}, {slow: 1000}, rot]\n"
                                   "outputs: [other, good, worse, bad]\n";
static const char *const not_today = "r.yml:5:22: error: stage 'fail': not today [KP1501]\n"
                                     "    5 |   bad: [good, {fail: not today}]\n"
                                     "      |                      ^~~~~~~~~\n"
                                     "  hint: choose another stage\n";

START_TEST(failure_stops_the_run)
{
    ck_assert_int_eq(mkdir("out", 0700), 0);
    put_file("out/worse", "as it was");
    put_file("out/other", "as it was");
    ck_assert_int_eq(run_recipe(failing), KP_RUN_FAILED);
    expect_findings(not_today);
    expect_file("out/worse", "as it was");
    expect_file("out/other", "as it was");
    expect_no_drafts("out");
}
END_TEST

START_TEST(failure_does_not_stop_the_rest)
{
    options.keep_going = true;
    ck_assert_int_eq(run_recipe(failing), KP_RUN_FAILED);
    expect_findings(not_today);
    expect_file("out/good", "THE KERNEL");
    expect_file("out/other", "rot1UIF!LFSOFMuif!lfsofm");
    expect_no_file("out/bad");
    expect_no_file("out/worse");
    expect_no_drafts("out");
}
END_TEST

/* Steps that run, or wait to run, when the last one that needs them is skipped. */
START_TEST(what_nobody_needs_any_more)
{
    options.keep_going = true;
    for (int ms = 0; ms < 20; ms++) {
        char text[256];

        sprintf(text,
                "inputs: {k: kernel}\n"
                "images:\n"
                "  bad: [k, {slow: %d}, fail]\n"
                "  late: [k, count, {slow: 10}]\n"
                "  both: [bad, {concat: late}]\n"
                "outputs: [both]\n",
                ms);
        ck_assert_int_eq(run_recipe(text), KP_RUN_FAILED);
    }
    atomic_store(&probe_calls, 0);
    options.threads = 1;
    ck_assert_int_eq(run_recipe("inputs: {k: kernel}\n"
                                "images:\n"
                                "  bad: [k, fail]\n"
                                "  late: [k, upper, count]\n"
                                "  both: [bad, {concat: late}]\n"
                                "outputs: [both]\n"),
                     KP_RUN_FAILED);
    expect_calls(0);
}
END_TEST

START_TEST(output_that_cannot_be_written)
{
    put_file("file", "x");
    options.keep_going = true;
    ck_assert_int_eq(run_recipe("inputs: {k: kernel}\n"
                                "images: {a: [k, upper]}\n"
                                "outputs: [{a: {file: folder}}, {k: {file: b}}]\n"),
                     KP_RUN_OK);
    ck_assert_int_eq(unlink("out/folder"), 0);
    ck_assert_int_eq(mkdir("out/folder", 0700), 0);
    ck_assert_int_eq(run_recipe("inputs: {k: kernel}\n"
                                "images: {a: [k, upper]}\n"
                                "outputs: [{a: {file: folder}}, {k: {file: b}}]\n"),
                     KP_RUN_FAILED);
    expect_findings("r.yml:4:12: error: out/folder: Is a directory [KP1403]\n"
                    "    4 | outputs: [{a: {file: folder}}, {k: {file: b}}]\n"
                    "      |            ^\n");
    expect_file("out/b", "the kernel");
}
END_TEST

START_TEST(input_cut_short)
{
    ck_assert(kp_range_guard_install());
    ck_assert(make_plan("inputs: {k: kernel, o: other}\n"
                        "images: {a: [o, {concat: k}]}\n"
                        "outputs: [a, o, k]\n"));
    ck_assert_int_eq(truncate("kernel", 3), 0);
    options.keep_going = true;
    ck_assert_int_eq(kp_run(plan, diags, &options), KP_RUN_FAILED);
    kp_diags_sort(diags);
    expect_findings("r.yml:3:18: error: k: changed while it was read [KP1402]\n"
                    "    3 | images: {a: [o, {concat: k}]}\n"
                    "      |                  ^~~~~~\n"
                    "  hint: somebody wrote to it during the run: run again when it is complete\n"
                    "r.yml:4:17: error: k: changed while it was read [KP1402]\n"
                    "    4 | outputs: [a, o, k]\n"
                    "      |                 ^\n"
                    "  hint: somebody wrote to it during the run: run again when it is complete\n");
    expect_file("out/o", "another");
    expect_no_file("out/a");
    expect_no_file("out/k");
}
END_TEST

/* --- events --- */

START_TEST(events_come_in_order)
{
    char expected[512];

    options.threads = 1;
    options.digests = true;
    ck_assert_int_eq(run_recipe("inputs: {k: kernel}\n"
                                "images: {a: [k, upper, rot], b: [k, fail]}\n"
                                "outputs: [{a: {file: sub/a}}]\n"),
                     KP_RUN_OK);
    sprintf(expected,
            "begin upper\n"
            "%s"
            "progress upper 10 10\n"
            "end upper 10\n"
            "begin rot\n"
            "end rot 14\n"
            "output a out/sub/a 14 "
            "7e44cfee44e8de0304b67fa8fd7d41eebbfd5127bc644f0380978f92260c9ef7\n",
            in_workers() ? "" : "progress upper 0 10\n");
    ck_assert_str_eq(told, expected);
    told[0] = '\0';
    options.digests = false;
    ck_assert_int_eq(run_recipe("inputs: {k: kernel}\n"
                                "images: {b: [k, fail]}\n"
                                "outputs: [b]\n"),
                     KP_RUN_FAILED);
    ck_assert_str_eq(told, "begin fail\n"
                           "note about to fail\n"
                           "end fail 0 failed\n");
}
END_TEST

/* --- memory --- */

/* The most memory that a run of so many images in a row takes, of 16 MiB each. */
static unsigned memory_of_chain(int length)
{
    char text[1024] = "images:\n"
                      "  i0: [{make: {text: 0123456789abcdef, times: 1048576}}]\n";

    for (int i = 0; i < length; i++)
        sprintf(text + strlen(text), "  i%d: [i%d, rot]\n", i + 1, i);
    sprintf(text + strlen(text), "outputs: [{i%d: {file: out}}]\n", length);
    most_memory = 0;
    ck_assert_int_eq(run_recipe(text), KP_RUN_OK);
    return most_memory;
}

START_TEST(memory_is_that_of_live_images)
{
    const unsigned before = anonymous_memory();
    const unsigned short_chain = memory_of_chain(3);

    if (in_workers())
        return; /* the memory is not this process's alone, and shows elsewhere */
    /* What a stage reads and what it writes, and the first in one piece. */
    ck_assert_uint_ge(short_chain - before, 2 * 16);
    ck_assert_uint_lt(memory_of_chain(12), short_chain + 2 * 16);
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_test(tests, outputs_are_right);
    tcase_add_test(tests, shared_steps_run_once);
    tcase_add_test(tests, traits_arrive);
    tcase_add_test(tests, errors_of_stages);
    tcase_add_test(tests, failure_stops_the_run);
    tcase_add_test(tests, failure_does_not_stop_the_rest);
    tcase_add_test(tests, what_nobody_needs_any_more);
    tcase_add_test(tests, output_that_cannot_be_written);
    tcase_add_test(tests, input_cut_short);
    tcase_add_test(tests, events_come_in_order);
    tcase_add_test(tests, memory_is_that_of_live_images);
}

int main(void)
{
    return run_tests("engine-run", begin_run, end, fill);
}
