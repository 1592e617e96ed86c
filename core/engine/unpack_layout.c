/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/unpack_layout.c - an image laid out as it is, by the stage `layout`: its parts and what lies
 * between them as regions, and over them the fields of its header, by the names that inspect
 * shows. A number that tells of a part is computed of it.
 *
 * A part stays where it is, unless its format says that it may move; so one that is replaced by a
 * longer one is refused by the stage, and what follows a shorter one stays in its place.
 */
#include <inttypes.h>
#include <string.h>

#include "base/auto.h"
#include "base/memory.h"
#include "engine/unpack_layout.h"
#include "kpipe/bytes.h"

static bool has_fields(const struct kp_layout *layout, const struct kp_layout_piece *piece)
{
    for (size_t i = 0; i < layout->fields.count; i++) {
        const uint64_t at = KP_ITEM(&layout->fields, struct kp_layout_field, i).field->offset;

        if (at >= piece->offset && at - piece->offset < piece->length)
            return true;
    }
    return false;
}

/* The bytes of a piece without the fields in it. NULL after reporting. */
static struct kp_range *bytes_of(const struct kp_layout *layout,
                                 const struct kp_layout_piece *piece)
{
    const struct kp_range *whole = layout->layer->range;
    struct kp_range *range;
    uint8_t *bytes;

    if (!has_fields(layout, piece)) {
        range = kp_range_slice(layout->layer->range, piece->offset, piece->length);
        return range != NULL ? range : kp_layout_no_memory(layout);
    }
    bytes = kp_memory_new(piece->length);
    if (bytes == NULL)
        return kp_layout_no_memory(layout);
    kp_range_read(whole, piece->offset, bytes, piece->length);
    for (size_t i = 0; i < layout->fields.count; i++) {
        const struct kp_inspected_field *field =
            KP_ITEM(&layout->fields, struct kp_layout_field, i).field;

        if (field->offset >= piece->offset && field->offset - piece->offset < piece->length)
            memset(bytes + (field->offset - piece->offset), 0, (size_t)field->length);
    }
    range = kp_range_adopt(bytes, piece->length, kp_memory_free);
    return range != NULL ? range : kp_layout_no_memory(layout);
}

static bool is_zero(struct kp_range *range)
{
    struct kp_range *zeros KP_AUTO(range) = kp_range_fill(0, kp_range_size(range));

    return zeros != NULL && kp_range_equal(range, zeros);
}

/* What the stage takes as a region's name, and what is kept of one before a number. */
#define REGION_NAME_MOST 64
#define REGION_STEM_MOST 40

/* The name of a region: that of its part, with a number where the part is in pieces, or its name too
 * long for a region. */
static const char *region_name(struct kp_layout *layout, const struct kp_layout_piece *piece)
{
    const char *name = piece->layer == NULL ? "gap" : piece->layer->name;

    if (kp_layout_is_whole(piece) && strlen(name) <= REGION_NAME_MOST)
        return name;
    return kp_arena_printf(layout->unpack->arena, "%.*s-piece-%u", REGION_STEM_MOST, name,
                           ++layout->regions);
}

/* The item that is in a region; "" if zeros are, which need none; NULL after reporting. */
static const char *item_of(struct kp_layout *layout, const struct kp_layout_piece *piece,
                           const char *region)
{
    struct kp_range *range;
    const struct kp_unpack_item *item;

    if (kp_layout_is_whole(piece) && !kp_layout_is_around(piece)) {
        item = kp_unpack_item_of(layout->unpack, piece->layer);
        return item != NULL ? item->name : kp_unpack_layer(layout->unpack, piece->layer);
    }
    range = bytes_of(layout, piece);
    if (range == NULL)
        return NULL;
    if (piece->layer == NULL && is_zero(range)) {
        kp_range_unref(range);
        return "";
    }
    return kp_unpack_file(layout->unpack, kp_layout_is_whole(piece) ? piece->layer : NULL, region,
                          ".bin", range);
}

