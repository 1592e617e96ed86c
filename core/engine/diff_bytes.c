/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/diff_bytes.c - where two runs of bytes differ, and in how many bytes.
 */
#include <string.h>

#include "engine/diff_private.h"

/* So many are passed over at once if they are equal. */
#define BLOCK 4096u

/* Bytes that differ, at most BLOCK. */
static unsigned count(const uint8_t *left, const uint8_t *right, size_t length)
{
    unsigned different = 0;

    for (size_t i = 0; i < length; i++)
        different += left[i] != right[i];
    return different;
}

static void compare(const uint8_t *left, const uint8_t *right, uint64_t length, uint64_t offset,
                    struct kp_diff_bytes *found)
{
    for (uint64_t at = 0; at < length; at += BLOCK) {
        const size_t size = length - at < BLOCK ? (size_t)(length - at) : BLOCK;
        size_t i = 0;

        if (memcmp(left + at, right + at, size) == 0)
            continue;
        found->count += count(left + at, right + at, size);
        if (found->differ)
            continue;
        while (left[at + i] == right[at + i])
            i++;
        found->differ = true;
        found->first = offset + at + i;
        found->value[0] = left[at + i];
        found->value[1] = right[at + i];
    }
}

/* The byte there, or -1. */
static int byte_at(const struct kp_range *range, uint64_t offset)
{
    uint8_t byte;

    return kp_range_read(range, offset, &byte, 1) ? byte : -1;
}

void kp_diff_compare_bytes(const struct kp_range *left, const struct kp_range *right,
                           struct kp_diff_bytes *found)
{
    const uint64_t sizes[2] = {kp_range_size(left), kp_range_size(right)};
    const uint64_t common = sizes[0] < sizes[1] ? sizes[0] : sizes[1];

    *found = (struct kp_diff_bytes){0};
    for (uint64_t offset = 0; offset < common;) {
        const uint8_t *bytes[2];
        uint64_t length[2], piece;

        kp_range_piece(left, offset, &bytes[0], &length[0]);
        kp_range_piece(right, offset, &bytes[1], &length[1]);
        piece = length[0] < length[1] ? length[0] : length[1];
        compare(bytes[0], bytes[1], piece, offset, found);
        offset += piece;
    }
    if (found->differ || sizes[0] == sizes[1])
        return;
    found->differ = true;
    found->first = common;
    found->value[0] = byte_at(left, common);
    found->value[1] = byte_at(right, common);
}
