/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/live.h - the line at the bottom of a terminal that shows the running stages.
 *
 * Events only change what is to be shown; a thread draws it, at most ten times a
 * second. Whoever writes something else to the terminal does so between
 * kp_live_pause and kp_live_resume. All functions take NULL for "no live line".
 */
#ifndef KP_CLI_LIVE_H
#define KP_CLI_LIVE_H

#include <stdio.h>

#include "engine/run.h"

struct kp_live;

/* A live line on that terminal for a run of `total` stages. NULL: no memory or no
 * thread, and then there is none. */
struct kp_live *kp_live_start(FILE *terminal, size_t total);
/* Erases it. NULL is ignored. */
void kp_live_stop(struct kp_live *live);
void kp_live_event(struct kp_live *live, const struct kp_event *event);
void kp_live_pause(struct kp_live *live);
void kp_live_resume(struct kp_live *live);

#endif
