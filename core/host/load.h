/* SPDX-License-Identifier: BSD-3-Clause
 *
 * host/load.h - a plugin's shared object into the process, and its descriptor out of it: the
 * same in kpipe's own process (plugin/open.c) and in a worker (worker/open.c), so that a plugin
 * that cannot be opened is refused in the same words.
 *
 * Whether the file is the right one, and what the descriptor says, is the caller's matter.
 */
#ifndef KP_HOST_LOAD_H
#define KP_HOST_LOAD_H

#include <stdbool.h>

#include "base/arena.h"
#include "kpipe/plugin.h"

#ifndef KPIPE_NO_DLOPEN
/* Opens the object at `path`, for ever, and finds its entry. NULL and a phrase in *why, of the
 * arena, if there is none; *loaded tells whether the object is in the process all the same,
 * where ld.so knows it by that path. */
kp_entry kp_load_entry(struct kp_arena *arena, const char *path, const char **why, bool *loaded);
#endif

/* Calls the entry. NULL and a phrase in *why. */
const struct kp_plugin *kp_load_descriptor(struct kp_arena *arena, kp_entry entry,
                                           const char **why);

#endif
