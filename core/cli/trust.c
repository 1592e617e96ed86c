/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/trust.c - how far plugins are trusted: the policies that hold, and what the command line and
 * the environment say of isolation and of workers' limits, held against them.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/codes.h"
#include "cli/cli.h"
#include "plugin/trust.h"
#include "policy/policy.h"

/* Where the machine's administrator says what holds for everybody. */
#define SYSTEM_POLICY "/etc/kpipe/policy.yml"
#define LIMITS_HINT "write --worker-limit seconds=N, memory=SIZE or threads=N"

/* --- policies --- */

/* Not for a program that runs with more rights than its user. */
static bool find_user(struct kp_session *session, const char **path)
{
    const char *config = secure_getenv("XDG_CONFIG_HOME");
    const char *home = secure_getenv("HOME");

    *path = NULL;
    /* A relative one is to be ignored (XDG Base Directory Specification). */
    if (config != NULL && config[0] == '/')
        *path = kp_arena_printf(session->arena, "%s/kpipe/policy.yml", config);
    else if (home != NULL && home[0] == '/')
        *path = kp_arena_printf(session->arena, "%s/.config/kpipe/policy.yml", home);
    else
        return true;
    return *path != NULL || kp_out_of_memory(session->diags);
}

static bool read_policies(struct kp_session *session)
{
    const struct kp_vector *given = &session->arguments.policies;
    struct kp_policy_files files = {
        .system = SYSTEM_POLICY, .more = given->items, .more_count = given->count};

    if (!find_user(session, &files.user))
        return false;
    session->trust = kp_policy_read(session->arena, session->diags, &files);
    return session->trust != NULL;
}

/* --- isolation --- */

/* What a policy demands at the least; *line is 0 if it demands nothing. What a machine is to
 * enforce for workers would be in vain without them. */
static enum kp_isolation demanded(const struct kp_policy *policy, uint32_t *line)
{
    *line = policy->isolation_line > 0  ? policy->isolation_line
            : policy->require_count > 0 ? policy->require_line
                                        : 0;
    return policy->isolation_line > 0 ? policy->isolation : KP_ISOLATION_AUTO;
}

/* Raises an isolation that nobody asked for to what policies demand; one that somebody asked for
 * (`source`) must be as strong. False after reporting. */
static bool hold_against(struct kp_session *session, const char *source,
                         enum kp_isolation *isolation)
{
    bool good = true;

    for (size_t i = 0; i < session->trust->count; i++) {
        const struct kp_policy *policy = session->trust->policies[i];
        uint32_t line;
        const enum kp_isolation least = demanded(policy, &line);

        if (line == 0 || kp_isolation_strength(*isolation) >= kp_isolation_strength(least))
            continue;
        if (source == NULL)
            *isolation = least;
        else
            good = kp_error_hint(session->diags, KP_NOWHERE,
                                 "leave it out: plugins are then isolated as the policies demand",
                                 KP1729, source, kp_isolation_name(*isolation), policy->file, line,
                                 least == KP_ISOLATION_PROCESS ? "process" : "auto or process");
    }
    return good;
}

/* A command may need workers, whatever else was said. False after reporting. */
static bool ask_for_workers(struct kp_session *session, const char **source,
                            struct kp_registry_options *options)
{
    const struct kp_arguments *arguments = &session->arguments;

    if (session->serve != NULL) {
        /* Not for a variable: a plugin in kpipe itself may take it along. */
        if (options->isolation == KP_ISOLATION_NONE && arguments->isolation != NULL)
            options->serve = session->serve;
        *source = "replay";
        options->isolation = KP_ISOLATION_PROCESS;
    } else if (session->recorder != NULL) {
        if (options->isolation == KP_ISOLATION_NONE)
            return kp_error_hint(session->diags, KP_NOWHERE,
                                 "leave it out: with --record all plugins run in workers", KP1737,
                                 *source == NULL ? "--isolation" : *source);
        *source = "--record";
        options->isolation = KP_ISOLATION_PROCESS;
    }
    return true;
}

