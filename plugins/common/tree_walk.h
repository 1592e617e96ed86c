/* SPDX-License-Identifier: BSD-3-Clause
 *
 * common/tree_walk.h - goes through the structure block of a flattened tree once and checks it, so that
 * libfdt, which trusts more than foreign bytes deserve, may read it afterwards.
 *
 * What passes has every name and value inside its block, names that paths and files can have, no more
 * nesting than Linux takes, and one root that ends. What a property's value means is not looked at.
 */
#ifndef COMMON_TREE_WALK_H
#define COMMON_TREE_WALK_H

#include <kpipe/kpipe.h>

/* Nodes within nodes. Linux unflattens no more (drivers/of/fdt.c, FDT_MAX_DEPTH), and
 * libfdt's overlays recurse once a level. */
#define TREE_DEPTH 64u
/* Longest name of a property; the specification says 31, real trees have more. */
#define TREE_NAME 255u

struct tree_walk {
    struct kp_call *call;
    const char *name;  /* of the tree, for errors: "dtb", "overlays[1]" */
    const void *field; /* the parameter at fault, or NULL: the main input */
    /* The two blocks, which lie in the tree; `structure_at` is told in errors. */
    const uint8_t *structure, *strings;
    uint64_t structure_size, structure_at, strings_size;

    /* What is called, unless NULL, with what was found good; KP_FAILED ends the walk. A node that
     * begins or ends is not counted in `depth` then. Names end with a NUL. */
    int32_t (*begin)(struct tree_walk *walk, const char *name, uint64_t length);
    int32_t (*property)(struct tree_walk *walk, const char *name, const uint8_t *value,
                        uint32_t length);
    int32_t (*end)(struct tree_walk *walk);
    /* Behind each token; it began at `from`. */
    int32_t (*token)(struct tree_walk *walk, uint32_t token, uint64_t from);
    void *data;

    /* The walk's own: zeros at first. */
    uint64_t at;          /* in the structure block: the token that is read, or the next one */
    uint64_t strings_end; /* in the strings block: behind its last NUL */
    uint32_t depth;       /* open nodes */
    int may_have_property, root_done;
};

int32_t tree_walk(struct tree_walk *walk);
/* Reports that something is wrong where the walk is. */
int32_t tree_bad(const struct tree_walk *walk, const char *what);

#endif
