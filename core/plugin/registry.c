/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/registry.c - see registry.h: making it, and asking it by name. Finding files is
 * discover.c's, opening them open.c's.
 */
#include "plugin/registry.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/codes.h"
#include "plugin/registry_private.h"
#include "plugin/worker.h"

struct kp_registry *kp_registry_new(const struct kp_registry_options *options)
{
    KP_AUTO(registry) struct kp_registry *registry = calloc(1, sizeof(*registry));

    if (registry == NULL)
        return NULL;
    pthread_mutex_init(&registry->lock, NULL);
    pthread_mutex_init(&registry->lacks_lock, NULL);
    registry->manifest = options->manifest;
    registry->isolation = options->isolation;
    registry->workers = kp_workers_new(options);
    registry->trust = options->trust;
    registry->is_static = options->compiled_in != NULL && options->compiled_in->name != NULL;
    registry->arena = kp_arena_new();
    if (registry->arena == NULL || registry->workers == NULL || !kp_discover(registry, options) ||
        !kp_settle_claims(registry) || !kp_index(registry))
        return NULL;
    return KP_STEAL(registry);
}

/* Objects that were opened stay so: see open.c. */
void kp_registry_free(struct kp_registry *registry)
{
    if (registry == NULL)
        return;
    kp_workers_free(registry->workers);
    for (size_t i = 0; i < registry->entries.count; i++) {
        struct kp_plugin_file *file = kp_registry_file(registry, i);

        for (size_t j = 0; j < file->stage_count; j++)
            pthread_mutex_destroy(&file->stages[j].lock);
        pthread_mutex_destroy(&file->lock);
    }
    kp_vector_free(&registry->entries);
    free(registry->lacks);
    kp_arena_free(registry->arena);
    pthread_mutex_destroy(&registry->lacks_lock);
    pthread_mutex_destroy(&registry->lock);
    free(registry);
}

enum kp_isolation kp_registry_isolation(const struct kp_registry *registry)
{
    return registry->isolation;
}

bool kp_registry_in_process(const struct kp_registry *registry)
{
    return kp_workers_in_process(registry->workers);
}

bool kp_registry_is_static(const struct kp_registry *registry)
{
    return registry->is_static;
}

size_t kp_registry_count(const struct kp_registry *registry)
{
    return registry->entries.count;
}

struct kp_plugin_file *kp_registry_file(struct kp_registry *registry, size_t index)
{
    return &KP_ITEM(&registry->entries, struct kp_entry *, index)->file;
}

bool kp_registry_open(struct kp_registry *registry, struct kp_plugin_file *file)
{
    bool fine;

    pthread_mutex_lock(&registry->lock);
    fine = kp_open_entry(registry, (struct kp_entry *)(void *)file);
    pthread_mutex_unlock(&registry->lock);
    return fine;
}

struct kp_workers *kp_registry_workers(struct kp_registry *registry)
{
    /* Whoever asks will have bytes to send. */
    atomic_store_explicit(&registry->shares, true, memory_order_relaxed);
    return registry->workers;
}

bool kp_registry_shares(const struct kp_registry *registry)
{
    return atomic_load_explicit(&registry->shares, memory_order_relaxed);
}

void kp_registry_find_origin(struct kp_registry *registry, struct kp_plugin_file *file)
{
    pthread_mutex_lock(&registry->lock);
    kp_find_origin(registry, (struct kp_entry *)(void *)file);
    pthread_mutex_unlock(&registry->lock);
}

const struct kp_stage *kp_registry_find_stage(struct kp_registry *registry, const char *name)
{
    const struct kp_claim *claim = kp_find_claim(registry, "stage", name);

    if (claim == NULL || !kp_registry_open(registry, &claim->entry->file))
        return NULL;
    for (size_t i = 0; i < claim->entry->file.stage_count; i++)
        if (strcmp(claim->entry->file.stages[i].name, name) == 0)
            return &claim->entry->file.stages[i];
    return NULL; /* not reached: note and descriptor agree */
}

