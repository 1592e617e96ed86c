/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/sandbox-life.c - how workers start and end: what is told of it, that nothing
 * is left running whatever they do, and what cannot be started.
 */
#include "sandbox-shared.h"

#include <pthread.h>

static bool inside(void)
{
    return has(KP_SANDBOX_NAMESPACES);
}

/* It ends by itself when kpipe has closed its socket. */
START_TEST(ends_by_itself)
{
    open_confinement(withouts[_i]);
    start();
    ck_assert_int_eq(confined.private_view, inside());
    ck_assert_str_eq(hear(), "here");
    close(inmate);
    kp_confined_stop(&confined, 50000, &ending);
    ck_assert(ending.known && ending.status == 0 && ending.step == NULL);
    ck_assert(!ending.forced);
    ck_assert_uint_eq(ending.said_length, 0);
    expect_nothing_left();
}
END_TEST

/* What does not end is ended. */
START_TEST(hangs)
{
    open_confinement(withouts[_i]);
    ck_assert(says("hangs", SECOND_FILTER, "hang", ""));
    ck_assert(ending.known && WIFSIGNALED(ending.status));
    ck_assert_int_eq(WTERMSIG(ending.status), SIGKILL);
    ck_assert(ending.forced);
    expect_nothing_left();
    start();
    kp_confined_stop(&confined, 0, &ending); /* before it is anything */
    close(inmate);
    ck_assert(ending.known);
    expect_nothing_left();
}
END_TEST

START_TEST(last_words)
{
    static const char last[] = "\nline 99998\nline 99999\n";

    open_confinement(withouts[_i]);
    start();
    ck_assert_str_eq(hear(), "here");
    order(SECOND_FILTER, "talk", "");
    ck_assert_str_eq(hear(), "");
    close(inmate);
    kp_confined_stop(&confined, 50000, &ending);
    ck_assert(ending.known && WIFEXITED(ending.status) && WEXITSTATUS(ending.status) == 7);
    ck_assert_uint_eq(ending.said_length, KP_CONFINED_SAID);
    ck_assert_mem_eq(ending.said + KP_CONFINED_SAID - strlen(last), last, strlen(last));
    start();
    ck_assert_str_eq(hear(), "here");
    order(SECOND_FILTER, "crash", "");
    ck_assert_str_eq(hear(), "");
    close(inmate);
    kp_confined_stop(&confined, 50000, &ending);
    ck_assert(ending.known && WIFSIGNALED(ending.status) && WTERMSIG(ending.status) == SIGSEGV);
    ck_assert_uint_eq(ending.said_length, strlen("about to crash\n"));
    ck_assert_mem_eq(ending.said, "about to crash\n", ending.said_length);
    expect_nothing_left();
}
END_TEST

/* A kpipe that is killed takes its workers along. */
START_TEST(kpipe_killed)
{
    int ready[2];
    pid_t other;
    char byte;

    open_confinement(withouts[_i]);
    ck_assert(says("hangs", NO_FILTER, "hang", "")); /* so that this process has probed */
    ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
    other = fork();
    ck_assert_int_ge(other, 0);
    if (other == 0) {
        start();
        hear();
        order(SECOND_FILTER, "hang", "");
        hear();
        (void)!write(ready[1], "x", 1);
        for (;;)
            pause();
    }
    close(ready[1]);
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    ck_assert_int_eq(kill(other, SIGKILL), 0);
    /* It, and the keeper, which falls to this process; a worker that was left would too. */
    while (waitpid(-1, NULL, 0) > 0)
        ;
    ck_assert_int_eq(errno, ECHILD);
}
END_TEST

static void *start_it(void *unused)
{
    start();
    return unused;
}

