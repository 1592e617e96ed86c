/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/layout/layout.c - the stage `layout`: an image of a flash memory or ROM, or any other that
 * is made of regions at given places, each with a limit. No byte is copied.
 *
 * It knows addresses within the image only, and no partition tables: where the memory
 * appears to the processor is a matter of `ihex` and `srec`.
 */
#include "layout.h"

static const struct kp_param *const region_table[] = {
    KP_TEXT(struct region, name, .flags = KP_PARAM_REQUIRED, .minimum = 1, .maximum = 64,
            .summary = "name, for messages"),
    KP_IMAGE(struct region, image, .summary = "what it holds; without it the room is kept free"),
    KP_UINT(struct region, offset, .flags = KP_PARAM_HEX,
            .presence = offsetof(struct region, has_offset), .unit = "bytes",
            .computed = "behind the region listed before it",
            .summary = "where it begins in the whole"),
    KP_UINT(struct region, size, .flags = KP_PARAM_HEX, .minimum = 1, .maximum = UINT64_MAX,
            .presence = offsetof(struct region, has_size), .unit = "bytes",
            .computed = "the image's", .summary = "its size; a larger image is refused"),
    KP_UINT(struct region, align, .flags = KP_PARAM_HEX, .minimum = 1, .maximum = UINT64_MAX,
            .fallback = "1", .unit = "bytes", .summary = "it begins at a multiple of this"),
    KP_UINT(struct region, round, .flags = KP_PARAM_HEX, .minimum = 1, .maximum = UINT64_MAX,
            .fallback = "1", .unit = "bytes",
            .summary = "without a size of its own it has the next multiple of this"),
    KP_UINT(struct region, fill, .flags = KP_PARAM_HEX, .maximum = UINT8_MAX,
            .presence = offsetof(struct region, has_fill), .computed = "the layout's",
            .summary = "byte behind its image"),
    NULL,
};

static const struct kp_param *const layout_table[] = {
    KP_RECORD_LIST(struct layout_params, regions, struct region, .fields = region_table,
                   .flags = KP_PARAM_REQUIRED | KP_PARAM_SHORT, .min_items = 1,
                   .max_items = REGIONS_MAX, .summary = "the regions, in any order"),
    KP_RECORD_LIST(struct layout_params, fields, struct field, .fields = layout_field_table,
                   .max_items = FIELDS_MAX,
                   .summary = "numbers and text that stand over the regions, by their names"),
    KP_UINT(struct layout_params, size, .flags = KP_PARAM_HEX, .minimum = 1, .maximum = UINT64_MAX,
            .presence = offsetof(struct layout_params, has_size), .unit = "bytes",
            .computed = "where the last region ends", .summary = "size of the whole"),
    KP_UINT(struct layout_params, fill, .flags = KP_PARAM_HEX, .maximum = UINT8_MAX,
            .fallback = "0xff", .summary = "byte that stands where no image is",
            .help = "0xff is what erased flash memory holds."),
    NULL,
};

static int32_t region_is_full(struct kp_call *call, const struct placed *p, uint64_t room,
                              const void *field, const char *hint)
{
    return kp_fail_at(call, field, hint, "region %s is full: %llu of %llu bytes, %llu over",
                      p->region->name.bytes, (unsigned long long)p->used, (unsigned long long)room,
                      (unsigned long long)(p->used - room));
}

/* Two regions of one name would make every message about them a riddle. */
static int32_t check_name(struct kp_call *call, const struct placed *all, uint64_t index)
{
    const struct region *region = all[index].region;
    uint64_t i;

    for (i = 0; i < index; i++) {
        if (strcmp(all[i].region->name.bytes, region->name.bytes) == 0)
            return kp_fail_at(call, &region->name, "give each region a name of its own",
                              "region %s: a second one of this name", region->name.bytes);
    }
    return KP_OK;
}

static int32_t find_offset(struct kp_call *call, const struct region *region, uint64_t behind,
                           uint64_t *offset)
{
    *offset = region->offset;
    if (!region->has_offset && !kp_align(behind, region->align, offset))
        return kp_fail_at(call, &region->align, NULL, "region %s: align 0x%llx: beyond 2^64",
                          region->name.bytes, (unsigned long long)region->align);
    if (*offset % region->align != 0)
        return kp_fail_at(call, &region->offset, NULL,
                          "region %s: offset 0x%llx: not a multiple of its align, 0x%llx",
                          region->name.bytes, (unsigned long long)*offset,
                          (unsigned long long)region->align);
    return KP_OK;
}

/* Where the region at `index` of the list begins and how long it is. `behind` is where the
 * one before it in the list ends, and then where this one does. */
static int32_t place(struct kp_call *call, struct placed *all, uint64_t index, uint64_t *behind)
{
    struct placed *p = &all[index];
    const struct region *region = p->region;

    if (check_name(call, all, index) != KP_OK ||
        find_offset(call, region, *behind, &p->offset) != KP_OK)
        return KP_FAILED;
    if (region->image == NULL && !region->has_size)
        return kp_fail_at(call, &region->name, "give it an image, or a size to keep free",
                          "region %s: neither image nor size", region->name.bytes);
    p->used = region->image == NULL ? 0 : kp_size(call, region->image);
    p->size = region->size;
    if (!region->has_size && !kp_align(p->used, region->round, &p->size))
        return kp_fail_at(call, &region->round, NULL, "region %s: round 0x%llx: beyond 2^64",
                          region->name.bytes, ULL(region->round));
    if (p->used > p->size)
        return region_is_full(call, p, p->size, &region->size,
                              "raise its 'size', or make the image smaller");
    if (!kp_add(p->offset, p->size, behind))
        return kp_fail_at(call, region->has_size ? &region->size : &region->offset, NULL,
                          "region %s: 0x%llx bytes at 0x%llx: beyond 2^64", region->name.bytes,
                          (unsigned long long)p->size, (unsigned long long)p->offset);
    return KP_OK;
}

