/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/layout/layout.h - the parameters of the stage `layout`, and what its files share:
 * regions and their places (layout.c), fields that are written over them (fields.c).
 */
#ifndef KPIPE_LAYOUT_H
#define KPIPE_LAYOUT_H

#include <stdlib.h>
#include <string.h>

#include <kpipe/kpipe.h>

#define REGIONS_MAX 4096u
#define FIELDS_MAX 16384u
#define FIELD_BYTES_MAX 1024u
#define ULL(x) ((unsigned long long)(x))

struct region {
    struct kp_text name;
    const struct kp_image *image;
    uint64_t offset;
    uint64_t size;
    uint64_t align;
    uint64_t round;
    uint64_t fill;
    uint8_t has_offset;
    uint8_t has_size;
    uint8_t has_fill;
};

struct field {
    struct kp_text name;
    uint64_t at, size, unit, round;
    uint64_t value;
    int64_t add;
    struct kp_text text, hex, size_of, offset_of;
    const struct kp_image *length_of;
    uint32_t order;
    uint8_t has_value, has_text, has_hex, has_size_of, has_offset_of;
};

struct layout_params {
    struct kp_list regions; /* of struct region */
    struct kp_list fields;  /* of struct field */
    uint64_t size;
    uint64_t fill;
    uint8_t has_size;
};

/* A region and the place it got. */
struct placed {
    const struct region *region;
    uint64_t offset;
    uint64_t size;
    uint64_t used; /* bytes of its image */
    uint64_t index;
};

/* The regions, sorted by their offsets, and the size of the whole. */
struct layout {
    const struct placed *placed;
    uint64_t count;
    uint64_t size;
};

/* Bytes that stand over those of the regions. */
struct patch {
    const struct field *field;
    uint64_t offset;
    uint64_t length;
    uint8_t *bytes;
};

/* What is appended, with the patches in their places. */
struct writer {
    struct kp_call *call;
    const struct patch *patches; /* sorted, none over another */
    uint64_t count, next;
};

extern const struct kp_param *const layout_field_table[];

/* What the fields say, as patches of the writer. Fails after reporting. */
int32_t layout_fields(struct kp_call *call, const struct layout *layout, struct writer *writer);

/* Appends `length` bytes: the first of `image`, or without one as many times `fill`. */
int32_t layout_write(struct writer *writer, const struct kp_image *image, uint8_t fill,
                     uint64_t length);

#endif
