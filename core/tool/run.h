/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tool/run.h - one run of a host tool: its files laid out in a private folder, the tool
 * shut in and started, its output taken back, everything removed.
 *
 * Knows programs and bytes, no recipe and no plugin. Where a program is found and which
 * mechanisms this machine has is toolbox.h's. Nothing is reported here: the result
 * says what happened. May be used by several threads at once.
 */
#ifndef KP_TOOL_RUN_H
#define KP_TOOL_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/range.h"
#include "base/vector.h"

struct kp_mechanisms;
struct sock_filter;

struct kp_tool_named {
    const char *name; /* a file's, without '/' */
    const struct kp_range *range;
};

struct kp_tool_request {
    const char *program;          /* absolute path; NULL: only see whether it can be shut in */
    const char *const *arguments; /* without the program's name; ends with NULL; NULL: none */
    const struct kp_tool_named *files;
    size_t file_count;
    const struct kp_range *input; /* its standard input; NULL: empty */
    const char *output;           /* the file that it writes; NULL: standard output */
    bool any_output;              /* standard output may stay empty */
    uint64_t output_limit, memory_limit;
    uint32_t time_limit; /* seconds */
    uint64_t build_time;
    const char *temporary; /* absolute path of the folder for private folders */
    unsigned mechanisms;   /* KP_SANDBOX_* */
    const struct sock_filter *filter;
    unsigned short filter_length;
    bool (*cancelled)(void *data); /* or NULL */
    void *data;
    /* Or NULL. Called once the tool is shut in, before it has done anything; never, if that
     * fails. */
    void (*shut_in)(struct kp_mechanisms *of);
    struct kp_mechanisms *of;
};

enum kp_tool_end {
    KP_TOOL_DONE,
    KP_TOOL_STATUS,     /* `number`: its exit status */
    KP_TOOL_SIGNAL,     /* `number`: the signal that ended it */
    KP_TOOL_TIME,       /* the time limit passed */
    KP_TOOL_SIZE,       /* it wrote more than the limit */
    KP_TOOL_NO_OUTPUT,  /* it wrote nothing */
    KP_TOOL_ODD_OUTPUT, /* its output is no regular file */
    KP_TOOL_CANCELLED,
    KP_TOOL_NOT_RUN,    /* `number`: errno; it could not be started */
    KP_TOOL_NO_SANDBOX, /* `number`: errno; `what` could not be set up */
    KP_TOOL_TROUBLE,    /* `number`: errno; `what` failed around it: disk full, out of memory */
};

/* The last bytes that a tool wrote to standard error are kept. */
#define KP_TOOL_SAID 2048

struct kp_tool_result {
    enum kp_tool_end end;
    int number;
    const char *what;   /* static */
    unsigned mechanism; /* NO_SANDBOX: KP_SANDBOX_* */
    char said[KP_TOOL_SAID];
    size_t said_length;
    bool said_more;   /* than `said` holds */
    bool left_behind; /* processes of it may still run, or its folder could not be removed */
    struct kp_range *output;
};

void kp_tool_execute(const struct kp_tool_request *request, struct kp_tool_result *result);

#endif
