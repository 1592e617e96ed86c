/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/claims.c - judges notes: whether this host can have a plugin at all, and which
 * of two plugins gets a name that both want.
 *
 * The first in path order wins, except that nothing shadows a bundled plugin: a file
 * of the own folder whose digest is in the manifest keeps its names even against
 * files found before it. Digests cost time, so they are made only on a conflict.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "plugin/names.h"
#include "plugin/registry_private.h"

bool kp_judge_note(struct kp_registry *registry, struct kp_entry *entry)
{
    const struct kp_note *note = &entry->file.note;

    if (note->api_level > KP_API_LEVEL_NEWEST)
        return kp_registry_reject(registry, entry,
                                  "asks for API level %" PRIu32
                                  ", this kpipe knows levels up to %d: "
                                  "use a newer kpipe",
                                  note->api_level, KP_API_LEVEL_NEWEST);
    if (note->api_level == 0 && strcmp(note->sdk_hash, KP_SDK_HASH) != 0)
        return kp_registry_reject(registry, entry,
                                  "built with other SDK headers (its digest %.8s..., this kpipe's "
                                  "%.8s...): rebuild it against this SDK; level 0 is a draft",
                                  note->sdk_hash, KP_SDK_HASH);
    if (kp_compare_versions(note->host_version, KPIPE_VERSION) > 0)
        return kp_registry_reject(registry, entry, "needs kpipe %s or newer, this is %s",
                                  note->host_version, KPIPE_VERSION);
    if (!kp_is_reverse_domain(note->id))
        return kp_registry_reject(registry, entry,
                                  "id '%s': not a reverse domain, as in com.example.%s", note->id,
                                  kp_is_format_name(note->name) ? note->name : "name");
#ifdef KPIPE_NO_DLOPEN
    if (entry->file.compiled_in == NULL)
        return kp_registry_reject(registry, entry, "this kpipe opens no shared objects");
#endif
    return true;
}

static size_t count_claims(const struct kp_note *note)
{
    size_t count =
        1 + note->codec_count + note->format_count + note->source_count + note->stage_count;

    for (size_t i = 0; i < note->arch_count; i++)
        count += note->archs[i].count;
    return count;
}

/* Writes what a note claims; returns the place behind. */
static struct kp_claim *write_claims(struct kp_claim *to, struct kp_entry *entry)
{
    const struct kp_note *note = &entry->file.note;

    *to++ = (struct kp_claim){"id", note->id, NULL, entry};
    for (size_t i = 0; i < note->codec_count; i++)
        *to++ = (struct kp_claim){"codec", note->codecs[i], NULL, entry};
    for (size_t i = 0; i < note->format_count; i++)
        *to++ = (struct kp_claim){"format", note->formats[i], NULL, entry};
    for (size_t i = 0; i < note->source_count; i++)
        *to++ = (struct kp_claim){"source", note->sources[i], NULL, entry};
    for (size_t i = 0; i < note->stage_count; i++)
        *to++ = (struct kp_claim){"stage", note->stages[i], NULL, entry};
    for (size_t i = 0; i < note->arch_count; i++)
        for (size_t j = 0; j < note->archs[i].count; j++)
            *to++ =
                (struct kp_claim){"arch", note->archs[i].names[j], note->archs[i].names[0], entry};
    return to;
}

static int compare_names(const struct kp_claim *a, const struct kp_claim *b)
{
    const int order = strcmp(a->type, b->type);

    return order != 0 ? order : strcmp(a->name, b->name);
}

static int compare_claims(const void *left, const void *right)
{
    const struct kp_claim *a = left, *b = right;
    const int order = compare_names(a, b);

    if (order != 0)
        return order;
    return (a->entry->file.order > b->entry->file.order) -
           (a->entry->file.order < b->entry->file.order);
}

struct kp_claim *kp_collect_claims(const struct kp_registry *registry, size_t *count)
{
    struct kp_claim *claims, *end;

