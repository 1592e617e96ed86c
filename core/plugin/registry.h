/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/registry.h - all plugins that were found, and what they offer.
 *
 * Discovery reads notes only (note.h). A plugin is opened when one of its
 * operations, architectures or inspectors is first asked for, never before, and
 * never closed. What crosses from a plugin is copied into the host's own zeroed
 * structs of the SDK's types, min(sizes) each, and checked against the note and
 * against itself; the plugin's structs are not looked at again.
 *
 * A registry may be used by several threads at once, once kp_registry_new has
 * returned. All that it hands out lives as long as it does.
 */
#ifndef KP_PLUGIN_REGISTRY_H
#define KP_PLUGIN_REGISTRY_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/range.h"
#include "kpipe/plugin.h"
#include "plugin/digest.h"
#include "plugin/note.h"
#include "sandbox/confine.h"

enum kp_plugin_state {
    KP_PLUGIN_FOUND,    /* its note is in order */
    KP_PLUGIN_OPEN,     /* opened, descriptor checked */
    KP_PLUGIN_REJECTED, /* see `reason` */
};

/* Who made it: told from the digest, never from what the plugin says of itself. */
enum kp_plugin_origin { KP_BUNDLED, KP_FOREIGN, KP_COMPILED_IN };

/* Where the code of plugins runs. What is compiled in always runs in this process. */
enum kp_isolation {
    KP_ISOLATION_AUTO,    /* foreign plugins in workers, bundled ones in this process */
    KP_ISOLATION_PROCESS, /* all in workers */
    KP_ISOLATION_NONE,    /* all in this process */
};

/* One file that discovery looked at (or one compiled-in plugin). */
struct kp_plugin_file {
    const char *path; /* absolute; for a compiled-in one "(compiled in)" */
    enum kp_plugin_state state;
    const char *reason;           /* if rejected: "what: why" */
    enum kp_plugin_origin origin; /* found when it is opened or listed */
    bool origin_known;
    bool in_worker;                 /* once open: this process has none of its code */
    uint8_t digest[KP_DIGEST_SIZE]; /* once origin_known; zeros if it has none */
    bool refused;                   /* rejected by a policy; `reason` names it */
    const char *allowed;            /* which policies allow it: "allowed by FILE:LINE"; or NULL */
    struct kp_note note;            /* zeroed if it could not be read */
    struct kp_plugin descriptor;    /* host's copy, once open */
    pthread_mutex_t lock;           /* for KP_THREADS_PLUGIN */
    const struct kp_static_row *compiled_in;
    struct kp_stage *stages; /* once open */
    size_t stage_count;
    struct kp_stage *sources; /* once open: sources, as operations that begin a chain */
    size_t source_count;
    size_t order; /* index in path order */
};

/* A stage type as the host knows it. */
struct kp_stage {
    const char *name; /* "gzip", "gzip.unpack" */
    struct kp_plugin_file *plugin;
    struct kp_operation operation; /* host's copy; its params, choices and fields are copies too */
    const char *codec;             /* name of the codec if it is one's compress, else NULL */
    pthread_mutex_t lock;          /* for KP_THREADS_STAGE */
};

struct kp_registry;
struct kp_trust; /* trust.h */

struct kp_registry_options {
    const char *const *paths; /* --plugin-path: folders, searched first; NULL-terminated, or NULL */
    const char *environment;  /* value of KPIPE_PLUGIN_PATH (ignored when setuid), or NULL */
    const char *user_folder;  /* e.g. ~/.local/lib/kpipe/plugins, or NULL */
    const char *own_folder;   /* the installed folder, or in the build tree the build's */
    const struct kp_manifest_row *manifest;
    const struct kp_static_row *compiled_in;
    enum kp_isolation isolation;
    const char *worker;           /* absolute path of kpipe-worker; NULL: there are no workers */
    struct kp_limits limits;      /* of each worker */
    const struct kp_trust *trust; /* what policies allow; NULL: everything */
    unsigned without;             /* KP_SANDBOX_*: not to be used, for tests */
    /* If set: workers are threads of this process that run this, which serves a socket and takes it
     * over. Nothing shuts them in and no limit holds: for a debugger. */
    int (*serve)(int socket);
};

/* Looks through the folders in order. Problems with single files are no errors:
 * the files are listed as rejected. NULL only when memory runs out. */
struct kp_registry *kp_registry_new(const struct kp_registry_options *options);
void kp_registry_free(struct kp_registry *registry);
static inline void kp_auto_registry(struct kp_registry **registry)
{
    kp_registry_free(*registry);
}

