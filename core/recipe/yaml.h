/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/yaml.h - YAML text to nodes, by libyaml's events.
 *
 * Only the part of YAML that recipes use: maps with scalar keys, lists, scalars,
 * anchors and aliases. Tags, merge keys (<<), further documents and duplicate
 * keys are refused; nesting and what aliases expand to are bounded while reading,
 * so that a small hostile file stays a small problem.
 */
#ifndef KP_RECIPE_YAML_H
#define KP_RECIPE_YAML_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/node.h"

#define KP_YAML_MAX_DEPTH 64
#define KP_YAML_MAX_NODES 200000
#define KP_YAML_MAX_BYTES (4u << 20)

/* Reads one document. `name` is what messages call the text, `folder` the base
 * for relative paths in it. NULL after reporting errors; an empty document is an
 * empty scalar. */
struct kp_node *kp_yaml_parse(struct kp_arena *arena, struct kp_diags *diags, const char *name,
                              const char *folder, const char *text, size_t length);

#endif
