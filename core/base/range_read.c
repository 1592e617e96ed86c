/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/range_read.c - reading ranges piece by piece and as a whole.
 */
#include <string.h>
#include <sys/mman.h>

#include <kpipe/bytes.h>

#include "base/memory.h"
#include "base/range_private.h"

uint64_t kp_range_size(const struct kp_range *range)
{
    return range->size;
}

/* The longest run of a run or a fill. */
static void piece_of(const struct kp_range *range, uint64_t offset, const uint8_t **bytes,
                     uint64_t *length)
{
    const uint64_t rest = range->size - offset;

    if (range->kind == KP_RANGE_FILL) {
        *bytes = range->bytes;
        *length = rest < range->block ? rest : range->block;
    } else {
        *bytes = range->bytes + offset;
        *length = rest;
    }
}

void kp_range_piece(const struct kp_range *range, uint64_t offset, const uint8_t **bytes,
                    uint64_t *length)
{
    const uint8_t *joined = atomic_load_explicit(&range->joined, memory_order_acquire);

    if (offset >= range->size) {
        *bytes = range->bytes;
        *length = 0;
    } else if (joined != NULL) {
        *bytes = joined + offset;
        *length = range->size - offset;
    } else if (range->kind == KP_RANGE_GATHER) {
        const struct kp_gather_part *part = &range->parts[kp_range_part_at(range, offset)];

        piece_of(part->range, offset - part->begin, bytes, length);
    } else {
        piece_of(range, offset, bytes, length);
    }
}

bool kp_range_read(const struct kp_range *range, uint64_t offset, void *to, uint64_t length)
{
    uint8_t *target = to;

    if (!kp_inside(range->size, offset, length))
        return false;
    while (length > 0) {
        const uint8_t *bytes;
        uint64_t piece;

        kp_range_piece(range, offset, &bytes, &piece);
        if (piece > length)
            piece = length;
        memcpy(target, bytes, (size_t)piece);
        target += piece;
        offset += piece;
        length -= piece;
    }
    return true;
}

/* All bytes in new memory. Zeros are a mapping that nobody ever writes to and that
 * the system does not count; kp_memory_free can free it, being large. */
static uint8_t *join(const struct kp_range *range)
{
    uint8_t *memory;

    if (range->size > PTRDIFF_MAX)
        return NULL;
    if (range->kind == KP_RANGE_FILL && range->byte == 0 && range->size >= KP_MEMORY_MAPPED) {
        memory = mmap(NULL, (size_t)range->size, PROT_READ,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        return memory != MAP_FAILED ? memory : NULL;
    }
    memory = kp_memory_new_filled(range->size);
    if (memory == NULL)
        return NULL;
    if (range->kind == KP_RANGE_FILL)
        memset(memory, range->byte, (size_t)range->size);
    else
        kp_range_read(range, 0, memory, range->size);
    return memory;
}

const uint8_t *kp_range_view(struct kp_range *range)
{
    uint8_t *joined;

    if (range->kind == KP_RANGE_RUN ||
        (range->kind == KP_RANGE_FILL && range->size <= range->block))
        return range->bytes;
    joined = atomic_load_explicit(&range->joined, memory_order_acquire);
    if (joined != NULL)
        return joined;
    pthread_mutex_lock(&range->join_lock);
    joined = atomic_load_explicit(&range->joined, memory_order_relaxed);
    if (joined == NULL) {
        joined = join(range);
        atomic_store_explicit(&range->joined, joined, memory_order_release);
    }
    pthread_mutex_unlock(&range->join_lock);
    return joined;
}

bool kp_range_equal(const struct kp_range *a, const struct kp_range *b)
{
    if (a == b)
        return true;
    if (a->size != b->size)
        return false;
    if (a->kind == KP_RANGE_FILL && b->kind == KP_RANGE_FILL)
        return a->byte == b->byte;
    for (uint64_t offset = 0; offset < a->size;) {
        const uint8_t *bytes[2];
        uint64_t length[2];
        uint64_t common;

        kp_range_piece(a, offset, &bytes[0], &length[0]);
        kp_range_piece(b, offset, &bytes[1], &length[1]);
        common = length[0] < length[1] ? length[0] : length[1];
        if (bytes[0] != bytes[1] && memcmp(bytes[0], bytes[1], (size_t)common) != 0)
            return false;
        offset += common;
    }
    return true;
}
