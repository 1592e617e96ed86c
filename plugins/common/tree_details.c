/* SPDX-License-Identifier: BSD-3-Clause
 *
 * common/tree_details.c - tells each node and property of a device tree, so that trees can be compared by
 * their paths: "/soc/uart@1000:reg". Values are written as dtc does: texts in quotes, cells in <>,
 * all else as bytes in []. A property does not say which of these it is; what looks like texts is
 * taken for texts.
 */
#include <string.h>

#include "tree_details.h"

/* Nodes within nodes that are told of, and characters of a name. */
#define DEPTH 64u
#define NAME 255u
/* Longest path that is told of, and most bytes of a value that are written out. */
#define PATH_SIZE 4096u
#define VALUE_MOST 4096u
/* Bytes of a longer one that are. */
#define VALUE_BEGIN 64u
/* Most characters that a byte takes: texts of one character each have quotes, a comma and a blank
 * for two bytes, cells a little less. */
#define BYTE_TEXT 4u

struct teller {
    struct kp_call *call;
    const void *tree;
    int located;
    char path[PATH_SIZE + NAME + 2];
    size_t lengths[DEPTH + 1]; /* of the path up to the open node of each depth */
    char text[VALUE_MOST * BYTE_TEXT + 80];
    size_t length; /* of the text */
};

KP_PRINTF(2, 3)
static void add(struct teller *t, const char *format, ...)
{
    const size_t room = sizeof(t->text) - t->length;
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(t->text + t->length, room, format, arguments);
    va_end(arguments);
    if (length > 0)
        t->length += (size_t)length < room ? (size_t)length : room - 1;
}

/* One text or several, none of them empty, of characters that can be seen. */
static int is_texts(const uint8_t *value, uint32_t length)
{
    uint32_t i;

    if (length < 2 || value[length - 1] != 0 || value[0] == 0)
        return 0;
    for (i = 0; i < length; i++)
        if ((value[i] != 0 && (value[i] < ' ' || value[i] > '~')) ||
            (value[i] == 0 && i > 0 && value[i - 1] == 0))
            return 0;
    return 1;
}

static void add_texts(struct teller *t, const uint8_t *value, uint32_t length)
{
    uint32_t i;

    add(t, "\"");
    for (i = 0; i + 1 < length; i++)
        if (value[i] == 0)
            add(t, "\", \"");
        else
            add(t, "%s%c", value[i] == '"' || value[i] == '\\' ? "\\" : "", value[i]);
    add(t, "\"");
}

static void add_cells(struct teller *t, const uint8_t *value, uint32_t length)
{
    uint32_t i;

    for (i = 0; i + 4 <= length; i += 4)
        add(t, "%s0x%x", i == 0 ? "<" : " ", (unsigned)kp_be32(value + i));
    add(t, ">");
}

static void add_bytes(struct teller *t, const uint8_t *value, uint32_t length)
{
    uint32_t i;

    for (i = 0; i < length; i++)
        add(t, "%s%02x", i == 0 ? "[" : " ", (unsigned)value[i]);
    add(t, "]");
}

/* FNV-1a of 64 bits: tells long values apart. */
static uint64_t hash(const uint8_t *value, uint32_t length)
{
    uint64_t sum = UINT64_C(0xcbf29ce484222325);
    uint32_t i;

    for (i = 0; i < length; i++)
        sum = (sum ^ value[i]) * UINT64_C(0x100000001b3);
    return sum;
}

static void write_value(struct teller *t, const uint8_t *value, uint32_t length)
{
    t->length = 0;
    if (length == 0) {
        add(t, "empty");
    } else if (length > VALUE_MOST) {
        add_bytes(t, value, VALUE_BEGIN);
        add(t, " and more: %u bytes, hash 0x%016llx", (unsigned)length,
            (unsigned long long)hash(value, length));
    } else if (is_texts(value, length)) {
        add_texts(t, value, length);
    } else if (length % 4 == 0) {
        add_cells(t, value, length);
    } else {
        add_bytes(t, value, length);
    }
}

/* The properties of the node whose path has that length. */
static int32_t tell_properties(struct teller *t, int node, size_t length)
{
    int property;

    fdt_for_each_property_offset(property, t->tree, node) {
        const char *name;
        int size;
        const uint8_t *value = fdt_getprop_by_offset(t->tree, property, &name, &size);

        if (value == NULL || size < 0)
            continue;
        snprintf(t->path + length, sizeof(t->path) - length, "%s:%s", length == 0 ? "/" : "", name);
        write_value(t, value, (uint32_t)size);
        if (kp_detail_text(t->call, t->path,
                           t->located ? (uint64_t)(value - (const uint8_t *)t->tree) : 0,
                           t->located ? (uint64_t)size : 0, t->text) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

/* A node and its properties; what lies too deep for a path is left out, with all below it. */
static int32_t tell_node(struct teller *t, int node, unsigned depth)
{
    const size_t parent = depth == 0 ? 0 : t->lengths[depth - 1];
    const char *name = fdt_get_name(t->tree, node, NULL);
    const size_t length = depth == 0 || name == NULL ? 0 : strlen(name) + 1;

    t->lengths[depth] = PATH_SIZE;
    if (name == NULL || parent + length >= PATH_SIZE)
        return KP_OK;
    t->lengths[depth] = parent + length;
    if (depth > 0) {
        snprintf(t->path + parent, sizeof(t->path) - parent, "/%s", name);
        if (kp_detail_text(t->call, t->path, 0, 0, "node") != KP_OK)
            return KP_FAILED;
    }
    return tell_properties(t, node, parent + length);
}

int32_t tree_tell_details(struct kp_call *call, const void *tree, int located)
{
    struct teller *t = call->host->alloc(call, sizeof(*t));
    int node, depth = -1; /* libfdt counts a node that it enters */

    if (t == NULL)
        return KP_FAILED;
    t->call = call;
    t->tree = tree;
    t->located = located;
    for (node = fdt_next_node(tree, -1, &depth); node >= 0 && depth >= 0;
         node = fdt_next_node(tree, node, &depth))
        if (call->host->cancelled(call) || tell_node(t, node, (unsigned)depth) != KP_OK)
            return KP_FAILED;
    return KP_OK;
}
