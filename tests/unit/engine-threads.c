/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of engine/run.h with many threads: the same bytes, no lock that is waited for for
 * ever, GNU make's jobserver, and a run that is cancelled. What a run makes is
 * engine-run.c's.
 */
#include <poll.h>
#include <signal.h>
#include <sys/time.h>

#include "run-shared.h"

static const unsigned thread_counts[] = {1, 2, 8};

/* Many stages at once, which spread their work as well. */
static const char *const wide =
    "matrix: {n: [a, b, c, d, e, f, g, h]}\n"
    "inputs: {k: kernel}\n"
    "images:\n"
    "  made: [{make: {text: 'letters of $(n), ', times: 4000}}, upper]\n"
    "  all: [k, {concat: [made, k]}, rot, rot.unpack]\n"
    "outputs: [all]\n";

START_TEST(same_bytes_with_any_number_of_threads)
{
    struct kp_range *first;
    struct kp_range *again;

    options.threads = 1;
    ck_assert_int_eq(run_recipe(wide), KP_RUN_OK);
    ck_assert_int_eq(rename("out/all", "first"), 0);
    options.threads = thread_counts[_i];
    ck_assert_int_eq(run_recipe(wide), KP_RUN_OK);
    first = kp_range_open("first", "first", NULL);
    again = kp_range_open("out/all", "all", NULL);
    ck_assert_uint_eq(kp_range_size(first), 10 + 8 * 4000 * 14 + 10);
    ck_assert(kp_range_equal(first, again));
    kp_range_unref(first);
    kp_range_unref(again);
}
END_TEST

START_TEST(as_many_threads_as_cores)
{
    options.threads = 0;
    ck_assert_int_eq(run_recipe(wide), KP_RUN_OK);
}
END_TEST

/* Stages that run themselves, and one another in both orders. */
START_TEST(stages_that_run_one_another)
{
    options.threads = thread_counts[_i];
    ck_assert_int_eq(
        run_recipe("matrix: {ms: [1, 2, 3, 4]}\n"
                   "inputs: {k: kernel}\n"
                   "images:\n"
                   "  a: [k, {nest: {stage: {nest.unpack: {stage: upper}}, ms: $(ms)}}]\n"
                   "  b: [k, {nest.unpack: {stage: {nest: {stage: upper, ms: $(ms)}}, ms: 2}}]\n"
                   "  c: [k, {nest: {stage: {nest: {stage: {nest: rot}}}, ms: $(ms)}}]\n"
                   "  d: [k, {knot: {stage: {nest: {stage: {knot: upper}}}, ms: $(ms)}}]\n"
                   "  e: [k, {nest: {stage: {knot: {stage: {count: ~}}}, ms: $(ms)}}]\n"
                   "outputs:\n"
                   "  [{a: {file: a$(ms)}}, {b: {file: b$(ms)}}, {c: {file: c$(ms)}},\n"
                   "   {d: {file: d$(ms)}}, {e: {file: e$(ms)}}]\n"),
        KP_RUN_OK);
    expect_file("out/a1", "THE KERNEL");
    expect_file("out/b4", "THE KERNEL");
    expect_file("out/c2", "rot1uif!lfsofm");
    expect_file("out/d3", "THE KERNEL");
    expect_file("out/e4", "the kernel");
    expect_calls(4);
}
END_TEST

/* `each` runs a stage on these texts. */
static enum kp_run_result run_each(const char *stage, const char *texts)
{
    char recipe[1024];

    snprintf(recipe, sizeof(recipe),
             "matrix: {t: [%s]}\n"
             "inputs: {k: kernel}\n"
             "images: {made: {make: $(t)}, a: [k, {each: {stage: %s, images: [made]}}]}\n"
             "outputs: [a]\n",
             texts, stage);
    told[0] = '\0';
    return run_recipe(recipe);
}

/* The notes that were told, without all else. */
static void expect_notes(const char *expected)
{
    char notes[sizeof(told)] = "";

    for (const char *line = told; *line != '\0'; line = strchr(line, '\n') + 1)
        if (strncmp(line, "note ", 5) == 0)
            strncat(notes, line + 5, strcspn(line + 5, "\n") + 1);
    ck_assert_str_eq(notes, expected);
}

START_TEST(stage_on_many_images)
{
    options.threads = thread_counts[_i];
    ck_assert_int_eq(run_each("rot", "abc, def, g"), KP_RUN_OK);
    expect_file("out/a", "rot1bcdrot1efgrot1h");
    ck_assert_int_eq(run_each("{nest: upper}", "abc, def, g"), KP_RUN_OK);
    expect_file("out/a", "ABCDEFG");
    expect_findings("");
}
END_TEST

#define OBEY_WARNS(text)                                                                           \
    "r.yml:4:52: warning: stage 'obey': " text " [KP1501]\n"                                       \
    "    4 | images: {made: {make: $(t)}, a: [k, {each: {stage: obey, images: [made]}}]}\n"        \
    "      |                                                    ^~~~\n"

/* Who is done first does not show. */
START_TEST(reports_come_in_order)
{
    options.threads = thread_counts[_i];
    ck_assert_int_eq(run_each("obey", "ssssssssw-1, n-2, sssn-w-3, w-4, o-5"), KP_RUN_OK);
    expect_findings(OBEY_WARNS("ssssssssw-1") OBEY_WARNS("sssn-w-3") OBEY_WARNS("w-4"));
    expect_notes("n-2\nsssn-w-3\n");
    expect_file("out/a", "ssssssssw-1n-2sssn-w-3w-4o-5");
}
END_TEST

