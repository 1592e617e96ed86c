/* SPDX-License-Identifier: BSD-3-Clause
 *
 * wire/image.c - see image.h.
 */
#include "wire/image.h"

#include <stdlib.h>

#include "kpipe/bytes.h"
#include "wire/message.h"

enum { PIECE_RUN, PIECE_FILL };

/* Least bytes of a trait and of a piece in a message. */
#define LEAST_TRAIT 16
#define LEAST_PIECE 10

void kp_wire_put_image(struct kp_wire_writer *to, uint32_t handle, const struct kp_traits *traits,
                       const struct kp_wire_piece *pieces, size_t count)
{
    kp_put_u32(to, handle);
    if (handle == KP_WIRE_NONE)
        return;
    kp_put_u32(to, traits == NULL ? 0 : (uint32_t)traits->count);
    for (size_t i = 0; traits != NULL && i < traits->count; i++) {
        kp_put_text(to, traits->items[i].name);
        kp_put_text(to, traits->items[i].text);
        kp_put_u64(to, traits->items[i].number);
    }
    to->failed = to->failed || count > KP_WIRE_MOST / LEAST_PIECE;
    kp_put_u32(to, (uint32_t)count);
    for (size_t i = 0; i < count && !to->failed; i++) {
        kp_put_u8(to, pieces[i].fill ? PIECE_FILL : PIECE_RUN);
        if (pieces[i].fill) {
            kp_put_u8(to, pieces[i].byte);
        } else {
            kp_put_u32(to, pieces[i].run);
            kp_put_u64(to, pieces[i].offset);
        }
        kp_put_u64(to, pieces[i].length);
    }
}

/* False when memory runs out; what is no trait makes the reader bad. */
static bool take_traits(struct kp_wire_reader *from, struct kp_traits *traits)
{
    const uint32_t count = kp_take_count(from, LEAST_TRAIT);

    for (uint32_t i = 0; i < count; i++) {
        const char *name = kp_take_text(from);
        const char *text = kp_take_text(from);
        const uint64_t number = kp_take_u64(from);

        from->bad = from->bad || name == NULL;
        if (from->bad)
            return false;
        if (text != NULL ? !kp_traits_set_text(traits, name, text)
                         : !kp_traits_set_number(traits, name, number))
            return false;
    }
    return !from->bad;
}

/* A piece; NULL if it is none, or when memory runs out. */
static struct kp_range *take_piece(struct kp_wire_reader *from, const struct kp_wire_runs *runs)
{
    const uint8_t kind = kp_take_u8(from);
    uint64_t offset, length;
    uint32_t run;

    if (kind == PIECE_FILL) {
        const uint8_t byte = kp_take_u8(from);

        length = kp_take_u64(from);
        return from->bad ? NULL : kp_range_fill(byte, length);
    }
    run = kp_take_u32(from);
    offset = kp_take_u64(from);
    length = kp_take_u64(from);
    from->bad = from->bad || kind != PIECE_RUN || run >= runs->count ||
                !kp_inside(kp_range_size(runs->ranges[run]), offset, length);
    return from->bad ? NULL : kp_range_slice(runs->ranges[run], offset, length);
}

static struct kp_range *take_pieces(struct kp_wire_reader *from, const struct kp_wire_runs *runs)
{
    const uint32_t count = kp_take_count(from, LEAST_PIECE);
    struct kp_range **pieces = calloc((size_t)count + 1, sizeof(*pieces));
    struct kp_range *whole = NULL;
    uint64_t size = 0;
    uint32_t made = 0;

    while (pieces != NULL && made < count) {
        pieces[made] = take_piece(from, runs);
        if (pieces[made] == NULL)
            break;
        from->bad = from->bad || !kp_add(size, kp_range_size(pieces[made]), &size);
        made++;
    }
    if (pieces != NULL && made == count && !from->bad)
        whole = kp_range_gather(pieces, count);
    for (uint32_t i = 0; i < made; i++)
        kp_range_unref(pieces[i]);
    free(pieces);
    return whole;
}

bool kp_wire_take_image(struct kp_wire_reader *from, const struct kp_wire_runs *runs,
                        uint32_t *handle, struct kp_image *image)
{
    *image = (struct kp_image){0};
    *handle = kp_take_u32(from);
    if (*handle == KP_WIRE_NONE || from->bad)
        return !from->bad;
    if (take_traits(from, &image->traits))
        image->range = take_pieces(from, runs);
    if (image->range != NULL)
        return true;
    kp_image_clear(image);
    return false;
}
