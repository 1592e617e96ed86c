/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sandbox/prepare.c - small things that kpipe makes ready before a child is spawned: limits,
 * pipes, identity. What happens in the child stands in child.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "sandbox/sandbox.h"

void kp_child_add_limit(struct kp_child *child, int resource, uint64_t value)
{
    struct kp_child_limit *limit = &child->limits[child->limit_count];
    struct rlimit before;

    if (getrlimit((__rlimit_resource_t)resource, &before) != 0)
        return;
    if (value < before.rlim_max)
        before.rlim_max = (rlim_t)value;
    before.rlim_cur = before.rlim_max;
    *limit = (struct kp_child_limit){resource, before};
    child->limit_count++;
}

void kp_child_set_maps(struct kp_child *child)
{
    snprintf(child->user_map, sizeof(child->user_map), "1000 %u 1", (unsigned)geteuid());
    snprintf(child->group_map, sizeof(child->group_map), "1000 %u 1", (unsigned)getegid());
}

bool kp_child_lift(int *descriptor)
{
    const int high = *descriptor < 0 ? -1 : fcntl(*descriptor, F_DUPFD_CLOEXEC, 10);
    const int error = errno;

    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = high;
    errno = error;
    return high >= 0;
}

bool kp_child_pipe(int ends[2])
{
    return pipe2(ends, O_CLOEXEC) == 0 && kp_child_lift(&ends[0]) && kp_child_lift(&ends[1]);
}
