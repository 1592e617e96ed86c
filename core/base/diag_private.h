/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/diag_private.h - what diag.c, diag_sort.c and diag_render.c share. Nobody
 * else includes it.
 */
#ifndef KP_BASE_DIAG_PRIVATE_H
#define KP_BASE_DIAG_PRIVATE_H

#include <pthread.h>

#include "base/arena.h"
#include "base/diag.h"

struct kp_source {
    struct kp_source *next;
    const char *file;
    const char *text;
    size_t length;
    /* The line that was asked for last: findings are mostly shown in order, and a
     * source is then read once altogether. */
    uint32_t line;
    size_t begin;
    size_t end;
};

struct kp_diags {
    pthread_mutex_t lock;
    struct kp_arena *arena;
    struct kp_source *sources;
    struct kp_finding **findings; /* always with room for no_memory */
    size_t count;
    size_t capacity;
    size_t errors;
    struct kp_finding no_memory; /* reported without allocating */
    bool has_no_memory;
};

/* A line of a source, without its end. `text` is NULL if the source or the line
 * is not known; else it is valid until kp_diags_free. */
struct kp_source_line {
    const char *text;
    size_t length;
};

struct kp_source_line kp_diags_line(struct kp_diags *diags, struct kp_place place);

#endif
