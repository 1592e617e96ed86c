/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/instance.c - the matrix as a pass from recipe to recipe: first which variables
 * each item carries, from the outputs down, then every item once for each of their
 * values, with the names in it changed to those of the instances.
 *
 * A name may depend on variables itself ($(board.kernel)), so that the first step reads
 * each item for all values of the variables in its own text.
 */
#include <string.h>

#include "base/auto.h"
#include "base/codes.h"
#include "base/vector.h"
#include "recipe/matrix.h"

struct maker {
    struct kp_items *items;
    struct kp_expander *expander;
    bool quiet;    /* nothing needs what is looked at now */
    bool too_many; /* instances; reported */
    size_t instances;
};

/* The items on the way from an output. */
struct trail {
    const struct trail *up;
    const struct kp_item *item;
    unsigned depth;
};

static bool visit_item(struct maker *maker, struct kp_item *item, struct kp_place place,
                       const struct trail *up);

/* "a -> b -> a" */
static bool report_cycle(struct maker *maker, struct kp_place place, const struct trail *last,
                         const struct kp_item *item)
{
    struct kp_string chain KP_AUTO(string) = {0};
    const char *names[KP_MATRIX_MAX_DEPTH + 1];
    size_t count = 0;

    for (; last != NULL && last->item != item; last = last->up)
        names[count++] = last->item->name;
    kp_string_add(&chain, item->name);
    while (count > 0)
        kp_string_printf(&chain, " -> %s", names[--count]);
    kp_string_printf(&chain, " -> %s", item->name);
    if (chain.failed)
        return kp_out_of_memory(maker->items->diags);
    return kp_error(maker->items->diags, place, KP1109, chain.text);
}

/* The instance of an item for a binding. The caller releases its references. */
static bool make_instance(struct maker *maker, struct kp_item *item, const size_t *binding,
                          struct kp_instance *instance)
{
    struct kp_node *node = kp_expand_node(maker->expander, item->node, binding);

    return node != NULL && kp_item_read(maker->items, item, node, instance);
}

static bool count_instances(struct maker *maker, const struct kp_item *item, uint32_t set,
                            size_t so_far)
{
    if (maker->too_many)
        return false;
    if (kp_matrix_count(maker->expander->variables, set) + so_far <= KP_MATRIX_MAX_INSTANCES)
        return true;
    maker->too_many = true;
    return kp_error(maker->items->diags, item->place, KP1156, KP_MATRIX_MAX_INSTANCES);
}

/* Visits what an item names, for all values of the variables in its own text. */
static bool visit_named(struct maker *maker, struct kp_item *item, const struct trail *trail)
{
    size_t binding[KP_MATRIX_MAX_VARIABLES] = {0};
    bool ok = count_instances(maker, item, item->own, 0);

    if (!ok)
        return false;
    do {
        struct kp_instance instance = {0};

        ok = make_instance(maker, item, binding, &instance);
        for (size_t i = 0; i < instance.references.count; i++) {
            const struct kp_reference *reference =
                &KP_ITEM(&instance.references, struct kp_reference, i);

            ok = visit_item(maker, reference->target, reference->place, trail) && ok;
            if (reference->list == NULL)
                item->carried |= reference->target->carried;
        }
        kp_vector_free(&instance.references);
    } while (ok && kp_matrix_next(maker->expander->variables, item->own, binding));
    return ok;
}

static bool visit_item(struct maker *maker, struct kp_item *item, struct kp_place place,
                       const struct trail *up)
{
    const struct trail trail = {up, item, up != NULL ? up->depth + 1 : 1};

    if (item->visiting)
        return report_cycle(maker, place, up, item);
    if (item->visited)
        return !item->failed;
    if (trail.depth > KP_MATRIX_MAX_DEPTH)
        return kp_error(maker->items->diags, place, KP1110, KP_MATRIX_MAX_DEPTH);
    item->visiting = true;
    item->failed = !kp_expand_uses(maker->expander, item->node, maker->quiet, &item->own);
    item->carried = item->own;
    if (!item->failed)
        item->failed = !visit_named(maker, item, &trail);
    item->visiting = false;
    item->visited = true;
    return !item->failed;
}

