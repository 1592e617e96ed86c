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
    const struct kp_image *whole; /* of a slice: the image, no slice itself, it is part of; */
    uint64_t offset;              /* and where it begins there */
};

/* A folder, as long as the plan that opened it. */
struct kp_tree {
    struct kp_folder *folder;
};

/* Releases the members; the struct itself belongs to whoever made it. */
void kp_image_clear(struct kp_image *image);

/* Where large chunks of an output come from, so that they can go to another process as they
 * are. */
struct kp_output_store {
    /* A memfd of at least `length` zeros that can be sealed; it is the output's from then on.
     * *number is kept with the chunk, for whoever takes the output apart. */
    int (*get)(void *data, uint64_t length, uint32_t *number);
    void *data;
};
/* Instead of a descriptor. */
#define KP_STORE_NO_MEMORY (-1)
#define KP_STORE_NOTHING (-2) /* the chunk is to be memory of this process alone */

/* Makes its memfds itself. */
extern const struct kp_output_store kp_output_memfds;

/* Memory of an output. Behind what can be handed out are some bytes that stay zero. */
struct kp_output_chunk {
    uint8_t *memory;
    uint64_t capacity; /* bytes that can be handed out */
    uint64_t used;     /* those that were */
    uint64_t mapped;   /* bytes that are mapped at `memory`; 0: it is from malloc */
    int descriptor;    /* of the store; -1: none */
    uint32_t number;   /* from the store */
};

enum kp_output_source {
    KP_OUTPUT_OWN,   /* of a chunk */
    KP_OUTPUT_RANGE, /* of some range */
    KP_OUTPUT_IMAGE, /* of an image, which is no slice */
    KP_OUTPUT_FILL,  /* a byte repeated */
};

/* A part of an output. */
struct kp_output_piece {
    enum kp_output_source source;
    struct kp_range *range;       /* all but OWN: the bytes */
    size_t chunk;                 /* OWN: its index */
    const struct kp_image *image; /* IMAGE */
    uint64_t offset;              /* in the chunk, or the image */
    uint64_t length;
    uint8_t byte; /* FILL */
};

struct kp_output {
    const char *part; /* NULL: the main output, or a part that was not begun */
    struct kp_traits traits;
    struct kp_vector pieces; /* of struct kp_output_piece */
    struct kp_vector chunks; /* of struct kp_output_chunk */
    uint64_t size;
    uint64_t limit;                      /* of size */
    uint64_t reserved;                   /* bytes that may be given back */
    const struct kp_output_store *store; /* NULL: large chunks are anonymous memory */
    bool traits_only;                    /* an inspection's: no bytes */
};

/* Why an output refused. */
enum kp_output_result {
    KP_OUTPUT_OK,
    KP_OUTPUT_NO_MEMORY,
    KP_OUTPUT_TOO_LARGE,
    KP_OUTPUT_MISUSE,
    KP_OUTPUT_OVERRUN, /* somebody wrote past the end of what had been handed out */
};
/* A phrase for the plugin's fault that an OVERRUN is. */
#define KP_OUTPUT_OVERRUN_TEXT "wrote past the end of what it had reserved"

enum kp_output_result kp_output_append(struct kp_output *output, const void *bytes,
                                       uint64_t length);
/* Keeps a reference to the range. */
enum kp_output_result kp_output_range(struct kp_output *output, struct kp_range *range);
/* A part of an image, which lives as long as the output. The caller has checked the
 * bounds. */
enum kp_output_result kp_output_image(struct kp_output *output, const struct kp_image *image,
                                      uint64_t offset, uint64_t length);
enum kp_output_result kp_output_fill(struct kp_output *output, uint8_t byte, uint64_t length);
enum kp_output_result kp_output_reserve(struct kp_output *output, uint64_t length, uint8_t **at);
enum kp_output_result kp_output_give_back(struct kp_output *output, uint64_t length);
/* OK or OVERRUN. */
enum kp_output_result kp_output_check(const struct kp_output *output);
/* The finished bytes; the output is empty afterwards. OK, NO_MEMORY or OVERRUN. */
enum kp_output_result kp_output_finish(struct kp_output *output, struct kp_range **whole);
/* For who takes an output apart instead of finishing it: check it, look at the pieces, then
 * let go of the memory, so that nobody has it mapped for writing. The pieces remain. */
void kp_output_release_chunks(struct kp_output *output);
void kp_output_clear(struct kp_output *output);

#endif
