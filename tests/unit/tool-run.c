/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/tool-run.c - one run of a host tool: what it gets, what is taken back from it, and
 * how each way to end is told. What it can reach is tool-sandbox.c's.
 */
#include "tool-shared.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static void expect_output(const char *expected)
{
    ck_assert_int_eq(result.end, KP_TOOL_DONE);
    ck_assert_uint_eq(kp_range_size(result.output), strlen(expected));
    ck_assert_mem_eq(kp_range_view(result.output), expected, strlen(expected));
    expect_nothing_left();
}

START_TEST(bytes_in_and_out)
{
    struct kp_range *input = kp_range_copy("some bytes", 10);
    const struct kp_tool_named files[] = {{"out", input}, {"b.dtb", input}};
    struct kp_range *holes;

    request.input = input;
    act("copy", "");
    expect_output("some bytes");
    request.input = NULL;
    request.any_output = true;
    act("copy", "");
    expect_output("");
    request.any_output = false;
    ck_assert_int_eq(act("copy", ""), KP_TOOL_NO_OUTPUT);
    /* A file that it finds, and one that is the output as it was or as it is made. */
    request.files = files;
    request.file_count = 2;
    act("read", "b.dtb");
    expect_output("read: done\n");
    request.output = "out";
    act("exit", "0");
    expect_output("some bytes");
    act("file", "12");
    expect_output("xxxxxxxxxxxx");
    request.output = NULL;
    request.files = NULL;
    request.file_count = 0;
    /* Zeros that a range only stands for are written all the same. */
    holes = kp_range_fill(0, 500000);
    request.input = holes;
    act("copy", "");
    ck_assert_uint_eq(kp_range_size(result.output), 500000);
    ck_assert(kp_range_equal(result.output, holes));
    kp_range_unref(holes);
    kp_range_unref(input);
}
END_TEST

/* More than a pipe holds, for tools that take it all, a part of it, or none. */
START_TEST(much_input)
{
    struct kp_range *input = kp_range_fill('x', 9000000);

    request.input = input;
    act("copy", "");
    ck_assert_int_eq(result.end, KP_TOOL_SIZE);
    request.output_limit = 9000000;
    act("copy", "");
    ck_assert_int_eq(result.end, KP_TOOL_DONE);
    ck_assert(kp_range_equal(result.output, input));
    ck_assert_int_eq(act("much", "100"), KP_TOOL_DONE);
    ck_assert_int_eq(act("exit", "3"), KP_TOOL_STATUS);
    request.input = NULL;
    kp_range_unref(input);
    expect_nothing_left();
}
END_TEST

/* An input file that is cut short while it is written. */
START_TEST(vanishing_input)
{
    struct kp_range *input;
    static char text[100001];

    memset(text, 'x', sizeof(text) - 1);
    put_file("input", text);
    ck_assert(kp_range_guard_install());
    input = kp_range_open("input", "input", NULL);
    ck_assert_ptr_nonnull(input);
    ck_assert_int_eq(truncate("input", 100), 0);
    request.input = input;
    ck_assert_int_eq(act("copy", ""), KP_TOOL_TROUBLE);
    ck_assert_int_eq(result.number, EFAULT);
    ck_assert_str_eq(result.what, "its standard input");
    request.input = NULL;
    kp_range_unref(input);
    expect_nothing_left();
}
END_TEST

START_TEST(status_and_signals)
{
    ck_assert_int_eq(act("exit", "3"), KP_TOOL_STATUS);
    ck_assert_int_eq(result.number, 3);
    ck_assert_int_eq(act("crash", "11"), KP_TOOL_SIGNAL);
    ck_assert_int_eq(result.number, SIGSEGV);
    ck_assert_int_eq(act("crash", "6"), KP_TOOL_SIGNAL);
    ck_assert_int_eq(result.number, SIGABRT);
    ck_assert_int_eq(act("crash", "15"), KP_TOOL_SIGNAL);
    ck_assert_int_eq(result.number, SIGTERM);
    ck_assert_ptr_null(result.output);
    expect_nothing_left();
}
END_TEST