static bool find_isolation(struct kp_session *session, struct kp_registry_options *options)
{
    enum kp_isolation *isolation = &options->isolation;
    const char *option = session->arguments.isolation;
    const char *variable = option == NULL ? secure_getenv("KPIPE_ISOLATION") : NULL;
    const char *source = option != NULL ? "--isolation" : "KPIPE_ISOLATION";

    *isolation = KP_ISOLATION_AUTO;
    if (option != NULL && !kp_isolation_read(option, isolation))
        return kp_error(session->diags, KP_NOWHERE, KP1704, session->command->name, "--isolation",
                        option, "not auto, process or none");
    if (variable != NULL && !kp_isolation_read(variable, isolation))
        return kp_error_hint(session->diags, KP_NOWHERE, "unset it, or correct it", KP1727,
                             variable);
    if (option == NULL && variable == NULL)
        source = NULL;
    if (!hold_against(session, source, isolation) || !ask_for_workers(session, &source, options))
        return false;
    if (*isolation != KP_ISOLATION_PROCESS || kp_static_plugins[0].name == NULL)
        return true;
    return kp_error_hint(session->diags, KP_NOWHERE,
                         "they cannot be put into workers: use a kpipe that opens its plugins",
                         KP1728, source != NULL ? source : "a policy's isolation");
}

/* --- limits --- */

/* One --worker-limit: NAME=N. */
static bool read_limit(struct kp_session *session, const char *text, struct kp_limits *limits)
{
    const char *equals = strchr(text, '=');
    const char *name;
    const char *why;

    if (equals == NULL)
        return kp_error_hint(session->diags, KP_NOWHERE, LIMITS_HINT, KP1704,
                             session->command->name, "--worker-limit", text, "'=' is missing");
    name = kp_arena_strndup(session->arena, text, (size_t)(equals - text));
    if (name == NULL)
        return kp_out_of_memory(session->diags);
    why = kp_limit_read(limits, name, equals + 1);
    return why == NULL || kp_error_hint(session->diags, KP_NOWHERE, LIMITS_HINT, KP1704,
                                        session->command->name, "--worker-limit", text, why);
}

/* Lowers a limit to what a policy allows; one that was given must not be above it. */
static bool hold_limit(struct kp_session *session, const struct kp_policy *policy, const char *name,
                       uint32_t line, uint64_t most, uint64_t normal, uint64_t *limit)
{
    char text[32];

    if (line == 0 || (*limit != 0 ? *limit : normal) <= most)
        return true;
    if (*limit == 0) {
        *limit = most;
        return true;
    }
    snprintf(text, sizeof(text), "%" PRIu64, most);
    return kp_error(session->diags, KP_NOWHERE, KP1730, name, policy->file, line, text);
}

static bool hold_limits(struct kp_session *session, const struct kp_policy *policy,
                        const struct kp_limits *given, struct kp_limits *limits)
{
    uint64_t seconds = given->seconds, threads = given->threads, memory = given->memory;
    bool good = hold_limit(session, policy, "seconds", policy->seconds_line, policy->limits.seconds,
                           limits->seconds != 0 ? limits->seconds : KP_LIMIT_SECONDS, &seconds);

    good = hold_limit(session, policy, "memory", policy->memory_line, policy->limits.memory,
                      limits->memory != 0 ? limits->memory : KP_LIMIT_MEMORY, &memory) &&
           good;
    good = hold_limit(session, policy, "threads", policy->threads_line, policy->limits.threads,
                      limits->threads != 0 ? limits->threads : KP_LIMIT_THREADS, &threads) &&
           good;
    limits->seconds = seconds != 0 ? (uint32_t)seconds : limits->seconds;
    limits->memory = memory != 0 ? memory : limits->memory;
    limits->threads = threads != 0 ? (uint32_t)threads : limits->threads;
    return good;
}

static bool find_limits(struct kp_session *session, struct kp_limits *limits)
{
    const struct kp_vector *texts = &session->arguments.limits;
    struct kp_limits given = {0};
    bool good = true;

    for (size_t i = 0; i < texts->count; i++)
        good = read_limit(session, KP_ITEM(texts, const char *, i), &given) && good;
    *limits = given;
    for (size_t i = 0; good && i < session->trust->count; i++)
        good = hold_limits(session, session->trust->policies[i], &given, limits) && good;
    return good;
}

bool kp_session_trust(struct kp_session *session, struct kp_registry_options *options)
{
    bool good;

    if (!read_policies(session))
        return false;
    options->trust = session->trust;
    good = find_isolation(session, options);
    good = find_limits(session, &options->limits) && good;
    session->limits = options->limits;
    return good;
}
