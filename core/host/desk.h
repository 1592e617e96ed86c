/* SPDX-License-Identifier: BSD-3-Clause
 *
 * host/desk.h - what a call has at hand in the process in which the plugin's code runs, and
 * the services of kpipe/host.h that need nothing else: reading images, growing outputs,
 * reading traits, scratch memory.
 *
 * The same code serves a plugin in kpipe's own process (plugin/host.c) and in a worker
 * (worker/), so that both behave alike to the byte and to the word. Whatever needs the
 * recipe, the registry or the user is not here. A desk is used by one thread at a time, but
 * for what kpipe/host.h marks [any].
 */
#ifndef KP_HOST_DESK_H
#define KP_HOST_DESK_H

#include "base/arena.h"
#include "base/vector.h"
#include "host/image.h"
#include "kpipe/host.h"

struct kp_desk;

/* To whom a desk tells what went wrong; each makes sure that the call fails. */
struct kp_desk_owner {
    void (*no_memory)(struct kp_desk *desk);
    /* A broken promise of the plugin: a phrase, "output_append of NULL". */
    void (*fault)(struct kp_desk *desk, const char *what);
    /* An output reached its limit. */
    void (*too_large)(struct kp_desk *desk);
};

struct kp_desk {
    struct kp_call call; /* first: the plugin's pointer is this struct's */
    const struct kp_desk_owner *owner;
    struct kp_arena *arena;          /* of the call */
    struct kp_output output;         /* the main output */
    struct kp_vector images;         /* of struct kp_image *: slices, outputs of run_stage */
    uint64_t scratch, scratch_limit; /* bytes of kp_host.alloc */
};

static inline struct kp_desk *kp_desk_of(struct kp_call *call)
{
    return (struct kp_desk *)call;
}

/* Both tell the owner and return KP_FAILED. */
int32_t kp_desk_no_memory(struct kp_desk *desk);
int32_t kp_desk_fault(struct kp_desk *desk, const char *what);
/* A new image without bytes that lives as long as the call; NULL after reporting. */
struct kp_image *kp_desk_new_image(struct kp_desk *desk);
/* Lets go of images and output. The arena is its owner's. */
void kp_desk_clear(struct kp_desk *desk);

/* The services, as struct kp_host describes them. */
uint64_t kp_desk_image_size(struct kp_call *call, const struct kp_image *image);
const uint8_t *kp_desk_image_view(struct kp_call *call, const struct kp_image *image);
int32_t kp_desk_image_read(struct kp_call *call, const struct kp_image *image, uint64_t offset,
                           void *to, uint64_t length);
int32_t kp_desk_image_piece(struct kp_call *call, const struct kp_image *image, uint64_t offset,
                            const uint8_t **bytes, uint64_t *length);
const struct kp_image *kp_desk_image_slice(struct kp_call *call, const struct kp_image *image,
                                           uint64_t offset, uint64_t length);
int32_t kp_desk_output_append(struct kp_call *call, struct kp_output *output, const void *bytes,
                              uint64_t length);
int32_t kp_desk_output_image(struct kp_call *call, struct kp_output *output,
                             const struct kp_image *image, uint64_t offset, uint64_t length);
int32_t kp_desk_output_fill(struct kp_call *call, struct kp_output *output, uint8_t byte,
                            uint64_t length);
uint8_t *kp_desk_output_reserve(struct kp_call *call, struct kp_output *output, uint64_t length);
int32_t kp_desk_output_give_back(struct kp_call *call, struct kp_output *output, uint64_t length);
uint64_t kp_desk_output_size(struct kp_call *call, struct kp_output *output);
int32_t kp_desk_trait_number(struct kp_call *call, const struct kp_image *image, const char *name,
                             uint64_t *value);
int32_t kp_desk_trait_text(struct kp_call *call, const struct kp_image *image, const char *name,
                           struct kp_text *value);
void *kp_desk_alloc(struct kp_call *call, uint64_t length);
/* Why a part cannot be one of the main input's: a phrase for a fault; NULL: it can. */
const char *kp_desk_judge_part(struct kp_call *call, const struct kp_part *part);
const char *kp_desk_judge_field(const struct kp_field *field);
const char *kp_desk_judge_remake(const char *chain);

#endif