/* Nor that others have failed, or warned, behind the first that did. */
START_TEST(first_failure_is_told)
{
    options.threads = thread_counts[_i];
    ck_assert_int_eq(run_each("obey", "w-1, ssssssssnf-2, f-3, nw-4, f-5"), KP_RUN_FAILED);
    expect_findings(
        OBEY_WARNS("w-1") "r.yml:4:52: error: stage 'obey': ssssssssnf-2 [KP1501]\n"
                          "    4 | images: {made: {make: $(t)}, a: [k, {each: {stage: obey, "
                          "images: [made]}}]}\n"
                          "      |                                                    ^~~~\n");
    expect_notes("ssssssssnf-2\n");
    expect_no_file("out/a");
}
END_TEST

/* At a time as many as may be: one, if a stage within keeps a rule. */
START_TEST(stages_overlap_if_they_may)
{
    options.threads = 4;
    ck_assert_int_eq(run_each("{slow: 30}", "a, b, c, d, e, f"), KP_RUN_OK);
    ck_assert(in_workers() ||
              (atomic_load(&probe_most_running) > 1 && atomic_load(&probe_most_running) <= 4));
    atomic_store(&probe_most_running, 0);
    ck_assert_int_eq(run_each("{nest: {stage: {slow: 5}}}", "a, b, c, d, e, f"), KP_RUN_OK);
    ck_assert_uint_le(atomic_load(&probe_most_running), 1);
    expect_file("out/a", "abcdef");
    options.threads = 1;
    atomic_store(&probe_most_running, 0);
    ck_assert_int_eq(run_each("{slow: 5}", "a, b, c"), KP_RUN_OK);
    ck_assert_uint_le(atomic_load(&probe_most_running), 1);
}
END_TEST

START_TEST(jobserver_bounds_the_stages)
{
    int ends[2];
    char flags[64];
    char tokens[4] = "";
    struct pollfd wait;

    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], "ab", 2), 2);
    sprintf(flags, "-j3 --jobserver-auth=%d,%d", ends[0], ends[1]);
    options.makeflags = flags;
    ck_assert_int_eq(run_recipe("matrix: {ms: [20, 21, 22, 23, 24, 25, 26, 27, 28, 29]}\n"
                                "inputs: {k: kernel}\n"
                                "images: {a: [k, {slow: $(ms)}]}\n"
                                "outputs: [{a: {file: a$(ms)}}]\n"),
                     KP_RUN_OK);
    ck_assert_uint_le(atomic_load(&probe_most_running), 3);
    ck_assert(in_workers() || atomic_load(&probe_most_running) > 1);
    wait = (struct pollfd){.fd = ends[0], .events = POLLIN};
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(poll(&wait, 1, 0), 1);
        ck_assert_int_eq(read(ends[0], &tokens[i], 1), 1);
    }
    ck_assert_int_eq(poll(&wait, 1, 0), 0);
    ck_assert(strcmp(tokens, "ab") == 0 || strcmp(tokens, "ba") == 0);
}
END_TEST

static void on_alarm(int number)
{
    (void)number;
    kp_run_cancel();
}

START_TEST(cancelled_run_leaves_nothing)
{
    const struct itimerval soon = {.it_value = {0, 50000}};

    options.threads = thread_counts[_i];
    ck_assert_int_eq(mkdir("out", 0700), 0);
    put_file("out/a", "as it was");
    ck_assert(signal(SIGALRM, on_alarm) != SIG_ERR);
    ck_assert_int_eq(setitimer(ITIMER_REAL, &soon, NULL), 0);
    ck_assert(!kp_run_cancelled());
    ck_assert_int_eq(run_recipe("inputs: {k: kernel}\n"
                                "images:\n"
                                "  a: [k, {slow: 60000}, rot]\n"
                                "  b: [k, {nest: {stage: {slow: 60000}}}]\n"
                                "  c: [k, {slow: 60000}, fail]\n"
                                "  d: [k, {each: {stage: {slow: 60000}, images: [k, k]}}]\n"
                                "outputs: [a, b, c, d]\n"),
                     KP_RUN_CANCELLED);
    ck_assert(kp_run_cancelled());
    expect_findings("");
    expect_file("out/a", "as it was");
    expect_no_file("out/b");
    expect_no_drafts("out");
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_loop_test(tests, same_bytes_with_any_number_of_threads, 0, 3);
    tcase_add_test(tests, as_many_threads_as_cores);
    tcase_add_loop_test(tests, stages_that_run_one_another, 0, 3);
    tcase_add_loop_test(tests, stage_on_many_images, 0, 3);
    tcase_add_loop_test(tests, reports_come_in_order, 0, 3);
    tcase_add_loop_test(tests, first_failure_is_told, 0, 3);
    tcase_add_test(tests, stages_overlap_if_they_may);
    tcase_add_test(tests, jobserver_bounds_the_stages);
    tcase_add_loop_test(tests, cancelled_run_leaves_nothing, 0, 3);
}

int main(void)
{
    return run_tests("engine-threads", begin_run, end, fill);
}
