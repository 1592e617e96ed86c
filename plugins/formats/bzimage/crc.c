/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/bzimage/crc.c - the checksum at a bzImage's end (Linux 6.12,
 * arch/x86/boot/tools/build.c): zlib's CRC-32 without its final inversion, so that the CRC of
 * a whole file with it is 0.
 */
#include <zlib.h>

#include "bzimage.h"

#define STEP (16u << 20)

void crc_bytes(const uint8_t *bytes, uint64_t size, uint32_t *crc)
{
    *crc = ~(uint32_t)crc32_z(~*crc, bytes, (z_size_t)size);
}

void crc_zeros(uint64_t size, uint32_t *crc)
{
    static const uint8_t zeros[64];

    for (; size > sizeof(zeros); size -= sizeof(zeros))
        crc_bytes(zeros, sizeof(zeros), crc);
    crc_bytes(zeros, size, crc);
}

bool crc_image(struct kp_call *call, const struct kp_image *image, uint64_t from, uint64_t to,
               uint32_t *crc)
{
    const uint8_t *bytes;
    uint64_t length;

    for (; from < to; from += length) {
        if (call->host->cancelled(call) ||
            call->host->image_piece(call, image, from, &bytes, &length) != KP_OK)
            return false;
        if (length > to - from)
            length = to - from;
        if (length > STEP)
            length = STEP;
        crc_bytes(bytes, length, crc);
        call->host->progress(call, from + length, to);
    }
    return true;
}
