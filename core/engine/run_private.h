/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/run_private.h - the state of a run, shared by run.c (the schedule) and run_work.c
 * (what one step and one output do).
 */
#ifndef KP_ENGINE_RUN_PRIVATE_H
#define KP_ENGINE_RUN_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "engine/pool.h"
#include "engine/run.h"
#include "plugin/call.h"

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

/* run.c: whether work should end soon; `data` is a step_run. */
bool kp_run_stopping(void *data);

/* run_work.c: makes the image of a step into state->result. False after reporting. */
bool kp_run_work(struct step_run *state);
/* run_work.c: writes an output. False after reporting. */
bool kp_run_write(struct output_run *state);

#endif
