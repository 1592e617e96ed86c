/* SPDX-License-Identifier: BSD-3-Clause
 *
 * worker/done.c - what came of a call: of what its outputs consist, told to kpipe. Memory that
 * kpipe granted is unmapped before, so that it can be sealed.
 */
#include "base/auto.h"
#include "worker/worker_private.h"

/* An output is taken apart only if nobody wrote where nothing was handed out. */
static bool is_whole(struct kp_worker_call *call, const struct kp_output *output)
{
    if (kp_output_check(output) == KP_OUTPUT_OK)
        return true;
    kp_desk_fault(&call->desk, KP_OUTPUT_OVERRUN_TEXT);
    return false;
}

static bool are_whole(struct kp_worker_call *call)
{
    bool whole = is_whole(call, &call->desk.output);

    for (size_t i = 0; whole && i < call->outputs.count; i++)
        whole = is_whole(call, &KP_ITEM(&call->outputs, struct kp_worker_output *, i)->output);
    return whole;
}

static void put_piece(struct kp_wire_writer *to, const struct kp_output *output,
                      const struct kp_output_piece *piece)
{
    const struct kp_output_chunk *chunk;

    switch (piece->source) {
    case KP_OUTPUT_IMAGE:
        kp_put_u8(to, KP_PIECE_IMAGE);
        kp_worker_put_part(to, piece->image, piece->offset, piece->length);
        return;
    case KP_OUTPUT_FILL:
        kp_put_u8(to, KP_PIECE_FILL);
        kp_put_u8(to, piece->byte);
        kp_put_u64(to, piece->length);
        return;
    default:
        break;
    }
    chunk = &KP_ITEM(&output->chunks, struct kp_output_chunk, piece->chunk);
    if (chunk->descriptor < 0) {
        kp_put_u8(to, KP_PIECE_OWN);
        kp_put_bytes(to, chunk->memory + piece->offset, (size_t)piece->length);
        return;
    }
    kp_put_u8(to, KP_PIECE_GRANT);
    kp_put_u32(to, chunk->number);
    kp_put_u64(to, piece->offset);
    kp_put_u64(to, piece->length);
}

static void put_output(struct kp_wire_writer *to, uint32_t handle, const struct kp_output *output)
{
    const struct kp_output_piece *pieces = output->pieces.items;
    uint32_t count = 0;

    for (size_t i = 0; i < output->pieces.count; i++)
        count += pieces[i].length > 0;
    kp_put_u32(to, handle);
    kp_put_u32(to, count);
    for (size_t i = 0; i < output->pieces.count; i++)
        if (pieces[i].length > 0)
            put_piece(to, output, &pieces[i]);
}

static void put_outputs(const struct kp_worker_call *call, struct kp_wire_writer *to)
{
    uint32_t count = call->desk.output.size > 0;

    for (size_t i = 0; i < call->outputs.count; i++)
        count += KP_ITEM(&call->outputs, struct kp_worker_output *, i)->output.size > 0;
    kp_put_u32(to, count);
    if (call->desk.output.size > 0)
        put_output(to, KP_WIRE_MAIN_OUTPUT, &call->desk.output);
    for (size_t i = 0; i < call->outputs.count; i++) {
        const struct kp_worker_output *output =
            KP_ITEM(&call->outputs, struct kp_worker_output *, i);

        if (output->output.size > 0)
            put_output(to, output->handle, &output->output);
    }
}

static void release(struct kp_worker_call *call)
{
    kp_output_release_chunks(&call->desk.output);
    for (size_t i = 0; i < call->outputs.count; i++)
        kp_output_release_chunks(&KP_ITEM(&call->outputs, struct kp_worker_output *, i)->output);
}

bool kp_worker_done(struct kp_worker_call *call, int32_t returned)
{
    KP_AUTO(wire_writer) struct kp_wire_writer done = {0};
    const char *late = atomic_load(&call->late_fault);

    if (late != NULL)
        kp_desk_fault(&call->desk, late);
    kp_put_u32(&done, (uint32_t)returned);
    if (returned == KP_OK && !call->faulted && are_whole(call))
        put_outputs(call, &done);
    else
        kp_put_u32(&done, 0);
    release(call);
    if (done.failed || done.size > KP_WIRE_MOST) {
        kp_desk_no_memory(&call->desk);
        kp_wire_writer_free(&done);
        kp_put_u32(&done, (uint32_t)returned);
        kp_put_u32(&done, 0);
    }
    return kp_worker_send(call, KP_WIRE_DONE, &done);
}
