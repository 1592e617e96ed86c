/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/uses.c - what a value depends on: the walk over its text and that of all
 * variables it names, which finds all their errors and the matrix variables.
 *
 * A variable's value is walked once, however often it is named, so that each error is
 * reported once and variables that name each other many times cost nothing. One that
 * nobody names is never looked at.
 */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/codes.h"
#include "base/vector.h"
#include "recipe/expand.h"
#include "recipe/facts.h"
#include "recipe/piece.h"

#define ENVIRONMENT "env:"
/* Values of a matrix variable that one name is reported for. */
#define FAULTS_MOST 10

/* The names on the way from the value that the walk began with. */
struct step {
    const struct step *up;
    const struct kp_cell *cell;
    const char *name;
    unsigned depth;
};

static bool use_node(struct kp_expander *expander, const struct kp_node *node,
                     const struct step *up, uint32_t *uses);

/* "a -> b -> a" */
static bool report_cycle(struct kp_expander *expander, struct kp_place place,
                         const struct step *last, const struct kp_cell *cell, const char *name)
{
    struct kp_string chain KP_AUTO(string) = {0};
    const char *names[KP_EXPAND_MAX_DEPTH + 1];
    size_t count = 0;

    for (; last != NULL && count < KP_EXPAND_MAX_DEPTH; last = last->up) {
        names[count++] = last->name;
        if (last->cell == cell)
            break;
    }
    while (count > 0)
        kp_string_printf(&chain, "%s -> ", names[--count]);
    kp_string_add(&chain, name);
    if (chain.failed)
        return kp_out_of_memory(expander->variables->diags);
    return kp_error(expander->variables->diags, place, KP1122, chain.text);
}

static bool use_cell(struct kp_expander *expander, struct kp_cell *cell, const char *name,
                     struct kp_place place, const struct step *up, uint32_t *uses)
{
    const struct step step = {up, cell, name, up != NULL ? up->depth + 1 : 1};

    if (cell->literal)
        return true;
    if (cell->walking)
        return report_cycle(expander, place, up, cell, name);
    if (!cell->walked && step.depth > KP_EXPAND_MAX_DEPTH)
        return kp_error(expander->variables->diags, place, KP1132, KP_EXPAND_MAX_DEPTH);
    if (!cell->walked) {
        cell->walking = true;
        cell->failed = !use_node(expander, cell->node, &step, &cell->uses);
        cell->walking = false;
        cell->walked = true;
    }
    *uses |= cell->uses;
    return !cell->failed;
}

/* Reports why a name does not lead to a value. Always false. */
static bool report_missing(struct kp_expander *expander, struct kp_place place,
                           const struct kp_variable *variable, size_t value, const char *name,
                           struct kp_found found)
{
    struct kp_arena *arena = expander->variables->arena;
    struct kp_diags *diags = expander->variables->diags;
    const struct kp_node *node = found.holder->node;
    const char *hint = "give the map a 'name', or name one of its keys, as in $(board.dtb)";
    const char *of =
        kp_arena_printf(arena, "%s%.*s", variable->matrix ? variable->names[value] : variable->name,
                        (int)found.followed, name + strcspn(name, "."));
    const char **keys;

    if (of == NULL)
        return kp_out_of_memory(diags);
    if (node->kind != KP_NODE_MAP)
        return kp_error(diags, place, KP1131, name, of);
    if (strcmp(found.key, "name") != 0) {
        keys = kp_arena_array(arena, node->count, sizeof(char *));
        for (size_t i = 0; keys != NULL && i < node->count; i++)
            keys[i] = node->keys[i]->text;
        hint = keys != NULL ? kp_index_hint(arena, found.key, keys, node->count) : NULL;
    }
    return kp_error_hint(diags, place, hint, KP1129, name, of, found.key);
}

/* A variable that is declared without a value: said once, where it is declared. */
static bool report_unset(struct kp_expander *expander, struct kp_variable *variable)
{
    struct kp_arena *arena = expander->variables->arena;

    if (expander->quiet)
        return false;
    variable->failed = true;
    return kp_error_hint(expander->variables->diags, variable->place,
                         kp_arena_printf(arena, "use --set %s=VALUE", variable->name), KP1121,
                         variable->name);
}

/* One value of a variable, at `keys` ("dtb" of "board.dtb", or NULL). */
static bool use_value(struct kp_expander *expander, const struct kp_node *node,
                      struct kp_piece piece, struct kp_variable *variable, size_t value,
                      const char *name, const struct step *up, uint32_t *uses)
{
    struct kp_diags *diags = expander->variables->diags;
    const struct kp_place place = kp_piece_place(node, piece);
    const char *dot = strchr(name, '.');
    const struct kp_found found = kp_expand_follow(
        expander->variables->arena, &variable->values[value], dot != NULL ? dot + 1 : NULL);
    struct kp_cell *cell = found.cell;

    if (!kp_expand_work(expander, place, strlen(name)))
        return false;
    if (cell == NULL)
        return report_missing(expander, place, variable, value, name, found);
    if (!cell->literal && kp_node_is_empty(cell->node))
        return !expander->quiet && kp_error(diags, place, KP1133, name);
    if (cell->node->kind == KP_NODE_LIST && !kp_piece_alone(node, piece))
        return kp_error(diags, place, KP1128, name);
    return use_cell(expander, cell, name, place, up, uses);
}

