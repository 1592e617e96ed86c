/* SPDX-License-Identifier: BSD-3-Clause
 *
 * worker/host.c - the table of services of kpipe/host.h for a plugin in a worker, and those
 * that report. What the call's own memory suffices for is host/desk.h's, all else is a
 * question to kpipe, where the service of the same name (plugin/host*.c) checks what the
 * plugin handed in; here only that is checked which cannot cross, in the same words.
 */
#include <string.h>

#include "base/auto.h"
#include "worker/worker_private.h"

#ifndef KPIPE_VERSION
#define KPIPE_VERSION "0"
#endif

/* --- what the desk tells --- */

static void tell_no_memory(struct kp_desk *desk)
{
    struct kp_worker_call *call = kp_worker_call(&desk->call);

    if (call->refused) /* kpipe has said so itself */
        call->refused = false;
    else
        kp_worker_tell(call, KP_WIRE_NO_MEMORY, NULL);
}

/* The first is told. A thread that cannot leaves it to the one that serves. */
static void tell_fault(struct kp_desk *desk, const char *what)
{
    struct kp_worker_call *call = kp_worker_call(&desk->call);
    KP_AUTO(wire_writer) struct kp_wire_writer report = {0};
    const char *none = NULL;

    if (!pthread_equal(pthread_self(), call->worker->thread)) {
        atomic_compare_exchange_strong(&call->late_fault, &none, what);
        return;
    }
    if (call->faulted)
        return;
    call->faulted = true;
    kp_put_text(&report, what);
    kp_worker_tell(call, KP_WIRE_FAULT, &report);
}

static void tell_too_large(struct kp_desk *desk)
{
    kp_worker_tell(kp_worker_call(&desk->call), KP_WIRE_TOO_LARGE, NULL);
}

const struct kp_desk_owner kp_worker_owner = {tell_no_memory, tell_fault, tell_too_large};

/* --- reports --- */

static int32_t field(struct kp_call *call, const struct kp_field *reported)
{
    KP_AUTO(wire_writer) struct kp_wire_writer report = {0};
    const char *why = kp_desk_judge_field(reported);
    bool text;

    if (why != NULL)
        return kp_desk_fault(kp_desk_of(call), why);
    text = reported->type == KP_FIELD_TEXT;
    kp_put_u32(&report, reported->type);
    kp_put_u32(&report, reported->flags);
    kp_put_text(&report, reported->name);
    kp_put_u64(&report, reported->offset);
    kp_put_u64(&report, reported->length);
    kp_put_u64(&report, reported->number);
    kp_put_bytes(&report, text ? reported->text.bytes : NULL,
                 text ? (size_t)reported->text.length : 0);
    kp_put_text(&report, reported->meaning);
    kp_put_text(&report, reported->of);
    kp_put_u32(&report, reported->relation);
    kp_put_u32(&report, reported->unit);
    kp_worker_tell(kp_worker_call(call), KP_WIRE_FIELD, &report);
    return KP_OK;
}

static int32_t part(struct kp_call *call, const struct kp_part *reported)
{
    KP_AUTO(wire_writer) struct kp_wire_writer report = {0};
    const char *why = kp_desk_judge_part(call, reported);

    if (why != NULL)
        return kp_desk_fault(kp_desk_of(call), why);
    kp_put_text(&report, reported->name);
    kp_put_text(&report, reported->role);
    kp_put_text(&report, reported->kind);
    kp_put_u64(&report, reported->offset);
    kp_put_u64(&report, reported->length);
    kp_put_text(&report, reported->meaning);
    kp_put_u32(&report, reported->flags);
    kp_put_u32(&report, reported->align);
    kp_worker_tell(kp_worker_call(call), KP_WIRE_HOLDS, &report);
    return KP_OK;
}

static int32_t remake(struct kp_call *call, const char *chain)
{
    KP_AUTO(wire_writer) struct kp_wire_writer report = {0};
    const char *why = kp_desk_judge_remake(chain);

    if (why != NULL)
        return kp_desk_fault(kp_desk_of(call), why);
    kp_put_text(&report, chain);
    kp_worker_tell(kp_worker_call(call), KP_WIRE_REMAKE, &report);
    return KP_OK;
}

