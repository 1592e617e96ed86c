/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/facts.c - see facts.h.
 */
#include "recipe/facts.h"

#include <string.h>

#include "base/auto.h"
#include "base/codes.h"
#include "recipe/matrix.h"

/* A source that ran for one choice of matrix values. */
struct run {
    const struct kp_source_items *items; /* NULL: it failed, which is reported */
    struct kp_map cells;                 /* of its facts that were asked for */
};

bool kp_facts_declare(struct kp_facts *facts, struct kp_items *items, const struct kp_node *inputs)
{
    struct kp_arena *arena = items->arena;

    facts->items = items;
    if (inputs == NULL || items->sources == NULL)
        return true;
    facts->inputs = kp_arena_array(arena, inputs->count, sizeof(*facts->inputs));
    if (facts->inputs == NULL)
        return kp_out_of_memory(items->diags);
    for (size_t i = 0; i < inputs->count; i++) {
        struct kp_fact_input *input = &facts->inputs[i];
        const struct kp_node *key = inputs->keys[i];

        input->item = (struct kp_item){.kind = KP_ITEM_INPUT,
                                       .name = key->text,
                                       .place = key->place,
                                       .node = inputs->items[i]};
        input->runs.arena = arena;
        if (!kp_cell_init(&input->cell, arena, inputs->items[i]))
            return kp_out_of_memory(items->diags);
    }
    facts->count = inputs->count;
    return kp_index_build(&facts->index, arena, inputs->keys, inputs->count) ||
           kp_out_of_memory(items->diags);
}

struct kp_fact_input *kp_facts_find(const struct kp_facts *facts, const char *name)
{
    size_t position;

    if (facts == NULL || !kp_index_find(&facts->index, name, &position))
        return NULL;
    return &facts->inputs[position];
}

/* Runs the source with the values of a binding. *run stays NULL if memory runs out. */
static void make_run(struct kp_expander *expander, struct kp_fact_input *input,
                     const size_t *binding, struct run **run)
{
    struct kp_items *items = expander->facts->items;
    struct kp_node *node = kp_expand_node(expander, input->item.node, binding);
    struct kp_instance instance = {0};
    struct run *made = KP_ARENA_NEW(items->arena, struct run);

    *run = made;
    if (made == NULL || node == NULL)
        return;
    made->cells.arena = items->arena;
    if (kp_item_read(items, &input->item, node, &instance) &&
        instance.input.type == KP_INPUT_SOURCE)
        made->items = items->sources->run(items->sources->data, &instance.input);
    kp_vector_free(&instance.references);
}

/* The run for a binding. NULL after reporting, or if it has not been and `quiet`. */
static struct run *find_run(struct kp_expander *expander, struct kp_fact_input *input,
                            const size_t *binding, bool quiet)
{
    const char *name =
        kp_matrix_name(expander->variables, input->item.name, input->cell.uses, binding, "");
    struct run *run = name == NULL ? NULL : kp_map_get(&input->runs, name);

    if (name != NULL && (run != NULL || quiet))
        return run;
    if (name != NULL)
        make_run(expander, input, binding, &run);
    if (run != NULL && kp_map_put(&input->runs, name, run))
        return run;
    kp_out_of_memory(expander->variables->diags);
    return NULL;
}

static bool no_fact(struct kp_expander *expander, const struct kp_fact_input *input,
                    const char *name, struct kp_place place, const char *hint)
{
    struct kp_arena *arena = expander->variables->arena;
    const char *whole = kp_arena_printf(arena, "%s.%s", input->item.name, name);

    if (whole == NULL)
        return kp_out_of_memory(expander->variables->diags);
    return kp_error_hint(expander->variables->diags, place, hint, KP1136, whole, input->item.name,
                         name);
}

struct kp_cell *kp_facts_get(struct kp_expander *expander, struct kp_fact_input *input,
                             const char *name, const size_t *binding, struct kp_place place,
                             bool quiet)
{
    const struct kp_source_runner *sources = expander->facts->items->sources;
    struct kp_arena *arena = expander->variables->arena;
    struct run *run = find_run(expander, input, binding, quiet);
    struct kp_cell *cell;
    struct kp_node *node;
    const char *value;
    const char *hint = NULL;

    if (run == NULL || run->items == NULL)
        return NULL;
    cell = kp_map_get(&run->cells, name);
    if (cell != NULL)
        return cell;
    value = sources->fact(sources->data, run->items, name, &hint);
    if (value == NULL) {
        if (!quiet)
            no_fact(expander, input, name, place, hint);
        return NULL;
    }
    node = kp_node_scalar(arena, input->item.place, input->item.node->folder, value);
    cell = KP_ARENA_NEW(arena, struct kp_cell);
    if (node == NULL || cell == NULL || !kp_map_put(&run->cells, name, cell)) {
        kp_out_of_memory(expander->variables->diags);
        return NULL;
    }
    /* An empty fact is a text, and no missing value. */
    node->plain = !kp_node_is_empty(node);
    *cell = (struct kp_cell){.node = node, .literal = true};
    return cell;
}

bool kp_facts_check(struct kp_expander *expander, struct kp_fact_input *input, const char *name,
                    struct kp_place place, bool quiet)
{
    const struct kp_variables *variables = expander->variables;
    const uint32_t uses = input->cell.uses;
    size_t binding[KP_MATRIX_MAX_VARIABLES] = {0};

    /* While the matrix itself is read, whoever asks refuses what depends on it. */
    if (uses != 0 && !expander->facts->matrix_known)
        return true;
    for (size_t i = 0; i < variables->matrix_count; i++)
        if ((uses >> i & 1) != 0 && variables->items[i].failed)
            return false;
    if (kp_matrix_count(variables, uses) > KP_MATRIX_MAX_INSTANCES)
        return kp_error(variables->diags, place, KP1156, KP_MATRIX_MAX_INSTANCES);
    do {
        if (kp_facts_get(expander, input, name, binding, place, quiet) == NULL)
            return false;
    } while (kp_matrix_next(variables, uses, binding));
    return true;
}
