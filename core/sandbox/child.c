/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sandbox/child.c - what happens between kpipe and a host tool or a worker: the keeper, which
 * sets up the namespaces and starts the tool. What it does then stands in keeper.c.
 * System calls only, see sandbox.h.
 */
#include "sandbox/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"

#define NAMESPACES                                                                                 \
    (CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)

/* The keeper's own descriptors, behind those of the tool. */
#define EXTRA 3
#define REPORT 4
#define LEASH 5
#define PINNED KP_CHILD_PINNED

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

/* From here on it may send signals to itself only: a filter like seccomp.c's, which cannot know
 * the number of a process that does not run yet. */
static bool guard_others(void)
{
    const uint32_t low = offsetof(struct seccomp_data, args)
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
                         + 4
#endif
        ;
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_tgkill, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_kill, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, low),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)getpid(), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    };
    const struct sock_fprog filter = {sizeof(code) / sizeof(code[0]), code};

    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

static void shut_in(const struct kp_child *child)
{
    const struct sock_fprog filter = {child->filter_length,
                                      (struct sock_filter *)(uintptr_t)child->filter};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        no_sandbox(KP_STEP_PROCESS);
    if ((child->mechanisms & KP_SANDBOX_LANDLOCK) != 0 && !kp_landlock_enter(child))
        no_sandbox(KP_STEP_LANDLOCK);
    if ((child->mechanisms & KP_SANDBOX_SECCOMP) == 0)
        return;
    if ((child->own_signals && !guard_others()) ||
        (child->filter != NULL && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0))
        no_sandbox(KP_STEP_SECCOMP);
}

static void __attribute__((noreturn)) become_tool(const struct kp_child *child, int error)
{
    const bool inside = (child->mechanisms & KP_SANDBOX_NAMESPACES) != 0;
    sigset_t none;

    /* Its own session: no terminal, and no signal that is meant for kpipe. */
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(LEASH);
    umask(022);
    if (error >= 0 && dup2(error, 2) < 0)
        no_sandbox(KP_STEP_PROCESS);
    if (chdir(child->folder == NULL ? "/" : inside ? KP_SANDBOX_FOLDER : child->folder) != 0)
        no_sandbox(KP_STEP_MOUNTS);
    for (size_t i = 0; i < child->limit_count; i++)
        setrlimit((__rlimit_resource_t)child->limits[i].resource, &child->limits[i].value);
    if (!inside)
        drop_powers();
    shut_in(child);
    if (child->tell_shut_in)
        tell(REPORT, KP_CHILD_SHUT_IN, 0, 0);
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
    if (child->pinned < 0)
        close(PINNED);
    else if (dup2(child->pinned, PINNED) < 0 || fcntl(PINNED, F_SETFD, FD_CLOEXEC) != 0)
        _exit(2);
    close_from(PINNED + 1);
}

/* Where the kernel is told whom to end first when the machine has no memory left; -1: it cannot
 * be told. The keeper takes the place for as long as it takes to hand it on. */
static int become_victim(char before[8])
{
    const int file = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
    const ssize_t length = file < 0 ? -1 : pread(file, before, 7, 0);

    if (length > 0 && pwrite(file, "1000", 4, 0) == 4) {
        before[length] = '\0';
        return file;
    }
    if (file >= 0)
        close(file);
    return -1;
}

/* /proc as it is outside, to count threads by; -1: nobody counts. */
static int open_processes(const struct kp_child *child)
{
    return child->most_threads == 0 ? -1 : open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static void start(const struct kp_child *child, struct kp_keeper *keeper)
{
    int said[2] = {-1, -1};

    /* The tool's end is an ordinary one. */
    if (child->last_words &&
        (pipe2(said, O_CLOEXEC | O_NONBLOCK) != 0 || fcntl(said[1], F_SETFL, 0) != 0))
        no_sandbox(KP_STEP_PROCESS);
    keeper->tool = copy(0, &keeper->handle);
    if (keeper->tool == 0)
        become_tool(child, said[1]);
    if (keeper->tool < 0)
        no_sandbox(KP_STEP_PROCESS);
    keeper->said = said[0];
    /* So that the end of what the tool writes is seen when the tool has ended. */
    if (said[1] >= 0)
        close(said[1]);
    for (int i = 0; i < (child->extra < 0 ? EXTRA : REPORT); i++)
        if (i != 2 || !child->last_words)
            close(i);
}

static void __attribute__((noreturn)) keep(const struct kp_child *child)
{
    const bool inside = (child->mechanisms & KP_SANDBOX_NAMESPACES) != 0;
    struct kp_keeper keeper = {.handle = -1, .leash = LEASH, .said = -1, .threads = -1};
    char before[8];
    bool all_ended = true;
    int status, victim, processes;

    reset_signals();
    setsid();
    place_descriptors(child);
    victim = child->first_victim ? become_victim(before) : -1;
    processes = open_processes(child);
    if (inside)
        enter_namespaces(child);
    else if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
        no_sandbox(KP_STEP_PROCESS);
    /* This is a copy of kpipe, with all that kpipe knows: not to be looked into. */
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    start(child, &keeper);
    if (victim >= 0 && pwrite(victim, before, strlen(before), 0) < 0)
        close(victim); /* then it goes first, too */
    kp_keeper_count(&keeper, processes, child->most_threads);
    status = kp_keeper_watch(&keeper);
    if (!inside)
        all_ended = kp_keeper_end_all(keeper.tool);
    kp_keeper_hand_on(&keeper, 2);
    tell(REPORT, KP_CHILD_ENDED,
         (all_ended ? 0 : KP_CHILD_LEFT) | (keeper.crowded ? KP_CHILD_CROWDED : 0), status);
    _exit(0); /* as process 1: the kernel ends the rest before anybody can wait for it */
}

pid_t kp_child_spawn(const struct kp_child *child)
{
    const bool inside = (child->mechanisms & KP_SANDBOX_NAMESPACES) != 0;
    sigset_t all, before;
    pid_t keeper;
    int error;

    sigfillset(&all);
    kp_memory_copy_begin();
    pthread_sigmask(SIG_SETMASK, &all, &before);
    keeper = copy(inside ? NAMESPACES : 0, NULL);
    if (keeper == 0)
        keep(child);
    error = errno;
    kp_memory_copy_end();
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return keeper;
}
