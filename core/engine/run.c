/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/run.c - the schedule of a run: which step may start, whose bytes may be
 * released, what a failure takes with it. The call of a stage is plugin/call.c, the
 * threads are pool.c, the writing of files is write.c.
 */
#include "engine/run.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/codes.h"
#include "engine/pool.h"
#include "engine/write.h"
#include "plugin/call.h"

/* The cancel flag: the process's, as a signal is. Lock-free, so that a handler may set it. */
static atomic_int cancel_flag;

_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "a signal handler sets the flag");

struct run;

/* A step of the plan during the run; step->state points here. */
struct step_run {
    struct run *run;
    struct kp_step *step;
    struct kp_call_result result;
    size_t waiting; /* inputs that are not there yet */
    size_t readers; /* steps and outputs that have not read it yet */
    bool failed;
    bool done;                   /* `result` is there and no longer changes */
    struct kp_vector dependents; /* of struct step_run *, once per edge */
    struct kp_vector outputs;    /* of struct output_run * */
};

struct output_run {
    struct run *run;
    const struct kp_plan_output *output;
};

struct run {
    struct kp_plan *plan;
    struct kp_diags *diags;
    const struct kp_run_options *options;
    struct kp_pool *pool;
    pthread_mutex_t lock; /* of all fields of steps below */
    pthread_mutex_t listener_lock;
    atomic_bool stopping; /* a failure without -k, or a cancel */
    atomic_bool failed;
    struct step_run *steps;
    struct output_run *outputs;
};

void kp_run_cancel(void)
{
    atomic_store(&cancel_flag, 1);
}

bool kp_run_cancelled(void)
{
    return atomic_load(&cancel_flag) != 0;
}

static bool stopping(void *data)
{
    const struct step_run *step = data;

    return kp_run_cancelled() || atomic_load(&step->run->stopping);
}

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

