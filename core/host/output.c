/* SPDX-License-Identifier: BSD-3-Clause
 *
 * host/output.c - see image.h: the pieces of an output. Its memory is output_chunk.c's.
 */
#include <stdlib.h>
#include <string.h>

#include "host/image.h"
#include "host/output_private.h"
#include "kpipe/bytes.h"

void kp_image_clear(struct kp_image *image)
{
    kp_range_unref(image->range);
    image->range = NULL;
    kp_traits_free(&image->traits);
}

static struct kp_output_chunk *last_chunk(const struct kp_output *output)
{
    const size_t count = output->chunks.count;

    return count == 0 ? NULL : &KP_ITEM(&output->chunks, struct kp_output_chunk, count - 1);
}

/* The piece that ends where the last chunk's used bytes do; NULL when memory runs out. */
static struct kp_output_piece *own_piece(struct kp_output *output)
{
    const size_t chunk = output->chunks.count - 1;
    const size_t count = output->pieces.count;
    struct kp_output_piece *piece = NULL;

    if (count > 0)
        piece = &KP_ITEM(&output->pieces, struct kp_output_piece, count - 1);
    if (piece != NULL && piece->source == KP_OUTPUT_OWN && piece->chunk == chunk)
        return piece;
    piece = KP_PUSH(&output->pieces, struct kp_output_piece);
    if (piece != NULL)
        *piece = (struct kp_output_piece){
            .source = KP_OUTPUT_OWN, .chunk = chunk, .offset = last_chunk(output)->used};
    return piece;
}

enum kp_output_result kp_output_reserve(struct kp_output *output, uint64_t length, uint8_t **at)
{
    struct kp_output_chunk *chunk = last_chunk(output);
    struct kp_output_piece *piece;
    uint64_t size;

    if (output->traits_only)
        return KP_OUTPUT_MISUSE;
    if (!kp_add(output->size, length, &size) || size > output->limit || length > PTRDIFF_MAX)
        return KP_OUTPUT_TOO_LARGE;
    if (chunk != NULL && !kp_chunk_is_whole(chunk))
        return KP_OUTPUT_OVERRUN;
    if (chunk == NULL || chunk->capacity - chunk->used < length)
        chunk = kp_chunk_new(output, length);
    piece = chunk == NULL ? NULL : own_piece(output);
    if (piece == NULL)
        return KP_OUTPUT_NO_MEMORY;
    *at = chunk->memory + chunk->used;
    chunk->used += length;
    piece->length += length;
    output->size = size;
    output->reserved = length;
    return KP_OUTPUT_OK;
}

enum kp_output_result kp_output_give_back(struct kp_output *output, uint64_t length)
{
    struct kp_output_chunk *chunk = last_chunk(output);
    struct kp_output_piece *piece;

    if (length > output->reserved)
        return KP_OUTPUT_MISUSE;
    if (length == 0)
        return KP_OUTPUT_OK;
    if (!kp_chunk_is_whole(chunk))
        return KP_OUTPUT_OVERRUN;
    piece = &KP_ITEM(&output->pieces, struct kp_output_piece, output->pieces.count - 1);
    piece->length -= length;
    output->size -= length;
    output->reserved -= length;
    kp_chunk_give_back(chunk, length);
    return KP_OUTPUT_OK;
}

enum kp_output_result kp_output_append(struct kp_output *output, const void *bytes, uint64_t length)
{
    uint8_t *at;
    const enum kp_output_result result = kp_output_reserve(output, length, &at);

    if (result != KP_OUTPUT_OK)
        return result;
    if (length > 0)
        memcpy(at, bytes, (size_t)length);
    output->reserved = 0;
    return KP_OUTPUT_OK;
}

/* Adds a piece that is not the output's own and takes its range over. */
static enum kp_output_result add_piece(struct kp_output *output, struct kp_output_piece added)
{
    enum kp_output_result result = KP_OUTPUT_OK;
    struct kp_output_piece *piece = NULL;
    uint64_t size;

    if (output->traits_only)
        result = KP_OUTPUT_MISUSE;
    else if (!kp_add(output->size, added.length, &size) || size > output->limit)
        result = KP_OUTPUT_TOO_LARGE;
    else if (added.range == NULL)
        result = KP_OUTPUT_NO_MEMORY;
    if (result == KP_OUTPUT_OK) {
        output->reserved = 0;
        piece = KP_PUSH(&output->pieces, struct kp_output_piece);
        result = piece == NULL ? KP_OUTPUT_NO_MEMORY : KP_OUTPUT_OK;
    }
    if (result != KP_OUTPUT_OK) {
        kp_range_unref(added.range);
        return result;
    }
    *piece = added;
    output->size = size;
    return KP_OUTPUT_OK;
}

