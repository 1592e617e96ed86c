/* SPDX-License-Identifier: BSD-3-Clause
 *
 * host/image.h - what the SDK's opaque handles are on the host's side: an image
 * (bytes and traits), a tree, and an output that grows.
 *
 * An output is a list of pieces: bytes in chunks of its own, and references to ranges
 * that were appended. Nothing is moved once it was handed out, so a plugin may write
 * into what it reserved until its call returns.
 */
#ifndef KP_HOST_IMAGE_H
#define KP_HOST_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/folder.h"
#include "base/range.h"
#include "base/trait.h"
#include "base/vector.h"

struct kp_image {
    struct kp_range *range;
    struct kp_traits traits;
};

/* A folder, as long as the plan that opened it. */
struct kp_tree {
    struct kp_folder *folder;
};

/* Releases the members; the struct itself belongs to whoever made it. */
void kp_image_clear(struct kp_image *image);

struct kp_output {
    const char *part; /* NULL: the main output, or a part that was not begun */
    struct kp_traits traits;
    struct kp_vector pieces; /* of struct kp_output_piece */
    struct kp_vector chunks; /* of struct kp_output_chunk */
    uint64_t size;
    uint64_t limit;    /* of size */
    uint64_t reserved; /* bytes that may be given back */
    bool traits_only;  /* an inspection's: no bytes */
};

/* Why an output refused. */
enum kp_output_result { KP_OUTPUT_OK, KP_OUTPUT_NO_MEMORY, KP_OUTPUT_TOO_LARGE, KP_OUTPUT_MISUSE };

enum kp_output_result kp_output_append(struct kp_output *output, const void *bytes,
                                       uint64_t length);
/* Keeps a reference to the range. */
enum kp_output_result kp_output_range(struct kp_output *output, struct kp_range *range);
enum kp_output_result kp_output_reserve(struct kp_output *output, uint64_t length, uint8_t **at);
enum kp_output_result kp_output_give_back(struct kp_output *output, uint64_t length);
/* The finished bytes; the output is empty afterwards. NULL when memory runs out. */
struct kp_range *kp_output_finish(struct kp_output *output);
void kp_output_clear(struct kp_output *output);

#endif
