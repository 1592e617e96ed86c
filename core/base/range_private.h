/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/range_private.h - what the range*.c files share. Nobody else includes it.
 */
#ifndef KP_BASE_RANGE_PRIVATE_H
#define KP_BASE_RANGE_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "base/range.h"

/* What of a fill lies in memory, at most. */
#define KP_FILL_BLOCK ((uint64_t)1 << 20)

/* RUN: bytes in one piece, its own or, as a slice, those of another range. */
enum kp_range_kind { KP_RANGE_RUN, KP_RANGE_GATHER, KP_RANGE_FILL };

/* A mapped file, for the SIGBUS handler. Slots are reused, never freed. */
struct kp_guard_slot {
    atomic_uintptr_t begin; /* 0: free */
    atomic_uintptr_t end;
    atomic_bool vanished;
};

/* What is known of the file behind a run. */
struct kp_mapped_file {
    struct kp_guard_slot *slot; /* NULL: the run is a copy */
    char *name;                 /* for messages */
    char *path;                 /* to see whether it was cut short inside its last page */
    struct kp_file_identity identity;
};

struct kp_gather_part {
    struct kp_range *range; /* a run or a fill, never empty */
    uint64_t begin;         /* where it begins in the gather */
};

struct kp_range {
    atomic_size_t references;
    enum kp_range_kind kind;
    uint64_t size;
    const uint8_t *bytes;  /* run: all of them; fill: one block */
    struct kp_range *base; /* slice of a run, a joined gather or a fill: keeps the bytes */

    void *memory; /* run and fill: what `release` gets; NULL if there is a base */
    uint64_t memory_size;
    void (*release)(void *memory, uint64_t size);
    struct kp_mapped_file *file; /* run: not NULL if it is a file's */

    struct kp_gather_part *parts; /* gather: at least two */
    size_t count;

    uint64_t block; /* fill: size of the block at `bytes` */
    uint8_t byte;   /* fill */

    atomic_int memfd; /* with the same bytes, plus one; 0: none (range_share.c) */

    /* Gather and fill: all bytes as one run, made when first asked for. */
    pthread_mutex_t join_lock;
    _Atomic(uint8_t *) joined;
};

struct kp_range *kp_range_new(enum kp_range_kind kind, uint64_t size);
/* The index of the part of a gather in which `offset` lies. */
size_t kp_range_part_at(const struct kp_range *gather, uint64_t offset);
/* Takes a slot for a mapping; NULL when memory runs out. */
struct kp_guard_slot *kp_guard_add(const void *bytes, uint64_t size);
void kp_guard_remove(struct kp_guard_slot *slot);
/* True if kp_range_guard_install was called. */
bool kp_guard_is_installed(void);
void kp_mapped_file_free(struct kp_mapped_file *file);

#endif