/* True for names with keys behind dots. */
static bool is_reference(struct kp_arena *arena, const char *name)
{
    char *copy = kp_arena_strdup(arena, name);
    char *rest = copy;

    for (char *part; rest != NULL;) {
        part = strsep(&rest, ".");
        if (!kp_recipe_is_name(part))
            return false;
    }
    return copy != NULL;
}

/* A fact of an input, "kernel.version". */
static bool use_fact(struct kp_expander *expander, struct kp_place place,
                     struct kp_fact_input *input, const char *name, const struct step *up,
                     uint32_t *uses)
{
    const struct kp_source_runner *sources = expander->facts->items->sources;
    const struct kp_node *node = input->item.node;
    const char *fact = strchr(name, '.') + 1;
    bool is_source = false;

    for (size_t i = 0; node->kind == KP_NODE_MAP && node->count == 1 && i < sources->type_count;
         i++)
        is_source = is_source || strcmp(sources->types[i], node->keys[0]->text) == 0;
    if (!is_source)
        return kp_error(expander->variables->diags, place, KP1137, name, input->item.name);
    if (!use_cell(expander, &input->cell, name, place, up, uses))
        return false;
    return kp_facts_check(expander, input, fact, place, expander->quiet);
}

static bool use_variable(struct kp_expander *expander, const struct kp_node *node,
                         struct kp_piece piece, const char *name, const struct step *up,
                         uint32_t *uses)
{
    struct kp_variables *variables = expander->variables;
    const struct kp_place place = kp_piece_place(node, piece);
    const char *base = kp_arena_strndup(variables->arena, name, strcspn(name, "."));
    struct kp_fact_input *input;
    struct kp_variable *variable;
    unsigned faults = 0;

    if (base == NULL)
        return kp_out_of_memory(variables->diags);
    if (!is_reference(variables->arena, name))
        return kp_error_hint(variables->diags, place, "write $$ for a $ that is just a character",
                             KP1124, name);
    variable = kp_variables_find(variables, base);
    input =
        variable == NULL && strchr(name, '.') != NULL ? kp_facts_find(expander->facts, base) : NULL;
    if (input != NULL)
        return use_fact(expander, place, input, name, up, uses);
    if (variable == NULL)
        return kp_error_hint(
            variables->diags, place,
            kp_index_hint(variables->arena, base, variables->names, variables->count), KP1120,
            base);
    if (variable->failed)
        return false;
    if (variable->matrix)
        *uses |= (uint32_t)1 << variable->bit;
    else if (variable->set == NULL && kp_node_is_empty(variable->node))
        return report_unset(expander, variable);
    for (size_t i = 0; i < variable->value_count && faults < FAULTS_MOST; i++) {
        if (!use_value(expander, node, piece, variable, i, name, up, uses))
            faults++;
    }
    return faults == 0;
}

static bool use_environment(struct kp_expander *expander, struct kp_place place, const char *name)
{
    if (getenv(name) != NULL)
        return true;
    return !expander->quiet && kp_error(expander->variables->diags, place, KP1125, name);
}

static bool use_text(struct kp_expander *expander, const struct kp_node *node,
                     const struct step *up, uint32_t *uses)
{
    struct kp_diags *diags = expander->variables->diags;
    bool ok = true;

    for (struct kp_piece piece = kp_piece_at(node, 0); piece.kind != KP_PIECE_END;
         piece = kp_piece_at(node, piece.end)) {
        const struct kp_place place = kp_piece_place(node, piece);
        const char *name;

        if (piece.kind == KP_PIECE_UNFINISHED)
            ok = kp_error_hint(diags, place, "write $$ for a $ that is just a character", KP1123);
        if (piece.kind != KP_PIECE_REFERENCE)
            continue;
        name = kp_arena_strndup(expander->variables->arena, node->text + piece.begin + 2,
                                piece.end - piece.begin - 3);
        if (name == NULL)
            return kp_out_of_memory(diags);
        if (strncmp(name, ENVIRONMENT, strlen(ENVIRONMENT)) == 0)
            ok = use_environment(expander, place, name + strlen(ENVIRONMENT)) && ok;
        else
            ok = use_variable(expander, node, piece, name, up, uses) && ok;
    }
    return ok;
}

static bool use_node(struct kp_expander *expander, const struct kp_node *node,
                     const struct step *up, uint32_t *uses)
{
    bool ok = true;

    if (node->kind == KP_NODE_SCALAR)
        return use_text(expander, node, up, uses);
    for (size_t i = 0; i < node->count; i++) {
        if (node->kind == KP_NODE_MAP && kp_expand_is_used(node->keys[i]->text))
            ok = kp_error(expander->variables->diags, node->keys[i]->place, KP1126,
                          node->keys[i]->text);
        ok = use_node(expander, node->items[i], up, uses) && ok;
    }
    return ok;
}

bool kp_expand_uses(struct kp_expander *expander, const struct kp_node *node, bool quiet,
                    uint32_t *uses)
{
    const struct kp_variables *variables = expander->variables;
    bool ok;

    expander->quiet = quiet;
    ok = use_node(expander, node, NULL, uses);
    /* A value that was walked while the matrix was read did not see whether its
     * variables came out right. */
    for (size_t i = 0; i < variables->matrix_count; i++)
        ok = ok && ((*uses >> i & 1) == 0 || !variables->items[i].failed);
    return ok;
}
