/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/unpack_codec.c - a compressed layer: its contents, and the way in which its codec gives the
 * same bytes again; or, if there is none, its bytes as they are.
 */
#include <string.h>

#include "base/auto.h"
#include "engine/unpack_private.h"
#include "kpipe/bytes.h"

/* Zeros up to `size`: to a multiple of something that is usual, or just so many. */
static const char *padding_of(struct kp_unpack *unpack, uint64_t end, uint64_t size)
{
    uint64_t aligned;

    for (unsigned align = 4; align <= 4096; align *= 2)
        if (kp_align(end, align, &aligned) && aligned == size)
            return kp_arena_printf(unpack->arena, ", {pad: {align: %u}}", align);
    return kp_arena_printf(unpack->arena, ", {pad: {size: %llu}}", (unsigned long long)size);
}

/* Bytes behind the compressed stream, as the rest of a chain; NULL after reporting. */
static const char *rest_of(struct kp_unpack *unpack, const struct kp_layer *layer,
                           const struct kp_layer *contents)
{
    const uint64_t size = kp_range_size(layer->range);
    const uint64_t length = size - layer->stream_end;
    uint8_t trailer[4];
    struct kp_range *rest KP_AUTO(range) = NULL, *zeros KP_AUTO(range) = NULL;
    const char *name, *text;

    if (length == 0)
        return "";
    if (length == sizeof(trailer) &&
        kp_range_read(layer->range, layer->stream_end, trailer, sizeof(trailer)) &&
        kp_le32(trailer) == kp_range_size(contents->range))
        return ", size-append";
    rest = kp_range_slice(layer->range, layer->stream_end, length);
    zeros = kp_range_fill(0, length);
    if (rest == NULL || zeros == NULL) {
        kp_out_of_memory(unpack->diags);
        return NULL;
    }
    if (kp_range_equal(rest, zeros)) {
        text = padding_of(unpack, layer->stream_end, size);
    } else {
        name = kp_unpack_file(unpack, NULL,
                              kp_arena_printf(unpack->arena, "%s-rest", kp_unpack_stem(layer)),
                              ".bin", kp_range_ref(rest));
        if (name == NULL)
            return NULL;
        text = kp_arena_printf(unpack->arena, ", {concat: [_, %s]}", name);
    }
    if (text == NULL)
        kp_out_of_memory(unpack->diags);
    return text;
}

/* With what follows the stream, before the bracket that ends the chain. */
static bool try_codec(struct kp_unpack *unpack, const struct kp_layer *layer, const char *chain,
                      const char *rest)
{
    const size_t length = strlen(chain);
    const char *whole =
        length > 0 && chain[length - 1] == ']'
            ? kp_arena_printf(unpack->arena, "%.*s%s]", (int)length - 1, chain, rest)
            : NULL;

    return whole != NULL && kp_unpack_try_chain(unpack, layer, whole, NULL);
}

/* In the order in which the codec tells: the likeliest first. */
static bool try_codecs(struct kp_unpack *unpack, const struct kp_layer *layer, const char *rest)
{
    const struct kp_vector *chains = &layer->inspection.remakes;

    for (size_t i = 0; i < chains->count; i++)
        if (try_codec(unpack, layer, KP_ITEM(chains, char *, i), rest))
            return true;
    return chains->count == 0 &&
           try_codec(unpack, layer,
                     kp_arena_printf(unpack->arena, "[@contents, %s]", layer->inspection.codec),
                     rest);
}

const char *kp_unpack_compressed(struct kp_unpack *unpack, const struct kp_layer *layer)
{
    const struct kp_layer *contents = KP_ITEM(&layer->children, struct kp_layer *, 0);
    const struct kp_unpack_mark before = kp_unpack_mark(unpack);
    const char *rest;

    if (kp_unpack_layer(unpack, contents) == NULL)
        return NULL;
    rest = rest_of(unpack, layer, contents);
    if (rest == NULL)
        return NULL;
    if (try_codecs(unpack, layer, rest))
        return kp_unpack_item_of(unpack, layer)->name;
    kp_unpack_go_back(unpack, before);
    if (!kp_unpack_note(unpack,
                        kp_arena_printf(unpack->arena,
                                        "%s: stays compressed: no parameters of %s that kpipe "
                                        "knows give the same bytes",
                                        kp_unpack_path(layer), layer->inspection.codec)))
        return NULL;
    return kp_unpack_as_file(unpack, layer);
}
