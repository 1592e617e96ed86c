/* SPDX-License-Identifier: MIT
 *
 * kpipe/plugin.h - the descriptor of a plugin: what it offers and what the host
 * may rely on.
 *
 * A plugin is a shared object with one exported function. It returns a constant
 * descriptor with tables of codecs, formats and architectures. Loading has no
 * side effects: no constructors that do anything, no threads, no files.
 *
 * The life of a plugin:
 *
 *     note read     the host reads the ELF note; no code runs
 *     opened        dlopen(RTLD_NOW | RTLD_LOCAL), once, when first needed
 *     entry called  once; returns the descriptor, always the same
 *     checked       note and descriptor agree, tables fit their structs
 *     operations    run(call) any number of times, on any thread, several at a
 *                   time only if `threading` allows it
 *     (never closed: the process ends)
 *
 * An operation is a pure function of its inputs, its parameters and
 * kp_host.build_time: no other state, no memory between calls.
 *
 * Where it runs. A plugin that kpipe was not built with runs in a worker: a process of
 * its own, which has opened this one plugin and makes one call at a time; calls that
 * overlap have a worker each. Nothing in these headers is different there, and a plugin
 * cannot tell. It finds no file, no network, no other process and no environment, may start
 * threads but no processes, and ends when it passes the limits of memory and time that
 * the user sets. A crash, an exit() or a hang is reported to the user with the plugin's
 * name and the place in its code. `kpipe run --record` saves such a call, and `kpipe
 * replay` makes it again, also under a debugger.
 */
#ifndef KPIPE_PLUGIN_H
#define KPIPE_PLUGIN_H

#include "arch.h"
#include "base.h"
#include "host.h"
#include "key.h"
#include "note.h"
#include "param.h"
#include "tool.h"
#include "traits.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Which calls may overlap. The host sees to it with locks. */
#define KP_THREADS_PLUGIN 0u /* one call into this plugin at a time */
#define KP_THREADS_STAGE 1u  /* one call of this operation at a time */
#define KP_THREADS_ANY 2u    /* any number at a time */

/* Flags of an operation. */
#define KP_OP_DETERMINISTIC 1u /* same inputs and parameters: same bytes, always */
#define KP_OP_NO_INPUT 2u      /* has no main input: it begins a chain */
#define KP_OP_MAY_BEGIN 4u     /* does without a main input where it begins a chain */

/* One operation, which recipes call a stage type. Its name is that of the codec
 * or format that it belongs to, with ".unpack" if it goes the other way. */
struct kp_operation {
    uint64_t size;                  /* sizeof(struct kp_operation) */
    uint32_t flags;                 /* KP_OP_* */
    uint32_t threading;             /* KP_THREADS_* */
    const char *summary;            /* a phrase: "compress with gzip" */
    const char *help;               /* further paragraphs, separated by empty lines; or NULL */
    const char *const *input_kinds; /* kinds of main input it takes; NULL: any */
    const char *output_kind;        /* kind of its output, KP_KIND_SAME, or NULL: found at run */
    const struct kp_param *const *params; /* its parameters; NULL: none */
    uint64_t params_size;                 /* sizeof the struct they are bound to; 0: none */
    const char *const *sets;              /* content traits that it may set; NULL: none. (A codec's
                                     KP_TRAIT_SIZE and the like need no mention.) */
    const char *const *sets_if_physical;  /* content traits that it may set only where the
                                     architecture has KP_ARCH_PADDR_PHYSICAL */
    const char *const *parts;             /* named parts that it may make, or NULL */
    uint64_t memory_base;                 /* kp_host.alloc gives at most memory_base bytes plus */
    uint64_t memory_per_byte;             /* memory_per_byte times the bytes of all inputs */
    int32_t (*run)(struct kp_call *call);
    const char *const *tools; /* host tools that every call needs (tool.h); NULL: none */
};

/* A codec: compresses any bytes. Stage types NAME and NAME.unpack. */
struct kp_codec {
    uint64_t size;                            /* sizeof(struct kp_codec) */
    const char *name;                         /* [a-z][a-z0-9-]*: "gzip" */
    const char *summary;                      /* a phrase */
    const char *suffix;                       /* usual ending of a file's name: ".gz" */
    const struct kp_operation *compress;      /* its output_kind is KP_KIND_COMPRESSED */
    const struct kp_operation *decompress;    /* its output_kind is NULL: found at run */
    int32_t (*inspect)(struct kp_call *call); /* as in struct kp_format; or NULL */
    const void *target_decoders; /* place of decoders for boot stubs; NULL at level 0 */
};

/* A format: packs inputs into an image that something boots, or takes one apart.
 * Stage types NAME (pack) and NAME.unpack; either may be missing. */
