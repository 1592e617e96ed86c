/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/plan_private.h - the planner's state, shared by plan.c (chains, outputs),
 * plan_name.c (names), plan_input.c (input files and their facts), plan_item.c (what sources
 * give), plan_step.c (stages), plan_take.c (what their parameters name), plan_key.c (keys),
 * plan_tool.c (host tools) and plan_share.c (what outputs need).
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
    const struct kp_source_items *items; /* of a source, once it was asked for */
    enum { KP_NAME_NEW, KP_NAME_OPEN, KP_NAME_DONE, KP_NAME_FAILED } state;
    struct kp_edge edge; /* once done */
};

/* A key of the recipe. */
struct kp_plan_key {
    const char *title;
    const struct kp_key *key; /* NULL: not opened */
    bool tried;
};

struct kp_planner {
    struct kp_plan *plan;
    struct kp_arena *arena;
    struct kp_diags *diags;
    struct kp_registry *registry;
    const struct kp_recipe *recipe;
    struct kp_keyring *keyring;
    struct kp_plan_key *recipe_keys; /* in the recipe's order */
    struct kp_map names;             /* of struct kp_plan_name */
    const char **all_names;
    size_t name_count;
    struct kp_map keys;          /* of struct kp_step */
    struct kp_vector steps;      /* of struct kp_step * */
    struct kp_vector open_names; /* of const char *: for the text of a cycle */
    struct kp_step *unknown;     /* stands for what could not be resolved, so that the rest of
                                    a chain is checked too */
    bool spare;                  /* what is resolved now is needed by no output */
    size_t named_steps;          /* those of `steps` that outputs reach, by whatever chain */
    const char *arch;            /* the recipe's, canonical; NULL: none */
};

/* plan_name.c: the edge that a name ("image" or "image.part") means. `place` is where it is
 * used; `stage` and `param` are set if a parameter names it. False after reporting. */
bool kp_plan_resolve(struct kp_planner *planner, const char *name, struct kp_place place,
                     const char *stage, const char *param, struct kp_edge *edge);
/* plan_name.c: what a name in a list of images means: an image, or a list of a source, whose
 * images are all pushed to `edges` (struct kp_edge). False after reporting. */
bool kp_plan_resolve_list(struct kp_planner *planner, const char *name, struct kp_place place,
                          const char *stage, const char *param, struct kp_vector *edges);
/* plan_name.c: the input that the name of a tree means, for a parameter. False after reporting. */
bool kp_plan_resolve_tree(struct kp_planner *planner, const char *name, struct kp_place place,
                          const char *stage, const char *param, struct kp_step **step);
/* plan.c: finds the edge of a name that is new; reports "a -> b -> a". Both return false after
 * reporting. */
bool kp_plan_build(struct kp_planner *planner, struct kp_plan_name *name);
bool kp_plan_cycle(struct kp_planner *planner, const char *name, struct kp_place place);
/* plan_item.c: the image `item` of a source (NULL: none is named); `name` is the whole. And
 * the images of a list, if it is one. */
bool kp_plan_item(struct kp_planner *planner, struct kp_plan_name *source, const char *name,
                  const char *item, struct kp_place place, struct kp_edge *edge);
bool kp_plan_item_list(struct kp_planner *planner, struct kp_plan_name *source, const char *item,
                       struct kp_place place, struct kp_vector *edges, bool *is_list);
/* plan.c: closes what a step holds open. */
void kp_plan_close(struct kp_step *step);
/* plan.c: a new step with a number and a key, or the one that has that key already. */
struct kp_step *kp_plan_step(struct kp_planner *planner, const char *key, bool *is_new);
bool kp_plan_add_name(struct kp_arena *arena, struct kp_step *step, const char *image);

/* plan_share.c: keeps the steps that outputs need; counts the outputs of each. */
bool kp_plan_keep_needed(struct kp_planner *planner);
bool kp_plan_count_sharing(struct kp_planner *planner);

/* plan_input.c */
/* Lets a step of an image that is there already have these traits; false when memory runs
 * out. They are handed over. */
bool kp_plan_take_facts(struct kp_planner *planner, struct kp_step *step, struct kp_traits *facts);
struct kp_step *kp_plan_input(struct kp_planner *planner, const struct kp_recipe_input *input);
/* The canonical name of an architecture that a recipe names; NULL after reporting. */
const char *kp_plan_arch(struct kp_planner *planner, const struct kp_node *node);

/* plan_take.c */
/* What the binder's questions are answered from. */
struct kp_stage_context {
    struct kp_planner *planner;
    const struct kp_stage *stage;
    struct kp_edge main;
    struct kp_vector inputs; /* of struct kp_edge */
    struct kp_vector trees;  /* of struct kp_step * */
    struct kp_vector keys;   /* of const struct kp_plan_key * */
    struct kp_vector tools;  /* of const struct kp_tool * */
};
/* Those of kp_binder: `data` is a struct kp_stage_context. */
bool kp_plan_take_input(void *data, const struct kp_param *row, const struct kp_node *scalar,
                        size_t *index);
bool kp_plan_take_images(void *data, const struct kp_param *row, const struct kp_node *scalar,
                         struct kp_vector *indices);
/* The kind of an edge; NULL: found at run. */
const char *kp_plan_kind_of(struct kp_edge edge);

/* Reports and returns false if an image of kind `kind` cannot go where `kinds` are
 * taken; `param` NULL: it is the main input. */
bool kp_plan_kind_fits(struct kp_planner *planner, struct kp_place place, const char *stage,
                       const char *param, const char *name, const char *kind,
                       const char *const *kinds);

/* plan_key.c: the key that a parameter names, as kp_plan_take_input. */
bool kp_plan_take_key(struct kp_stage_context *context, const struct kp_param *row,
                      const struct kp_node *scalar, size_t *index);

/* plan_step.c: one stage of a chain behind `main` (step NULL: it begins the chain). */
struct kp_step *kp_plan_stage(struct kp_planner *planner, const struct kp_recipe_element *element,
                              struct kp_edge main);

/* plan_tool.c: finds the host tools that a stage with these values may run, and pushes them
 * (const struct kp_tool *), each once. False after reporting. */
bool kp_plan_tools(struct kp_planner *planner, const struct kp_stage *stage, struct kp_place place,
                   const struct kp_value *values, size_t count, struct kp_vector *tools);

#endif
