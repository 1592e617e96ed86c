/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tool/mechanisms.h - what of the sandbox this machine can enforce: found out in the first run of
 * a tool, kept for the others. May be used by several threads at once.
 */
#ifndef KP_TOOL_MECHANISMS_H
#define KP_TOOL_MECHANISMS_H

#include <pthread.h>
#include <stdbool.h>

#include "base/text.h"
#include "tool/run.h"

/* What is known: nothing; a first run tries all mechanisms; all that there is to know. */
enum kp_mechanisms_known { KP_MECHANISMS_UNTRIED, KP_MECHANISMS_TRYING, KP_MECHANISMS_KNOWN };

struct kp_mechanisms {
    unsigned without;       /* KP_SANDBOX_*: not to be used */
    pthread_mutex_t lock;   /* of all that follows */
    pthread_cond_t changed; /* `known` */
    enum kp_mechanisms_known known;
    bool said;
    struct sock_filter *filter;
    unsigned short filter_length;
    unsigned working; /* KP_SANDBOX_* */
    char reason[128]; /* why there are no namespaces */
};

void kp_mechanisms_init(struct kp_mechanisms *own, unsigned without);
void kp_mechanisms_clear(struct kp_mechanisms *own);
/* kp_tool_execute with all that works; fills in the request's mechanisms and filter. */
void kp_mechanisms_run(struct kp_mechanisms *own, struct kp_tool_request *request,
                       struct kp_tool_result *result);
/* Those that work, after a run; before it 0. */
unsigned kp_mechanisms_get(struct kp_mechanisms *own);
/* True once if something is lacking: `text` says what, to the user. */
bool kp_mechanisms_lack(struct kp_mechanisms *own, struct kp_string *text);

#endif