/* What lies beside a plugin that signs it, for people; read now. NULL: out of memory. */
const char *kp_registry_signature(struct kp_registry *registry, struct kp_plugin_file *file,
                                  struct kp_arena *arena);

/* How it was made. */
enum kp_isolation kp_registry_isolation(const struct kp_registry *registry);
/* What this machine can enforce for workers: made when it is first asked for, and the registry's.
 * NULL: there is no program for workers, or memory ran out. Thread-safe. */
struct kp_confinement *kp_registry_confinement(struct kp_registry *registry);
/* What of it this machine cannot enforce, for the user; NULL if there is nothing to say or it was
 * said before. */
const char *kp_registry_lacks(struct kp_registry *registry);
/* Whether its workers are threads of this process: options.serve. */
bool kp_registry_in_process(const struct kp_registry *registry);
/* Whether all its plugins are compiled in, so that none can be put into a worker. */
bool kp_registry_is_static(const struct kp_registry *registry);

/* All files in path order, rejected ones too. */
size_t kp_registry_count(const struct kp_registry *registry);
struct kp_plugin_file *kp_registry_file(struct kp_registry *registry, size_t index);
/* Opens a plugin if it is not open yet; false if it is or becomes rejected. Thread-safe. */
bool kp_registry_open(struct kp_registry *registry, struct kp_plugin_file *file);
/* Finds out who made a file (reads and digests it). */
void kp_registry_find_origin(struct kp_registry *registry, struct kp_plugin_file *file);

/* Whether some plugin runs in a worker, so that bytes may have to cross into one. */
bool kp_registry_shares(const struct kp_registry *registry);

/* The stage type of that name, its plugin opened. NULL after reporting at `place`:
 * unknown (with the nearest name, and rejected files that would offer it), or its
 * plugin could not be opened and why. */
const struct kp_stage *kp_registry_stage(struct kp_registry *registry, struct kp_diags *diags,
                                         struct kp_place place, const char *name);
/* As above without any report: NULL if there is none that can be used. */
const struct kp_stage *kp_registry_find_stage(struct kp_registry *registry, const char *name);
/* Names of all stage types in accepted plugins' notes, sorted; *count of them. */
const char *const *kp_registry_stage_names(struct kp_registry *registry, size_t *count);

/* The source of that name, its plugin opened, for the input `input`. NULL after reporting at
 * `place`. */
const struct kp_stage *kp_registry_source(struct kp_registry *registry, struct kp_diags *diags,
                                          struct kp_place place, const char *input,
                                          const char *name);
/* As above without any report. */
const struct kp_stage *kp_registry_find_source(struct kp_registry *registry, const char *name);
/* A hint for a source that only a rejected plugin offers, or NULL. */
const char *kp_registry_rejected_source(struct kp_registry *registry, struct kp_arena *arena,
                                        const char *name);
/* Names of all sources in accepted plugins' notes, sorted. */
const char *const *kp_registry_source_names(struct kp_registry *registry, size_t *count);

/* The canonical name of an architecture's name or alias, from notes alone; NULL if
 * unknown. */
const char *kp_registry_arch_name(struct kp_registry *registry, const char *name);
/* All canonical names, sorted. */
const char *const *kp_registry_arch_names(struct kp_registry *registry, size_t *count);
/* The facts (opens its plugin); NULL if unknown or its plugin is rejected. */
const struct kp_arch *kp_registry_arch(struct kp_registry *registry, const char *name);

/* What bytes look like, by the magic rows of all accepted plugins; the most bits
 * win, the earlier plugin among equals. True if some row matched. */
bool kp_registry_identify(struct kp_registry *registry, const struct kp_range *range,
                          const char **kind, const char **codec);

/* The magic rows of all accepted plugins, best first; NULL behind the last one. */
const struct kp_magic_row *kp_registry_magic(const struct kp_registry *registry, size_t index);

/* Who describes images of that kind (and codec, if compressed; kind NULL: bytes that nobody
 * recognises), one after another: the inspect function and its plugin. First, with *next 0, the
 * one whose magic names the kind, then those that tell more of it (KP_DESCRIBES), each in path
 * order. False if there is none any more. Opens plugins whose notes name the kind. */
struct kp_inspector {
    int32_t (*inspect)(struct kp_call *call);
    struct kp_plugin_file *plugin;
    const char *format; /* name of the format or codec */
};
bool kp_registry_inspector(struct kp_registry *registry, const char *kind, const char *codec,
                           size_t *next, struct kp_inspector *inspector);

#endif
