/* SPDX-License-Identifier: MIT
 *
 * kpipe/tool.h - programs of the build machine that a plugin may have run: a linker, GNU
 * gzip, a signer.
 *
 * A plugin starts no program itself. It names those that it may want in its note
 * (KP_WANTS_TOOL), says when (struct kp_operation's `tools`, struct kp_choice's `tool`, a
 * text row with KP_PARAM_TOOL), and asks the host by the extension KP_TOOLS_ID:
 *
 *     const struct kp_tools *tools = call->host->get_extension(call->host, KP_TOOLS_ID);
 *     const char *const arguments[] = {"-n", "-9", NULL};
 *     const struct kp_tool_run run = {.size = sizeof(run), .tool = "gzip",
 *                                     .arguments = arguments, .input = call->input};
 *     const struct kp_image *image = tools->run(call, &run);
 *
 * Where the host finds the program is the user's business (`tools:` in a recipe,
 * CROSS_COMPILE for those of binutils and gcc, PATH). That it exists, and that the recipe
 * allows it where the plugin is not bundled, is checked before the run begins; its version
 * is part of what the stage's result depends on.
 *
 * The program sees a private folder with the named files in it, which is its current folder
 * and the only place it can write to, and the system's own folders, read-only. It has no
 * network, a fixed environment (PATH, LC_ALL=C, TZ=UTC, SOURCE_DATE_EPOCH, and HOME and
 * TMPDIR, which are its folder), and limits of time, memory and output. The named files have
 * mode 0644 and the time of SOURCE_DATE_EPOCH. Not all machines can enforce all of that;
 * `kpipe run -v` tells what this one could not.
 */
#ifndef KPIPE_TOOL_H
#define KPIPE_TOOL_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct kp_call;

#define KP_TOOLS_ID "kpipe.tools/1"

/* Greatest time_limit and output_limit, and what 0 stands for in each. */
#define KP_TOOL_SECONDS_MAX 3600u
#define KP_TOOL_SECONDS 600u
#define KP_TOOL_OUTPUT_MAX (UINT64_C(16) << 30)
#define KP_TOOL_OUTPUT (UINT64_C(1) << 30)

/* A file that the program finds in its folder. */
struct kp_tool_file {
    uint64_t size;                /* sizeof(struct kp_tool_file) */
    const char *name;             /* [A-Za-z0-9_][A-Za-z0-9._-]*, of at most 255 bytes */
    const struct kp_image *image; /* its contents; NULL: the bytes that follow */
    const void *bytes;            /* NULL where there is an image, and only there */
    uint64_t length;
};

/* Flag of a run: what the program writes to standard error is shown to the user as a warning, if
 * it ends well. (If it does not, its last lines are part of the error.) */
#define KP_TOOL_WARNS 1u

struct kp_tool_run {
    uint64_t size;                /* sizeof(struct kp_tool_run) */
    const char *tool;             /* as declared: "gzip" */
    const char *const *arguments; /* without the program's own name; ends with NULL; NULL: none */
    const struct kp_tool_file *const *files; /* ends with NULL; NULL: none */
    const struct kp_image *input;            /* its standard input, a pipe; NULL: empty */
    const char *output;    /* the file that it writes, a name as above; NULL: standard output */
    uint64_t output_limit; /* bytes; 0: KP_TOOL_OUTPUT */
    uint32_t time_limit;   /* seconds; 0: KP_TOOL_SECONDS */
    uint32_t flags;        /* KP_TOOL_WARNS */
    uint64_t memory_limit; /* bytes of address space; 0: the host's default */
    const char *hint;      /* what the user can do if it ends with another status than 0; or NULL */
};

struct kp_tools {
    uint64_t size; /* sizeof(struct kp_tools), as the host knows it */
    /* Runs a program to its end and returns what it wrote, valid until the call returns. NULL
     * after reporting: it ended with another status than 0 (what it wrote to standard
     * error is shown), wrote no output, took too long, was not declared. [call] */
    const struct kp_image *(*run)(struct kp_call *call, const struct kp_tool_run *run);
};

#ifdef __cplusplus
}
#endif

#endif
