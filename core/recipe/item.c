/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/item.c - what an input says, and what all items share. Images and outputs
 * are chain.c's matter, keys are keys.c's.
 */
#include "recipe/item.h"

#include <string.h>

#include "base/codes.h"
#include "recipe/file.h"

#define INPUT_TYPES "types are file, tree, and the sources that `kpipe plugins` lists"
#define INPUT_FORMS "a path or a map of one key, the type of input"

bool kp_item_wrong_type(struct kp_diags *diags, const struct kp_node *node, const char *what,
                        const char *wanted)
{
    const bool nothing =
        node->kind == KP_NODE_SCALAR && (node->length == 0 || kp_node_is_empty(node));

    return kp_error(diags, node->place, KP1105, what, wanted,
                    nothing ? "nothing" : kp_node_what(node));
}

const char *kp_item_what(struct kp_items *items, const struct kp_item *item)
{
    const char *what;

    if (item->kind == KP_ITEM_OUTPUT)
        return "output";
    what = kp_arena_printf(items->arena, "%s '%s'",
                           item->kind == KP_ITEM_INPUT   ? "input"
                           : item->kind == KP_ITEM_IMAGE ? "image"
                                                         : "key",
                           item->name);
    if (what == NULL)
        kp_out_of_memory(items->diags);
    return what;
}

/* The path of an input, and the file that it means. */
static bool set_path(struct kp_items *items, const char *what, struct kp_node *node,
                     struct kp_recipe_input *input)
{
    if (node->kind != KP_NODE_SCALAR)
        return kp_item_wrong_type(items->diags, node, what, "a path");
    if (node->length == 0 || kp_node_is_empty(node))
        return kp_error_hint(items->diags, node->place, "give the path of a file", KP1114, what);
    input->path = node;
    input->file = kp_recipe_join(items->arena, node->folder, node->text);
    return input->file != NULL || kp_out_of_memory(items->diags);
}

/* One key of {file: {...}} besides the path. */
static bool add_fact(struct kp_items *items, const char *what, struct kp_node *key,
                     struct kp_node *value, struct kp_recipe_input *input)
{
    if (value->kind != KP_NODE_SCALAR || kp_node_is_empty(value)) {
        const char *fact = kp_arena_printf(items->arena, "%s: '%s'", what, key->text);

        return fact != NULL ? kp_item_wrong_type(items->diags, value, fact, "text or a number")
                            : kp_out_of_memory(items->diags);
    }
    if (strcmp(key->text, "arch") == 0)
        input->arch = value;
    else
        input->facts[input->fact_count++] = (struct kp_recipe_fact){key, value};
    return true;
}

static bool read_file(struct kp_items *items, const char *what, struct kp_node *key,
                      struct kp_node *node, struct kp_recipe_input *input)
{
    struct kp_node *path;
    bool ok = true;

    if (node->kind == KP_NODE_SCALAR && !kp_node_is_empty(node))
        return set_path(items, what, node, input);
    if (node->kind == KP_NODE_LIST)
        return kp_item_wrong_type(items->diags, node, what, "a path or a map with 'path'");
    path = kp_node_get(node, "path");
    if (path == NULL)
        return kp_error_hint(items->diags, key->place, "write {file: {path: P}}", KP1114, what);
    input->facts = kp_arena_array(items->arena, node->count, sizeof(struct kp_recipe_fact));
    if (input->facts == NULL)
        return kp_out_of_memory(items->diags);
    ok = set_path(items, what, path, input);
    for (size_t i = 0; i < node->count; i++) {
        if (node->items[i] != path)
            ok = add_fact(items, what, node->keys[i], node->items[i], input) && ok;
    }
    return ok;
}

/* {tree: PATH}: it carries nothing else. */
static bool read_tree(struct kp_items *items, const char *what, struct kp_node *key,
                      struct kp_node *node, struct kp_recipe_input *input)
{
    struct kp_node *path = node;

    input->type = KP_INPUT_TREE;
    if (node->kind == KP_NODE_MAP) {
        path = kp_node_get(node, "path");
        for (size_t i = 0; i < node->count; i++)
            if (node->items[i] != path)
                return kp_error_hint(items->diags, node->keys[i]->place,
                                     "nothing but its path can be said of a tree", KP1104,
                                     node->keys[i]->text);
    }
    if (path == NULL || kp_node_is_empty(path))
        return kp_error_hint(items->diags, key->place, "write {tree: P}", KP1114, what);
    return set_path(items, what, path, input);
}

/* A type of input that is not built in. */
static bool read_source(struct kp_items *items, struct kp_item *item, struct kp_node *key,
                        struct kp_node *node, struct kp_recipe_input *input)
{
    static const char *const built_in[] = {"file", "tree"};
    const size_t sources = items->sources != NULL ? items->sources->type_count : 0;
    const char **names = kp_arena_array(items->arena, sources + 2, sizeof(char *));
    const char *hint = NULL;
    size_t count = 0;

    if (names == NULL)
        return kp_out_of_memory(items->diags);
    while (count < 2) {
        names[count] = built_in[count];
        count++;
    }
    for (size_t i = 0; i < sources; i++, count++) {
        names[count] = items->sources->types[i];
        if (strcmp(names[count], key->text) != 0)
            continue;
        input->type = KP_INPUT_SOURCE;
        input->path = key;
        input->params = kp_node_is_empty(node) ? NULL : node;
        return true;
    }
    if (items->sources != NULL)
        hint = items->sources->unknown(items->sources->data, key->text);
    if (hint == NULL)
        hint = kp_index_hint(items->arena, key->text, names, count);
    return kp_error_hint(items->diags, key->place, hint != NULL ? hint : INPUT_TYPES, KP1113,
                         item->name, key->text);
}

static bool read_input(struct kp_items *items, struct kp_item *item, struct kp_node *node,
                       struct kp_instance *instance)
{
    struct kp_recipe_input *input = &instance->input;
    const char *what = kp_item_what(items, item);

    input->name = item->name;
    input->place = item->place;
    if (what == NULL)
        return false;
    if (node->kind == KP_NODE_SCALAR)
        return set_path(items, what, node, input);
    if (node->kind == KP_NODE_LIST)
        return kp_item_wrong_type(items->diags, node, what, INPUT_FORMS);
    if (kp_node_get(node, "path") != NULL)
        return kp_error_hint(items->diags, node->place, "write {file: {path: P, ...}}", KP1112,
                             what, "the type of input");
    if (node->count != 1)
        return kp_error_hint(items->diags, node->place,
                             "facts about a file stand in {file: {path: P, load: 0x8000}}", KP1112,
                             what, "the type of input");
    if (strcmp(node->keys[0]->text, "tree") == 0)
        return read_tree(items, what, node->keys[0], node->items[0], input);
    if (strcmp(node->keys[0]->text, "file") != 0)
        return read_source(items, item, node->keys[0], node->items[0], input);
    return read_file(items, what, node->keys[0], node->items[0], input);
}

bool kp_item_read(struct kp_items *items, struct kp_item *item, struct kp_node *node,
                  struct kp_instance *instance)
{
    bool ok = false;

    instance->item = item;
    switch (item->kind) {
    case KP_ITEM_INPUT:
        ok = read_input(items, item, node, instance);
        break;
    case KP_ITEM_IMAGE:
        ok = kp_item_read_image(items, item, node, instance);
        break;
    case KP_ITEM_KEY:
        ok = kp_item_read_key(items, item, node, instance);
        break;
    case KP_ITEM_OUTPUT:
        ok = kp_item_read_output(items, item, node, instance);
        break;
    }
    return ok && !instance->failed;
}
