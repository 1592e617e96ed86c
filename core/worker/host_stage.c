/* SPDX-License-Identifier: BSD-3-Clause
 *
 * worker/host_stage.c - services for which the rest of kpipe is asked: what bytes are, stages
 * run within the call, parts, traits of outputs, architectures.
 */
#include <string.h>

#include "base/auto.h"
#include "wire/plugin.h"
#include "worker/worker_private.h"

int32_t kp_worker_identify(struct kp_call *call, const struct kp_image *image,
                           struct kp_identity *identity)
{
    struct kp_worker_call *own = kp_worker_call(call);
    KP_AUTO(wire_writer) struct kp_wire_writer request = {0};
    struct kp_wire_reader *answer;

    if (image == NULL || identity == NULL || identity->size < sizeof(*identity))
        return kp_desk_fault(&own->desk, "identify without an image or a place for the answer");
    identity->kind = NULL;
    identity->codec = NULL;
    kp_worker_put_image(own, &request, image);
    answer = kp_worker_ask(own, KP_WIRE_IDENTIFY, &request);
    if (answer == NULL)
        return KP_FAILED;
    identity->kind = kp_worker_keep_text(own, kp_take_text(answer));
    identity->codec = kp_worker_keep_text(own, kp_take_text(answer));
    return KP_OK;
}

const struct kp_image *kp_worker_run_stage(struct kp_call *call, const struct kp_stage_value *stage,
                                           const struct kp_image *input)
{
    struct kp_worker_call *own = kp_worker_call(call);
    KP_AUTO(wire_writer) struct kp_wire_writer request = {0};
    struct kp_wire_reader *answer;

    kp_put_u32(&request, kp_worker_handle_number(own, KP_WIRE_VALUE, stage));
    kp_worker_put_image(own, &request, input);
    answer = kp_worker_ask(own, KP_WIRE_RUN_STAGE, &request);
    return answer == NULL ? NULL : kp_worker_take_image(own, answer);
}

int32_t kp_worker_run_stages(struct kp_call *call, const struct kp_stage_value *stage,
                             const struct kp_image *const *inputs, uint64_t count,
                             const struct kp_image **outputs)
{
    struct kp_worker_call *own = kp_worker_call(call);
    KP_AUTO(wire_writer) struct kp_wire_writer request = {0};
    struct kp_wire_reader *answer;
    int32_t result;
    uint32_t made;

    if (inputs == NULL || outputs == NULL || count > UINT32_MAX)
        return kp_desk_fault(&own->desk, "run_stages without inputs, or a place for outputs");
    kp_put_u32(&request, kp_worker_handle_number(own, KP_WIRE_VALUE, stage));
    kp_put_u32(&request, (uint32_t)count);
    for (uint64_t i = 0; i < count && !request.failed; i++)
        kp_worker_put_image(own, &request, inputs[i]);
    answer = kp_worker_ask(own, KP_WIRE_RUN_STAGES, &request);
    if (answer == NULL)
        return KP_FAILED;
    result = (int32_t)kp_take_u32(answer);
    made = kp_take_count(answer, sizeof(uint32_t));
    if (result == KP_OK && made != count) {
        kp_worker_leave(own->worker, KP_WIRE_STATUS_BROKEN, "other images than were asked for");
        return KP_FAILED;
    }
    for (uint32_t i = 0; result == KP_OK && i < made; i++) {
        outputs[i] = kp_worker_take_image(own, answer);
        if (outputs[i] == NULL)
            result = KP_FAILED;
    }
    return result;
}

const struct kp_image *kp_worker_decode(struct kp_call *call, const struct kp_image *image,
                                        uint64_t limit, uint64_t *end)
{
    struct kp_worker_call *own = kp_worker_call(call);
    KP_AUTO(wire_writer) struct kp_wire_writer request = {0};
    struct kp_wire_reader *answer;
    const struct kp_image *contents;

    /* One without a place for the end is refused as one without an image is. */
    kp_worker_put_image(own, &request, end == NULL ? NULL : image);
    kp_put_u64(&request, limit);
    answer = kp_worker_ask(own, KP_WIRE_DECODE, &request);
    if (answer == NULL)
        return NULL;
    contents = kp_worker_take_image(own, answer);
    if (contents != NULL && end != NULL)
        *end = kp_take_u64(answer);
    return contents;
}

