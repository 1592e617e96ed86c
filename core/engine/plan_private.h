/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/plan_private.h - the planner's state, shared by plan.c (names, chains,
 * outputs), plan_input.c (input files and their facts), plan_step.c (stages), plan_tool.c (host
 * tools) and plan_share.c (what outputs need).
 */
#ifndef KP_ENGINE_PLAN_PRIVATE_H
#define KP_ENGINE_PLAN_PRIVATE_H

#include "base/auto.h"
#include "base/codes.h"
#include "base/map.h"
#include "engine/plan.h"

/* Chains that begin with images that begin with images ...: a bound on recursion. */
enum { KP_PLAN_MAX_DEPTH = 1000 };

/* A name of the recipe while it is being resolved. */
struct kp_plan_name {
    const struct kp_recipe_input *input; /* one of the two is NULL */
    const struct kp_recipe_image *image;
    enum { KP_NAME_NEW, KP_NAME_OPEN, KP_NAME_DONE, KP_NAME_FAILED } state;
    struct kp_edge edge; /* once done */
};

struct kp_planner {
    struct kp_plan *plan;
    struct kp_arena *arena;
    struct kp_diags *diags;
    struct kp_registry *registry;
    const struct kp_recipe *recipe;
    struct kp_map names; /* of struct kp_plan_name */
    const char **all_names;
    size_t name_count;
    struct kp_map keys;          /* of struct kp_step */
    struct kp_vector steps;      /* of struct kp_step * */
    struct kp_vector open_names; /* of const char *: for the text of a cycle */
    struct kp_step *unknown;     /* stands for what could not be resolved, so that the rest of
                                    a chain is checked too */
    size_t named_steps;          /* those of `steps` that outputs reach, by whatever chain */
    const char *arch;            /* the recipe's, canonical; NULL: none */
};

/* plan.c: the edge that a name ("image" or "image.part") means. `place` is where it is
 * used; `stage` and `param` are set if a parameter names it. False after reporting. */
bool kp_plan_resolve(struct kp_planner *planner, const char *name, struct kp_place place,
                     const char *stage, const char *param, struct kp_edge *edge);
/* plan.c: the input that the name of a tree means, for a parameter. False after reporting. */
bool kp_plan_resolve_tree(struct kp_planner *planner, const char *name, struct kp_place place,
                          const char *stage, const char *param, struct kp_step **step);
/* plan.c: closes what a step holds open. */
void kp_plan_close(struct kp_step *step);
/* plan.c: a new step with a number and a key, or the one that has that key already. */
struct kp_step *kp_plan_step(struct kp_planner *planner, const char *key, bool *is_new);
bool kp_plan_add_name(struct kp_arena *arena, struct kp_step *step, const char *image);

/* plan_share.c: keeps the steps that outputs need; counts the outputs of each. */
bool kp_plan_keep_needed(struct kp_planner *planner);
bool kp_plan_count_sharing(struct kp_planner *planner);

/* plan_input.c */
struct kp_step *kp_plan_input(struct kp_planner *planner, const struct kp_recipe_input *input);
/* The canonical name of an architecture that a recipe names; NULL after reporting. */
const char *kp_plan_arch(struct kp_planner *planner, const struct kp_node *node);

/* plan_step.c: one stage of a chain behind `main` (step NULL: it begins the chain). */
struct kp_step *kp_plan_stage(struct kp_planner *planner, const struct kp_recipe_element *element,
                              struct kp_edge main);
/* plan_tool.c: finds the host tools that a stage with these values may run, and pushes them
 * (const struct kp_tool *), each once. False after reporting. */
bool kp_plan_tools(struct kp_planner *planner, const struct kp_stage *stage, struct kp_place place,
                   const struct kp_value *values, size_t count, struct kp_vector *tools);
/* Reports and returns false if an image of kind `kind` cannot go where `kinds` are
 * taken; `param` NULL: it is the main input. */
bool kp_plan_kind_fits(struct kp_planner *planner, struct kp_place place, const char *stage,
                       const char *param, const char *name, const char *kind,
                       const char *const *kinds);

#endif
