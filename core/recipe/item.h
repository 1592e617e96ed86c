/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/item.h - the items of a recipe: its inputs, images, keys and outputs, and what one
 * of them says once its variables are replaced. How often an item exists is matrix.h's
 * matter; what stages mean is the engine's.
 */
#ifndef KP_RECIPE_ITEM_H
#define KP_RECIPE_ITEM_H

#include "base/vector.h"
#include "recipe/index.h"
#include "recipe/recipe.h"

enum kp_item_kind { KP_ITEM_INPUT, KP_ITEM_IMAGE, KP_ITEM_KEY, KP_ITEM_OUTPUT };
#define KP_ITEM_KINDS 4

/* An item as written. */
struct kp_item {
    enum kp_item_kind kind;
    const char *name; /* of an output: NULL */
    struct kp_place place;
    const struct kp_node *node;
    bool visiting; /* instance.c is at it */
    bool visited;
    bool failed;      /* left out; why is reported, unless nothing needs it */
    uint32_t own;     /* matrix variables of its own text */
    uint32_t carried; /* those, and of all that it names singly */
};

/* Where an item names another. */
struct kp_reference {
    struct kp_item *target;
    const char *part; /* ".name", or "" */
    struct kp_place place;
    const char **slot;      /* where the instance's name belongs; NULL: in a parameter */
    struct kp_node *scalar; /* parameter: its text */
    struct kp_node *list;   /* parameter: the list that may take several; or NULL */
};

/* An item with everything replaced. */
struct kp_instance {
    struct kp_item *item;
    union {
        struct kp_recipe_input input;
        struct kp_recipe_image image;
        struct kp_recipe_key key;
        struct kp_recipe_output output;
    };
    struct kp_vector references; /* struct kp_reference; the caller releases it */
    bool failed;
};

struct kp_items {
    struct kp_arena *arena;
    struct kp_diags *diags;
    const struct kp_reference_finder *finder; /* may be NULL */
    const struct kp_source_runner *sources;   /* may be NULL */
    struct kp_item *items;                    /* inputs and images, keys, outputs */
    size_t named_count;                       /* inputs and images */
    size_t key_count;                         /* those behind them */
    size_t count;
    const char **names; /* of inputs and images, then of keys */
    struct kp_index index, key_index;
};

/* Reads what an expanded node says into a zeroed instance, whose names are those as
 * written. False after reporting; the references that were found are there all the same. */
bool kp_item_read(struct kp_items *items, struct kp_item *item, struct kp_node *node,
                  struct kp_instance *instance);

/* Reports "`what`: must be `wanted`, not ..."; always false. */
bool kp_item_wrong_type(struct kp_diags *diags, const struct kp_node *node, const char *what,
                        const char *wanted);

/* --- shared by item.c and chain.c --- */

/* "input 'kernel'": what messages call an item; NULL when memory runs out. */
const char *kp_item_what(struct kp_items *items, const struct kp_item *item);
bool kp_item_read_image(struct kp_items *items, struct kp_item *item, struct kp_node *node,
                        struct kp_instance *instance);
bool kp_item_read_output(struct kp_items *items, struct kp_item *item, struct kp_node *node,
                         struct kp_instance *instance);
/* keys.c */
bool kp_item_read_key(struct kp_items *items, struct kp_item *item, struct kp_node *node,
                      struct kp_instance *instance);

/* --- outputs.c --- */

/* Checks the name of an output's file. */
bool kp_output_check_file(struct kp_diags *diags, const struct kp_recipe_output *output);

#endif
