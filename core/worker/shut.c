/* SPDX-License-Identifier: BSD-3-Clause
 *
 * worker/shut.c - see shut.h.
 */
#include "worker/shut.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

bool kp_worker_shut_in(const void *filter, size_t size)
{
    struct sock_fprog program = {.len = (unsigned short)(size / sizeof(struct sock_filter))};
    bool good;

    if (size % sizeof(struct sock_filter) != 0 ||
        size / sizeof(struct sock_filter) > BPF_MAXINSNS) {
        errno = EINVAL;
        return false;
    }
    /* In the message it stands at any address. */
    program.filter = malloc(size);
    if (program.filter == NULL)
        return false;
    memcpy(program.filter, filter, size);
    /* For threads that a plugin started while it was opened, too. If one of them has a filter of
     * its own, its number is what comes back. */
    good = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0;
    free(program.filter);
    return good;
}
