/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sandbox/confine_filter.c - the two filters of system calls that a worker installs: one before it
 * opens the plugin, one before the plugin's first call. Unlike that for host tools (seccomp.c)
 * they name what is allowed: memory, threads, clocks, messages over sockets that
 * it was given, and until the plugin is open also what the loader does with files. A plugin
 * that is hostile from its first instruction on may keep the second from being
 * installed: the first must be enough, together with what there is to be seen.
 *
 * All else is refused with EPERM, which libraries get along with; calls that are newer than
 * the list with ENOSYS, upon which they take the older ways that are filtered here
 * (clone3 above all, whose flags no filter sees). Calls of another architecture end the process.
 */
#include "sandbox/sandbox.h"

#ifdef KPIPE_SECCOMP
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* When. */
#define FIRST 1
#define SECOND 2
#define BOTH (FIRST | SECOND)

/* Allowed whatever the arguments are. A name that this architecture or library does not know is
 * skipped: such a call cannot be made either. */
struct free_call {
    const char *name;
    int when;
};
static const struct free_call free_calls[] = {
    /* memory */
    {"brk", BOTH},
    {"munmap", BOTH},
    {"mremap", BOTH},
    {"madvise", BOTH},
    {"mincore", BOTH},
    {"membarrier", BOTH},
    {"mmap", FIRST},
    {"mmap2", FIRST},
    {"mprotect", FIRST},
    /* threads */
    {"futex", BOTH},
    {"futex_time64", BOTH},
    {"set_robust_list", BOTH},
    {"get_robust_list", BOTH},
    {"rseq", BOTH},
    {"set_tid_address", BOTH},
    {"gettid", BOTH},
    {"sched_yield", BOTH},
    {"sched_getaffinity", BOTH},
    {"sched_getparam", BOTH},
    {"sched_getscheduler", BOTH},
    {"getcpu", BOTH},
    {"exit", BOTH},
    {"exit_group", BOTH},
    {"restart_syscall", BOTH},
    {"arch_prctl", FIRST},
    /* signals: its own, and to itself (see child.c) */
    {"rt_sigaction", BOTH},
    {"rt_sigprocmask", BOTH},
    {"rt_sigreturn", BOTH},
    {"sigreturn", BOTH},
    {"rt_sigpending", BOTH},
    {"sigaltstack", BOTH},
    {"kill", BOTH},
    {"tgkill", BOTH},
    /* clocks */
    {"clock_gettime", BOTH},
    {"clock_gettime64", BOTH},
    {"clock_getres", BOTH},
    {"clock_getres_time64", BOTH},
    {"clock_nanosleep", BOTH},
    {"clock_nanosleep_time64", BOTH},
    {"nanosleep", BOTH},
    {"gettimeofday", BOTH},
    {"time", BOTH},
    {"times", BOTH},
    /* who it is, and where */
    {"getpid", BOTH},
    {"getppid", BOTH},
    {"getuid", BOTH},
    {"geteuid", BOTH},
    {"getgid", BOTH},
    {"getegid", BOTH},
    {"getuid32", BOTH},
    {"geteuid32", BOTH},
    {"getgid32", BOTH},
    {"getegid32", BOTH},
    {"getpgrp", BOTH},
    {"uname", BOTH},
    {"sysinfo", BOTH},
    {"getrusage", BOTH},
    {"getrlimit", BOTH},
    {"ugetrlimit", BOTH},
    {"getrandom", BOTH},
    /* descriptors that it has: sockets, what kpipe sends, standard error */
    {"recvmsg", BOTH},
    {"recvfrom", BOTH},
    {"poll", BOTH},
    {"ppoll", BOTH},
    {"ppoll_time64", BOTH},
    {"read", BOTH},
    {"readv", BOTH},
    {"pread64", BOTH},
    {"write", BOTH},
    {"writev", BOTH},
    {"lseek", BOTH},
    {"_llseek", BOTH},
    {"fstat", BOTH},
    {"fstat64", BOTH},
    {"close", BOTH},
    /* files, by name */
    {"stat", FIRST},
    {"stat64", FIRST},
    {"lstat", FIRST},
    {"lstat64", FIRST},
    {"newfstatat", FIRST},
    {"fstatat64", FIRST},
    {"statx", FIRST},
    {"access", FIRST},
    {"faccessat", FIRST},
    {"readlink", FIRST},
    {"readlinkat", FIRST},
    {"getdents64", FIRST},
    {"getcwd", FIRST},
    {"fadvise64", FIRST},
};

/* Allowed if `argument`, under `mask`, is `value`. */
struct bound_call {
    const char *name;
    int when;
    unsigned argument;
    uint64_t mask, value;
};
#define ALL UINT64_MAX
#define CODE PROT_EXEC
#define CHANGING                                                                                   \
    ((uint64_t)O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND |                                          \
     ((uint64_t)O_TMPFILE & ~(uint64_t)O_DIRECTORY))
#define THREAD ((uint64_t)CLONE_VM | CLONE_SIGHAND | CLONE_THREAD)
#define NAMESPACE                                                                                  \
    ((uint64_t)CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC |          \
     CLONE_NEWUTS | CLONE_NEWCGROUP)
