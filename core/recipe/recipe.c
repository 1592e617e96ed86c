/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/recipe.c - reading a recipe from its file to what the engine plans from: the
 * order of the passes, and the recipe's own keys. What the passes do stands in their
 * files: extends.c, variables.c, matrix.c, item.c, instance.c.
 */
#include "recipe/recipe.h"

#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/codes.h"
#include "recipe/extends.h"
#include "recipe/facts.h"
#include "recipe/matrix.h"
#include "recipe/tools.h"

/* The keys of a recipe. */
static const char *const known_keys[] = {"kpipe",   "name",   "arch",   "extends",
                                         "vars",    "inputs", "images", "keys",
                                         "outputs", "matrix", "tools",  "isolation"};

/* The sections, of which any may be missing (NULL). */
struct sections {
    const struct kp_node *name, *arch, *vars, *matrix, *inputs, *images, *keys, *outputs, *tools,
        *isolation;
};

bool kp_recipe_is_name(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char more[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

    return strspn(text, letters) > 0 && text[strspn(text, more)] == '\0';
}

static bool check_keys(struct kp_arena *arena, struct kp_diags *diags, const struct kp_node *root)
{
    const size_t count = sizeof(known_keys) / sizeof(known_keys[0]);
    bool ok = true;

    for (size_t i = 0; i < root->count; i++) {
        const struct kp_node *key = root->keys[i];
        size_t known = 0;

        while (known < count && strcmp(known_keys[known], key->text) != 0)
            known++;
        if (known == count)
            ok =
                kp_error_hint(diags, key->place, kp_index_hint(arena, key->text, known_keys, count),
                              KP1104, key->text);
    }
    return ok;
}

/* A section that is a map, or text; an empty one counts as missing. */
static bool get_section(struct kp_diags *diags, const struct kp_node *root, const char *key,
                        enum kp_node_kind kind, const struct kp_node **section)
{
    struct kp_node *node = kp_node_get(root, key);
    const bool ok = node == NULL || kp_node_is_empty(node) || node->kind == kind;
    char what[16];

    *section = ok && node != NULL && !kp_node_is_empty(node) ? node : NULL;
    if (ok)
        return true;
    snprintf(what, sizeof(what), "'%s'", key);
    return kp_item_wrong_type(diags, node, what, kind == KP_NODE_MAP ? "a map" : "text");
}

static bool get_sections(struct kp_diags *diags, const struct kp_node *root,
                         struct sections *sections)
{
    bool ok = get_section(diags, root, "name", KP_NODE_SCALAR, &sections->name);

    ok = get_section(diags, root, "arch", KP_NODE_SCALAR, &sections->arch) && ok;
    ok = get_section(diags, root, "isolation", KP_NODE_SCALAR, &sections->isolation) && ok;
    ok = get_section(diags, root, "vars", KP_NODE_MAP, &sections->vars) && ok;
    ok = get_section(diags, root, "matrix", KP_NODE_MAP, &sections->matrix) && ok;
    ok = get_section(diags, root, "inputs", KP_NODE_MAP, &sections->inputs) && ok;
    ok = get_section(diags, root, "images", KP_NODE_MAP, &sections->images) && ok;
    ok = get_section(diags, root, "keys", KP_NODE_MAP, &sections->keys) && ok;
    sections->tools = kp_node_get(root, "tools");
    if (sections->tools != NULL && kp_node_is_empty(sections->tools))
        sections->tools = NULL;
    if (sections->tools != NULL && sections->tools->kind == KP_NODE_SCALAR)
        ok = kp_item_wrong_type(diags, sections->tools, "'tools'",
                                "a map of names and paths, or a list of names");
    sections->outputs = kp_node_get(root, "outputs");
    if (sections->outputs != NULL &&
        (kp_node_is_empty(sections->outputs) ||
         (sections->outputs->kind == KP_NODE_LIST && sections->outputs->count == 0)))
        sections->outputs = NULL;
    if (sections->matrix != NULL && sections->matrix->count > KP_MATRIX_MAX_VARIABLES)
        ok = kp_error(diags, sections->matrix->keys[KP_MATRIX_MAX_VARIABLES]->place, KP1157,
                      KP_MATRIX_MAX_VARIABLES);
    return ok;
}

static void add_items(struct kp_items *items, const struct kp_node *map, enum kp_item_kind kind,
                      struct kp_node **keys)
{
    static const char *const sections[] = {
        [KP_ITEM_INPUT] = "inputs", [KP_ITEM_IMAGE] = "images", [KP_ITEM_KEY] = "keys"};

    for (size_t i = 0; map != NULL && i < map->count; i++) {
        struct kp_node *key = map->keys[i];
        const bool named = kp_recipe_is_name(key->text);

        if (!named)
            kp_error_hint(items->diags, key->place, KP_RECIPE_NAME_HINT, KP1106, sections[kind],
                          key->text);
        /* What has no name that can be used is left out, and what needs it in silence. */
        items->items[items->count] = (struct kp_item){.kind = kind,
                                                      .name = key->text,
                                                      .place = key->place,
                                                      .node = map->items[i],
                                                      .visited = !named,
                                                      .failed = !named};
        items->names[items->count] = key->text;
        keys[items->count++] = key;
    }
}

/* Names that an input and an image share. */
static void check_names(struct kp_items *items)
{
    for (size_t i = 1; i < items->index.count; i++) {
        const struct kp_item *input = &items->items[items->index.entries[i - 1].position];
        const struct kp_item *image = &items->items[items->index.entries[i].position];
        const bool swap = input->place.line > image->place.line;
        const struct kp_item *first = swap ? image : input;
        const struct kp_item *second = swap ? input : image;

        if (strcmp(input->name, image->name) == 0)
            kp_error(items->diags, second->place, KP1107, second->name, swap ? "image" : "input",
                     (unsigned)first->place.line);
    }
}

/* Finds the items of all sections. False when memory runs out. */
static bool collect_items(struct kp_items *items, struct kp_expander *expander,
                          const struct sections *sections)
{
    struct kp_vector outputs KP_AUTO(vector) = {0};
    const size_t named = (sections->inputs != NULL ? sections->inputs->count : 0) +
                         (sections->images != NULL ? sections->images->count : 0) +
                         (sections->keys != NULL ? sections->keys->count : 0);
    struct kp_node **keys = kp_arena_array(items->arena, named, sizeof(struct kp_node *));

    if (sections->outputs != NULL)
        kp_expand_list(expander, sections->outputs, &outputs);
    items->items = kp_arena_array(items->arena, named + outputs.count, sizeof(struct kp_item));
    items->names = kp_arena_array(items->arena, named, sizeof(char *));
    if (keys == NULL || items->items == NULL || items->names == NULL)
        return kp_out_of_memory(items->diags);
    add_items(items, sections->inputs, KP_ITEM_INPUT, keys);
    add_items(items, sections->images, KP_ITEM_IMAGE, keys);
    items->named_count = items->count;
    add_items(items, sections->keys, KP_ITEM_KEY, keys);
    items->key_count = items->count - items->named_count;
    for (size_t i = 0; i < outputs.count; i++) {
        const struct kp_node *node = KP_ITEM(&outputs, const struct kp_node *, i);

        items->items[items->count++] =
            (struct kp_item){.kind = KP_ITEM_OUTPUT, .place = node->place, .node = node};
    }
    if (!kp_index_build(&items->index, items->arena, keys, items->named_count) ||
        !kp_index_build(&items->key_index, items->arena, keys + items->named_count,
                        items->key_count))
        return kp_out_of_memory(items->diags);
    check_names(items);
    return true;
}

/* What is said once for the whole recipe. */
static void read_shared(struct kp_expander *expander, const struct sections *sections,
                        struct kp_recipe *recipe)
{
    const struct kp_node *name =
        sections->name != NULL ? kp_expand_shared(expander, sections->name, "'name'") : NULL;

    recipe->name = name != NULL ? name->text : NULL;
    if (sections->arch != NULL)
        recipe->arch = kp_expand_shared(expander, sections->arch, "'arch'");
    if (sections->tools != NULL)
        kp_tools_read(expander, sections->tools, recipe);
}

/* Read before any source runs, and so without variables, which may name facts of sources. */
static bool read_isolation(struct kp_diags *diags, const struct kp_node *node,
                           struct kp_recipe *recipe)
{
    if (node == NULL)
        return true;
    recipe->isolation_place = node->place;
    if (strcmp(node->text, "process") == 0)
        recipe->isolation = KP_RECIPE_ISOLATION_PROCESS;
    else if (strcmp(node->text, "none") == 0)
        recipe->isolation = KP_RECIPE_ISOLATION_NONE;
    else if (strcmp(node->text, "auto") != 0)
        return kp_error(diags, node->place, KP1158, node->text);
    return true;
}

struct kp_recipe *kp_recipe_read(struct kp_arena *arena, struct kp_diags *diags,
                                 const struct kp_recipe_options *options)
{
    const size_t errors = kp_diags_errors(diags);
    struct kp_variables variables = {.arena = arena, .diags = diags};
    struct kp_facts facts = {0};
    struct kp_expander expander = {.variables = &variables, .facts = &facts};
    struct kp_items items = {
        .arena = arena, .diags = diags, .finder = options->finder, .sources = options->sources};
    struct kp_recipe *recipe = KP_ARENA_NEW(arena, struct kp_recipe);
    const struct kp_node *root = kp_extends_read(arena, diags, options);
    struct kp_place whole = {NULL, 0, 0, 0};
    struct sections sections;
    bool ok;

    if (recipe == NULL) {
        kp_out_of_memory(diags);
        return NULL;
    }
    if (root == NULL)
        return NULL;
    ok = check_keys(arena, diags, root);
    if (!get_sections(diags, root, &sections))
        return NULL;
    whole.file = root->place.file;
    if (sections.outputs == NULL)
        ok = kp_error_hint(diags, whole, "name the images to make, as in 'outputs: [uImage]'",
                           KP1116);
    recipe->file = options->file;
    recipe->sources = options->sources;
    ok = read_isolation(diags, sections.isolation, recipe) && ok;
    if (recipe->isolation == KP_RECIPE_ISOLATION_PROCESS && options->sources != NULL &&
        options->sources->isolate != NULL)
        options->sources->isolate(options->sources->data);
    kp_variables_declare(&variables, sections.vars, sections.matrix, options->sets,
                         options->set_count);
    if (!kp_facts_declare(&facts, &items, sections.inputs))
        return NULL;
    kp_matrix_read(&expander);
    facts.matrix_known = true;
    read_shared(&expander, &sections, recipe);
    if (!collect_items(&items, &expander, &sections) || !kp_matrix_apply(&items, &expander, recipe))
        return NULL;
    recipe->faulty = !ok || kp_diags_errors(diags) != errors;
    return recipe;
}
