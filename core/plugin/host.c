/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/host.c - the table of services of kpipe/host.h, for a plugin in this process, and
 * those that report and look things up; those for bytes are host/desk.h's. Each checks what the plugin hands
 * in; a call that cannot be right is the plugin's fault and is reported as such.
 */
#include <string.h>

#include "plugin/host_private.h"

#ifndef KPIPE_VERSION
#define KPIPE_VERSION "0"
#endif

int32_t kp_host_no_memory(struct kp_call_state *state)
{
    state->failures++;
    kp_out_of_memory(state->context->diags);
    return KP_FAILED;
}

int32_t kp_host_fault(struct kp_call_state *state, const char *what)
{
    kp_call_fault(state, what);
    return KP_FAILED;
}

static void tell_no_memory(struct kp_desk *desk)
{
    kp_host_no_memory(kp_call_state(&desk->call));
}

static void tell_fault(struct kp_desk *desk, const char *what)
{
    kp_call_fault(kp_call_state(&desk->call), what);
}

static void tell_too_large(struct kp_desk *desk)
{
    struct kp_call_state *state = kp_call_state(&desk->call);

    state->failures++;
    /* An inspection's output takes no bytes: there is a request. */
    kp_error_hint(state->context->diags, state->request->place,
                  "is the input what it should be? `kpipe inspect` tells", KP1504, state->name,
                  state->context->output_limit);
}

const struct kp_desk_owner kp_host_owner = {tell_no_memory, tell_fault, tell_too_large};

