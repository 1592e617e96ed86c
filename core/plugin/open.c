/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/open.c - opens a plugin, here or in a worker: digest, dlopen and entry (host/load.h),
 * descriptor. Callers hold the registry's lock.
 *
 * The file checked is the file opened. It is opened once; note and digest are read
 * through that descriptor and ld.so is given /proc/self/fd/N, so nobody can put
 * another file in its place in between. Two things follow:
 *   - ld.so knows an object by the name under which it was opened and would give out the
 *     same object for the same name again. The descriptor stays open as long as the
 *     object does, which is for ever, and so no second file can get its number.
 *   - A debugger shows that name, which means something else in its own process. The
 *     true path stands in /proc/PID/maps ("info proc mappings"), and add-symbol-file
 *     loads the symbols.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "host/load.h"
#include "plugin/elf.h"
#include "plugin/registry_private.h"
#include "plugin/trust.h"
#include "plugin/verify.h"
#include "plugin/worker.h"

#define DESCRIPTOR_PATH_SIZE 40

/* A file on its way in. */
struct opening {
    struct kp_registry *registry;
    struct kp_entry *entry;
    int descriptor;
    char path[DESCRIPTOR_PATH_SIZE]; /* /proc/self/fd/N */
    struct kp_range *range;
    const uint8_t *bytes;
};

#define REJECT(opening, ...) kp_registry_reject((opening)->registry, (opening)->entry, __VA_ARGS__)

static const char changed[] = "changed since its note was read";

/* Opens the file and makes sure that it is the one whose note was read; else the reason
 * why it is not. */