static int32_t details(struct kp_call *call)
{
    return kp_worker_call(call)->details ? 1 : 0;
}

static void message(struct kp_call *call, uint32_t severity, const char *text, const char *detail)
{
    KP_AUTO(wire_writer) struct kp_wire_writer report = {0};

    if (text == NULL)
        return;
    kp_put_u32(&report, severity);
    kp_put_text(&report, text);
    kp_put_text(&report, detail);
    kp_worker_tell(kp_worker_call(call), KP_WIRE_SAY, &report);
}

static int32_t fail(struct kp_call *call, const struct kp_problem *problem)
{
    const struct kp_worker_call *own = kp_worker_call(call);
    KP_AUTO(wire_writer) struct kp_wire_writer report = {0};
    uintptr_t offset;

    if (problem == NULL || problem->size < sizeof(*problem) || problem->text == NULL)
        return kp_desk_fault(kp_desk_of(call), "fail without a text");
    offset = (uintptr_t)problem->field - (uintptr_t)own->params;
    kp_put_u64(&report, problem->field != NULL && offset < own->params_size ? offset : UINT64_MAX);
    kp_put_text(&report, problem->text);
    kp_put_text(&report, problem->hint);
    kp_put_text(&report, problem->detail);
    kp_worker_tell(kp_worker_call(call), KP_WIRE_FAIL, &report);
    return KP_FAILED;
}

static void progress(struct kp_call *call, uint64_t done, uint64_t total)
{
    struct kp_wire_control *control = kp_worker_call(call)->worker->control;

    atomic_store_explicit(&control->total, total, memory_order_relaxed);
    atomic_store_explicit(&control->done, done, memory_order_relaxed);
}

static int32_t cancelled(struct kp_call *call)
{
    const struct kp_worker *worker = kp_worker_call(call)->worker;

    return atomic_load_explicit(&worker->control->cancelled, memory_order_relaxed) != 0;
}

static uint64_t build_time(struct kp_call *call)
{
    return kp_worker_call(call)->build_time;
}

static const void *get_extension(const struct kp_host *host, const char *id)
{
    (void)host;
    if (id == NULL)
        return NULL;
    if (strcmp(id, KP_KEYS_ID) == 0)
        return &kp_worker_keys;
    return strcmp(id, KP_TOOLS_ID) == 0 ? &kp_worker_tools : NULL;
}

const struct kp_host kp_worker_services = {
    .size = sizeof(struct kp_host),
    .api_level = KP_API_LEVEL_NEWEST,
    .version = KPIPE_VERSION,
    .image_size = kp_desk_image_size,
    .image_view = kp_desk_image_view,
    .image_read = kp_desk_image_read,
    .image_piece = kp_desk_image_piece,
    .image_slice = kp_desk_image_slice,
    .identify = kp_worker_identify,
    .output_append = kp_desk_output_append,
    .output_image = kp_desk_output_image,
    .output_fill = kp_desk_output_fill,
    .output_reserve = kp_desk_output_reserve,
    .output_give_back = kp_desk_output_give_back,
    .output_size = kp_desk_output_size,
    .output_part = kp_worker_part,
    .trait_number = kp_desk_trait_number,
    .trait_text = kp_desk_trait_text,
    .set_number = kp_worker_set_number,
    .set_text = kp_worker_set_text,
    .clear_trait = kp_worker_clear_trait,
    .field = field,
    .message = message,
    .fail = fail,
    .progress = progress,
    .cancelled = cancelled,
    .alloc = kp_desk_alloc,
    .parallel = kp_worker_parallel,
    .run_stage = kp_worker_run_stage,
    .arch = kp_worker_arch,
    .build_time = build_time,
    .get_extension = get_extension,
    .decode = kp_worker_decode,
    .stream_end = kp_worker_stream_end,
    .tree_list = kp_worker_tree_list,
    .tree_find = kp_worker_tree_find,
    .tree_open = kp_worker_tree_open,
    .source_image = kp_worker_source_image,
    .source_list = kp_worker_source_list,
    .source_fact = kp_worker_source_fact,
    .part = part,
    .remake = remake,
    .details = details,
    .run_stages = kp_worker_run_stages,
};
