/* SPDX-License-Identifier: BSD-3-Clause
 *
 * worker/call.c - one call: what kpipe sent put together as the plugin expects it, the
 * operation run, and all of it let go of again. What came of it is done.c's.
 */
#include <string.h>

#include "base/auto.h"
#include "kpipe/bytes.h"
#include "worker/worker_private.h"

typedef int32_t (*run_function)(struct kp_call *call);

/* Whether `whole` is `name` with that ending. */
static bool is_named(const char *whole, const char *name, const char *ending)
{
    const size_t length = strlen(name);

    return strncmp(whole, name, length) == 0 && strcmp(whole + length, ending) == 0;
}

static run_function run_of(const struct kp_operation *operation)
{
    return operation == NULL ? NULL : operation->run;
}

/* In the plugin's own tables, which kpipe has checked. */
static run_function find_stage(const struct kp_plugin *plugin, const char *name)
{
    for (size_t i = 0; plugin->codecs != NULL && plugin->codecs[i] != NULL; i++) {
        if (is_named(name, plugin->codecs[i]->name, ""))
            return run_of(plugin->codecs[i]->compress);
        if (is_named(name, plugin->codecs[i]->name, ".unpack"))
            return run_of(plugin->codecs[i]->decompress);
    }
    for (size_t i = 0; plugin->formats != NULL && plugin->formats[i] != NULL; i++) {
        if (is_named(name, plugin->formats[i]->name, "") && plugin->formats[i]->pack != NULL)
            return run_of(plugin->formats[i]->pack);
        if (is_named(name, plugin->formats[i]->name, ".unpack"))
            return run_of(plugin->formats[i]->unpack);
    }
    return NULL;
}

static run_function find_inspector(const struct kp_plugin *plugin, const char *name)
{
    for (size_t i = 0; plugin->codecs != NULL && plugin->codecs[i] != NULL; i++)
        if (strcmp(plugin->codecs[i]->name, name) == 0 && plugin->codecs[i]->inspect != NULL)
            return plugin->codecs[i]->inspect;
    for (size_t i = 0; plugin->formats != NULL && plugin->formats[i] != NULL; i++)
        if (strcmp(plugin->formats[i]->name, name) == 0)
            return plugin->formats[i]->inspect;
    return NULL;
}

static run_function find_source(const struct kp_plugin *plugin, const char *name)
{
    for (size_t i = 0; plugin->sources != NULL && plugin->sources[i] != NULL; i++)
        if (strcmp(plugin->sources[i]->name, name) == 0)
            return plugin->sources[i]->run;
    return NULL;
}

static run_function find(const struct kp_plugin *plugin, uint8_t what, const char *name)
{
    if (name == NULL)
        return NULL;
    switch (what) {
    case KP_WIRE_STAGE:
        return find_stage(plugin, name);
    case KP_WIRE_SOURCE:
        return find_source(plugin, name);
    case KP_WIRE_INSPECT:
        return find_inspector(plugin, name);
    default:
        return NULL;
    }
}

/* --- parameters --- */

/* What belongs at a place in the parameters; NULL if there is no such thing. */
static const void *place_value(struct kp_worker_call *call, uint8_t kind, uint64_t value)
{
    switch (kind) {
    case KP_WIRE_POINTER:
        return value <= call->params_size ? call->params + value : NULL;
    case KP_WIRE_IMAGE:
        return kp_worker_find_image(call, value);
    case KP_WIRE_TREE:
    case KP_WIRE_VALUE:
    case KP_WIRE_KEY:
        return value < KP_WIRE_NONE ? kp_worker_new_handle(call, kind, (uint32_t)value) : NULL;
    default:
        return NULL;
    }
}

static bool take_params(struct kp_worker_call *call, struct kp_wire_reader *from)
{
    const uint8_t *bytes = kp_take_bytes(from, &call->params_size);
    const uint32_t count = kp_take_count(from, 17);

    if (from->bad)
        return false;
    if (call->params_size > 0) {
        call->params = kp_arena_alloc(call->desk.arena, call->params_size);
        if (call->params == NULL)
            return false;
        memcpy(call->params, bytes, call->params_size);
    }
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t kind = kp_take_u8(from);
        const uint64_t offset = kp_take_u64(from);
        const void *value = place_value(call, kind, kp_take_u64(from));

        if (value == NULL || !kp_inside(call->params_size, offset, sizeof(value)))
            return false;
        memcpy(call->params + offset, &value, sizeof(value));
    }
    return true;
}

