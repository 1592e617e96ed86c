/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/expand.h - the one expander: $(name) in values, and nowhere else.
 *
 * It works in two steps. kp_expand_uses looks at all text that a value depends on,
 * reports what is wrong with it, and says which matrix variables it depends on;
 * kp_expand_node then makes the text for one choice of their values. The second may
 * only be called where the first succeeded, and fails only if the result is too large.
 *
 * Each piece of text carries file, line, column and folder: an error inside a
 * variable's value is shown where that was written, and an expanded scalar's folder is
 * that of the text that gave its first character.
 */
#ifndef KP_RECIPE_EXPAND_H
#define KP_RECIPE_EXPAND_H

#include "base/vector.h"
#include "recipe/variables.h"

#define KP_EXPAND_MAX_DEPTH 64                 /* variables that name variables */
#define KP_EXPAND_MAX_BYTES ((size_t)1 << 20)  /* of one text */
#define KP_EXPAND_MAX_WORK ((size_t)256 << 20) /* bytes that are made, in all */

/* What looking up a name costs, and putting a list in its place, in bytes. */
#define KP_EXPAND_WORK_NAME ((size_t)64)
#define KP_EXPAND_WORK_LIST ((size_t)1024)

struct kp_facts;

struct kp_expander {
    struct kp_variables *variables;
    struct kp_facts *facts; /* of inputs; NULL: there are none */
    bool quiet;             /* kp_expand_uses: a variable without a value is not reported */
    size_t work;            /* done so far */
    bool exhausted;         /* it was too much, which is reported */
};

/* True if a text contains a $( that would be replaced. */
bool kp_expand_is_used(const char *text);

/* Checks a node and all that its text names. *uses gets the matrix variables added,
 * also after an error. False after errors; if `quiet`, a variable that must be set
 * gives false without a report. */
bool kp_expand_uses(struct kp_expander *expander, const struct kp_node *node, bool quiet,
                    uint32_t *uses);
/* A new node with everything replaced. `binding` holds the number of the value of each
 * matrix variable. The place stays that of the node. A scalar that is one $(list) gives
 * a list. NULL after reporting. */
struct kp_node *kp_expand_node(struct kp_expander *expander, const struct kp_node *node,
                               const size_t *binding);
/* Both steps for a value that all of the recipe shares, so that no matrix variable may
 * be in it; `what` it is, for the message. */
struct kp_node *kp_expand_shared(struct kp_expander *expander, const struct kp_node *node,
                                 const char *what);
/* A list (or one value that stands for it) whose items are left as they are, except that
 * a $(list) among them is replaced by its items. False after reporting; what could be
 * found is pushed to `items` (const struct kp_node *) all the same. */
bool kp_expand_list(struct kp_expander *expander, const struct kp_node *node,
                    struct kp_vector *items);

/* --- shared by expand.c and uses.c --- */

/* What following a name with keys ("board.dtb") through a variable's value leads to. */
struct kp_found {
    struct kp_cell *cell;   /* NULL: there is none */
    struct kp_cell *holder; /* where it was looked for last */
    const char *key;        /* what was looked for there */
    size_t followed;        /* bytes of the keys that led to the holder, with their dots */
};

/* `keys` are those behind the first dot, or NULL. A map's `name` stands for the map. */
struct kp_found kp_expand_follow(struct kp_arena *arena, struct kp_cell *value, const char *keys);
/* Counts work, and reports at `place` when it becomes too much. */
bool kp_expand_work(struct kp_expander *expander, struct kp_place place, size_t amount);

#endif
