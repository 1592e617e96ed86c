/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/zimage/inspect.c - describes a zImage: its header, its table, what is appended.
 */
#include <string.h>

#include "zimage.h"

/* Device trees in a row that are told one by one. */
#define DTBS_MOST 256u

static int32_t number(struct kp_call *call, const char *name, uint64_t offset, uint64_t value,
                      uint32_t flags, const char *meaning)
{
    return kp_field_number(call, name, offset, 4, value, flags, meaning);
}

/* The size that Kbuild appends to the compressed kernel, little endian always. gzip's own stands there:
 * the boot code looks for it at the end of the room that it has for the kernel, wherever that
 * ends itself (head.S, get_inflated_image_size). */
static int32_t show_inflated(struct kp_call *call, const struct zimage *z, uint64_t offset)
{
    struct kp_field field = {.size = sizeof(field),
                             .type = KP_FIELD_NUMBER,
                             .flags = KP_FIELD_BYTES,
                             .name = "inflated_size",
                             .offset = offset,
                             .length = 4,
                             .of = "payload/contents",
                             .relation = KP_FIELD_SIZE_OF};
    uint8_t size[4];

    if (call->host->image_read(call, z->image, offset, size, 4) != KP_OK)
        return KP_FAILED;
    field.number = kp_le32(size);
    return call->host->field(call, &field);
}

/* The first tag: a count of its words, its magic, then what the linker script lists. The
 * count has grown with the kernels; 4.15 wrote 2 before four words. */
