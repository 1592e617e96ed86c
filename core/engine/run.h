/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/run.h - runs a plan: steps in parallel, outputs written whole or not at all.
 *
 * A step runs when all that it reads is there, on one thread of a pool; the bytes of
 * an image are released when the last step or output that reads it is done. Outputs
 * are written beside their target and renamed. What happens is told to a listener;
 * nothing is printed here.
 */
#ifndef KP_ENGINE_RUN_H
#define KP_ENGINE_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/plan.h"

enum kp_event_type {
    KP_EVENT_BEGIN,    /* a step starts */
    KP_EVENT_PROGRESS, /* done of total, in the plugin's units */
    KP_EVENT_END,      /* a step has ended; `size`, `seconds`, `failed` */
    KP_EVENT_OUTPUT,   /* an output is complete; `output`, `path`, `size`, `digest` */
    KP_EVENT_NOTE,     /* a plugin's note; `text` (warnings go to the diags) */
};

struct kp_event {
    enum kp_event_type type;
    const struct kp_step *step; /* NULL for KP_EVENT_OUTPUT */
    uint64_t done, total;
    uint64_t size; /* bytes of the step's output, or of the file */
    double seconds;
    bool failed;
    const struct kp_plan_output *output;
    const char *path;      /* of the file that was written */
    const uint8_t *digest; /* SHA-256 of the output, if asked for */
    const char *text;
};

/* Called from the run's threads, one event at a time; must not call back into the run. */
struct kp_listener {
    void *data;
    void (*event)(void *data, const struct kp_event *event);
};

struct kp_recorder;

struct kp_run_options {
    struct kp_registry *registry;
    const char *out_folder;             /* created if missing; NULL: the current folder */
    unsigned threads;                   /* -j; 0: as many as there are cores */
    bool keep_going;                    /* -k */
    bool sync;                          /* outputs survive a power cut */
    bool digests;                       /* SHA-256 of each output in KP_EVENT_OUTPUT */
    uint64_t build_time;                /* SOURCE_DATE_EPOCH, or 0 */
    uint64_t output_limit;              /* largest size of one image in bytes; 0: 16 GiB */
    const char *makeflags;              /* MAKEFLAGS of GNU make, to join its jobserver; or NULL */
    const struct kp_listener *listener; /* or NULL */
    struct kp_recorder *recorder;       /* plugin/record.h; NULL: nothing is recorded */
};

enum kp_run_result {
    KP_RUN_OK,
    KP_RUN_FAILED,    /* some image failed; the findings are in the diags */
    KP_RUN_CANCELLED, /* kp_run_cancel was called */
};

enum kp_run_result kp_run(struct kp_plan *plan, struct kp_diags *diags,
                          const struct kp_run_options *options);

/* Asks all runs of this process to stop: async-signal-safe, for a handler of SIGINT.
 * Runs then end soon, their half-written files removed. */
void kp_run_cancel(void);
bool kp_run_cancelled(void);

#endif
