/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/sandbox-reach.c - what a hostile plugin in a worker can reach, by each set of mechanisms
 * that kpipe may have to get along with, before it is open and after. Where this
 * machine lacks one itself, what is expected is what remains, and that kpipe says so.
 */
#include "sandbox-shared.h"

#include <arpa/inet.h>

static bool inside(void)
{
    return has(KP_SANDBOX_NAMESPACES);
}

static bool filtered(void)
{
    return has(KP_SANDBOX_SECCOMP);
}

/* 0 if it is not used. */
static int landlock(void)
{
    return has(KP_SANDBOX_LANDLOCK) ? kp_landlock_version() : 0;
}

START_TEST(network)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);
    const int one = socket(AF_INET, SOCK_STREAM, 0);
    char port[16];

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(bind(one, (struct sockaddr *)&address, sizeof(address)), 0);
    ck_assert_int_eq(listen(one, 1), 0);
    ck_assert_int_eq(getsockname(one, (struct sockaddr *)&address, &size), 0);
    snprintf(port, sizeof(port), "%u", (unsigned)ntohs(address.sin_port));
    open_confinement(withouts[_i]);
    for (enum stage stage = FIRST_FILTER; stage <= SECOND_FILTER; stage++)
        ck_assert(says(filtered()        ? "socket: EPERM"
                       : inside()        ? "connect: ENETUNREACH"
                       : landlock() >= 4 ? "connect: EACCES"
                                         : "connect: done",
                       stage, "connect", port));
    close(one);
    expect_nothing_left();
}
END_TEST

/* The user's files, and the system's. */
START_TEST(files)
{
    char secret[128], target[128];
    const char *hidden, *closed;

    snprintf(secret, sizeof(secret), "%s/secret", test_folder);
    snprintf(target, sizeof(target), "%s/target", test_folder);
    put_file("secret", "nobody's business");
    open_confinement(withouts[_i]);
    hidden = inside() ? "open: ENOENT" : landlock() > 0 ? "open: EACCES" : "read: done";
    ck_assert(says(hidden, NO_FILTER, "read", secret));
    ck_assert(says(hidden, FIRST_FILTER, "read", secret));
    ck_assert(says(filtered() ? "open: EPERM" : hidden, SECOND_FILTER, "read", secret));
    ck_assert(says(inside() ? "stat: ENOENT" : "stat: done", FIRST_FILTER, "stat", secret));
    ck_assert(says(filtered() ? "stat: EPERM"
                   : inside() ? "stat: ENOENT"
                              : "stat: done",
                   SECOND_FILTER, "stat", secret));
    closed = filtered() ? "EPERM" : inside() ? "ENOENT" : landlock() > 0 ? "EACCES" : "";
    for (enum stage stage = FIRST_FILTER; stage <= SECOND_FILTER && closed[0] != '\0'; stage++) {
        const char *const folder = inside() ? "/usr/lib" : test_folder;
        char expected[64];

        snprintf(expected, sizeof(expected), "open: %s", closed);
        ck_assert(says(expected, stage, "write", target));
        expect_no_file(target);
        if (filtered() || inside() || landlock() >= 3) {
            snprintf(expected, sizeof(expected), "truncate: %s", closed);
            ck_assert(says(expected, stage, "truncate", secret));
        }
        snprintf(expected, sizeof(expected), "open: %s",
                 filtered() ? "EPERM"
                 : inside() ? "EROFS"
                            : "EACCES");
        ck_assert(says(expected, stage, "tmpfile", folder));
    }
    /* Not even where all is open can it fill the disk. */
    if (closed[0] == '\0')
        ck_assert(says("signal 25", NO_FILTER, "write", target));
    if (inside())
        ck_assert(says("open: EROFS", NO_FILTER, "write", "/usr/lib/kpipe-test"));
    expect_nothing_left();
}
END_TEST

static bool shows(const char *list, const char *name)
{
    return strstr(list, name) != NULL;
}

