/* SPDX-License-Identifier: BSD-3-Clause
 *
 * host/output.c - see image.h. Chunks of a MiB and more are mapped of their own, so
 * that what a library gave back, and later the whole, returns to the system at once.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/image.h"
#include "kpipe/bytes.h"

enum { SMALL_CHUNK = 64 << 10, MAPPED_FROM = 1 << 20 };

struct kp_output_chunk {
    uint8_t *memory;
    uint64_t capacity;
    uint64_t used;
    bool mapped;
};

/* Bytes of a chunk, or a range. */
struct kp_output_piece {
    struct kp_range *range; /* NULL: bytes of the chunk */
    size_t chunk;
    uint64_t offset, length;
};

void kp_image_clear(struct kp_image *image)
{
    kp_range_unref(image->range);
    image->range = NULL;
    kp_traits_free(&image->traits);
}

static uint64_t page_up(uint64_t size)
{
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

    return (size + page - 1) & ~(page - 1);
}

static void release_chunk(const struct kp_output_chunk *chunk)
{
    if (chunk->mapped)
        munmap(chunk->memory, (size_t)chunk->capacity);
    else
        free(chunk->memory);
}

static void release_mapped(void *memory, uint64_t size)
{
    munmap(memory, (size_t)page_up(size));
}

static void release_heap(void *memory, uint64_t size)
{
    (void)size;
    free(memory);
}

static struct kp_output_chunk *new_chunk(struct kp_output *output, uint64_t length)
{
    struct kp_output_chunk *chunk = KP_PUSH(&output->chunks, struct kp_output_chunk);
    void *memory;

    if (chunk == NULL)
        return NULL;
    chunk->mapped = length >= MAPPED_FROM;
    chunk->capacity = chunk->mapped ? page_up(length) : length > SMALL_CHUNK ? length : SMALL_CHUNK;
    if (chunk->mapped) {
        memory = mmap(NULL, (size_t)chunk->capacity, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        memory = memory == MAP_FAILED ? NULL : memory;
    } else {
        memory = calloc(1, (size_t)chunk->capacity);
    }
    chunk->memory = memory;
    if (memory != NULL)
        return chunk;
    output->chunks.count--;
    return NULL;
}

enum kp_output_result kp_output_reserve(struct kp_output *output, uint64_t length, uint8_t **at)
{
    struct kp_output_chunk *chunk = NULL;
    struct kp_output_piece *piece = NULL;
    uint64_t size;

    if (output->traits_only)
        return KP_OUTPUT_MISUSE;
    if (!kp_add(output->size, length, &size) || size > output->limit || length > PTRDIFF_MAX)
        return KP_OUTPUT_TOO_LARGE;
    if (output->chunks.count > 0)
        chunk = &KP_ITEM(&output->chunks, struct kp_output_chunk, output->chunks.count - 1);
    if (chunk == NULL || chunk->capacity - chunk->used < length)
        chunk = new_chunk(output, length);
    if (chunk == NULL)
        return KP_OUTPUT_NO_MEMORY;
    if (output->pieces.count > 0)
        piece = &KP_ITEM(&output->pieces, struct kp_output_piece, output->pieces.count - 1);
    if (piece == NULL || piece->range != NULL || piece->chunk != output->chunks.count - 1) {
        piece = KP_PUSH(&output->pieces, struct kp_output_piece);
        if (piece == NULL)
            return KP_OUTPUT_NO_MEMORY;
        *piece = (struct kp_output_piece){NULL, output->chunks.count - 1, chunk->used, 0};
    }
    *at = chunk->memory + chunk->used;
    chunk->used += length;
    piece->length += length;
    output->size = size;
    output->reserved = length;
    return KP_OUTPUT_OK;
}

enum kp_output_result kp_output_give_back(struct kp_output *output, uint64_t length)
{
    struct kp_output_chunk *chunk;
    struct kp_output_piece *piece;