#ifdef __s390__
#define CLONE_FLAGS 1 /* clone(2): the first two arguments change places */
#else
#define CLONE_FLAGS 0
#endif
static const struct bound_call bound_calls[] = {
    {"open", FIRST, 1, CHANGING, O_RDONLY},
    {"openat", FIRST, 2, CHANGING, O_RDONLY},
    {"mmap", SECOND, 2, CODE, 0},
    {"mmap2", SECOND, 2, CODE, 0},
    {"mprotect", SECOND, 2, CODE, 0},
    {"clone", BOTH, CLONE_FLAGS, THREAD | NAMESPACE, THREAD},
    /* What fstat is made of in some libraries. */
    {"newfstatat", SECOND, 3, AT_EMPTY_PATH, AT_EMPTY_PATH},
    {"fstatat64", SECOND, 3, AT_EMPTY_PATH, AT_EMPTY_PATH},
    {"statx", SECOND, 2, AT_EMPTY_PATH, AT_EMPTY_PATH},
    {"prlimit64", BOTH, 2, ALL, 0}, /* asking only */
    {"prctl", BOTH, 0, ALL, PR_SET_NAME},
    {"prctl", BOTH, 0, ALL, PR_GET_NAME},
    {"prctl", FIRST, 0, ALL, PR_SET_NO_NEW_PRIVS},
    {"seccomp", FIRST, 0, ALL, SECCOMP_SET_MODE_FILTER},
    /* Over its own sockets, to nobody by name, and no descriptors: those that are under way
     * count against the user's processes all together. */
    {"sendto", BOTH, 4, ALL, 0},
    /* Not F_SETOWN, which has signals sent. */
    {"fcntl", BOTH, 1, ALL, F_GETFD},
    {"fcntl", BOTH, 1, ALL, F_SETFD},
    {"fcntl", BOTH, 1, ALL, F_GETFL},
    {"fcntl", BOTH, 1, ALL, F_SETFL},
    {"fcntl", BOTH, 1, ALL, F_DUPFD_CLOEXEC},
    {"fcntl64", BOTH, 1, ALL, F_GETFD},
    {"fcntl64", BOTH, 1, ALL, F_SETFD},
    {"fcntl64", BOTH, 1, ALL, F_GETFL},
    {"fcntl64", BOTH, 1, ALL, F_SETFL},
    {"fcntl64", BOTH, 1, ALL, F_DUPFD_CLOEXEC},
};

/* False only when memory runs out. */
static bool add(scmp_filter_ctx context, uint32_t action, const char *name,
                const struct scmp_arg_cmp *condition)
{
    const int number = seccomp_syscall_resolve_name(name);

    if (number == __NR_SCMP_ERROR)
        return true;
    return seccomp_rule_add_array(context, action, number, condition == NULL ? 0 : 1, condition) !=
           -ENOMEM;
}

static bool add_rules(scmp_filter_ctx context, int when, bool in_namespace)
{
    for (size_t i = 0; i < sizeof(free_calls) / sizeof(free_calls[0]); i++)
        if ((free_calls[i].when & when) != 0 &&
            !add(context, SCMP_ACT_ALLOW, free_calls[i].name, NULL))
            return false;
    for (size_t i = 0; i < sizeof(bound_calls) / sizeof(bound_calls[0]); i++) {
        const struct bound_call *call = &bound_calls[i];
        const struct scmp_arg_cmp condition = {call->argument, SCMP_CMP_MASKED_EQ, call->mask,
                                               call->value};

        if ((call->when & when) != 0 && !add(context, SCMP_ACT_ALLOW, call->name, &condition))
            return false;
    }
    /* Is it a terminal: no. */
    if (!add(context, SCMP_ACT_ERRNO(ENOTTY), "ioctl", NULL))
        return false;
    /* By a thread's number alone, which says nothing of whose it is; musl's raise(3). */
    return !in_namespace || add(context, SCMP_ACT_ALLOW, "tkill", NULL);
}

/* In front of the list: all calls from the one on that is newer than any in it do not exist.
 * Their numbers are common to all architectures, or shifted alike. */
static struct sock_filter *put_in_front(struct sock_filter *list, unsigned short *length)
{
    const struct sock_filter front[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, SYS_pidfd_send_signal, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
    };
    const size_t count = sizeof(front) / sizeof(front[0]);
    struct sock_filter *all = NULL;

    if (*length + count <= BPF_MAXINSNS)
        all = realloc(list, (*length + count) * sizeof(*all));
    if (all == NULL) {
        free(list);
        return NULL;
    }
    memmove(all + count, all, *length * sizeof(*all));
    memcpy(all, front, sizeof(front));
    *length = (unsigned short)(*length + count);
    return all;
}

struct sock_filter *kp_confine_filter_make(bool first, bool in_namespace, unsigned short *length)
{
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    struct sock_filter *filter = NULL;

    *length = 0;
    if (context == NULL)
        return NULL;
    /* A tree instead of a list, if the library can. */
    (void)seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 &&
        add_rules(context, first ? FIRST : SECOND, in_namespace))
        filter = kp_seccomp_export(context, length);
    seccomp_release(context);
    return filter == NULL ? NULL : put_in_front(filter, length);
}

#else

struct sock_filter *kp_confine_filter_make(bool first, bool in_namespace, unsigned short *length)
{
    (void)first;
    (void)in_namespace;
    *length = 0;
    return NULL;
}

#endif
