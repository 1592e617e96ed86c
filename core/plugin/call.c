/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/call.c - makes a call: what comes before the plugin's function and what is
 * checked after it. See call.h.
 */
#include "plugin/call.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "kpipe/bytes.h"
#include "kpipe/traits.h"
#include "plugin/call_private.h"
#include "plugin/record.h"
#include "plugin/remote.h"
#include "wire/message.h"

bool kp_call_fault(struct kp_call_state *state, const char *what)
{
    state->failures++;
    if (state->misbehaved)
        return false;
    state->misbehaved = true;
    what = what == NULL ? "unknown" : what;
    if (state->request == NULL)
        return kp_error_hint(state->context->diags, KP_NOWHERE, "tell its vendor", KP1507,
                             state->name, state->plugin->note.id, state->plugin->note.version,
                             state->plugin->path, what);
    if (state->request->source_items != NULL)
        return kp_error_hint(state->context->diags, state->request->place,
                             "tell its vendor; nothing was written", KP1522, state->request->input,
                             state->plugin->note.id, state->plugin->note.version,
                             state->plugin->path, what);
    return kp_error_hint(state->context->diags, state->request->place,
                         "tell its vendor; nothing was written", KP1502, state->name,
                         state->plugin->note.id, state->plugin->note.version, state->plugin->path,
                         what);
}

const char *kp_call_what(struct kp_call_state *state)
{
    const bool source = state->request != NULL && state->request->source_items != NULL;
    const char *what = source
                           ? kp_arena_printf(state->desk.arena, "input '%s'", state->request->input)
                           : kp_arena_printf(state->desk.arena, "stage '%s'", state->name);

    return what != NULL ? what : "?";
}

static uint64_t total_input(const struct kp_call_request *request)
{
    uint64_t total = request->main == NULL ? 0 : kp_range_size(request->main->range);

    for (size_t i = 0; i < request->image_count; i++)
        if (!kp_add(total, kp_range_size(request->images[i]->range), &total))
            return UINT64_MAX;
    return total;
}

static uint64_t scratch_limit(const struct kp_operation *operation, uint64_t input)
{
    uint64_t limit;

    if (!kp_mul(operation->memory_per_byte, input, &limit) ||
        !kp_add(limit, operation->memory_base, &limit))
        return UINT64_MAX;
    return limit;
}

/* What is large may be on its way to a worker. */
static void share_outputs(struct kp_call_state *state)
{
    if (!kp_registry_shares(state->context->registry))
        return;
    state->desk.output.store = &kp_output_memfds;
    for (size_t i = 0; i < state->request->wanted_count; i++)
        state->parts[i].store = &kp_output_memfds;
}

bool kp_call_prepare(struct kp_call_state *state)
{
    const struct kp_call_request *request = state->request;

    state->parts =
        kp_arena_array(state->desk.arena, request->wanted_count + 1, sizeof(*state->parts));
    if (state->parts == NULL)
        return kp_out_of_memory(state->context->diags);
    for (size_t i = 0; i < request->wanted_count; i++)
        state->parts[i].limit = state->context->output_limit;
    state->desk.output.limit = state->context->output_limit;
    share_outputs(state);
    /* One more byte than may come out shows that it is too much. */
    if (request->output_limit != 0 && request->output_limit < state->desk.output.limit)
        state->desk.output.limit = request->output_limit + 1;
    if (request->main != NULL &&
        !kp_traits_copy(&state->desk.output.traits, &request->main->traits, true))
        return kp_out_of_memory(state->context->diags);
    if (request->arch != NULL && kp_traits_get(&state->desk.output.traits, KP_TRAIT_ARCH) == NULL &&
        !kp_traits_set_text(&state->desk.output.traits, KP_TRAIT_ARCH, request->arch))
        return kp_out_of_memory(state->context->diags);
    state->desk.scratch_limit = scratch_limit(state->operation, total_input(request));
    state->desk.call = (struct kp_call){sizeof(struct kp_call), &kp_host_services, request->main,
                                        &state->desk.output, state->bound.params};
    if (request->source_items != NULL)
        state->desk.call.output = NULL;
    return true;
}

static bool prepare(struct kp_call_state *state)
{
    const struct kp_call_request *request = state->request;
    const struct kp_fill fill = {
        .arena = state->desk.arena,
        .diags = state->context->diags,
        .stage = state->name,
        .traits = request->main == NULL ? NULL : &request->main->traits,
        .main = request->main,
        .images = request->images,
        .image_count = request->image_count,
        .trees = request->trees,
        .tree_count = request->tree_count,
        .keys = request->keys,
        .key_count = request->key_count,
    };

    return kp_bind_fill(&fill, request->values, request->value_count, state->operation->params_size,
                        &state->bound) &&
           kp_call_prepare(state);
}

