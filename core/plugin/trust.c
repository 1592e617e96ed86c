/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/trust.c - see trust.h. Decides, and reads no file.
 */
#include "plugin/trust.h"

#include <inttypes.h>
#include <string.h>

#include "base/auto.h"
#include "base/node.h"
#include "base/vector.h"
#include "sandbox/sandbox.h"

#define MOST_SECONDS 86400u
#define MOST_THREADS 65536u
#define LEAST_MEMORY (64u << 20)

static const char *const isolation_names[KP_ISOLATION_COUNT] = {
    [KP_ISOLATION_AUTO] = "auto",
    [KP_ISOLATION_PROCESS] = "process",
    [KP_ISOLATION_NONE] = "none",
};

/* What is promised of workers, by what keeps the promise. */
const struct kp_requirement kp_requirements[] = {
    {"files", KP_SANDBOX_NAMESPACES | KP_SANDBOX_LANDLOCK},
    {"network", KP_SANDBOX_NAMESPACES | KP_SANDBOX_SECCOMP},
    {"processes", KP_SANDBOX_NAMESPACES | KP_SANDBOX_SECCOMP},
    {"system-calls", KP_SANDBOX_SECCOMP},
    {NULL, 0},
};

const char *kp_isolation_name(enum kp_isolation isolation)
{
    return isolation_names[isolation];
}

bool kp_isolation_read(const char *text, enum kp_isolation *isolation)
{
    for (int i = 0; i < KP_ISOLATION_COUNT; i++) {
        if (strcmp(text, isolation_names[i]) == 0) {
            *isolation = (enum kp_isolation)i;
            return true;
        }
    }
    return false;
}

int kp_isolation_strength(enum kp_isolation isolation)
{
    return isolation == KP_ISOLATION_NONE ? 0 : isolation == KP_ISOLATION_AUTO ? 1 : 2;
}

bool kp_isolation_applies(enum kp_isolation isolation, enum kp_plugin_origin origin)
{
    if (origin == KP_COMPILED_IN || isolation == KP_ISOLATION_NONE)
        return false;
    return isolation == KP_ISOLATION_PROCESS || origin == KP_FOREIGN;
}

const char *kp_limit_read(struct kp_limits *limits, const char *name, const char *text)
{
    unsigned long long number;
    const char *why = kp_scalar_uint(text, &number);

    if (strcmp(name, "seconds") == 0) {
        if (why == NULL && (number == 0 || number > MOST_SECONDS))
            why = "out of range 1..86400";
        limits->seconds = why == NULL ? (uint32_t)number : 0;
    } else if (strcmp(name, "threads") == 0) {
        if (why == NULL && (number == 0 || number > MOST_THREADS))
            why = "out of range 1..65536";
        limits->threads = why == NULL ? (uint32_t)number : 0;
    } else if (strcmp(name, "memory") == 0) {
        if (why == NULL && number < LEAST_MEMORY)
            why = "less than 64M, with which no worker starts";
        limits->memory = why == NULL ? number : 0;
    } else {
        why = "no limit has that name";
    }
    return why;
}

bool kp_trust_requires(const struct kp_trust *trust)
{
    for (size_t i = 0; trust != NULL && i < trust->count; i++)
        if (trust->policies[i]->require_count > 0)
            return true;
    return false;
}

bool kp_trust_judges(const struct kp_trust *trust)
{
    for (size_t i = 0; trust != NULL && i < trust->count; i++)
        if (trust->policies[i]->plugins_line > 0 || trust->policies[i]->signature_line > 0)
            return true;
    return kp_trust_requires(trust);
}

