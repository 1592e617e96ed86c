/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/extends.h - a recipe file merged with all that it extends. What the merged
 * map means, and its variables, are for later passes: here nothing is expanded.
 */
#ifndef KP_RECIPE_EXTENDS_H
#define KP_RECIPE_EXTENDS_H

#include "recipe/recipe.h"

#define KP_EXTENDS_MAX_DEPTH 16
#define KP_EXTENDS_MAX_FILES 100

/* The merged map. Each node keeps the place and folder of the file that it was written
 * in. NULL after reporting errors. */
struct kp_node *kp_extends_read(struct kp_arena *arena, struct kp_diags *diags,
                                const struct kp_recipe_options *options);

/* The map that `over` makes of `base`: this file and what it extends. Maps merge, all
 * else is replaced; NULL when memory runs out. */
struct kp_node *kp_recipe_merge(struct kp_arena *arena, struct kp_node *base, struct kp_node *over);

#endif
