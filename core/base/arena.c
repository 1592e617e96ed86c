/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/arena.c - the arena: a list of blocks, filled one after the other.
 *
 * Blocks grow with the arena, so that a small one stays small and a large one
 * needs few. What does not fit into a block gets one of its own. Nothing is ever
 * given back before the whole.
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SMALLEST ((size_t)2048)
#define BLOCK_LARGEST ((size_t)65536)

struct block {
    struct block *next;
    size_t used;
    size_t size;
    alignas(max_align_t) unsigned char bytes[];
};

struct kp_arena {
    struct block *blocks; /* the first is the one being filled */
    size_t next_size;
};

struct kp_arena *kp_arena_new(void)
{
    struct kp_arena *arena = calloc(1, sizeof(*arena));

    if (arena != NULL)
        arena->next_size = BLOCK_SMALLEST;
    return arena;
}

void kp_arena_free(struct kp_arena *arena)
{
    if (arena == NULL)
        return;
    for (struct block *block = arena->blocks, *next; block != NULL; block = next) {
        next = block->next;
        free(block);
    }
    free(arena);
}

static struct block *block_new(size_t size)
{
    struct block *block;

    if (size > PTRDIFF_MAX - sizeof(*block))
        return NULL;
    block = calloc(1, sizeof(*block) + size);
    if (block != NULL)
        block->size = size;
    return block;
}

/* A block of its own, behind the one being filled. */
static void *alloc_large(struct kp_arena *arena, size_t size)
{
    struct block *block = block_new(size);

    if (block == NULL)
        return NULL;
    block->used = size;
    if (arena->blocks != NULL) {
        block->next = arena->blocks->next;
        arena->blocks->next = block;
    } else {
        arena->blocks = block;
    }
    return block->bytes;
}

void *kp_arena_alloc(struct kp_arena *arena, size_t size)
{
    const size_t alignment = alignof(max_align_t);
    struct block *block = arena->blocks;
    void *memory;

    if (size > PTRDIFF_MAX - alignment)
        return NULL;
    if (size == 0)
        size = 1;
    size = (size + alignment - 1) / alignment * alignment;
    if (block == NULL || size > block->size - block->used) {
        if (size > arena->next_size / 4)
            return alloc_large(arena, size);
        block = block_new(arena->next_size);
        if (block == NULL)
            return NULL;
        if (arena->next_size < BLOCK_LARGEST)
            arena->next_size *= 2;
        block->next = arena->blocks;
        arena->blocks = block;
    }
    memory = block->bytes + block->used;
    block->used += size;
    return memory;
}

void *kp_arena_array(struct kp_arena *arena, size_t count, size_t item_size)
{
    size_t size;

    if (__builtin_mul_overflow(count, item_size, &size))
        return NULL;
    return kp_arena_alloc(arena, size);
}

char *kp_arena_strdup(struct kp_arena *arena, const char *text)
{
    return kp_arena_strndup(arena, text, strlen(text));
}

char *kp_arena_strndup(struct kp_arena *arena, const char *text, size_t length)
{
    char *copy = length < SIZE_MAX ? kp_arena_alloc(arena, length + 1) : NULL;

    if (copy != NULL && length > 0)
        memcpy(copy, text, length);
    return copy;
}

char *kp_arena_printf(struct kp_arena *arena, const char *format, ...)
{
    va_list arguments;
    char *text;
    int length;

    va_start(arguments, format);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        return NULL;
    text = kp_arena_alloc(arena, (size_t)length + 1);
    if (text == NULL)
        return NULL;
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}
