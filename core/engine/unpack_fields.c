/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/unpack_fields.c - fields of a header in a recipe: which stand in the bytes as they were told,
 * and how each is said: as a value, or by the part that it tells of.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/unpack_layout.h"
#include "kpipe/bytes.h"
#include "kpipe/call.h"

#define NUMBER_MOST 8u
#define TEXT_MOST 1024u /* of a field, as the stage takes it */
#define NAME_MOST 64u   /* likewise */
#define QUOTED_MOST (4 * TEXT_MOST + 8)

/* Whether the bytes are those of a number in either order. */
static bool is_number(const uint8_t *bytes, uint64_t length, uint64_t number,
                      struct kp_layout_field *stored)
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

/* Whether the stage takes a field of that name; the bytes of others stay where they are. */
static bool is_name(const char *name)
{
    const size_t length = strlen(name);

    for (size_t i = 0; i < length; i++)
        if ((unsigned char)name[i] < 0x20 || (unsigned char)name[i] >= 0x7f)
            return false;
    return length > 0 && length <= NAME_MOST;
}

/* Whether a field stands in the bytes just as it was told. */
static bool is_stored(const struct kp_layout *layout, const struct kp_inspected_field *field,
                      struct kp_layout_field *stored)
{
    uint8_t bytes[TEXT_MOST];

    if (field->length == 0 || field->length > (field->is_text ? TEXT_MOST : NUMBER_MOST) ||
        !is_name(field->name) ||
        !kp_range_read(layout->layer->range, field->offset, bytes, field->length))
        return false;
    *stored = (struct kp_layout_field){.field = field, .any = field->is_text};
    return field->is_text ? is_text(bytes, field->length, field->text)
                          : is_number(bytes, field->length, field->number, stored);
}

static int by_offset(const void *left, const void *right)
{
    const struct kp_inspected_field *a = ((const struct kp_layout_field *)left)->field;
    const struct kp_inspected_field *b = ((const struct kp_layout_field *)right)->field;

    if (a->offset != b->offset)
        return a->offset < b->offset ? -1 : 1;
    return a < b ? -1 : a > b;
}

bool kp_layout_fields(struct kp_layout *layout)
{
    const struct kp_vector *all = &layout->layer->inspection.fields;
    size_t big = 0, little = 0, kept = 0;
    struct kp_layout_field *items;
    uint64_t end = 0;

    for (size_t i = 0; i < all->count; i++) {
        const struct kp_inspected_field *field = &KP_ITEM(all, struct kp_inspected_field, i);
        const struct kp_layout_piece *piece =
            kp_layout_piece_at(layout, field->offset, field->length);
        struct kp_layout_field stored, *slot;

        if (piece == NULL ||
            (!kp_layout_is_around(piece) && !kp_layout_is_own_size(piece, field)) ||
            !is_stored(layout, field, &stored))
            continue;
        slot = KP_PUSH(&layout->fields, struct kp_layout_field);
        if (slot == NULL)
            return kp_layout_no_memory(layout);
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

/* --- in the recipe --- */

/* The region of a part; NULL: it is none, or in pieces. */
static const struct kp_layout_piece *region_of(const struct kp_layout *layout, const char *part)
{
    for (size_t i = 0; i < layout->pieces.count; i++) {
        const struct kp_layout_piece *piece = &KP_ITEM(&layout->pieces, struct kp_layout_piece, i);

        if (kp_layout_is_whole(piece) && piece->region != NULL &&
            strcmp(piece->layer->name, part) == 0)
            return piece;
    }
    return NULL;
}

/* What came out of a part, "payload/contents", if the recipe makes the part of it. */
static const struct kp_unpack_item *contents_of(const struct kp_layout *layout, const char *of)
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
static bool add_relation(struct kp_layout *layout, const struct kp_inspected_field *field)
{
    const bool rounded = (field->flags & KP_FIELD_ROUNDED) != 0;
    const uint64_t round = rounded && field->unit > 1 ? field->unit : 1;
    const uint64_t unit = !rounded && field->unit > 1 ? field->unit : 1;
    const struct kp_unpack_item *contents;
    const struct kp_layout_piece *piece;
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

/* Quoted where it is no plain word. What cannot be quoted is no field's that is kept. */
static void add_scalar(struct kp_string *text, const char *bytes)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    char quoted[QUOTED_MOST];

    if (*bytes != '\0' && bytes[strspn(bytes, plain)] == '\0' && strcasecmp(bytes, "null") != 0)
        kp_string_add(text, bytes);
    else if (kp_quote(quoted, sizeof(quoted), bytes, strlen(bytes)) != 0)
        kp_string_add(text, quoted);
    else
        text->failed = true;
}

void kp_layout_add_field(struct kp_layout *layout, const struct kp_layout_field *stored)
{
    const struct kp_inspected_field *field = stored->field;
    struct kp_string *text = &layout->text;

    kp_string_add(text, "        - {name: ");
    add_scalar(text, field->name);
    kp_string_printf(text, ", at: 0x%" PRIx64 ", size: %" PRIu64 ", ", field->offset,
                     field->length);
    if (field->is_text) {
        kp_string_add(text, "text: ");
        add_scalar(text, field->text);
    } else if (!add_relation(layout, field)) {
        kp_string_printf(
            text, (field->flags & KP_FIELD_HEX) != 0 ? "value: 0x%" PRIx64 : "value: %" PRIu64,
            field->number);
    }
    if (!field->is_text && field->length > 1 && (stored->any ? layout->big : stored->big))
        kp_string_add(text, ", order: big");
    kp_string_add(text, "}\n");
}