    *count = 0;
    for (size_t i = 0; i < registry->entries.count; i++) {
        const struct kp_entry *entry = KP_ITEM(&registry->entries, struct kp_entry *, i);

        if (entry->file.state == KP_PLUGIN_FOUND)
            *count += count_claims(&entry->file.note);
    }
    claims = calloc(*count + 1, sizeof(*claims));
    if (claims == NULL)
        return NULL;
    end = claims;
    for (size_t i = 0; i < registry->entries.count; i++) {
        struct kp_entry *entry = KP_ITEM(&registry->entries, struct kp_entry *, i);

        if (entry->file.state == KP_PLUGIN_FOUND)
            end = write_claims(end, entry);
    }
    qsort(claims, *count, sizeof(*claims), compare_claims);
    return claims;
}

static bool is_bundled(const struct kp_entry *entry)
{
    return entry->own && entry->file.origin_known && entry->file.origin == KP_BUNDLED;
}

/* The sorted claims that want the same name as claims[at]: *first and the index behind. */
static size_t find_rivals(const struct kp_claim *claims, size_t count, size_t at, size_t *first)
{
    size_t end = at + 1;

    for (*first = at; *first > 0 && compare_names(&claims[*first - 1], &claims[at]) == 0;)
        --*first;
    while (end < count && compare_names(&claims[end], &claims[at]) == 0)
        end++;
    return end;
}

/* Finds out which files in a conflict are bundled. True if there is a conflict. */
static bool place_rivals(struct kp_registry *registry, const struct kp_claim *claims, size_t count)
{
    bool conflict = false;

    for (size_t i = 0, end; i < count; i = end) {
        size_t first;

        end = find_rivals(claims, count, i, &first);
        conflict = conflict || end - i > 1;
        for (size_t j = i; end - i > 1 && j < end; j++)
            if (claims[j].entry->own)
                kp_find_origin(registry, claims[j].entry);
    }
    return conflict;
}

/* Rejects an entry if one that was settled before has a name that it wants. */
static void settle(struct kp_registry *registry, struct kp_entry *entry, const bool *settled,
                   const struct kp_claim *claims, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t first, end;

        if (claims[i].entry != entry)
            continue;
        end = find_rivals(claims, count, i, &first);
        for (size_t j = first; j < end; j++) {
            const struct kp_entry *rival = claims[j].entry;

            if (!settled[rival->file.order] || rival->file.state != KP_PLUGIN_FOUND)
                continue;
            if (rival->file.order > entry->file.order)
                kp_registry_reject(registry, entry,
                                   "%s '%s' of %s: is that of the bundled plugin %s, which "
                                   "nothing may shadow",
                                   claims[i].type, claims[i].name, entry->file.path,
                                   rival->file.path);
            else
                kp_registry_reject(registry, entry, "%s '%s' of %s: taken by %s, found earlier",
                                   claims[i].type, claims[i].name, entry->file.path,
                                   rival->file.path);
            return;
        }
    }
}

bool kp_settle_claims(struct kp_registry *registry)
{
    const size_t file_count = registry->entries.count;
    size_t count;
    KP_AUTO(free) struct kp_claim *claims = kp_collect_claims(registry, &count);
    KP_AUTO(free) bool *settled = calloc(file_count + 1, sizeof(*settled));

    if (claims == NULL || settled == NULL)
        return false;
    if (!place_rivals(registry, claims, count))
        return true;
    /* The bundled ones first, then the others, both in path order. */
    for (unsigned pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < file_count; i++) {
            struct kp_entry *entry = KP_ITEM(&registry->entries, struct kp_entry *, i);
            const bool first = is_bundled(entry) || entry->file.compiled_in != NULL;

            if (entry->file.state != KP_PLUGIN_FOUND || first != (pass == 0))
                continue;
            settle(registry, entry, settled, claims, count);
            settled[i] = true;
        }
    }
    return true;
}