/* What it sees of the system. */
START_TEST(view)
{
    char secret[128];
    const char *names;

    open_confinement(withouts[_i]);
    ck_assert(says("read: done", FIRST_FILTER, "read", plugin));
    if (!inside())
        return;
    names = act(FIRST_FILTER, "list", "/");
    ck_assert(shows(names, "usr ") && shows(names, "lib "));
    ck_assert(!shows(names, "root") && !shows(names, "home") && !shows(names, "dev") &&
              !shows(names, "sys"));
    ck_assert_str_eq(act(FIRST_FILTER, "list", "/etc"), "ld.so.cache ");
    names = act(FIRST_FILTER, "list", "/usr");
    ck_assert(!shows(names, "bin") && !shows(names, "share"));
    /* No folder is shown for a run path's sake, only what is needed. */
    ck_assert_str_eq(act(FIRST_FILTER, "list", KPIPE_TEST_NEEDY "/lib"), "deep libnear.so ");
    ck_assert(says("dlopen: done", FIRST_FILTER, "load", plugin));
    ck_assert_int_eq(system("cp -r " KPIPE_TEST_NEEDY "/. ."), 0);
    put_file("lib/libnear.so", "a secret, and no library");
    plugin = arena == NULL ? NULL : kp_arena_printf(arena, "%s/plugins/needy.so", test_folder);
    snprintf(secret, sizeof(secret), "%s/lib/libnear.so", test_folder);
    ck_assert(says("open: ENOENT", FIRST_FILTER, "read", secret));
    expect_nothing_left();
}
END_TEST

/* Other processes, and more of its own. */
START_TEST(processes)
{
    char number[16];

    snprintf(number, sizeof(number), "%ld", (long)getpid());
    open_confinement(withouts[_i]);
    for (enum stage stage = FIRST_FILTER; stage <= SECOND_FILTER; stage++) {
        ck_assert(says(filtered() ? "fork: EPERM" : "fork: done", stage, "fork", ""));
        expect_nothing_left();
        if (filtered() || inside() || landlock() > 0)
            ck_assert(says(filtered() ? "exec: EPERM"
                           : inside() ? "exec: ENOENT"
                                      : "exec: EACCES",
                           stage, "exec", "/usr/bin/env"));
        ck_assert(says("ptrace: EPERM", stage, "ptrace", ""));
        ck_assert(says(inside()                        ? "kill: ESRCH"
                       : filtered() || landlock() >= 6 ? "kill: EPERM"
                                                       : "kill: done",
                       stage, "find", number));
        /* Its own end is told as it was, for which it must signal itself. */
        ck_assert(says("signal 6", stage, "abort", ""));
        if (!filtered())
            continue;
        ck_assert(says("clone3: ENOSYS", stage, "clone3", ""));
        ck_assert(says("fcntl: EPERM", stage, "own", number));
        ck_assert(says("sendmsg: EPERM", stage, "rights", ""));
        ck_assert(says("sendto: EPERM", stage, "name", ""));
        ck_assert(says("unshare: EPERM", stage, "unshare", ""));
        ck_assert(says("prctl: EPERM", stage, "death", ""));
    }
    expect_nothing_left();
}
END_TEST

/* Whoever kills the keeper ends with it, or it is told that something may be left. */
START_TEST(the_keeper_killed)
{
    open_confinement(withouts[_i]);
    if (inside()) {
        ck_assert(says("kill: done", NO_FILTER, "parricide", ""));
        ck_assert(ending.known);
    } else if (filtered() || landlock() >= 6) {
        ck_assert(says("kill: EPERM", FIRST_FILTER, "parricide", ""));
    } else {
        act(NO_FILTER, "parricide", "");
        ck_assert(!ending.known && ending.left_behind);
        while (waitpid(-1, NULL, 0) > 0) /* it was told of its parent's death */
            ;
        return;
    }
    expect_nothing_left();
}
END_TEST

START_TEST(system_calls)
{
    open_confinement(withouts[_i]);
    for (enum stage stage = FIRST_FILTER; stage <= SECOND_FILTER; stage++) {
        ck_assert(says(filtered() ? "memfd: EPERM" : "memfd: done", stage, "memfd", ""));
        ck_assert(says("mount: EPERM", stage, "mount", ""));
        ck_assert(says(filtered() && stage == SECOND_FILTER ? "mmap: EPERM" : "mmap: done", stage,
                       "code", ""));
        ck_assert(says("setrlimit: EPERM", stage, "limit", ""));
        ck_assert(says("all: done", stage, "behave", ""));
#ifdef __x86_64__
        if (filtered())
            ck_assert(says("signal 31", stage, "int80", ""));
#endif
    }
    expect_nothing_left();
}
END_TEST

/* The user whom limits of processes count for: root is not counted. */
static void become_nobody(void)
{
    if (geteuid() != 0)
        return;
    ck_assert_int_eq(chmod(test_folder, 0777), 0);
    ck_assert_int_eq(setresgid(65534, 65534, 65534), 0);
    ck_assert_int_eq(setresuid(65534, 65534, 65534), 0);
    ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), 0);
}

