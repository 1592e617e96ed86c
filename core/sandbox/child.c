/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sandbox/child.c - what happens between kpipe and a host tool or a worker: the keeper, which
 * sets up the namespaces, starts the tool and ends what it leaves behind. System calls
 * only, see sandbox.h.
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
#include <stddef.h>
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
#define PINNED KP_CHILD_PINNED
/* How often the keeper looks for processes that are left, a millisecond apart. */
#define ROUNDS 5000
/* Of KP_CHILD_WORDS bytes: as much as a pipe holds. */
#define LAST_READS 32

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

/* The end of what a tool said. */
struct words {
    int from; /* a pipe's end; -1: nobody keeps them */
    char text[KP_CHILD_WORDS];
    size_t length;
};

static void no_words(struct words *words)
{
    close(words->from);
    words->from = -1;
}

/* One read. */
static void keep_words(struct words *words)
{
    char text[KP_CHILD_WORDS];
    const ssize_t got = read(words->from, text, sizeof(text));
    size_t excess;

    if (got <= 0 && !(got < 0 && (errno == EAGAIN || errno == EINTR)))
        no_words(words);
    if (got <= 0)
        return;
    excess = words->length + (size_t)got > sizeof(words->text)
                 ? words->length + (size_t)got - sizeof(words->text)
                 : 0;
    memmove(words->text, words->text + excess, words->length - excess);
    memcpy(words->text + words->length - excess, text, (size_t)got);
    words->length += (size_t)got - excess;
}

/* To the tool's standard error, which is kpipe's: no more than a pipe takes at once. */
static void hand_on_words(struct words *words)
{
    for (int i = 0; i < LAST_READS && words->from >= 0; i++)
        keep_words(words);
    if (words->length > 0 && write(2, words->text, words->length) < 0)
        words->length = 0;
}

/* Waits for the end of the tool, or of the leash; the tool's status. */
static int watch(pid_t tool, int handle, struct words *words)
{
    struct pollfd events[] = {{handle, POLLIN, 0}, {LEASH, POLLIN, 0}, {words->from, POLLIN, 0}};
    int status = 0;

    while (events[0].revents == 0 && events[1].revents == 0) {
        if (poll(events, 3, -1) > 0 && events[2].revents != 0)
            keep_words(words);
        events[2].fd = words->from;
    }
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

/* Starts the tool; its number, and what its end is seen at in *handle. */
static pid_t start(const struct kp_child *child, struct words *words, int *handle, int victim,
                   const char *before)
{
    int said[2] = {-1, -1};
    pid_t tool;

    if (child->last_words && pipe2(said, O_CLOEXEC | O_NONBLOCK) != 0)
        no_sandbox(KP_STEP_PROCESS);
    /* The tool's end is an ordinary one. */
    if (child->last_words && fcntl(said[1], F_SETFL, 0) != 0)
        no_sandbox(KP_STEP_PROCESS);
    tool = copy(0, handle);
    if (tool == 0)
        become_tool(child, said[1]);
    if (tool < 0)
        no_sandbox(KP_STEP_PROCESS);
    /* So that the end of what the tool writes is seen when the tool has ended. */
    close(said[1]);
    for (int i = 0; i < (child->extra < 0 ? EXTRA : REPORT); i++)
        if (i != 2 || !child->last_words)
            close(i);
    if (victim >= 0 && pwrite(victim, before, strlen(before), 0) < 0)
        close(victim); /* then it goes first, too */
    words->from = said[0];
    return tool;
}

static void __attribute__((noreturn)) keep(const struct kp_child *child)
{
    const bool inside = (child->mechanisms & KP_SANDBOX_NAMESPACES) != 0;
    struct words words = {.from = -1};
    char before[8];
    bool all_ended = true;
    int handle = -1;
    int status, victim;
    pid_t tool;

    reset_signals();
    setsid();
    place_descriptors(child);
    victim = child->first_victim ? become_victim(before) : -1;
    if (inside)
        enter_namespaces(child);
    else if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
        no_sandbox(KP_STEP_PROCESS);
    /* This is a copy of kpipe, with all that kpipe knows: not to be looked into. */
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    tool = start(child, &words, &handle, victim, before);
    status = watch(tool, handle, &words);
    if (!inside)
        all_ended = end_all(tool);
    hand_on_words(&words);
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
