/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/record.h - which call of a run is recorded, and when.
 *
 * Of one recorder at most one call is kept: the first that fails, the innermost if it was made
 * within another; or the first that ends of a stage that was named. A call of which nothing was
 * said to a worker cannot be kept, nor one whose input changed meanwhile. What a recording
 * consists of is tape.h's.
 */
#ifndef KP_PLUGIN_RECORD_H
#define KP_PLUGIN_RECORD_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/diag.h"
#include "plugin/call.h"
#include "plugin/tape.h"

/* Of a run; used by all its threads. */
struct kp_recorder {
    const char *folder; /* that is to be made */
    const char *stage;  /* type of the stage, or of the source, to be recorded; NULL: that fails */
    pthread_mutex_t lock;
    atomic_bool over;     /* nothing more is recorded */
    atomic_bool recorded; /* something was */
};

/* A call while it may be recorded: it has findings of its own until its end. Zeroed before. */
struct kp_record {
    const struct kp_call_context *outside;
    struct kp_call_context context;
    struct kp_tape tape;
};

struct kp_call_state;
/* Around a call whose context has a recorder. */
void kp_record_begin(struct kp_record *record, struct kp_call_state *state);
void kp_record_end(struct kp_record *record, struct kp_call_state *state, bool good,
                   const struct kp_call_result *result);

/* --- for remote*.c; nothing happens if the call has no tape --- */

void kp_record_sent(const struct kp_call_state *state, uint32_t type, const uint8_t *payload,
                    size_t size, struct kp_range *bytes);
void kp_record_heard(const struct kp_call_state *state, uint32_t type, const uint8_t *payload,
                     size_t size);
struct kp_flat;
/* Which bytes of the flat parameters are which. */
void kp_record_fields(const struct kp_call_state *state, const struct kp_flat *flat);

/* A finding's text without the folders of the plugin; NULL when memory runs out. */
const char *kp_record_text(struct kp_arena *arena, const char *text,
                           const struct kp_plugin_file *plugin);
/* record_text.c: the part of a recording that is for people. */
void kp_record_print(const struct kp_call_state *state, const struct kp_tape *tape,
                     struct kp_string *to);

#endif