static bool is_open_to_all(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && (status.st_mode & S_IROTH) != 0;
}

START_TEST(amounts)
{
    limits = (struct kp_limits){.memory = 256 << 20, .threads = 16};
    if (_i >= WITHOUTS && is_open_to_all(KPIPE_TEST_INMATE) && is_open_to_all(plugin))
        become_nobody();
    open_confinement(withouts[_i % WITHOUTS]);
    ck_assert(says("mmap: done", SECOND_FILTER, "memory", "67108864"));
    ck_assert(says(KP_TEST_SANITIZED ? "mmap: done" : "mmap: ENOMEM", SECOND_FILTER, "memory",
                   "300000000"));
    ck_assert(says("files: done", SECOND_FILTER, "files", "1000"));
    ck_assert(says("files: EMFILE", SECOND_FILTER, "files", "5000"));
    ck_assert(says("threads: done", SECOND_FILTER, "threads", "14"));
    if (inside() && geteuid() != 0) {
        ck_assert(says("threads: EAGAIN", SECOND_FILTER, "threads", "40"));
        ck_assert(!ending.crowded);
    } else {
        start();
        ck_assert_str_eq(hear(), "here");
        order(SECOND_FILTER, "crowd", "40");
        ck_assert_str_eq(hear(), "threads: done");
        ck_assert_str_eq(hear(), ""); /* until it is noticed */
        close(inmate);
        kp_confined_stop(&confined, 0, &ending);
        ck_assert(ending.known && ending.crowded);
    }
    expect_nothing_left();
}
END_TEST

/* The same to the plugin, whoever runs it and wherever. */
START_TEST(surroundings)
{
    setenv("KPIPE_TEST_SECRET", "password", 1);
    setenv("LD_LIBRARY_PATH", "/nowhere", 1);
    open_confinement(withouts[_i]);
    unsetenv("ASAN_OPTIONS");
    unsetenv("UBSAN_OPTIONS");
    unsetenv("TSAN_OPTIONS");
    unsetenv("LSAN_OPTIONS");
    ck_assert(says("LC_ALL=C TZ=UTC 0 1 2 3 ", SECOND_FILTER, "env", ""));
    expect_nothing_left();
}
END_TEST

/* All that is lacking, as one text. */
static const char *all_lacks(void)
{
    const char *text = "";

    for (const char *const *lack = kp_confinement_lacks(confinement); *lack != NULL; lack++)
        text = kp_arena_printf(arena, "%s%s\n", text, *lack);
    return text;
}

/* What cannot be enforced is said. */
START_TEST(said)
{
    const char *text;
    unsigned short length;

    open_confinement(withouts[_i]);
    ck_assert_uint_eq(kp_confinement_mechanisms(confinement) & withouts[_i], 0);
    text = all_lacks();
    ck_assert_int_eq(shows(text, "no namespaces ("), !inside());
    ck_assert_int_eq(shows(text, "system calls: no seccomp ("), !filtered());
    ck_assert_int_eq(shows(text, "the network"), !inside() && !filtered());
    ck_assert_int_eq(shows(text, "no Landlock"), !inside() && landlock() == 0);
    ck_assert_int_eq(shows(text, "built with a sanitizer"), KP_TEST_SANITIZED);
    ck_assert_int_eq(kp_confinement_filter(confinement, true, &length) != NULL, filtered());
    ck_assert_int_eq(kp_confinement_filter(confinement, false, &length) != NULL, filtered());
    if (withouts[_i] == (KP_SANDBOX_NAMESPACES | KP_SANDBOX_LANDLOCK) && filtered())
        ck_assert_str_eq(text, "reading of the user's files while a plugin is opened: no "
                               "namespaces (not wanted), no Landlock\n");
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_loop_test(tests, network, 0, WITHOUTS);
    tcase_add_loop_test(tests, files, 0, WITHOUTS);
    tcase_add_loop_test(tests, view, 0, WITHOUTS);
    tcase_add_loop_test(tests, processes, 0, WITHOUTS);
    tcase_add_loop_test(tests, the_keeper_killed, 0, WITHOUTS);
    tcase_add_loop_test(tests, system_calls, 0, WITHOUTS);
    tcase_add_loop_test(tests, amounts, 0, 2 * WITHOUTS);
    tcase_add_loop_test(tests, surroundings, 0, WITHOUTS);
    tcase_add_loop_test(tests, said, 0, WITHOUTS);
}

int main(void)
{
    return run_tests("sandbox-reach", begin, end, fill);
}
