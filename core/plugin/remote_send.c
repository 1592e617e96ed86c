/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/remote_send.c - what kpipe sends to a worker: the call with its parameters, and images.
 *
 * Bytes are sent by their owners: a file is one run, however many slices of it are used, and
 * goes as a descriptor. Memory goes as the memfd that it is, or is copied into one once. Only
 * what is tiny stands in the message itself.
 */
#include <errno.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/range_share.h"
#include "plugin/record.h"
#include "plugin/remote_private.h"
#include "wire/image.h"

/* Up to here bytes travel in the message. */
#define INLINE_MOST 4096u

/* --- bytes --- */

struct image_writer {
    struct kp_remote *remote;
    struct kp_vector pieces; /* of struct kp_wire_piece */
};

/* Where the list begins in which the run of an owner is, if there is one. */
static uint32_t *run_head(struct kp_remote *remote, const struct kp_range *owner)
{
    return &remote->run_heads[(uintptr_t)owner / 64 % KP_REMOTE_RUN_HEADS];
}

/* Sends a new run; its handle, or NONE if the call ended. */
static uint32_t send_run(struct kp_remote *remote, struct kp_range *owner, uint64_t size,
                         const uint8_t *bytes, int descriptor)
{
    KP_AUTO(wire_writer) struct kp_wire_writer message = {0};
    const size_t handle = remote->runs.count;
    struct kp_remote_run *run;

    if (handle >= KP_WIRE_NONE) {
        kp_remote_failed(remote, EOVERFLOW);
        return KP_WIRE_NONE;
    }
    run = KP_PUSH(&remote->runs, struct kp_remote_run);
    if (run == NULL) {
        kp_remote_failed(remote, ENOMEM);
        return KP_WIRE_NONE;
    }
    run->owner = owner;
    if (owner != NULL) {
        uint32_t *head = run_head(remote, owner);

        run->next = *head;
        *head = (uint32_t)handle + 1;
    }
    kp_put_u32(&message, (uint32_t)handle);
    kp_put_u64(&message, size);
    kp_put_bytes(&message, bytes, bytes == NULL ? 0 : (size_t)size);
    kp_record_sent(remote->state, KP_WIRE_BYTES, message.bytes, message.size,
                   descriptor < 0 ? NULL : owner);
    return kp_remote_send(remote, KP_WIRE_BYTES, &message, &descriptor, descriptor < 0 ? 0 : 1)
               ? (uint32_t)handle
               : KP_WIRE_NONE;
}

/* Where a part of an image stands: in a run that the worker has, or gets now. */
static uint32_t find_run(struct kp_remote *remote, const struct kp_range_run *part,
                         uint64_t *offset)
{
    const uint64_t whole = kp_range_size(part->owner);
    int descriptor KP_AUTO(close) = -1;
    uint64_t size;
    bool is_file;

    *offset = part->offset;
    for (uint32_t i = *run_head(remote, part->owner); i > 0;
         i = KP_ITEM(&remote->runs, struct kp_remote_run, i - 1).next)
        if (KP_ITEM(&remote->runs, struct kp_remote_run, i - 1).owner == part->owner)
            return i - 1;
    if (whole <= INLINE_MOST)
        return send_run(remote, part->owner, whole, part->bytes - part->offset, -1);
    descriptor = kp_range_descriptor(part->owner, &size, &is_file);
    if (descriptor < 0 && part->length <= INLINE_MOST) {
        *offset = 0;
        return send_run(remote, NULL, part->length, part->bytes, -1);
    }
    if (descriptor < 0)
        descriptor = kp_range_seal(part->owner, &size, &is_file);
    if (descriptor < 0) {
        kp_remote_failed(remote, errno);
        return KP_WIRE_NONE;
    }
    if (!is_file)
        kp_remote_give(remote, size);
    return send_run(remote, part->owner, size, NULL, descriptor);
}

static bool write_part(void *data, const struct kp_range_run *part)
{
    const struct image_writer *writer = data;
    struct kp_wire_piece *piece =
        KP_PUSH((struct kp_vector *)(uintptr_t)&writer->pieces, struct kp_wire_piece);

    if (piece == NULL)
        return kp_remote_failed(writer->remote, ENOMEM);
    *piece = (struct kp_wire_piece){
        .fill = part->owner == NULL, .byte = part->byte, .length = part->length};
    if (piece->fill)
        return true;
    piece->run = find_run(writer->remote, part, &piece->offset);
    return piece->run != KP_WIRE_NONE;
}

static bool put_new_image(struct kp_remote *remote, struct kp_wire_writer *to, uint32_t handle,
                          const struct kp_image *image)
{
    struct image_writer writer = {.remote = remote};
    const bool good = kp_range_runs(image->range, write_part, &writer);

    if (good)
        kp_wire_put_image(to, handle, &image->traits, writer.pieces.items, writer.pieces.count);
    kp_vector_free(&writer.pieces);
    return good;
}

bool kp_remote_put_image(struct kp_remote *remote, struct kp_wire_writer *to,
                         const struct kp_image *image)
{
    const size_t handle = remote->images.count;
    const struct kp_image **slot;

    if (image == NULL) {
        kp_put_u32(to, KP_WIRE_NONE);
        return true;
    }
    slot = KP_PUSH(&remote->images, const struct kp_image *);
    if (slot == NULL || handle >= KP_WIRE_NONE)
        return kp_remote_failed(remote, ENOMEM);
    *slot = image;
    return put_new_image(remote, to, (uint32_t)handle, image);
}