static bool set_text(struct maker *maker, struct kp_node *node, const char *text)
{
    if (text == NULL)
        return kp_out_of_memory(maker->items->diags);
    node->text = text;
    node->length = strlen(text);
    return true;
}

/* Puts `count` nodes in place of one item of a list. */
static bool splice(struct maker *maker, struct kp_node *list, const struct kp_node *item,
                   struct kp_node **nodes, size_t count)
{
    size_t at = 0;
    struct kp_node **all;

    if (!kp_expand_work(maker->expander, item->place, (list->count + count) * sizeof(*all)))
        return false;
    if (list == item) {
        /* One value that stood for a list of one. */
        list->kind = KP_NODE_LIST;
        list->items = nodes;
        list->count = count;
        return true;
    }
    while (at < list->count && list->items[at] != item)
        at++;
    all = kp_arena_array(maker->items->arena, list->count + count, sizeof(struct kp_node *));
    if (all == NULL)
        return kp_out_of_memory(maker->items->diags);
    if (at == list->count)
        return true; /* the finder named a scalar that is not in its list */
    memcpy(all, list->items, at * sizeof(*all));
    memcpy(all + at, nodes, count * sizeof(*all));
    memcpy(all + at + count, list->items + at + 1, (list->count - at - 1) * sizeof(*all));
    list->items = all;
    list->count += count - 1;
    return true;
}

/* A named item in a list, once for each value of the variables that the owner does not
 * carry. */
static bool collect(struct maker *maker, const struct kp_reference *reference, uint32_t free_set,
                    const size_t *owner_binding)
{
    const struct kp_variables *variables = maker->expander->variables;
    const struct kp_item *target = reference->target;
    const size_t most = kp_matrix_count(variables, free_set);
    struct kp_node **nodes;
    size_t binding[KP_MATRIX_MAX_VARIABLES];
    size_t count = 0;

    if (!kp_expand_work(maker->expander, reference->place,
                        most * (sizeof(struct kp_node) + 4 * KP_EXPAND_WORK_NAME)))
        return false;
    nodes = kp_arena_array(maker->items->arena, most, sizeof(struct kp_node *));
    if (nodes == NULL)
        return kp_out_of_memory(maker->items->diags);
    memcpy(binding, owner_binding, sizeof(binding));
    do {
        struct kp_node *node = KP_ARENA_NEW(maker->items->arena, struct kp_node);

        if (node == NULL)
            return kp_out_of_memory(maker->items->diags);
        *node = *reference->scalar;
        if (!set_text(
                maker, node,
                kp_matrix_name(variables, target->name, target->carried, binding, reference->part)))
            return false;
        nodes[count++] = node;
    } while (count < most && kp_matrix_next(variables, free_set, binding));
    return splice(maker, reference->list, reference->scalar, nodes, count);
}

/* Changes the names in an instance to those of the instances that it means. */
static bool rename_references(struct maker *maker, struct kp_instance *instance,
                              const size_t *binding)
{
    for (size_t i = 0; i < instance->references.count; i++) {
        const struct kp_reference *reference =
            &KP_ITEM(&instance->references, struct kp_reference, i);
        const struct kp_item *target = reference->target;
        const uint32_t free_set = target->carried & ~instance->item->carried;
        const char *name;

        if (free_set != 0) {
            if (!collect(maker, reference, free_set, binding))
                return false;
            continue;
        }
        name = kp_matrix_name(maker->expander->variables, target->name, target->carried, binding,
                              reference->part);
        if (name == NULL)
            return kp_out_of_memory(maker->items->diags);
        if (!kp_expand_work(maker->expander, reference->place, strlen(name)))
            return false;
        if (reference->slot != NULL)
            *reference->slot = name;
        else
            set_text(maker, reference->scalar, name);
    }
    return true;
}