/* The thread that started it may be gone. */
START_TEST(another_thread)
{
    pthread_t thread;

    open_confinement(withouts[_i]);
    ck_assert_int_eq(pthread_create(&thread, NULL, start_it, NULL), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_str_eq(hear(), "here");
    order(SECOND_FILTER, "behave", "");
    ck_assert_str_eq(hear(), "all: done");
    close(inmate);
    kp_confined_stop(&confined, 50000, &ending);
    ck_assert(ending.known && ending.status == 0);
    expect_nothing_left();
}
END_TEST

static void *use_it(void *data)
{
    const int descriptor = open(plugin, O_RDONLY | O_CLOEXEC);
    intptr_t bad = 0;

    for (int i = 0; i < 8; i++) {
        struct kp_confined_request wanted = {.plugin = plugin, .descriptor = descriptor};
        struct kp_confined mine;
        struct kp_confined_end its;
        const char *what;
        char text[8] = "";
        int ends[2];

        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
            return data;
        wanted.socket = ends[1];
        bad += kp_confined_start(confinement, &wanted, &mine, &what) ? 0 : 1;
        close(ends[1]);
        bad += recv(ends[0], text, sizeof(text), 0) == 4 ? 0 : 1;
        close(ends[0]);
        kp_confined_stop(&mine, i % 2 == 0 ? 50000 : 0, &its);
        bad += its.known && !its.left_behind && (i % 2 != 0 || its.status == 0) ? 0 : 1;
    }
    close(descriptor);
    return bad == 0 ? NULL : data;
}

/* Several threads start and end workers at once; the first question is asked by all of them. */
START_TEST(many_threads)
{
    pthread_t threads[4];
    void *bad;

    open_confinement(withouts[_i]);
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, use_it, confinement), 0);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(pthread_join(threads[i], &bad), 0);
        ck_assert_ptr_null(bad);
    }
    ending.left_behind = false;
    expect_nothing_left();
}
END_TEST

/* The file that was looked at is the one that is shown. */
START_TEST(plugin_replaced)
{
    int descriptor;

    open_confinement(withouts[_i]);
    ck_assert_int_eq(system("cp -r " KPIPE_TEST_NEEDY "/. ."), 0);
    plugin = kp_arena_printf(arena, "%s/plugins/needy.so", test_folder);
    descriptor = open(plugin, O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(descriptor, 0);
    put_file("other", "of the user's");
    ck_assert_int_eq(rename("other", "plugins/needy.so"), 0);
    ck_assert(start_with(descriptor));
    if (inside()) {
        ck_assert_str_eq(hear(), "");
    } else {
        ck_assert_str_eq(hear(), "here");
        order(FIRST_FILTER, "read", plugin);
        ck_assert_str_eq(hear(), has(KP_SANDBOX_LANDLOCK) ? "open: EACCES" : "read: done");
    }
    close(inmate);
    kp_confined_stop(&confined, 50000, &ending);
    if (inside()) {
        ck_assert_str_eq(ending.step, "mounts");
        ck_assert_int_eq(ending.error, ESTALE);
    }
    expect_nothing_left();
    unlink(plugin);
    ck_assert(start_with(descriptor));
    ck_assert_str_eq(hear(), inside() ? "" : "here");
    close(inmate);
    kp_confined_stop(&confined, 50000, &ending);
    if (inside()) {
        ck_assert_str_eq(ending.step, "mounts");
        ck_assert_int_eq(ending.error, ENOENT);
    }
    expect_nothing_left();
    expect_no_file(plugin);
    close(descriptor);
}
END_TEST

START_TEST(no_program)
{
    const struct kp_confinement_options options = {"/nowhere/kpipe-worker", withouts[_i]};

    confinement = kp_confinement_new(&options);
    ck_assert_ptr_nonnull(confinement);
    start();
    ck_assert_str_eq(hear(), "");
    close(inmate);
    kp_confined_stop(&confined, 50000, &ending);
    ck_assert_ptr_nonnull(ending.step);
    ck_assert_str_eq(ending.step, "its program");
    ck_assert_int_eq(ending.error, ENOENT);
    expect_nothing_left();
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_loop_test(tests, ends_by_itself, 0, WITHOUTS);
    tcase_add_loop_test(tests, hangs, 0, WITHOUTS);
    tcase_add_loop_test(tests, last_words, 0, WITHOUTS);
    tcase_add_loop_test(tests, kpipe_killed, 0, WITHOUTS);
    tcase_add_loop_test(tests, another_thread, 0, WITHOUTS);
    tcase_add_loop_test(tests, many_threads, 0, WITHOUTS);
    tcase_add_loop_test(tests, plugin_replaced, 0, WITHOUTS);
    tcase_add_loop_test(tests, no_program, 0, WITHOUTS);
}

int main(void)
{
    return run_tests("sandbox-life", begin, end, fill);
}
