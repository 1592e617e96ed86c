/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tool/toolbox.c - see toolbox.h. What was found once is kept, so that each tool is asked for
 * its version once a run.
 */
#include "tool/toolbox.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/text.h"
#include "base/vector.h"
#include "tool/mechanisms.h"

#define VERSION_SECONDS 10
#define VERSION_BYTES 65536
#define VERSION_COLUMNS 100 /* more of its first line is not kept */

struct kp_toolbox {
    struct kp_toolbox_options options;
    pthread_mutex_t lock; /* of the next two; it may be held for a version's run */
    struct kp_arena *arena;
    struct kp_vector tools; /* of struct kp_tool * */
    struct kp_mechanisms mechanisms;
};

struct kp_toolbox *kp_toolbox_new(const struct kp_toolbox_options *options)
{
    struct kp_toolbox *box = calloc(1, sizeof(*box));

    if (box == NULL)
        return NULL;
    box->options = *options;
    box->arena = kp_arena_new();
    if (box->arena == NULL) {
        free(box);
        return NULL;
    }
    if (options->temporary == NULL || options->temporary[0] != '/')
        box->options.temporary = "/tmp";
    pthread_mutex_init(&box->lock, NULL);
    kp_mechanisms_init(&box->mechanisms, options->without);
    return box;
}

void kp_toolbox_free(struct kp_toolbox *box)
{
    if (box == NULL)
        return;
    kp_mechanisms_clear(&box->mechanisms);
    pthread_mutex_destroy(&box->lock);
    kp_vector_free(&box->tools);
    kp_arena_free(box->arena);
    free(box);
}

bool kp_toolbox_any_tool(const struct kp_toolbox *box)
{
    return box->options.any_tool;
}

const struct kp_tool_given *kp_toolbox_given(const struct kp_toolbox *box, const char *name)
{
    for (size_t i = 0; i < box->options.given_count; i++)
        if (strcmp(box->options.given[i].name, name) == 0)
            return &box->options.given[i];
    return NULL;
}

void kp_toolbox_run(struct kp_toolbox *box, struct kp_tool_request *request,
                    struct kp_tool_result *result)
{
    request->temporary = box->options.temporary;
    kp_mechanisms_run(&box->mechanisms, request, result);
}

unsigned kp_toolbox_mechanisms(struct kp_toolbox *box)
{
    return kp_mechanisms_get(&box->mechanisms);
}

const char *kp_toolbox_lacks(struct kp_toolbox *box)
{
    KP_AUTO(string) struct kp_string text = {0};
    const char *kept = NULL;

    if (kp_mechanisms_lack(&box->mechanisms, &text)) {
        pthread_mutex_lock(&box->lock);
        kept = kp_arena_strdup(box->arena, text.text);
        pthread_mutex_unlock(&box->lock);
    }
    return kept;
}

/* --- finding --- */

/* The folder's true path, since that is what will be shown to the tool, and the name as it is:
 * what a program is called may decide what it does. */
static const char *settle(struct kp_arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *folder = slash == NULL   ? "."
                         : slash == path ? "/"
                                         : kp_arena_strndup(arena, path, (size_t)(slash - path));
    char *real KP_AUTO(free) = folder == NULL ? NULL : realpath(folder, NULL);

    if (real == NULL)
        return NULL;
    return kp_arena_printf(arena, "%s/%s", strcmp(real, "/") == 0 ? "" : real,
                           slash == NULL ? path : slash + 1);
}

/* The first line, made safe to look at. NULL if there is none. */
static const char *first_line(struct kp_arena *arena, const char *text, size_t length)
{
    KP_AUTO(string) struct kp_string line = {0};
    const char *end = memchr(text, '\n', length);
    size_t used = end == NULL ? length : (size_t)(end - text);

    while (used > 0 && (text[used - 1] == ' ' || text[used - 1] == '\r'))
        used--;
    if (used == 0)
        return NULL;
    kp_text_escape(&line, text, used > VERSION_COLUMNS ? VERSION_COLUMNS : used);
    return line.failed ? NULL : kp_arena_strdup(arena, line.text);
}

