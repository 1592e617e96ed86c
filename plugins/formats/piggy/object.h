/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/piggy/object.h - a relocatable ELF object that holds one image and few other bytes, for
 * both classes and byte orders. It has no relocations. What it is for is piggy.c's.
 */
#ifndef KPIPE_PIGGY_OBJECT_H
#define KPIPE_PIGGY_OBJECT_H

#include <gelf.h>
#include <stdbool.h>

#include <kpipe/kpipe.h>

#define OBJECT_SECTIONS 8
#define OBJECT_SYMBOLS 6
#define OBJECT_BYTES 8

/* A section whose alignment is 1. It is empty, or holds the image or the object's `bytes`. */
struct object_section {
    const char *name;
    uint32_t type;  /* SHT_* */
    uint64_t flags; /* SHF_* */
    bool has_image, has_bytes;
};

/* A global symbol without type and size. */
struct object_symbol {
    const char *name;
    uint64_t value;
    uint16_t section; /* its number, from 1, or SHN_ABS */
};

struct object {
    int class; /* ELFCLASS32 or ELFCLASS64 */
    bool big_endian;
    uint16_t machine; /* EM_* */
    uint32_t flags;   /* e_flags */
    struct object_section sections[OBJECT_SECTIONS];
    size_t section_count;
    struct object_symbol symbols[OBJECT_SYMBOLS];
    size_t symbol_count;
    uint8_t bytes[OBJECT_BYTES];
    size_t byte_count;
};

/* Bytes that an object has besides the image, at most. */
#define OBJECT_ROOM 4096u

/* Appends the object to the call's output; the image, which must leave OBJECT_ROOM below 4 GiB, is
 * not copied. */
int32_t object_write(struct kp_call *call, const struct object *object,
                     const struct kp_image *image);

#endif
