/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/index.h - finding names in a recipe fast, however many there are: a sorted
 * copy of a map's keys. It does not change afterwards.
 */
#ifndef KP_RECIPE_INDEX_H
#define KP_RECIPE_INDEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/node.h"

/* The grammar of names (kp_recipe_is_name), in words. */
#define KP_RECIPE_NAME_HINT "a name is a letter, then letters, digits, _ and -"

struct kp_index_entry {
    const char *name;
    size_t position; /* in the array that the index was made from */
};

/* A zeroed struct is an empty index. Equal names stand in the order of the array. */
struct kp_index {
    struct kp_index_entry *entries;
    size_t count;
};

/* From `count` scalars; false when memory runs out. */
bool kp_index_build(struct kp_index *index, struct kp_arena *arena, struct kp_node *const *keys,
                    size_t count);
/* The position of the first of this name; false if there is none. */
bool kp_index_find(const struct kp_index *index, const char *name, size_t *position);

/* "did you mean 'x'?" for the nearest of `count` names, or NULL. */
const char *kp_index_hint(struct kp_arena *arena, const char *name, const char *const *candidates,
                          size_t count);

#endif
