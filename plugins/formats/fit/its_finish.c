/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/its_finish.c - what can be done only when the whole source has been read: references, numbers
 * of nodes (phandles), and taking out what is deleted. As dtc does it (checks.c), in its order.
 */
#include <stdlib.h>
#include <string.h>

#include "its_private.h"

/* A node that gives itself a phandle, and where. */
struct numbered {
    uint32_t phandle;
    const struct its_property *by;
};

struct numbers {
    struct numbered *given; /* sorted */
    uint64_t count, at;     /* at: none before it is as large as `next` */
    uint32_t next;
};

static struct its_node *first_alive(struct fit_node *node)
{
    while (node != NULL && !its_alive((struct its_node *)node))
        node = node->next;
    return (struct its_node *)node;
}

/* The node behind `node` in the order in which they are written, deleted ones passed over. */
static struct its_node *next_node(struct its_node *node)
{
    struct its_node *next = first_alive(node->fit.children);

    for (; next == NULL && node->fit.parent != NULL; node = (struct its_node *)node->fit.parent)
        next = first_alive(node->fit.next);
    return next;
}

/* --- names that are properties --- */

/* True if a value is a text of `length` bytes. */
static int is_text(const struct its_property *property, const char *text, uint64_t length)
{
    const struct fit_piece *piece = property->fit.first;
    uint64_t at = 0;

    if (property->fit.length != length + 1)
        return 0;
    for (; piece != NULL; piece = piece->next)
        for (uint64_t i = 0; i < piece->length; i++, at++)
            if (piece->bytes == NULL || piece->bytes[i] != (at < length ? (uint8_t)text[at] : 0))
                return 0;
    return 1;
}

/* A property `name` says what the node is called anyway, and is left out. */
static int32_t check_name(struct its_reader *reader, struct its_node *node)
{
    struct its_property *name = its_property(reader, node, "name");

    if (name == NULL)
        return KP_OK;
    if (!is_text(name, node->fit.name, strcspn(node->fit.name, "@")))
        return its_fail(reader, name->place, "take it out, or give it the name of the node",
                        "property 'name' of node '%.60s': it says something else", node->fit.name);
    name->born = 0;
    return KP_OK;
}

/* --- phandles --- */

static int32_t given_phandle(struct its_reader *reader, struct its_node *node, const char *name,
                             struct numbered *given)
{
    struct its_property *property = its_property(reader, node, name);
    const struct fit_piece *piece;
    uint8_t bytes[4] = {0};
    uint64_t at = 0;

    *given = (struct numbered){0, property};
    if (property == NULL)
        return KP_OK;
    if (property->fit.length != 4)
        return its_fail(reader, property->place, "write one number",
                        "property '%s' of node '%.60s': it has not 4 bytes", name, node->fit.name);
    /* One that refers to its own node wants any number. */
    if (property->references != NULL && property->references->cell != NULL) {
        if (its_referred(reader, property->references->to) == node)
            return KP_OK;
        return its_fail(reader, property->place, "write a number",
                        "property '%s' of node '%.60s': it refers to another node", name,
                        node->fit.name);
    }
    for (piece = property->fit.first; piece != NULL; at += piece->length, piece = piece->next)
        if (piece->bytes != NULL)
            memcpy(bytes + at, piece->bytes, piece->length);
        else if (reader->call->host->image_read(reader->call, piece->image, piece->offset,
                                                bytes + at, piece->length) != KP_OK)
            return KP_FAILED;
    given->phandle = kp_be32(bytes);
    if (given->phandle != 0 && given->phandle != UINT32_MAX)
        return KP_OK;
    return its_fail(reader, property->place, "write another number",
                    "property '%s' of node '%.60s': 0x%x: no number that a node can have", name,
                    node->fit.name, given->phandle);
}

static int by_phandle(const void *a, const void *b)
{
    const uint32_t left = ((const struct numbered *)a)->phandle;
    const uint32_t right = ((const struct numbered *)b)->phandle;

    return left < right ? -1 : left > right;
}

static int32_t collect_phandles(struct its_reader *reader, struct numbers *numbers, uint64_t nodes)
{
    numbers->given = reader->call->host->alloc(reader->call, nodes * sizeof(struct numbered));
    if (numbers->given == NULL)
        return KP_FAILED;
    for (struct its_node *node = reader->root; node != NULL; node = next_node(node)) {
        struct numbered given, old;

        if (given_phandle(reader, node, "phandle", &given) != KP_OK ||
            given_phandle(reader, node, "linux,phandle", &old) != KP_OK)
            return KP_FAILED;
        if (given.phandle != 0 && old.phandle != 0 && given.phandle != old.phandle)
            return its_fail(reader, old.by->place, "take it out",
                            "property 'linux,phandle' of node '%.60s': 'phandle' is another",
                            node->fit.name);
        if (given.phandle == 0)
            given = old;
        node->phandle = given.phandle;
        if (given.phandle != 0)
            numbers->given[numbers->count++] = given;
    }
    if (numbers->count > 1)
        qsort(numbers->given, numbers->count, sizeof(struct numbered), by_phandle);
    for (uint64_t i = 1; i < numbers->count; i++)
        if (numbers->given[i].phandle == numbers->given[i - 1].phandle)
            return its_fail(reader, numbers->given[i].by->place, "write another number",
                            "phandle 0x%x: two nodes have it", numbers->given[i].phandle);
    numbers->next = 1;
    return KP_OK;
}

