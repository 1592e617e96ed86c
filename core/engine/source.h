/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/source.h - the sources of recipes: run when an item or a fact of theirs is first
 * asked for, once for each source, its parameters and the files that these name.
 *
 * What they gave is kept until kp_sources_free; a plan keeps the bytes that it needs.
 */
#ifndef KP_ENGINE_SOURCE_H
#define KP_ENGINE_SOURCE_H

#include "base/arena.h"
#include "base/diag.h"
#include "plugin/registry.h"
#include "plugin/source.h"
#include "recipe/recipe.h"

struct kp_sources;

/* NULL when memory runs out, after reporting. */
struct kp_sources *kp_sources_new(struct kp_arena *arena, struct kp_diags *diags,
                                  struct kp_registry *registry, uint64_t build_time);
void kp_sources_free(struct kp_sources *sources); /* NULL is ignored */
static inline void kp_auto_sources(struct kp_sources **sources)
{
    kp_sources_free(*sources);
}
/* From now on its calls may be recorded (plugin/record.h); NULL: they are not. */
struct kp_recorder;
void kp_sources_record(struct kp_sources *sources, struct kp_recorder *recorder);
/* What recipes are read and planned with; valid as long as the sources. */
const struct kp_source_runner *kp_sources_runner(const struct kp_sources *sources);

#endif
