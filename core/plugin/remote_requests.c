/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/remote_requests.c - what a worker asks for: the request is read, the service that a
 * plugin in this process would have called is called, and its answer sent. Trees and tools
 * are remote_tree.c's, keys remote_key.c's.
 *
 * What a service needs for its answer only is in an arena of the request, since a worker may
 * ask for ever.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/auto.h"
#include "plugin/remote_private.h"
#include "wire/plugin.h"

bool kp_remote_answer(struct kp_remote *remote, uint32_t number)
{
    KP_AUTO(wire_writer) struct kp_wire_writer answer = {0};

    kp_put_u32(&answer, number);
    return kp_remote_send(remote, KP_WIRE_ANSWER, &answer, NULL, 0);
}

bool kp_remote_answer_image(struct kp_remote *remote, const struct kp_image *image)
{
    KP_AUTO(wire_writer) struct kp_wire_writer answer = {0};

    return kp_remote_put_image(remote, &answer, image) &&
           kp_remote_send(remote, KP_WIRE_ANSWER, &answer, NULL, 0);
}

static struct kp_call *call_of(struct kp_remote *remote)
{
    return &remote->state->desk.call;
}

static bool answer_output(struct kp_remote *remote, struct kp_output *output)
{
    const uint32_t handle = output == NULL ? KP_WIRE_NONE : kp_remote_output_handle(remote, output);

    if (output != NULL && handle == KP_WIRE_NONE)
        return kp_remote_failed(remote, ENOMEM);
    return kp_remote_answer(remote, handle);
}

static bool identify(struct kp_remote *remote, struct kp_wire_reader *from)
{
    KP_AUTO(wire_writer) struct kp_wire_writer answer = {0};
    KP_AUTO(remote_image) struct kp_remote_image image = {0};
    struct kp_identity identity = {.size = sizeof(identity)};

    if (!kp_remote_take_image(remote, from, &image) || !kp_remote_take_end(remote, from))
        return false;
    kp_host_services.identify(call_of(remote), image.image, &identity);
    kp_put_text(&answer, identity.kind);
    kp_put_text(&answer, identity.codec);
    return kp_remote_send(remote, KP_WIRE_ANSWER, &answer, NULL, 0);
}

/* --- traits, outputs --- */

static bool set_number(struct kp_remote *remote, struct kp_wire_reader *from)
{
    struct kp_output *output;
    const char *name;
    uint64_t value;

    if (!kp_remote_take_output(remote, from, &output))
        return false;
    name = kp_take_text(from);
    value = kp_take_u64(from);
    return kp_remote_take_end(remote, from) && kp_remote_chat(remote, from->size) &&
           kp_remote_answer(remote,
                            (uint32_t)kp_host_set_number(call_of(remote), output, name, value));
}

static bool set_text(struct kp_remote *remote, struct kp_wire_reader *from)
{
    struct kp_output *output;
    const char *name, *value;

    if (!kp_remote_take_output(remote, from, &output))
        return false;
    name = kp_take_text(from);
    value = kp_take_text(from);
    return kp_remote_take_end(remote, from) && kp_remote_chat(remote, from->size) &&
           kp_remote_answer(remote,
                            (uint32_t)kp_host_set_text(call_of(remote), output, name, value));
}

static bool clear_trait(struct kp_remote *remote, struct kp_wire_reader *from)
{
    struct kp_output *output;
    const char *name;

    if (!kp_remote_take_output(remote, from, &output))
        return false;
    name = kp_take_text(from);
    return kp_remote_take_end(remote, from) &&
           kp_remote_answer(remote, (uint32_t)kp_host_clear_trait(call_of(remote), output, name));
}

static bool part(struct kp_remote *remote, struct kp_wire_reader *from)
{
    const char *name = kp_take_text(from);

    return kp_remote_take_end(remote, from) &&
           answer_output(remote, kp_host_services.output_part(call_of(remote), name));
}

/* --- what runs within the call --- */

const struct kp_image *kp_remote_keep(struct kp_remote *remote, const struct kp_image *image,
                                      uint64_t amount)
{
    if (image == NULL || kp_remote_hold(remote, amount))
        return image;
    kp_remote_report_memory(remote);
    return NULL;
}

/* An image that a call within the call made stays as long as the call. */
static const struct kp_image *keep_made(struct kp_remote *remote, const struct kp_image *image)
{
    return kp_remote_keep(remote, image, kp_desk_image_size(call_of(remote), image));
}

/* Whether one more may be run. */
static bool hold_inner(struct kp_remote *remote)
{
    return kp_remote_hold(remote, KP_REMOTE_INNER_COST) ||
           kp_remote_broken(remote, "it runs more than a call can have to run");
}

static bool run_stage(struct kp_remote *remote, struct kp_wire_reader *from)
{
    KP_AUTO(remote_image) struct kp_remote_image input = {0};
    const struct kp_stage_value *stage;

    return kp_remote_take_stage(remote, from, &stage) &&
           kp_remote_take_image(remote, from, &input) && kp_remote_take_end(remote, from) &&
           hold_inner(remote) &&
           kp_remote_answer_image(
               remote, keep_made(remote, kp_host_run_stage(call_of(remote), stage, input.image)));
}

