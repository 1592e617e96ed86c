/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/plan.h - what is to be done: a graph of steps, each of which exists once.
 *
 * The plan is made from a recipe and the registry, and everything that can be known
 * before the run is checked: stages, parameters, kinds that cannot meet, traits
 * that cannot exist, cycles, missing files. A step is keyed by its derivation (stage
 * type, plugin build, parameters, inputs), not by the names that recipes give: what
 * two images share is one step. Nothing is run here.
 */
#ifndef KP_ENGINE_PLAN_H
#define KP_ENGINE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/json.h"
#include "base/range.h"
#include "base/trait.h"
#include "host/image.h"
#include "keys/key.h"
#include "plugin/bind.h"
#include "plugin/registry.h"
#include "recipe/recipe.h"
#include "tool/toolbox.h"

struct kp_step;

/* One image that a step reads: the main output of another, or one of its parts. */
struct kp_edge {
    struct kp_step *step;
    const char *part; /* NULL: the main output */
};

struct kp_step {
    size_t number;         /* from 1, in an order in which inputs come first */
    const char *label;     /* "kernel" for an input, "gzip level=6" for a stage */
    const char *key;       /* the derivation, unique in the plan */
    struct kp_place place; /* where the recipe says so first */
    const char **images;   /* names of the images whose chains pass here */
    size_t image_count;
    const char *kind;  /* of its output; NULL: found at run */
    const char *codec; /* of its output, if the kind is compressed and it is known */
    const char *arch;  /* default architecture here, canonical; or NULL */
    struct kp_place arch_place;

    /* An input file or folder: */
    const char *file;       /* path to open; NULL: a stage */
    bool is_tree;           /* a folder */
    const char *source;     /* an image of a source of that type: there is no file */
    struct kp_range *range; /* the open file */
    struct kp_tree tree;    /* the open folder */
    int open_error;         /* errno, if it could not be opened */
    struct kp_traits facts;

    /* A stage: */
    const struct kp_stage *stage; /* NULL: an input */
    struct kp_edge main;          /* main.step NULL: it has no main input */
    struct kp_edge *inputs;       /* further inputs, in the order of kp_value.image */
    size_t input_count;
    struct kp_step **trees; /* in the order of kp_value.image of rows of type TREE */
    size_t tree_count;
    const struct kp_key **keys; /* likewise, of type KEY */
    size_t key_count;
    struct kp_value *values;
    size_t value_count;
    const char **wanted_parts; /* parts that somebody reads */
    size_t wanted_count;

    const struct kp_tool **tools; /* host tools that it may run, found */
    size_t tool_count;

    const char **traits; /* content traits that its output may have (names) */
    size_t trait_count;
    size_t output_count; /* outputs that need it */
    void *state;         /* the run's (run.c) */
};

struct kp_plan_output {
    struct kp_edge from;
    const char *image; /* name in the recipe */
    const char *file;  /* relative to the output folder; "-" is standard output */
    struct kp_place place;
};

struct kp_plan {
    struct kp_arena *arena;
    const char *name;       /* the recipe's, or NULL */
    struct kp_step **steps; /* those that an output needs, in order */
    size_t step_count;
    struct kp_plan_output *outputs;
    size_t output_count;
    size_t stages_alone; /* stages to run if each output were made by itself */
    struct kp_toolbox *toolbox;
    bool isolate; /* all its stages run in workers: the recipe says so */
};

/* NULL after reporting errors. The plan lives as long as the arena, registry, toolbox and keyring;
 * kp_plan_free releases the files that it holds open. `toolbox` NULL: there are no tools, `keyring`
 * NULL: no keys. */
struct kp_plan *kp_plan_new(struct kp_arena *arena, struct kp_diags *diags,
                            struct kp_registry *registry, const struct kp_recipe *recipe,
                            struct kp_toolbox *toolbox, struct kp_keyring *keyring);
void kp_plan_free(struct kp_plan *plan);
static inline void kp_auto_plan(struct kp_plan **plan)
{
    kp_plan_free(*plan);
}

/* The plan as `--dry-run` shows it, and as JSON (an array named "steps" and one named
 * "outputs", inside the object that the caller has begun). */
void kp_plan_print(const struct kp_plan *plan, FILE *to);
void kp_plan_json(const struct kp_plan *plan, struct kp_json *json);

#endif
