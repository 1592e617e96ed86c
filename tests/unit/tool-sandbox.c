/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/tool-sandbox.c - what a hostile host tool can reach, by each set of mechanisms that
 * kpipe may have to get along with. Where this machine lacks one itself, what is
 * expected is what remains, and that kpipe says so.
 */
#include "tool-shared.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include "mechanisms-shared.h"

static bool says(const char *expected, const char *name, const char *argument)
{
    const char *got = act_says(name, argument);

    if (strcmp(got, expected) == 0)
        return true;
    fprintf(stderr, "%s %s: %s", name, argument, got);
    return false;
}

/* A port of this machine that somebody listens at. */
static int listen_at(int type, char port[16])
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);
    const int one = socket(AF_INET, type, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_ge(one, 0);
    ck_assert_int_eq(bind(one, (struct sockaddr *)&address, sizeof(address)), 0);
    ck_assert(type != SOCK_STREAM || listen(one, 1) == 0);
    ck_assert_int_eq(getsockname(one, (struct sockaddr *)&address, &size), 0);
    snprintf(port, 16, "%u", (unsigned)ntohs(address.sin_port));
    return one;
}

START_TEST(network)
{
    char port[16];
    int one = listen_at(SOCK_STREAM, port);
    const char *expected;

    open_box(withouts[_i]);
    act("exit", "0");
    expected = has(KP_SANDBOX_SECCOMP)                                  ? "socket: EPERM\n"
               : has(KP_SANDBOX_NAMESPACES)                             ? "connect: ENETUNREACH\n"
               : has(KP_SANDBOX_LANDLOCK) && kp_landlock_version() >= 4 ? "connect: EACCES\n"
                                                                        : "connect: done\n";
    ck_assert(says(expected, "connect", port));
    close(one);
    one = listen_at(SOCK_DGRAM, port);
    expected = has(KP_SANDBOX_SECCOMP)      ? "socket: EPERM\n"
               : has(KP_SANDBOX_NAMESPACES) ? "send: ENETUNREACH\n"
                                            : "send: done\n";
    ck_assert(says(expected, "send", port));
    close(one);
    expect_nothing_left();
}
END_TEST

START_TEST(files)
{
    char secret[128], target[128];
    const char *expected;

    snprintf(secret, sizeof(secret), "%s/secret", test_folder);
    snprintf(target, sizeof(target), "%s/target", test_folder);
    put_file("secret", "nobody's business");
    open_box(withouts[_i]);
    act("exit", "0");
    expected = has(KP_SANDBOX_NAMESPACES) ? "open: ENOENT\n"
               : has(KP_SANDBOX_LANDLOCK) ? "open: EACCES\n"
                                          : "read: done\n";
    ck_assert(says(expected, "read", secret));
    if (has(KP_SANDBOX_NAMESPACES) || has(KP_SANDBOX_LANDLOCK)) {
        /* Homes: not there, or closed. */
        const char *home = act_says("read", "/root");

        ck_assert(strcmp(home, "open: ENOENT\n") == 0 || strcmp(home, "open: EACCES\n") == 0);
        ck_assert(says(expected, "read", "/etc/hostname") ||
                  says("open: ENOENT\n", "read", "/etc/hostname"));
    }
    expected = has(KP_SANDBOX_NAMESPACES) ? "open: ENOENT\n"
               : has(KP_SANDBOX_LANDLOCK) ? "open: EACCES\n"
                                          : "write: done\n";
    ck_assert(says(expected, "write", target));
    if (has(KP_SANDBOX_NAMESPACES) || has(KP_SANDBOX_LANDLOCK))
        expect_no_file(target);
    /* What it sees of the system it can read, and not change. */
    ck_assert(says("read: done\n", "read", "/usr/bin/env"));
    if (has(KP_SANDBOX_NAMESPACES))
        ck_assert(says("open: EROFS\n", "write", "/usr/bin/kpipe-test"));
    else if (has(KP_SANDBOX_LANDLOCK))
        ck_assert(says("open: EACCES\n", "write", "/usr/bin/kpipe-test"));
    ck_assert(says("write: done\n", "write", "own"));
    ck_assert(says("write: done\n", "write", "/dev/null"));
    expect_nothing_left();
}
END_TEST

START_TEST(processes)
{
    char number[16];
    const char *expected;

    snprintf(number, sizeof(number), "%ld", (long)getpid());
    open_box(withouts[_i]);
    act("exit", "0");
    expected = has(KP_SANDBOX_NAMESPACES)                               ? "kill: ESRCH\n"
               : has(KP_SANDBOX_LANDLOCK) && kp_landlock_version() >= 6 ? "kill: EPERM\n"
                                                                        : "kill: done\n";
    ck_assert(says(expected, "find", number));
    if (has(KP_SANDBOX_SECCOMP) || !has(KP_SANDBOX_NAMESPACES))
        ck_assert(says("mount: EPERM\n", "mount", ""));
    ck_assert(says("fork: done\n", "daemon", "wait"));
    expect_nothing_left();
    ck_assert(says("fork: done\n", "daemon", "go"));
    expect_nothing_left();
    ck_assert(says("fork: done\n", "bomb", "200"));
    expect_nothing_left();
}
END_TEST

