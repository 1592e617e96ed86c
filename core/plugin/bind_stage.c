/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/bind_stage.c - stages given as parameters: {NAME: {PARAMETERS}}, whose own
 * parameters are checked by their own table, with what the row `passes` added to them.
 */
#include <string.h>

#include "plugin/bind_private.h"

/* A key of the map that is being made; false when memory runs out. */
static bool put(struct kp_arena *arena, struct kp_node *map, const char *key,
                const struct kp_node *value)
{
    struct kp_node *name = kp_node_scalar(arena, value->place, "", key);

    map->keys[map->count] = name;
    map->items[map->count++] = (struct kp_node *)(uintptr_t)value;
    return name != NULL;
}

/* A copy of what the recipe gives a stage (`before`: a map, a value for the parameter
 * `brief`, or NULL), with one more key. NULL when memory runs out. */
static const struct kp_node *with_key(struct kp_arena *arena, const struct kp_node *before,
                                      const char *brief, const char *key,
                                      const struct kp_node *value)
{
    const bool is_map = before != NULL && before->kind == KP_NODE_MAP;
    const size_t count = is_map ? before->count : 0;
    struct kp_node *map = KP_ARENA_NEW(arena, struct kp_node);

    if (map == NULL)
        return NULL;
    *map = (struct kp_node){.kind = KP_NODE_MAP, .place = value->place};
    map->keys = kp_arena_array(arena, count + 2, sizeof(struct kp_node *));
    map->items = kp_arena_array(arena, count + 2, sizeof(struct kp_node *));
    if (map->keys == NULL || map->items == NULL)
        return NULL;
    for (; map->count < count; map->count++) {
        map->keys[map->count] = before->keys[map->count];
        map->items[map->count] = before->items[map->count];
    }
    if (before != NULL && !is_map && !put(arena, map, brief, before))
        return NULL;
    return put(arena, map, key, value) ? map : NULL;
}

static const struct kp_param *find_row(const struct kp_param *const *table, const char *name)
{
    for (size_t i = 0; table != NULL && table[i] != NULL; i++)
        if (strcmp(table[i]->name, name) == 0)
            return table[i];
    return NULL;
}

/* What a choice is called where it is passed to: *value is replaced by a node of that name.
 * False when memory runs out. */
static bool rename_choice(struct kp_arena *arena, const struct kp_param *row,
                          const struct kp_node **value)
{
    const struct kp_node *before = *value;

    if (row->type != KP_TYPE_CHOICE || before->kind != KP_NODE_SCALAR)
        return true;
    for (size_t i = 0; row->choices[i] != NULL; i++)
        if (strcmp(row->choices[i]->name, before->text) == 0 && row->choices[i]->passes_as != NULL)
            *value = kp_node_scalar(arena, before->place, "", row->choices[i]->passes_as);
    return *value != NULL;
}

/* What the row `name` beside the stage has, as the recipe says it or by default; *value
 * stays NULL if it has nothing. False when memory runs out. */
static bool passed_value(const struct kp_bind_position *at, const char *name,
                         const struct kp_node **value)
{
    const struct kp_param *row = find_row(at->table, name);
    const struct kp_node *given = at->params == NULL ? NULL : kp_node_get(at->params, name);

    if (given != NULL && !kp_node_is_empty(given))
        *value = given;
    else if (row->fallback != NULL)
        *value = kp_node_scalar(at->binder->arena, at->stage_place, "", row->fallback);
    if (*value == NULL)
        return row->fallback == NULL;
    return rename_choice(at->binder->arena, row, value);
}

/* Adds what is passed to a stage's parameters, if it takes that and the recipe does not
 * say it. False when memory runs out. */
static bool add_passed(const struct kp_bind_position *at, const char *name,
                       const struct kp_param *const *table, const struct kp_node **params)
{
    const struct kp_param *brief = kp_bind_short_row(table);
    const struct kp_node *before = *params, *value = NULL;

    if (before != NULL && kp_node_is_empty(before))
        before = NULL;
    /* What is neither a map nor a short form is reported by the stage's own check. */
    if (find_row(table, name) == NULL ||
        (before != NULL && before->kind != KP_NODE_MAP &&
         (brief == NULL || strcmp(brief->name, name) == 0)) ||
        (before != NULL && kp_node_get(before, name) != NULL))
        return true;
    if (!passed_value(at, name, &value))
        return false;
    if (value != NULL)
        *params =
            with_key(at->binder->arena, before, brief == NULL ? NULL : brief->name, name, value);
    return *params != NULL || value == NULL;
}

bool kp_bind_stage(const struct kp_bind_position *at, const struct kp_param *row,
                   const struct kp_node *node, struct kp_value *value)
{
    const struct kp_binder *binder = at->binder;
    const struct kp_node *name =
        node->kind == KP_NODE_MAP && node->count == 1 ? node->keys[0] : node;
    const struct kp_node *params = name == node ? NULL : node->items[0];
    struct kp_binder inner = *binder;
    struct kp_stage_value *stage = KP_ARENA_NEW(binder->arena, struct kp_stage_value);

    if (name->kind != KP_NODE_SCALAR)
        return kp_bind_wrong_kind(at, node, "a stage, {NAME: {PARAMETERS}}");
    if (stage == NULL)
        return kp_out_of_memory(binder->diags);
    stage->place = name->place;
    stage->stage = kp_registry_stage(binder->registry, binder->diags, name->place, name->text);
    if (stage->stage == NULL)
        return false;
    if ((stage->stage->operation.flags & KP_OP_NO_INPUT) != 0)
        return kp_error(binder->diags, name->place, KP1202, stage->stage->name);
    if (row->passes != NULL &&
        !add_passed(at, row->passes, stage->stage->operation.params, &params))
        return kp_out_of_memory(binder->diags);
    inner.stage = stage->stage->name;
    stage->values =
        kp_bind_check(&inner, stage->stage->operation.params, params, name->place, &stage->count);
    value->stage = stage;
    return stage->values != NULL;
}
