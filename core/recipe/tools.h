/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/tools.h - the section `tools`: which host tools a recipe grants to its stages, and
 * where they are. Whether there are such programs is the engine's to find.
 */
#ifndef KP_RECIPE_TOOLS_H
#define KP_RECIPE_TOOLS_H

#include "recipe/expand.h"
#include "recipe/recipe.h"

/* Reads the section, a map or a list, into the recipe. Reports what is wrong with it. */
void kp_tools_read(struct kp_expander *expander, const struct kp_node *section,
                   struct kp_recipe *recipe);
/* Makes a map of a section `tools` that is a list of names, so that it can be merged. False when
 * memory runs out. */
bool kp_tools_as_map(struct kp_arena *arena, struct kp_node *root);

#endif
