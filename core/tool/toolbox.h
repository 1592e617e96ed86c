/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tool/toolbox.h - the host tools of this machine, as one kpipe uses them: where programs are
 * found, which version they are, and by which mechanisms they can be shut in.
 *
 * Which plugin may ask for which tool is not known here, nor what a recipe says. May be
 * used by several threads at once. What it hands out lives as long as it does.
 */
#ifndef KP_TOOL_TOOLBOX_H
#define KP_TOOL_TOOLBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "tool/run.h"

/* Address space of a tool that asks for no other limit: enough for a link of a kernel with
 * debug information, too little to take the machine along. */
#define KP_TOOL_MEMORY (UINT64_C(16) << 30)

/* A tool that was found. */
struct kp_tool {
    const char *name;
    const char *path;    /* absolute */
    const char *version; /* first line of `--version`, or "sha256 ..." of a tool that says
                            nothing; NULL if the toolbox asks for no versions */
};

/* --tool NAME[=PATH] */
struct kp_tool_given {
    const char *name;
    const char *path; /* NULL: to be searched */
};

struct kp_toolbox_options {
    const struct kp_tool_given *given;
    size_t given_count;
    const char *search;        /* PATH, or NULL */
    const char *cross_compile; /* CROSS_COMPILE, or NULL */
    const char *temporary;     /* TMPDIR, or NULL: /tmp, as where it is no absolute path */
    bool any_tool;             /* --allow-exec: stages may run a tool that only the recipe names */
    bool no_versions;          /* programs are looked for and not asked: `kpipe check`, and runs
                                  that do not tell versions */
    void (*watch)(bool begin); /* called around runs for versions, which come before any run */
    bool (*cancelled)(void *data); /* whether these are to be stopped; both may be NULL */
    unsigned without;              /* mechanisms that are not to be used: for tests */
};

struct kp_toolbox;
/* NULL when memory runs out. */
struct kp_toolbox *kp_toolbox_new(const struct kp_toolbox_options *options);
void kp_toolbox_free(struct kp_toolbox *box);
static inline void kp_auto_toolbox(struct kp_toolbox **box)
{
    kp_toolbox_free(*box);
}

bool kp_toolbox_any_tool(const struct kp_toolbox *box);
/* What the command line says of a tool, or NULL. */
const struct kp_tool_given *kp_toolbox_given(const struct kp_toolbox *box, const char *name);
/* Finds a tool at `path`, or where it is usually found if that is NULL. NULL and in *why a
 * phrase if there is none: "no such file". */
const struct kp_tool *kp_toolbox_find(struct kp_toolbox *box, const char *name, const char *path,
                                      const char **why);
/* What the user can do about a tool that was not found by search: a hint. */
const char *kp_toolbox_hint(struct kp_toolbox *box, struct kp_arena *arena, const char *name);
/* Runs a tool; `temporary`, `mechanisms` and `filter` of the request are filled in. */
void kp_toolbox_run(struct kp_toolbox *box, struct kp_tool_request *request,
                    struct kp_tool_result *result);
/* The mechanisms that tools are shut in by: KP_SANDBOX_*, once something was run. */
unsigned kp_toolbox_mechanisms(struct kp_toolbox *box);
/* What this machine cannot enforce, for the user; NULL if there is nothing to say or it was
 * said before. Only after the first run. */
const char *kp_toolbox_lacks(struct kp_toolbox *box);

/* --- search.c --- */

/* The path under which a tool is found without the user's word, or NULL and a phrase. */
const char *kp_tool_search(struct kp_arena *arena, const char *name, const char *search,
                           const char *cross_compile, const char **why);
/* Whether there is a program at a path: NULL, or why not. */
const char *kp_tool_check(const char *path);
/* Whether the program at a path is one of the system's own: in a folder of the system's programs,
 * and nobody but root can put another in its place. */
bool kp_tool_is_system(struct kp_arena *arena, const char *path);
/* Debian's package with the tool, or NULL. */
const char *kp_tool_package(struct kp_arena *arena, const char *name, const char *cross_compile);

#endif
