/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/range_share.h - bytes that go from one process to another without a copy: of what a
 * range consists, descriptors that another process can map, and ranges made from such
 * descriptors.
 *
 * A descriptor of a file shows the file as it is, so the other side must be ready for pages
 * that vanish, as this one is. Memory goes as a sealed memfd, which nobody can change.
 * How descriptors travel is not told here (wire/).
 */
#ifndef KP_BASE_RANGE_SHARE_H
#define KP_BASE_RANGE_SHARE_H

#include "base/range.h"

/* A part of a range: bytes in one piece, or a byte repeated. */
struct kp_range_run {
    struct kp_range *owner; /* whose bytes it shows, for as long as the range lives; NULL: a fill */
    const uint8_t *bytes;   /* of the owner: */
    uint64_t offset;        /* where they stand in it */
    uint64_t length;        /* never 0 */
    uint8_t byte;           /* of a fill */
};

/* Visits the parts in order; neighbours may have the same owner. False as soon as `visit` says
 * so. A gather that was joined for a reader (kp_range_view) is visited by its parts. */
bool kp_range_runs(struct kp_range *range,
                   bool (*visit)(void *data, const struct kp_range_run *run), void *data);

/* A descriptor, the caller's to close, from which another process can map an owner's bytes
 * read-only, and how many there are (*size: those of the owner, kp_range_size). For a mapped
 * file, if it is still to be found and unchanged, the file opened again (*is_file); for
 * memory that has one, its memfd. -1: there is none; kp_range_seal makes one. */
int kp_range_descriptor(struct kp_range *owner, uint64_t *size, bool *is_file);
/* As above, but copies the bytes into a sealed memfd where there is none. It is kept with the
 * owner, so that it is made once, unless descriptors are scarce. -1 and errno when memory or descriptors run out. May be
 * called by several threads at once. */
int kp_range_seal(struct kp_range *owner, uint64_t *size, bool *is_file);

/* Whether a descriptor that was just made is behind `percent` of those that this process may
 * have. As the lowest is given out first, it tells how many are in use: what can do without
 * one leaves the rest to those who cannot. */
bool kp_descriptor_is_behind(int descriptor, unsigned percent);
#define KP_KEEP_PERCENT 50u /* of memory that may cross: it is copied when it does */

/* A new memfd of `size` zeros that can be sealed and mapped for writing; -1 and errno. */
int kp_memfd_new(uint64_t size);
/* Its size stays as it is, whoever has it. False and errno. */
bool kp_memfd_fix(int descriptor);
/* The first `size` bytes of a memfd, which is sealed, mapped and, unless descriptors are scarce,
 * kept with the range. It is taken over in any case. NULL and errno: EBUSY while somebody has it mapped for writing,
 * EINVAL if it is shorter. */
struct kp_range *kp_range_adopt_memfd(int descriptor, uint64_t size);
/* The first `size` bytes of what another process sent: mapped read-only; the descriptor is
 * closed in any case. Pages of a file that vanish are zeros (kp_range_guard_install). NULL and
 * errno. */
struct kp_range *kp_range_map(int descriptor, uint64_t size, bool is_file);

#endif
