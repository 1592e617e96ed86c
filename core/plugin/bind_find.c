/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/bind_find.c - which scalars of a stage's parameters name images, trees or keys: the walk
 * that the recipe's matrix and the words of `kpipe pipe` need before anything is
 * checked. It reports nothing: what does not fit the table is skipped here and
 * reported by kp_bind_check.
 */
#include <string.h>

#include "plugin/bind.h"

struct walk {
    struct kp_registry *registry;
    bool (*visit)(void *context, struct kp_node *scalar, struct kp_node *list, uint32_t type);
    void *context;
};

static bool walk_table(const struct walk *walk, const struct kp_param *const *table,
                       struct kp_node *params);

static bool walk_stage(const struct walk *walk, struct kp_node *node)
{
    if (node->kind != KP_NODE_MAP || node->count != 1)
        return true;
    return kp_bind_find_references(walk->registry, node->keys[0]->text, node->items[0], walk->visit,
                                   walk->context);
}

static bool names_something(const struct kp_param *row)
{
    return row->type == KP_TYPE_IMAGE || row->type == KP_TYPE_TREE || row->type == KP_TYPE_KEY;
}

static bool walk_value(const struct walk *walk, const struct kp_param *row, struct kp_node *node,
                       struct kp_node *list)
{
    if (names_something(row) && node->kind == KP_NODE_SCALAR)
        return kp_node_is_empty(node) || walk->visit(walk->context, node, list, row->type);
    if (row->type == KP_TYPE_RECORD)
        return walk_table(walk, row->fields, node);
    if (row->type == KP_TYPE_STAGE)
        return walk_stage(walk, node);
    return true;
}

static bool walk_row(const struct walk *walk, const struct kp_param *row, struct kp_node *node)
{
    if (node == NULL)
        return true;
    if ((row->list & KP_PARAM_LIST) == 0)
        return walk_value(walk, row, node, NULL);
    if (node->kind == KP_NODE_SCALAR && names_something(row) && !kp_node_is_empty(node)) {
        /* One value stands for a list of one: it is its own list, in whose place a
         * visitor may put several. */
        return walk->visit(walk->context, node, node, row->type);
    }
    if (node->kind != KP_NODE_LIST)
        return walk_value(walk, row, node, NULL);
    /* A visitor may replace an item by several; it then also moves what follows. */
    for (size_t i = node->count; i > 0; i--)
        if (!walk_value(walk, row, node->items[i - 1], node))
            return false;
    return true;
}

static bool walk_table(const struct walk *walk, const struct kp_param *const *table,
                       struct kp_node *params)
{
    for (size_t i = 0; table != NULL && table[i] != NULL; i++) {
        struct kp_node *node = params->kind == KP_NODE_MAP ? kp_node_get(params, table[i]->name)
                               : (table[i]->flags & KP_PARAM_SHORT) != 0 ? params
                                                                         : NULL;

        if (!walk_row(walk, table[i], node))
            return false;
    }
    return true;
}

bool kp_bind_find_references(void *registry, const char *stage, struct kp_node *params,
                             bool (*visit)(void *context, struct kp_node *scalar,
                                           struct kp_node *list, uint32_t type),
                             void *context)
{
    const struct walk walk = {registry, visit, context};
    const struct kp_stage *found = kp_registry_find_stage(registry, stage);

    if (found == NULL || params == NULL)
        return true;
    return walk_table(&walk, found->operation.params, params);
}
