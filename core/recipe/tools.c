/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/tools.c - see tools.h.
 *
 *     tools: {ld: /opt/arm/bin/arm-ld, gzip: }
 *     tools: [ld, gzip]
 */
#include "recipe/tools.h"

#include <string.h>

#include "base/codes.h"
#include "recipe/file.h"
#include "recipe/item.h"

/* [A-Za-z0-9][A-Za-z0-9._+-]*, as notes of plugins have it (kpipe/note.h). */
static bool is_tool_name(const char *text)
{
    static const char more[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-";

    return text[0] != '\0' && strchr("._+-", text[0]) == NULL && text[strspn(text, more)] == '\0';
}

static bool all_texts(const struct kp_node *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i]->kind != KP_NODE_SCALAR)
            return false;
    return true;
}

/* A name that stands twice in a list is granted once: the map has it once, too. */
bool kp_tools_as_map(struct kp_arena *arena, struct kp_node *root)
{
    for (size_t i = 0; i < root->count; i++) {
        const struct kp_node *list = root->items[i];
        struct kp_node *map;

        if (strcmp(root->keys[i]->text, "tools") != 0 || list->kind != KP_NODE_LIST ||
            !all_texts(list))
            continue;
        map = KP_ARENA_NEW(arena, struct kp_node);
        if (map == NULL)
            return false;
        *map = (struct kp_node){.kind = KP_NODE_MAP, .place = list->place, .folder = list->folder};
        map->keys = kp_arena_array(arena, list->count + 1, sizeof(struct kp_node *));
        map->items = kp_arena_array(arena, list->count + 1, sizeof(struct kp_node *));
        if (map->keys == NULL || map->items == NULL)
            return false;
        for (size_t j = 0; j < list->count; j++) {
            struct kp_node *empty = kp_node_scalar(arena, list->items[j]->place, list->folder, "");

            if (empty == NULL)
                return false;
            empty->plain = true;
            if (kp_node_get(map, list->items[j]->text) != NULL)
                continue;
            map->keys[map->count] = list->items[j];
            map->items[map->count++] = empty;
        }
        root->items[i] = map;
    }
    return true;
}

/* One grant; `path` is NULL or what the map says, which may be nothing. */
static void read_tool(struct kp_expander *expander, const struct kp_node *name,
                      const struct kp_node *path, struct kp_recipe_tool *tool)
{
    struct kp_diags *diags = expander->variables->diags;
    const struct kp_node *text;

    tool->name = name->text;
    tool->place = name->place;
    if (!is_tool_name(name->text))
        kp_error_hint(diags, name->place,
                      "name the program, as in `tools: [ld]`; its path stands behind the name: "
                      "`tools: {ld: /opt/bin/ld}`",
                      KP1106, "tools", name->text);
    if (path == NULL || kp_node_is_empty(path))
        return;
    if (path->kind != KP_NODE_SCALAR) {
        kp_item_wrong_type(diags, path, name->text, "the path of a program, or nothing");
        return;
    }
    text = kp_expand_shared(expander, path, "'tools'");
    if (text == NULL || text->kind != KP_NODE_SCALAR || text->length == 0)
        return;
    tool->path = kp_recipe_join(expander->variables->arena, text->folder, text->text);
    if (tool->path == NULL)
        kp_out_of_memory(diags);
}

void kp_tools_read(struct kp_expander *expander, const struct kp_node *section,
                   struct kp_recipe *recipe)
{
    recipe->tools =
        kp_arena_array(expander->variables->arena, section->count + 1, sizeof(*recipe->tools));
    if (recipe->tools == NULL) {
        kp_out_of_memory(expander->variables->diags);
        return;
    }
    for (size_t i = 0; i < section->count; i++) {
        const bool is_map = section->kind == KP_NODE_MAP;
        const struct kp_node *name = is_map ? section->keys[i] : section->items[i];

        if (name->kind == KP_NODE_SCALAR)
            read_tool(expander, name, is_map ? section->items[i] : NULL,
                      &recipe->tools[recipe->tool_count++]);
        else
            kp_item_wrong_type(expander->variables->diags, name, "'tools'", "a list of names");
    }
}
