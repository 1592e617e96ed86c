/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/remote.h - a call whose plugin's code runs in a worker. To call.c it is as if the
 * plugin had run: the services of host*.c were called on the same state, outputs are filled,
 * findings reported.
 */
#ifndef KP_PLUGIN_REMOTE_H
#define KP_PLUGIN_REMOTE_H

#include "plugin/call_private.h"

/* Whether a call of this plugin goes to a worker. */
bool kp_remote_is(const struct kp_call_context *context, const struct kp_plugin_file *plugin);
/* Makes the call of the state's desk; `what` is KP_WIRE_STAGE, _SOURCE or _INSPECT, and `name`
 * the operation's. Returns what the plugin returned; KP_FAILED after reporting if it did
 * not return. */
int32_t kp_remote_run(struct kp_call_state *state, uint8_t what, const char *name);

#endif
