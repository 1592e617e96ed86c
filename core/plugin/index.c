/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/index.c - sorted lists of what the accepted plugins' notes offer: names of stages,
 * sources and architectures, and magic rows. Made once, when discovery is done; a plugin that turns
 * out bad when it is opened stays in them, so that results do not depend on the order
 * in which plugins were opened.
 */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "plugin/registry_private.h"

const struct kp_claim *kp_find_claim(const struct kp_registry *registry, const char *type,
                                     const char *name)
{
    size_t low = 0, high = registry->claim_count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const struct kp_claim *claim = &registry->claims[middle];
        int order = strcmp(claim->type, type);

        if (order == 0)
            order = strcmp(claim->name, name);
        if (order == 0)
            return claim;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* Names of one type, in the claims' order; of an architecture its own name only. */
static const char **list_names(struct kp_registry *registry, const char *type, size_t *count)
{
    const char **names = kp_arena_array(registry->arena, registry->claim_count + 1, sizeof(*names));

    *count = 0;
    for (size_t i = 0; names != NULL && i < registry->claim_count; i++) {
        const struct kp_claim *claim = &registry->claims[i];

        if (strcmp(claim->type, type) == 0 &&
            (claim->canonical == NULL || strcmp(claim->canonical, claim->name) == 0))
            names[(*count)++] = claim->name;
    }
    return names;
}

/* Most bits first; among equals the earlier plugin, then the earlier row. */
static int better_magic(const void *left, const void *right)
{
    const struct kp_magic_entry *a = left, *b = right;

    if (a->row->bits != b->row->bits)
        return a->row->bits > b->row->bits ? -1 : 1;
    if (a->order != b->order)
        return a->order < b->order ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row); /* rows of one plugin are one array */
}

static bool index_magic(struct kp_registry *registry)
{
    size_t count = 0;

    for (size_t i = 0; i < registry->entries.count; i++)
        count += KP_ITEM(&registry->entries, struct kp_entry *, i)->file.note.magic_count;
    registry->magic = kp_arena_array(registry->arena, count + 1, sizeof(*registry->magic));
    if (registry->magic == NULL)
        return false;
    for (size_t i = 0; i < registry->entries.count; i++) {
        const struct kp_entry *entry = KP_ITEM(&registry->entries, struct kp_entry *, i);

        if (entry->file.state != KP_PLUGIN_FOUND)
            continue;
        for (size_t j = 0; j < entry->file.note.magic_count; j++)
            registry->magic[registry->magic_count++] =
                (struct kp_magic_entry){&entry->file.note.magic[j], i};
    }
    qsort(registry->magic, registry->magic_count, sizeof(*registry->magic), better_magic);
    return true;
}

bool kp_index(struct kp_registry *registry)
{
    KP_AUTO(free) struct kp_claim *claims = kp_collect_claims(registry, &registry->claim_count);

    if (claims == NULL)
        return false;
    registry->claims = kp_arena_array(registry->arena, registry->claim_count + 1, sizeof(*claims));
    if (registry->claims == NULL)
        return false;
    memcpy(registry->claims, claims, registry->claim_count * sizeof(*claims));
    registry->stage_names = list_names(registry, "stage", &registry->stage_name_count);
    registry->source_names = list_names(registry, "source", &registry->source_name_count);
    registry->arch_names = list_names(registry, "arch", &registry->arch_name_count);
    return registry->stage_names != NULL && registry->source_names != NULL &&
           registry->arch_names != NULL && index_magic(registry);
}
