/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sandbox/confine_private.h - what a machine can enforce of a worker's confinement, shared by
 * confine_probe.c (which finds out) and confine.c (which starts workers by it).
 */
#ifndef KP_SANDBOX_CONFINE_PRIVATE_H
#define KP_SANDBOX_CONFINE_PRIVATE_H

#include <pthread.h>

#include "base/arena.h"
#include "base/vector.h"
#include "sandbox/confine.h"

/* A sanitizer's own code needs system calls, address space and files that no plugin does. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define KP_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define KP_SANITIZED 1
#endif
#endif
#ifndef KP_SANITIZED
#define KP_SANITIZED 0
#endif

struct kp_confinement_filter {
    struct sock_filter *code;
    unsigned short length;
};

struct kp_confinement {
    const char *program;
    unsigned without;
    struct kp_arena *arena;
    pthread_mutex_t lock; /* of what follows, until probed */
    bool probed;
    unsigned mechanisms;    /* that work */
    int landlock;           /* version */
    const char *reasons;    /* why there are no namespaces; NULL: there are */
    const char *unfiltered; /* why there is no filter; NULL: there is */
    struct kp_confinement_filter first, second;
    struct kp_vector system; /* view of any worker */
    struct kp_vector lacks;  /* of const char *, NULL at its end */
};

/* Tries things out, once. False when memory runs out. */
bool kp_confinement_probe(struct kp_confinement *confinement);
/* Fills in all that is the same for every worker; `child` is zeroed. */
void kp_confinement_fill(const struct kp_confinement *confinement, struct kp_child *child);

/* The pipes between kpipe and a keeper; -1: none. [0] is read from. */
struct kp_confine_pipes {
    int words[2], report[2], leash[2], nothing;
};
/* Makes them, and gives a child its ends. What was made is to be closed in any case. */
bool kp_confine_pipes_make(struct kp_confine_pipes *pipes, struct kp_child *child);
/* Closes the child's ends; with `all`, kpipe's too. errno stays. */
void kp_confine_pipes_close(struct kp_confine_pipes *pipes, bool all);

#endif