int32_t kp_worker_stream_end(struct kp_call *call, uint64_t offset)
{
    KP_AUTO(wire_writer) struct kp_wire_writer request = {0};

    kp_put_u64(&request, offset);
    return kp_worker_ask_result(kp_worker_call(call), KP_WIRE_STREAM_END, &request);
}

struct kp_output *kp_worker_part(struct kp_call *call, const char *name)
{
    struct kp_worker_call *own = kp_worker_call(call);
    KP_AUTO(wire_writer) struct kp_wire_writer request = {0};
    struct kp_wire_reader *answer;

    kp_put_text(&request, name);
    answer = kp_worker_ask(own, KP_WIRE_PART, &request);
    return answer == NULL ? NULL : kp_worker_output(own, kp_take_u32(answer), false);
}

int32_t kp_worker_set_number(struct kp_call *call, struct kp_output *output, const char *name,
                             uint64_t value)
{
    struct kp_worker_call *own = kp_worker_call(call);
    KP_AUTO(wire_writer) struct kp_wire_writer request = {0};

    kp_put_u32(&request, kp_worker_output_handle(own, output));
    kp_put_text(&request, name);
    kp_put_u64(&request, value);
    return kp_worker_ask_result(own, KP_WIRE_SET_NUMBER, &request);
}

int32_t kp_worker_set_text(struct kp_call *call, struct kp_output *output, const char *name,
                           const char *value)
{
    struct kp_worker_call *own = kp_worker_call(call);
    KP_AUTO(wire_writer) struct kp_wire_writer request = {0};

    kp_put_u32(&request, kp_worker_output_handle(own, output));
    kp_put_text(&request, name);
    kp_put_text(&request, value);
    return kp_worker_ask_result(own, KP_WIRE_SET_TEXT, &request);
}

int32_t kp_worker_clear_trait(struct kp_call *call, struct kp_output *output, const char *name)
{
    struct kp_worker_call *own = kp_worker_call(call);
    KP_AUTO(wire_writer) struct kp_wire_writer request = {0};

    kp_put_u32(&request, kp_worker_output_handle(own, output));
    kp_put_text(&request, name);
    return kp_worker_ask_result(own, KP_WIRE_CLEAR, &request);
}

/* --- architectures, whose facts are valid for ever --- */

static const struct kp_arch *known_arch(const struct kp_worker *worker, const char *name)
{
    for (size_t i = 0; i < worker->archs.count; i++) {
        const struct kp_arch *facts = KP_ITEM(&worker->archs, struct kp_worker_arch, i).facts;

        if (strcmp(facts->name, name) == 0)
            return facts;
    }
    return NULL;
}

/* Facts of what was asked for by another name are there already, and are as good. */
static const struct kp_arch *keep_arch(struct kp_worker_call *call, struct kp_wire_reader *answer)
{
    struct kp_worker *worker = call->worker;
    KP_AUTO(arena) struct kp_arena *arena = kp_arena_new();
    const struct kp_arch *facts = arena == NULL ? NULL : kp_wire_take_arch(answer, arena);
    const struct kp_arch *known = facts == NULL ? NULL : known_arch(worker, facts->name);
    struct kp_worker_arch *slot;

    if (known != NULL)
        return known;
    slot = facts == NULL ? NULL : KP_PUSH(&worker->archs, struct kp_worker_arch);
    if (slot == NULL) {
        kp_desk_no_memory(&call->desk);
        return NULL;
    }
    *slot = (struct kp_worker_arch){KP_STEAL(arena), facts};
    return facts;
}

const struct kp_arch *kp_worker_arch(struct kp_call *call, const char *name)
{
    struct kp_worker_call *own = kp_worker_call(call);
    KP_AUTO(wire_writer) struct kp_wire_writer request = {0};
    const struct kp_arch *known = name == NULL ? NULL : known_arch(own->worker, name);
    struct kp_wire_reader *answer;

    if (name == NULL || known != NULL)
        return known;
    kp_put_text(&request, name);
    answer = kp_worker_ask(own, KP_WIRE_ARCH, &request);
    return answer == NULL || kp_take_u8(answer) == 0 ? NULL : keep_arch(own, answer);
}
