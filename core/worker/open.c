/* SPDX-License-Identifier: BSD-3-Clause
 *
 * worker/open.c - opens the plugin of a worker: the file that kpipe has looked at, and no
 * other.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#ifndef KPIPE_NO_DLOPEN
#include <dlfcn.h>
#endif

#include "base/auto.h"
#include "host/load.h"
#include "worker/worker_private.h"

#ifndef KPIPE_NO_DLOPEN
static bool is_same(const struct stat *status, const struct kp_file_identity *known)
{
    const struct kp_file_identity found = kp_file_identity_of(status);

    return kp_file_identity_equal(&found, known);
}

/* Whether a path and the descriptor lead to the file of HELLO; else a phrase. */
static const char *why_not_same(struct kp_arena *arena, const struct kp_worker_hello *hello,
                                const char *path)
{
    const int descriptor KP_AUTO(close) = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat by_path, sent;
    const char *why;

    if (descriptor < 0) {
        why = kp_arena_printf(arena, "cannot be opened: %s", strerror(errno));
        return why != NULL ? why : "cannot be opened";
    }
    if (fstat(descriptor, &by_path) != 0 || fstat(hello->plugin, &sent) != 0 ||
        !is_same(&by_path, &hello->identity) || !is_same(&sent, &hello->identity))
        return "changed since its note was read";
    return NULL;
}

/* A path of the file by a descriptor that stays open for ever, as the object does that ld.so
 * knows by this path: see plugin/open.c. NULL when memory or descriptors run out. */
static const char *kept_path(struct kp_arena *arena, int descriptor)
{
    const int kept = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);

    return kept < 0 ? NULL : kp_arena_printf(arena, "/proc/self/fd/%d", kept);
}

/* What threads need to be ended, and ask ld.so for only then, when it may open nothing
 * any more. */
static void load_before_it_is_late(void)
{
    (void)dlopen("libgcc_s.so.1", RTLD_NOW | RTLD_GLOBAL);
}

const struct kp_plugin *kp_worker_open(struct kp_worker *worker,
                                       const struct kp_worker_hello *hello, const char **why,
                                       bool *by_loader)
{
    const bool by_path = hello->open == KP_WIRE_OPEN_PATH;
    const char *path = by_path ? hello->path : kept_path(worker->arena, hello->plugin);
    bool loaded = true;
    kp_entry entry;

    *by_loader = false;
    *why = path == NULL ? "out of memory" : why_not_same(worker->arena, hello, path);
    if (*why != NULL)
        return NULL;
    load_before_it_is_late();
    entry = kp_load_entry(worker->arena, path, why, &loaded);
    *by_loader = !loaded;
    if (entry == NULL)
        return NULL;
    if (worker->options->opened != NULL)
        worker->options->opened((const void *)entry);
    return kp_load_descriptor(worker->arena, entry, why);
}
#else
const struct kp_plugin *kp_worker_open(struct kp_worker *worker,
                                       const struct kp_worker_hello *hello, const char **why,
                                       bool *by_loader)
{
    (void)worker;
    (void)hello;
    *by_loader = false;
    *why = "this kpipe opens no shared objects";
    return NULL;
}
#endif
