/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/memory-shared.h - an allocator of which one allocation fails, and which counts those
 * that were not freed. Not under sanitizers, whose allocator cannot be replaced: FAILING_MEMORY
 * tells. Included by one file of a test only.
 */
#ifndef KP_TEST_MEMORY_SHARED_H
#define KP_TEST_MEMORY_SHARED_H

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED
#endif

#if !defined(SANITIZED) && defined(__GLIBC__)
#define FAILING_MEMORY

/* The C library's own, under the names that are meant for replacements. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void __libc_free(void *memory);

/* Seen by the C library itself, whatever the build hides. */
#define REPLACES __attribute__((visibility("default")))

static atomic_long until_failure = -1; /* -1: no allocation fails */
static atomic_bool counting;
static atomic_long live; /* allocations that were not freed, while counting */
static atomic_bool failed_one;

static bool fails_now(void)
{
    if (!counting || until_failure < 0 || atomic_fetch_sub(&until_failure, 1) != 0)
        return false;
    failed_one = true;
    errno = ENOMEM;
    return true;
}

REPLACES void *malloc(size_t size)
{
    if (fails_now())
        return NULL;
    live += counting;
    return __libc_malloc(size);
}

REPLACES void *calloc(size_t count, size_t size)
{
    if (fails_now())
        return NULL;
    live += counting;
    return __libc_calloc(count, size);
}

REPLACES void *realloc(void *memory, size_t size)
{
    if (fails_now())
        return NULL;
    live += counting && memory == NULL;
    return __libc_realloc(memory, size);
}

REPLACES void free(void *memory)
{
    live -= counting && memory != NULL;
    __libc_free(memory);
}

#endif

#endif
