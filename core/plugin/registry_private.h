/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/registry_private.h - what the registry's parts share: discovery fills it,
 * claims.c settles who owns a name, index.c makes it searchable, open.c opens.
 *
 * Everything but the state of a file (and what opening fills in) is final once
 * kp_registry_new has returned, and is read without the lock.
 */
#ifndef KP_PLUGIN_REGISTRY_PRIVATE_H
#define KP_PLUGIN_REGISTRY_PRIVATE_H

#include <stdatomic.h>

#include "base/arena.h"
#include "base/vector.h"
#include "plugin/registry.h"

/* A file, and what only the loader knows of it. `file` is its first member. */
struct kp_entry {
    struct kp_plugin_file file;
    struct kp_file_identity identity; /* of the file whose note was read */
    const char *note_text;
    size_t note_length;
    bool has_digest; /* once origin_known */
    bool own;        /* found in the own folder */
};

/* A name, and the plugin that offers it by its note. */
struct kp_claim {
    const char *type; /* "id", "stage", "codec", "format", "source", "arch" */
    const char *name;
    const char *canonical; /* of an architecture: its name, where `name` may be an alias */
    struct kp_entry *entry;
};

struct kp_magic_entry {
    const struct kp_magic_row *row;
    size_t order; /* of its plugin */
};

struct kp_registry {
    struct kp_arena *arena; /* under the lock, once other threads may be there */
    pthread_mutex_t lock;   /* one opening at a time; guards `state`, `reason`, `origin` */
    const struct kp_manifest_row *manifest;
    enum kp_isolation isolation;
    struct kp_workers *workers;
    bool is_static; /* all plugins are compiled in */
    const struct kp_trust *trust;
    pthread_mutex_t lacks_lock; /* of the next two; may be taken under `lock` */
    bool said_lacks;
    char *lacks;              /* from malloc */
    struct kp_vector entries; /* of struct kp_entry *, in path order */
    struct kp_claim *claims;  /* of accepted files, sorted by type and name */
    size_t claim_count;
    const char **stage_names;
    size_t stage_name_count;
    const char **source_names;
    size_t source_name_count;
    const char **arch_names;
    size_t arch_name_count;
    struct kp_magic_entry *magic; /* best first */
    size_t magic_count;
    atomic_bool shares; /* a plugin was opened in a worker: kp_registry_shares */
};

/* A new entry at the end; NULL when memory runs out. `path` is copied. */
struct kp_entry *kp_registry_add(struct kp_registry *registry, const char *path);
/* Makes a file rejected, with a reason. Always returns false. */
__attribute__((format(printf, 3, 4))) bool
kp_registry_reject(struct kp_registry *registry, struct kp_entry *entry, const char *format, ...);

/* Looks through the folders and reads the notes. All of these return false only when
 * memory runs out. */
bool kp_discover(struct kp_registry *registry, const struct kp_registry_options *options);
/* Rejects files whose note this host cannot accept (its API level, id, ...), and is then false. */
bool kp_judge_note(struct kp_registry *registry, struct kp_entry *entry);
/* Rejects files that want a name which is another's. */
bool kp_settle_claims(struct kp_registry *registry);
/* Fills the sorted lists from the files that are left. */
bool kp_index(struct kp_registry *registry);

/* The claim of that type and name among the accepted ones, or NULL. */
const struct kp_claim *kp_find_claim(const struct kp_registry *registry, const char *type,
                                     const char *name);
/* All claims of the files in state FOUND, sorted by type, name and path order; from malloc,
 * NULL when memory runs out. */
struct kp_claim *kp_collect_claims(const struct kp_registry *registry, size_t *count);

/* judge.c: digest and origin, from a file's bytes. */
void kp_learn_origin(struct kp_registry *registry, struct kp_entry *entry, const uint8_t *bytes);
/* judge.c: what kp_registry_signature says. */
const char *kp_learn_signature(struct kp_registry *registry, struct kp_arena *arena,
                               struct kp_entry *entry, const uint8_t *bytes);
/* judge.c: rejects a file that a policy refuses, and is then false. */
bool kp_judge_trust(struct kp_registry *registry, struct kp_entry *entry, const uint8_t *bytes);
/* The lock is held for these two. */
void kp_find_origin(struct kp_registry *registry, struct kp_entry *entry);
bool kp_open_entry(struct kp_registry *registry, struct kp_entry *entry);

#endif
