/* SPDX-License-Identifier: BSD-3-Clause
 *
 * dtb/check.c - checks a device tree from its header to its last token; the tokens are
 * common/tree_walk.c's.
 *
 * What passes here has every block inside the tree, and a reservation list that ends. Rules:
 * Devicetree Specification 0.4, sections 5.2, 5.3 and 5.6.
 */
#include <string.h>

#include "../../common/tree_walk.h"
#include "dtb.h"

struct counts {
    struct dtb_blob *blob;
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

/* Counts what makes applying an overlay long. */
static int32_t count_node(struct tree_walk *walk, const char *name, uint64_t length)
{
    struct counts *counts = walk->data;

    (void)length;
    if (walk->depth == 1)
        counts->in_references =
            strcmp(name, "__fixups__") == 0 || strcmp(name, "__local_fixups__") == 0;
    counts->blob->nodes++;
    return KP_OK;
}

static int32_t count_property(struct tree_walk *walk, const char *name, const uint8_t *value,
                              uint32_t length)
{
    struct counts *counts = walk->data;

    (void)name, (void)value;
    counts->blob->properties++;
    if (counts->in_references)
        counts->blob->references += length / 4;
    return KP_OK;
}

static int32_t check_structure(struct kp_call *call, struct dtb_blob *b)
{
    struct counts counts = {.blob = b};
    struct tree_walk walk = {.call = call,
                             .name = b->name,
                             .field = b->field,
                             .structure = b->bytes + b->struct_at,
                             .structure_size = b->struct_size,
                             .structure_at = b->struct_at,
                             .strings = b->bytes + b->strings_at,
                             .strings_size = b->strings_size,
                             .begin = count_node,
                             .property = count_property,
                             .data = &counts};

    b->nodes = b->properties = b->references = 0;
    return tree_walk(&walk);
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
