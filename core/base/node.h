/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/node.h - a tree of text with places: what is left of YAML once it is read,
 * and the form in which parameters reach the binder.
 *
 * A node knows where each piece was written, and nothing of what it means: a
 * scalar is text until a declared type says otherwise. Nodes live in an arena.
 * Reading YAML is recipe/yaml.h; binding is plugin/bind.h.
 */
#ifndef KP_BASE_NODE_H
#define KP_BASE_NODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"

enum kp_node_kind { KP_NODE_SCALAR, KP_NODE_LIST, KP_NODE_MAP };

struct kp_node {
    enum kp_node_kind kind;
    bool plain;             /* scalar written without quotes or block style */
    struct kp_place place;  /* where it begins */
    const char *folder;     /* base of a relative path: folder of the file in which the
                              text's first character was written; never NULL */
    const char *text;       /* scalar: NUL-terminated UTF-8, without NUL inside */
    size_t length;          /* scalar: bytes of text */
    struct kp_node **keys;  /* map: scalars, `count` of them, in the order written */
    struct kp_node **items; /* list: the items; map: the values; `count` of them */
    size_t count;
};

/* True for a missing value: a plain scalar without text, ~ or null. */
bool kp_node_is_empty(const struct kp_node *node);
/* The value of a map's key, or NULL; also NULL if `node` is no map. */
struct kp_node *kp_node_get(const struct kp_node *node, const char *key);
/* New nodes; NULL when memory runs out. */
struct kp_node *kp_node_scalar(struct kp_arena *arena, struct kp_place place, const char *folder,
                               const char *text);
struct kp_node *kp_node_clone(struct kp_arena *arena, const struct kp_node *node);
/* "a list", "a map", "text": for messages. */
const char *kp_node_what(const struct kp_node *node);

/* Meaning of scalars, by the type that a parameter declares (never by YAML).
 * Each returns NULL and the value in *value, or a static phrase that says what is
 * wrong, as in "not a number". */
const char *kp_scalar_uint(const char *text, unsigned long long *value);
const char *kp_scalar_int(const char *text, long long *value);
const char *kp_scalar_bool(const char *text, bool *value);

#endif
