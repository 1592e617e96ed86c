/* SPDX-License-Identifier: BSD-3-Clause
 *
 * host/output_chunk.c - see output_private.h. Chunks of a MiB and more are mapped of their
 * own, so that what a library gave back, and later the whole, returns to the system at once;
 * if the output has a store, they are shared memory that other processes can map.
 *
 * Whoever writes on behind what was handed out to him is found out: the bytes there must stay
 * zero, and behind them a mapped chunk has a page that nobody can touch.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/range_share.h"
#include "host/output_private.h"
#include "kpipe/bytes.h"

enum { SMALL_CHUNK = 64 << 10, MAPPED_FROM = 1 << 20, GROW_MOST = 32 << 20, SPARE = 64 };

static uint64_t page_size(void)
{
    return (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Memory of this size and more is asked for in huge pages, which are of 2 MiB or so. */
#define HUGE_FROM (UINT64_C(8) << 20)

static uint64_t page_up(uint64_t size)
{
    return (size + page_size() - 1) & ~(page_size() - 1);
}

/* Twice as much as the last one, so that many small appends make few chunks. */
static uint64_t wanted_capacity(const struct kp_output *output, uint64_t length)
{
    const size_t count = output->chunks.count;
    uint64_t most = SMALL_CHUNK;

    if (count > 0)
        most = 2 * KP_ITEM(&output->chunks, struct kp_output_chunk, count - 1).capacity;
    if (most > GROW_MOST)
        most = GROW_MOST;
    return length > most ? length : most;
}

/* Zeros with an untouchable page behind them, of the descriptor or of this process alone. */
static uint8_t *map_guarded(uint64_t size, int descriptor)
{
    const size_t whole = (size_t)(size + page_size());
    uint8_t *memory;
    void *mapped;

    memory = mmap(NULL, whole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    if (descriptor >= 0)
        mapped = mmap(memory, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
                      descriptor, 0);
    else
        mapped = mmap(memory, (size_t)size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    /* A decompressed kernel is written once from its begin to its end: a fault for each of its
     * 16000 pages takes longer than to unpack lz4. A hint, which a system need not heed. */
    if (mapped != MAP_FAILED && descriptor < 0 && size >= HUGE_FROM)
        (void)madvise(mapped, (size_t)size, MADV_HUGEPAGE);
    /* A process that is about to become a host tool must not hold it: see adopt_shared. */
    if (mapped != MAP_FAILED && (descriptor < 0 || madvise(memory, whole, MADV_DONTFORK) == 0))
        return memory;
    munmap(memory, whole);
    return NULL;
}

static bool fill_mapped(struct kp_output_chunk *chunk, const struct kp_output_store *store,
                        uint64_t capacity)
{
    const uint64_t size = page_up(capacity + SPARE);

    if (store != NULL)
        chunk->descriptor = store->get(store->data, size, &chunk->number);
    if (store != NULL && chunk->descriptor == KP_STORE_NO_MEMORY)
        return false;
    chunk->memory = map_guarded(size, chunk->descriptor);
    if (chunk->memory == NULL && chunk->descriptor >= 0)
        close(chunk->descriptor);
    chunk->mapped = size + page_size();
    chunk->capacity = size - SPARE;
    return chunk->memory != NULL;
}

struct kp_output_chunk *kp_chunk_new(struct kp_output *output, uint64_t length)
{
    const uint64_t capacity = wanted_capacity(output, length);
    struct kp_output_chunk *chunk;
    bool made;

    /* Room for what is added to it here. */
    if (capacity > PTRDIFF_MAX - 4 * page_size())
        return NULL;
    chunk = KP_PUSH(&output->chunks, struct kp_output_chunk);
    if (chunk == NULL)
        return NULL;
    *chunk = (struct kp_output_chunk){.descriptor = KP_STORE_NOTHING};
    if (capacity >= MAPPED_FROM) {
        made = fill_mapped(chunk, output->store, capacity);
    } else {
        chunk->capacity = capacity;
        chunk->memory = calloc(1, (size_t)capacity + SPARE);
        made = chunk->memory != NULL;
    }
    if (made)
        return chunk;
    output->chunks.count--;
    return NULL;
}

bool kp_chunk_is_whole(const struct kp_output_chunk *chunk)
{
    static const uint8_t zeros[SPARE];

    return chunk->memory == NULL || memcmp(chunk->memory + chunk->used, zeros, SPARE) == 0;
}

/* Gives whole pages back to the system; they are zeros again. */
static void drop_pages(const struct kp_output_chunk *chunk, uint64_t begin, uint64_t end)
{
    const int advice = chunk->descriptor >= 0 ? MADV_REMOVE : MADV_DONTNEED;

    if (begin < end && madvise(chunk->memory + begin, (size_t)(end - begin), advice) != 0)
        memset(chunk->memory + begin, 0, (size_t)(end - begin));
}

/* What is reserved next must be zero again. */
void kp_chunk_give_back(struct kp_output_chunk *chunk, uint64_t length)
{
    const uint64_t end = chunk->used;
    uint64_t edge = end;

    chunk->used -= length;
    if (chunk->mapped > 0 && page_up(chunk->used) < end)
        edge = page_up(chunk->used);
    memset(chunk->memory + chunk->used, 0, (size_t)(edge - chunk->used));
    drop_pages(chunk, edge, edge < end ? page_up(end) : edge);
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

/* Shared memory becomes sealed; to be sealed it must not be mapped for writing anywhere. */
static struct kp_range *adopt_shared(struct kp_output_chunk *chunk)
{
    const uint64_t used = chunk->used;
    const int descriptor = chunk->descriptor;

    munmap(chunk->memory, (size_t)chunk->mapped);
    chunk->memory = NULL;
    chunk->descriptor = KP_STORE_NOTHING;
    if (ftruncate(descriptor, (off_t)page_up(used)) != 0) {
        close(descriptor);
        return NULL;
    }
    return kp_range_adopt_memfd(descriptor, used);
}

struct kp_range *kp_chunk_adopt(struct kp_output_chunk *chunk)
{
    const uint64_t keep = page_up(chunk->used);
    uint8_t *memory = chunk->memory;

    if (chunk->used == 0) {
        kp_chunk_release(chunk);
        return kp_range_copy("", 0);
    }
    if (chunk->descriptor >= 0)
        return adopt_shared(chunk);
    chunk->memory = NULL;
    if (chunk->mapped == 0)
        return kp_range_adopt(memory, chunk->used, release_heap);
    /* Unused pages, and the untouchable one. */
    munmap(memory + keep, (size_t)(chunk->mapped - keep));
    return kp_range_adopt(memory, chunk->used, release_mapped);
}

void kp_chunk_release(struct kp_output_chunk *chunk)
{
    if (chunk->memory == NULL)
        return;
    if (chunk->mapped > 0)
        munmap(chunk->memory, (size_t)chunk->mapped);
    else
        free(chunk->memory);
    if (chunk->descriptor >= 0)
        close(chunk->descriptor);
    chunk->memory = NULL;
    chunk->descriptor = KP_STORE_NOTHING;
}

static int make_memfd(void *data, uint64_t length, uint32_t *number)
{
    const int descriptor = kp_memfd_new(length);

    (void)data;
    *number = 0;
    /* Where descriptors run out, the bytes are copied when they cross. */
    if (descriptor < 0 || !kp_descriptor_is_behind(descriptor, KP_KEEP_PERCENT))
        return descriptor >= 0 ? descriptor : KP_STORE_NOTHING;
    close(descriptor);
    return KP_STORE_NOTHING;
}

const struct kp_output_store kp_output_memfds = {.get = make_memfd};
