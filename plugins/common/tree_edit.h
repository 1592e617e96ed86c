/* SPDX-License-Identifier: BSD-3-Clause
 *
 * common/tree_edit.h - the parameters `delete` and `set`, by which a recipe changes a flattened tree,
 * and what else all edits by libfdt have in common. The tree must have been checked.
 */
#ifndef COMMON_TREE_EDIT_H
#define COMMON_TREE_EDIT_H

#include <libfdt.h>

#include <kpipe/kpipe.h>

#include "tree_walk.h"

struct tree_set {
    struct kp_text node, property, text, bytes;
    struct kp_list strings, cells, cells64;
    const struct kp_image *image;
    uint8_t create, has_property, has_text, has_bytes, has_strings, has_cells, has_cells64,
        has_image;
};

struct tree_delete {
    struct kp_text node, property;
    uint8_t has_property;
};

/* Rows of their records. */
extern const struct kp_param *const tree_set_table[];
extern const struct kp_param *const tree_delete_table[];

/* What an edit returns besides KP_OK and KP_FAILED: the tree has no room left. */
#define TREE_NO_SPACE 1

/* Checks what can be checked without the tree: struct tree_delete and struct tree_set. */
int32_t tree_check_edits(struct kp_call *call, const struct kp_list *removed,
                         const struct kp_list *changed);
/* An upper bound of the bytes that the latter add to a tree. */
uint64_t tree_edits_need(struct kp_call *call, const struct kp_list *changed);
/* Takes out, then puts in. */
int32_t tree_apply_edits(struct kp_call *call, void *tree, const struct kp_list *removed,
                         const struct kp_list *changed);

/* Pairs of hexadecimal digits, with blanks between them, to `to` (or NULL: counts only).
 * Returns how many, or -1: it is something else. */
int64_t tree_read_bytes(const char *text, uint8_t *to);
/* What a libfdt function returned: KP_OK if it is not negative, TREE_NO_SPACE, or a failure
 * "what: libfdt: reason" at a parameter (or NULL). */
int32_t tree_result(struct kp_call *call, const void *field, const char *what, int code);
/* The text of a property if it is one text, with its NUL, else NULL: libfdt takes any value
 * for one. *found (or NULL) tells whether there is such a property. */
const char *tree_text(const void *tree, int node, const char *property, int *found);

#endif