static int32_t show_table(struct kp_call *call, const struct zimage *z)
{
    static const struct {
        const char *name;
        uint32_t flags;
    } words[] = {{"piggy_size_addr", KP_FIELD_HEX},
                 {"kernel_bss_size", KP_FIELD_BYTES},
                 {"text_offset", KP_FIELD_HEX},
                 {"malloc_size", KP_FIELD_BYTES}};
    uint32_t count, tag, value;
    uint64_t i, at = z->table;

    if (zimage_word(call, z, at, &count) != KP_OK || zimage_word(call, z, at + 4, &tag) != KP_OK ||
        number(call, "table_words", at, count, 0, NULL) != KP_OK ||
        number(call, "table_tag", at + 4, tag,
               KP_FIELD_HEX | (tag == TABLE_TAG ? 0 : KP_FIELD_INVALID), NULL) != KP_OK)
        return KP_FAILED;
    if (tag != TABLE_TAG)
        return KP_OK;
    if (count == 2)
        count = 4;
    for (i = 0; i < sizeof(words) / sizeof(words[0]) && i + 2 < count; i++) {
        at = z->table + 8 + 4 * i;
        if (!kp_inside(z->size, at, 4))
            return kp_fail(call, "table: %u words at 0x%llx: only %llu bytes in all",
                           (unsigned)count, (unsigned long long)z->table,
                           (unsigned long long)z->size);
        if (zimage_word(call, z, at, &value) != KP_OK ||
            number(call, words[i].name, at, value, words[i].flags, NULL) != KP_OK)
            return KP_FAILED;
        if (i == 0 && kp_inside(z->size, value, 4) && show_inflated(call, z, value) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

static int32_t show_efi(struct kp_call *call, const struct zimage *z)
{
    uint8_t head[2], pe[4];
    uint32_t offset;

    if (call->host->image_read(call, z->image, 0, head, sizeof(head)) != KP_OK)
        return KP_FAILED;
    if (memcmp(head, "MZ", 2) != 0)
        return KP_OK;
    if (call->host->image_read(call, z->image, AT_PE, pe, sizeof(pe)) != KP_OK)
        return KP_FAILED;
    offset = kp_le32(pe);
    if (!kp_inside(z->size, offset, 4))
        return number(call, "pe_header", AT_PE, offset, KP_FIELD_HEX | KP_FIELD_INVALID, NULL);
    if (call->host->image_read(call, z->image, offset, pe, sizeof(pe)) != KP_OK)
        return KP_FAILED;
    return number(call, "pe_header", AT_PE, offset,
                  KP_FIELD_HEX | (memcmp(pe, "PE\0", 4) == 0 ? 0 : KP_FIELD_INVALID), "EFI stub");
}

/* What follows the zImage at once, wherever that is: the boot code knows the first device tree by its
 * address, and loaders that choose one of several look through them from there. */
static int32_t hold_behind(struct kp_call *call, const char *name, const char *role,
                           uint64_t offset, uint64_t length)
{
    const struct kp_part part = {.size = sizeof(part),
                                 .name = name,
                                 .role = role,
                                 .offset = offset,
                                 .length = length,
                                 .align = 1};

    return call->host->part(call, &part);
}

static int32_t show_dtb(struct kp_call *call, uint64_t offset, uint64_t rest, uint64_t size)
{
    const uint64_t there = size < rest ? size : rest;

    if (kp_field_number(call, "dtb", offset, there, size,
                        KP_FIELD_BYTES |
                            (size > rest || size < DTB_HEADER_SIZE ? KP_FIELD_INVALID : 0),
                        "appended device tree") != KP_OK)
        return KP_FAILED;
    return hold_behind(call, "dtb", KP_ROLE_DTB, offset, there);
}

/* What is behind the end. */
static int32_t show_rest(struct kp_call *call, const struct zimage *z)
{
    uint64_t at = z->size, size;

    for (unsigned i = 0; i < DTBS_MOST; i++) {
        if (zimage_dtb_size(call, z->image, at, &size) != KP_OK)
            return KP_FAILED;
        if (size == 0)
            break;
        if (show_dtb(call, at, z->file_size - at, size) != KP_OK)
            return KP_FAILED;
        at += size < z->file_size - at ? size : z->file_size - at;
    }
    if (at == z->file_size)
        return KP_OK;
    if (kp_field_number(call, "trailing", at, z->file_size - at, z->file_size - at, KP_FIELD_BYTES,
                        NULL) != KP_OK)
        return KP_FAILED;
    return hold_behind(call, "trailing", NULL, at, z->file_size - at);
}

/* The decompressor with the kernel inside. The table tells where that ends: behind the size that
 * Kbuild appends; where it begins nothing does. */
static int32_t show_code(struct kp_call *call, const struct zimage *z)
{
    struct kp_part payload = {.size = sizeof(payload),
                              .name = "payload",
                              .role = KP_ROLE_PAYLOAD,
                              .length = z->size,
                              .flags = KP_PART_SEARCH};
    uint32_t tag, at;

    if (kp_part_at(call, "boot", KP_ROLE_CODE, 0, z->size,
                   "the program that unpacks the payload") != KP_OK)
        return KP_FAILED;
    if (z->table != 0 && kp_inside(z->size, z->table, 12)) {
        if (zimage_word(call, z, z->table + 4, &tag) != KP_OK ||
            zimage_word(call, z, z->table + 8, &at) != KP_OK)
            return KP_FAILED;
        if (tag == TABLE_TAG && kp_inside(z->size, at, 4)) {
            payload.length = (uint64_t)at + 4;
            payload.flags |= KP_PART_ENDS | KP_PART_BARE;
        }
    }
    return call->host->part(call, &payload);
}

int32_t zimage_inspect(struct kp_call *call)
{
    struct zimage z;
    const char *order;

    if (zimage_read(call, &z) != KP_OK)
        return KP_FAILED;
    order = z.big_header ? "BE-32" : z.big_kernel ? "BE-8" : "little endian";
    if (number(call, "magic", AT_MAGIC, MAGIC, KP_FIELD_HEX, order) != KP_OK ||
        number(call, "start", AT_START, z.start, KP_FIELD_HEX, NULL) != KP_OK ||
        number(call, "end", AT_END, z.end, KP_FIELD_HEX, NULL) != KP_OK)
        return KP_FAILED;
    if (z.has_order &&
        number(call, "endianness", AT_ORDER, z.order_word, KP_FIELD_HEX, order) != KP_OK)
        return KP_FAILED;
    if (z.table != 0 && (number(call, "table", AT_TABLE, z.table, KP_FIELD_HEX, NULL) != KP_OK ||
                         show_table(call, &z) != KP_OK))
        return KP_FAILED;
    if (show_efi(call, &z) != KP_OK || show_code(call, &z) != KP_OK)
        return KP_FAILED;
    return show_rest(call, &z);
}