bool kp_host_declared(const char *const *names, const char *name)
{
    for (; names != NULL && *names != NULL; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

/* --- reports --- */

static int32_t field(struct kp_call *call, const struct kp_field *reported)
{
    struct kp_call_state *state = kp_call_state(call);
    const char *why = kp_desk_judge_field(reported);

    if (why != NULL)
        return kp_host_fault(state, why);
    if ((reported->flags & KP_FIELD_DETAIL) != 0 && !state->context->details)
        return kp_host_fault(state, "a detail that nobody asked for");
    if (state->context->field == NULL || state->context->field(state->context->data, reported))
        return KP_OK;
    return kp_host_no_memory(state);
}

static int32_t part(struct kp_call *call, const struct kp_part *reported)
{
    struct kp_call_state *state = kp_call_state(call);
    const char *why = kp_desk_judge_part(call, reported);

    if (why != NULL)
        return kp_host_fault(state, why);
    if (state->context->part == NULL || state->context->part(state->context->data, reported))
        return KP_OK;
    return kp_host_no_memory(state);
}

static int32_t remake(struct kp_call *call, const char *chain)
{
    struct kp_call_state *state = kp_call_state(call);
    const char *why = kp_desk_judge_remake(chain);

    if (why != NULL)
        return kp_host_fault(state, why);
    if (state->context->remake == NULL || state->context->remake(state->context->data, chain))
        return KP_OK;
    return kp_host_no_memory(state);
}

static int32_t details(struct kp_call *call)
{
    return kp_call_state(call)->context->details ? 1 : 0;
}

/* A finding in the plugin's words, at the field that it names or at the stage. */
static void report(const struct kp_call_state *state, enum kp_severity severity,
                   const struct kp_bound_field *at, const struct kp_problem *problem)
{
    struct kp_diags *diags = state->context->diags;

    if (state->request == NULL)
        kp_finding_add(diags, severity, KP_NOWHERE, problem->hint, problem->detail, KP1506,
                       state->name, problem->text);
    else if (state->request->source_items != NULL)
        kp_finding_add(diags, severity, at == NULL ? state->request->place : at->place,
                       problem->hint, problem->detail, KP1521, state->request->input,
                       problem->text);
    else
        kp_finding_add(diags, severity, at == NULL ? state->request->place : at->place,
                       problem->hint, problem->detail, KP1501, state->name, problem->text);
}

static void message(struct kp_call *call, uint32_t severity, const char *text, const char *detail)
{
    const struct kp_call_state *state = kp_call_state(call);
    const struct kp_call_context *context = state->context;

    if (text == NULL)
        return;
    if (severity == KP_WARNING)
        report(state, KP_SEVERITY_WARNING, NULL,
               &(struct kp_problem){.text = text, .detail = detail});
    else if (context->note != NULL)
        context->note(context->data, text, detail);
}

static int32_t fail(struct kp_call *call, const struct kp_problem *problem)
{
    struct kp_call_state *state = kp_call_state(call);
    const struct kp_bound_field *at = NULL;

    if (problem == NULL || problem->size < sizeof(*problem) || problem->text == NULL)
        return kp_host_fault(state, "fail without a text");
    if (problem->field != NULL)
        at = kp_bind_locate(&state->bound, problem->field);
    /* The first error is the cause; what follows from it is for developers. */
    if (state->failures++ == 0)
        report(state, KP_SEVERITY_ERROR, at, problem);
    else if (state->context->note != NULL)
        state->context->note(state->context->data, problem->text, problem->detail);
    return KP_FAILED;
}

static void progress(struct kp_call *call, uint64_t done, uint64_t total)
{
    const struct kp_call_context *context = kp_call_state(call)->context;

    if (context->progress != NULL)
        context->progress(context->data, done, total);
}

static int32_t cancelled(struct kp_call *call)
{
    const struct kp_call_context *context = kp_call_state(call)->context;

    return context->cancelled != NULL && context->cancelled(context->data) ? 1 : 0;
}

/* --- threads, the rest --- */

static int32_t parallel(struct kp_call *call, uint64_t count, kp_task task, void *data)
{
    struct kp_call_state *state = kp_call_state(call);

    if (task == NULL)
        return kp_host_fault(state, "parallel without a task");
    if (state->context->parallel != NULL) {
        if (state->context->parallel(state->context->data, count, task, data))
            return KP_OK;
        return kp_host_no_memory(state);
    }
    for (uint64_t i = 0; i < count; i++)
        task(data, i);
    return KP_OK;
}

static int32_t identify(struct kp_call *call, const struct kp_image *image,
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

static struct kp_output *output_part(struct kp_call *call, const char *name)
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

static const struct kp_arch *arch(struct kp_call *call, const char *name)
{
    return name == NULL ? NULL : kp_registry_arch(kp_call_state(call)->context->registry, name);
}

static uint64_t build_time(struct kp_call *call)
{
    return kp_call_state(call)->context->build_time;
}

static const void *get_extension(const struct kp_host *host, const char *id)
{
    (void)host;
    if (id == NULL)
        return NULL;
    if (strcmp(id, KP_KEYS_ID) == 0)
        return &kp_host_keys;
    return strcmp(id, KP_TOOLS_ID) == 0 ? &kp_host_tools : NULL;
}

const struct kp_host kp_host_services = {
    .size = sizeof(struct kp_host),
    .api_level = KP_API_LEVEL_NEWEST,
    .version = KPIPE_VERSION,
    .image_size = kp_desk_image_size,
    .image_view = kp_desk_image_view,
    .image_read = kp_desk_image_read,
    .image_piece = kp_desk_image_piece,
    .image_slice = kp_desk_image_slice,
    .identify = identify,
    .output_append = kp_desk_output_append,
    .output_image = kp_desk_output_image,
    .output_fill = kp_desk_output_fill,
    .output_reserve = kp_desk_output_reserve,
    .output_give_back = kp_desk_output_give_back,
    .output_size = kp_desk_output_size,
    .output_part = output_part,
    .trait_number = kp_desk_trait_number,
    .trait_text = kp_desk_trait_text,
    .set_number = kp_host_set_number,
    .set_text = kp_host_set_text,
    .clear_trait = kp_host_clear_trait,
    .field = field,
    .message = message,
    .fail = fail,
    .progress = progress,
    .cancelled = cancelled,
    .alloc = kp_desk_alloc,
    .parallel = parallel,
    .run_stage = kp_host_run_stage,
    .arch = arch,
    .build_time = build_time,
    .get_extension = get_extension,
    .decode = kp_host_decode,
    .stream_end = kp_host_stream_end,
    .tree_list = kp_host_tree_list,
    .tree_find = kp_host_tree_find,
    .tree_open = kp_host_tree_open,
    .source_image = kp_host_source_image,
    .source_list = kp_host_source_list,
    .source_fact = kp_host_source_fact,
    .part = part,
    .remake = remake,
    .details = details,
    .run_stages = kp_host_run_stages,
};
