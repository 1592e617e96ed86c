/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/arena.h - memory that is allocated piece by piece and released at once.
 *
 * A recipe, a plan and a call each own an arena for the many small things that
 * live as long as they do. Not for image bytes (see range.h). An arena is used by
 * one thread at a time. Every function returns NULL when memory runs out.
 */
#ifndef KP_BASE_ARENA_H
#define KP_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct kp_arena;

struct kp_arena *kp_arena_new(void);
/* Releases all that was allocated from it. NULL is ignored. */
void kp_arena_free(struct kp_arena *arena);
static inline void kp_auto_arena(struct kp_arena **arena)
{
    kp_arena_free(*arena);
}

/* Zeroed memory, aligned for any type. */
void *kp_arena_alloc(struct kp_arena *arena, size_t size);
/* Zeroed memory for `count` items; fails if the product overflows. */
void *kp_arena_array(struct kp_arena *arena, size_t count, size_t item_size);
char *kp_arena_strdup(struct kp_arena *arena, const char *text);
char *kp_arena_strndup(struct kp_arena *arena, const char *text, size_t length);
__attribute__((format(printf, 2, 3))) char *kp_arena_printf(struct kp_arena *arena,
                                                            const char *format, ...);
#define KP_ARENA_NEW(arena, type) ((type *)kp_arena_alloc((arena), sizeof(type)))

#endif
