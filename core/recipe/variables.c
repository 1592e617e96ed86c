/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/variables.c - declaring variables. Nothing is expanded here: a value may be
 * any text, and only one that is used has to be right.
 */
#include "recipe/variables.h"

#include <string.h>

#include "base/auto.h"
#include "base/codes.h"
#include "base/vector.h"

/* What messages call the command line's assignments. */
#define SETS "--set"

bool kp_cell_init(struct kp_cell *cell, struct kp_arena *arena, const struct kp_node *node)
{
    *cell = (struct kp_cell){.node = node};
    if (node->kind != KP_NODE_MAP)
        return true;
    cell->cells = kp_arena_array(arena, node->count, sizeof(struct kp_cell));
    if (cell->cells == NULL)
        return false;
    for (size_t i = 0; i < node->count; i++) {
        if (!kp_cell_init(&cell->cells[i], arena, node->items[i]))
            return false;
    }
    return true;
}

struct kp_cell *kp_cell_get(const struct kp_cell *cell, const char *key)
{
    for (size_t i = 0; cell->node->kind == KP_NODE_MAP && i < cell->node->count; i++) {
        if (strcmp(cell->node->keys[i]->text, key) == 0)
            return &cell->cells[i];
    }
    return NULL;
}

struct kp_variable *kp_variables_find(const struct kp_variables *variables, const char *name)
{
    size_t position;

    return kp_index_find(&variables->index, name, &position) ? &variables->items[position] : NULL;
}

/* Adds the variables of one map, and their names to `keys`. */
static bool add_all(struct kp_variables *variables, const struct kp_node *map, bool matrix,
                    struct kp_node **keys)
{
    bool ok = true;

    for (size_t i = 0; map != NULL && i < map->count; i++) {
        struct kp_variable *variable = &variables->items[variables->count];
        struct kp_node *key = map->keys[i];

        if (!kp_recipe_is_name(key->text))
            ok = kp_error_hint(variables->diags, key->place, KP_RECIPE_NAME_HINT, KP1106,
                               matrix ? "matrix" : "vars", key->text);
        variable->name = key->text;
        variable->place = key->place;
        variable->node = map->items[i];
        variable->matrix = matrix;
        variable->bit = (unsigned)variables->matrix_count;
        variables->matrix_count += matrix;
        variables->names[variables->count] = key->text;
        keys[variables->count++] = key;
    }
    return ok;
}

/* Names that are declared twice. Entries of the index with equal names are neighbours. */
static bool check_names(struct kp_variables *variables)
{
    bool ok = true;

    for (size_t i = 1; i < variables->index.count; i++) {
        const struct kp_index_entry *first = &variables->index.entries[i - 1];
        const struct kp_index_entry *second = &variables->index.entries[i];

        if (strcmp(first->name, second->name) == 0)
            ok = kp_error(variables->diags, variables->items[first->position].place, KP1153,
                          first->name, (unsigned)variables->items[second->position].place.line);
    }
    return ok;
}

/* The assignments as a text with a line each, so that errors can show them. */
static const char *add_source(struct kp_variables *variables, const struct kp_recipe_set *sets,
                              size_t set_count)
{
    struct kp_string text KP_AUTO(string) = {0};

    for (size_t i = 0; i < set_count; i++)
        kp_string_printf(&text, "%s=%s\n", sets[i].name, sets[i].value);
    if (text.failed)
        return NULL;
    return kp_diags_add_source(variables->diags, SETS, text.text != NULL ? text.text : "",
                               text.length);
}

/* One assignment, at `place`. Its text is a value like those in the recipe. */
static bool apply(struct kp_variables *variables, const struct kp_recipe_set *set,
                  struct kp_place place)
{
    struct kp_variable *variable = kp_variables_find(variables, set->name);
    struct kp_node *node;

    place.length = (uint32_t)strlen(set->name);
    if (variable == NULL)
        return kp_error_hint(
            variables->diags, place,
            kp_index_hint(variables->arena, set->name, variables->names, variables->count), KP1127,
            set->name);
    place.column = place.length + 2;
    place.length = (uint32_t)strlen(set->value);
    node = kp_node_scalar(variables->arena, place, ".", set->value);
    if (node == NULL)
        return kp_out_of_memory(variables->diags);
    /* `--set x=` gives an empty text, and does not take the value away. */
    node->plain = !kp_node_is_empty(node);
    variable->set = node;
    return true;
}

static bool apply_all(struct kp_variables *variables, const struct kp_recipe_set *sets,
                      size_t set_count)
{
    struct kp_place place = {NULL, 1, 1, 0};
    bool ok = true;

    if (set_count == 0)
        return true;
    place.file = add_source(variables, sets, set_count);
    if (place.file == NULL)
        return kp_out_of_memory(variables->diags);
    for (size_t i = 0; i < set_count; i++) {
        ok = apply(variables, &sets[i], place) && ok;
        place.line++;
        for (const char *at = sets[i].value; (at = strchr(at, '\n')) != NULL; at++)
            place.line++;
    }
    return ok;
}

/* Gives each ordinary variable its value. */
static bool add_values(struct kp_variables *variables)
{
    for (size_t i = variables->matrix_count; i < variables->count; i++) {
        struct kp_variable *variable = &variables->items[i];
        const struct kp_node *node = variable->set != NULL ? variable->set : variable->node;

        variable->values = KP_ARENA_NEW(variables->arena, struct kp_cell);
        if (variable->values == NULL || !kp_cell_init(variable->values, variables->arena, node))
            return kp_out_of_memory(variables->diags);
        variable->value_count = 1;
    }
    return true;
}

bool kp_variables_declare(struct kp_variables *variables, const struct kp_node *vars,
                          const struct kp_node *matrix, const struct kp_recipe_set *sets,
                          size_t set_count)
{
    const size_t most = (vars != NULL ? vars->count : 0) + (matrix != NULL ? matrix->count : 0);
    struct kp_node **keys = kp_arena_array(variables->arena, most, sizeof(struct kp_node *));
    bool ok;

    variables->items = kp_arena_array(variables->arena, most, sizeof(struct kp_variable));
    variables->names = kp_arena_array(variables->arena, most, sizeof(char *));
    if (keys == NULL || variables->items == NULL || variables->names == NULL)
        return kp_out_of_memory(variables->diags);
    ok = add_all(variables, matrix, true, keys);
    ok = add_all(variables, vars, false, keys) && ok;
    if (!kp_index_build(&variables->index, variables->arena, keys, variables->count))
        return kp_out_of_memory(variables->diags);
    ok = check_names(variables) && ok;
    ok = apply_all(variables, sets, set_count) && ok;
    return add_values(variables) && ok;
}