    if (length > output->reserved)
        return KP_OUTPUT_MISUSE;
    if (length == 0)
        return KP_OUTPUT_OK;
    chunk = &KP_ITEM(&output->chunks, struct kp_output_chunk, output->chunks.count - 1);
    piece = &KP_ITEM(&output->pieces, struct kp_output_piece, output->pieces.count - 1);
    chunk->used -= length;
    piece->length -= length;
    output->size -= length;
    output->reserved -= length;
    /* What is reserved next must be zero again. Whole pages go back to the system. */
    if (chunk->mapped) {
        const uint64_t keep = page_up(chunk->used);
        const uint64_t edge = keep < chunk->capacity ? keep : chunk->capacity;
        const uint64_t end = chunk->used + length < edge ? chunk->used + length : edge;

        memset(chunk->memory + chunk->used, 0, (size_t)(end - chunk->used));
        if (edge < chunk->capacity)
            madvise(chunk->memory + edge, (size_t)(chunk->capacity - edge), MADV_DONTNEED);
    } else {
        memset(chunk->memory + chunk->used, 0, (size_t)length);
    }
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

enum kp_output_result kp_output_range(struct kp_output *output, struct kp_range *range)
{
    struct kp_output_piece *piece;
    uint64_t size;

    if (output->traits_only)
        return KP_OUTPUT_MISUSE;
    if (!kp_add(output->size, kp_range_size(range), &size) || size > output->limit)
        return KP_OUTPUT_TOO_LARGE;
    output->reserved = 0;
    piece = KP_PUSH(&output->pieces, struct kp_output_piece);
    if (piece == NULL)
        return KP_OUTPUT_NO_MEMORY;
    *piece = (struct kp_output_piece){kp_range_ref(range), 0, 0, kp_range_size(range)};
    output->size = size;
    return KP_OUTPUT_OK;
}

/* Hands a chunk's memory over to a range; unused pages are unmapped. */
static struct kp_range *adopt_chunk(struct kp_output_chunk *chunk)
{
    const uint64_t keep = page_up(chunk->used);
    uint8_t *memory = chunk->memory;

    chunk->memory = NULL;
    if (!chunk->mapped)
        return kp_range_adopt(memory, chunk->used, release_heap);
    if (keep < chunk->capacity)
        munmap(memory + keep, (size_t)(chunk->capacity - keep));
    if (keep == 0)
        return kp_range_copy("", 0);
    return kp_range_adopt(memory, chunk->used, release_mapped);
}

static bool adopt_chunks(struct kp_output *output, struct kp_range **ranges)
{
    for (size_t i = 0; i < output->chunks.count; i++) {
        ranges[i] = adopt_chunk(&KP_ITEM(&output->chunks, struct kp_output_chunk, i));
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

        parts[i] = piece->range != NULL
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

struct kp_range *kp_output_finish(struct kp_output *output)
{
    struct kp_range **chunks = calloc(output->chunks.count + 1, sizeof(*chunks));
    struct kp_range *whole = NULL;

    if (chunks != NULL && adopt_chunks(output, chunks))
        whole = gather(output, chunks);
    for (size_t i = 0; chunks != NULL && i < output->chunks.count; i++)
        kp_range_unref(chunks[i]);
    free(chunks);
    kp_output_clear(output);
    return whole;
}

void kp_output_clear(struct kp_output *output)
{
    for (size_t i = 0; i < output->chunks.count; i++) {
        const struct kp_output_chunk *chunk = &KP_ITEM(&output->chunks, struct kp_output_chunk, i);

        if (chunk->memory != NULL)
            release_chunk(chunk);
    }
    for (size_t i = 0; i < output->pieces.count; i++)
        kp_range_unref(KP_ITEM(&output->pieces, struct kp_output_piece, i).range);
    kp_vector_free(&output->chunks);
    kp_vector_free(&output->pieces);
    kp_traits_free(&output->traits);
    output->size = 0;
    output->reserved = 0;
}
