/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tool/run_private.h - a run of a host tool, shared by run_prepare.c (what comes before it) and
 * run.c (the rest).
 */
#ifndef KP_TOOL_RUN_PRIVATE_H
#define KP_TOOL_RUN_PRIVATE_H

#include "base/arena.h"
#include "sandbox/sandbox.h"
#include "tool/folder.h"
#include "tool/run.h"

struct kp_tool_job {
    const struct kp_tool_request *request;
    struct kp_tool_result *result;
    struct kp_arena *arena;
    struct kp_tool_folder folder;
    struct kp_vector view;
    struct kp_child child;
    int in, out;  /* the tool's standard input and, as a file, output; -1 */
    int feed;     /* the other end of its input; -1: all was written, or there is none */
    uint64_t fed; /* bytes that were written there */
    int error[2]; /* what it writes to standard error, or says besides */
    int report[2], leash[2];
    struct kp_child_report told;
};

/* Notes errno and what it hit as the end of the run. Returns false. */
bool kp_tool_trouble(struct kp_tool_job *job, const char *what);
/* run_prepare.c: the private folder with its files, pipes, and all that the child needs. False
 * with the end of the run noted. */
bool kp_tool_prepare(struct kp_tool_job *job);

#endif
