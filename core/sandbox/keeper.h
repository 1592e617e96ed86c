/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sandbox/keeper.h - what the keeper does once its tool runs: waits for its end or kpipe's, keeps
 * what it says last, counts its threads, ends what it leaves behind. System calls only, see
 * sandbox.h.
 */
#ifndef KP_SANDBOX_KEEPER_H
#define KP_SANDBOX_KEEPER_H

#include "sandbox/sandbox.h"

struct kp_keeper {
    pid_t tool;
    int handle; /* of the tool, to be polled */
    int leash;
    int said;    /* where what it says comes out; -1: nobody keeps it */
    int threads; /* its /proc/PID/stat; -1: nobody counts */
    uint32_t most_threads;
    bool crowded; /* it had more, and was ended */
    char words[KP_CHILD_WORDS];
    size_t length;
};

/* From now on its threads are counted. `processes` is /proc of outside, or -1. */
void kp_keeper_count(struct kp_keeper *keeper, int processes, uint32_t most);
/* Until the end of the tool; its status. */
int kp_keeper_watch(struct kp_keeper *keeper);
/* Hands on the last words, no more than a pipe takes at once. */
void kp_keeper_hand_on(struct kp_keeper *keeper, int to);
/* Without a namespace: what the tool started becomes a child of the keeper when its own
 * parent ends, and is found so. True if nothing is left. */
bool kp_keeper_end_all(pid_t tool);

#endif
