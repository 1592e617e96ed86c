/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/bind_private.h - shared by bind_check.c (tables, lists, records) and bind_scalar.c
 * (single values).
 */
#ifndef KP_PLUGIN_BIND_PRIVATE_H
#define KP_PLUGIN_BIND_PRIVATE_H

#include "base/codes.h"
#include "base/vector.h"
#include "plugin/bind.h"
#include "plugin/bind_text.h"

/* Whose parameters they are, for messages that begin with "%s '%s'". */
#define KP_BIND_OWNER(binder)                                                                      \
    (binder)->input != NULL ? "input" : "stage",                                                   \
        (binder)->input != NULL ? (binder)->input : (binder)->stage

/* What is being checked: the row, and its path for messages ("parts[1].load"). */
struct kp_bind_position {
    const struct kp_binder *binder;
    const char *path;
    struct kp_place stage_place;
    const struct kp_param *const *table; /* the rows beside it, */
    const struct kp_node *params;        /* and what the recipe says to them; NULL: nothing */
};

/* bind_scalar.c: a scalar of the row's type; `node` is NULL for a default. */
bool kp_bind_scalar(const struct kp_bind_position *at, const struct kp_param *row, const char *text,
                    struct kp_place place, const struct kp_node *node, struct kp_value *value);
/* bind_stage.c: the value of a row of type STAGE. */
bool kp_bind_stage(const struct kp_bind_position *at, const struct kp_param *row,
                   const struct kp_node *node, struct kp_value *value);
/* bind_check.c: reports a node that is no `expected`; false. */
bool kp_bind_wrong_kind(const struct kp_bind_position *at, const struct kp_node *node,
                        const char *expected);
/* bind_check.c: the row that a scalar sets, or NULL. */
const struct kp_param *kp_bind_short_row(const struct kp_param *const *table);

#endif
