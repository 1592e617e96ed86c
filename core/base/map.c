/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/map.c - see map.h: open addressing with linear probing, at most half full.
 */
#include "base/map.h"

#include <stdint.h>
#include <string.h>

/* FNV-1a, 64 bit. */
static size_t hash(const char *key)
{
    uint64_t value = UINT64_C(0xcbf29ce484222325);

    for (; *key != '\0'; key++)
        value = (value ^ (uint8_t)*key) * UINT64_C(0x100000001b3);
    return (size_t)(value ^ (value >> 32));
}

static struct kp_map_slot *find(struct kp_map_slot *slots, size_t capacity, const char *key)
{
    size_t at = hash(key) & (capacity - 1);

    while (slots[at].key != NULL && strcmp(slots[at].key, key) != 0)
        at = (at + 1) & (capacity - 1);
    return &slots[at];
}

static bool grow(struct kp_map *map)
{
    const size_t capacity = map->capacity == 0 ? 64 : map->capacity * 2;
    struct kp_map_slot *slots = kp_arena_array(map->arena, capacity, sizeof(*slots));

    if (slots == NULL)
        return false;
    for (size_t i = 0; i < map->capacity; i++)
        if (map->slots[i].key != NULL)
            *find(slots, capacity, map->slots[i].key) = map->slots[i];
    map->slots = slots;
    map->capacity = capacity;
    return true;
}

void *kp_map_get(const struct kp_map *map, const char *key)
{
    return map->capacity == 0 ? NULL : find(map->slots, map->capacity, key)->value;
}

bool kp_map_put(struct kp_map *map, const char *key, void *value)
{
    struct kp_map_slot *slot;

    if (map->count >= map->capacity / 2 && !grow(map))
        return false;
    slot = find(map->slots, map->capacity, key);
    if (slot->key == NULL)
        map->count++;
    slot->key = key;
    slot->value = value;
    return true;
}
