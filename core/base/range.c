/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/range.c - making ranges and letting go of them. Reading them is
 * range_read.c, files are range_map.c, writing is range_write.c.
 *
 * There are three kinds only. A run has its bytes in one piece; a slice is a run
 * that points into another range. A gather's parts are runs and fills, never
 * gathers, so that a read looks at one level whatever was built from what.
 */
#include "base/range.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <kpipe/bytes.h>

#include "base/memory.h"
#include "base/range_private.h"

static const uint8_t no_bytes[1];

struct kp_range *kp_range_new(enum kp_range_kind kind, uint64_t size)
{
    struct kp_range *range = calloc(1, sizeof(*range));

    if (range == NULL)
        return NULL;
    atomic_init(&range->references, 1);
    atomic_init(&range->joined, NULL);
    atomic_init(&range->memfd, 0);
    pthread_mutex_init(&range->join_lock, NULL);
    range->kind = kind;
    range->size = size;
    range->bytes = no_bytes;
    return range;
}

struct kp_range *kp_range_ref(struct kp_range *range)
{
    if (range != NULL)
        atomic_fetch_add_explicit(&range->references, 1, memory_order_relaxed);
    return range;
}

static void range_free(struct kp_range *range)
{
    if (range->file != NULL && range->file->slot != NULL)
        kp_guard_remove(range->file->slot);
    if (range->release != NULL)
        range->release(range->memory, range->memory_size);
    kp_mapped_file_free(range->file);
    if (atomic_load(&range->memfd) > 0)
        close(atomic_load(&range->memfd) - 1);
    kp_memory_free(atomic_load(&range->joined), range->size);
    for (size_t i = 0; i < range->count; i++)
        kp_range_unref(range->parts[i].range);
    free(range->parts);
    pthread_mutex_destroy(&range->join_lock);
    free(range);
}

/* A loop, since slices of joined gathers of slices may make long chains. */
void kp_range_unref(struct kp_range *range)
{
    while (range != NULL &&
           atomic_fetch_sub_explicit(&range->references, 1, memory_order_acq_rel) == 1) {
        struct kp_range *base = range->base;

        range_free(range);
        range = base;
    }
}

struct kp_range *kp_range_adopt(void *memory, uint64_t size,
                                void (*release)(void *memory, uint64_t size))
{
    struct kp_range *range = kp_range_new(KP_RANGE_RUN, size);

    if (range == NULL) {
        if (release != NULL)
            release(memory, size);
        return NULL;
    }
    if (memory != NULL)
        range->bytes = memory;
    range->memory = memory;
    range->memory_size = size;
    range->release = release;
    return range;
}

struct kp_range *kp_range_copy(const void *bytes, uint64_t size)
{
    void *memory;

    if (size == 0)
        return kp_range_new(KP_RANGE_RUN, 0);
    memory = kp_memory_new(size);
    if (memory == NULL)
        return NULL;
    memcpy(memory, bytes, (size_t)size);
    return kp_range_adopt(memory, size, kp_memory_free);
}

static void unmap(void *memory, uint64_t size)
{
    munmap(memory, (size_t)size);
}

/* Zeros are a mapping that is only read, which the system backs with one page. */
static bool make_block(struct kp_range *fill)
{
    void *memory;

    if (fill->byte == 0 && fill->block >= KP_FILL_BLOCK) {
        memory = mmap(NULL, (size_t)fill->block, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED)
            return false;
        fill->release = unmap;
    } else {
        memory = kp_memory_new(fill->block);
        if (memory == NULL)
            return false;
        if (fill->byte != 0)
            memset(memory, fill->byte, (size_t)fill->block);
        fill->release = kp_memory_free;
    }
    fill->memory = memory;
    fill->memory_size = fill->block;
    fill->bytes = memory;
    return true;
}

struct kp_range *kp_range_fill(uint8_t byte, uint64_t size)
{
    struct kp_range *range = kp_range_new(size > 0 ? KP_RANGE_FILL : KP_RANGE_RUN, size);

    if (range == NULL || size == 0)
        return range;
    range->byte = byte;
    range->block = size < KP_FILL_BLOCK ? size : KP_FILL_BLOCK;
    if (!make_block(range)) {
        kp_range_unref(range);
        return NULL;
    }
    return range;
}

/* The range that keeps the bytes. */
static struct kp_range *owner(struct kp_range *range)
{
    return range->base != NULL ? range->base : range;
}

static struct kp_range *slice_run(struct kp_range *keeper, const uint8_t *bytes, uint64_t length)
{
    struct kp_range *slice = kp_range_new(KP_RANGE_RUN, length);

    if (slice == NULL)
        return NULL;
    slice->bytes = bytes;
    slice->base = kp_range_ref(keeper);
    return slice;
}

/* A fill that borrows its block. */
static struct kp_range *slice_fill(struct kp_range *fill, uint64_t length)
{
    struct kp_range *slice = kp_range_new(KP_RANGE_FILL, length);

    if (slice == NULL)
        return NULL;
    slice->byte = fill->byte;
    slice->bytes = fill->bytes;
    slice->block = length < fill->block ? length : fill->block;
    slice->base = kp_range_ref(owner(fill));
    return slice;
}

/* Takes just what is needed of the parts, so that the slice keeps no others. */
static struct kp_range *slice_gather(struct kp_range *gather, uint64_t offset, uint64_t length)
{
    const size_t first = kp_range_part_at(gather, offset);
    const size_t last = kp_range_part_at(gather, offset + length - 1);
    const size_t count = last - first + 1;
    struct kp_range **slices = calloc(count, sizeof(struct kp_range *));
    struct kp_range *result = NULL;
    size_t made;

    if (slices == NULL)
        return NULL;
    for (made = 0; made < count; made++) {
        const struct kp_gather_part *part = &gather->parts[first + made];
        const uint64_t begin = offset > part->begin ? offset - part->begin : 0;
        const uint64_t rest = offset + length - part->begin;
        const uint64_t end = rest < part->range->size ? rest : part->range->size;

        slices[made] = kp_range_slice(part->range, begin, end - begin);
        if (slices[made] == NULL)
            break;
    }
    if (made == count)
        result = kp_range_gather(slices, count);
    for (size_t i = 0; i < made; i++)
        kp_range_unref(slices[i]);
    free(slices);
    return result;
}

struct kp_range *kp_range_slice(struct kp_range *range, uint64_t offset, uint64_t length)
{
    const uint8_t *joined;

    if (range == NULL || !kp_inside(range->size, offset, length))
        return NULL;
    if (length == range->size)
        return kp_range_ref(range);
    if (length == 0)
        return kp_range_new(KP_RANGE_RUN, 0);
    if (range->kind == KP_RANGE_RUN)
        return slice_run(owner(range), range->bytes + offset, length);
    if (range->kind == KP_RANGE_FILL)
        return slice_fill(range, length);
    joined = atomic_load_explicit(&range->joined, memory_order_acquire);
    if (joined != NULL)
        return slice_run(range, joined + offset, length);
    return slice_gather(range, offset, length);
}
