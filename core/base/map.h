/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/map.h - a map from text to pointers, in an arena. Keys are not copied and must
 * live as long as the map. A zeroed struct with an arena is an empty map. Nothing is
 * ever removed.
 */
#ifndef KP_BASE_MAP_H
#define KP_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct kp_map_slot {
    const char *key;
    void *value;
};

struct kp_map {
    struct kp_arena *arena;
    struct kp_map_slot *slots;
    size_t count, capacity; /* capacity is 0 or a power of two */
};

/* The value of a key, or NULL. */
void *kp_map_get(const struct kp_map *map, const char *key);
/* Adds or replaces; false when memory runs out. `value` is not NULL. */
bool kp_map_put(struct kp_map *map, const char *key, void *value);

#endif
