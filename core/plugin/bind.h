/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/bind.h - parameters: from what a recipe says to the plugin's own struct, by
 * the plugin's table.
 *
 * In two steps. kp_bind_check turns nodes into values before anything runs: names,
 * types, ranges, choices, required ones, references to images and stages. Its
 * errors carry the recipe's place. kp_bind_fill makes the struct for one call: it
 * adds what only the run knows (traits of the main input, handles of images).
 * The binder knows tables, not stages: no name of a parameter means anything here.
 */
#ifndef KP_PLUGIN_BIND_H
#define KP_PLUGIN_BIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/node.h"
#include "base/trait.h"
#include "base/vector.h"
#include "kpipe/param.h"
#include "plugin/registry.h"

/* Where a value comes from. */
enum kp_value_source {
    KP_VALUE_NONE,     /* nowhere: the field stays zero */
    KP_VALUE_GIVEN,    /* the recipe */
    KP_VALUE_TRAIT,    /* a trait of the main input, known at run; then the fallback */
    KP_VALUE_FALLBACK, /* the row's default */
};

/* The index of an image value that means the stage's main input (`_`). */
#define KP_VALUE_MAIN SIZE_MAX
/* What a binder's `image` gives for a path of a source that does not exist, and need not. */
#define KP_VALUE_MISSING (SIZE_MAX - 1)

struct kp_stage_value;

/* The value of one row, or of one item of a list (then `row` is the list's). */
struct kp_value {
    const struct kp_param *row;
    enum kp_value_source source;
    struct kp_place place; /* of the value, or of the stage if it was not given */
    uint64_t number;       /* UINT, BOOL, CHOICE */
    int64_t integer;       /* INT */
    const char *text;      /* TEXT, before %(traits) */
    size_t image;          /* IMAGE: index among the stage's further inputs, or MAIN.
                              TREE, KEY: index among its trees, its keys */
    struct kp_stage_value *stage;
    struct kp_value *items; /* a list's items, or a record's fields in the table's order */
    size_t count;
};

/* A stage given as a parameter. */
struct kp_stage_value {
    const struct kp_stage *stage;
    struct kp_place place;
    struct kp_value *values; /* in the order of the stage's table */
    size_t count;
};

/* What the binder asks while it checks. */
struct kp_binder {
    struct kp_arena *arena;
    struct kp_diags *diags;
    struct kp_registry *registry;
    const char *stage; /* name of the stage, for messages */
    void *data;
    /* The index of the image, or of the tree or key if the row is one, that a scalar names, or
     * KP_VALUE_MISSING; false after reporting. */
    bool (*image)(void *data, const struct kp_param *row, const struct kp_node *scalar,
                  size_t *index);
    /* Whether the main input can have that trait. NULL: there is none. */
    bool (*trait_possible)(void *data, const char *trait);
    /* The indices of the images that a scalar in a list names: one, or those of a list of a
     * source; false after reporting. NULL: as `image`. */
    bool (*images)(void *data, const struct kp_param *row, const struct kp_node *scalar,
                   struct kp_vector *indices);
    const char *input; /* the input whose source's parameters they are; NULL: a stage's */
};

/* Checks `params` (NULL: none given) against a table; `place` is the stage's. Gives
 * one value for each row. NULL after reporting; an empty table gives a non-NULL. */
struct kp_value *kp_bind_check(const struct kp_binder *binder, const struct kp_param *const *table,
                               const struct kp_node *params, struct kp_place place, size_t *count);

/* Appends the values in one canonical form, for the key of a stage and for people:
 * "level=9,encoder=zlib". Images, trees and keys are written by `reference`. Values not known
 * yet are left out. With `all` false, defaults are left out too. */
void kp_bind_print(struct kp_string *to, const struct kp_value *values, size_t count, bool all,
                   void (*reference)(struct kp_string *to, void *data,
                                     const struct kp_value *value),
                   void *data);

/* A filled struct, and which field stands where, for errors pinned to an address. */
struct kp_bound_field {
    const void *address;
    size_t size;
    struct kp_place place;
    const char *path; /* "parts[1].load" */
};
/* A key that the parameters name, which the call may use. */
struct kp_bound_key {
    const struct kp_key *key;
    struct kp_place place;
    const char *path;
};
struct kp_bound {
    void *params;
    struct kp_vector fields; /* of struct kp_bound_field; free it, */
    struct kp_vector keys;   /* of struct kp_bound_key; and that */
};

struct kp_fill {
    struct kp_arena *arena; /* of the call */
    struct kp_diags *diags;
    const char *stage;
    const struct kp_traits *traits;       /* of the main input */
    const struct kp_image *main;          /* may be NULL */
    const struct kp_image *const *images; /* the further inputs */
    size_t image_count;
    const struct kp_tree *const *trees;
    size_t tree_count;
    const struct kp_key *const *keys;
    size_t key_count;
};

/* Makes the struct of `size` bytes for one call. False after reporting. */
bool kp_bind_fill(const struct kp_fill *fill, const struct kp_value *values, size_t count,
                  uint64_t size, struct kp_bound *bound);
/* Bytes of one item of a list, by the row of the list. */
size_t kp_bind_item_size(const struct kp_param *row);
/* The innermost field that contains an address, or NULL. */
const struct kp_bound_field *kp_bind_locate(const struct kp_bound *bound, const void *address);

/* Calls `visit` for each scalar in `params` that names an image, a tree or a key, by the table: see struct
 * kp_reference_finder in recipe/recipe.h, whose `find` this is (data: the registry). */
bool kp_bind_find_references(void *registry, const char *stage, struct kp_node *params,
                             bool (*visit)(void *context, struct kp_node *scalar,
                                           struct kp_node *list, uint32_t type),
                             void *context);

#endif
