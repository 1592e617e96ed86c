/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/zimage/read.c - reads and checks the header of a zImage (zimage.h). What is compressed
 * inside is not looked for.
 */
#include <string.h>

#include "zimage.h"

int32_t zimage_word(struct kp_call *call, const struct zimage *z, uint64_t offset, uint32_t *value)
{
    uint8_t bytes[4];

    if (call->host->image_read(call, z->image, offset, bytes, sizeof(bytes)) != KP_OK)
        return KP_FAILED;
    *value = z->big_header ? kp_be32(bytes) : kp_le32(bytes);
    return KP_OK;
}

static int32_t read_magic(struct kp_call *call, struct zimage *z)
{
    uint8_t bytes[4];

    if (z->file_size < HEADER_SIZE)
        return kp_fail(call, "header: %llu bytes: a zImage's needs %u",
                       (unsigned long long)z->file_size, HEADER_SIZE);
    if (call->host->image_read(call, z->image, AT_MAGIC, bytes, sizeof(bytes)) != KP_OK)
        return KP_FAILED;
    if (kp_le32(bytes) != MAGIC && kp_be32(bytes) != MAGIC)
        return kp_fail(call, "magic: 0x%08x: not a zImage's 0x%08x", (unsigned)kp_le32(bytes),
                       MAGIC);
    z->big_header = kp_be32(bytes) == MAGIC;
    return KP_OK;
}

static int32_t read_extent(struct kp_call *call, struct zimage *z)
{
    if (zimage_word(call, z, AT_START, &z->start) != KP_OK ||
        zimage_word(call, z, AT_END, &z->end) != KP_OK)
        return KP_FAILED;
    if (z->end < z->start || z->end - z->start < HEADER_SIZE)
        return kp_fail(call, "end: 0x%08x: not behind the header at 0x%08x", (unsigned)z->end,
                       (unsigned)z->start);
    z->size = z->end - z->start;
    if (z->size > z->file_size)
        return kp_fail_at(call, NULL, "the file was cut short: get it again",
                          "end - start: %llu bytes: the file has %llu", (unsigned long long)z->size,
                          (unsigned long long)z->file_size);
    return KP_OK;
}

/* Before the endianness word was added, code stood there: then the magic decides. */
static int32_t read_order(struct kp_call *call, struct zimage *z)
{
    if (zimage_word(call, z, AT_ORDER, &z->order_word) != KP_OK)
        return KP_FAILED;
    z->has_order = z->order_word == ORDER || z->order_word == ORDER_SWAPPED;
    z->big_kernel = z->big_header;
    if (z->has_order && !z->big_header)
        z->big_kernel = z->order_word == ORDER_SWAPPED;
    if (z->has_order && z->big_header && z->order_word == ORDER_SWAPPED)
        return kp_fail(call, "endianness: the magic is big endian: the word at 0x30 is little");
    return KP_OK;
}

static int32_t read_table_offset(struct kp_call *call, struct zimage *z)
{
    uint32_t magic, offset;

    if (!z->has_order || zimage_word(call, z, AT_TABLE_MAGIC, &magic) != KP_OK)
        return z->has_order ? KP_FAILED : KP_OK;
    if (magic != TABLE_MAGIC)
        return KP_OK;
    if (zimage_word(call, z, AT_TABLE, &offset) != KP_OK)
        return KP_FAILED;
    /* At least the first tag's two words. */
    if (offset < HEADER_SIZE - 4 || offset % 4 != 0 || !kp_inside(z->size, offset, 8))
        return kp_fail(call, "table: 0x%x: no place for it in %llu bytes", (unsigned)offset,
                       (unsigned long long)z->size);
    z->table = offset;
    return KP_OK;
}

/* A board of another architecture would not start it. */
int32_t zimage_set_arch(struct kp_call *call)
{
    struct kp_text known;
    const struct kp_arch *arch = NULL;

    if (call->host->trait_text(call, call->input, KP_TRAIT_ARCH, &known))
        arch = call->host->arch(call, known.bytes);
    if (arch != NULL && strcmp(arch->name, "arm") != 0)
        return kp_fail_at(call, NULL, "correct arch: in the recipe, or take another kernel",
                          "arch: %s: a zImage is one of arm", arch->name);
    return call->host->set_text(call, call->output, KP_TRAIT_ARCH, "arm");
}

int32_t zimage_read(struct kp_call *call, struct zimage *z)
{
    memset(z, 0, sizeof(*z));
    z->image = call->input;
    z->file_size = kp_size(call, call->input);
    if (read_magic(call, z) != KP_OK || read_extent(call, z) != KP_OK ||
        read_order(call, z) != KP_OK || read_table_offset(call, z) != KP_OK)
        return KP_FAILED;
    return zimage_set_arch(call);
}
