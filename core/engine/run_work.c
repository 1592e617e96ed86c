/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/run_work.c - the work of a run, one piece at a time: an input is provided, a stage
 * called, an output written, and the listener told. When and on which thread is run.c's.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "base/codes.h"
#include "engine/run_private.h"
#include "engine/write.h"

static void tell(struct run *run, const struct kp_event *event)
{
    if (run->options->listener == NULL)
        return;
    pthread_mutex_lock(&run->listener_lock);
    run->options->listener->event(run->options->listener->data, event);
    pthread_mutex_unlock(&run->listener_lock);
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* --- services of a call --- */

static void on_progress(void *data, uint64_t done, uint64_t total)
{
    const struct step_run *step = data;

    tell(step->run,
         &(struct kp_event){
             .type = KP_EVENT_PROGRESS, .step = step->step, .done = done, .total = total});
}

static void on_note(void *data, const char *text, const char *detail)
{
    const struct step_run *step = data;

    (void)detail;
    tell(step->run, &(struct kp_event){.type = KP_EVENT_NOTE, .step = step->step, .text = text});
}

static bool on_parallel(void *data, uint64_t count, kp_task task, void *task_data)
{
    const struct step_run *step = data;

    return kp_pool_parallel(step->run->pool, count, task, task_data);
}

/* The image that an edge means; NULL if it is a part that was not made. */
static const struct kp_image *edge_image(struct kp_edge edge)
{
    const struct step_run *from = edge.step->state;

    if (edge.part == NULL)
        return &from->result.output;
    for (size_t i = 0; i < edge.step->wanted_count; i++)
        if (strcmp(edge.step->wanted_parts[i], edge.part) == 0 && i < from->result.part_count)
            return &from->result.parts[i];
    return NULL;
}

/* --- the work of a step --- */

static bool provide_input(struct step_run *step)
{
    struct kp_image *image = &step->result.output;

    if (step->step->is_tree) /* it is open already */
        return true;
    image->range = kp_range_ref(step->step->range);
    return kp_traits_copy(&image->traits, &step->step->facts, false) ||
           kp_out_of_memory(step->run->diags);
}

static bool call_stage(struct step_run *state)
{
    const struct kp_step *step = state->step;
    struct run *run = state->run;
    KP_AUTO(free) const struct kp_image **images = calloc(step->input_count + 1, sizeof(*images));
    KP_AUTO(free) const struct kp_tree **trees = calloc(step->tree_count + 1, sizeof(*trees));
    const struct kp_call_context context = {
        .registry = run->options->registry,
        .diags = run->diags,
        .build_time = run->options->build_time,
        .output_limit =
            run->options->output_limit != 0 ? run->options->output_limit : UINT64_C(16) << 30,
        .data = state,
        .cancelled = kp_run_stopping,
        .progress = on_progress,
        .note = on_note,
        .parallel = on_parallel,
        .toolbox = run->plan->toolbox,
        .isolate = run->plan->isolate,
        .recorder = run->options->recorder,
    };
    const struct kp_call_request request = {
        .stage = step->stage,
        .place = step->place,
        .values = step->values,
        .value_count = step->value_count,
        .main = step->main.step == NULL ? NULL : edge_image(step->main),
        .images = images,
        .image_count = step->input_count,
        .trees = trees,
        .tree_count = step->tree_count,
        .keys = step->keys,
        .key_count = step->key_count,
        .arch = step->arch,
        .wanted_parts = step->wanted_parts,
        .wanted_count = step->wanted_count,
        .tools = step->tools,
        .tool_count = step->tool_count,
    };

    if (images == NULL || trees == NULL)
        return kp_out_of_memory(run->diags);
    for (size_t i = 0; i < step->input_count; i++)
        images[i] = edge_image(step->inputs[i]);
    for (size_t i = 0; i < step->tree_count; i++)
        trees[i] = &step->trees[i]->tree;
    return kp_call_run(&context, &request, &state->result);
}

bool kp_run_work(struct step_run *state)
{
    const double begin = now();
    struct kp_event event = {.type = KP_EVENT_BEGIN, .step = state->step};
    bool good;

    if (state->step->stage == NULL)
        return provide_input(state);
    tell(state->run, &event);
    good = call_stage(state);
    event.type = KP_EVENT_END;
    event.seconds = now() - begin;
    event.failed = !good;
    event.size = good ? kp_range_size(state->result.output.range) : 0;
    tell(state->run, &event);
    return good;
}

/* --- the work of an output --- */

static char *output_path(const struct run *run, const char *file)
{
    const char *folder = run->options->out_folder;
    char *path = NULL;

    if (folder == NULL || strcmp(file, "-") == 0)
        return strdup(file);
    return asprintf(&path, "%s/%s", folder, file) < 0 ? NULL : path;
}

bool kp_run_write(struct output_run *state)
{
    struct run *run = state->run;
    const struct kp_plan_output *output = state->output;
    const struct kp_image *image = edge_image(output->from);
    const struct kp_write_options options = {run->options->sync, kp_run_stopping,
                                             output->from.step->state};
    KP_AUTO(free) char *path = output_path(run, output->file);
    uint8_t digest[32];
    const double begin = now();
    struct kp_event event = {.type = KP_EVENT_OUTPUT, .output = output, .path = path};

    if (path == NULL)
        return kp_out_of_memory(run->diags);
    if (run->options->digests) {
        if (!kp_range_sha256(image->range, digest))
            return kp_out_of_memory(run->diags);
        event.digest = digest;
    }
    if (!kp_write_file(run->diags, output->place, path, image->range, &options))
        return false;
    event.size = kp_range_size(image->range);
    event.seconds = now() - begin;
    tell(run, &event);
    return true;
}