static bool take_images(struct kp_worker_call *call, struct kp_wire_reader *from)
{
    const uint32_t count = kp_take_count(from, 12);

    for (uint32_t i = 0; i < count; i++)
        if (kp_worker_take_image(call, from) == NULL)
            return false;
    return !from->bad;
}

/* --- the call --- */

/* A memfd of kpipe's, which it can seal when the call is over. */
static int grant(void *data, uint64_t length, uint32_t *number)
{
    struct kp_worker_call *call = data;
    KP_AUTO(wire_writer) struct kp_wire_writer request = {0};
    struct kp_wire_reader *answer;
    int descriptor;

    kp_put_u64(&request, length);
    answer = kp_worker_ask(call, KP_WIRE_GRANT, &request);
    if (answer == NULL || kp_take_u8(answer) == 0) {
        call->refused = true;
        return KP_STORE_NO_MEMORY;
    }
    descriptor = kp_wire_take(&call->worker->wire, 0);
    if (descriptor < 0) {
        kp_worker_leave(call->worker, KP_WIRE_STATUS_BROKEN, "a grant without memory");
        return KP_STORE_NO_MEMORY;
    }
    *number = call->grants++;
    return descriptor;
}

/* What a CALL says. False if it cannot be made. */
static bool prepare(struct kp_worker_call *call, struct kp_wire_reader *from, run_function *run)
{
    const char *name;
    uint32_t input;

    call->what = kp_take_u8(from);
    name = kp_take_text(from);
    *run = find(call->worker->plugin, call->what, name);
    call->build_time = kp_take_u64(from);
    call->desk.output.limit = kp_take_u64(from);
    call->part_limit = kp_take_u64(from);
    call->desk.scratch_limit = kp_take_u64(from);
    call->details = (kp_take_u8(from) & KP_WIRE_ASKS_DETAILS) != 0; /* STREAM_END tells of an end */
    if (*run == NULL || !take_images(call, from))
        return false;
    input = kp_take_u32(from);
    if (!take_params(call, from) || !kp_take_end(from))
        return false;
    call->desk.output.store = &call->store;
    call->desk.output.traits_only = call->what != KP_WIRE_STAGE;
    call->desk.call =
        (struct kp_call){sizeof(struct kp_call), &kp_worker_services,
                         kp_worker_find_image(call, input), &call->desk.output, call->params};
    if (call->what == KP_WIRE_SOURCE)
        call->desk.call.output = NULL;
    return true;
}

static void clear(struct kp_worker_call *call)
{
    for (size_t i = 0; i < call->images.count; i++)
        kp_image_clear(&KP_ITEM(&call->images, struct kp_worker_image *, i)->image);
    for (size_t i = 0; i < call->outputs.count; i++)
        kp_output_clear(&KP_ITEM(&call->outputs, struct kp_worker_output *, i)->output);
    kp_vector_free(&call->images);
    kp_vector_free(&call->outputs);
    kp_vector_free(&call->handles);
    kp_desk_clear(&call->desk);
    kp_arena_free(call->desk.arena);
    kp_worker_drop_bytes(call->worker);
}

bool kp_worker_run(struct kp_worker *worker)
{
    struct kp_worker_call call = {
        .desk = {.owner = &kp_worker_owner, .arena = kp_arena_new()},
        .worker = worker,
        .store = {.get = grant},
    };
    run_function run;
    bool good;

    call.store.data = &call;
    if (call.desk.arena == NULL)
        good = kp_worker_leave(worker, KP_WIRE_STATUS_BROKEN, "no memory for a call");
    else if (!prepare(&call, &worker->message.payload, &run))
        good = kp_worker_leave(worker, KP_WIRE_STATUS_BROKEN, "a call that is none, or no memory");
    else
        good = kp_worker_done(&call, run(&call.desk.call));
    clear(&call);
    return good;
}
