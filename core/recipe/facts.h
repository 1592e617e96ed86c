/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/facts.h - $(input.fact): what a source tells, asked for while the recipe is
 * expanded. A source whose parameters name matrix variables runs once for each of their
 * values, as the input exists once for each. Running it is the engine's matter, reached
 * through kp_source_runner.
 */
#ifndef KP_RECIPE_FACTS_H
#define KP_RECIPE_FACTS_H

#include "base/map.h"
#include "recipe/item.h"
#include "recipe/variables.h"

struct kp_expander;

/* An input whose facts can be asked for. */
struct kp_fact_input {
    struct kp_item item;
    struct kp_cell cell; /* its parameters, as uses.c walks them */
    struct kp_map runs;  /* name of the instance -> struct run of facts.c */
};

struct kp_facts {
    struct kp_items *items;       /* for reading inputs: their own items may not be there yet */
    struct kp_fact_input *inputs; /* in the order of the recipe */
    size_t count;
    struct kp_index index;
    bool matrix_known; /* the values of matrix variables are set */
};

/* Notes the inputs of a recipe (NULL: none). False when memory ran out. */
bool kp_facts_declare(struct kp_facts *facts, struct kp_items *items, const struct kp_node *inputs);
/* The input of a name, or NULL. */
struct kp_fact_input *kp_facts_find(const struct kp_facts *facts, const char *name);
/* Whether a fact of an input can be had for all values of the matrix variables that it
 * depends on, which cell.uses tells. If `quiet`, a source that has not run, or has no such fact, gives
 * false without a report. */
bool kp_facts_check(struct kp_expander *expander, struct kp_fact_input *input, const char *name,
                    struct kp_place place, bool quiet);
/* The fact, as a literal text, under a binding; NULL after reporting. */
struct kp_cell *kp_facts_get(struct kp_expander *expander, struct kp_fact_input *input,
                             const char *name, const size_t *binding, struct kp_place place,
                             bool quiet);

#endif
