/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/call_private.h - the state of a call, shared by call.c, which makes it, and
 * host.c, whose services work on it. Nobody else includes this.
 */
#ifndef KP_PLUGIN_CALL_PRIVATE_H
#define KP_PLUGIN_CALL_PRIVATE_H

#include "base/arena.h"
#include "base/codes.h"
#include "host/desk.h"
#include "plugin/call.h"

struct kp_tape;
struct kp_play;

struct kp_call_state {
    struct kp_desk desk; /* first: the plugin's pointer is this struct's */
    const struct kp_call_context *context;
    const struct kp_call_request *request; /* NULL in an inspection */
    const char *name;                      /* of the stage, or of the file that is inspected */
    const struct kp_operation *operation;  /* NULL in an inspection */
    struct kp_plugin_file *plugin;
    const struct kp_call_state *outer; /* the call that made this one by run_stage */
    struct kp_bound bound;
    struct kp_output *parts;  /* request->wanted_count of them */
    struct kp_vector members; /* of struct kp_image *: files of trees */
    unsigned failures;        /* errors reported so far */
    bool misbehaved;          /* a fault of the plugin was reported */
    bool ended;               /* kp_host.stream_end was called */
    bool locked;              /* it holds locks: call_locks.c */
    struct kp_tape *tape;     /* what is said to and by its worker is kept there; NULL: nowhere */
    struct kp_play *play;     /* it is a recorded call: remote_play.c; or NULL */
};

/* The services, host.c, and to whom the desk's own report. */
extern const struct kp_desk_owner kp_host_owner;
extern const struct kp_host kp_host_services;

static inline struct kp_call_state *kp_call_state(struct kp_call *call)
{
    return (struct kp_call_state *)call;
}

/* What to do about an input that changed meanwhile. */
#define KP_CALL_CHANGED_HINT "somebody wrote to it during the run: run again when it is complete"

/* "stage 'gzip'": what messages call the call. Never NULL. */
const char *kp_call_what(struct kp_call_state *state);
/* The name of an input of the call that lost pages, which explains any outcome; or NULL. */
const char *kp_call_vanished(const struct kp_call_state *state);
/* Reports a broken promise of the plugin; returns false. */
bool kp_call_fault(struct kp_call_state *state, const char *what);
/* call_locks.c: takes the locks of a call and of the calls within it; false after reporting. */
bool kp_call_take_locks(const struct kp_call_state *state, struct kp_vector *locks);
void kp_call_drop_locks(const struct kp_vector *locks);
/* The same: whether calls of a stage within a call need none, so that several may run at a time. */
bool kp_call_may_overlap(const struct kp_stage_value *stage);
/* Makes outputs and limits as the request says. False after reporting. */
bool kp_call_prepare(struct kp_call_state *state);
/* call_end.c: whether the return value and what was reported fit together; false after
 * reporting. */
bool kp_call_believe(struct kp_call_state *state, int32_t returned);
/* The same: takes the outputs over. */
bool kp_call_finish(struct kp_call_state *state, struct kp_call_result *result);
/* Frees all that the state has, its arena as well. */
void kp_call_clear(struct kp_call_state *state);
/* As kp_call_run, for a stage that a plugin runs within its call; `context` is that of the outer
 * call, or one made of it. */
bool kp_call_run_inner(const struct kp_call_state *outer, const struct kp_call_context *context,
                       const struct kp_call_request *request, struct kp_call_result *result);

#endif
