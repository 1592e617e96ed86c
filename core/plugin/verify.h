/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/verify.h - from what a plugin returned to what the host uses: copies in the
 * host's own structs, checked.
 *
 * Every table row must fit its struct (offset, size, no overlap, known type),
 * defaults must parse and lie in range, names must follow their grammar, and the
 * descriptor must offer exactly what the note says. A plugin that breaks one rule
 * is refused whole, with a phrase that names the row.
 */
#ifndef KP_PLUGIN_VERIFY_H
#define KP_PLUGIN_VERIFY_H

#include <stdbool.h>

#include "base/arena.h"
#include "plugin/registry.h"

/* Copies and checks `from` into file->descriptor, and fills file->stages. The
 * copies live in the arena. False and a phrase in file->reason otherwise. */
bool kp_verify_plugin(struct kp_arena *arena, const struct kp_plugin *from,
                      struct kp_plugin_file *file);

/* Copies and checks one table of parameters (recursively) for a struct of
 * `struct_size` bytes. NULL and a phrase in *why otherwise. */
const struct kp_param *const *kp_verify_params(struct kp_arena *arena,
                                               const struct kp_param *const *from,
                                               uint64_t struct_size, const char **why);

#endif
