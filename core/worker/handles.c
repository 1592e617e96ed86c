/* SPDX-License-Identifier: BSD-3-Clause
 *
 * worker/handles.c - what a plugin holds in its hands in a call, and the numbers by which kpipe
 * knows it. What is no handle of the call has no number; what kpipe says to that is the
 * same as in its own process.
 */
#include <string.h>

#include "worker/worker_private.h"

/* --- images --- */

const struct kp_image *kp_worker_take_image(struct kp_worker_call *call,
                                            struct kp_wire_reader *from)
{
    struct kp_worker *worker = call->worker;
    const struct kp_wire_runs runs = {worker->runs.items, worker->runs.count};
    struct kp_worker_image *image = KP_ARENA_NEW(call->desk.arena, struct kp_worker_image);
    struct kp_worker_image **slot =
        image == NULL ? NULL : KP_PUSH(&call->images, struct kp_worker_image *);

    if (slot == NULL) {
        kp_desk_no_memory(&call->desk);
        return NULL;
    }
    *slot = image;
    if (kp_wire_take_image(from, &runs, &image->handle, &image->image) &&
        image->handle != KP_WIRE_NONE)
        return &image->image;
    call->images.count--;
    if (from->bad)
        kp_worker_leave(worker, KP_WIRE_STATUS_BROKEN, "an image that is none");
    else if (image->handle != KP_WIRE_NONE)
        kp_desk_no_memory(&call->desk);
    return NULL;
}

const struct kp_image *kp_worker_find_image(const struct kp_worker_call *call, uint64_t handle)
{
    if (handle >= call->images.count)
        return NULL;
    return &KP_ITEM(&call->images, struct kp_worker_image *, handle)->image;
}

/* Those asked for are most likely the latest. */
bool kp_worker_has_image(const struct kp_worker_call *call, const struct kp_image *image)
{
    for (size_t i = call->desk.images.count; i > 0; i--)
        if (KP_ITEM(&call->desk.images, struct kp_image *, i - 1) == image)
            return true;
    for (size_t i = call->images.count; i > 0; i--)
        if (&KP_ITEM(&call->images, struct kp_worker_image *, i - 1)->image == image)
            return true;
    return false;
}

void kp_worker_put_part(struct kp_wire_writer *to, const struct kp_image *whole, uint64_t offset,
                        uint64_t length)
{
    /* What is no slice came from kpipe. */
    kp_put_u32(to, ((const struct kp_worker_image *)whole)->handle);
    kp_put_u64(to, offset);
    kp_put_u64(to, length);
}

void kp_worker_put_image(const struct kp_worker_call *call, struct kp_wire_writer *to,
                         const struct kp_image *image)
{
    if (image == NULL || !kp_worker_has_image(call, image))
        kp_put_u32(to, KP_WIRE_NONE);
    else if (image->whole != NULL)
        kp_worker_put_part(to, image->whole, image->offset, kp_range_size(image->range));
    else
        kp_worker_put_part(to, image, 0, UINT64_MAX);
}

/* --- outputs --- */

struct kp_output *kp_worker_output(struct kp_worker_call *call, uint32_t handle, bool traits_only)
{
    struct kp_worker_output *output;
    struct kp_worker_output **slot;

    if (handle == KP_WIRE_NONE)
        return NULL;
    if (handle == KP_WIRE_MAIN_OUTPUT)
        return &call->desk.output;
    /* Those of a source are all new, and many. */
    for (size_t i = handle <= call->greatest_output ? call->outputs.count : 0; i > 0; i--) {
        output = KP_ITEM(&call->outputs, struct kp_worker_output *, i - 1);
        if (output->handle == handle)
            return &output->output;
    }
    if (handle > call->greatest_output)
        call->greatest_output = handle;
    output = KP_ARENA_NEW(call->desk.arena, struct kp_worker_output);
    slot = output == NULL ? NULL : KP_PUSH(&call->outputs, struct kp_worker_output *);
    if (slot == NULL) {
        kp_desk_no_memory(&call->desk);
        return NULL;
    }
    *slot = output;
    output->handle = handle;
    output->output.limit = call->part_limit;
    output->output.store = &call->store;
    output->output.traits_only = traits_only;
    return &output->output;
}

uint32_t kp_worker_output_handle(const struct kp_worker_call *call, const struct kp_output *output)
{
    if (output == &call->desk.output)
        return KP_WIRE_MAIN_OUTPUT;
    for (size_t i = call->outputs.count; i > 0; i--) {
        const struct kp_worker_output *known =
            KP_ITEM(&call->outputs, struct kp_worker_output *, i - 1);

        if (&known->output == output)
            return known->handle;
    }
    return KP_WIRE_NONE;
}

/* --- trees, stages and keys --- */

const void *kp_worker_new_handle(struct kp_worker_call *call, uint8_t kind, uint32_t number)
{
    struct kp_worker_handle *handle = KP_ARENA_NEW(call->desk.arena, struct kp_worker_handle);
    struct kp_worker_handle **slot =
        handle == NULL ? NULL : KP_PUSH(&call->handles, struct kp_worker_handle *);

    if (slot == NULL)
        return NULL;
    *handle = (struct kp_worker_handle){number, kind};
    *slot = handle;
    return handle;
}

uint32_t kp_worker_handle_number(const struct kp_worker_call *call, uint8_t kind,
                                 const void *handle)
{
    for (size_t i = 0; i < call->handles.count; i++) {
        const struct kp_worker_handle *known =
            KP_ITEM(&call->handles, struct kp_worker_handle *, i);

        if (known == handle && known->kind == kind)
            return known->number;
    }
    return KP_WIRE_NONE;
}

const char *kp_worker_keep_text(struct kp_worker_call *call, const char *text)
{
    const char *copy = text == NULL ? NULL : kp_arena_strdup(call->desk.arena, text);

    if (text != NULL && copy == NULL)
        kp_desk_no_memory(&call->desk);
    return copy;
}
