/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/merge.c - the map of a base recipe under that of the file that extends it:
 * maps merge key by key, lists, chains and text are replaced, the file wins.
 *
 * Two things that the words leave open. An input in its long form names a type, so two
 * different types do not merge. Names that share a namespace (inputs and images;
 * variables and matrix variables) win over each other across files, too: a board may
 * turn a base's variable into a matrix, or a base's input into an image.
 */
#include <string.h>

#include "recipe/extends.h"
#include "recipe/index.h"
#include "recipe/tools.h"

/* What is merged, which decides about what is in it. */
enum level {
    LEVEL_ROOT,
    LEVEL_VARS,   /* a map of values, merged to the bottom */
    LEVEL_INPUTS, /* a map of inputs */
    LEVEL_NAMES,  /* a map of chains or lists, which are replaced */
    LEVEL_INPUT,  /* a map of one key, the type */
    LEVEL_KEYS,   /* a map of keys */
    LEVEL_KEY,    /* a map in which the type is one of two keys */
    LEVEL_DEEP,
    LEVEL_REPLACE
};

static const struct section {
    const char *name;
    const char *partner; /* the section that shares its namespace */
    enum level level;
} sections[] = {
    {"vars", "matrix", LEVEL_VARS},     {"matrix", "vars", LEVEL_NAMES},
    {"inputs", "images", LEVEL_INPUTS}, {"images", "inputs", LEVEL_NAMES},
    {"tools", NULL, LEVEL_NAMES},       {"keys", NULL, LEVEL_KEYS},
};

static const struct section *find_section(const char *name)
{
    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        if (strcmp(sections[i].name, name) == 0)
            return &sections[i];
    }
    return NULL;
}

static enum level level_below(enum level level, const char *key)
{
    const struct section *section;

    switch (level) {
    case LEVEL_ROOT:
        section = find_section(key);
        return section != NULL ? section->level : LEVEL_REPLACE;
    case LEVEL_INPUTS:
        return LEVEL_INPUT;
    case LEVEL_KEYS:
        return LEVEL_KEY;
    case LEVEL_NAMES:
        return LEVEL_REPLACE;
    default:
        return LEVEL_DEEP;
    }
}

/* A map of its own, with room for `count` keys; no keys yet. */
static struct kp_node *new_map(struct kp_arena *arena, const struct kp_node *like, size_t count)
{
    struct kp_node *map = KP_ARENA_NEW(arena, struct kp_node);

    if (map == NULL)
        return NULL;
    *map = *like;
    map->count = 0;
    map->keys = kp_arena_array(arena, count, sizeof(struct kp_node *));
    map->items = kp_arena_array(arena, count, sizeof(struct kp_node *));
    return map->keys != NULL && map->items != NULL ? map : NULL;
}

/* `map` without the keys that `names` has. */
static struct kp_node *without(struct kp_arena *arena, struct kp_node *map,
                               const struct kp_node *names)
{
    struct kp_node *rest = new_map(arena, map, map->count);
    struct kp_index index;
    size_t position;

    if (rest == NULL || !kp_index_build(&index, arena, names->keys, names->count))
        return NULL;
    for (size_t i = 0; i < map->count; i++) {
        if (kp_index_find(&index, map->keys[i]->text, &position))
            continue;
        rest->keys[rest->count] = map->keys[i];
        rest->items[rest->count++] = map->items[i];
    }
    return rest;
}

static struct kp_node *merge(struct kp_arena *arena, struct kp_node *base, struct kp_node *over,
                             enum level level);

/* Both are maps. The base's keys come first, in their order. */
static struct kp_node *merge_maps(struct kp_arena *arena, struct kp_node *base,
                                  struct kp_node *over, enum level level)
{
    struct kp_node *map = new_map(arena, over, base->count + over->count);
    struct kp_index index;
    size_t position;

    if (map == NULL || !kp_index_build(&index, arena, base->keys, base->count))
        return NULL;
    memcpy(map->keys, base->keys, base->count * sizeof(struct kp_node *));
    memcpy(map->items, base->items, base->count * sizeof(struct kp_node *));
    map->count = base->count;
    for (size_t i = 0; i < over->count; i++) {
        const char *key = over->keys[i]->text;
        struct kp_node *value = over->items[i];

        if (!kp_index_find(&index, key, &position))
            position = map->count++;
        else
            value = merge(arena, base->items[position], value, level_below(level, key));
        if (value == NULL)
            return NULL;
        map->keys[position] = over->keys[i];
        map->items[position] = value;
    }
    return map;
}

static struct kp_node *merge(struct kp_arena *arena, struct kp_node *base, struct kp_node *over,
                             enum level level)
{
    const bool section =
        level == LEVEL_VARS || level == LEVEL_INPUTS || level == LEVEL_NAMES || level == LEVEL_KEYS;
    const bool types = level == LEVEL_INPUT && base->count == 1 && over->count == 1;

    if (section && kp_node_is_empty(over))
        return base;
    if (base->kind != KP_NODE_MAP || over->kind != KP_NODE_MAP || level == LEVEL_REPLACE)
        return over;
    /* A key that is somewhere else has another PIN or passphrase, too. */
    if (level == LEVEL_KEY &&
        (kp_node_get(over, "file") != NULL || kp_node_get(over, "pkcs11") != NULL))
        return over;
    if (types && strcmp(base->keys[0]->text, over->keys[0]->text) != 0)
        return over;
    return merge_maps(arena, base, over, level);
}

struct kp_node *kp_recipe_merge(struct kp_arena *arena, struct kp_node *base, struct kp_node *over)
{
    struct kp_node *under = new_map(arena, base, base->count);

    if (under == NULL || !kp_tools_as_map(arena, base) || !kp_tools_as_map(arena, over))
        return NULL;
    for (size_t i = 0; i < base->count; i++) {
        const struct section *section = find_section(base->keys[i]->text);
        const struct kp_node *partner = section != NULL && section->partner != NULL
                                            ? kp_node_get(over, section->partner)
                                            : NULL;
        struct kp_node *value = base->items[i];

        if (partner != NULL && partner->kind == KP_NODE_MAP && value->kind == KP_NODE_MAP)
            value = without(arena, value, partner);
        if (value == NULL)
            return NULL;
        under->keys[i] = base->keys[i];
        under->items[i] = value;
    }
    under->count = base->count;
    return merge_maps(arena, under, over, LEVEL_ROOT);
}
