/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/node.c - making, finding and copying nodes. What a scalar's text means is
 * scalar.c's matter.
 */
#include "base/node.h"

#include <string.h>

bool kp_node_is_empty(const struct kp_node *node)
{
    return node->kind == KP_NODE_SCALAR && node->plain &&
           (node->length == 0 || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0);
}

struct kp_node *kp_node_get(const struct kp_node *node, const char *key)
{
    if (node == NULL || node->kind != KP_NODE_MAP)
        return NULL;
    for (size_t i = 0; i < node->count; i++) {
        if (strcmp(node->keys[i]->text, key) == 0)
            return node->items[i];
    }
    return NULL;
}

/* The new scalar counts as plain. */
struct kp_node *kp_node_scalar(struct kp_arena *arena, struct kp_place place, const char *folder,
                               const char *text)
{
    struct kp_node *node = KP_ARENA_NEW(arena, struct kp_node);

    if (node == NULL)
        return NULL;
    node->kind = KP_NODE_SCALAR;
    node->plain = true;
    node->place = place;
    node->folder = folder;
    node->length = strlen(text);
    node->text = kp_arena_strndup(arena, text, node->length);
    return node->text != NULL ? node : NULL;
}

static struct kp_node **clone_all(struct kp_arena *arena, struct kp_node *const *nodes,
                                  size_t count)
{
    struct kp_node **copies = kp_arena_array(arena, count, sizeof(struct kp_node *));

    for (size_t i = 0; copies != NULL && i < count; i++) {
        copies[i] = kp_node_clone(arena, nodes[i]);
        if (copies[i] == NULL)
            return NULL;
    }
    return copies;
}

/* Recursion is bounded by the depth that the reader of YAML allows. The folder is
 * shared: it lives as long as the recipe does. */
struct kp_node *kp_node_clone(struct kp_arena *arena, const struct kp_node *node)
{
    struct kp_node *copy = KP_ARENA_NEW(arena, struct kp_node);

    if (copy == NULL)
        return NULL;
    *copy = *node;
    if (node->kind == KP_NODE_SCALAR) {
        copy->text = kp_arena_strndup(arena, node->text, node->length);
        return copy->text != NULL ? copy : NULL;
    }
    copy->items = clone_all(arena, node->items, node->count);
    if (copy->items == NULL)
        return NULL;
    if (node->kind == KP_NODE_MAP) {
        copy->keys = clone_all(arena, node->keys, node->count);
        if (copy->keys == NULL)
            return NULL;
    }
    return copy;
}

const char *kp_node_what(const struct kp_node *node)
{
    switch (node->kind) {
    case KP_NODE_LIST:
        return "a list";
    case KP_NODE_MAP:
        return "a map";
    case KP_NODE_SCALAR:
        break;
    }
    return "text";
}
