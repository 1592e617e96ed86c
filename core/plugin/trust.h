/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/trust.h - what policies say of plugins, and the decision about one.
 *
 * A policy is a plain struct; policy/ reads them from files. All policies hold at once, so
 * that each can only tighten what the others allow. They speak of foreign plugins: bundled
 * ones, known by their digest, and those that are compiled in need nobody's leave.
 */
#ifndef KP_PLUGIN_TRUST_H
#define KP_PLUGIN_TRUST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "plugin/digest.h"
#include "plugin/registry.h"

#define KP_ISOLATION_COUNT 3
/* "auto", "process", "none". */
const char *kp_isolation_name(enum kp_isolation isolation);
/* False if it is none of them. */
bool kp_isolation_read(const char *text, enum kp_isolation *isolation);
/* none < auto < process. */
int kp_isolation_strength(enum kp_isolation isolation);
/* Whether a plugin of that origin runs in a worker. */
bool kp_isolation_applies(enum kp_isolation isolation, enum kp_plugin_origin origin);

/* Reads one of the limits of workers: "seconds", "memory" or "threads". NULL, or what is wrong. */
const char *kp_limit_read(struct kp_limits *limits, const char *name, const char *text);

/* --- signature.c --- */

#define KP_SIGNATURE_SIZE 64
#define KP_KEY_SIZE 32

/* A public key of Ed25519. */
struct kp_trust_key {
    const char *path; /* where it was read from, for messages */
    uint8_t bytes[KP_KEY_SIZE];
};

/* What lies beside a plugin: FILE.sig, the signature of all bytes of FILE. */
enum kp_signature_state {
    KP_SIGNATURE_NONE, /* there is no such file */
    KP_SIGNATURE_ODD,  /* it cannot be one; see `reason` */
    KP_SIGNATURE_THERE,
};
struct kp_signature {
    enum kp_signature_state state;
    const char *reason;
    uint8_t bytes[KP_SIGNATURE_SIZE];
};
void kp_signature_read(struct kp_arena *arena, const char *plugin, struct kp_signature *signature);
/* Whether it was made with the key, over these bytes. */
bool kp_signature_fits(const struct kp_signature *signature, const struct kp_trust_key *key,
                       const uint8_t *bytes, uint64_t size);

/* --- policies --- */

/* A foreign plugin that is allowed. */
struct kp_trust_row {
    const char *id;
    uint8_t (*digests)[KP_DIGEST_SIZE];
    size_t digest_count; /* 0: any */
    bool is_signed;      /* it has to be */
    uint32_t line;
};

/* What a machine may have to enforce: by one of these mechanisms. */
struct kp_requirement {
    const char *name;
    unsigned mechanisms; /* KP_SANDBOX_* */
};
/* All that there are; ends with a NULL name. */
extern const struct kp_requirement kp_requirements[];

/* Lines are those of the policy's file; 0: it does not speak of that. */
struct kp_policy {
    const char *file;
    uint32_t plugins_line; /* with it, what is in no row is not allowed */
    struct kp_trust_row *rows;
    size_t row_count;
    struct kp_trust_key *keys;
    size_t key_count;
    uint32_t signature_line; /* all foreign plugins are to be signed */
    uint32_t isolation_line;
    enum kp_isolation isolation; /* the least */
    uint32_t require_line;
    const struct kp_requirement **require;
    size_t require_count;
    struct kp_limits limits; /* the most; 0: says nothing */
    uint32_t memory_line, seconds_line, threads_line;
};

struct kp_trust {
    const struct kp_policy **policies;
    size_t count;
};

/* Whether some policy can refuse a foreign plugin at all. */
bool kp_trust_judges(const struct kp_trust *trust);
/* Whether some policy asks for what the machine can enforce. */
bool kp_trust_requires(const struct kp_trust *trust);

/* A foreign plugin before its judges. */
struct kp_trust_subject {
    const char *id;
    const char *path;
    const uint8_t *digest; /* NULL: it has none */
    const struct kp_signature *signature;
    const uint8_t *bytes;
    uint64_t size;
};
/* What the policies say: *why is then "refused by FILE:LINE: ...", or "allowed by FILE:LINE, ...",
 * or NULL if none of them speaks of it. What the machine can enforce is asked apart: */
bool kp_trust_allows(const struct kp_trust *trust, struct kp_arena *arena,
                     const struct kp_trust_subject *subject, const char **why);
/* The first requirement that these mechanisms do not meet, as above; NULL: all are met. */
const char *kp_trust_unmet(const struct kp_trust *trust, struct kp_arena *arena,
                           unsigned mechanisms);
/* What is beside a plugin, for people: "none", "by /etc/kpipe/acme.pem". NULL: out of memory. */
const char *kp_trust_signature(const struct kp_trust *trust, struct kp_arena *arena,
                               const struct kp_trust_subject *subject);

#endif
