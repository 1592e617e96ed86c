/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/stage.h - what a stage type and an architecture are, from their plugins' tables,
 * for people and as JSON. Nothing is known here that the tables do not say.
 */
#ifndef KP_CLI_STAGE_H
#define KP_CLI_STAGE_H

#include "base/arena.h"
#include "base/json.h"
#include "base/vector.h"
#include "plugin/registry.h"

void kp_stage_show(struct kp_arena *arena, const struct kp_stage *stage);
void kp_stage_json(struct kp_json *json, const struct kp_stage *stage);

/* A source, as the registry has it. */
void kp_source_show(struct kp_arena *arena, const struct kp_stage *source);
void kp_source_json(struct kp_json *json, const struct kp_stage *source);
/* Appends "a, b"; NULL is an empty table. */
void kp_stage_names(struct kp_string *to, const char *const *names);
/* Appends what a parameter takes: "number 0..12, in bytes". */
void kp_stage_type(struct kp_string *to, struct kp_arena *arena, const struct kp_param *row);
/* Appends what it is without being given: ", default 9". */
void kp_stage_default(struct kp_string *to, const struct kp_param *row);

void kp_arch_show(const struct kp_arch *arch);
void kp_arch_json(struct kp_json *json, const struct kp_arch *arch);

/* A NULL-terminated table of names as an array; NULL is an empty one. */
void kp_names_json(struct kp_json *json, const char *name, const char *const *names);

#endif
