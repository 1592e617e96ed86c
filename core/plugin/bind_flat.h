/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/bind_flat.h - the filled struct of a call as bytes that another process can use: its
 * lists and texts behind it, no address of this process in it, and a list of the places
 * that the other process mends.
 *
 * What the bytes travel in is remote_send.c's.
 */
#ifndef KP_PLUGIN_BIND_FLAT_H
#define KP_PLUGIN_BIND_FLAT_H

#include "base/vector.h"
#include "kpipe/param.h"

/* A field that is a pointer: its bytes are zero. */
struct kp_flat_mend {
    uint32_t type;      /* KP_TYPE_IMAGE, TREE, STAGE, KEY; 0: bytes in the blob */
    uint64_t offset;    /* of the field */
    const void *handle; /* what it points to here */
    uint64_t value;     /* type 0: the offset to which it points */
};

/* Bytes of this process, and where their copy stands. */
struct kp_flat_segment {
    const uint8_t *address;
    uint64_t offset, size;
};

/* Zeroed: empty. */
struct kp_flat {
    struct kp_string bytes;
    struct kp_vector mends;    /* of struct kp_flat_mend */
    struct kp_vector segments; /* of struct kp_flat_segment, by offset */
};
void kp_flat_free(struct kp_flat *flat);

/* Flattens what kp_bind_fill made by that table. False when memory runs out. */
bool kp_flat_make(struct kp_flat *flat, const struct kp_param *const *table, const void *params,
                  uint64_t size);
/* The address here of what stands at an offset there; NULL if nothing does. */
const void *kp_flat_address(const struct kp_flat *flat, uint64_t offset);

#endif
