/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/memory.c - large memory by mmap, small by malloc. The size tells which, so
 * that no header stands before the bytes.
 */
#include "base/memory.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static bool is_mapped(uint64_t size)
{
    return size >= KP_MEMORY_MAPPED;
}

void *kp_memory_new(uint64_t size)
{
    void *memory;

    if (size > PTRDIFF_MAX)
        return NULL;
    if (!is_mapped(size))
        return calloc(1, size > 0 ? (size_t)size : 1);
    memory = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    /* Processes that are started (sandbox/child.c) need no image: to copy the tables of a gigabyte
     * would take them a tenth of a second, and hold it when it is freed here. */
    (void)madvise(memory, (size_t)size, MADV_DONTFORK);
    return memory;
}

void *kp_memory_new_filled(uint64_t size)
{
    void *const memory = kp_memory_new(size);

#ifdef MADV_POPULATE_WRITE /* Linux 5.14; without it they come when they are written */
    if (memory != NULL && is_mapped(size))
        (void)madvise(memory, (size_t)size, MADV_POPULATE_WRITE);
#endif
    return memory;
}

void kp_memory_free(void *memory, uint64_t size)
{
    if (memory == NULL)
        return;
    if (is_mapped(size))
        munmap(memory, (size_t)size);
    else
        free(memory);
}

void *kp_memory_resize(void *memory, uint64_t size, uint64_t new_size)
{
    void *moved;

    if (new_size > PTRDIFF_MAX)
        return NULL;
    if (is_mapped(size) && is_mapped(new_size)) {
        /* The rest of the last page is part of the mapping already. */
        if (new_size < size)
            memset((char *)memory + new_size, 0,
                   (size_t)(size - new_size < 65536 ? size - new_size : 65536));
        moved = mremap(memory, (size_t)size, (size_t)new_size, MREMAP_MAYMOVE);
        return moved != MAP_FAILED ? moved : NULL;
    }
    moved = kp_memory_new(new_size);
    if (moved == NULL)
        return NULL;
    memcpy(moved, memory, (size_t)(size < new_size ? size : new_size));
    kp_memory_free(memory, size);
    return moved;
}

static pthread_rwlock_t privacy = PTHREAD_RWLOCK_INITIALIZER;

void kp_memory_private_begin(void)
{
    pthread_rwlock_rdlock(&privacy);
}

void kp_memory_private_end(void)
{
    pthread_rwlock_unlock(&privacy);
}

void kp_memory_copy_begin(void)
{
    pthread_rwlock_wrlock(&privacy);
}

void kp_memory_copy_end(void)
{
    pthread_rwlock_unlock(&privacy);
}