START_TEST(no_program)
{
    put_file("script", "#!/no/such/interpreter\n");
    ck_assert_int_eq(chmod("script", 0755), 0);
    put_file("data", "what is this");
    ck_assert_int_eq(chmod("data", 0755), 0);
    request.program = "/no/such/program";
    kp_toolbox_run(box, &request, &result);
    ck_assert_int_eq(result.end, KP_TOOL_NOT_RUN);
    ck_assert_int_eq(result.number, ENOENT);
    request.program = strcat(strcpy(token, test_folder), "/script");
    kp_toolbox_run(box, &request, &result);
    ck_assert_int_eq(result.end, KP_TOOL_NOT_RUN);
    ck_assert_int_eq(result.number, ENOENT);
    request.program = strcat(strcpy(token, test_folder), "/data");
    kp_toolbox_run(box, &request, &result);
    ck_assert_int_eq(result.end, KP_TOOL_NOT_RUN);
    ck_assert_int_eq(result.number, ENOEXEC);
    expect_nothing_left();
}
END_TEST

START_TEST(odd_outputs)
{
    request.output = "out";
    ck_assert_int_eq(act("exit", "0"), KP_TOOL_NO_OUTPUT);
    ck_assert_int_eq(act("link", "/usr/bin/env"), KP_TOOL_ODD_OUTPUT);
    ck_assert_int_eq(act("link", "out"), KP_TOOL_ODD_OUTPUT);
    ck_assert_int_eq(act("fifo", "out"), KP_TOOL_ODD_OUTPUT);
    ck_assert_int_eq(act("folder", "out"), KP_TOOL_ODD_OUTPUT);
    ck_assert_ptr_null(result.output);
    expect_nothing_left();
}
END_TEST

START_TEST(sizes)
{
    request.output_limit = 1000000;
    ck_assert_int_eq(act("much", "1000000"), KP_TOOL_DONE);
    ck_assert_uint_eq(kp_range_size(result.output), 1000000);
    ck_assert_int_eq(act("much", "1000001"), KP_TOOL_SIZE);
    ck_assert_int_eq(act("much", "9000000000000"), KP_TOOL_SIZE);
    ck_assert_int_eq(act("too-much", "9000000000000"), KP_TOOL_SIZE);
    request.output = "out";
    ck_assert_int_eq(act("file", "1000000"), KP_TOOL_DONE);
    ck_assert_int_eq(act("file", "1000001"), KP_TOOL_SIZE);
    ck_assert_int_eq(act("file", "9000000000000"), KP_TOOL_SIZE);
    ck_assert_ptr_null(result.output);
    expect_nothing_left();
}
END_TEST

/* The end of it is kept; what controls a terminal is the reporter's to escape. */
START_TEST(what_it_says)
{
    static const char last[] =
        "line 19999 of far too many\n\x1b[2J\x1b[31mred\a and \xff\nlast words\n";

    ck_assert_int_eq(act("shout", "3"), KP_TOOL_STATUS);
    ck_assert_uint_eq(result.said_length, KP_TOOL_SAID);
    ck_assert(result.said_more);
    ck_assert_mem_eq(result.said + KP_TOOL_SAID - (sizeof(last) - 1), last, sizeof(last) - 1);
    /* With a file as output, standard output is talk as well. */
    request.output = "none";
    ck_assert_int_eq(act("much", "5"), KP_TOOL_NO_OUTPUT);
    ck_assert_uint_ge(result.said_length, 5);
    expect_nothing_left();
}
END_TEST

START_TEST(removal)
{
    ck_assert_str_eq(act_says("dig", "3000"), "mkdir: done\n");
    expect_nothing_left();
    ck_assert_str_eq(act_says("litter", ""), "litter: done\n");
    expect_nothing_left();
    /* Nothing that a link leads to is touched. */
    ck_assert_int_eq(access("/usr/bin/env", X_OK), 0);
}
END_TEST

