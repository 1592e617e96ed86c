/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/nodes.h - a device tree while it is put together: nodes and properties in memory, whose
 * values are pieces of text, numbers and images. No bytes of an image are copied. flatten.c makes
 * a flattened tree of it.
 *
 * All is scratch memory of the call. Names and bytes that are handed in must last as long.
 */
#ifndef FIT_NODES_H
#define FIT_NODES_H

#include <kpipe/kpipe.h>

#include "../../common/tree_walk.h"

/* A run of a value's bytes. */
struct fit_piece {
    const uint8_t *bytes;         /* or NULL: of the image */
    const struct kp_image *image; /* from `offset` */
    uint64_t offset, length;
    struct fit_piece *next;
};

struct fit_property {
    const char *name;
    struct fit_piece *first, *last;
    uint64_t length; /* of all pieces */
    struct fit_property *next;
};

struct fit_node {
    const char *name; /* "" of the root */
    struct fit_node *parent;
    struct fit_property *properties, *last_property;
    struct fit_node *children, *last_child;
    struct fit_node *next;
};

/* A range of memory that the tree's header reserves (its memory reservation block). */
struct fit_reservation {
    uint64_t address, size;
    struct fit_reservation *next;
};

/* Makes a node at the end of its parent's (NULL: a root), a property at the end of its node's. NULL
 * after reporting. Whether there is one of that name is not looked at. */
struct fit_node *fit_add_node(struct kp_call *call, struct fit_node *parent, const char *name);
struct fit_property *fit_add_property(struct kp_call *call, struct fit_node *node,
                                      const char *name);
/* The same with one that the caller has made, zeroed but for its name. */
void fit_link_node(struct fit_node *parent, struct fit_node *node);
void fit_link_property(struct fit_node *node, struct fit_property *property);
/* NULL: there is none. */
struct fit_node *fit_find_node(const struct fit_node *parent, const char *name);
struct fit_property *fit_find_property(const struct fit_node *node, const char *name);
void fit_remove_node(struct fit_node *node);
void fit_remove_property(struct fit_node *node, const struct fit_property *property);

/* Each appends to a property's value. Bytes are not copied; fit_put_cell makes its own. */
int32_t fit_put_bytes(struct kp_call *call, struct fit_property *property, const void *bytes,
                      uint64_t length);
int32_t fit_put_cell(struct kp_call *call, struct fit_property *property, uint32_t value);
int32_t fit_put_image(struct kp_call *call, struct fit_property *property,
                      const struct kp_image *image, uint64_t offset, uint64_t length);

/* A text in scratch memory: one of libfdt's goes elsewhere with the next edit. */
char *fit_copy_text(struct kp_call *call, const char *text);

/* What most properties are: a text with its NUL, several (struct kp_text), one cell. */
int32_t fit_add_text(struct kp_call *call, struct fit_node *node, const char *name,
                     const char *text);
int32_t fit_add_texts(struct kp_call *call, struct fit_node *node, const char *name,
                      const struct kp_list *texts);
int32_t fit_add_cell(struct kp_call *call, struct fit_node *node, const char *name, uint32_t value);

#endif