/* --- the call --- */

/* The handle of an item in a list of pointers, to which it is added if need be. NONE when
 * memory runs out. */
static uint32_t handle_of(struct kp_vector *given, const void *item)
{
    const void **slot;

    for (size_t i = 0; i < given->count; i++)
        if (KP_ITEM(given, const void *, i) == item)
            return (uint32_t)i;
    slot = KP_PUSH(given, const void *);
    if (slot == NULL)
        return KP_WIRE_NONE;
    *slot = item;
    return (uint32_t)given->count - 1;
}

uint32_t kp_remote_output_handle(struct kp_remote *remote, struct kp_output *output)
{
    return handle_of(&remote->outputs, output);
}

/* The number that a place in the parameters gets, and its kind. */
static uint8_t mend_of(struct kp_remote *remote, const struct kp_flat_mend *mend, uint64_t *value)
{
    switch (mend->type) {
    case KP_TYPE_IMAGE:
        *value = handle_of(&remote->images, mend->handle);
        return KP_WIRE_IMAGE;
    case KP_TYPE_TREE:
        *value = handle_of(&remote->trees, mend->handle);
        return KP_WIRE_TREE;
    case KP_TYPE_STAGE:
        *value = handle_of(&remote->stages, mend->handle);
        return KP_WIRE_VALUE;
    case KP_TYPE_KEY:
        *value = handle_of(&remote->keys, mend->handle);
        return KP_WIRE_KEY;
    default:
        *value = mend->value;
        return KP_WIRE_POINTER;
    }
}

/* Flattens the parameters; images, trees, stages and keys in them get their handles. */
static bool flatten_params(struct kp_remote *remote)
{
    const struct kp_call_state *state = remote->state;
    const struct kp_vector *mends = &remote->flat.mends;

    if (state->operation != NULL &&
        !kp_flat_make(&remote->flat, state->operation->params, state->desk.call.params,
                      state->operation->params_size))
        return kp_remote_failed(remote, ENOMEM);
    for (size_t i = 0; i < mends->count; i++) {
        const struct kp_flat_mend *mend = &KP_ITEM(mends, struct kp_flat_mend, i);
        uint64_t value;

        if (mend_of(remote, mend, &value) != KP_WIRE_POINTER && value == KP_WIRE_NONE)
            return kp_remote_failed(remote, ENOMEM);
    }
    return true;
}

static void put_params(struct kp_remote *remote, struct kp_wire_writer *to)
{
    const struct kp_vector *mends = &remote->flat.mends;

    kp_put_bytes(to, remote->flat.bytes.text, remote->flat.bytes.length);
    kp_put_u32(to, (uint32_t)mends->count);
    for (size_t i = 0; i < mends->count; i++) {
        const struct kp_flat_mend *mend = &KP_ITEM(mends, struct kp_flat_mend, i);
        uint64_t value;

        kp_put_u8(to, mend_of(remote, mend, &value));
        kp_put_u64(to, mend->offset);
        kp_put_u64(to, value);
    }
}

static bool put_images(struct kp_remote *remote, struct kp_wire_writer *to)
{
    kp_put_u32(to, (uint32_t)remote->images.count);
    for (size_t i = 0; i < remote->images.count; i++)
        if (!put_new_image(remote, to, (uint32_t)i,
                           KP_ITEM(&remote->images, const struct kp_image *, i)))
            return false;
    return true;
}

bool kp_remote_send_call(struct kp_remote *remote, uint8_t what, const char *name)
{
    struct kp_call_state *state = remote->state;
    const struct kp_image *main = state->desk.call.input;
    KP_AUTO(wire_writer) struct kp_wire_writer call = {0};
    uint32_t handle = KP_WIRE_NONE;

    if (kp_remote_output_handle(remote, &state->desk.output) != KP_WIRE_MAIN_OUTPUT)
        return kp_remote_failed(remote, ENOMEM);
    if (main != NULL) {
        handle = handle_of(&remote->images, main);
        if (handle == KP_WIRE_NONE)
            return kp_remote_failed(remote, ENOMEM);
    }
    if (!flatten_params(remote))
        return false;
    kp_put_u8(&call, what);
    kp_put_text(&call, name);
    kp_put_u64(&call, state->context->build_time);
    kp_put_u64(&call, state->desk.output.limit);
    kp_put_u64(&call, state->context->output_limit);
    kp_put_u64(&call, state->desk.scratch_limit);
    kp_put_u8(
        &call,
        (uint8_t)((state->request != NULL && state->request->end != NULL ? KP_WIRE_ASKS_END : 0) |
                  (state->context->details ? KP_WIRE_ASKS_DETAILS : 0)));
    if (!put_images(remote, &call))
        return false;
    kp_put_u32(&call, handle);
    put_params(remote, &call);
    kp_record_fields(state, &remote->flat);
    kp_record_sent(state, KP_WIRE_CALL, call.bytes, call.size, NULL);
    return kp_remote_send(remote, KP_WIRE_CALL, &call, NULL, 0);
}