START_TEST(limits)
{
    static const char *const arguments[] = {"-c", "ulimit -c; ulimit -n; ulimit -v", NULL};
    const char expected[] = "0\n1024\n1048576\n";

    request.program = "/bin/sh";
    request.arguments = arguments;
    request.memory_limit = UINT64_C(1) << 30;
    kp_toolbox_run(box, &request, &result);
    expect_output(expected);
}
END_TEST

/* A folder that nothing can be made in is the machine's trouble, and told as that. */
START_TEST(trouble)
{
    ck_assert_int_eq(rmdir(temporary), 0);
    ck_assert_int_eq(act("exit", "0"), KP_TOOL_TROUBLE);
    ck_assert_int_eq(result.number, ENOENT);
    ck_assert_str_eq(result.what, temporary);
    ck_assert_int_eq(mkdir(temporary, 0700), 0);
    expect_nothing_left();
}
END_TEST

/* Too few descriptors for a run: reported, and nothing is left open. */
START_TEST(descriptors)
{
    struct rlimit before, few;

    act("exit", "0");
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    for (rlim_t most = 4; most < 24; most++) {
        few = (struct rlimit){most, before.rlim_max};
        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
        act("exit", "0");
        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
        ck_assert_msg(result.end == KP_TOOL_TROUBLE || result.end == KP_TOOL_NO_OUTPUT,
                      "with %u descriptors: %d", (unsigned)most, (int)result.end);
        expect_nothing_left();
    }
    ck_assert_int_eq(result.end, KP_TOOL_NO_OUTPUT);
}
END_TEST

/* Makes this a machine on which nobody gets a user namespace. */
static void refuse_namespaces(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_NEWUSER, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog filter = {sizeof(code) / sizeof(code[0]), code};

    ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    ck_assert_int_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter), 0);
}

/* A child of a process with threads may meet a lock of ThreadSanitizer's that one of those held. */
#ifdef __SANITIZE_THREAD__
#define THREADS 1
#else
#define THREADS 8
#endif

static void *run_much(void *data)
{
    static const char *const arguments[] = {"much", "1000", NULL};
    struct kp_tool_request own = request;
    struct kp_tool_result *ended = data;

    own.program = KPIPE_TEST_HOSTILE;
    own.arguments = arguments;
    kp_toolbox_run(box, &own, ended);
    return NULL;
}

/* The first runs of a box, all at once: one finds out what works, the others wait for it. */
START_TEST(first_runs)
{
    struct kp_tool_result results[THREADS];
    pthread_t threads[THREADS];
    const char *lacks;

    if (_i == 1)
        refuse_namespaces();
    ck_assert_uint_eq(kp_toolbox_mechanisms(box), 0);
    ck_assert_ptr_null(kp_toolbox_lacks(box));
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, run_much, &results[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
        ck_assert_msg(results[i].end == KP_TOOL_DONE, "%d: %s", (int)results[i].end,
                      results[i].what);
        ck_assert_uint_eq(kp_range_size(results[i].output), 1000);
        kp_range_unref(results[i].output);
    }
    lacks = kp_toolbox_lacks(box);
    if (_i == 1) {
        ck_assert(!has(KP_SANDBOX_NAMESPACES));
        ck_assert_ptr_nonnull(strstr(lacks, "no namespaces (namespaces: Operation not permitted)"));
    }
    ck_assert_ptr_null(kp_toolbox_lacks(box));
    expect_nothing_left();
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_test(tests, bytes_in_and_out);
    tcase_add_test(tests, much_input);
    tcase_add_test(tests, vanishing_input);
    tcase_add_test(tests, status_and_signals);
    tcase_add_test(tests, no_program);
    tcase_add_test(tests, odd_outputs);
    tcase_add_test(tests, sizes);
    tcase_add_test(tests, what_it_says);
    tcase_add_test(tests, removal);
    tcase_add_test(tests, limits);
    tcase_add_test(tests, trouble);
    tcase_add_test(tests, descriptors);
    tcase_add_loop_test(tests, first_runs, 0, 2);
}

int main(void)
{
    return run_tests("tool-run", begin, end, fill);
}