/* For a tool that does not tell its version: its bytes stand for it. */
static const char *digest_of(struct kp_arena *arena, const char *path)
{
    struct kp_range *range KP_AUTO(range) = kp_range_open(path, path, NULL);
    uint8_t digest[32];
    char text[sizeof(digest) + 1];

    if (range == NULL || !kp_range_sha256(range, digest))
        return NULL;
    for (size_t i = 0; i < sizeof(digest) / 2; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    return kp_arena_printf(arena, "sha256 %s", text);
}

static const char *ask_version(struct kp_toolbox *box, const char *path)
{
    static const char *const arguments[] = {"--version", NULL};
    struct kp_tool_request request = {.program = path,
                                      .arguments = arguments,
                                      .any_output = true,
                                      .output_limit = VERSION_BYTES,
                                      .memory_limit = KP_TOOL_MEMORY,
                                      .time_limit = VERSION_SECONDS,
                                      .cancelled = box->options.cancelled};
    struct kp_tool_result result;
    const char *version = NULL;

    if (box->options.watch != NULL)
        box->options.watch(true);
    kp_toolbox_run(box, &request, &result);
    if (box->options.watch != NULL)
        box->options.watch(false);
    if (result.end == KP_TOOL_DONE && kp_range_size(result.output) > 0 &&
        kp_range_view(result.output) != NULL)
        version = first_line(box->arena, (const char *)kp_range_view(result.output),
                             (size_t)kp_range_size(result.output));
    else if (result.end == KP_TOOL_DONE && !result.said_more)
        version = first_line(box->arena, result.said, result.said_length);
    kp_range_unref(result.output);
    return version != NULL ? version : digest_of(box->arena, path);
}

/* Called with lock held. */
static const struct kp_tool *find(struct kp_toolbox *box, const char *name, const char *path,
                                  const char **why)
{
    struct kp_tool *tool;
    struct kp_tool **slot;

    if (path == NULL)
        path =
            kp_tool_search(box->arena, name, box->options.search, box->options.cross_compile, why);
    else if ((*why = kp_tool_check(path)) != NULL)
        path = NULL;
    if (path == NULL)
        return NULL;
    *why = "out of memory";
    path = settle(box->arena, path);
    for (size_t i = 0; path != NULL && i < box->tools.count; i++) {
        tool = KP_ITEM(&box->tools, struct kp_tool *, i);
        if (strcmp(tool->name, name) == 0 && strcmp(tool->path, path) == 0)
            return tool;
    }
    tool = path == NULL ? NULL : KP_ARENA_NEW(box->arena, struct kp_tool);
    if (tool == NULL)
        return NULL;
    *tool = (struct kp_tool){.name = kp_arena_strdup(box->arena, name), .path = path};
    if (!box->options.no_versions) {
        tool->version = ask_version(box, path);
        *why = "it cannot be read";
        if (tool->version == NULL)
            return NULL;
    }
    slot = KP_PUSH(&box->tools, struct kp_tool *);
    if (tool->name == NULL || slot == NULL)
        return NULL;
    *slot = tool;
    return tool;
}

const struct kp_tool *kp_toolbox_find(struct kp_toolbox *box, const char *name, const char *path,
                                      const char **why)
{
    const struct kp_tool_given *given = kp_toolbox_given(box, name);
    const struct kp_tool *tool;

    pthread_mutex_lock(&box->lock);
    tool = find(box, name, given != NULL && given->path != NULL ? given->path : path, why);
    pthread_mutex_unlock(&box->lock);
    return tool;
}

const char *kp_toolbox_hint(struct kp_toolbox *box, struct kp_arena *arena, const char *name)
{
    const char *package = kp_tool_package(arena, name, box->options.cross_compile);

    if (package == NULL)
        return "install it, or give its path: `tools: {NAME: PATH}` in the recipe, or --tool "
               "NAME=PATH";
    return kp_arena_printf(arena,
                           "install it (Debian's package %s), or give its path: `tools: {%s: "
                           "PATH}` in the recipe, or --tool %s=PATH",
                           package, name, name);
}
