/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/more.c - what a recipe can add to any node: properties and nodes that the tables do not know,
 * and an order.
 */
#include <string.h>

#include "fit.h"

int32_t fit_read_hex(struct kp_call *call, const struct kp_text *text, uint8_t **bytes,
                     uint64_t *length)
{
    const int64_t count = tree_read_bytes(text->bytes, NULL);

    if (count < 0)
        return kp_fail_at(call, text, "as in '00 1f ff'", "%.40s: not pairs of hexadecimal digits",
                          text->bytes);
    *length = (uint64_t)count;
    *bytes = call->host->alloc(call, *length + 1);
    if (*bytes == NULL)
        return KP_FAILED;
    tree_read_bytes(text->bytes, *bytes);
    return KP_OK;
}

int32_t fit_put_hex(struct kp_call *call, struct fit_property *property, const struct kp_text *text)
{
    uint64_t length = 0;
    uint8_t *bytes = NULL;

    if (fit_read_hex(call, text, &bytes, &length) != KP_OK)
        return KP_FAILED;
    return fit_put_bytes(call, property, bytes, length);
}

static int32_t make_one_more(struct kp_call *call, struct fit_node *node,
                             const struct fit_more *more)
{
    const int values = more->has_text + more->has_bytes + more->has_strings + more->has_cells;
    const uint64_t *cells = more->cells.items;
    struct fit_property *property;
    int32_t result = KP_OK;
    uint64_t i;

    if (values > 1)
        return kp_fail_at(call, &more->name, "give one of text, strings, cells, bytes",
                          "%s: %d values", more->name.bytes, values);
    if (fit_find_property(node, more->name.bytes) != NULL)
        return kp_fail_at(call, &more->name, "change it by its own parameter",
                          "%s: the node has it already", more->name.bytes);
    if (more->has_strings)
        return fit_add_texts(call, node, more->name.bytes, &more->strings);
    property = fit_add_property(call, node, more->name.bytes);
    if (property == NULL)
        return KP_FAILED;
    if (more->has_text)
        result = fit_put_bytes(call, property, more->text.bytes, more->text.length + 1);
    else if (more->has_bytes)
        result = fit_put_hex(call, property, &more->bytes);
    for (i = 0; result == KP_OK && i < more->cells.count; i++)
        result = fit_put_cell(call, property, (uint32_t)cells[i]);
    return result;
}

int32_t fit_make_more(struct kp_call *call, struct fit_node *node, const struct kp_list *more)
{
    const struct fit_more *items = more->items;
    uint64_t i;

    for (i = 0; i < more->count; i++)
        if (make_one_more(call, node, &items[i]) != KP_OK)
            return KP_FAILED;
    return KP_OK;
}

int fit_has_text(const struct kp_list *list, const char *text)
{
    const struct kp_text *texts = list->items;
    uint64_t i;

    for (i = 0; i < list->count; i++)
        if (strcmp(texts[i].bytes, text) == 0)
            return 1;
    return 0;
}

int32_t fit_reorder(struct kp_call *call, struct fit_node *node, const struct kp_list *order)
{
    const struct kp_text *names = order->items;
    struct fit_property *first = NULL, **end = &first, *property;
    uint64_t i;

    for (i = 0; i < order->count; i++) {
        property = fit_find_property(node, names[i].bytes);
        if (property == NULL)
            return kp_fail_at(call, &names[i], "leave it out, or give it a value",
                              "order: %s: the node has no such property", names[i].bytes);
        fit_remove_property(node, property);
        property->next = NULL;
        *end = property;
        end = &property->next;
    }
    if (order->count == 0)
        return KP_OK;
    *end = NULL;
    node->properties = first;
    for (property = first; property != NULL; property = property->next)
        node->last_property = property;
    return KP_OK;
}

int32_t fit_make_nodes(struct kp_call *call, struct fit_node *node, const struct kp_list *nodes)
{
    const struct fit_node_params *items = nodes->items;
    uint64_t i;

    for (i = 0; i < nodes->count; i++) {
        struct fit_node *more;

        if (fit_find_node(node, items[i].name.bytes) != NULL)
            return kp_fail_at(call, &items[i].name, "give each its own name",
                              "nodes: %s: a second node", items[i].name.bytes);
        more = fit_add_node(call, node, items[i].name.bytes);
        if (more == NULL || fit_make_more(call, more, &items[i].properties) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}
