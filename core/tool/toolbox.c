/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tool/toolbox.c - see toolbox.h. What was found once is kept, so that each tool is asked for
 * its version once a run; what the machine can enforce is tried out once, with no tool at
 * all, so that no tool can bring about that it is shut in less.
 */
#include "tool/toolbox.h"

#include <errno.h>
#include <linux/filter.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/text.h"
#include "base/vector.h"
#include "sandbox/sandbox.h"

#define VERSION_SECONDS 10
#define VERSION_BYTES 65536
#define VERSION_COLUMNS 100 /* more of its first line is not kept */

struct kp_toolbox {
    struct kp_toolbox_options options;
    struct kp_arena *arena;
    pthread_mutex_t lock;   /* of all that follows */
    struct kp_vector tools; /* of struct kp_tool * */
    struct sock_filter *filter;
    unsigned short filter_length;
    bool probed, said;
    unsigned mechanisms; /* that work */
    const char *reason;  /* why there are no namespaces; NULL: there are */
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
    return box;
}

void kp_toolbox_free(struct kp_toolbox *box)
{
    if (box == NULL)
        return;
    pthread_mutex_destroy(&box->lock);
    kp_vector_free(&box->tools);
    kp_arena_free(box->arena);
    free(box->filter);
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

/* --- what the machine can enforce --- */

static void run_with(struct kp_toolbox *box, struct kp_tool_request *request,
                     struct kp_tool_result *result)
{
    request->temporary = box->options.temporary;
    request->mechanisms = box->mechanisms;
    request->filter = box->filter;
    request->filter_length = box->filter_length;
    kp_tool_execute(request, result);
}

/* Takes away what does not work until the rest does. Called with the lock held. A lack of
 * memory or descriptors is left for the tool's own run to find. */
static void probe(struct kp_toolbox *box)
{
    struct kp_tool_request request = {.any_output = true,
                                      .output_limit = 1,
                                      .memory_limit = KP_TOOL_MEMORY,
                                      .time_limit = VERSION_SECONDS};
    struct kp_tool_result result;

    box->filter = kp_seccomp_make(&box->filter_length);
    box->mechanisms = KP_SANDBOX_ALL & ~box->options.without;
    if (box->filter == NULL)
        box->mechanisms &= ~KP_SANDBOX_SECCOMP;
    if ((box->mechanisms & KP_SANDBOX_NAMESPACES) == 0)
        box->reason = "not wanted";
    if (kp_landlock_version() == 0)
        box->mechanisms &= ~KP_SANDBOX_LANDLOCK;
    for (int i = 0; i < 4; i++) {
        run_with(box, &request, &result);
        kp_range_unref(result.output);
        if (result.end != KP_TOOL_NO_SANDBOX || result.number == ENOMEM ||
            result.number == EAGAIN || result.number == EMFILE || result.number == ENFILE)
            break;
        box->mechanisms &= ~result.mechanism;
        if (result.mechanism == KP_SANDBOX_NAMESPACES)
            box->reason =
                kp_arena_printf(box->arena, "%s: %s", result.what, strerror(result.number));
    }
    /* One is enough for files. */
    if ((box->mechanisms & KP_SANDBOX_NAMESPACES) != 0)
        box->mechanisms &= ~KP_SANDBOX_LANDLOCK;
    box->probed = true;
}

void kp_toolbox_run(struct kp_toolbox *box, struct kp_tool_request *request,
                    struct kp_tool_result *result)
{
    pthread_mutex_lock(&box->lock);
    if (!box->probed)
        probe(box);
    pthread_mutex_unlock(&box->lock);
    run_with(box, request, result);
}

unsigned kp_toolbox_mechanisms(struct kp_toolbox *box)
{
    unsigned mechanisms;

    pthread_mutex_lock(&box->lock);
    mechanisms = box->mechanisms;
    pthread_mutex_unlock(&box->lock);
    return mechanisms;
}

/* Called with the lock held. */
static const char *list_lacks(struct kp_toolbox *box)
{
    const bool inside = (box->mechanisms & KP_SANDBOX_NAMESPACES) != 0;
    const bool landlock = (box->mechanisms & KP_SANDBOX_LANDLOCK) != 0;
    const bool filtered = (box->mechanisms & KP_SANDBOX_SECCOMP) != 0;
    const int version = landlock ? kp_landlock_version() : 0;
    KP_AUTO(string) struct kp_string text = {0};

    if (inside && filtered)
        return NULL;
    kp_string_add(&text, "host tools are not shut in as they should be:");
    if (!inside)
        kp_string_printf(&text,
                         " there are no namespaces (%s), so they see other processes and "
                         "the names of files;",
                         box->reason == NULL ? "?" : box->reason);
    if (!inside && !landlock)
        kp_string_add(&text, " there is no Landlock, so they can read and write the user's files;");
    if (!inside && version > 0 && version < 3)
        kp_string_add(&text, " Landlock is old, so they can cut the user's files short;");
    if (!inside && version < 6)
        kp_string_add(&text, " they can signal the user's processes;");
    if (!inside && !filtered)
        kp_string_add(&text, " they can use the network;");
    if (!filtered)
        kp_string_add(&text, " there is no seccomp filter, so all system calls are open to them;");
    if (text.failed)
        return NULL;
    text.text[text.length - 1] = '\0'; /* the last ; */
    return kp_arena_strdup(box->arena, text.text);
}

const char *kp_toolbox_lacks(struct kp_toolbox *box)
{
    const char *text = NULL;

    pthread_mutex_lock(&box->lock);
    if (box->probed && !box->said) {
        text = list_lacks(box);
        box->said = true;
    }
    pthread_mutex_unlock(&box->lock);
    return text;
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
    if (!box->probed)
        probe(box);
    run_with(box, &request, &result);
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

/* Called with the lock held. */
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