/* Images of a request, and of its answer. */
struct many {
    uint32_t count;
    struct kp_remote_image *inputs;
    const struct kp_image **images, **made;
};

static void kp_auto_many(struct many *many)
{
    for (uint32_t i = 0; many->inputs != NULL && i < many->count; i++)
        kp_image_clear(&many->inputs[i].slice);
    free(many->inputs);
    free(many->images);
    free(many->made);
}

static bool take_many(struct kp_remote *remote, struct kp_wire_reader *from, struct many *many)
{
    many->count = kp_take_count(from, sizeof(uint32_t));
    for (uint32_t i = 0; i < many->count; i++)
        if (!hold_inner(remote))
            return false;
    many->inputs = calloc((size_t)many->count + 1, sizeof(*many->inputs));
    many->images = calloc((size_t)many->count + 1, sizeof(*many->images));
    many->made = calloc((size_t)many->count + 1, sizeof(*many->made));
    if (many->inputs == NULL || many->images == NULL || many->made == NULL)
        return kp_remote_failed(remote, ENOMEM);
    for (uint32_t i = 0; i < many->count; i++) {
        if (!kp_remote_take_image(remote, from, &many->inputs[i]))
            return false;
        many->images[i] = many->inputs[i].image;
    }
    return kp_remote_take_end(remote, from);
}

static bool run_stages(struct kp_remote *remote, struct kp_wire_reader *from)
{
    KP_AUTO(wire_writer) struct kp_wire_writer answer = {0};
    KP_AUTO(many) struct many many = {0};
    const struct kp_stage_value *stage;
    int32_t result;

    if (!kp_remote_take_stage(remote, from, &stage) || !take_many(remote, from, &many))
        return false;
    result = kp_host_run_stages(call_of(remote), stage, many.images, many.count, many.made);
    for (uint32_t i = 0; result == KP_OK && i < many.count; i++)
        if (keep_made(remote, many.made[i]) == NULL)
            result = KP_FAILED;
    kp_put_u32(&answer, (uint32_t)result);
    kp_put_u32(&answer, result == KP_OK ? many.count : 0);
    for (uint32_t i = 0; result == KP_OK && i < many.count; i++)
        if (!kp_remote_put_image(remote, &answer, many.made[i]))
            return false;
    return kp_remote_send(remote, KP_WIRE_ANSWER, &answer, NULL, 0);
}

static bool decode(struct kp_remote *remote, struct kp_wire_reader *from)
{
    KP_AUTO(wire_writer) struct kp_wire_writer answer = {0};
    KP_AUTO(remote_image) struct kp_remote_image input = {0};
    const struct kp_image *image;
    uint64_t limit, end = 0;

    if (!kp_remote_take_image(remote, from, &input))
        return false;
    limit = kp_take_u64(from);
    if (!kp_remote_take_end(remote, from) || !hold_inner(remote))
        return false;
    image = keep_made(remote, kp_host_decode(call_of(remote), input.image, limit, &end));
    if (!kp_remote_put_image(remote, &answer, image))
        return false;
    kp_put_u64(&answer, end);
    return kp_remote_send(remote, KP_WIRE_ANSWER, &answer, NULL, 0);
}

static bool stream_end(struct kp_remote *remote, struct kp_wire_reader *from)
{
    const uint64_t offset = kp_take_u64(from);

    return kp_remote_take_end(remote, from) &&
           kp_remote_answer(remote, (uint32_t)kp_host_stream_end(call_of(remote), offset));
}

static bool arch(struct kp_remote *remote, struct kp_wire_reader *from)
{
    KP_AUTO(wire_writer) struct kp_wire_writer answer = {0};
    const char *name = kp_take_text(from);
    const struct kp_arch *facts;

    if (!kp_remote_take_end(remote, from))
        return false;
    facts = kp_host_services.arch(call_of(remote), name);
    kp_put_u8(&answer, facts != NULL);
    if (facts != NULL)
        kp_wire_put_arch(&answer, facts);
    return kp_remote_send(remote, KP_WIRE_ANSWER, &answer, NULL, 0);
}

/* --- sources --- */

/* What a source gives must be one of the call's images: a part becomes one. */
static bool take_given(struct kp_remote *remote, struct kp_wire_reader *from,
                       const struct kp_image **image)
{
    KP_AUTO(remote_image) struct kp_remote_image given = {0};
    const struct kp_image *whole;

    if (!kp_remote_take_image(remote, from, &given) || !kp_remote_take_end(remote, from) ||
        !kp_remote_chat(remote, from->size + sizeof(struct kp_image)))
        return false;
    *image = given.image;
    if (given.image != &given.slice)
        return true;
    whole = given.slice.whole;
    *image = kp_desk_image_slice(call_of(remote), whole, given.slice.offset,
                                 kp_range_size(given.slice.range));
    return true;
}

static bool give_image(struct kp_remote *remote, struct kp_wire_reader *from)
{
    const char *name = kp_take_text(from);
    const struct kp_image *image;

    return take_given(remote, from, &image) &&
           answer_output(remote, kp_host_source_image(call_of(remote), name, image));
}

