/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/nodes.c - a device tree while it is put together: see nodes.h.
 */
#include <string.h>

#include "nodes.h"

void fit_link_node(struct fit_node *parent, struct fit_node *node)
{
    node->parent = parent;
    if (parent->last_child == NULL)
        parent->children = node;
    else
        parent->last_child->next = node;
    parent->last_child = node;
}

void fit_link_property(struct fit_node *node, struct fit_property *property)
{
    if (node->last_property == NULL)
        node->properties = property;
    else
        node->last_property->next = property;
    node->last_property = property;
}

struct fit_node *fit_add_node(struct kp_call *call, struct fit_node *parent, const char *name)
{
    struct fit_node *node = call->host->alloc(call, sizeof(*node));

    if (node == NULL)
        return NULL;
    node->name = name;
    if (parent != NULL)
        fit_link_node(parent, node);
    return node;
}

struct fit_property *fit_add_property(struct kp_call *call, struct fit_node *node, const char *name)
{
    struct fit_property *property = call->host->alloc(call, sizeof(*property));

    if (property == NULL)
        return NULL;
    property->name = name;
    fit_link_property(node, property);
    return property;
}

struct fit_node *fit_find_node(const struct fit_node *parent, const char *name)
{
    struct fit_node *node = parent->children;

    while (node != NULL && strcmp(node->name, name) != 0)
        node = node->next;
    return node;
}

struct fit_property *fit_find_property(const struct fit_node *node, const char *name)
{
    struct fit_property *property = node->properties;

    while (property != NULL && strcmp(property->name, name) != 0)
        property = property->next;
    return property;
}

void fit_remove_node(struct fit_node *node)
{
    struct fit_node **at = &node->parent->children, *before = NULL;

    for (; *at != node; at = &(*at)->next)
        before = *at;
    *at = node->next;
    if (node->parent->last_child == node)
        node->parent->last_child = before;
}

void fit_remove_property(struct fit_node *node, const struct fit_property *property)
{
    struct fit_property **at = &node->properties, *before = NULL;

    for (; *at != property; at = &(*at)->next)
        before = *at;
    *at = property->next;
    if (node->last_property == property)
        node->last_property = before;
}

/* A new piece at the end of a value. */
static struct fit_piece *add_piece(struct kp_call *call, struct fit_property *property,
                                   uint64_t length)
{
    struct fit_piece *piece;

    if (!kp_add(property->length, length, &property->length)) {
        kp_fail(call, "%s: a value of more than 2^64 bytes", property->name);
        return NULL;
    }
    piece = call->host->alloc(call, sizeof(*piece));
    if (piece == NULL)
        return NULL;
    piece->length = length;
    if (property->last == NULL)
        property->first = piece;
    else
        property->last->next = piece;
    property->last = piece;
    return piece;
}

int32_t fit_put_bytes(struct kp_call *call, struct fit_property *property, const void *bytes,
                      uint64_t length)
{
    struct fit_piece *piece = add_piece(call, property, length);

    if (piece == NULL)
        return KP_FAILED;
    piece->bytes = bytes;
    return KP_OK;
}

int32_t fit_put_cell(struct kp_call *call, struct fit_property *property, uint32_t value)
{
    uint8_t *bytes = call->host->alloc(call, 4);

    if (bytes == NULL)
        return KP_FAILED;
    kp_put_be32(bytes, value);
    return fit_put_bytes(call, property, bytes, 4);
}

int32_t fit_put_image(struct kp_call *call, struct fit_property *property,
                      const struct kp_image *image, uint64_t offset, uint64_t length)
{
    struct fit_piece *piece = add_piece(call, property, length);

    if (piece == NULL)
        return KP_FAILED;
    piece->image = image;
    piece->offset = offset;
    return KP_OK;
}

int32_t fit_add_text(struct kp_call *call, struct fit_node *node, const char *name,
                     const char *text)
{
    struct fit_property *property = fit_add_property(call, node, name);

    return property == NULL ? KP_FAILED : fit_put_bytes(call, property, text, strlen(text) + 1);
}

int32_t fit_add_texts(struct kp_call *call, struct fit_node *node, const char *name,
                      const struct kp_list *texts)
{
    struct fit_property *property = fit_add_property(call, node, name);
    const struct kp_text *items = texts->items;
    uint64_t i;

    for (i = 0; property != NULL && i < texts->count; i++)
        if (fit_put_bytes(call, property, items[i].bytes, items[i].length + 1) != KP_OK)
            return KP_FAILED;
    return property == NULL ? KP_FAILED : KP_OK;
}

int32_t fit_add_cell(struct kp_call *call, struct fit_node *node, const char *name, uint32_t value)
{
    struct fit_property *property = fit_add_property(call, node, name);

    return property == NULL ? KP_FAILED : fit_put_cell(call, property, value);
}

char *fit_copy_text(struct kp_call *call, const char *text)
{
    const size_t size = strlen(text) + 1;
    char *copy = call->host->alloc(call, size);

    if (copy != NULL)
        memcpy(copy, text, size);
    return copy;
}
