/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/jobserver.h - a client of GNU make's jobserver (GNU make manual, "POSIX
 * Jobserver Interaction"): a process may always run one job, and needs a token for
 * each further one at a time.
 */
#ifndef KP_ENGINE_JOBSERVER_H
#define KP_ENGINE_JOBSERVER_H

#include <stdbool.h>

struct kp_jobserver {
    int read_end; /* -1: there is no jobserver */
    int write_end;
};

/* Joins the jobserver that MAKEFLAGS names, --jobserver-auth=R,W or =fifo:PATH;
 * NULL, no such option, or descriptors that are not open: none. */
void kp_jobserver_join(struct kp_jobserver *jobserver, const char *makeflags);
/* Waits up to `milliseconds` for a token; true, and the token's byte, if it got one. */
bool kp_jobserver_take(struct kp_jobserver *jobserver, int milliseconds, char *token);
void kp_jobserver_give(struct kp_jobserver *jobserver, char token);
void kp_jobserver_leave(struct kp_jobserver *jobserver);

#endif
