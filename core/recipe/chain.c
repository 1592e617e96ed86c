/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/chain.c - what an image's chain and an output say, and which items they name:
 * at a chain's begin, as an output, and in the parameters of stages, which the finder
 * knows. Whether a stage exists is the engine's matter.
 */
#include <string.h>

#include "base/codes.h"
#include "keys/key.h"
#include "recipe/item.h"

/* In a list of images: the stage's main input. */
#define MAIN_INPUT "_"

struct visit {
    struct kp_items *items;
    struct kp_instance *instance;
};

/* What to do about a name that nothing has, alone or with a part. `begins`: it begins a
 * chain. */
static const char *unknown_hint(struct kp_items *items, const struct kp_node *node,
                                const char *name, bool begins)
{
    const char *text = node->text;
    const char *hint = kp_index_hint(items->arena, name, items->names, items->named_count);

    if (hint == NULL && strpbrk(text, "/.") != NULL)
        hint = "files are named under 'inputs'";
    else if (hint == NULL && begins)
        hint = kp_arena_printf(items->arena, "a stage that begins a chain is a map: {%s: }", text);
    return hint;
}

/* Notes that `node` names an item. False, after reporting, if there is none. */
static bool add_reference(struct kp_items *items, struct kp_instance *instance,
                          struct kp_node *node, const char **slot, struct kp_node *list)
{
    const char *dot = strchr(node->text, '.');
    const char *name = kp_arena_strndup(items->arena, node->text, strcspn(node->text, "."));
    struct kp_reference *reference;
    size_t position;

    if (name == NULL)
        return kp_out_of_memory(items->diags);
    if (!kp_index_find(&items->index, name, &position) || (dot != NULL && dot[1] == '\0'))
        return kp_error_hint(items->diags, node->place,
                             unknown_hint(items, node, name, slot != NULL), KP1108, node->text);
    reference = KP_PUSH(&instance->references, struct kp_reference);
    if (reference == NULL)
        return kp_out_of_memory(items->diags);
    reference->target = &items->items[position];
    reference->part = dot != NULL ? dot : "";
    reference->place = node->place;
    reference->slot = slot;
    reference->scalar = node;
    reference->list = list;
    if (slot != NULL)
        *slot = node->text;
    return true;
}

/* The same for a parameter that takes keys, which have names of their own and no parts. */
static bool add_key(struct kp_items *items, struct kp_instance *instance, struct kp_node *node,
                    struct kp_node *list)
{
    struct kp_reference *reference;
    const char *hint;
    size_t position;

    if (!kp_index_find(&items->key_index, node->text, &position)) {
        hint = kp_index_hint(items->arena, node->text, items->names + items->named_count,
                             items->key_count);
        return kp_error_hint(items->diags, node->place,
                             hint != NULL ? hint : "keys are named under 'keys'", KP1161,
                             kp_key_shown(node->text), node->text);
    }
    reference = KP_PUSH(&instance->references, struct kp_reference);
    if (reference == NULL)
        return kp_out_of_memory(items->diags);
    *reference = (struct kp_reference){.target = &items->items[items->named_count + position],
                                       .part = "",
                                       .place = node->place,
                                       .scalar = node,
                                       .list = list};
    return true;
}

/* kp_visit_reference */
static bool visit_parameter(void *context, struct kp_node *scalar, struct kp_node *list,
                            uint32_t type)
{
    const struct visit *visit = context;
    bool good = true;

    /* Whether an image fits where a tree is wanted is the engine's to check. */
    /* What is no name is for the engine to refuse, which knows the parameter. */
    if (scalar->kind != KP_NODE_SCALAR || scalar->length == 0 || kp_node_is_empty(scalar))
        return true;
    if (type == KP_TYPE_KEY)
        good = add_key(visit->items, visit->instance, scalar, list);
    else if (strcmp(scalar->text, MAIN_INPUT) != 0)
        good = add_reference(visit->items, visit->instance, scalar, NULL, list);
    visit->instance->failed = visit->instance->failed || !good;
    return true;
}

static bool read_stage(struct kp_items *items, const char *what, struct kp_node *node,
                       struct kp_instance *instance, struct kp_recipe_element *element)
{
    struct visit visit = {items, instance};

