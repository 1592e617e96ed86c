/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sandbox/child.c - what happens between kpipe and a host tool: the keeper, which sets up the
 * namespaces, starts the tool and ends what it leaves behind. System calls only, see
 * sandbox.h.
 */
#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAMESPACES                                                                                 \
    (CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)

/* The keeper's own descriptors, behind those of the tool. */
#define EXTRA 3
#define REPORT 4
#define LEASH 5
/* How often the keeper looks for processes that are left, a millisecond apart. */
#define ROUNDS 5000

const char *kp_child_step(int step)
{
    static const char *const steps[] = {"user namespace", "mounts", "processes", "Landlock",
                                        "seccomp"};

    return step >= 0 && step <= KP_STEP_SECCOMP ? steps[step] : "?";
}

static void tell(int to, enum kp_child_news news, int step, int value)
{
    const struct kp_child_report report = {(int32_t)news, step, value};

    /* Less than PIPE_BUF: whole or not at all. Nobody is left to be told of a failure. */
    if (write(to, &report, sizeof(report)) != (ssize_t)sizeof(report))
        _exit(2);
}

static void __attribute__((noreturn)) no_sandbox(int step)
{
    tell(REPORT, KP_CHILD_NO_SANDBOX, step, errno);
    _exit(1);
}

/* --- the tool --- */

/* Outside of a user namespace root stays root: without the powers that root has over what
 * belongs to others, now and after exec. Of no effect for anybody else. */
static void drop_powers(void)
{
    prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED, 0, 0, 0);
    for (unsigned long power = 0; power < 64; power++)
        prctl(PR_CAPBSET_DROP, power, 0, 0, 0);
}

