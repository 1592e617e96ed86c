/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/range.h - immutable, reference-counted runs of bytes.
 *
 * A range is a mapped file, memory, a slice of a range, a list of ranges (a
 * gather), or a byte repeated. Slices and gathers copy nothing. A range never
 * changes after it was made, so it may be read by any number of threads; the
 * reference counts are atomic. Every function that makes a range returns NULL
 * when memory runs out.
 *
 * A page of a mapped file that vanishes (somebody cut the file short) reads as
 * zeros from then on and marks its file: kp_range_vanished tells. The handler
 * that does this is installed by kp_range_guard_install.
 */
#ifndef KP_BASE_RANGE_H
#define KP_BASE_RANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kp_range;

struct kp_range *kp_range_ref(struct kp_range *range); /* NULL gives NULL */
void kp_range_unref(struct kp_range *range);           /* NULL is ignored */
static inline void kp_auto_range(struct kp_range **range)
{
    kp_range_unref(*range);
}

/* A range of memory that it now owns; `release` (may be NULL) is called with
 * `memory` and `size` at the end, also if making the range fails. */
struct kp_range *kp_range_adopt(void *memory, uint64_t size,
                                void (*release)(void *memory, uint64_t size));
struct kp_range *kp_range_copy(const void *bytes, uint64_t size);
/* `size` times `byte`. Costs no memory to speak of, whatever the size. */
struct kp_range *kp_range_fill(uint8_t byte, uint64_t size);
/* Part of a range: keeps a reference to it. The caller has checked the bounds
 * (kp_inside); out-of-bounds slices are NULL as well. */
struct kp_range *kp_range_slice(struct kp_range *range, uint64_t offset, uint64_t length);
/* `count` ranges one after the other: keeps a reference to each. Nested gathers
 * are flattened, empty ones dropped. NULL also if the sum overflows. */
struct kp_range *kp_range_gather(struct kp_range *const *ranges, size_t count);

/* A file, mapped read-only (a pipe or device is read into memory instead). On
 * failure NULL, and errno says why (EISDIR for a folder). `name` is for
 * messages. The identity of the open file is in *identity if not NULL. */
struct kp_file_identity {
    uint64_t device, inode, size;
    int64_t seconds, nanoseconds; /* of last modification */
};
struct stat;
struct kp_file_identity kp_file_identity_of(const struct stat *status);
bool kp_file_identity_equal(const struct kp_file_identity *a, const struct kp_file_identity *b);
struct kp_range *kp_range_open(const char *path, const char *name,
                               struct kp_file_identity *identity);
/* The same for a file that is open already and stays the caller's; `path` leads to it.
 * Files of up to `small` bytes are copied. */
struct kp_range *kp_range_open_at(int descriptor, const char *path, const char *name,
                                  uint64_t small, struct kp_file_identity *identity);
/* All that can be read from a descriptor, which stays the caller's; at most
 * `limit` bytes, else NULL and EFBIG. */
struct kp_range *kp_range_from_descriptor(int descriptor, uint64_t limit);

uint64_t kp_range_size(const struct kp_range *range);
/* The longest contiguous run from `offset`; length 0 at the end. */
void kp_range_piece(const struct kp_range *range, uint64_t offset, const uint8_t **bytes,
                    uint64_t *length);
/* All bytes as one run, joined once for all readers and kept with the range;
 * NULL when memory runs out, never NULL otherwise. */
const uint8_t *kp_range_view(struct kp_range *range);
/* Copies out; false if out of bounds. */
bool kp_range_read(const struct kp_range *range, uint64_t offset, void *to, uint64_t length);
bool kp_range_equal(const struct kp_range *a, const struct kp_range *b);

/* Installs the SIGBUS handler of this process; call once, before threads start.
 * A SIGBUS elsewhere than in a mapped input is passed on. */
bool kp_range_guard_install(void);
/* The name of a mapped file under this range that lost a page or was written to, or NULL. */
const char *kp_range_vanished(const struct kp_range *range);

/* Writes all to a descriptor with gathered writes; zeros that a fill stands for
 * become holes if `sparse` and the descriptor can seek (the caller truncates to
 * size afterwards). `stop` (may be NULL) is asked between writes and ends it with
 * ECANCELED. False and errno on failure; EFAULT if a mapped input vanished. */
bool kp_range_write(const struct kp_range *range, int descriptor, bool sparse,
                    bool (*stop)(void *data), void *data);
/* SHA-256 of all bytes. False when memory runs out. */
bool kp_range_sha256(const struct kp_range *range, uint8_t digest[32]);

#endif
