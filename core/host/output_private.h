/* SPDX-License-Identifier: BSD-3-Clause
 *
 * host/output_private.h - what output.c asks of output_chunk.c: the memory of an output.
 * Nobody else includes it.
 */
#ifndef KP_HOST_OUTPUT_PRIVATE_H
#define KP_HOST_OUTPUT_PRIVATE_H

#include "host/image.h"

/* A new last chunk with room for `length` bytes; NULL when memory runs out. */
struct kp_output_chunk *kp_chunk_new(struct kp_output *output, uint64_t length);
/* Whether the bytes behind the used ones are still zero. */
bool kp_chunk_is_whole(const struct kp_output_chunk *chunk);
/* Makes the last `length` of the used bytes zero and unused. */
void kp_chunk_give_back(struct kp_output_chunk *chunk, uint64_t length);
/* Hands a chunk's memory over to a range of its used bytes; NULL when memory runs out. */
struct kp_range *kp_chunk_adopt(struct kp_output_chunk *chunk);
/* Lets go of its memory, if it has any. */
void kp_chunk_release(struct kp_output_chunk *chunk);

#endif
