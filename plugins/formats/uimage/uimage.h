/* SPDX-License-Identifier: BSD-3-Clause
 *
 * uimage/uimage.h - U-Boot's legacy image: what the parts of this plugin share.
 *
 * The format: a header of 64 bytes, all numbers big-endian, then the data. Facts
 * from U-Boot 2023.01: include/image.h (layout and numbers), tools/mkimage.c
 * and tools/default_image.c (how it is written), boot/image.c and boot/bootm.c (how
 * it is read). U-Boot's newer format, FIT, is not this plugin's.
 */
#ifndef UIMAGE_UIMAGE_H
#define UIMAGE_UIMAGE_H

#include <kpipe/kpipe.h>

#include "../../common/uboot.h"

#define UIMAGE_MAGIC 0x27051956u
#define UIMAGE_HEADER_SIZE 64u
#define UIMAGE_NAME_SIZE 32u /* need not end with NUL */

/* Offsets of the header's fields. */
#define UIMAGE_AT_MAGIC 0u
#define UIMAGE_AT_HCRC 4u
#define UIMAGE_AT_TIME 8u
#define UIMAGE_AT_SIZE 12u
#define UIMAGE_AT_LOAD 16u
#define UIMAGE_AT_EP 20u
#define UIMAGE_AT_DCRC 24u
#define UIMAGE_AT_OS 28u
#define UIMAGE_AT_ARCH 29u
#define UIMAGE_AT_TYPE 30u
#define UIMAGE_AT_COMP 31u
#define UIMAGE_AT_NAME 32u

/* IH_TYPE_* that the code speaks of; the rest is in the tables only. */
#define UIMAGE_STANDALONE 1u
#define UIMAGE_KERNEL 2u
#define UIMAGE_RAMDISK 3u
#define UIMAGE_MULTI 4u
#define UIMAGE_FIRMWARE 5u
#define UIMAGE_SCRIPT 6u
#define UIMAGE_KERNEL_NOLOAD 14u

struct uimage_header {
    uint8_t raw[UIMAGE_HEADER_SIZE];
    uint32_t hcrc, time, size, load, entry, dcrc;
    uint32_t os, arch, type, compression;
    char name[UIMAGE_NAME_SIZE + 1]; /* up to the first NUL */
    uint64_t name_length;
    uint32_t computed_hcrc; /* what hcrc should be */
};

/* A multi-file image's or a script's list: one part of it. */
struct uimage_part {
    uint64_t offset; /* from the file's start */
    uint64_t size;
};

/* tables.c: names and numbers. Those that return a name give NULL for a number
 * that they do not know. */
extern const struct kp_choice *const uimage_types[];
extern const struct kp_choice *const uimage_systems[];
const char *uimage_os_name(uint32_t number);

/* read.c: header and parts of an existing image; they check and report. */
int32_t uimage_read_header(struct kp_call *call, struct uimage_header *header);
int uimage_has_parts(uint32_t type);
/* Gives *count and, where index < *count, that part. */
int32_t uimage_find_part(struct kp_call *call, const struct uimage_header *header, uint64_t index,
                         uint64_t *count, struct uimage_part *part);
/* Continues a CRC-32 over `length` bytes of an image from `offset`. */
int32_t uimage_checksum(struct kp_call *call, const struct kp_image *image, uint64_t offset,
                        uint64_t length, uint32_t *crc);
/* Sets the content traits that the header tells. */
int32_t uimage_set_traits(struct kp_call *call, const struct uimage_header *header);

/* The name that inspection gives a part of several, by its number from 0. */
static inline void uimage_part_name(char name[32], uint64_t index)
{
    if (index == 0)
        snprintf(name, 32, "part");
    else
        snprintf(name, 32, "part-%u", (unsigned)index + 1);
}

/* remake.c: reports the stages that make such an image. */
int32_t uimage_remake(struct kp_call *call, const struct uimage_header *header, int trailing);

/* The operations. */
extern const struct kp_operation uimage_pack;   /* pack.c */
extern const struct kp_operation uimage_unpack; /* unpack.c */
int32_t uimage_inspect(struct kp_call *call);   /* inspect.c */

#endif
