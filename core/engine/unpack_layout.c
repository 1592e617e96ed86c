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
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "engine/unpack_private.h"
#include "kpipe/bytes.h"
#include "kpipe/traits.h"

#define NUMBER_MOST 8u
#define TEXT_MOST 1024u /* of a field, as the stage takes it */

/* A run of bytes that belong to the same part, or to none. */
struct piece {
    uint64_t offset, length;
    const struct kp_layer *layer; /* NULL: a gap */
    const char *region;           /* its name once it has one; NULL: it is filled */
    bool padding;                 /* a gap that the region before it is rounded up by */
};

/* A field that stands in the bytes as it was told. */
struct stored {
    const struct kp_inspected_field *field;
    bool big; /* as a number in big endian only */
    bool any; /* in both, which does not tell */
};

struct layout {
    struct kp_unpack *unpack;
    const struct kp_layer *layer;
    struct kp_vector pieces; /* of struct piece */
    struct kp_vector fields; /* of struct stored, sorted by offset, none over another */
    struct kp_string text;
    bool big;         /* the order of most numbers */
    unsigned regions; /* named so far, for those without a name of their own */
};

static void *no_memory(const struct layout *layout)
{
    kp_out_of_memory(layout->unpack->diags);
    return NULL;
}

/* --- pieces --- */

static uint64_t end_of(const struct kp_layer *layer)
{
    return layer->offset + kp_range_size(layer->range);
}

static bool cut(struct layout *layout, uint64_t *at, uint64_t to, const struct kp_layer *owner)
{
    struct piece *piece;

    if (*at >= to)
        return true;
    piece = KP_PUSH(&layout->pieces, struct piece);
    if (piece == NULL)
        return no_memory(layout);
    *piece = (struct piece){.offset = *at, .length = to - *at, .layer = owner};
    *at = to;
    return true;
}

