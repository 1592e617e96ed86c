/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/host_bytes.c - the services for bytes: reading images, growing outputs. What a plugin
 * hands in is checked; traits and reports are in host_traits.c and host.c.
 */
#include <inttypes.h>
#include <string.h>

#include "kpipe/bytes.h"
#include "plugin/host_private.h"

uint64_t kp_host_image_size(struct kp_call *call, const struct kp_image *image)
{
    (void)call;
    return image == NULL ? 0 : kp_range_size(image->range);
}

const uint8_t *kp_host_image_view(struct kp_call *call, const struct kp_image *image)
{
    const uint8_t *view;

    if (image == NULL) {
        kp_host_fault(kp_call_state(call), "image_view of NULL");
        return NULL;
    }
    view = kp_range_view(image->range);
    if (view == NULL)
        kp_host_no_memory(kp_call_state(call));
    return view;
}

int32_t kp_host_image_read(struct kp_call *call, const struct kp_image *image, uint64_t offset,
                           void *to, uint64_t length)
{
    struct kp_call_state *state = kp_call_state(call);
    struct kp_problem problem = {.size = sizeof(problem)};
    const char *text;

    if (image == NULL || to == NULL)
        return kp_host_fault(state, "image_read of NULL");
    if (kp_range_read(image->range, offset, to, length))
        return KP_OK;
    text = kp_arena_printf(state->arena,
                           "%" PRIu64 " bytes at offset %" PRIu64 " of an image of %" PRIu64
                           " bytes: it ends too early",
                           length, offset, kp_range_size(image->range));
    problem.text = text == NULL ? "the image ends too early" : text;
    return call->host->fail(call, &problem);
}

int32_t kp_host_image_piece(struct kp_call *call, const struct kp_image *image, uint64_t offset,
                            const uint8_t **bytes, uint64_t *length)
{
    if (image == NULL || bytes == NULL || length == NULL || offset > kp_range_size(image->range))
        return kp_host_fault(kp_call_state(call), "image_piece behind the end of an image");
    kp_range_piece(image->range, offset, bytes, length);
    return KP_OK;
}

const struct kp_image *kp_host_image_slice(struct kp_call *call, const struct kp_image *image,
                                           uint64_t offset, uint64_t length)
{
    struct kp_call_state *state = kp_call_state(call);
    struct kp_image **slot;
    struct kp_image *slice;

    if (image == NULL || !kp_inside(kp_range_size(image->range), offset, length)) {
        kp_host_fault(state, "image_slice behind the end of an image");
        return NULL;
    }
    slot = KP_PUSH(&state->images, struct kp_image *);
    slice = KP_ARENA_NEW(state->arena, struct kp_image);
    if (slot == NULL || slice == NULL) {
        kp_host_no_memory(state);
        return NULL;
    }
    *slot = slice;
    slice->range = kp_range_slice(image->range, offset, length);
    if (slice->range != NULL)
        return slice;
    kp_host_no_memory(state);
    return NULL;
}

int32_t kp_host_identify(struct kp_call *call, const struct kp_image *image,
                         struct kp_identity *identity)
{
    struct kp_call_state *state = kp_call_state(call);

    if (image == NULL || identity == NULL || identity->size < sizeof(*identity))
        return kp_host_fault(state, "identify without an image or a place for the answer");
    identity->kind = NULL;
    identity->codec = NULL;
    kp_registry_identify(state->context->registry, image->range, &identity->kind, &identity->codec);
    return KP_OK;
}

static int32_t told(struct kp_call_state *state, enum kp_output_result result)
{
    switch (result) {
    case KP_OUTPUT_OK:
        return KP_OK;
    case KP_OUTPUT_NO_MEMORY:
        return kp_host_no_memory(state);
    case KP_OUTPUT_TOO_LARGE:
        state->failures++;
        /* An inspection's output takes no bytes: there is a request. */
        kp_error_hint(state->context->diags, state->request->place,
                      "is the input what it should be? `kpipe inspect` tells", KP1504, state->name,
                      state->context->output_limit);
        return KP_FAILED;
    default:
        return kp_host_fault(state, "output used against its rules (kpipe/host.h, outputs)");
    }
}

int32_t kp_host_output_append(struct kp_call *call, struct kp_output *output, const void *bytes,
                              uint64_t length)
{
    if (output == NULL || (bytes == NULL && length > 0))
        return kp_host_fault(kp_call_state(call), "output_append of NULL");
    return told(kp_call_state(call), kp_output_append(output, bytes, length));
}

static int32_t output_range(struct kp_call_state *state, struct kp_output *output,
                            struct kp_range *range)
{
    enum kp_output_result result;

    if (range == NULL)
        return kp_host_no_memory(state);
    result = kp_output_range(output, range);
    kp_range_unref(range);
    return told(state, result);
}

int32_t kp_host_output_image(struct kp_call *call, struct kp_output *output,
                             const struct kp_image *image, uint64_t offset, uint64_t length)
{
    struct kp_call_state *state = kp_call_state(call);

    if (output == NULL || image == NULL || !kp_inside(kp_range_size(image->range), offset, length))
        return kp_host_fault(state, "output_image behind the end of an image");
    return output_range(state, output, kp_range_slice(image->range, offset, length));
}

int32_t kp_host_output_fill(struct kp_call *call, struct kp_output *output, uint8_t byte,
                            uint64_t length)
{
    struct kp_call_state *state = kp_call_state(call);

    if (output == NULL)
        return kp_host_fault(state, "output_fill of NULL");
    return output_range(state, output, kp_range_fill(byte, length));
}

uint8_t *kp_host_output_reserve(struct kp_call *call, struct kp_output *output, uint64_t length)
{
    uint8_t *at = NULL;

    if (output == NULL) {
        kp_host_fault(kp_call_state(call), "output_reserve of NULL");
        return NULL;
    }
    return told(kp_call_state(call), kp_output_reserve(output, length, &at)) == KP_OK ? at : NULL;
}

int32_t kp_host_output_give_back(struct kp_call *call, struct kp_output *output, uint64_t length)
{
    if (output == NULL)
        return kp_host_fault(kp_call_state(call), "output_give_back of NULL");
    return told(kp_call_state(call), kp_output_give_back(output, length));
}

uint64_t kp_host_output_size(struct kp_call *call, struct kp_output *output)
{
    (void)call;
    return output == NULL ? 0 : output->size;
}

struct kp_output *kp_host_output_part(struct kp_call *call, const char *name)
{
    struct kp_call_state *state = kp_call_state(call);

    if (name == NULL || state->operation == NULL ||
        !kp_host_declared(state->operation->parts, name)) {
        kp_host_fault(state, "a part that it did not declare");
        return NULL;
    }
    for (size_t i = 0; i < state->request->wanted_count; i++) {
        if (strcmp(state->request->wanted_parts[i], name) == 0) {
            state->parts[i].part = state->request->wanted_parts[i];
            return &state->parts[i];
        }
    }
    return NULL;
}
