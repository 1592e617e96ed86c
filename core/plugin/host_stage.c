/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/host_stage.c - the services of kpipe/host.h by which an operation has other
 * operations run within its call: stages that a recipe gave it, and codecs found by
 * identification.
 */
#include <inttypes.h>
#include <string.h>

#include "kpipe/bytes.h"
#include "plugin/decode.h"
#include "plugin/host_private.h"

/* Runs a request within a call; what comes out lives as long as the call. */
static const struct kp_image *run_inner(struct kp_call_state *state,
                                        const struct kp_call_request *request)
{
    struct kp_call_result result = {0};
    struct kp_image *image = kp_desk_new_image(&state->desk);

    if (image == NULL)
        return NULL;
    if (!kp_call_run_inner(state, state->context, request, &result)) {
        state->failures++;
        kp_call_result_clear(&result);
        return NULL;
    }
    *image = result.output;
    return image;
}

struct kp_call_request kp_host_inner_request(const struct kp_call_state *state,
                                             const struct kp_stage_value *stage,
                                             const struct kp_image *input)
{
    const struct kp_call_request *outer = state->request;

    return (struct kp_call_request){.stage = stage->stage,
                                    .place = stage->place,
                                    .values = stage->values,
                                    .value_count = stage->count,
                                    .main = input,
                                    .images = outer->images,
                                    .image_count = outer->image_count,
                                    .trees = outer->trees,
                                    .tree_count = outer->tree_count,
                                    .keys = outer->keys,
                                    .key_count = outer->key_count,
                                    .arch = outer->arch,
                                    .tools = outer->tools,
                                    .tool_count = outer->tool_count};
}

const struct kp_image *kp_host_run_stage(struct kp_call *call, const struct kp_stage_value *stage,
                                         const struct kp_image *input)
{
    struct kp_call_state *state = kp_call_state(call);
    struct kp_call_request request;

    if (stage == NULL || input == NULL || state->request == NULL) {
        kp_host_fault(state, "run_stage without a stage or an input");
        return NULL;
    }
    request = kp_host_inner_request(state, stage, input);
    return run_inner(state, &request);
}

/* The `.unpack` of the codec that the bytes show; NULL after reporting. */
static const struct kp_stage *decoder_of(struct kp_call_state *state, const struct kp_image *image)
{
    const char *kind = NULL, *codec = NULL, *name;
    const struct kp_stage *stage;

    kp_registry_identify(state->context->registry, image->range, &kind, &codec);
    if (codec == NULL) {
        state->failures++;
        if (state->request->source_items != NULL)
            kp_error_hint(state->context->diags, state->request->place,
                          "`kpipe plugins` lists the codecs", KP1523, state->request->input);
        else
            kp_error_hint(state->context->diags, state->request->place,
                          "where you know the codec, name its own stage, as in lzma.unpack; "
                          "`kpipe plugins` lists them",
                          KP1508, state->name);
        return NULL;
    }
    name = kp_arena_printf(state->desk.arena, "%s.unpack", codec);
    if (name == NULL) {
        kp_host_no_memory(state);
        return NULL;
    }
    stage = kp_registry_stage(state->context->registry, state->context->diags,
                              state->request->place, name);
    state->failures += stage == NULL ? 1 : 0;
    return stage;
}

static struct kp_value *decoder_values(struct kp_call_state *state, const struct kp_stage *stage,
                                       uint64_t limit, size_t *count)
{
    const struct kp_binder binder = {.arena = state->desk.arena,
                                     .diags = state->context->diags,
                                     .registry = state->context->registry,
                                     .stage = stage->name};

    return kp_decode_values(&binder, stage, state->request->place, limit, count);
}

/* Whether an operation may use decode: it must hold no lock while the codec waits for its
 * own, and a codec must not unpack by unpacking for ever. */
static bool may_decode(struct kp_call_state *state, const struct kp_image *image, uint64_t limit,
                       const uint64_t *end)
{
    if (state->request == NULL || image == NULL || end == NULL || limit == 0)
        kp_host_fault(state, "decode without an image, a limit or a place for the end");
    else if (state->request->end != NULL)
        kp_host_fault(state, "decode within a decode");
    else if (state->operation->threading != KP_THREADS_ANY)
        kp_host_fault(state, "decode needs KP_THREADS_ANY");
    return !state->misbehaved;
}

/* Whether a codec could wait for a lock that a call around it holds, or that waits for one of
 * those: the codec was not known when they were taken. Reports it. */
static bool would_wait(struct kp_call_state *state, const struct kp_stage *stage)
{
    const struct kp_call_state *around = state;
    const char *text;

    while (around != NULL && !around->locked)
        around = around->outer;
    if (around == NULL || stage->operation.threading == KP_THREADS_ANY)
        return false;
    text = kp_arena_printf(state->desk.arena,
                           "compressed data: '%s' runs once at a time, and so does what stage "
                           "'%s' runs",
                           stage->name, around->name);
    if (text == NULL)
        return kp_host_no_memory(state) == KP_FAILED;
    state->failures++;
    kp_error_hint(state->context->diags, state->request->place,
                  "decompress before that stage, in an image of its own", KP1501, state->name,
                  text);
    return true;
}

const struct kp_image *kp_host_decode(struct kp_call *call, const struct kp_image *image,
                                      uint64_t limit, uint64_t *end)
{
    struct kp_call_state *state = kp_call_state(call);
    const struct kp_stage *stage;
    struct kp_call_request request;

    if (!may_decode(state, image, limit, end))
        return NULL;
    stage = decoder_of(state, image);
    if (stage == NULL || would_wait(state, stage))
        return NULL;
    *end = UINT64_MAX;
    request = (struct kp_call_request){.stage = stage,
                                       .place = state->request->place,
                                       .main = image,
                                       .arch = state->request->arch,
                                       .end = end,
                                       .output_limit = limit};
    request.values = decoder_values(state, stage, limit, &request.value_count);
    if (request.values == NULL) {
        state->failures++;
        return NULL;
    }
    return run_inner(state, &request);
}

int32_t kp_host_stream_end(struct kp_call *call, uint64_t offset)
{
    struct kp_call_state *state = kp_call_state(call);

    if (state->request == NULL || call->input == NULL || state->ended ||
        offset > kp_range_size(call->input->range))
        return kp_host_fault(state, "stream_end twice, or behind the end of the input");
    state->ended = true;
    if (state->request->end == NULL)
        return 0;
    *state->request->end = offset;
    return 1;
}