/* Those that begin first, and of these the longest, which may hold the others. */
static int by_place(const void *left, const void *right)
{
    const struct kp_layer *a = *(const struct kp_layer *const *)left;
    const struct kp_layer *b = *(const struct kp_layer *const *)right;

    if (a->offset != b->offset)
        return a->offset < b->offset ? -1 : 1;
    if (end_of(a) != end_of(b))
        return end_of(a) > end_of(b) ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

/* Each byte goes to the smallest part that holds it. A part that reaches over the end of another is
 * left out: its bytes are that one's, or a gap. */
static bool cut_pieces(struct layout *layout, const struct kp_layer **parts, size_t count,
                       const struct kp_layer **stack)
{
    size_t depth = 0;
    uint64_t at = 0;

    for (size_t i = 0; i < count; i++) {
        const struct kp_layer *part = parts[i];

        while (depth > 0 && end_of(stack[depth - 1]) <= part->offset) {
            if (!cut(layout, &at, end_of(stack[depth - 1]), stack[depth - 1]))
                return false;
            depth--;
        }
        if (kp_range_size(part->range) == 0 ||
            (depth > 0 && end_of(part) > end_of(stack[depth - 1])) || part->offset < at)
            continue;
        if (!cut(layout, &at, part->offset, depth > 0 ? stack[depth - 1] : NULL))
            return false;
        stack[depth++] = part;
    }
    for (; depth > 0; depth--)
        if (!cut(layout, &at, end_of(stack[depth - 1]), stack[depth - 1]))
            return false;
    return cut(layout, &at, kp_range_size(layout->layer->range), NULL);
}

static bool find_pieces(struct layout *layout)
{
    const struct kp_vector *children = &layout->layer->children;
    KP_AUTO(free)
    const struct kp_layer **parts = calloc(2 * children->count + 1, sizeof(const void *));
    size_t count = 0;

    if (parts == NULL)
        return no_memory(layout);
    for (size_t i = 0; i < children->count; i++)
        parts[count++] = KP_ITEM(children, const struct kp_layer *, i);
    qsort(parts, count, sizeof(const void *), by_place);
    return cut_pieces(layout, parts, count, parts + children->count);
}

static bool is_whole(const struct piece *piece)
{
    return piece->layer != NULL && piece->offset == piece->layer->offset &&
           piece->length == kp_range_size(piece->layer->range);
}

/* Whether fields may be written over it: it is code around something, or nobody's. */
static bool is_around(const struct piece *piece)
{
    return !is_whole(piece) ||
           (piece->layer->role != NULL && strcmp(piece->layer->role, KP_ROLE_CODE) == 0);
}

/* Or what is compressed in it ends with the number that tells how long it is, as gzip's does: where
 * that number stands, is the container's business. */
static bool is_own_size(const struct piece *piece, const struct kp_inspected_field *field)
{
    const size_t length = field->of == NULL ? 0 : strcspn(field->of, "/");

    return is_whole(piece) && length > 0 && field->of[length] == '/' &&
           strncmp(piece->layer->name, field->of, length) == 0 &&
           piece->layer->name[length] == '\0' &&
           field->offset + field->length == piece->offset + piece->length;
}

static const struct piece *piece_at(const struct layout *layout, uint64_t offset, uint64_t length)
{
    for (size_t i = 0; i < layout->pieces.count; i++) {
        const struct piece *piece = &KP_ITEM(&layout->pieces, struct piece, i);

        if (offset >= piece->offset && offset - piece->offset < piece->length)
            return length <= piece->length - (offset - piece->offset) ? piece : NULL;
    }
    return NULL;
}

/* --- fields --- */

/* Whether the bytes are those of a number in either order. */
static bool is_number(const uint8_t *bytes, uint64_t length, uint64_t number, struct stored *stored)
{
    uint64_t little = 0, big = 0;

    for (uint64_t i = 0; i < length; i++) {
        little |= (uint64_t)bytes[i] << (8 * i);
        big = big << 8 | bytes[i];
    }
    stored->any = little == big;
    stored->big = big == number && little != number;
    return little == number || big == number;
}

static bool is_text(const uint8_t *bytes, uint64_t length, const char *text)
{
    const size_t used = strlen(text);

    if (used > length || memcmp(bytes, text, used) != 0)
        return false;
    for (uint64_t i = used; i < length; i++)
        if (bytes[i] != 0)
            return false;
    for (size_t i = 0; i < used; i++)
        if ((unsigned char)text[i] < 0x20 || (unsigned char)text[i] >= 0x7f)
            return false;
    return true;
}

/* Whether a field stands in the bytes just as it was told. */
static bool is_stored(const struct layout *layout, const struct kp_inspected_field *field,
                      struct stored *stored)
{
    uint8_t bytes[TEXT_MOST];

    if (field->length == 0 || field->length > (field->is_text ? TEXT_MOST : NUMBER_MOST) ||
        !kp_range_read(layout->layer->range, field->offset, bytes, field->length))
        return false;
    *stored = (struct stored){.field = field, .any = field->is_text};
    return field->is_text ? is_text(bytes, field->length, field->text)
                          : is_number(bytes, field->length, field->number, stored);
}

static int by_offset(const void *left, const void *right)
{
    const struct kp_inspected_field *a = ((const struct stored *)left)->field;
    const struct kp_inspected_field *b = ((const struct stored *)right)->field;

    if (a->offset != b->offset)
        return a->offset < b->offset ? -1 : 1;
    return a < b ? -1 : a > b;
}

static bool find_fields(struct layout *layout)
{
    const struct kp_vector *all = &layout->layer->inspection.fields;
    size_t big = 0, little = 0, kept = 0;
    struct stored *items;
    uint64_t end = 0;

    for (size_t i = 0; i < all->count; i++) {
        const struct kp_inspected_field *field = &KP_ITEM(all, struct kp_inspected_field, i);
        const struct piece *piece = piece_at(layout, field->offset, field->length);
        struct stored stored, *slot;

        if (piece == NULL || (!is_around(piece) && !is_own_size(piece, field)) ||
            !is_stored(layout, field, &stored))
            continue;
        slot = KP_PUSH(&layout->fields, struct stored);
        if (slot == NULL)
            return no_memory(layout);
        *slot = stored;
        big += !stored.any && stored.big;
        little += !stored.any && !stored.big;
    }
    layout->big = big > little;
    items = layout->fields.items;
    if (items == NULL)
        return true;
    qsort(items, layout->fields.count, sizeof(*items), by_offset);
    for (size_t i = 0; i < layout->fields.count; i++) {
        if (items[i].field->offset < end)
            continue;
        end = items[i].field->offset + items[i].field->length;
        items[kept++] = items[i];
    }
    layout->fields.count = kept;
    return true;
}

/* --- regions --- */

/* The bytes of a piece without the fields in it. NULL after reporting. */
static struct kp_range *bytes_of(const struct layout *layout, const struct piece *piece)
{
    struct kp_range *range = kp_range_slice(layout->layer->range, piece->offset, piece->length);
    struct kp_range *copy;
    uint8_t *bytes;
    bool any = false;

    if (range == NULL)
        return no_memory(layout);
    copy = kp_range_copy(kp_range_view(range), piece->length);
    bytes = copy == NULL ? NULL : (uint8_t *)(uintptr_t)kp_range_view(copy);
    for (size_t i = 0; bytes != NULL && i < layout->fields.count; i++) {
        const struct kp_inspected_field *field = KP_ITEM(&layout->fields, struct stored, i).field;

        if (field->offset < piece->offset || field->offset >= piece->offset + piece->length)
            continue;
        memset(bytes + (field->offset - piece->offset), 0, (size_t)field->length);
        any = true;
    }
    if (bytes == NULL || !any) {
        kp_range_unref(copy);
        return bytes == NULL ? (kp_range_unref(range), no_memory(layout)) : range;
    }
    kp_range_unref(range);
    return copy;
}

static bool is_zero(struct kp_range *range)
{
    struct kp_range *zeros KP_AUTO(range) = kp_range_fill(0, kp_range_size(range));

    return zeros != NULL && kp_range_equal(range, zeros);
}

/* The name of a region: that of its part, with a number where the part is in pieces. */
static const char *region_name(struct layout *layout, const struct piece *piece)
{
    if (is_whole(piece))
        return piece->layer->name;
    return kp_arena_printf(layout->unpack->arena, "%s-piece-%u",
                           piece->layer == NULL ? "gap" : piece->layer->name, ++layout->regions);
}

/* The item that is in a region; "" if zeros are, which need none; NULL after reporting. */
static const char *item_of(struct layout *layout, const struct piece *piece, const char *region)
{
    struct kp_range *range;
    const struct kp_unpack_item *item;

    if (is_whole(piece) && !is_around(piece)) {
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
    return kp_unpack_file(layout->unpack, is_whole(piece) ? piece->layer : NULL, region, ".bin",
                          range);
}

static uint32_t align_of(const struct layout *layout, const struct kp_layer *part)
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
 * they go with it. */
static bool is_padded(struct layout *layout, struct piece *piece, uint32_t align)
{
    struct piece *const items = layout->pieces.items, *next = piece + 1;
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
    return true;
}

static bool add_region(struct layout *layout, struct piece *piece)
{
    const char *region, *item;
    uint32_t align;

    if (piece->padding)
        return true;
    region = region_name(layout, piece);
    if (region == NULL)
        return no_memory(layout);
    item = item_of(layout, piece, region);
    if (item == NULL)
        return false;
    if (*item == '\0')
        return true;
    piece->region = region;
    align = is_whole(piece) ? align_of(layout, piece->layer) : 0;
    kp_string_printf(&layout->text, "        - {name: %s, image: %s", region, item);
    if (align == 0)
        kp_string_printf(&layout->text, ", offset: 0x%" PRIx64, piece->offset);
    else if (align > 1)
        kp_string_printf(&layout->text, ", align: %" PRIu32, align);
    if (is_padded(layout, piece, align))
        kp_string_printf(&layout->text, ", round: %" PRIu32, align);
    kp_string_add(&layout->text, "}\n");
    return true;
}

/* --- fields in the recipe --- */

/* The region of a part; NULL: it is none, or in pieces. */
static const struct piece *region_of(const struct layout *layout, const char *part)
{
    for (size_t i = 0; i < layout->pieces.count; i++) {
        const struct piece *piece = &KP_ITEM(&layout->pieces, struct piece, i);

        if (is_whole(piece) && piece->region != NULL && strcmp(piece->layer->name, part) == 0)
            return piece;
    }
    return NULL;
}

/* What came out of a part, "payload/contents", if the recipe makes the part of it. */
static const struct kp_unpack_item *contents_of(const struct layout *layout, const char *of)
{
    const char *slash = strchr(of, '/');

    for (size_t i = 0; slash != NULL && i < layout->layer->children.count; i++) {
        const struct kp_layer *part = KP_ITEM(&layout->layer->children, struct kp_layer *, i);
        const struct kp_layer *contents =
            part->children.count == 0 ? NULL : KP_ITEM(&part->children, struct kp_layer *, 0);

        if (contents != NULL && strncmp(of, part->name, (size_t)(slash - of)) == 0 &&
            part->name[slash - of] == '\0' && strcmp(slash + 1, contents->name) == 0)
            return kp_unpack_item_of(layout->unpack, contents);
    }
    return NULL;
}

/* Writes what a number tells of a part; false: it cannot be computed, and is a number. */
static bool add_relation(struct layout *layout, const struct kp_inspected_field *field)
{
    const bool rounded = (field->flags & KP_FIELD_ROUNDED) != 0;
    const uint64_t round = rounded && field->unit > 1 ? field->unit : 1;
    const uint64_t unit = !rounded && field->unit > 1 ? field->unit : 1;
    const struct kp_unpack_item *contents;
    const struct piece *piece;
    uint64_t bytes;
    int64_t add;

    if (field->of == NULL)
        return false;
    piece = region_of(layout, field->of);
    contents = contents_of(layout, field->of);
    if (*field->of == '\0' && field->relation == KP_FIELD_SIZE_OF) {
        bytes = kp_range_size(layout->layer->range);
        kp_string_add(&layout->text, "size_of: whole");
    } else if (piece != NULL) {
        bytes = field->relation == KP_FIELD_SIZE_OF ? piece->length : piece->offset;
        kp_string_printf(&layout->text, "%s: %s",
                         field->relation == KP_FIELD_SIZE_OF ? "size_of" : "offset_of",
                         piece->region);
    } else if (contents != NULL && field->relation == KP_FIELD_SIZE_OF) {
        bytes = kp_range_size(contents->layer->range);
        kp_string_printf(&layout->text, "length_of: %s", contents->name);
    } else {
        return false;
    }
    if (!kp_align(bytes, round, &bytes))
        return false;
    add = (int64_t)(field->number - (bytes / unit + (bytes % unit != 0)));
    if (unit != 1)
        kp_string_printf(&layout->text, ", unit: %" PRIu64, unit);
    if (round != 1)
        kp_string_printf(&layout->text, ", round: %" PRIu64, round);
    if (add != 0)
        kp_string_printf(&layout->text, ", add: %" PRId64, add);
    return true;
}

static void add_quoted(struct kp_string *text, const char *bytes)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";

    if (*bytes != '\0' && bytes[strspn(bytes, plain)] == '\0') {
        kp_string_add(text, bytes);
        return;
    }
    kp_string_add(text, "\"");
    for (; *bytes != '\0'; bytes++) {
        if (*bytes == '"' || *bytes == '\\')
            kp_string_add(text, "\\");
        kp_string_append(text, bytes, 1);
        if (*bytes == '$') /* a dollar of its own */
            kp_string_append(text, bytes, 1);
    }
    kp_string_add(text, "\"");
}

static void add_field(struct layout *layout, const struct stored *stored)
{
    const struct kp_inspected_field *field = stored->field;
    struct kp_string *text = &layout->text;

    kp_string_add(text, "        - {name: ");
    add_quoted(text, field->name);
    kp_string_printf(text, ", at: 0x%" PRIx64 ", size: %" PRIu64 ", ", field->offset,
                     field->length);
    if (field->is_text) {
        kp_string_add(text, "text: ");
        add_quoted(text, field->text);
    } else if (!add_relation(layout, field)) {
        kp_string_printf(
            text, (field->flags & KP_FIELD_HEX) != 0 ? "value: 0x%" PRIx64 : "value: %" PRIu64,
            field->number);
    }
    if (!field->is_text && field->length > 1 && (stored->any ? layout->big : stored->big))
        kp_string_add(text, ", order: big");
    kp_string_add(text, "}\n");
}

static bool write_text(struct layout *layout)
{
    const struct piece *last;

    kp_string_add(&layout->text, "\n    layout:\n      fill: 0\n");
    last = &KP_ITEM(&layout->pieces, struct piece, layout->pieces.count - 1);
    kp_string_add(&layout->text, "      regions:\n");
    for (size_t i = 0; i < layout->pieces.count; i++)
        if (!add_region(layout, &KP_ITEM(&layout->pieces, struct piece, i)))
            return false;
    if (last->region == NULL && !last->padding)
        kp_string_printf(&layout->text, "      size: 0x%" PRIx64 "\n",
                         kp_range_size(layout->layer->range));
    if (layout->fields.count > 0)
        kp_string_add(&layout->text, "      fields:\n");
    for (size_t i = 0; i < layout->fields.count; i++)
        add_field(layout, &KP_ITEM(&layout->fields, struct stored, i));
    if (layout->text.failed)
        return no_memory(layout);
    layout->text.text[--layout->text.length] = '\0'; /* the last line's end */
    return true;
}

const char *kp_unpack_layout(struct kp_unpack *unpack, const struct kp_layer *layer)
{
    struct layout layout = {.unpack = unpack, .layer = layer};
    const char *text = NULL;

    if (find_pieces(&layout) && layout.pieces.count > 0 && find_fields(&layout) &&
        write_text(&layout)) {
        text = kp_arena_strdup(unpack->arena, layout.text.text);
        if (text == NULL)
            no_memory(&layout);
    }
    kp_vector_free(&layout.pieces);
    kp_vector_free(&layout.fields);
    kp_string_free(&layout.text);
    return text;
}