static void note_failure(struct run *run)
{
    atomic_store(&run->failed, true);
    if (!run->options->keep_going)
        atomic_store(&run->stopping, true);
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

/* --- readers: an image's bytes go when the last one is done --- */

static void done_reading(struct kp_edge edge)
{
    struct step_run *from = edge.step->state;

    /* If it still runs, because those that wait for it were skipped, it clears itself. */
    if (--from->readers == 0 && from->done)
        kp_call_result_clear(&from->result);
}

static void done_reading_all(struct step_run *step)
{
    if (step->step->main.step != NULL)
        done_reading(step->step->main);
    for (size_t i = 0; i < step->step->input_count; i++)
        done_reading(step->step->inputs[i]);
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

    image->range = kp_range_ref(step->step->range);
    return kp_traits_copy(&image->traits, &step->step->facts, false) ||
           kp_out_of_memory(step->run->diags);
}

static bool call_stage(struct step_run *state)
{
    const struct kp_step *step = state->step;
    struct run *run = state->run;
    KP_AUTO(free) const struct kp_image **images = calloc(step->input_count + 1, sizeof(*images));
    const struct kp_call_context context = {
        .registry = run->options->registry,
        .diags = run->diags,
        .build_time = run->options->build_time,
        .output_limit =
            run->options->output_limit != 0 ? run->options->output_limit : UINT64_C(16) << 30,
        .data = state,
        .cancelled = stopping,
        .progress = on_progress,
        .note = on_note,
        .parallel = on_parallel,
    };
    const struct kp_call_request request = {
        .stage = step->stage,
        .place = step->place,
        .values = step->values,
        .value_count = step->value_count,
        .main = step->main.step == NULL ? NULL : edge_image(step->main),
        .images = images,
        .image_count = step->input_count,
        .arch = step->arch,
        .wanted_parts = step->wanted_parts,
        .wanted_count = step->wanted_count,
    };

    if (images == NULL)
        return kp_out_of_memory(run->diags);
    for (size_t i = 0; i < step->input_count; i++)
        images[i] = edge_image(step->inputs[i]);
    return kp_call_run(&context, &request, &state->result);
}

static bool work(struct step_run *state)
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

static bool write_output(struct output_run *state)
{
    struct run *run = state->run;
    const struct kp_plan_output *output = state->output;
    const struct kp_image *image = edge_image(output->from);
    const struct kp_write_options options = {run->options->sync, stopping,
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

static void output_job(void *data)
{
    struct output_run *state = data;
    struct run *run = state->run;

    if (!stopping(state->output->from.step->state) && !write_output(state))
        note_failure(run);
    pthread_mutex_lock(&run->lock);
    done_reading(state->output->from);
    pthread_mutex_unlock(&run->lock);
}

/* --- the schedule --- */

static void step_job(void *data);

static void submit(struct run *run, kp_job job, void *data)
{
    if (kp_pool_submit(run->pool, job, data))
        return;
    kp_out_of_memory(run->diags);
    atomic_store(&run->failed, true);
    atomic_store(&run->stopping, true);
}

/* A step that fails takes along all that needs it; each is told once, by a stack of
 * the steps themselves (`waiting` becomes 0 for good when a step is skipped). */
static void skip_dependents(struct step_run *failed)
{
    KP_AUTO(vector) struct kp_vector stack = {0};
    struct step_run **slot = KP_PUSH(&stack, struct step_run *);

    if (slot != NULL)
        *slot = failed;
    while (stack.count > 0) {
        struct step_run *step = KP_ITEM(&stack, struct step_run *, --stack.count);

        for (size_t i = 0; i < step->dependents.count; i++) {
            struct step_run *dependent = KP_ITEM(&step->dependents, struct step_run *, i);

            if (dependent->failed)
                continue;
            dependent->failed = true;
            done_reading_all(dependent);
            slot = KP_PUSH(&stack, struct step_run *);
            if (slot != NULL)
                *slot = dependent;
        }
    }
}

/* Starts what waited for this step. Called with the lock held. */
static void start_dependents(struct step_run *step)
{
    struct run *run = step->run;

    for (size_t i = 0; i < step->dependents.count; i++) {
        struct step_run *dependent = KP_ITEM(&step->dependents, struct step_run *, i);

        if (--dependent->waiting == 0 && !dependent->failed)
            submit(run, step_job, dependent);
    }
    for (size_t i = 0; i < step->outputs.count; i++)
        submit(run, output_job, KP_ITEM(&step->outputs, struct output_run *, i));
}

static void step_job(void *data)
{
    struct step_run *step = data;
    struct run *run = step->run;
    bool wanted;
    bool good;

    pthread_mutex_lock(&run->lock);
    wanted = step->readers > 0; /* else all that needed it have failed */
    pthread_mutex_unlock(&run->lock);
    good = wanted && !stopping(step) && work(step);
    if (!good && wanted && !stopping(step))
        note_failure(run);
    pthread_mutex_lock(&run->lock);
    done_reading_all(step);
    step->done = true;
    if (good) {
        start_dependents(step);
        if (step->readers == 0) /* all its readers were skipped meanwhile */
            kp_call_result_clear(&step->result);
    } else {
        step->failed = true;
        kp_call_result_clear(&step->result);
        skip_dependents(step);
    }
    pthread_mutex_unlock(&run->lock);
}

/* --- setting up --- */

static bool add_dependent(struct step_run *step, struct kp_edge edge)
{
    struct step_run *from = edge.step->state;
    struct step_run **slot = KP_PUSH(&from->dependents, struct step_run *);

    if (slot == NULL)
        return false;
    *slot = step;
    step->waiting++;
    from->readers++;
    return true;
}

static bool connect_step(struct step_run *state)
{
    const struct kp_step *step = state->step;

    if (step->main.step != NULL && !add_dependent(state, step->main))
        return false;
    for (size_t i = 0; i < step->input_count; i++)
        if (!add_dependent(state, step->inputs[i]))
            return false;
    return true;
}

static bool connect(struct run *run)
{
    const struct kp_plan *plan = run->plan;

    run->steps = calloc(plan->step_count + 1, sizeof(*run->steps));
    run->outputs = calloc(plan->output_count + 1, sizeof(*run->outputs));
    if (run->steps == NULL || run->outputs == NULL)
        return false;
    for (size_t i = 0; i < plan->step_count; i++) {
        run->steps[i].run = run;
        run->steps[i].step = plan->steps[i];
        plan->steps[i]->state = &run->steps[i];
    }
    for (size_t i = 0; i < plan->step_count; i++)
        if (!connect_step(&run->steps[i]))
            return false;
    for (size_t i = 0; i < plan->output_count; i++) {
        struct step_run *from = plan->outputs[i].from.step->state;
        struct output_run **slot = KP_PUSH(&from->outputs, struct output_run *);

        if (slot == NULL)
            return false;
        run->outputs[i] = (struct output_run){run, &plan->outputs[i]};
        *slot = &run->outputs[i];
        from->readers++;
    }
    return true;
}

static void start(struct run *run)
{
    /* Nothing runs before all that can start is queued: `waiting` is stable here. */
    pthread_mutex_lock(&run->lock);
    for (size_t i = 0; i < run->plan->step_count; i++)
        if (run->steps[i].waiting == 0)
            submit(run, step_job, &run->steps[i]);
    pthread_mutex_unlock(&run->lock);
}

static void clear(struct run *run)
{
    for (size_t i = 0; run->steps != NULL && i < run->plan->step_count; i++) {
        kp_call_result_clear(&run->steps[i].result);
        kp_vector_free(&run->steps[i].dependents);
        kp_vector_free(&run->steps[i].outputs);
        run->plan->steps[i]->state = NULL;
    }
    free(run->steps);
    free(run->outputs);
    pthread_mutex_destroy(&run->lock);
    pthread_mutex_destroy(&run->listener_lock);
}

static unsigned thread_count(const struct run *run)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);

    if (run->options->threads != 0)
        return run->options->threads;
    return cores > 0 ? (unsigned)cores : 1;
}

enum kp_run_result kp_run(struct kp_plan *plan, struct kp_diags *diags,
                          const struct kp_run_options *options)
{
    struct run run = {.plan = plan, .diags = diags, .options = options};
    enum kp_run_result result = KP_RUN_OK;

    pthread_mutex_init(&run.lock, NULL);
    pthread_mutex_init(&run.listener_lock, NULL);
    if (connect(&run))
        run.pool = kp_pool_new(thread_count(&run), options->makeflags);
    if (run.pool == NULL) {
        kp_out_of_memory(diags);
        atomic_store(&run.failed, true);
    } else {
        start(&run);
        kp_pool_wait(run.pool);
    }
    kp_pool_free(run.pool);
    clear(&run);
    if (kp_run_cancelled())
        result = KP_RUN_CANCELLED;
    else if (atomic_load(&run.failed))
        result = KP_RUN_FAILED;
    return result;
}
