/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/memory.h - memory for image bytes. Large pieces come from the system and
 * go back to it at once when they are freed, so that the memory of a run is that
 * of its live images; a copy that fork makes of the process does not have them. Not
 * for small things (see arena.h).
 */
#ifndef KP_BASE_MEMORY_H
#define KP_BASE_MEMORY_H

#include <stdint.h>

/* Pieces from this size on are mapped. */
#define KP_MEMORY_MAPPED ((uint64_t)1 << 20)

/* Zeroed memory; NULL when it runs out. Size 0 gives a valid address. */
void *kp_memory_new(uint64_t size);
/* The same, for who is about to write all of it: large memory has its pages already, which takes
 * half the time of getting them one by one. */
void *kp_memory_new_filled(uint64_t size);
/* `size` is that of kp_memory_new: fits kp_range_adopt's `release`. NULL is
 * ignored. */
void kp_memory_free(void *memory, uint64_t size);
/* Changes the size, without copying where the memory is mapped. New bytes are
 * zero. NULL when memory runs out; the old memory then stays as it is. */
void *kp_memory_resize(void *memory, uint64_t size, uint64_t new_size);

/* Copies of the process live as long as the workers and tools that they watch. While ordinary
 * memory holds something that none of them may have (a private key that is being used), nobody
 * makes one. Any number of threads may be within the first two; the others wait. */
void kp_memory_private_begin(void);
void kp_memory_private_end(void);
void kp_memory_copy_begin(void);
void kp_memory_copy_end(void);

#endif