static bool is_among(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* A file rejected by discovery whose note offers the stage, or the source, or NULL. */
static const struct kp_plugin_file *find_rejected(struct kp_registry *registry, const char *name,
                                                  bool source)
{
    for (size_t i = 0; i < registry->entries.count; i++) {
        const struct kp_plugin_file *file = kp_registry_file(registry, i);
        const struct kp_note *note = &file->note;

        if (source ? is_among(note->sources, note->source_count, name)
                   : is_among(note->stages, note->stage_count, name))
            return file;
    }
    return NULL;
}

#define REFUSED_HINT "'kpipe plugins --why' tells what the policies say of each plugin"
#define REJECTED_HINT "offered by %s, which was rejected: %s"

static bool report_unknown(struct kp_registry *registry, struct kp_diags *diags,
                           struct kp_place place, const char *name)
{
    const struct kp_plugin_file *rejected = find_rejected(registry, name, false);
    const char *nearest = kp_nearest(name, registry->stage_names, registry->stage_name_count);
    KP_AUTO(string) struct kp_string hint = {0};

    if (rejected != NULL && rejected->refused)
        return kp_error_hint(diags, place, REFUSED_HINT, KP1601, name, rejected->path,
                             rejected->reason);
    if (rejected != NULL)
        kp_string_printf(&hint, REJECTED_HINT, rejected->path, rejected->reason);
    else if (nearest != NULL)
        kp_string_printf(&hint, "did you mean '%s'?", nearest);
    else
        kp_string_add(&hint, "'kpipe plugins' lists what is installed");
    if (hint.failed)
        return kp_out_of_memory(diags);
    return kp_error_hint(diags, place, hint.text, KP1201, name);
}

const struct kp_stage *kp_registry_stage(struct kp_registry *registry, struct kp_diags *diags,
                                         struct kp_place place, const char *name)
{
    const struct kp_claim *claim = kp_find_claim(registry, "stage", name);
    const struct kp_stage *stage = kp_registry_find_stage(registry, name);

    if (claim == NULL)
        report_unknown(registry, diags, place, name);
    else if (stage == NULL)
        kp_error(diags, place, KP1601, name, claim->entry->file.path, claim->entry->file.reason);
    return stage;
}

const char *const *kp_registry_stage_names(struct kp_registry *registry, size_t *count)
{
    *count = registry->stage_name_count;
    return registry->stage_names;
}

const struct kp_stage *kp_registry_find_source(struct kp_registry *registry, const char *name)
{
    const struct kp_claim *claim = kp_find_claim(registry, "source", name);

    if (claim == NULL || !kp_registry_open(registry, &claim->entry->file))
        return NULL;
    for (size_t i = 0; i < claim->entry->file.source_count; i++)
        if (strcmp(claim->entry->file.sources[i].name, name) == 0)
            return &claim->entry->file.sources[i];
    return NULL; /* not reached: note and descriptor agree */
}

const struct kp_stage *kp_registry_source(struct kp_registry *registry, struct kp_diags *diags,
                                          struct kp_place place, const char *input,
                                          const char *name)
{
    const struct kp_claim *claim = kp_find_claim(registry, "source", name);
    const struct kp_stage *source = kp_registry_find_source(registry, name);

    if (claim == NULL)
        kp_error_hint(diags, place, "`kpipe plugins` lists the sources", KP1113, input, name);
    else if (source == NULL)
        kp_error(diags, place, KP1610, input, name, claim->entry->file.path,
                 claim->entry->file.reason);
    return source;
}

const char *kp_registry_rejected_source(struct kp_registry *registry, struct kp_arena *arena,
                                        const char *name)
{
    const struct kp_plugin_file *rejected = find_rejected(registry, name, true);

    return rejected == NULL
               ? NULL
               : kp_arena_printf(arena, REJECTED_HINT, rejected->path, rejected->reason);
}

const char *const *kp_registry_source_names(struct kp_registry *registry, size_t *count)
{
    *count = registry->source_name_count;
    return registry->source_names;
}

const char *kp_registry_arch_name(struct kp_registry *registry, const char *name)
{
    const struct kp_claim *claim = kp_find_claim(registry, "arch", name);

    return claim != NULL ? claim->canonical : NULL;
}

const char *const *kp_registry_arch_names(struct kp_registry *registry, size_t *count)
{
    *count = registry->arch_name_count;
    return registry->arch_names;
}

const struct kp_arch *kp_registry_arch(struct kp_registry *registry, const char *name)
{
    const struct kp_claim *claim = kp_find_claim(registry, "arch", name);
    const struct kp_arch *const *archs;

    if (claim == NULL || !kp_registry_open(registry, &claim->entry->file))
        return NULL;
    archs = claim->entry->file.descriptor.archs;
    for (size_t i = 0; archs[i] != NULL; i++)
        if (strcmp(archs[i]->name, claim->canonical) == 0)
            return archs[i];
    return NULL; /* not reached: note and descriptor agree */
}
