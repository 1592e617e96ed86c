/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/replay.h - a recorded call is made again, with a plugin that may be another build.
 *
 * What the call was given comes from the recording, and so do the answers to what it asks of the
 * recipe's world: trees, host tools, other stages, architectures, what bytes are. All else
 * (outputs, traits, parts, threads, memory, reports) is served as in any run, so that what
 * was repaired shows.
 */
#ifndef KP_PLUGIN_REPLAY_H
#define KP_PLUGIN_REPLAY_H

#include "plugin/call.h"
#include "plugin/tape.h"

/* A recording, made ready to be played. NULL and, in *why, a phrase if it is none that can be
 * (NULL there: out of memory). It needs the tape. */
struct kp_play *kp_play_new(const struct kp_tape *tape, const char **why);
void kp_play_free(struct kp_play *play);
static inline void kp_auto_play(struct kp_play **play)
{
    kp_play_free(*play);
}
/* Of its CALL: KP_WIRE_STAGE or _SOURCE, and the operation's name. */
uint8_t kp_play_what(const struct kp_play *play);
const char *kp_play_name(const struct kp_play *play);

/* Makes the call. False after reporting. The result of a source is empty. `context` lends what it
 * lends to any call, but for limits and times, which are the recording's. */
bool kp_play_run(struct kp_play *play, const struct kp_call_context *context,
                 const struct kp_stage *stage, struct kp_call_result *result);

#endif
