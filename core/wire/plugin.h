/* SPDX-License-Identifier: BSD-3-Clause
 *
 * wire/plugin.h - a plugin's descriptor, and an architecture's facts, as messages.
 *
 * Written by the worker from the plugin's own structs, of which it copies min(sizes) as any
 * host does; read by kpipe into structs of an arena, which are then checked like those of a
 * plugin in its own process (plugin/verify.h). All that the reader makes is well formed
 * as C: tables end with NULL, texts with NUL, nothing is deeper than it says; whether
 * it is sensible is verify's to say. Functions cross as "there is one": in their place what
 * is read has NULL, or one that reports a fault of kpipe itself if it is ever called.
 */
#ifndef KP_WIRE_PLUGIN_H
#define KP_WIRE_PLUGIN_H

#include "base/arena.h"
#include "kpipe/plugin.h"
#include "wire/wire.h"

/* Of tables, as much crosses as the check needs in order to refuse what is too much: so many
 * rows or names, one more than it takes; records nested so deep; so many parameters in all. What
 * is behind that is cut off by the writer, and refused by the reader. */
#define KP_WIRE_MOST_ROWS 257u
#define KP_WIRE_MOST_PAGES 33u
#define KP_WIRE_MOST_DEPTH 8u
#define KP_WIRE_MOST_PARAMS 4096u

/* False if it is more than a message holds, or memory ran out: then nothing may be sent. */
bool kp_wire_put_plugin(struct kp_wire_writer *to, const struct kp_plugin *plugin);
/* NULL if the message is bad (the reader says so), or memory ran out. */
const struct kp_plugin *kp_wire_take_plugin(struct kp_wire_reader *from, struct kp_arena *arena);

void kp_wire_put_arch(struct kp_wire_writer *to, const struct kp_arch *arch);
const struct kp_arch *kp_wire_take_arch(struct kp_wire_reader *from, struct kp_arena *arena);

#endif
