/* SPDX-License-Identifier: BSD-3-Clause
 *
 * dtb/check.c - walks through a device tree once, from its header to its last token.
 *
 * What passes here has every offset, name and length inside its block, a reservation list
 * and a structure that end, and no more nesting than Linux takes. What a property's value
 * means is not looked at. Rules: Devicetree Specification 0.4, sections 5.2 to 5.6.
 */
#include <string.h>

#include "dtb.h"

struct walk {
    struct kp_call *call;
    struct dtb_blob *blob;
    uint64_t at;           /* in the structure block: the next token */
    uint64_t strings_end;  /* in the strings block: behind its last NUL */
    uint32_t depth;        /* open nodes */
    int may_have_property; /* properties stand before child nodes */
    int root_done;
    int in_references; /* in an overlay's list of places that refer to something */
};

#define FAIL(call, blob, hint, format, ...)                                                        \
    kp_fail_at((call), (blob)->field, (hint), "%s: " format, (blob)->name, __VA_ARGS__)

static int32_t check_version(struct kp_call *call, const struct dtb_blob *b)
{
    if (b->last_compatible > 17 || b->version < b->last_compatible)
        return FAIL(call, b, NULL, "version: %u, readable as %u: only 16 and 17 are known",
                    (unsigned)b->version, (unsigned)b->last_compatible);
    if (b->version < 16)
        return FAIL(call, b, "`dtc -I dtb -O dtb` writes it as version 17",
                    "version: %u: older than 16", (unsigned)b->version);
    return KP_OK;
}

static int32_t check_block(struct kp_call *call, const struct dtb_blob *b, const char *name,
                           uint32_t at, uint32_t size, uint32_t alignment)
{
    const uint32_t header = b->version < 17 ? DTB_HEADER_SIZE_16 : DTB_HEADER_SIZE;

    if (at < header || !kp_inside(b->totalsize, at, size))
        return FAIL(call, b, NULL, "%s: %u bytes at 0x%x: not inside a tree of %u", name,
                    (unsigned)size, (unsigned)at, (unsigned)b->totalsize);
    if (at % alignment != 0)
        return FAIL(call, b, NULL, "%s: at 0x%x: not aligned to %u", name, (unsigned)at,
                    (unsigned)alignment);
    return KP_OK;
}

int32_t dtb_read_header(struct kp_call *call, struct dtb_blob *b)
{
    const uint8_t *h = b->bytes;

    b->totalsize = kp_be32(h + DTB_AT_TOTALSIZE);
    b->struct_at = kp_be32(h + DTB_AT_STRUCT);
    b->strings_at = kp_be32(h + DTB_AT_STRINGS);
    b->reservations_at = kp_be32(h + DTB_AT_RESERVATIONS);
    b->version = kp_be32(h + DTB_AT_VERSION);
    b->last_compatible = kp_be32(h + DTB_AT_LAST_COMPATIBLE);
    b->boot_cpu = kp_be32(h + DTB_AT_BOOT_CPU);
    b->strings_size = kp_be32(h + DTB_AT_STRINGS_SIZE);
    b->struct_size = kp_be32(h + DTB_AT_STRUCT_SIZE);
    if (kp_be32(h) != DTB_MAGIC)
        return FAIL(call, b, "compile device tree source with dtc first",
                    "magic: 0x%08x: not a device tree's 0x%08x", (unsigned)kp_be32(h), DTB_MAGIC);
    if (b->totalsize > b->file_size)
        return FAIL(call, b, "the file was cut short: get it again",
                    "totalsize: %u bytes: the file has %llu", (unsigned)b->totalsize,
                    (unsigned long long)b->file_size);
    if (b->totalsize < DTB_HEADER_SIZE || b->totalsize > DTB_LIMIT)
        return FAIL(call, b, NULL, "totalsize: %u bytes: not between %u and %u",
                    (unsigned)b->totalsize, DTB_HEADER_SIZE, DTB_LIMIT);
    return check_version(call, b);
}

int32_t dtb_load(struct kp_call *call, const struct kp_image *image, struct dtb_blob *b)
{
    uint8_t header[DTB_HEADER_SIZE];

    b->file_size = kp_size(call, image);
    if (b->file_size < DTB_HEADER_SIZE)
        return FAIL(call, b, NULL, "header: %llu bytes: a device tree's needs %u",
                    (unsigned long long)b->file_size, DTB_HEADER_SIZE);
    if (call->host->image_read(call, image, 0, header, sizeof(header)) != KP_OK)
        return KP_FAILED;
    b->bytes = header;
    if (dtb_read_header(call, b) != KP_OK)
        return KP_FAILED;
    b->bytes = call->host->alloc(call, b->totalsize);
    if (b->bytes == NULL)
        return KP_FAILED;
    return call->host->image_read(call, image, 0, b->bytes, b->totalsize);
}

