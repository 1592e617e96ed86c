/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/unpack_pieces.c - the bytes of an image in pieces: what belongs to a part, and to none.
 */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "engine/unpack_layout.h"
#include "kpipe/traits.h"

void *kp_layout_no_memory(const struct kp_layout *layout)
{
    kp_out_of_memory(layout->unpack->diags);
    return NULL;
}

static uint64_t end_of(const struct kp_layer *layer)
{
    return layer->offset + kp_range_size(layer->range);
}

static bool cut(struct kp_layout *layout, uint64_t *at, uint64_t to, const struct kp_layer *owner)
{
    struct kp_layout_piece *piece;

    if (*at >= to)
        return true;
    piece = KP_PUSH(&layout->pieces, struct kp_layout_piece);
    if (piece == NULL)
        return kp_layout_no_memory(layout);
    *piece = (struct kp_layout_piece){.offset = *at, .length = to - *at, .layer = owner};
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
static bool cut_pieces(struct kp_layout *layout, const struct kp_layer **parts, size_t count,
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

bool kp_layout_pieces(struct kp_layout *layout)
{
    const struct kp_vector *children = &layout->layer->children;
    KP_AUTO(free)
    const struct kp_layer **parts = calloc(2 * children->count + 1, sizeof(const void *));
    size_t count = 0;

    if (parts == NULL)
        return kp_layout_no_memory(layout);
    for (size_t i = 0; i < children->count; i++)
        parts[count++] = KP_ITEM(children, const struct kp_layer *, i);
    qsort(parts, count, sizeof(const void *), by_place);
    return cut_pieces(layout, parts, count, parts + children->count);
}

bool kp_layout_is_whole(const struct kp_layout_piece *piece)
{
    return piece->layer != NULL && piece->offset == piece->layer->offset &&
           piece->length == kp_range_size(piece->layer->range);
}

/* Whether fields may be written over it: it is code around something, or nobody's. */
bool kp_layout_is_around(const struct kp_layout_piece *piece)
{
    return !kp_layout_is_whole(piece) ||
           (piece->layer->role != NULL && strcmp(piece->layer->role, KP_ROLE_CODE) == 0);
}

/* Or what is compressed in it ends with the number that tells how long it is, as gzip's does: where
 * that number stands, is the container's business. */
bool kp_layout_is_own_size(const struct kp_layout_piece *piece,
                           const struct kp_inspected_field *field)
{
    const size_t length = field->of == NULL ? 0 : strcspn(field->of, "/");

    return kp_layout_is_whole(piece) && length > 0 && field->of[length] == '/' &&
           strncmp(piece->layer->name, field->of, length) == 0 &&
           piece->layer->name[length] == '\0' &&
           field->offset + field->length == piece->offset + piece->length;
}

const struct kp_layout_piece *kp_layout_piece_at(const struct kp_layout *layout, uint64_t offset,
                                                 uint64_t length)
{
    for (size_t i = 0; i < layout->pieces.count; i++) {
        const struct kp_layout_piece *piece = &KP_ITEM(&layout->pieces, struct kp_layout_piece, i);

        if (offset >= piece->offset && offset - piece->offset < piece->length)
            return length <= piece->length - (offset - piece->offset) ? piece : NULL;
    }
    return NULL;
}