/* Gives a node the next number that no node has, as a property if it has none. */
static int32_t number_node(struct its_reader *reader, struct numbers *numbers,
                           struct its_node *node)
{
    struct its_property *property;

    if (node->phandle != 0)
        return KP_OK;
    for (; numbers->at < numbers->count && numbers->given[numbers->at].phandle == numbers->next;
         numbers->at++)
        numbers->next++;
    node->phandle = numbers->next++;
    if (its_property(reader, node, "phandle") != NULL)
        return KP_OK;
    if (its_enter_property(reader, node, node->place, "phandle", 7, 1, &property) != KP_OK)
        return KP_FAILED;
    return fit_put_cell(reader->call, &property->fit, node->phandle);
}

/* --- references --- */

/* A node's path, made once. NULL after reporting. */
static const char *path_of(struct its_reader *reader, struct its_place place, struct its_node *node)
{
    uint64_t length = 0, part;
    const struct fit_node *at;
    char *path;

    if (node->path != NULL)
        return node->path;
    for (at = &node->fit; at->parent != NULL; at = at->parent)
        length += strlen(at->name) + 1;
    if (length > ITS_PATHS_MAX - reader->paths) {
        its_fail(reader, place, "give nodes shorter names",
                 "the paths of all nodes that are referred to: more than %u bytes", ITS_PATHS_MAX);
        return NULL;
    }
    reader->paths += length;
    path = reader->call->host->alloc(reader->call, length + 2);
    node->path = path;
    if (path == NULL)
        return NULL;
    path[0] = '/';
    for (at = &node->fit; at->parent != NULL; at = at->parent) {
        part = strlen(at->name);
        length -= part + 1;
        path[length] = '/';
        memcpy(path + length + 1, at->name, part);
    }
    return path;
}

static int32_t fill(struct its_reader *reader, struct numbers *numbers,
                    struct its_property *property, const struct its_reference *reference)
{
    struct its_node *node = its_referred(reader, reference->to);
    const char *path;

    if (node == NULL)
        return its_fail(reader, reference->place, "label the node, or correct the reference",
                        "reference to '%.60s': there is no such node", reference->to);
    node->referred = 1;
    if (reference->cell != NULL) {
        if (number_node(reader, numbers, node) != KP_OK)
            return KP_FAILED;
        kp_put_be32(reference->cell, node->phandle);
        return KP_OK;
    }
    path = path_of(reader, reference->place, node);
    if (path == NULL)
        return KP_FAILED;
    reference->piece->bytes = (const uint8_t *)path;
    reference->piece->length = strlen(path) + 1;
    if (!kp_add(property->fit.length, reference->piece->length, &property->fit.length))
        return its_fail(reader, reference->place, "take some out",
                        "a value of more than 2^64 bytes: it is too large");
    return KP_OK;
}

static int32_t fill_all(struct its_reader *reader, struct numbers *numbers, struct its_node *node)
{
    for (struct fit_property *at = node->fit.properties; at != NULL; at = at->next) {
        struct its_property *property = (struct its_property *)at;

        if (!its_property_alive(node, property))
            continue;
        for (struct its_reference *reference = property->references; reference != NULL;
             reference = reference->next)
            if (fill(reader, numbers, property, reference) != KP_OK)
                return KP_FAILED;
    }
    return KP_OK;
}

/* --- what stays --- */

static void keep_properties(struct its_node *node)
{
    struct fit_property *property = node->fit.properties, *next;

    node->fit.properties = node->fit.last_property = NULL;
    for (; property != NULL; property = next) {
        next = property->next;
        property->next = NULL;
        if (its_property_alive(node, (struct its_property *)property))
            fit_link_property(&node->fit, property);
    }
}

static void keep_children(struct its_reader *reader, struct its_node *node)
{
    struct fit_node *child = node->fit.children, *next;

    node->fit.children = node->fit.last_child = NULL;
    for (; child != NULL; child = next) {
        const struct its_node *its = (struct its_node *)child;

        next = child->next;
        child->next = NULL;
        if (!its_alive(its) || (its->omit && !its->referred))
            continue;
        fit_link_node(&node->fit, child);
        if (its_property(reader, node, child->name) != NULL)
            its_warn(reader, its->place, "node '%.60s': a property beside it has the same name",
                     child->name);
    }
}

int32_t its_finish(struct its_reader *reader)
{
    struct numbers numbers = {0};
    uint64_t nodes = 0;

    for (struct its_node *node = reader->root; node != NULL; node = next_node(node), nodes++)
        if (check_name(reader, node) != KP_OK)
            return KP_FAILED;
    if (collect_phandles(reader, &numbers, nodes) != KP_OK)
        return KP_FAILED;
    for (struct its_node *node = reader->root; node != NULL; node = next_node(node))
        if (fill_all(reader, &numbers, node) != KP_OK)
            return KP_FAILED;
    for (struct its_node *node = reader->root; node != NULL; node = next_node(node)) {
        keep_properties(node);
        keep_children(reader, node);
    }
    return KP_OK;
}