static bool give_list(struct kp_remote *remote, struct kp_wire_reader *from)
{
    const char *name = kp_take_text(from);
    const char *label = kp_take_text(from);
    const struct kp_image *image;

    return take_given(remote, from, &image) &&
           answer_output(remote, kp_host_source_list(call_of(remote), name, label, image));
}

static bool give_fact(struct kp_remote *remote, struct kp_wire_reader *from)
{
    const char *name = kp_take_text(from);
    const char *value = kp_take_text(from);

    return kp_remote_take_end(remote, from) && kp_remote_chat(remote, from->size) &&
           kp_remote_answer(remote, (uint32_t)kp_host_source_fact(call_of(remote), name, value));
}

/* --- which is which --- */

struct request {
    kp_remote_handler handle;
    bool keeps; /* what its service makes lives as long as the call */
    bool runs;  /* others run meanwhile, whose time is not the worker's */
};

static const struct request requests[] = {
    [0] = {identify, false, false},
    [KP_WIRE_SET_NUMBER - KP_WIRE_IDENTIFY] = {set_number, false, false},
    [KP_WIRE_SET_TEXT - KP_WIRE_IDENTIFY] = {set_text, false, false},
    [KP_WIRE_CLEAR - KP_WIRE_IDENTIFY] = {clear_trait, false, false},
    [KP_WIRE_PART - KP_WIRE_IDENTIFY] = {part, false, false},
    [KP_WIRE_RUN_STAGE - KP_WIRE_IDENTIFY] = {run_stage, true, true},
    [KP_WIRE_RUN_STAGES - KP_WIRE_IDENTIFY] = {run_stages, true, true},
    [KP_WIRE_DECODE - KP_WIRE_IDENTIFY] = {decode, true, true},
    [KP_WIRE_STREAM_END - KP_WIRE_IDENTIFY] = {stream_end, false, false},
    [KP_WIRE_ARCH - KP_WIRE_IDENTIFY] = {arch, false, false},
    [KP_WIRE_TREE_LIST - KP_WIRE_IDENTIFY] = {kp_remote_tree_list, false, false},
    [KP_WIRE_TREE_FIND - KP_WIRE_IDENTIFY] = {kp_remote_tree_find, false, false},
    [KP_WIRE_TREE_OPEN - KP_WIRE_IDENTIFY] = {kp_remote_tree_open, true, false},
    [KP_WIRE_TOOL - KP_WIRE_IDENTIFY] = {kp_remote_tool, true, true},
    [KP_WIRE_KEY_FACTS - KP_WIRE_IDENTIFY] = {kp_remote_key_facts, true, false},
    [KP_WIRE_KEY_SIGN - KP_WIRE_IDENTIFY] = {kp_remote_key_sign, true, true},
    [KP_WIRE_KEY_ENCRYPT - KP_WIRE_IDENTIFY] = {kp_remote_key_encrypt, true, true},
    [KP_WIRE_GIVE_IMAGE - KP_WIRE_IDENTIFY] = {give_image, true, false},
    [KP_WIRE_GIVE_LIST - KP_WIRE_IDENTIFY] = {give_list, true, false},
    [KP_WIRE_GIVE_FACT - KP_WIRE_IDENTIFY] = {give_fact, false, false},
    [KP_WIRE_GRANT - KP_WIRE_IDENTIFY] = {kp_remote_grant, false, false},
    [KP_WIRE_PARALLEL - KP_WIRE_IDENTIFY] = {kp_remote_parallel, false, true},
};

/* Calls the service. */
static bool serve(struct kp_remote *remote, const struct request *request,
                  struct kp_wire_reader *from)
{
    struct kp_desk *desk = &remote->state->desk;
    struct kp_arena *arena = desk->arena;
    bool good;

    if (request->keeps)
        return request->handle(remote, from);
    desk->arena = kp_arena_new();
    good = desk->arena != NULL ? request->handle(remote, from) : kp_remote_failed(remote, ENOMEM);
    kp_arena_free(desk->arena);
    desk->arena = arena;
    return good;
}

/* The time that a service takes is the worker's: one that asks for ever must not go on for ever,
 * however little it does itself. */
static bool serve_in_time(struct kp_remote *remote, const struct request *request,
                          struct kp_wire_reader *from)
{
    bool good;

    kp_remote_clock_start(remote);
    good = serve(remote, request, from);
    kp_remote_clock_stop(remote);
    return good;
}

bool kp_remote_request(struct kp_remote *remote, struct kp_message *message)
{
    const struct request *request;

    if (message->type < KP_WIRE_IDENTIFY ||
        message->type - KP_WIRE_IDENTIFY >= sizeof(requests) / sizeof(*requests))
        return kp_remote_broken(remote, "a message that there is not");
    if (remote->state->play != NULL && kp_remote_is_recorded(message->type))
        return kp_remote_answer_recorded(remote, message);
    request = &requests[message->type - KP_WIRE_IDENTIFY];
    return request->runs ? serve(remote, request, &message->payload)
                         : serve_in_time(remote, request, &message->payload);
}