struct kp_format {
    uint64_t size;                     /* sizeof(struct kp_format) */
    const char *name;                  /* [a-z][a-z0-9-]*: "uimage" */
    const char *summary;               /* a phrase */
    const char *const *kinds;          /* kinds that `inspect` describes; NULL without it */
    const struct kp_operation *pack;   /* or NULL */
    const struct kp_operation *unpack; /* or NULL */
    /* Describes call->input with kp_host.field, sets on call->output the traits
     * that its header tells, and fails if it is malformed. It has no parameters
     * and may append no bytes. One call at a time into a plugin does so. Or NULL. */
    int32_t (*inspect)(struct kp_call *call);
};

/* A source: makes named images, lists and facts out of a folder or a file, before the
 * recipe is planned, as in `inputs: {k: {deb: linux-image.deb}}` -> `k.vmlinuz`, `k.dtbs`,
 * `$(k.version)`. It is an input type, beside the built-in file and tree. */
struct kp_source {
    uint64_t size;       /* sizeof(struct kp_source) */
    const char *name;    /* [a-z][a-z0-9-]*: "deb" */
    const char *summary; /* a phrase: "a Debian package" */
    const char *help;    /* further paragraphs: which images, lists and facts it gives; or NULL */
    const struct kp_param *const *params; /* its parameters; of those of type IMAGE the recipe gives
                                     the path of a file, of those of type TREE that of a
                                     folder. None is of type STAGE, and none names a tool */
    uint64_t params_size;                 /* sizeof the struct they are bound to */
    uint64_t memory_base;     /* as in struct kp_operation; what tree_open and decode return */
    uint64_t memory_per_byte; /* does not count */
    /* call->input and call->output are NULL. Gives what it has by kp_host.source_image,
     * source_list and source_fact. Deterministic: the same files give the same. */
    int32_t (*run)(struct kp_call *call);
};

struct kp_plugin {
    uint64_t size;       /* sizeof(struct kp_plugin) */
    uint32_t api_level;  /* KP_API_LEVEL */
    uint32_t reserved;   /* 0 */
    const char *id;      /* unique for ever, reverse-domain: "org.kpipe.gzip" */
    const char *name;    /* short name for people: "gzip" */
    const char *version; /* of the plugin: "1.2.0" */
    const char *license; /* SPDX expression, or "LicenseRef-Proprietary" */
    const char *vendor;
    const char *url;
    const char *summary; /* a phrase */
    const struct kp_codec *const *codecs;
    const struct kp_format *const *formats;
    const struct kp_arch *const *archs;
    const struct kp_source *const *sources;
    /* An ability that later SDKs define, by id; NULL: none. May be NULL. Asked in the process
     * that holds the plugin; level 0 knows of no such ability, and never asks. */
    const void *(*get_extension)(const char *id);
};

/* The entry: receives the host's newest API level and version, returns the
 * descriptor, or NULL if it cannot work with that host. */
typedef const struct kp_plugin *(*kp_entry)(uint32_t host_api_level, const char *host_version);

/* Writes note, descriptor and entry, from one list of arguments. The first seven
 * are string literals without line ends; `offers` is the KP_OFFERS_... and
 * KP_MAGIC literals strung together; what follows fills the tables of struct
 * kp_plugin by designated initialisers. No semicolon is needed after it.
 *
 *     KP_PLUGIN("com.example.xyz", "xyz", "1.0.0", "LicenseRef-Proprietary", "Example Ltd",
 *               "https://example.com/xyz", "the xyz codec",
 *               KP_OFFERS_CODEC("xyz") KP_MAGIC_CODEC("xyz", "0", "78797a", "ffffff"),
 *               .codecs = my_codecs)
 */
#define KP_PLUGIN(id_, name_, version_, license_, vendor_, url_, summary_, offers_, ...)           \
    KP_NOTE_(KP_NOTE_TEXT_(id_, name_, version_, license_, vendor_, url_, summary_, offers_))      \
    static const struct kp_plugin kp_descriptor_ = {.size = sizeof(struct kp_plugin),              \
                                                    .api_level = KP_API_LEVEL,                     \
                                                    .id = id_,                                     \
                                                    .name = name_,                                 \
                                                    .version = version_,                           \
                                                    .license = license_,                           \
                                                    .vendor = vendor_,                             \
                                                    .url = url_,                                   \
                                                    .summary = summary_,                           \
                                                    __VA_ARGS__};                                  \
    KP_EXTERN_C KP_EXPORT const struct kp_plugin *KP_ENTRY_NAME(uint32_t, const char *);           \
    const struct kp_plugin *KP_ENTRY_NAME(uint32_t host_api_level, const char *host_version)       \
    {                                                                                              \
        (void)host_api_level;                                                                      \
        (void)host_version;                                                                        \
        return &kp_descriptor_;                                                                    \
    }

#ifdef __cplusplus
}
#endif

#endif
