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
    good = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
    free(program.filter);
    return good;
}
