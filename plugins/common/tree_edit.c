/* SPDX-License-Identifier: BSD-3-Clause
 *
 * common/tree_edit.c - the parameters `delete` and `set`: nodes and properties of a flattened tree
 * taken out and put in.
 *
 * Nodes are named by their whole path; a unit address may be left out where it is clear,
 * as libfdt does it.
 */
#include <string.h>

#include "tree_edit.h"

int32_t tree_result(struct kp_call *call, const void *field, const char *what, int code)
{
    if (code >= 0)
        return KP_OK;
    if (code == -FDT_ERR_NOSPACE)
        return TREE_NO_SPACE;
    return kp_fail_at(call, field, NULL, "%s: libfdt: %s", what, fdt_strerror(code));
}

const char *tree_text(const void *tree, int node, const char *property, int *found)
{
    int length = 0;
    const char *text = fdt_getprop(tree, node, property, &length);

    if (found != NULL)
        *found = text != NULL;
    if (text == NULL || length < 1 || memchr(text, 0, (size_t)length) != text + length - 1)
        return NULL;
    return text;
}

/* The characters of Devicetree Specification 0.4, tables 2.1 and 2.2, as dtc reads them. */
static int is_name(const char *name, size_t length)
{
    static const char others[] = ",._+*#?-@";
    size_t i;

    for (i = 0; i < length; i++) {
        const char c = name[i];

        if ((c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') &&
            memchr(others, c, sizeof(others) - 1) == NULL)
            return 0;
    }
    return length > 0 && length <= TREE_NAME;
}

/* "/", "/soc/serial@0". */
static int32_t check_path(struct kp_call *call, const struct kp_text *path)
{
    const char *p = path->bytes;
    size_t length;

    if (strcmp(p, "/") == 0)
        return KP_OK;
    while (*p == '/') {
        length = strcspn(p + 1, "/");
        if (!is_name(p + 1, length))
            break;
        p += 1 + length;
        if (*p == 0)
            return KP_OK;
    }
    return kp_fail_at(call, path, "give the whole path, as in /soc/serial@0",
                      "node: %s: not the path of a node", path->bytes);
}

static int32_t check_property(struct kp_call *call, const struct kp_text *property)
{
    if (is_name(property->bytes, (size_t)property->length))
        return KP_OK;
    return kp_fail_at(call, property, NULL, "property: %s: not the name of a property",
                      property->bytes);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int64_t tree_read_bytes(const char *text, uint8_t *to)
{
    int64_t count = 0;

    for (; *text != 0; text++) {
        if (*text == ' ')
            continue;
        if (hex_digit(text[0]) < 0 || hex_digit(text[1]) < 0)
            return -1;
        if (to != NULL)
            to[count] = (uint8_t)(hex_digit(text[0]) << 4 | hex_digit(text[1]));
        count++;
        text++;
    }
    return count;
}

static uint64_t strings_length(const struct kp_list *list)
{
    const struct kp_text *texts = list->items;
    uint64_t i, length = 0;

    for (i = 0; i < list->count; i++)
        length += texts[i].length + 1;
    return length;
}

static uint64_t value_length(struct kp_call *call, const struct tree_set *s)
{
    if (s->has_text)
        return s->text.length + 1;
    if (s->has_strings)
        return strings_length(&s->strings);
    if (s->has_cells)
        return 4 * s->cells.count;
    if (s->has_cells64)
        return 8 * s->cells64.count;
    if (s->has_bytes)
        return (uint64_t)tree_read_bytes(s->bytes.bytes, NULL);
    return s->has_image ? kp_size(call, s->image) : 0;
}

static int32_t check_set(struct kp_call *call, const struct tree_set *s)
{
    const int values =
        s->has_text + s->has_strings + s->has_cells + s->has_cells64 + s->has_bytes + s->has_image;

    if (check_path(call, &s->node) != KP_OK ||
        (s->has_property && check_property(call, &s->property) != KP_OK))
        return KP_FAILED;
    if (values > 1)
        return kp_fail_at(call, &s->node, "give one of text, strings, cells, cells64, bytes, image",
                          "%s: %d values", s->property.bytes, values);
    if (values == 1 && !s->has_property)
        return kp_fail_at(call, &s->node, "give property: NAME", "%s: a value without a property",
                          s->node.bytes);
    if (!s->has_property && !s->create)
        return kp_fail_at(call, &s->node, "give property: NAME, or create: true",
                          "%s: nothing to set", s->node.bytes);
    if (s->has_bytes && tree_read_bytes(s->bytes.bytes, NULL) < 0)
        return kp_fail_at(call, &s->bytes, "as in '00 1f ff'",
                          "bytes: %s: not pairs of hexadecimal digits", s->bytes.bytes);
    return KP_OK;
}

int32_t tree_check_edits(struct kp_call *call, const struct kp_list *removed,
                         const struct kp_list *changed)
{
    const struct tree_delete *removals = removed->items;
    const struct tree_set *sets = changed->items;
    uint64_t i;

    for (i = 0; i < removed->count; i++) {
        if (check_path(call, &removals[i].node) != KP_OK ||
            (removals[i].has_property && check_property(call, &removals[i].property) != KP_OK))
            return KP_FAILED;
        if (!removals[i].has_property && strcmp(removals[i].node.bytes, "/") == 0)
            return kp_fail_at(call, &removals[i].node, NULL, "node: /: the root stays");
    }
    for (i = 0; i < changed->count; i++)
        if (check_set(call, &sets[i]) != KP_OK)
            return KP_FAILED;
    return KP_OK;
}

/* A node of one letter takes 12 bytes and 2 of its path; a property 12 and its name. */
uint64_t tree_edits_need(struct kp_call *call, const struct kp_list *changed)
{
    const struct tree_set *sets = changed->items;
    uint64_t i, needs = 0;

    for (i = 0; i < changed->count; i++)
        needs +=
            64 + 8 * sets[i].node.length + sets[i].property.length + value_length(call, &sets[i]);
    return needs;
}

static int32_t delete_one(struct kp_call *call, void *tree, const struct tree_delete *d)
{
    const int node = fdt_path_offset(tree, d->node.bytes);
    int code;

    if (node < 0)
        return kp_fail_at(call, &d->node, NULL, "delete: %s: there is no such node", d->node.bytes);
    code = d->has_property ? fdt_delprop(tree, node, d->property.bytes) : fdt_del_node(tree, node);
    if (code == -FDT_ERR_NOTFOUND)
        return kp_fail_at(call, &d->property, NULL, "delete: %s: %s has no such property",
                          d->property.bytes, d->node.bytes);
    return tree_result(call, &d->node, "delete", code);
}

/* The node, or a negative code; makes what is missing of its path if that is wished. */
static int find_node(void *tree, const struct tree_set *s)
{
    const char *p = s->node.bytes;
    int node = fdt_path_offset(tree, p), parent = 0;
    size_t length;

    if (node != -FDT_ERR_NOTFOUND || !s->create)
        return node;
    for (; *p == '/'; p += 1 + length, parent = node) {
        length = strcspn(p + 1, "/");
        node = fdt_subnode_offset_namelen(tree, parent, p + 1, (int)length);
        if (node == -FDT_ERR_NOTFOUND)
            node = fdt_add_subnode_namelen(tree, parent, p + 1, (int)length);
        if (node < 0)
            return node;
    }
    return node;
}

static int32_t write_value(struct kp_call *call, const struct tree_set *s, uint8_t *to)
{
    const struct kp_text *texts = s->strings.items;
    const uint64_t *cells = s->cells.items, *cells64 = s->cells64.items;
    uint64_t i;

    if (s->has_text)
        memcpy(to, s->text.bytes, (size_t)s->text.length + 1);
    for (i = 0; i < s->strings.count; to += texts[i].length + 1, i++)
        memcpy(to, texts[i].bytes, (size_t)texts[i].length + 1);
    for (i = 0; i < s->cells.count; i++)
        kp_put_be32(to + 4 * i, (uint32_t)cells[i]);
    for (i = 0; i < s->cells64.count; i++)
        kp_put_be64(to + 8 * i, cells64[i]);
    if (s->has_bytes)
        tree_read_bytes(s->bytes.bytes, to);
    if (s->has_image)
        return call->host->image_read(call, s->image, 0, to, kp_size(call, s->image));
    return KP_OK;
}

static int32_t set_one(struct kp_call *call, void *tree, const struct tree_set *s)
{
    const uint64_t length = value_length(call, s);
    const int node = find_node(tree, s);
    void *to = NULL;
    int code;

    if (node == -FDT_ERR_NOTFOUND)
        return kp_fail_at(call, &s->node, "create: true makes it", "set: %s: there is no such node",
                          s->node.bytes);
    if (node < 0 || !s->has_property)
        return tree_result(call, &s->node, "set", node);
    code = fdt_setprop_placeholder(tree, node, s->property.bytes, (int)length, &to);
    if (code != 0)
        return tree_result(call, &s->property, "set", code);
    return write_value(call, s, to);
}

int32_t tree_apply_edits(struct kp_call *call, void *tree, const struct kp_list *removed,
                         const struct kp_list *changed)
{
    const struct tree_delete *removals = removed->items;
    const struct tree_set *sets = changed->items;
    int32_t result = KP_OK;
    uint64_t i;

    for (i = 0; result == KP_OK && i < removed->count; i++)
        result = delete_one(call, tree, &removals[i]);
    for (i = 0; result == KP_OK && i < changed->count; i++)
        result = set_one(call, tree, &sets[i]);
    return result;
}

const struct kp_param *const tree_delete_table[] = {
    KP_TEXT(struct tree_delete, node, .flags = KP_PARAM_REQUIRED, .summary = "path of a node"),
    KP_TEXT(struct tree_delete, property, .presence = offsetof(struct tree_delete, has_property),
            .summary = "its property; without one the node goes with all that is in it"),
    NULL,
};

const struct kp_param *const tree_set_table[] = {
    KP_TEXT(struct tree_set, node, .flags = KP_PARAM_REQUIRED, .summary = "path of a node"),
    KP_TEXT(struct tree_set, property, .presence = offsetof(struct tree_set, has_property),
            .summary = "its property, which becomes what stands below, or empty"),
    KP_TEXT(struct tree_set, text, .presence = offsetof(struct tree_set, has_text),
            .summary = "a text"),
    KP_TEXT_LIST(struct tree_set, strings, .presence = offsetof(struct tree_set, has_strings),
                 .summary = "several texts, as in compatible"),
    KP_UINT_LIST(struct tree_set, cells, .presence = offsetof(struct tree_set, has_cells),
                 .maximum = UINT32_MAX, .flags = KP_PARAM_HEX, .summary = "numbers of 32 bits"),
    KP_UINT_LIST(struct tree_set, cells64, .presence = offsetof(struct tree_set, has_cells64),
                 .flags = KP_PARAM_HEX, .summary = "numbers of 64 bits"),
    KP_TEXT(struct tree_set, bytes, .presence = offsetof(struct tree_set, has_bytes),
            .summary = "bytes, each as two hexadecimal digits"),
    KP_IMAGE(struct tree_set, image, .presence = offsetof(struct tree_set, has_image),
             .summary = "the bytes of an image"),
    KP_BOOL(struct tree_set, create, .fallback = "false",
            .summary = "make the node, and those above it, if the tree does not have it"),
    NULL,
};
