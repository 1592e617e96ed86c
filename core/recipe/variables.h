/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/variables.h - the table of a recipe's variables: what `vars` and `matrix`
 * declare and `--set` changes. Replacing them in text is expand.h's matter.
 */
#ifndef KP_RECIPE_VARIABLES_H
#define KP_RECIPE_VARIABLES_H

#include <stdint.h>

#include "recipe/index.h"
#include "recipe/recipe.h"

/* Sets of matrix variables are bits of a uint32_t. */
#define KP_MATRIX_MAX_VARIABLES 32

/* A variable's value, or what one of its keys holds. */
struct kp_cell {
    const struct kp_node *node;
    struct kp_cell *cells; /* of a map: as many as the node has keys */
    bool literal;          /* expanded already: $ is just a character */
    /* What expand.c found out about the text, all that it names included: */
    bool walking; /* it is being looked at */
    bool walked;
    bool failed;   /* errors were reported */
    uint32_t uses; /* matrix variables */
};

struct kp_variable {
    const char *name;
    struct kp_place place;      /* of the name */
    const struct kp_node *node; /* the value as written; of a matrix variable its list */
    const struct kp_node *set;  /* --set's text, or NULL */
    struct kp_cell *values;     /* one; of a matrix variable any number, none at first */
    const char **names;         /* matrix: what each value is called */
    size_t value_count;
    bool matrix;
    bool failed;  /* its values had errors, or that it has none was reported */
    unsigned bit; /* matrix: its number, in the order of the matrix */
};

struct kp_variables {
    struct kp_arena *arena;
    struct kp_diags *diags;
    struct kp_variable *items; /* first those of the matrix, in order */
    const char **names;
    size_t count;
    size_t matrix_count;
    struct kp_index index;
};

/* Declares the variables of two maps (NULL: none; the matrix has KP_MATRIX_MAX_VARIABLES
 * at most) and applies --set. The values of
 * matrix variables are not set yet. False after errors, which are reported; the table
 * can be used all the same unless memory ran out. */
bool kp_variables_declare(struct kp_variables *variables, const struct kp_node *vars,
                          const struct kp_node *matrix, const struct kp_recipe_set *sets,
                          size_t set_count);

/* The variable, or NULL. */
struct kp_variable *kp_variables_find(const struct kp_variables *variables, const char *name);

/* Makes a cell, and those of a map's keys; false when memory runs out. */
bool kp_cell_init(struct kp_cell *cell, struct kp_arena *arena, const struct kp_node *node);
/* The cell of a map's key, or NULL. */
struct kp_cell *kp_cell_get(const struct kp_cell *cell, const char *key);

#endif
