/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/index.c - finding names in a recipe: a sorted array and binary search.
 */
#include "recipe/index.h"

#include <stdlib.h>
#include <string.h>

/* With more names than this a typing error is not worth the search (a distance for
 * each); no recipe that people write comes near. */
#define CANDIDATES_MOST 2000

static int compare(const void *left, const void *right)
{
    const struct kp_index_entry *a = left;
    const struct kp_index_entry *b = right;
    const int order = strcmp(a->name, b->name);

    return order != 0 ? order : (a->position > b->position) - (a->position < b->position);
}

bool kp_index_build(struct kp_index *index, struct kp_arena *arena, struct kp_node *const *keys,
                    size_t count)
{
    index->count = count;
    index->entries = kp_arena_array(arena, count, sizeof(struct kp_index_entry));
    if (index->entries == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        index->entries[i] = (struct kp_index_entry){keys[i]->text, i};
    if (count > 1)
        qsort(index->entries, count, sizeof(struct kp_index_entry), compare);
    return true;
}

bool kp_index_find(const struct kp_index *index, const char *name, size_t *position)
{
    size_t low = 0;
    size_t high = index->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (strcmp(index->entries[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == index->count || strcmp(index->entries[low].name, name) != 0)
        return false;
    *position = index->entries[low].position;
    return true;
}

const char *kp_index_hint(struct kp_arena *arena, const char *name, const char *const *candidates,
                          size_t count)
{
    const char *nearest = count <= CANDIDATES_MOST ? kp_nearest(name, candidates, count) : NULL;

    return nearest != NULL ? kp_arena_printf(arena, "did you mean '%s'?", nearest) : NULL;
}
