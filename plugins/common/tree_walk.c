/* SPDX-License-Identifier: BSD-3-Clause
 *
 * common/tree_walk.c - see tree_walk.h. Rules: Devicetree Specification 0.4, sections 5.4 and 5.5.
 */
#include <libfdt.h>
#include <string.h>

#include "tree_walk.h"

int32_t tree_bad(const struct tree_walk *w, const char *what)
{
    const unsigned long long at = w->structure_at + w->at;

    return kp_fail_at(w->call, w->field, NULL, "%s: structure: 0x%llx: %s", w->name, at, what);
}

/* Blanks and '/' would make paths of the node ambiguous; dtc reads nothing else either. */
static int is_name(const uint8_t *name, uint64_t length)
{
    uint64_t i;

    for (i = 0; i < length; i++)
        if (name[i] <= ' ' || name[i] >= 0x7f || name[i] == '/')
            return 0;
    return 1;
}

static int32_t begin_node(struct tree_walk *w)
{
    const uint8_t *name = w->structure + w->at + 4;
    const uint8_t *end;
    uint64_t length;

    if (w->root_done)
        return tree_bad(w, "a second root node");
    if (w->depth == TREE_DEPTH)
        return tree_bad(w, "nodes nested deeper than 64");
    end = memchr(name, 0, (size_t)(w->structure_size - w->at - 4));
    if (end == NULL)
        return tree_bad(w, "a node's name without an end");
    length = (uint64_t)(end - name);
    if (w->depth == 0 && length != 0)
        return tree_bad(w, "the root node has a name");
    if ((w->depth > 0 && length == 0) || !is_name(name, length))
        return tree_bad(w, "a node's name is empty or has characters that no name has");
    if (w->begin != NULL && w->begin(w, (const char *)name, length) != KP_OK)
        return KP_FAILED;
    w->depth++;
    w->may_have_property = 1;
    w->at += 4 + ((length + 1 + 3) & ~(uint64_t)3);
    return KP_OK;
}

static int32_t property(struct tree_walk *w)
{
    uint32_t length, name;
    size_t name_length;

    if (w->depth == 0 || !w->may_have_property)
        return tree_bad(w, "a property outside of a node, or behind its child nodes");
    if (!kp_read_be32(w->structure, w->structure_size, w->at + 4, &length) ||
        !kp_read_be32(w->structure, w->structure_size, w->at + 8, &name) ||
        !kp_inside(w->structure_size, w->at + 12, length))
        return tree_bad(w, "a property that is longer than the structure");
    if (name >= w->strings_end)
        return tree_bad(w, "a property whose name is not in the strings block");
    name_length = strnlen((const char *)w->strings + name, TREE_NAME + 1);
    if (name_length == 0 || name_length > TREE_NAME || !is_name(w->strings + name, name_length))
        return tree_bad(w,
                        "a property's name is empty, too long or has characters that no name has");
    if (w->property != NULL &&
        w->property(w, (const char *)w->strings + name, w->structure + w->at + 12, length) != KP_OK)
        return KP_FAILED;
    w->at += 12 + (((uint64_t)length + 3) & ~(uint64_t)3);
    return KP_OK;
}

static int32_t end_node(struct tree_walk *w)
{
    if (w->depth == 0)
        return tree_bad(w, "the end of a node that has not begun");
    w->depth--;
    w->may_have_property = 0;
    if (w->end != NULL && w->end(w) != KP_OK)
        return KP_FAILED;
    w->root_done = w->depth == 0;
    w->at += 4;
    return KP_OK;
}

static int32_t pass(struct tree_walk *w, uint32_t token)
{
    switch (token) {
    case FDT_BEGIN_NODE:
        return begin_node(w);
    case FDT_PROP:
        return property(w);
    case FDT_END_NODE:
        return end_node(w);
    case FDT_END:
        if (!w->root_done)
            return tree_bad(w, "the structure ends within a node");
        w->at += 4;
        return KP_OK;
    case FDT_NOP:
        w->at += 4;
        return KP_OK;
    default:
        return tree_bad(w, "a token that the format does not have");
    }
}

int32_t tree_walk(struct tree_walk *w)
{
    uint32_t token = FDT_NOP;

    for (w->strings_end = w->strings_size;
         w->strings_end > 0 && w->strings[w->strings_end - 1] != 0;)
        w->strings_end--;
    while (token != FDT_END) {
        const uint64_t from = w->at;

        if (!kp_read_be32(w->structure, w->structure_size, from, &token))
            return tree_bad(w, "the structure has no end");
        if (pass(w, token) != KP_OK || (w->token != NULL && w->token(w, token, from) != KP_OK))
            return KP_FAILED;
    }
    return KP_OK;
}