static uint32_t align_of(const struct kp_layout *layout, const struct kp_layer *part)
{
    const struct kp_vector *parts = &layout->layer->inspection.parts;

    for (size_t i = 0; i < parts->count; i++) {
        const struct kp_inspected_part *each = &KP_ITEM(parts, struct kp_inspected_part, i);

        if (strcmp(each->name, part->name) == 0)
            return each->align;
    }
    return 0;
}

/* Whether a part that may move ends at a multiple of its alignment, or zeros follow up to the next:
 * they go with it, and the layout's end is theirs. */
static bool is_padded(struct kp_layout *layout, struct kp_layout_piece *piece, uint32_t align)
{
    struct kp_layout_piece *const items = layout->pieces.items, *next = piece + 1;
    struct kp_range *gap KP_AUTO(range) = NULL;
    uint64_t end;

    if (align <= 1)
        return false;
    if ((piece->offset + piece->length) % align == 0)
        return true;
    if (next == items + layout->pieces.count || next->layer != NULL ||
        !kp_align(next->offset, align, &end) || end - next->offset > next->length)
        return false;
    gap = kp_range_slice(layout->layer->range, next->offset, next->length);
    if (gap == NULL || !is_zero(gap))
        return false;
    next->padding = end - next->offset == next->length;
    layout->end = end;
    return true;
}

static bool add_region(struct kp_layout *layout, struct kp_layout_piece *piece)
{
    const char *region, *item;
    uint64_t follows;
    uint32_t align;

    if (piece->padding)
        return true;
    region = region_name(layout, piece);
    if (region == NULL)
        return kp_layout_no_memory(layout);
    item = item_of(layout, piece, region);
    if (item == NULL)
        return false;
    if (*item == '\0')
        return true;
    piece->region = region;
    align = kp_layout_is_whole(piece) ? align_of(layout, piece->layer) : 0;
    /* One that may move follows the region before it, unless zeros keep it away. */
    if (align != 0 && (!kp_align(layout->end, align, &follows) || follows != piece->offset))
        align = 0;
    kp_string_printf(&layout->text, "        - {name: %s, image: %s", region, item);
    if (align == 0)
        kp_string_printf(&layout->text, ", offset: 0x%" PRIx64, piece->offset);
    else if (align > 1)
        kp_string_printf(&layout->text, ", align: %" PRIu32, align);
    layout->end = piece->offset + piece->length;
    if (is_padded(layout, piece, align))
        kp_string_printf(&layout->text, ", round: %" PRIu32, align);
    kp_string_add(&layout->text, "}\n");
    return true;
}

static bool write_text(struct kp_layout *layout)
{
    const struct kp_layout_piece *last;

    kp_string_add(&layout->text, "\n    layout:\n      fill: 0\n");
    last = &KP_ITEM(&layout->pieces, struct kp_layout_piece, layout->pieces.count - 1);
    kp_string_add(&layout->text, "      regions:\n");
    for (size_t i = 0; i < layout->pieces.count; i++)
        if (!add_region(layout, &KP_ITEM(&layout->pieces, struct kp_layout_piece, i)))
            return false;
    if (last->region == NULL && !last->padding)
        kp_string_printf(&layout->text, "      size: 0x%" PRIx64 "\n",
                         kp_range_size(layout->layer->range));
    if (layout->fields.count > 0)
        kp_string_add(&layout->text, "      fields:\n");
    for (size_t i = 0; i < layout->fields.count; i++)
        kp_layout_add_field(layout, &KP_ITEM(&layout->fields, struct kp_layout_field, i));
    if (layout->text.failed)
        return kp_layout_no_memory(layout);
    layout->text.text[--layout->text.length] = '\0'; /* the last line's end */
    return true;
}

const char *kp_unpack_layout(struct kp_unpack *unpack, const struct kp_layer *layer)
{
    struct kp_layout layout = {.unpack = unpack, .layer = layer};
    const char *text = NULL;

    if (kp_layout_pieces(&layout) && layout.pieces.count > 0 && kp_layout_fields(&layout) &&
        write_text(&layout)) {
        text = kp_arena_strdup(unpack->arena, layout.text.text);
        if (text == NULL)
            kp_layout_no_memory(&layout);
    }
    kp_vector_free(&layout.pieces);
    kp_vector_free(&layout.fields);
    kp_string_free(&layout.text);
    return text;
}
