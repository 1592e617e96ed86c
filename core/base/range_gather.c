/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/range_gather.c - ranges one after the other. Neighbours that also lie side
 * by side in memory become one again, so that what was taken apart and put back
 * together needs no copy.
 */
#include <stdlib.h>

#include <kpipe/bytes.h>

#include "base/range_private.h"

/* If `next` continues `range` in the same keeper's memory, the two as one. */
static struct kp_range *continued(const struct kp_range *range, const struct kp_range *next)
{
    struct kp_range *both;

    /* The analyzer remembers calloc's zeros and not that add_part filled them. */
    // NOLINTNEXTLINE(clang-analyzer-core.NullDereference)
    if (range->kind != KP_RANGE_RUN || next->kind != KP_RANGE_RUN || range->base == NULL ||
        range->base != next->base || range->bytes + range->size != next->bytes)
        return NULL;
    both = kp_range_new(KP_RANGE_RUN, range->size + next->size);
    if (both == NULL)
        return NULL;
    both->bytes = range->bytes;
    both->base = kp_range_ref(range->base);
    return both;
}

/* Adds a run or a fill. There is room for it. False if the sum overflows. */
static bool add_part(struct kp_range *gather, struct kp_range *range)
{
    struct kp_gather_part *last = gather->count > 0 ? &gather->parts[gather->count - 1] : NULL;
    const uint64_t begin = gather->size;
    struct kp_range *both = NULL;

    if (!kp_add(gather->size, range->size, &gather->size))
        return false;
    if (last != NULL)
        both = continued(last->range, range);
    if (both != NULL) {
        kp_range_unref(last->range);
        last->range = both;
    } else if (range->size > 0) {
        gather->parts[gather->count++] = (struct kp_gather_part){kp_range_ref(range), begin};
    }
    return true;
}

static size_t count_parts(struct kp_range *const *ranges, size_t count)
{
    size_t parts = 0;

    for (size_t i = 0; i < count; i++)
        parts += ranges[i]->kind == KP_RANGE_GATHER ? ranges[i]->count : 1;
    return parts;
}

static bool add_all(struct kp_range *gather, struct kp_range *const *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (ranges[i]->kind != KP_RANGE_GATHER) {
            if (!add_part(gather, ranges[i]))
                return false;
            continue;
        }
        for (size_t j = 0; j < ranges[i]->count; j++) {
            if (!add_part(gather, ranges[i]->parts[j].range))
                return false;
        }
    }
    return true;
}

struct kp_range *kp_range_gather(struct kp_range *const *ranges, size_t count)
{
    struct kp_range *gather;
    struct kp_range *only;

    if (count == 1)
        return kp_range_ref(ranges[0]);
    gather = kp_range_new(KP_RANGE_GATHER, 0);
    if (gather == NULL)
        return NULL;
    gather->parts = calloc(count_parts(ranges, count) + 1, sizeof(*gather->parts));
    if (gather->parts == NULL || !add_all(gather, ranges, count)) {
        kp_range_unref(gather);
        return NULL;
    }
    if (gather->count > 1)
        return gather;
    only =
        gather->count == 1 ? kp_range_ref(gather->parts[0].range) : kp_range_new(KP_RANGE_RUN, 0);
    kp_range_unref(gather);
    return only;
}

size_t kp_range_part_at(const struct kp_range *gather, uint64_t offset)
{
    size_t low = 0;
    size_t high = gather->count;

    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;

        if (gather->parts[middle].begin <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}