static int by_offset(const void *left, const void *right)
{
    const struct placed *a = (const struct placed *)left, *b = (const struct placed *)right;

    if (a->offset != b->offset)
        return a->offset < b->offset ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

/* Two regions, the first of which begins first. Without a size of its own the first has the
 * room up to the second. */
static int32_t check_neighbours(struct kp_call *call, const struct placed *first,
                                const struct placed *second)
{
    const uint64_t end = first->offset + first->size;
    char hint[160];

    if (end <= second->offset)
        return KP_OK;
    if (!first->region->has_size && second->offset > first->offset) {
        snprintf(hint, sizeof(hint),
                 "region %s begins behind it, at 0x%llx: make the image smaller, or move that one",
                 second->region->name.bytes, (unsigned long long)second->offset);
        return region_is_full(call, first, second->offset - first->offset, &second->region->offset,
                              hint);
    }
    return kp_fail_at(call, &second->region->offset, "move one of them",
                      "region %s: offset 0x%llx: within region %s, 0x%llx to 0x%llx",
                      second->region->name.bytes, (unsigned long long)second->offset,
                      first->region->name.bytes, (unsigned long long)first->offset,
                      (unsigned long long)end);
}

/* Regions that are sorted: none may reach into the next, or over the end. */
static int32_t check_room(struct kp_call *call, const struct layout_params *params,
                          const struct placed *all, uint64_t count)
{
    uint64_t i, end;

    for (i = 0; i + 1 < count; i++) {
        if (check_neighbours(call, &all[i], &all[i + 1]) != KP_OK)
            return KP_FAILED;
    }
    end = all[count - 1].offset + all[count - 1].size;
    if (params->has_size && end > params->size)
        return kp_fail_at(call, &params->size, "raise 'size', or make the regions smaller",
                          "size: 0x%llx: region %s ends at 0x%llx, %llu bytes over",
                          (unsigned long long)params->size, all[count - 1].region->name.bytes,
                          (unsigned long long)end, (unsigned long long)(end - params->size));
    return KP_OK;
}

static int32_t append_region(struct writer *writer, const struct layout_params *params,
                             const struct placed *p)
{
    struct kp_call *const call = writer->call;
    const uint64_t fill = p->region->has_fill ? p->region->fill : params->fill;
    const uint64_t at = call->host->output_size(call, call->output);

    kp_message(call, KP_NOTE, "region %s: offset 0x%08llx, size 0x%08llx, used %llu, free %llu",
               p->region->name.bytes, ULL(p->offset), ULL(p->size), ULL(p->used),
               ULL(p->size - p->used));
    if (layout_write(writer, NULL, (uint8_t)params->fill, p->offset - at) != KP_OK ||
        (p->region->image != NULL && layout_write(writer, p->region->image, 0, p->used) != KP_OK))
        return KP_FAILED;
    return layout_write(writer, NULL, (uint8_t)fill, p->size - p->used);
}

static int32_t run(struct kp_call *call)
{
    const struct layout_params *params = (const struct layout_params *)call->params;
    const struct region *regions = (const struct region *)params->regions.items;
    const uint64_t count = params->regions.count;
    struct placed *all = call->host->alloc(call, count * sizeof(*all));
    struct layout layout = {.placed = all, .count = count};
    struct writer writer;
    uint64_t i, behind = 0;

    if (all == NULL)
        return KP_FAILED;
    for (i = 0; i < count; i++) {
        all[i].region = &regions[i];
        all[i].index = i;
        if (place(call, all, i, &behind) != KP_OK)
            return KP_FAILED;
    }
    qsort(all, (size_t)count, sizeof(*all), by_offset);
    if (check_room(call, params, all, count) != KP_OK)
        return KP_FAILED;
    layout.size = params->has_size ? params->size : all[count - 1].offset + all[count - 1].size;
    if (layout_fields(call, &layout, &writer) != KP_OK)
        return KP_FAILED;
    for (i = 0; i < count; i++) {
        if (append_region(&writer, params, &all[i]) != KP_OK)
            return KP_FAILED;
    }
    return layout_write(&writer, NULL, (uint8_t)params->fill,
                        layout.size - call->host->output_size(call, call->output));
}

static const struct kp_operation pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC | KP_OP_NO_INPUT,
    .threading = KP_THREADS_ANY,
    .summary = "lay images out in the regions of a flash memory",
    .help = "A region without offset follows the one listed before it. One without size is as long "
            "as its image, which may reach up to the next region. Regions may not overlap. Fields "
            "are written over them.\n\n"
            "With -v there is a line for each region: where it is, and how much of it is free.",
    .output_kind = KP_KIND_RAW,
    .params = layout_table,
    .params_size = sizeof(struct layout_params),
    .memory_base = REGIONS_MAX * sizeof(struct placed) +
                   (FIELDS_MAX + 1) * (sizeof(struct patch) + FIELD_BYTES_MAX + 16),
    .run = run,
};

static const struct kp_format layout = {
    .size = sizeof(struct kp_format),
    .name = "layout",
    .summary = "regions of a flash memory",
    .pack = &pack,
};

static const struct kp_format *const formats[] = {&layout, NULL};

KP_PLUGIN("org.kpipe.layout", "layout", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "images of flash memories, made of regions",
          KP_OFFERS_FORMAT("layout") KP_OFFERS_STAGE("layout"), .formats = formats)
