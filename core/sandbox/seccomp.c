/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sandbox/seccomp.c - the filter of system calls for host tools, made by libseccomp in the
 * parent and only installed by the child. It refuses what a tool that turns files
 * into files never needs: sockets, other processes' memory, namespaces and mounts of its
 * own, keys, and the ways around such a filter.
 */
#include "sandbox/sandbox.h"

#ifdef KPIPE_SECCOMP
#include <errno.h>
#include <linux/filter.h>
#include <sched.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/auto.h"

/* Refused with EPERM: what a program may ask for and gets along without. */
static const char *const refused[] = {
    "socket",       "ptrace",        "process_vm_readv", "process_vm_writev", "pidfd_getfd",
    "bpf",          "keyctl",        "add_key",          "request_key",       "perf_event_open",
    "mount",        "umount2",       "pivot_root",       "mount_setattr",     "fsopen",
    "fsconfig",     "fsmount",       "move_mount",       "open_tree",         "setns",
    "unshare",      "userfaultfd",   "kexec_load",       "kexec_file_load",   "init_module",
    "finit_module", "delete_module", "chroot",           "open_by_handle_at", "syslog",
};

/* Refused with ENOSYS, upon which libraries take older ways: these hide what they do from
 * a filter. */
static const char *const unknown[] = {"io_uring_setup", "clone3"};

static bool add_rules(scmp_filter_ctx context)
{
    /* A call that this architecture or library does not know cannot be made either. */
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        const int number = seccomp_syscall_resolve_name(refused[i]);

        if (number != __NR_SCMP_ERROR &&
            seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), number, 0) == -ENOMEM)
            return false;
    }
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        const int number = seccomp_syscall_resolve_name(unknown[i]);

        if (number != __NR_SCMP_ERROR &&
            seccomp_rule_add(context, SCMP_ACT_ERRNO(ENOSYS), number, 0) == -ENOMEM)
            return false;
    }
#ifdef __s390__
    return true; /* the flags are another argument there; namespaces stay possible */
#else
    return seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                            SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER)) == 0;
#endif
}

/* Programs of the 32-bit sisters run too, and are filtered by their own numbers; a call of
 * any other architecture ends the process. */
static void add_sisters(scmp_filter_ctx context)
{
    const uint32_t native = seccomp_arch_native();

    if (native == SCMP_ARCH_X86_64) {
        (void)seccomp_arch_add(context, SCMP_ARCH_X86);
        (void)seccomp_arch_add(context, SCMP_ARCH_X32);
    } else if (native == SCMP_ARCH_AARCH64) {
        (void)seccomp_arch_add(context, SCMP_ARCH_ARM);
    }
}

/* The filter as the kernel takes it, read back from a file without a name. */
struct sock_filter *kp_seccomp_export(void *context, unsigned short *length)
{
    int file KP_AUTO(close) = memfd_create("filter", MFD_CLOEXEC);
    struct sock_filter *filter;
    off_t size;

    if (file < 0 || seccomp_export_bpf(context, file) != 0)
        return NULL;
    size = lseek(file, 0, SEEK_END);
    if (size <= 0 || (size_t)size > BPF_MAXINSNS * sizeof(*filter))
        return NULL;
    filter = malloc((size_t)size);
    if (filter != NULL && pread(file, filter, (size_t)size, 0) != size) {
        free(filter);
        return NULL;
    }
    *length = (unsigned short)((size_t)size / sizeof(*filter));
    return filter;
}

struct sock_filter *kp_seccomp_make(unsigned short *length)
{
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
    struct sock_filter *filter = NULL;

    *length = 0;
    if (context == NULL)
        return NULL;
    add_sisters(context);
    if (add_rules(context))
        filter = kp_seccomp_export(context, length);
    seccomp_release(context);
    return filter;
}

#else

struct sock_filter *kp_seccomp_make(unsigned short *length)
{
    *length = 0;
    return NULL;
}

#endif
