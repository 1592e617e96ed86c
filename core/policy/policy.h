/* SPDX-License-Identifier: BSD-3-Clause
 *
 * policy/policy.h - policies read from their files: YAML to the structs of plugin/trust.h.
 *
 *     kpipe-policy: 1
 *     plugins:
 *       - {id: com.acme.header, digests: [8c1f...], signed: true}
 *     keys: [acme.pem]
 *     require-signature: true
 *     isolation: process
 *     require: [files, network]
 *     limits: {seconds: 60, memory: 2G, threads: 16}
 *
 * All keys but the first may be missing. What a policy decides is not known here. A policy that
 * cannot be read, or that the wrong people can change, is an error: going on without
 * it would be worse.
 */
#ifndef KP_POLICY_POLICY_H
#define KP_POLICY_POLICY_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/node.h"
#include "plugin/trust.h"

#define KP_POLICY_LANGUAGE 1
#define KP_POLICY_MAX_BYTES (1u << 20)

struct kp_policy_files {
    const char *system; /* nobody but root may be able to change it; NULL: none is looked for */
    const char *user;   /* NULL: as above */
    const char *const *more; /* these have to be there; `more_count` of them */
    size_t more_count;
};

/* All policies that there are, or NULL after reporting. The arena's. */
const struct kp_trust *kp_policy_read(struct kp_arena *arena, struct kp_diags *diags,
                                      const struct kp_policy_files *files);

/* --- shared by files.c, read.c, rows.c and keys.c --- */

struct kp_policy_reader {
    struct kp_arena *arena;
    struct kp_diags *diags;
    struct kp_policy *policy;
    bool system; /* its keys, too, must be root's alone */
};

/* read.c: fills in the reader's policy from a document. False after reporting. */
bool kp_policy_fill(struct kp_policy_reader *reader, const struct kp_node *root);
/* read.c: reports keys of a map that are none of `names` (`count` of them). */
bool kp_policy_check_keys(const struct kp_policy_reader *reader, const struct kp_node *map,
                          const char *const *names, size_t count);
/* read.c: reports that a value is of the wrong type, or wrong; both are always false. */
bool kp_policy_wrong_type(const struct kp_policy_reader *reader, const struct kp_node *node,
                          const char *what, const char *wanted);
bool kp_policy_wrong(const struct kp_policy_reader *reader, const struct kp_node *node,
                     const char *what, const char *why, const char *hint);
/* read.c: true or false. */
bool kp_policy_boolean(const struct kp_policy_reader *reader, const struct kp_node *node,
                       const char *what, bool *value);
/* rows.c: `plugins`. */
bool kp_policy_rows(struct kp_policy_reader *reader, const struct kp_node *list);
/* keys.c: `keys`. */
bool kp_policy_keys(struct kp_policy_reader *reader, const struct kp_node *list);
/* files.c: the bytes of a file that the policy, or kpipe, names; NULL and a phrase. */
struct kp_range *kp_policy_open(struct kp_arena *arena, const char *path, bool system,
                                const char **why);

#endif