/* Adds an instance to the recipe, whose arrays have room for it. */
static bool add_instance(struct maker *maker, const struct kp_instance *instance,
                         const size_t *binding, struct kp_recipe *recipe)
{
    const struct kp_item *item = instance->item;
    const char *name =
        item->kind == KP_ITEM_OUTPUT
            ? ""
            : kp_matrix_name(maker->expander->variables, item->name, item->carried, binding, "");

    switch (item->kind) {
    case KP_ITEM_INPUT:
        recipe->inputs[recipe->input_count] = instance->input;
        recipe->inputs[recipe->input_count++].name = name;
        break;
    case KP_ITEM_IMAGE:
        recipe->images[recipe->image_count] = instance->image;
        recipe->images[recipe->image_count++].name = name;
        break;
    case KP_ITEM_KEY:
        recipe->keys[recipe->key_count] = instance->key;
        recipe->keys[recipe->key_count++].name = name;
        break;
    case KP_ITEM_OUTPUT:
        recipe->outputs[recipe->output_count++] = instance->output;
        break;
    }
    return name != NULL || kp_out_of_memory(maker->items->diags);
}

/* All instances of one item. */
static bool make_all(struct maker *maker, struct kp_item *item, struct kp_recipe *recipe,
                     struct kp_item **owners)
{
    size_t binding[KP_MATRIX_MAX_VARIABLES] = {0};
    bool ok = true;

    do {
        struct kp_instance instance = {0};

        owners[recipe->output_count] = item;
        ok = make_instance(maker, item, binding, &instance) &&
             rename_references(maker, &instance, binding) &&
             add_instance(maker, &instance, binding, recipe);
        kp_vector_free(&instance.references);
    } while (ok && kp_matrix_next(maker->expander->variables, item->carried, binding));
    return ok;
}

/* From the outputs down, and then what they do not need. */
static void visit_all(struct maker *maker)
{
    struct kp_items *items = maker->items;

    const size_t outputs = items->named_count + items->key_count;

    for (size_t i = outputs; i < items->count; i++)
        visit_item(maker, &items->items[i], items->items[i].place, NULL);
    maker->quiet = true;
    for (size_t i = 0; i < outputs; i++)
        visit_item(maker, &items->items[i], items->items[i].place, NULL);
}

bool kp_matrix_apply(struct kp_items *items, struct kp_expander *expander, struct kp_recipe *recipe)
{
    struct maker maker = {.items = items, .expander = expander};
    size_t counts[KP_ITEM_KINDS] = {0};
    struct kp_item **owners;

    visit_all(&maker);
    for (size_t i = 0; i < items->count; i++) {
        struct kp_item *item = &items->items[i];

        if (!item->failed)
            item->failed = !count_instances(&maker, item, item->carried, maker.instances);
        if (!item->failed) {
            counts[item->kind] += kp_matrix_count(expander->variables, item->carried);
            maker.instances += kp_matrix_count(expander->variables, item->carried);
        }
    }
    recipe->inputs = kp_arena_array(items->arena, counts[KP_ITEM_INPUT], sizeof(*recipe->inputs));
    recipe->images = kp_arena_array(items->arena, counts[KP_ITEM_IMAGE], sizeof(*recipe->images));
    recipe->keys = kp_arena_array(items->arena, counts[KP_ITEM_KEY], sizeof(*recipe->keys));
    recipe->outputs =
        kp_arena_array(items->arena, counts[KP_ITEM_OUTPUT], sizeof(*recipe->outputs));
    owners = kp_arena_array(items->arena, counts[KP_ITEM_OUTPUT] + 1, sizeof(*owners));
    if (recipe->inputs == NULL || recipe->images == NULL || recipe->keys == NULL ||
        recipe->outputs == NULL || owners == NULL)
        return kp_out_of_memory(items->diags);
    for (size_t i = 0; i < items->count; i++) {
        if (!items->items[i].failed && !make_all(&maker, &items->items[i], recipe, owners))
            return false;
    }
    return kp_outputs_check(expander->variables, recipe, owners);
}