enum kp_output_result kp_output_range(struct kp_output *output, struct kp_range *range)
{
    return add_piece(output, (struct kp_output_piece){.source = KP_OUTPUT_RANGE,
                                                      .range = kp_range_ref(range),
                                                      .length = kp_range_size(range)});
}

enum kp_output_result kp_output_image(struct kp_output *output, const struct kp_image *image,
                                      uint64_t offset, uint64_t length)
{
    const bool slice = image->whole != NULL;

    return add_piece(output,
                     (struct kp_output_piece){.source = KP_OUTPUT_IMAGE,
                                              .range = kp_range_slice(image->range, offset, length),
                                              .image = slice ? image->whole : image,
                                              .offset = slice ? image->offset + offset : offset,
                                              .length = length});
}

enum kp_output_result kp_output_fill(struct kp_output *output, uint8_t byte, uint64_t length)
{
    return add_piece(output, (struct kp_output_piece){.source = KP_OUTPUT_FILL,
                                                      .range = kp_range_fill(byte, length),
                                                      .length = length,
                                                      .byte = byte});
}

enum kp_output_result kp_output_check(const struct kp_output *output)
{
    for (size_t i = 0; i < output->chunks.count; i++)
        if (!kp_chunk_is_whole(&KP_ITEM(&output->chunks, struct kp_output_chunk, i)))
            return KP_OUTPUT_OVERRUN;
    return KP_OUTPUT_OK;
}

static bool adopt_chunks(struct kp_output *output, struct kp_range **ranges)
{
    for (size_t i = 0; i < output->chunks.count; i++) {
        ranges[i] = kp_chunk_adopt(&KP_ITEM(&output->chunks, struct kp_output_chunk, i));
        if (ranges[i] == NULL)
            return false;
    }
    return true;
}

static struct kp_range *gather(struct kp_output *output, struct kp_range *const *chunks)
{
    const size_t count = output->pieces.count;
    struct kp_range **parts = calloc(count + 1, sizeof(*parts));
    struct kp_range *whole = NULL;
    bool good = parts != NULL;

    for (size_t i = 0; good && i < count; i++) {
        const struct kp_output_piece *piece = &KP_ITEM(&output->pieces, struct kp_output_piece, i);

        parts[i] = piece->source != KP_OUTPUT_OWN
                       ? kp_range_ref(piece->range)
                       : kp_range_slice(chunks[piece->chunk], piece->offset, piece->length);
        good = parts[i] != NULL;
    }
    if (good)
        whole = count == 1 ? kp_range_ref(parts[0]) : kp_range_gather(parts, count);
    for (size_t i = 0; parts != NULL && i < count; i++)
        kp_range_unref(parts[i]);
    free(parts);
    return whole;
}

enum kp_output_result kp_output_finish(struct kp_output *output, struct kp_range **whole)
{
    struct kp_range **chunks = calloc(output->chunks.count + 1, sizeof(*chunks));
    enum kp_output_result result = kp_output_check(output);

    *whole = NULL;
    if (result == KP_OUTPUT_OK && chunks != NULL && adopt_chunks(output, chunks))
        *whole = gather(output, chunks);
    if (result == KP_OUTPUT_OK && *whole == NULL)
        result = KP_OUTPUT_NO_MEMORY;
    for (size_t i = 0; chunks != NULL && i < output->chunks.count; i++)
        kp_range_unref(chunks[i]);
    free(chunks);
    kp_output_clear(output);
    return result;
}

void kp_output_release_chunks(struct kp_output *output)
{
    for (size_t i = 0; i < output->chunks.count; i++)
        kp_chunk_release(&KP_ITEM(&output->chunks, struct kp_output_chunk, i));
    output->reserved = 0;
}

void kp_output_clear(struct kp_output *output)
{
    kp_output_release_chunks(output);
    for (size_t i = 0; i < output->pieces.count; i++)
        kp_range_unref(KP_ITEM(&output->pieces, struct kp_output_piece, i).range);
    kp_vector_free(&output->chunks);
    kp_vector_free(&output->pieces);
    kp_traits_free(&output->traits);
    output->size = 0;
}
