/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/worker-crash.c - the program kpipe-worker: how it ends when the plugin ends it, with
 * which last words, and that nothing of the plugin's runs at its own end.
 */
#include "worker-shared.h"

#include <sys/wait.h>

#ifdef KPIPE_NO_DLOPEN
int main(void)
{
    return EXIT_SUCCESS;
}
#else

static pid_t program;
static int words; /* what it writes to standard error */

static _Noreturn void become_worker(int socket, int says)
{
    dup2(says, STDERR_FILENO);
    dup2(socket, 3);
    execl(KPIPE_TEST_WORKER, "kpipe-worker", (char *)NULL);
    _exit(99);
}

/* Starts the program for the plugin faulty. */
static void start_program(void)
{
    int ends[2], says[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    ck_assert_int_eq(pipe2(says, O_CLOEXEC), 0);
    program = fork();
    ck_assert_int_ge(program, 0);
    if (program == 0)
        become_worker(ends[1], says[1]);
    close(ends[1]);
    close(says[1]);
    words = says[0];
    kp_wire_open(&wire, ends[0], 0);
    greet(sample("faulty"), KP_WIRE_OPEN_PATH, KP_WIRE_VERSION, 0);
    hear(KP_WIRE_DESCRIBED);
}

/* Waits for its end; what it said is in `said`. */
static int end_program(char said[1024])
{
    size_t length = 0;
    ssize_t got;
    int status;

    kp_wire_close(&wire);
    while ((got = read(words, said + length, 1023 - length)) > 0)
        length += (size_t)got;
    said[length] = '\0';
    close(words);
    ck_assert_int_eq(waitpid(program, &status, 0), program);
    munmap(control, sizeof(*control));
    control = NULL;
    return status;
}

/* The last words are that line, with an address in the function that begins at `begin`. */
static void expect_words(const char *said, const char *words_before, unsigned long begin)
{
    char expected[80];
    unsigned long address;
    char *end;

    snprintf(expected, sizeof(expected), "kpipe-worker: %s +0x", words_before);
    ck_assert_msg(strncmp(said, expected, strlen(expected)) == 0, "%s", said);
    address = strtoul(said + strlen(expected), &end, 16);
    ck_assert_msg(address >= begin && address - begin < 400, "%s (%lx)", said, begin);
    ck_assert_str_eq(end, "\n");
}

static void expect_crash(uint32_t how, int number, const char *where)
{
    char said[1024], expected[40];
    unsigned long begin;
    int status;

    start_program();
    call_faulty(how);
    begin = hear_address();
    ck_assert_int_eq(kp_wire_receive(&wire, &message), KP_WIRE_ENDED);
    status = end_program(said);
    ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == number, "status %x", status);
    /* Where the stack ends is anywhere. */
    if (where == NULL)
        where = strstr(said, "called") != NULL ? "called from" : "at";
    snprintf(expected, sizeof(expected), "signal %d %s", number, where);
    expect_words(said, expected, begin);
}

START_TEST(test_own_code)
{
    expect_crash(0, SIGSEGV, "at");
}
END_TEST

START_TEST(test_library)
{
    expect_crash(2, SIGABRT, "called from");
    expect_crash(3, SIGILL, "called from");
}
END_TEST

/* Sanitizers look at what memcpy is given themselves, and have other stacks. */
START_TEST(test_memory)
{
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    expect_crash(1, SIGSEGV, "called from");
    expect_crash(5, SIGSEGV, NULL);
#endif
}
END_TEST

START_TEST(test_thread)
{
    char said[1024];
    unsigned long begin;
    int ends[2], status;

    start_program();
    call_faulty(8);
    begin = hear_address();
    hear(KP_WIRE_PARALLEL);
    ck_assert_uint_eq(kp_take_u64(&message.payload), 2);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    kp_put_u32(&payload, 0);
    tell_worker(KP_WIRE_LEND, &ends[1], 1);
    close(ends[1]);
    ck_assert_int_eq(kp_wire_receive(&wire, &message), KP_WIRE_ENDED);
    close(ends[0]);
    status = end_program(said);
    ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "status %x", status);
    expect_words(said, "signal 11 at", begin);
}
END_TEST

/* An end that nobody asked for. */
START_TEST(test_exit)
{
    char said[1024];
    unsigned long begin;
    int status;

    start_program();
    call_faulty(4);
    begin = hear_address();
    ck_assert_int_eq(kp_wire_receive(&wire, &message), KP_WIRE_ENDED);
    status = end_program(said);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    expect_words(said, "exit called from", begin);
}
END_TEST

START_TEST(test_end)
{
    char said[1024];
    int status;

    start_program();
    call_faulty(7);
    hear_address();
    hear_done(KP_OK, 0);
    status = end_program(said);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    ck_assert_str_eq(said, "");
}
END_TEST

START_TEST(test_no_message)
{
    char said[1024];
    int status;

    start_program();
    tell_worker(KP_WIRE_LEND, NULL, 0);
    ck_assert_int_eq(kp_wire_receive(&wire, &message), KP_WIRE_ENDED);
    status = end_program(said);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == KP_WIRE_STATUS_BROKEN);
    ck_assert_str_eq(said, "kpipe-worker: something else than a call\n");
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_test(tests, test_own_code);
    tcase_add_test(tests, test_library);
    tcase_add_test(tests, test_memory);
    tcase_add_test(tests, test_thread);
    tcase_add_test(tests, test_exit);
    tcase_add_test(tests, test_end);
    tcase_add_test(tests, test_no_message);
}

int main(void)
{
    return run_case("worker-crash", fill);
}
#endif