static const char *open_same(struct opening *opening)
{
    struct kp_arena *arena = opening->registry->arena;
    struct kp_file_identity now;
    const char *why;

    opening->descriptor =
        open(opening->entry->file.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (opening->descriptor < 0) {
        why = kp_arena_printf(arena, "cannot be opened: %s", strerror(errno));
        return why != NULL ? why : "cannot be opened";
    }
    snprintf(opening->path, sizeof(opening->path), "/proc/self/fd/%d", opening->descriptor);
    opening->range = kp_range_open(opening->path, opening->entry->file.path, &now);
    if (opening->range == NULL) {
        why =
            kp_arena_printf(arena, "cannot be read through %s: %s", opening->path, strerror(errno));
        return why != NULL ? why : "cannot be read";
    }
    if (!kp_file_identity_equal(&now, &opening->entry->identity))
        return changed;
    opening->bytes = kp_range_view(opening->range);
    return opening->bytes != NULL ? NULL : "out of memory";
}

static void close_opening(struct opening *opening)
{
    kp_range_unref(opening->range);
    if (opening->descriptor >= 0)
        close(opening->descriptor);
}

void kp_find_origin(struct kp_registry *registry, struct kp_entry *entry)
{
    struct opening opening = {.registry = registry, .entry = entry, .descriptor = -1};

    if (entry->file.origin_known)
        return;
    entry->file.origin = KP_FOREIGN;
    entry->file.origin_known = true;
    /* A file that discovery could not read is no plugin, whoever made it. */
    if (entry->note_text != NULL && open_same(&opening) == NULL)
        kp_learn_origin(registry, entry, opening.bytes);
    close_opening(&opening);
}

const char *kp_registry_signature(struct kp_registry *registry, struct kp_plugin_file *file,
                                  struct kp_arena *arena)
{
    struct kp_entry *entry = (struct kp_entry *)(void *)file;
    struct opening opening = {.registry = registry, .entry = entry, .descriptor = -1};
    const char *text = "none";

    if (file->compiled_in != NULL || entry->note_text == NULL)
        return text;
    pthread_mutex_lock(&registry->lock);
    text = open_same(&opening);
    if (text == NULL)
        text = kp_learn_signature(registry, arena, entry, opening.bytes);
    close_opening(&opening);
    pthread_mutex_unlock(&registry->lock);
    return text;
}

/* Checks a descriptor and takes it over. */
static bool accept(struct kp_registry *registry, struct kp_entry *entry,
                   const struct kp_plugin *descriptor)
{
    if (!kp_verify_plugin(registry->arena, descriptor, &entry->file)) {
        entry->file.state = KP_PLUGIN_REJECTED;
        return false;
    }
    entry->file.state = KP_PLUGIN_OPEN;
    return true;
}

/* Has the entry called and its descriptor checked. */
static bool enter(struct kp_registry *registry, struct kp_entry *entry, kp_entry function)
{
    const char *why;
    const struct kp_plugin *descriptor = kp_load_descriptor(registry->arena, function, &why);

    if (descriptor == NULL)
        return kp_registry_reject(registry, entry, "%s", why);
    return accept(registry, entry, descriptor);
}

#ifndef KPIPE_NO_DLOPEN
static bool load(struct opening *opening)
{
    const char *why;
    kp_entry function;
    bool loaded;

    function = kp_load_entry(opening->registry->arena, opening->path, &why, &loaded);
    if (loaded)
        opening->descriptor = -1; /* stays open: see above */
    if (function == NULL)
        return REJECT(opening, "%s", why);
    return enter(opening->registry, opening->entry, function);
}

/* Has a worker open it; what comes back is data, and checked as such. */
static bool describe(struct opening *opening)
{
    struct kp_registry *registry = opening->registry;
    struct kp_workers *workers = kp_registry_workers(registry);
    struct kp_plugin_file *file = &opening->entry->file;
    const struct kp_plugin *descriptor;
    struct kp_worker_failure failure;
    struct kp_worker *worker =
        kp_worker_start(workers, file, registry->arena, &descriptor, &failure);

    if (worker == NULL)
        return REJECT(opening, "%s", failure.why);
    kp_worker_give_back(workers, worker);
    file->in_worker = true;
    return accept(registry, opening->entry, descriptor);
}

static bool run_path_allowed(struct opening *opening)
{
    struct kp_elf elf;
    const char *why;

    return opening->entry->file.origin != KP_BUNDLED ||
           !kp_elf_open(&elf, opening->bytes, opening->entry->identity.size, &why) ||
           !kp_elf_has_run_path(&elf) ||
           REJECT(opening, "has an RPATH or RUNPATH: a bundled plugin must have none");
}

static bool note_unchanged(struct opening *opening)
{
    const struct kp_entry *entry = opening->entry;
    const char *text, *why;
    size_t length;

    return (kp_note_find(opening->bytes, entry->identity.size, &text, &length, &why) &&
            length == entry->note_length && memcmp(text, entry->note_text, length) == 0) ||
           REJECT(opening, "%s", changed);
}

static bool open_file(struct kp_registry *registry, struct kp_entry *entry)
{
    struct opening opening = {.registry = registry, .entry = entry, .descriptor = -1};
    const char *why = open_same(&opening);
    bool fine = why == NULL ? note_unchanged(&opening) : REJECT(&opening, "%s", why);

    if (fine && !entry->file.origin_known)
        kp_learn_origin(registry, entry, opening.bytes);
    fine = fine && kp_judge_trust(registry, entry, opening.bytes) && run_path_allowed(&opening) &&
           (kp_isolation_applies(registry->isolation, entry->file.origin) ? describe(&opening)
                                                                          : load(&opening));
    close_opening(&opening);
    return fine;
}
#else
static bool open_file(struct kp_registry *registry, struct kp_entry *entry)
{
    return kp_registry_reject(registry, entry, "this kpipe opens no shared objects");
}
#endif

bool kp_open_entry(struct kp_registry *registry, struct kp_entry *entry)
{
    if (entry->file.state != KP_PLUGIN_FOUND)
        return entry->file.state == KP_PLUGIN_OPEN;
    if (entry->file.compiled_in != NULL)
        return enter(registry, entry, entry->file.compiled_in->entry);
    return open_file(registry, entry);
}