/* Has the plugin's code run, here or in a worker. */
static int32_t operate(struct kp_call_state *state)
{
    const uint8_t what = state->request->source_items != NULL ? KP_WIRE_SOURCE : KP_WIRE_STAGE;

    return kp_remote_is(state->context, state->plugin) ? kp_remote_run(state, what, state->name)
                                                       : state->operation->run(&state->desk.call);
}

/* No threading model speaks of inspections: here one at a time looks through a plugin's eyes. */
static int32_t inspect(struct kp_call_state *state, const struct kp_inspector *inspector)
{
    int32_t returned;

    if (kp_remote_is(state->context, state->plugin))
        return kp_remote_run(state, KP_WIRE_INSPECT, inspector->format);
    pthread_mutex_lock(&state->plugin->lock);
    returned = inspector->inspect(&state->desk.call);
    pthread_mutex_unlock(&state->plugin->lock);
    return returned;
}

static bool execute(struct kp_call_state *state, struct kp_call_result *result)
{
    KP_AUTO(vector) struct kp_vector locks = {0};
    const char *lost;
    int32_t returned;

    if (!prepare(state) || !kp_call_take_locks(state, &locks))
        return false;
    state->locked = locks.count > 0;
    returned = operate(state);
    kp_call_drop_locks(&locks);
    lost = kp_call_vanished(state);
    if (lost != NULL)
        return kp_error_hint(state->context->diags, state->request->place, KP_CALL_CHANGED_HINT,
                             KP1402, lost);
    return kp_call_believe(state, returned) && kp_call_finish(state, result);
}

/* Says once a run what this machine cannot enforce for workers. */
static void say_lacks(const struct kp_call_state *state)
{
    const struct kp_call_context *context = state->context;
    const char *lacks;

    if (context->note == NULL || !kp_remote_is(context, state->plugin))
        return;
    lacks = kp_registry_lacks(context->registry);
    if (lacks != NULL)
        context->note(context->data, lacks, NULL);
}

static bool run(const struct kp_call_context *context, const struct kp_call_state *outer,
                const struct kp_call_request *request, struct kp_call_result *result)
{
    struct kp_call_state state = {
        .context = context,
        .request = request,
        .name = request->stage->name,
        .operation = &request->stage->operation,
        .plugin = request->stage->plugin,
        .outer = outer,
        .desk = {.owner = &kp_host_owner, .arena = kp_arena_new()},
    };
    struct kp_record record = {0};
    bool good;

    if (state.desk.arena == NULL)
        return kp_out_of_memory(context->diags);
    if (context->recorder != NULL)
        kp_record_begin(&record, &state);
    good = execute(&state, result);
    if (context->recorder != NULL)
        kp_record_end(&record, &state, good, result);
    say_lacks(&state);
    kp_call_clear(&state);
    return good;
}

bool kp_call_run(const struct kp_call_context *context, const struct kp_call_request *request,
                 struct kp_call_result *result)
{
    return run(context, NULL, request, result);
}

bool kp_call_run_inner(const struct kp_call_state *outer, const struct kp_call_context *context,
                       const struct kp_call_request *request, struct kp_call_result *result)
{
    return run(context, outer, request, result);
}

bool kp_call_source(const struct kp_call_context *context, const struct kp_call_request *request)
{
    struct kp_call_result none = {0};

    if (run(context, NULL, request, &none))
        return true;
    kp_source_items_clear(request->source_items);
    return false;
}

void kp_call_result_clear(struct kp_call_result *result)
{
    kp_image_clear(&result->output);
    for (size_t i = 0; i < result->part_count; i++)
        kp_image_clear(&result->parts[i]);
    free(result->parts);
    *result = (struct kp_call_result){0};
}

bool kp_call_inspect(const struct kp_call_context *context, const struct kp_inspector *inspector,
                     const char *name, const struct kp_image *image, struct kp_traits *traits)
{
    struct kp_call_state state = {
        .context = context,
        .name = name,
        .plugin = inspector->plugin,
        .desk = {.owner = &kp_host_owner,
                 .arena = kp_arena_new(),
                 /* Inspectors read headers; this is room for a copy of any of them. */
                 .scratch_limit = UINT64_C(64) << 20},
    };
    const char *lost;
    bool good;

    if (state.desk.arena == NULL)
        return kp_out_of_memory(context->diags);
    state.desk.output.traits_only = true;
    state.desk.call = (struct kp_call){sizeof(struct kp_call), &kp_host_services, image,
                                       &state.desk.output, NULL};
    good = kp_call_believe(&state, inspect(&state, inspector));
    lost = kp_range_vanished(image->range);
    if (lost != NULL)
        good = kp_error(context->diags, KP_NOWHERE, KP1402, lost);
    /* What was read before it failed is true as well. */
    if (!kp_traits_copy(traits, &state.desk.output.traits, false))
        good = kp_out_of_memory(context->diags);
    kp_call_clear(&state);
    return good;
}