/* The time limit ends what a tool started, too, and what ignores signals. */
START_TEST(time_limit)
{
    open_box(withouts[_i]);
    request.time_limit = 1;
    ck_assert_int_eq(act("wait", "deaf"), KP_TOOL_TIME);
    expect_nothing_left();
}
END_TEST

static bool stop(void *data)
{
    return ++*(int *)data > 3;
}

START_TEST(cancelled)
{
    int asked = 0;

    open_box(withouts[_i]);
    act("exit", "0");
    request.cancelled = stop;
    request.data = &asked;
    ck_assert_int_eq(act("wait", ""), KP_TOOL_CANCELLED);
    request.cancelled = NULL;
    expect_nothing_left();
}
END_TEST

/* The same to the tool, whoever runs it and wherever. */
START_TEST(surroundings)
{
    char expected[512];
    const char *got;

    setenv("KPIPE_TEST_SECRET", "password", 1);
    open_box(withouts[_i]);
    act("exit", "0");
    got = act_says("env", "");
    if (has(KP_SANDBOX_NAMESPACES)) {
        snprintf(expected, sizeof(expected),
                 "PATH=/usr/bin:/bin\nLC_ALL=C\nTZ=UTC\nSOURCE_DATE_EPOCH=12345\n"
                 "HOME=%s\nTMPDIR=%s\n",
                 KP_SANDBOX_FOLDER, KP_SANDBOX_FOLDER);
        ck_assert_str_eq(got, expected);
    } else {
        snprintf(expected, sizeof(expected), "HOME=%s/kpipe-tool-", temporary);
        ck_assert_ptr_nonnull(strstr(got, expected));
    }
    ck_assert_ptr_null(strstr(got, "KPIPE_TEST_SECRET"));
    ck_assert(says("0 1 2 \n", "descriptors", ""));
    expect_nothing_left();
}
END_TEST

/* A tool that can kill whoever watches it may leave anything running, and that is told. */
START_TEST(the_keeper_killed)
{
    enum kp_tool_end how;

    open_box(withouts[_i]);
    how = act("parricide", "");
    if (how == KP_TOOL_DONE) { /* it could not */
        expect_nothing_left();
        return;
    }
    ck_assert_int_eq(how, KP_TOOL_TROUBLE);
    ck_assert(!has(KP_SANDBOX_NAMESPACES));
    ck_assert(result.left_behind);
}
END_TEST

/* What cannot be enforced is said, once. */
START_TEST(said)
{
    const char *text;

    open_box(withouts[_i]);
    ck_assert_ptr_null(kp_toolbox_lacks(box)); /* nothing was run yet */
    act("exit", "0");
    text = kp_toolbox_lacks(box);
    if (has(KP_SANDBOX_NAMESPACES) && has(KP_SANDBOX_SECCOMP)) {
        ck_assert_ptr_null(text);
        return;
    }
    ck_assert_ptr_nonnull(text);
    ck_assert_int_eq(strstr(text, "no namespaces") == NULL, has(KP_SANDBOX_NAMESPACES));
    ck_assert_int_eq(strstr(text, "no seccomp filter") == NULL, has(KP_SANDBOX_SECCOMP));
    ck_assert_int_eq(strstr(text, "use the network") == NULL,
                     has(KP_SANDBOX_NAMESPACES) || has(KP_SANDBOX_SECCOMP));
    ck_assert_int_eq(strstr(text, "no Landlock") == NULL,
                     has(KP_SANDBOX_NAMESPACES) || has(KP_SANDBOX_LANDLOCK));
    ck_assert_ptr_null(kp_toolbox_lacks(box));
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_loop_test(tests, network, 0, WITHOUTS);
    tcase_add_loop_test(tests, files, 0, WITHOUTS);
    tcase_add_loop_test(tests, processes, 0, WITHOUTS);
    tcase_add_loop_test(tests, time_limit, 0, WITHOUTS);
    tcase_add_loop_test(tests, cancelled, 0, WITHOUTS);
    tcase_add_loop_test(tests, surroundings, 0, WITHOUTS);
    tcase_add_loop_test(tests, the_keeper_killed, 0, WITHOUTS);
    tcase_add_loop_test(tests, said, 0, WITHOUTS);
}

int main(void)
{
    return run_tests("tool-sandbox", begin, end, fill);
}