/* Always false. */
__attribute__((format(printf, 5, 6))) static bool refuse(struct kp_arena *arena, const char **why,
                                                         const struct kp_policy *policy,
                                                         uint32_t line, const char *format, ...)
{
    KP_AUTO(string) struct kp_string text = {0};
    char reason[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(reason, sizeof(reason), format, arguments);
    va_end(arguments);
    kp_string_printf(&text, "refused by %s:%" PRIu32 ": %s", policy->file, line, reason);
    *why = text.failed ? NULL : kp_arena_strdup(arena, text.text);
    if (*why == NULL)
        *why = "out of memory";
    return false;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

/* The key of a policy that the subject is signed by, or NULL. */
static const struct kp_trust_key *signer(const struct kp_policy *policy,
                                         const struct kp_trust_subject *subject)
{
    for (size_t i = 0; i < policy->key_count; i++)
        if (kp_signature_fits(subject->signature, &policy->keys[i], subject->bytes, subject->size))
            return &policy->keys[i];
    return NULL;
}

static bool check_signature(const struct kp_policy *policy, uint32_t line, struct kp_arena *arena,
                            const struct kp_trust_subject *subject, const char **why)
{
    const char *name = base_name(subject->path);

    if (signer(policy, subject) != NULL)
        return true;
    if (subject->signature->state == KP_SIGNATURE_NONE)
        return refuse(arena, why, policy, line,
                      "it is not signed: there is no file '%s.sig' beside it", name);
    if (subject->signature->state == KP_SIGNATURE_ODD)
        return refuse(arena, why, policy, line, "'%s.sig' beside it: %s", name,
                      subject->signature->reason);
    return refuse(arena, why, policy, line,
                  "'%s.sig' beside it is no signature of its bytes by any of the policy's keys",
                  name);
}

static bool has_digest(const struct kp_trust_row *row, const uint8_t *digest)
{
    for (size_t i = 0; digest != NULL && i < row->digest_count; i++)
        if (memcmp(row->digests[i], digest, KP_DIGEST_SIZE) == 0)
            return true;
    return row->digest_count == 0;
}

/* Whether one of the rows fits; *line is then its line. The reason why not is that of the row
 * that comes nearest. */
static bool check_rows(const struct kp_policy *policy, struct kp_arena *arena,
                       const struct kp_trust_subject *subject, uint32_t *line, const char **why)
{
    bool known = false, digest_known = false;

    for (size_t i = 0; i < policy->row_count; i++) {
        const struct kp_trust_row *row = &policy->rows[i];

        if (strcmp(row->id, subject->id) != 0)
            continue;
        *line = row->line;
        if (!has_digest(row, subject->digest)) {
            if (!digest_known)
                refuse(arena, why, policy, row->line,
                       "its digest is none of those that are allowed for '%s'", subject->id);
        } else if (row->is_signed && !check_signature(policy, row->line, arena, subject, why)) {
            digest_known = true;
        } else {
            return true;
        }
        known = true;
    }
    if (!known)
        refuse(arena, why, policy, policy->plugins_line, "no plugin '%s' is allowed", subject->id);
    return false;
}

bool kp_trust_allows(const struct kp_trust *trust, struct kp_arena *arena,
                     const struct kp_trust_subject *subject, const char **why)
{
    KP_AUTO(string) struct kp_string allowed = {0};

    *why = NULL;
    for (size_t i = 0; trust != NULL && i < trust->count; i++) {
        const struct kp_policy *policy = trust->policies[i];
        uint32_t line = policy->signature_line;

        if (policy->signature_line > 0 &&
            !check_signature(policy, policy->signature_line, arena, subject, why))
            return false;
        if (policy->plugins_line > 0 && !check_rows(policy, arena, subject, &line, why))
            return false;
        if (line > 0)
            kp_string_printf(&allowed, "%s%s:%" PRIu32, allowed.length == 0 ? "allowed by " : ", ",
                             policy->file, line);
    }
    if (allowed.length > 0)
        *why = kp_arena_strdup(arena, allowed.text);
    return !allowed.failed;
}

const char *kp_trust_unmet(const struct kp_trust *trust, struct kp_arena *arena,
                           unsigned mechanisms)
{
    const char *why = NULL;

    for (size_t i = 0; trust != NULL && i < trust->count; i++) {
        const struct kp_policy *policy = trust->policies[i];

        for (size_t j = 0; j < policy->require_count; j++) {
            if ((policy->require[j]->mechanisms & mechanisms) != 0)
                continue;
            refuse(arena, &why, policy, policy->require_line,
                   "this machine cannot enforce '%s' (kpipe plugins --why)",
                   policy->require[j]->name);
            return why;
        }
    }
    return NULL;
}

const char *kp_trust_signature(const struct kp_trust *trust, struct kp_arena *arena,
                               const struct kp_trust_subject *subject)
{
    bool keys = false;

    if (subject->signature->state == KP_SIGNATURE_NONE)
        return "none";
    if (subject->signature->state == KP_SIGNATURE_ODD)
        return subject->signature->reason;
    for (size_t i = 0; trust != NULL && i < trust->count; i++) {
        const struct kp_trust_key *key = signer(trust->policies[i], subject);

        if (key != NULL)
            return kp_arena_printf(arena, "by %s", key->path);
        keys = keys || trust->policies[i]->key_count > 0;
    }
    return keys ? "by none of the policies' keys" : "not looked at: no policy names a key";
}
