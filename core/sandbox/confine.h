/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sandbox/confine.h - how a worker is shut in, from kpipe's side: what this machine can enforce,
 * one process started and watched, and ended with all that belongs to it.
 *
 * Knows a program and a socket, no plugin contract. The worker shuts itself in further (two
 * filters of system calls, which are made here) once it has been told by which
 * messages; see worker/. May be used by several threads at once.
 */
#ifndef KP_SANDBOX_CONFINE_H
#define KP_SANDBOX_CONFINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "sandbox/sandbox.h"

/* What a worker may use; 0 in a field: the default. */
struct kp_limits {
    uint64_t memory;  /* bytes of address space, and of outputs that it is granted */
    uint32_t seconds; /* of one call, without what others run for it: stages, tools */
    uint32_t threads; /* and processes */
};
#define KP_LIMIT_MEMORY (UINT64_C(8) << 30)
#define KP_LIMIT_SECONDS 600u
#define KP_LIMIT_THREADS 256u

/* What this machine can enforce, tried once with no plugin at all. */
struct kp_confinement;
struct kp_confinement_options {
    const char *program; /* absolute path of kpipe-worker */
    unsigned without;    /* mechanisms that are not to be used: for tests */
};
/* NULL when memory runs out. */
struct kp_confinement *kp_confinement_new(const struct kp_confinement_options *options);
void kp_confinement_free(struct kp_confinement *confinement);
/* KP_SANDBOX_*: what works. The first question tries it out. */
unsigned kp_confinement_mechanisms(struct kp_confinement *confinement);
/* What cannot be enforced, one phrase each: "the network: no namespaces (user namespace:
 * operation not permitted), no seccomp"; NULL-terminated, empty if all can. */
const char *const *kp_confinement_lacks(struct kp_confinement *confinement);
/* The filters: before the plugin is opened, and before its first call. NULL: there is no
 * seccomp. */
const struct sock_filter *kp_confinement_filter(struct kp_confinement *confinement, bool first,
                                                unsigned short *length);

/* A running worker. */
struct kp_confined {
    pid_t keeper;
    int report, leash, words; /* kpipe's ends */
    bool private_view;        /* it sees the plugin by its path, and little else */
};

struct kp_confined_request {
    int socket;         /* becomes the worker's KP_CONFINED_SOCKET; stays the caller's */
    const char *plugin; /* absolute path */
    int descriptor;     /* the plugin's file, for Landlock's rule */
    struct kp_limits limits;
};
/* The worker's descriptors: 0 and 1 are /dev/null, 2 is kept as its last words. */
#define KP_CONFINED_SOCKET 3

/* Starts one. False with errno, and in *what a phrase (static). */
bool kp_confined_start(struct kp_confinement *confinement,
                       const struct kp_confined_request *request, struct kp_confined *confined,
                       const char **what);

/* How it ended. */
#define KP_CONFINED_SAID 2048
struct kp_confined_end {
    bool known; /* `status` is the worker's, as of waitpid(2); else the keeper was killed */
    int status;
    bool forced;      /* it had not ended by itself */
    bool left_behind; /* processes of it may still run */
    bool crowded;     /* it was ended for having more threads than its limit */
    const char *step; /* if it never started: what could not be set up, or NULL; `error` why */
    int error;
    char said[KP_CONFINED_SAID]; /* the end of what was written to standard error */
    size_t said_length;
};
/* Ends it, however far it is, with all that it started, and waits for that. With `wait`
 * (milliseconds) it is given that long to end by itself first. */
void kp_confined_stop(struct kp_confined *confined, unsigned wait, struct kp_confined_end *end);

#endif
