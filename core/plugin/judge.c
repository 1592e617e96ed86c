/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/judge.c - who made a file, and whether policies allow it: what its bytes tell is learnt
 * here, and decided in trust.c. Callers hold the registry's lock once there are other threads.
 *
 * A policy is asked twice: while plugins are looked for, so that a refused file takes nobody's
 * name, and again with the very bytes that are opened.
 */
#include <string.h>

#include "base/auto.h"
#include "plugin/registry_private.h"
#include "plugin/trust.h"
#include "plugin/worker.h"

static bool is_in_manifest(const struct kp_manifest_row *row, const uint8_t *digest)
{
    for (; row != NULL && row->name != NULL; row++)
        if (memcmp(row->digest, digest, KP_DIGEST_SIZE) == 0)
            return true;
    return false;
}

static struct kp_trust_subject
subject_of(const struct kp_entry *entry, const struct kp_signature *signature, const uint8_t *bytes)
{
    return (struct kp_trust_subject){
        .id = entry->file.note.id,
        .path = entry->file.path,
        .digest = entry->has_digest ? entry->file.digest : NULL,
        .signature = signature,
        .bytes = bytes,
        .size = entry->identity.size,
    };
}

void kp_learn_origin(struct kp_registry *registry, struct kp_entry *entry, const uint8_t *bytes)
{
    struct kp_plugin_file *file = &entry->file;
    const char *why;

    file->origin = KP_FOREIGN;
    file->origin_known = true;
    entry->has_digest = kp_plugin_digest(bytes, entry->identity.size, file->digest, &why);
    if (!entry->has_digest)
        memset(file->digest, 0, sizeof(file->digest));
    else if (is_in_manifest(registry->manifest, file->digest))
        file->origin = KP_BUNDLED;
}

const char *kp_learn_signature(struct kp_registry *registry, struct kp_arena *arena,
                               struct kp_entry *entry, const uint8_t *bytes)
{
    struct kp_signature signature;
    const struct kp_trust_subject subject = subject_of(entry, &signature, bytes);

    kp_signature_read(arena, entry->file.path, &signature);
    return kp_trust_signature(registry->trust, arena, &subject);
}

/* --- what the machine can enforce --- */

struct kp_confinement *kp_registry_confinement(struct kp_registry *registry)
{
    if (registry->is_static || kp_workers_program(registry->workers) == NULL)
        return NULL;
    return kp_workers_confinement(registry->workers);
}

static unsigned mechanisms(struct kp_registry *registry)
{
    struct kp_confinement *confinement = kp_registry_confinement(registry);

    return confinement == NULL ? 0 : kp_confinement_mechanisms(confinement);
}

static char *list_lacks(const char *const *lacks)
{
    KP_AUTO(string) struct kp_string text = {0};

    for (; *lacks != NULL; lacks++)
        kp_string_printf(&text, "%s%s",
                         text.length == 0 ? "workers are not shut in as they should be: " : "; ",
                         *lacks);
    return text.failed ? NULL : KP_STEAL(text.text);
}

const char *kp_registry_lacks(struct kp_registry *registry)
{
    struct kp_confinement *confinement = kp_registry_confinement(registry);
    const char *text = NULL;

    pthread_mutex_lock(&registry->lacks_lock);
    if (confinement != NULL && !registry->said_lacks &&
        kp_confinement_lacks(confinement)[0] != NULL) {
        registry->said_lacks = true;
        registry->lacks = list_lacks(kp_confinement_lacks(confinement));
        text = registry->lacks;
    }
    pthread_mutex_unlock(&registry->lacks_lock);
    return text;
}

/* --- the decision --- */

/* Always false. */
static bool refuse(struct kp_registry *registry, struct kp_entry *entry, const char *why)
{
    entry->file.refused = true;
    return kp_registry_reject(registry, entry, "%s", why != NULL ? why : "out of memory");
}

bool kp_judge_trust(struct kp_registry *registry, struct kp_entry *entry, const uint8_t *bytes)
{
    struct kp_signature signature;
    struct kp_trust_subject subject;
    const char *why;

    if (!kp_trust_judges(registry->trust) || entry->file.compiled_in != NULL)
        return true;
    kp_learn_origin(registry, entry, bytes);
    if (entry->file.origin == KP_BUNDLED)
        return true;
    subject = subject_of(entry, &signature, bytes);
    kp_signature_read(registry->arena, entry->file.path, &signature);
    if (!kp_trust_allows(registry->trust, registry->arena, &subject, &why))
        return refuse(registry, entry, why);
    entry->file.allowed = why;
    if (!kp_trust_requires(registry->trust))
        return true;
    why = kp_trust_unmet(registry->trust, registry->arena, mechanisms(registry));
    return why == NULL || refuse(registry, entry, why);
}
