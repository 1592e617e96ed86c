/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/run.c - the schedule of a run: which step may start, whose bytes may be
 * released, what a failure takes with it. What a step or an output does is run_work.c,
 * the threads are pool.c.
 */
#include "engine/run.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/codes.h"
#include "engine/run_private.h"

/* The cancel flag: the process's, as a signal is. Lock-free, so that a handler may set it. */
static atomic_int cancel_flag;

_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "a signal handler sets the flag");

void kp_run_cancel(void)
{
    atomic_store(&cancel_flag, 1);
}

bool kp_run_cancelled(void)
{
    return atomic_load(&cancel_flag) != 0;
}

bool kp_run_stopping(void *data)
{
    const struct step_run *step = data;

    return kp_run_cancelled() || atomic_load(&step->run->stopping);
}

static void note_failure(struct run *run)
{
    atomic_store(&run->failed, true);
    if (!run->options->keep_going)
        atomic_store(&run->stopping, true);
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
    for (size_t i = 0; i < step->step->tree_count; i++)
        done_reading((struct kp_edge){step->step->trees[i], NULL});
}

static void output_job(void *data)
{
    struct output_run *state = data;
    struct run *run = state->run;

    if (!kp_run_stopping(state->output->from.step->state) && !kp_run_write(state))
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
    good = wanted && !kp_run_stopping(step) && kp_run_work(step);
    if (!good && wanted && !kp_run_stopping(step))
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
    for (size_t i = 0; i < step->tree_count; i++)
        if (!add_dependent(state, (struct kp_edge){step->trees[i], NULL}))
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
