/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/matrix.h - items that exist once for each value of the matrix variables that
 * they carry: those of their own text and of every item that they name singly.
 *
 * A list parameter collects: an item named in it appears once for each value of the
 * variables that the owner does not carry, in the order of the matrix (the first
 * variable changes slowest).
 */
#ifndef KP_RECIPE_MATRIX_H
#define KP_RECIPE_MATRIX_H

#include "recipe/expand.h"
#include "recipe/item.h"

#define KP_MATRIX_MAX_INSTANCES 10000
/* Images that name images. */
#define KP_MATRIX_MAX_DEPTH 1000

/* Reads the values of all matrix variables, restricted by --set. A variable with errors
 * is marked, so that what uses it is left out without further words. */
void kp_matrix_read(struct kp_expander *expander);

/* How many bindings there are of a set of variables, at most one more than allowed. */
size_t kp_matrix_count(const struct kp_variables *variables, uint32_t set);
/* The binding after this one, which begins as zeros; false behind the last. */
bool kp_matrix_next(const struct kp_variables *variables, uint32_t set, size_t *binding);
/* "name(board=a,codec=xz).part"; the mere name for an empty set. NULL when memory runs
 * out. */
const char *kp_matrix_name(const struct kp_variables *variables, const char *name, uint32_t set,
                           const size_t *binding, const char *part);

/* All instances of all items, into the recipe. Items that no output needs are left out
 * if a variable that they name has no value. False when memory ran out. */
bool kp_matrix_apply(struct kp_items *items, struct kp_expander *expander,
                     struct kp_recipe *recipe);

/* --- outputs.c --- */

/* Checks that no two outputs have one file. `owners` are the items that they come from. */
bool kp_outputs_check(const struct kp_variables *variables, const struct kp_recipe *recipe,
                      struct kp_item *const *owners);

#endif