/* Pairs of address and size, up to one whose size is 0: there libfdt and Linux stop. */
static int32_t check_reservations(struct kp_call *call, struct dtb_blob *b)
{
    uint64_t at = b->reservations_at, size;

    if (check_block(call, b, "memory reservations", b->reservations_at, 16, 8) != KP_OK)
        return KP_FAILED;
    for (b->reservations = 0;; b->reservations++, at += 16) {
        if (!kp_inside(b->totalsize, at, 16))
            return FAIL(call, b, NULL, "memory reservations: no end after %llu entries",
                        (unsigned long long)b->reservations);
        size = kp_be64(b->bytes + at + 8);
        if (size == 0)
            return KP_OK;
    }
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

static int32_t bad(const struct walk *w, const char *what)
{
    return FAIL(w->call, w->blob, NULL, "structure: 0x%llx: %s",
                (unsigned long long)(w->blob->struct_at + w->at), what);
}

static int32_t begin_node(struct walk *w)
{
    const struct dtb_blob *b = w->blob;
    const uint8_t *name = b->bytes + b->struct_at + w->at + 4;
    const uint8_t *end;
    uint64_t length;

    if (w->root_done)
        return bad(w, "a second root node");
    if (w->depth == DTB_DEPTH)
        return bad(w, "nodes nested deeper than 64");
    end = memchr(name, 0, (size_t)(b->struct_size - w->at - 4));
    if (end == NULL)
        return bad(w, "a node's name without an end");
    length = (uint64_t)(end - name);
    if (w->depth == 0 && length != 0)
        return bad(w, "the root node has a name");
    if ((w->depth > 0 && length == 0) || !is_name(name, length))
        return bad(w, "a node's name is empty or has characters that no name has");
    if (w->depth == 1)
        w->in_references = strcmp((const char *)name, "__fixups__") == 0 ||
                           strcmp((const char *)name, "__local_fixups__") == 0;
    w->depth++;
    w->may_have_property = 1;
    w->blob->nodes++;
    w->at += 4 + ((length + 1 + 3) & ~(uint64_t)3);
    return KP_OK;
}

static int32_t property(struct walk *w)
{
    const struct dtb_blob *b = w->blob;
    const uint8_t *structure = b->bytes + b->struct_at;
    const uint8_t *strings = b->bytes + b->strings_at;
    uint32_t length, name;
    size_t name_length;

    if (w->depth == 0 || !w->may_have_property)
        return bad(w, "a property outside of a node, or behind its child nodes");
    if (!kp_read_be32(structure, b->struct_size, w->at + 4, &length) ||
        !kp_read_be32(structure, b->struct_size, w->at + 8, &name) ||
        !kp_inside(b->struct_size, w->at + 12, length))
        return bad(w, "a property that is longer than the structure");
    if (name >= w->strings_end)
        return bad(w, "a property whose name is not in the strings block");
    name_length = strnlen((const char *)strings + name, DTB_NAME + 1);
    if (name_length == 0 || name_length > DTB_NAME || !is_name(strings + name, name_length))
        return bad(w, "a property's name is empty, too long or has characters that no name has");
    w->blob->properties++;
    if (w->in_references)
        w->blob->references += length / 4;
    w->at += 12 + (((uint64_t)length + 3) & ~(uint64_t)3);
    return KP_OK;
}

static int32_t end_node(struct walk *w)
{
    if (w->depth == 0)
        return bad(w, "the end of a node that has not begun");
    w->depth--;
    w->root_done = w->depth == 0;
    w->may_have_property = 0;
    w->at += 4;
    return KP_OK;
}

/* One token; *ended if it was the last. */
static int32_t step(struct walk *w, int *ended)
{
    uint32_t token;

    if (!kp_read_be32(w->blob->bytes + w->blob->struct_at, w->blob->struct_size, w->at, &token))
        return bad(w, "the structure has no end");
    switch (token) {
    case FDT_BEGIN_NODE:
        return begin_node(w);
    case FDT_PROP:
        return property(w);
    case FDT_END_NODE:
        return end_node(w);
    case FDT_NOP:
        w->at += 4;
        return KP_OK;
    case FDT_END:
        *ended = 1;
        return w->root_done ? KP_OK : bad(w, "the structure ends within a node");
    default:
        return bad(w, "a token that the format does not have");
    }
}

static int32_t check_structure(struct kp_call *call, struct dtb_blob *b)
{
    const uint8_t *strings = b->bytes + b->strings_at;
    struct walk w = {.call = call, .blob = b, .strings_end = b->strings_size};
    int ended = 0;

    while (w.strings_end > 0 && strings[w.strings_end - 1] != 0)
        w.strings_end--;
    b->nodes = b->properties = b->references = 0;
    while (!ended)
        if (step(&w, &ended) != KP_OK)
            return KP_FAILED;
    return KP_OK;
}

int32_t dtb_check(struct kp_call *call, struct dtb_blob *b)
{
    int code;

    if (b->version < 17 && b->struct_at < b->totalsize)
        b->struct_size = b->totalsize - b->struct_at;
    if (check_block(call, b, "structure", b->struct_at, b->struct_size, 4) != KP_OK ||
        check_block(call, b, "strings", b->strings_at, b->strings_size, 1) != KP_OK ||
        check_reservations(call, b) != KP_OK || check_structure(call, b) != KP_OK)
        return KP_FAILED;
    code = fdt_check_full(b->bytes, b->totalsize);
    if (code != 0)
        return FAIL(call, b, NULL, "libfdt: %s", fdt_strerror(code));
    return KP_OK;
}
