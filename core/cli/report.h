/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/report.h - what a run tells: a line an output, stages under -v, the live line,
 * or the outputs as JSON. It listens to runs (engine/run.h) and starts none.
 */
#ifndef KP_CLI_REPORT_H
#define KP_CLI_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/json.h"
#include "base/vector.h"
#include "cli/cli.h"
#include "cli/live.h"
#include "engine/run.h"

struct kp_report {
    const struct kp_arguments *arguments;
    FILE *results; /* where a line an output goes */
    struct kp_listener listener;
    struct kp_live *live;
    const char *recipe;       /* whose run it is */
    struct kp_vector written; /* for JSON */
    size_t stages_run;
    double begun; /* seconds of a clock */
    bool failed;  /* out of memory */
};

/* `image_on_stdout`: an image goes there, and what is told must not. */
void kp_report_begin(struct kp_report *report, const struct kp_session *session,
                     bool image_on_stdout);
/* Around each run. */
void kp_report_run(struct kp_report *report, const char *recipe, const struct kp_plan *plan);
void kp_report_end(struct kp_report *report, const struct kp_plan *plan);
/* "outputs", "stages" and "seconds", into a JSON document. */
void kp_report_json(const struct kp_report *report, struct kp_json *json);
void kp_report_free(struct kp_report *report);

#endif
