/* SPDX-License-Identifier: BSD-3-Clause
 *
 * host/load.c - see load.h.
 *
 * No dlclose: libraries leave destructors and thread-local data behind. No
 * RTLD_DEEPBIND: it breaks replacements of malloc, those of the sanitizers among them.
 */
#include "host/load.h"

#include <string.h>

#ifndef KPIPE_NO_DLOPEN
#include <dlfcn.h>
#endif

#ifndef KPIPE_VERSION
#define KPIPE_VERSION "0"
#endif

static const char no_memory[] = "out of memory";

const struct kp_plugin *kp_load_descriptor(struct kp_arena *arena, kp_entry entry, const char **why)
{
    const struct kp_plugin *descriptor = entry(KP_API_LEVEL_NEWEST, KPIPE_VERSION);

    if (descriptor != NULL)
        return descriptor;
    *why = kp_arena_printf(arena,
                           "its entry returned NULL: it does not work with kpipe %s, API level %d",
                           KPIPE_VERSION, KP_API_LEVEL_NEWEST);
    *why = *why != NULL ? *why : no_memory;
    return NULL;
}

#ifndef KPIPE_NO_DLOPEN
/* What ld.so said, without the name that only ld.so knows the file by. */
static const char *why_unloadable(struct kp_arena *arena, const char *path, const char *text)
{
    const size_t own = strlen(path);
    const char *colon, *found;

    if (text == NULL)
        return "ld.so refused it without a reason";
    if (strncmp(text, path, own) == 0 && strncmp(text + own, ": ", 2) == 0)
        text += own + 2;
    /* "libfoo.so.1: cannot open ...", translated perhaps: a library is called by
     * its bare name as long as it was not found, and by its path afterwards. */
    colon = strchr(text, ':');
    if (colon != NULL && memchr(text, '/', (size_t)(colon - text)) == NULL &&
        memmem(text, (size_t)(colon - text), ".so", 3) != NULL)
        return kp_arena_printf(arena, "needs library %.*s, which is missing: install it",
                               (int)(colon - text), text);
    found = strstr(text, path);
    if (found != NULL)
        return kp_arena_printf(arena, "cannot be loaded: %.*sthe plugin%s", (int)(found - text),
                               text, found + own);
    return kp_arena_printf(arena, "cannot be loaded: %s", text);
}

kp_entry kp_load_entry(struct kp_arena *arena, const char *path, const char **why, bool *loaded)
{
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    void *symbol;
    kp_entry entry;

    *loaded = handle != NULL;
    if (handle == NULL) {
        *why = why_unloadable(arena, path, dlerror());
        *why = *why != NULL ? *why : no_memory;
        return NULL;
    }
    symbol = dlsym(handle, KP_ENTRY_SYMBOL);
    if (symbol == NULL) {
        *why = "no function '" KP_ENTRY_SYMBOL "' in it";
        return NULL;
    }
    memcpy(&entry, &symbol, sizeof(entry)); /* C has no cast from void * to function */
    return entry;
}
#endif