static void __attribute__((noreturn)) become_tool(const struct kp_child *child)
{
    const bool inside = (child->mechanisms & KP_SANDBOX_NAMESPACES) != 0;
    const struct sock_fprog filter = {child->filter_length,
                                      (struct sock_filter *)(uintptr_t)child->filter};
    sigset_t none;

    /* Its own session: no terminal, and no signal that is meant for kpipe. */
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(LEASH);
    umask(022);
    if (chdir(child->folder == NULL ? "/" : inside ? KP_SANDBOX_FOLDER : child->folder) != 0)
        no_sandbox(KP_STEP_MOUNTS);
    for (size_t i = 0; i < child->limit_count; i++)
        setrlimit((__rlimit_resource_t)child->limits[i].resource, &child->limits[i].value);
    if (!inside)
        drop_powers();
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        no_sandbox(KP_STEP_PROCESS);
    if ((child->mechanisms & KP_SANDBOX_LANDLOCK) != 0 && !kp_landlock_enter(child))
        no_sandbox(KP_STEP_LANDLOCK);
    if ((child->mechanisms & KP_SANDBOX_SECCOMP) != 0 &&
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
        no_sandbox(KP_STEP_SECCOMP);
    if (child->program == NULL)
        _exit(0);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(child->program, child->arguments, child->environment);
    tell(REPORT, KP_CHILD_NO_PROGRAM, 0, errno);
    _exit(127);
}

/* A copy of this process, as fork makes it, but without what fork does for threads that the
 * copy does not have: it would wait for their locks. */
static pid_t copy(unsigned long flags, int *handle)
{
    if (handle != NULL)
        flags |= CLONE_PIDFD;
#ifdef __s390__ /* clone(2): the first two arguments change places */
    return (pid_t)syscall(SYS_clone, 0UL, flags | SIGCHLD, handle, NULL, 0UL);
#else
    return (pid_t)syscall(SYS_clone, flags | SIGCHLD, 0UL, handle, NULL, 0UL);
#endif
}

/* --- the keeper --- */

/* Kills the processes that are children now; how many, or -1 if the kernel does not tell. */
static int kill_children(void)
{
    const int list = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
    char text[4096];
    ssize_t length;
    int count = 0;

    if (list < 0)
        return -1;
    length = read(list, text, sizeof(text) - 1);
    close(list);
    for (ssize_t i = 0; i < length; i++) {
        pid_t child = 0;

        for (; i < length && text[i] >= '0' && text[i] <= '9'; i++)
            child = child * 10 + (text[i] - '0');
        /* A number that the buffer cuts off would be another process's. */
        if (child > 1 && i < (ssize_t)sizeof(text) - 1) {
            kill(child, SIGKILL);
            count++;
        }
    }
    return count;
}

/* Without a namespace: what the tool started becomes a child of the keeper when its own
 * parent ends, and is found so. True if nothing is left. */
static bool end_all(pid_t tool)
{
    for (int round = 0; round < ROUNDS; round++) {
        pid_t ended;

        kill(-tool, SIGKILL);
        kill_children();
        while ((ended = waitpid(-1, NULL, WNOHANG)) > 0)
            ;
        if (ended < 0 && errno == ECHILD)
            return true;
        poll(NULL, 0, 1);
    }
    return false;
}

/* Waits for the end of the tool, or of the leash; the tool's status. */
static int watch(pid_t tool, int handle)
{
    struct pollfd events[] = {{handle, POLLIN, 0}, {LEASH, POLLIN, 0}};
    int status = 0;

    while (poll(events, 2, -1) < 0 && errno == EINTR)
        ;
    if (events[0].revents == 0)
        kill(tool, SIGKILL);
    while (waitpid(tool, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

static bool write_file(const char *path, const char *text)
{
    const size_t length = strlen(text);
    const int file = open(path, O_WRONLY | O_CLOEXEC);
    bool good;

    if (file < 0)
        return false;
    good = write(file, text, length) == (ssize_t)length;
    close(file);
    return good;
}

static void enter_namespaces(const struct kp_child *child)
{
    if (!write_file("/proc/self/setgroups", "deny") ||
        !write_file("/proc/self/uid_map", child->user_map) ||
        !write_file("/proc/self/gid_map", child->group_map))
        no_sandbox(KP_STEP_USER);
    if (sethostname("kpipe", 5) != 0 || !kp_mounts_enter(child))
        no_sandbox(KP_STEP_MOUNTS);
}

/* Signals are blocked since kp_child_spawn. */
static void reset_signals(void)
{
    const struct sigaction action = {.sa_handler = SIG_DFL};

    for (int number = 1; number < NSIG; number++)
        sigaction(number, &action, NULL);
}

static void close_from(int first)
{
    const long most = sysconf(_SC_OPEN_MAX);

#ifdef SYS_close_range
    if (syscall(SYS_close_range, (unsigned)first, ~0U, 0) == 0)
        return;
#endif
    for (int i = first; i < (most > 0 && most < 65536 ? (int)most : 65536); i++)
        close(i);
}

/* The descriptors at their places; all others, those of other threads' work too, go. */
static void place_descriptors(const struct kp_child *child)
{
    if (dup2(child->in, 0) < 0 || dup2(child->out, 1) < 0 || dup2(child->error, 2) < 0 ||
        dup2(child->report, REPORT) < 0 || dup2(child->leash, LEASH) < 0 ||
        fcntl(REPORT, F_SETFD, FD_CLOEXEC) != 0)
        _exit(2);
    if (child->extra < 0)
        close(EXTRA);
    else if (dup2(child->extra, EXTRA) < 0)
        _exit(2);
    close_from(LEASH + 1);
}

static void __attribute__((noreturn)) keep(const struct kp_child *child)
{
    const bool inside = (child->mechanisms & KP_SANDBOX_NAMESPACES) != 0;
    bool all_ended = true;
    int handle = -1;
    int status;
    pid_t tool;

    reset_signals();
    setsid();
    place_descriptors(child);
    if (inside)
        enter_namespaces(child);
    else if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
        no_sandbox(KP_STEP_PROCESS);
    /* This is a copy of kpipe, with all that kpipe knows: not to be looked into. */
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    tool = copy(0, &handle);
    if (tool == 0)
        become_tool(child);
    if (tool < 0)
        no_sandbox(KP_STEP_PROCESS);
    /* So that the end of what the tool writes is seen when the tool has ended. */
    for (int i = 0; i < (child->extra < 0 ? EXTRA : REPORT); i++)
        close(i);
    status = watch(tool, handle);
    if (!inside)
        all_ended = end_all(tool);
    tell(REPORT, KP_CHILD_ENDED, all_ended ? 0 : 1, status);
    _exit(0); /* as process 1: the kernel ends the rest before anybody can wait for it */
}

pid_t kp_child_spawn(const struct kp_child *child)
{
    const bool inside = (child->mechanisms & KP_SANDBOX_NAMESPACES) != 0;
    sigset_t all, before;
    pid_t keeper;
    int error;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    keeper = copy(inside ? NAMESPACES : 0, NULL);
    if (keeper == 0)
        keep(child);
    error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return keeper;
}
