/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/unpack_layout.h - what the files share that lay an image out as it is: its bytes in pieces
 * (unpack_pieces.c), fields that stand in them (unpack_fields.c), and both in a recipe
 * (unpack_layout.c).
 */
#ifndef KP_ENGINE_UNPACK_LAYOUT_H
#define KP_ENGINE_UNPACK_LAYOUT_H

#include "engine/unpack_private.h"

/* A run of bytes that belong to the same part, or to none. */
struct kp_layout_piece {
    uint64_t offset, length;
    const struct kp_layer *layer; /* NULL: a gap */
    const char *region;           /* its name once it has one; NULL: it is filled */
    bool padding;                 /* a gap that the region before it is rounded up by */
};

/* A field that stands in the bytes as it was told. */
struct kp_layout_field {
    const struct kp_inspected_field *field;
    bool big; /* as a number in big endian only */
    bool any; /* in both, which does not tell */
};

struct kp_layout {
    struct kp_unpack *unpack;
    const struct kp_layer *layer;
    struct kp_vector pieces; /* of struct kp_layout_piece */
    struct kp_vector fields; /* of struct kp_layout_field, sorted by offset, none over another */
    struct kp_string text;
    bool big;         /* the order of most numbers */
    uint64_t end;     /* of the last region, with what it is rounded up by */
    unsigned regions; /* named so far, for those without a name of their own */
};

/* Reports that memory ran out. Returns NULL. */
void *kp_layout_no_memory(const struct kp_layout *layout);

/* unpack_pieces.c: each byte goes to the smallest part that holds it. False after reporting. */
bool kp_layout_pieces(struct kp_layout *layout);
/* Whether it is all of a part. */
bool kp_layout_is_whole(const struct kp_layout_piece *piece);
/* Whether fields may be written over it: it is code around something, or nobody's. */
bool kp_layout_is_around(const struct kp_layout_piece *piece);
/* Whether a field is the word at the end of a part that tells how large what is in it becomes. */
bool kp_layout_is_own_size(const struct kp_layout_piece *piece,
                           const struct kp_inspected_field *field);
/* The piece that holds all of these bytes, or NULL. */
const struct kp_layout_piece *kp_layout_piece_at(const struct kp_layout *layout, uint64_t offset,
                                                 uint64_t length);

/* unpack_fields.c: those that stand in the bytes just as they were told. False after reporting. */
bool kp_layout_fields(struct kp_layout *layout);
/* A field in the recipe, once regions have their names. */
void kp_layout_add_field(struct kp_layout *layout, const struct kp_layout_field *stored);

#endif
