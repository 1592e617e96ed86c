/* SPDX-License-Identifier: BSD-3-Clause
 *
 * uimage/inspect.c - describes a uImage by the field names of U-Boot's image.h.
 *
 * A wrong checksum is shown as such; only what cannot be read at all fails.
 */
#include <string.h>

#include "uimage.h"

/* Parts that are shown one by one. */
#define PARTS_SHOWN 64u

static int32_t number(struct kp_call *call, const char *name, uint64_t offset, uint64_t value,
                      uint32_t flags, const char *meaning)
{
    const uint64_t length = offset >= UIMAGE_AT_OS ? 1 : 4;

    return kp_field_number(call, name, offset, length, value, flags, meaning);
}

/* A number that tells how long a part is; the parts are "part", "part-2", and so on. */
static int32_t size_of(struct kp_call *call, const char *name, uint64_t offset, uint64_t value,
                       uint32_t flags, const char *part)
{
    const struct kp_field field = {.size = sizeof(field),
                                   .type = KP_FIELD_NUMBER,
                                   .flags = KP_FIELD_BYTES | flags,
                                   .name = name,
                                   .offset = offset,
                                   .length = 4,
                                   .number = value,
                                   .of = part,
                                   .relation = part == NULL ? 0 : KP_FIELD_SIZE_OF};

    return call->host->field(call, &field);
}

static int32_t show_header(struct kp_call *call, const struct uimage_header *h, uint32_t size_flag,
                           uint32_t dcrc_flag)
{
    const uint32_t hcrc_flag = h->hcrc == h->computed_hcrc ? 0 : KP_FIELD_INVALID;

    if (number(call, "ih_magic", UIMAGE_AT_MAGIC, UIMAGE_MAGIC, KP_FIELD_HEX, NULL) ||
        number(call, "ih_hcrc", UIMAGE_AT_HCRC, h->hcrc, KP_FIELD_HEX | hcrc_flag, NULL) ||
        number(call, "ih_time", UIMAGE_AT_TIME, h->time, KP_FIELD_TIME, NULL) ||
        size_of(call, "ih_size", UIMAGE_AT_SIZE, h->size, size_flag,
                uimage_has_parts(h->type) ? NULL : "data") ||
        number(call, "ih_load", UIMAGE_AT_LOAD, h->load, KP_FIELD_HEX, NULL) ||
        number(call, "ih_ep", UIMAGE_AT_EP, h->entry, KP_FIELD_HEX, NULL) ||
        number(call, "ih_dcrc", UIMAGE_AT_DCRC, h->dcrc, KP_FIELD_HEX | dcrc_flag, NULL) ||
        number(call, "ih_os", UIMAGE_AT_OS, h->os, 0, uimage_os_name(h->os)) ||
        number(call, "ih_arch", UIMAGE_AT_ARCH, h->arch, 0, uboot_arch_name(h->arch)) ||
        number(call, "ih_type", UIMAGE_AT_TYPE, h->type, 0,
               uboot_choice_name(uimage_types, h->type)) ||
        number(call, "ih_comp", UIMAGE_AT_COMP, h->compression, 0,
               uboot_choice_name(uboot_compressions, h->compression)))
        return KP_FAILED;
    return kp_field_text(call, "ih_name", UIMAGE_AT_NAME, UIMAGE_NAME_SIZE, h->name,
                         h->name_length);
}

/* The list of sizes before the parts. */
static int32_t show_parts(struct kp_call *call, const struct uimage_header *header)
{
    struct uimage_part part = {0, 0};
    uint64_t count = 0, i;
    char name[32], of[32];

    if (uimage_find_part(call, header, 0, &count, &part) != KP_OK ||
        kp_field_number(call, "parts", UIMAGE_HEADER_SIZE, 0, count, 0, NULL) != KP_OK)
        return KP_FAILED;
    for (i = 0; i < count && i < PARTS_SHOWN; i++) {
        snprintf(name, sizeof(name), "part[%u]", (unsigned)i);
        uimage_part_name(of, i);
        if (uimage_find_part(call, header, i, &count, &part) != KP_OK ||
            size_of(call, name, UIMAGE_HEADER_SIZE + 4 * i, part.size, 0, of) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

/* What a part of an image of several is, cf. U-Boot's common/image.c: of a kernel the second is
 * a first file system, the third a device tree. */
static int32_t hold_parts(struct kp_call *call, const struct uimage_header *header)
{
    static const char *const roles[] = {KP_ROLE_PAYLOAD, KP_ROLE_INITRD, KP_ROLE_DTB};
    struct uimage_part part = {0, 0};
    uint64_t count = 1;

    for (uint64_t i = 0; i < count && i < PARTS_SHOWN; i++)
        if (uimage_find_part(call, header, i, &count, &part) != KP_OK ||
            kp_part_at(call, "part", i < 3 ? roles[i] : NULL, part.offset, part.size, NULL) !=
                KP_OK)
            return KP_FAILED;
    return KP_OK;
}

static int32_t hold_data(struct kp_call *call, const struct uimage_header *header)
{
    const char *const type = uboot_choice_name(uimage_types, header->type);
    const char *role = NULL;

    if (uimage_has_parts(header->type))
        return hold_parts(call, header);
    if (type != NULL)
        role = strncmp(type, "kernel", 6) == 0 ? KP_ROLE_PAYLOAD
               : strcmp(type, "ramdisk") == 0  ? KP_ROLE_INITRD
               : strcmp(type, "flat_dt") == 0  ? KP_ROLE_DTB
                                               : NULL;
    return kp_part_at(call, "data", role, UIMAGE_HEADER_SIZE, header->size, type);
}

static int32_t show_trailing(struct kp_call *call, uint64_t offset, uint64_t size)
{
    if (kp_field_number(call, "trailing", offset, size, size, KP_FIELD_BYTES, NULL) != KP_OK)
        return KP_FAILED;
    return kp_part_at(call, "trailing", NULL, offset, size, NULL);
}

int32_t uimage_inspect(struct kp_call *call)
{
    struct uimage_header header;
    uint64_t rest;
    uint32_t crc = 0, size_flag = 0, dcrc_flag = 0;

    if (uimage_read_header(call, &header) != KP_OK)
        return KP_FAILED;
    rest = kp_size(call, call->input) - UIMAGE_HEADER_SIZE;
    if (header.size > rest)
        size_flag = KP_FIELD_INVALID;
    else if (uimage_checksum(call, call->input, UIMAGE_HEADER_SIZE, header.size, &crc) != KP_OK)
        return KP_FAILED;
    if (size_flag != 0 || crc != header.dcrc)
        dcrc_flag = KP_FIELD_INVALID;
    if (show_header(call, &header, size_flag, dcrc_flag) != KP_OK)
        return KP_FAILED;
    if (size_flag != 0)
        return kp_fail_at(call, NULL, "the file was cut short: get it again",
                          "ih_size: %u bytes: only %llu follow the header", (unsigned)header.size,
                          (unsigned long long)rest);
    if (header.size < rest && show_trailing(call, UIMAGE_HEADER_SIZE + (uint64_t)header.size,
                                            rest - header.size) != KP_OK)
        return KP_FAILED;
    if ((uimage_has_parts(header.type) && show_parts(call, &header) != KP_OK) ||
        hold_data(call, &header) != KP_OK || uimage_set_traits(call, &header) != KP_OK)
        return KP_FAILED;
    return uimage_remake(call, &header, header.size < rest);
}
