/* SPDX-License-Identifier: BSD-3-Clause
 *
 * wire/image.h - an image in a message from kpipe to a worker: its traits, and its bytes as
 * pieces of runs that were sent before (BYTES).
 *
 * As it stands in the message: u32 handle; u32 count and (text name, text value?, u64
 * number)* traits; u32 count and pieces: u8 0, u32 run, u64 offset, u64 length | u8 1, u8
 * byte, u64 length.
 */
#ifndef KP_WIRE_IMAGE_H
#define KP_WIRE_IMAGE_H

#include <stdbool.h>

#include "host/image.h"
#include "wire/wire.h"

/* Where the bytes of a piece of an image stand. */
struct kp_wire_piece {
    bool fill;
    uint8_t byte;    /* of a fill */
    uint32_t run;    /* else: a run's handle, */
    uint64_t offset; /* and where in it */
    uint64_t length;
};

void kp_wire_put_image(struct kp_wire_writer *to, uint32_t handle, const struct kp_traits *traits,
                       const struct kp_wire_piece *pieces, size_t count);

/* The runs of a call, as the worker has mapped them. */
struct kp_wire_runs {
    struct kp_range **ranges;
    size_t count;
};

/* Reads an image; *handle is NONE, and nothing else is read, if there is none. False, with what
 * was made released, if the message is bad or memory runs out (then the reader is not
 * bad). */
bool kp_wire_take_image(struct kp_wire_reader *from, const struct kp_wire_runs *runs,
                        uint32_t *handle, struct kp_image *image);

#endif