    if (node->count != 1)
        return kp_error_hint(items->diags, node->place, "write {stage: {parameters}}", KP1112, what,
                             "the name of a stage");
    element->place = node->keys[0]->place;
    element->stage = node->keys[0]->text;
    if (kp_node_is_empty(node->items[0]))
        return true;
    element->params = node->items[0];
    if (items->finder == NULL || items->finder->find(items->finder->data, element->stage,
                                                     element->params, visit_parameter, &visit))
        return true;
    return kp_out_of_memory(items->diags);
}

/* One element: the first may be a name, any other scalar is a stage without parameters. */
static bool read_element(struct kp_items *items, const char *what, struct kp_node *node, bool first,
                         struct kp_instance *instance, struct kp_recipe_element *element)
{
    element->place = node->place;
    if (node->kind == KP_NODE_MAP)
        return read_stage(items, what, node, instance, element);
    if (node->kind == KP_NODE_LIST || node->length == 0 || kp_node_is_empty(node)) {
        const char *part = kp_arena_printf(items->arena, "%s: an element of a chain", what);

        return part != NULL ? kp_item_wrong_type(items->diags, node, part, "a name or a stage")
                            : kp_out_of_memory(items->diags);
    }
    if (first)
        return add_reference(items, instance, node, &element->reference, NULL);
    element->stage = node->text;
    return true;
}

bool kp_item_read_image(struct kp_items *items, struct kp_item *item, struct kp_node *node,
                        struct kp_instance *instance)
{
    struct kp_recipe_image *image = &instance->image;
    const char *what = kp_item_what(items, item);
    const bool list = node->kind == KP_NODE_LIST;
    const size_t count = list ? node->count : kp_node_is_empty(node) ? 0 : 1;
    bool ok = true;

    image->name = item->name;
    image->place = item->place;
    image->element_count = count;
    image->elements = kp_arena_array(items->arena, count, sizeof(struct kp_recipe_element));
    if (what == NULL || image->elements == NULL)
        return kp_out_of_memory(items->diags);
    if (count == 0)
        return kp_error_hint(items->diags, item->place,
                             "a chain begins with an input, an image, or a stage without input",
                             KP1111, item->name);
    for (size_t i = 0; i < count; i++)
        ok = read_element(items, what, list ? node->items[i] : node, i == 0, instance,
                          &image->elements[i]) &&
             ok;
    return ok;
}

/* The part of an output behind its name: a file, or a map with `file`. */
static bool read_output_keys(struct kp_items *items, struct kp_node *node,
                             const struct kp_node **file)
{
    static const char *const known[] = {"file"};

    if (kp_node_is_empty(node))
        return true;
    if (node->kind == KP_NODE_SCALAR) {
        *file = node;
        return true;
    }
    if (node->kind == KP_NODE_LIST)
        return kp_item_wrong_type(items->diags, node, "output", "a file or a map with 'file'");
    for (size_t i = 0; i < node->count; i++) {
        if (strcmp(node->keys[i]->text, "file") != 0)
            return kp_error_hint(items->diags, node->keys[i]->place,
                                 kp_index_hint(items->arena, node->keys[i]->text, known, 1), KP1104,
                                 node->keys[i]->text);
        if (node->items[i]->kind != KP_NODE_SCALAR || kp_node_is_empty(node->items[i]))
            return kp_item_wrong_type(items->diags, node->items[i], "'file'", "the name of a file");
        *file = node->items[i];
    }
    return true;
}

bool kp_item_read_output(struct kp_items *items, struct kp_item *item, struct kp_node *node,
                         struct kp_instance *instance)
{
    struct kp_recipe_output *output = &instance->output;
    const bool map = node->kind == KP_NODE_MAP && node->count == 1;
    struct kp_node *name = map ? node->keys[0] : node;
    const struct kp_node *file = NULL;

    if (!map && (node->kind != KP_NODE_SCALAR || kp_node_is_empty(node)))
        return kp_item_wrong_type(items->diags, node, kp_item_what(items, item),
                                  "a name or {NAME: {file: F}}");
    if (map && !read_output_keys(items, node->items[0], &file))
        return false;
    output->place = name->place;
    output->file = file != NULL ? file->text : name->text;
    output->file_place = file != NULL ? file->place : name->place;
    return add_reference(items, instance, name, &output->image, NULL) &&
           kp_output_check_file(items->diags, output);
}
