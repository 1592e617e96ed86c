/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/host_stages.c - the service run_stages of kpipe/host.h: a stage is run on many images, at
 * several at a time, and nobody can tell.
 *
 * Each call reports to findings and notes of its own, which are handed over in the order of the
 * images once all have ended, up to and with the first that failed. So a failure ends only those behind
 * it. While calls are recorded one runs after the other: which of them is kept must not depend
 * on who was faster.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "base/auto.h"
#include "plugin/host_private.h"

struct note {
    const char *text, *detail; /* of the call's arena */
};

struct many_calls;

/* One of them. */
struct one_call {
    struct many_calls *all;
    uint64_t index;
    struct kp_call_context context; /* the outer call's, but for what is kept here */
    struct kp_arena *arena;         /* of the notes; NULL: there are none */
    struct kp_vector notes;         /* of struct note */
    bool good;
    struct kp_call_result result;
};

struct many_calls {
    struct kp_call_state *state;
    const struct kp_stage_value *stage;
    const struct kp_image *const *inputs;
    struct one_call *calls;
    uint64_t count;
    atomic_uint_fast64_t failed; /* the first that did, as far as is known; else `count` */
    atomic_uint_fast64_t done;
};

/* --- what a call within is lent --- */

static bool outer_cancelled(const struct kp_call_context *context)
{
    return context->cancelled != NULL && context->cancelled(context->data);
}

static bool is_cancelled(void *data)
{
    const struct one_call *one = data;

    return atomic_load(&one->all->failed) < one->index || outer_cancelled(one->all->state->context);
}

static void keep_note(void *data, const char *text, const char *detail)
{
    struct one_call *one = data;
    struct note *note;

    if (one->arena == NULL)
        one->arena = kp_arena_new();
    note = one->arena == NULL ? NULL : KP_PUSH(&one->notes, struct note);
    if (note == NULL)
        return; /* as one that nobody reads */
    *note = (struct note){kp_arena_strdup(one->arena, text),
                          detail == NULL ? NULL : kp_arena_strdup(one->arena, detail)};
}

static bool run_tasks(void *data, uint64_t count, kp_task task, void *task_data)
{
    const struct one_call *one = data;
    const struct kp_call_context *outer = one->all->state->context;

    if (outer->parallel != NULL)
        return outer->parallel(outer->data, count, task, task_data);
    for (uint64_t i = 0; i < count; i++)
        task(task_data, i);
    return true;
}

/* How far one of them is tells nothing of all. */
static struct kp_call_context context_of(struct one_call *one)
{
    struct kp_call_context context = *one->all->state->context;

    context.diags = kp_diags_new();
    context.data = one;
    context.cancelled = is_cancelled;
    context.progress = NULL;
    context.note = context.note == NULL ? NULL : keep_note;
    context.parallel = run_tasks;
    context.field = NULL;
    context.part = NULL;
    context.remake = NULL;
    return context;
}

/* --- running --- */

static void note_failure(struct many_calls *all, uint64_t index)
{
    uint_fast64_t first = atomic_load(&all->failed);

    while (index < first && !atomic_compare_exchange_weak(&all->failed, &first, index))
        ;
}

static void run_one(void *data, uint64_t index)
{
    struct many_calls *all = data;
    struct one_call *one = &all->calls[index];
    const struct kp_call_context *outer = all->state->context;
    const struct kp_call_request request =
        kp_host_inner_request(all->state, all->stage, all->inputs[index]);

    one->all = all;
    one->index = index;
    if (is_cancelled(one)) {
        note_failure(all, index);
        return;
    }
    one->context = context_of(one);
    one->good = one->context.diags != NULL &&
                kp_call_run_inner(all->state, &one->context, &request, &one->result);
    if (!one->good)
        note_failure(all, index);
    else if (outer->progress != NULL)
        outer->progress(outer->data, atomic_fetch_add(&all->done, 1) + 1, all->count);
    /* Thousands may be waiting for the last one. */
    if (one->good && kp_diags_count(one->context.diags) == 0) {
        kp_diags_free(one->context.diags);
        one->context.diags = NULL;
    }
}

/* False after reporting. */
static bool run_all(struct many_calls *all)
{
    const struct kp_call_context *outer = all->state->context;

    if (outer->parallel != NULL && outer->recorder == NULL && kp_call_may_overlap(all->stage))
        return outer->parallel(outer->data, all->count, run_one, all) ||
               kp_host_no_memory(all->state) == KP_OK;
    for (uint64_t i = 0; i < all->count; i++)
        run_one(all, i);
    return true;
}

/* --- afterwards --- */

static void hand_over(const struct many_calls *all, const struct one_call *one)
{
    const struct kp_call_context *outer = all->state->context;
    struct kp_diags *found = one->context.diags;

    for (size_t i = 0; i < one->notes.count; i++) {
        const struct note *note = &KP_ITEM(&one->notes, struct note, i);

        if (note->text != NULL)
            outer->note(outer->data, note->text, note->detail);
    }
    for (size_t i = 0; found != NULL && i < kp_diags_count(found); i++)
        kp_finding_copy(outer->diags, kp_diags_get(found, i), kp_diags_get(found, i)->hint);
    if (found == NULL && !one->good && !is_cancelled((void *)(uintptr_t)one))
        kp_out_of_memory(outer->diags);
}

/* What was made is the outer call's from now on. */
static int32_t take_outputs(struct many_calls *all, const struct kp_image **outputs)
{
    for (uint64_t i = 0; i < all->count; i++) {
        hand_over(all, &all->calls[i]);
        if (all->calls[i].good)
            continue;
        all->state->failures++;
        return KP_FAILED;
    }
    for (uint64_t i = 0; i < all->count; i++) {
        struct kp_image *image = kp_desk_new_image(&all->state->desk);

        if (image == NULL)
            return KP_FAILED;
        *image = all->calls[i].result.output;
        all->calls[i].result = (struct kp_call_result){0};
        outputs[i] = image;
    }
    return KP_OK;
}

static void clear(struct many_calls *all)
{
    for (uint64_t i = 0; i < all->count; i++) {
        struct one_call *one = &all->calls[i];

        kp_call_result_clear(&one->result);
        kp_diags_free(one->context.diags);
        kp_vector_free(&one->notes);
        kp_arena_free(one->arena);
    }
    free(all->calls);
}

static int32_t run_many(struct many_calls *all, const struct kp_image **outputs)
{
    int32_t result;

    all->calls = calloc(all->count, sizeof(*all->calls));
    if (all->calls == NULL)
        return kp_host_no_memory(all->state);
    result = run_all(all) ? take_outputs(all, outputs) : KP_FAILED;
    clear(all);
    return result;
}

int32_t kp_host_run_stages(struct kp_call *call, const struct kp_stage_value *stage,
                           const struct kp_image *const *inputs, uint64_t count,
                           const struct kp_image **outputs)
{
    struct kp_call_state *state = kp_call_state(call);
    struct many_calls all = {
        .state = state, .stage = stage, .inputs = inputs, .count = count, .failed = count};

    if (inputs == NULL || outputs == NULL || count > UINT32_MAX)
        return kp_host_fault(state, "run_stages without inputs, or a place for outputs");
    if (stage == NULL || state->request == NULL)
        return kp_host_fault(state, "run_stages without a stage or an input");
    for (uint64_t i = 0; i < count; i++)
        if (inputs[i] == NULL)
            return kp_host_fault(state, "run_stages without a stage or an input");
    return count == 0 ? KP_OK : run_many(&all, outputs);
}
