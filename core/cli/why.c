/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/why.c - see why.h. What is told stands in struct told, from which both texts are made.
 */
#include "cli/why.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/codes.h"
#include "base/text.h"
#include "plugin/trust.h"

#define HEX_SIZE (2 * KP_DIGEST_SIZE + 1)

/* One file. */
struct told {
    const struct kp_plugin_file *file;
    char digest[HEX_SIZE]; /* "" if it has none */
    const char *runs;
    const char *signature;
    const char *why;
};

static void print_hex(char text[HEX_SIZE], const uint8_t *digest)
{
    static const uint8_t none[KP_DIGEST_SIZE];

    text[0] = '\0';
    if (memcmp(digest, none, sizeof(none)) == 0)
        return;
    for (size_t i = 0; i < KP_DIGEST_SIZE; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
}

/* Why a file that is accepted is. */
static const char *accepted_because(const struct kp_plugin_file *file)
{
    if (file->allowed != NULL)
        return file->allowed;
    if (file->origin == KP_COMPILED_IN)
        return "part of this kpipe";
    if (file->origin == KP_BUNDLED)
        return "built with this kpipe, by its digest";
    return "no policy speaks of it";
}

static struct told tell(struct kp_session *session, struct kp_plugin_file *file)
{
    struct told told = {.file = file};

    kp_registry_find_origin(session->registry, file);
    print_hex(told.digest, file->digest);
    told.signature = kp_registry_signature(session->registry, file, session->arena);
    if (told.signature == NULL)
        told.signature = "out of memory";
    if (file->state == KP_PLUGIN_REJECTED) {
        told.runs = "not at all";
        told.why = file->reason;
        return told;
    }
    told.why = accepted_because(file);
    told.runs = kp_isolation_applies(kp_registry_isolation(session->registry), file->origin)
                    ? "in a worker"
                    : "in kpipe itself";
    return told;
}

static bool is_named(const struct kp_plugin_file *file, const char *name)
{
    return strcmp(file->path, name) == 0 ||
           (file->note.id != NULL &&
            (strcmp(file->note.id, name) == 0 || strcmp(file->note.name, name) == 0));
}

/* --- text --- */

/* Anything may stand in paths, reasons and notes. */
static void show_line(const char *what, const char *text)
{
    struct kp_string escaped KP_AUTO(string) = {0};

    kp_text_escape(&escaped, text, strlen(text));
    if (!escaped.failed)
        printf("  %-11s%s\n", what, escaped.text);
}

static void show_file(const struct told *told)
{
    const struct kp_plugin_file *file = told->file;
    const struct kp_note *note = &file->note;
    struct kp_string path KP_AUTO(string) = {0};

    kp_text_escape(&path, file->path, strlen(file->path));
    printf("%s\n", path.failed ? "?" : path.text);
    if (note->id != NULL) {
        printf("  %-11s%s %s\n", "plugin:", note->id, note->version);
        show_line("vendor:", note->vendor);
        show_line("licence:", note->license);
    }
    if (told->digest[0] != '\0')
        show_line("digest:", told->digest);
    show_line("origin:", kp_origin_name(file->origin));
    show_line("signature:", told->signature);
    show_line("runs:", told->runs);
    show_line(file->state == KP_PLUGIN_REJECTED ? "rejected:" : "accepted:",
              told->why != NULL ? told->why : "unknown reason");
}

static void show_limits(const struct kp_session *session)
{
    const struct kp_limits *limits = &session->limits;

    printf("limits of a worker: %" PRIu32 " seconds, %" PRIu64 " bytes, %" PRIu32 " threads\n",
           limits->seconds != 0 ? limits->seconds : KP_LIMIT_SECONDS,
           limits->memory != 0 ? limits->memory : KP_LIMIT_MEMORY,
           limits->threads != 0 ? limits->threads : KP_LIMIT_THREADS);
}

/* What is promised of workers, and whether this machine keeps it. */
static void show_machine(struct kp_session *session)
{
    struct kp_confinement *confinement = kp_registry_confinement(session->registry);
    const unsigned mechanisms = confinement == NULL ? 0 : kp_confinement_mechanisms(confinement);
    const char *const *lacks = confinement == NULL ? NULL : kp_confinement_lacks(confinement);

    if (confinement == NULL) {
        puts("workers: there are none in this build");
        return;
    }
    show_limits(session);
    for (const struct kp_requirement *row = kp_requirements; row->name != NULL; row++)
        if ((row->mechanisms & mechanisms) != 0)
            printf("enforced: %s\n", row->name);
    for (; lacks != NULL && *lacks != NULL; lacks++)
        printf("not enforced: %s\n", *lacks);
}

static void show_rest(struct kp_session *session)
{
    putchar('\n');
    for (size_t i = 0; i < session->trust->count; i++) {
        fputs("policy: ", stdout);
        puts(session->trust->policies[i]->file);
    }
    if (session->trust->count == 0)
        puts("policies: none");
    printf("isolation: %s\n", kp_isolation_name(kp_registry_isolation(session->registry)));
    show_machine(session);
}

/* --- JSON --- */

static void write_file(struct kp_json *json, const struct told *told)
{
    const struct kp_plugin_file *file = told->file;
    const struct kp_note *note = &file->note;

    kp_json_begin(json, NULL, '{');
    kp_json_text(json, "path", file->path);
    kp_json_text(json, "id", note->id);
    kp_json_text(json, "name", note->name);
    kp_json_text(json, "version", note->version);
    kp_json_text(json, "vendor", note->vendor);
    kp_json_text(json, "license", note->license);
    kp_json_text(json, "digest", told->digest[0] != '\0' ? told->digest : NULL);
    kp_json_text(json, "origin", kp_origin_name(file->origin));
    kp_json_text(json, "signature", told->signature);
    kp_json_text(json, "runs", told->runs);
    kp_json_boolean(json, "accepted", file->state != KP_PLUGIN_REJECTED);
    kp_json_text(json, "why", told->why);
    kp_json_end(json, '}');
}

static void write_machine(struct kp_session *session, struct kp_json *json)
{
    struct kp_confinement *confinement = kp_registry_confinement(session->registry);
    const unsigned mechanisms = confinement == NULL ? 0 : kp_confinement_mechanisms(confinement);
    const char *const *lacks = confinement == NULL ? NULL : kp_confinement_lacks(confinement);
    const struct kp_limits *limits = &session->limits;

    kp_json_begin(json, "limits", '{');
    kp_json_number(json, "seconds", limits->seconds != 0 ? limits->seconds : KP_LIMIT_SECONDS);
    kp_json_number(json, "memory", limits->memory != 0 ? limits->memory : KP_LIMIT_MEMORY);
    kp_json_number(json, "threads", limits->threads != 0 ? limits->threads : KP_LIMIT_THREADS);
    kp_json_end(json, '}');
    kp_json_boolean(json, "workers", confinement != NULL);
    kp_json_begin(json, "enforced", '[');
    for (const struct kp_requirement *row = kp_requirements; row->name != NULL; row++)
        if ((row->mechanisms & mechanisms) != 0)
            kp_json_text(json, NULL, row->name);
    kp_json_end(json, ']');
    kp_json_begin(json, "not_enforced", '[');
    for (; lacks != NULL && *lacks != NULL; lacks++)
        kp_json_text(json, NULL, *lacks);
    kp_json_end(json, ']');
}

static void write_rest(struct kp_session *session, struct kp_json *json)
{
    kp_json_begin(json, "policies", '[');
    for (size_t i = 0; i < session->trust->count; i++)
        kp_json_text(json, NULL, session->trust->policies[i]->file);
    kp_json_end(json, ']');
    kp_json_text(json, "isolation", kp_isolation_name(kp_registry_isolation(session->registry)));
    write_machine(session, json);
    kp_session_findings(session, json);
}

/* --- */

/* Tells of the files; false if `name` (NULL: all) is none of them. */
static bool tell_files(struct kp_session *session, const char *name, struct kp_json *json)
{
    bool found = name == NULL;

    for (size_t i = 0; i < kp_registry_count(session->registry); i++) {
        struct kp_plugin_file *file = kp_registry_file(session->registry, i);
        struct told told;

        if (name != NULL && !is_named(file, name))
            continue;
        found = true;
        told = tell(session, file);
        if (json != NULL)
            write_file(json, &told);
        else
            show_file(&told);
    }
    return found;
}

int kp_why(struct kp_session *session)
{
    const struct kp_vector *operands = &session->arguments.operands;
    const char *name = operands->count > 0 ? KP_ITEM(operands, const char *, 0) : NULL;
    struct kp_json json = {stdout, 0, false};
    const bool as_json = session->arguments.json;

    if (as_json) {
        kp_json_begin(&json, NULL, '{');
        kp_json_begin(&json, "files", '[');
    }
    if (!tell_files(session, name, as_json ? &json : NULL))
        kp_error_hint(session->diags, KP_NOWHERE, "'kpipe plugins --why' tells of all of them",
                      KP1731, name);
    else if (!as_json)
        show_rest(session);
    if (as_json) {
        kp_json_end(&json, ']');
        write_rest(session, &json);
        kp_json_end(&json, '}');
    }
    return kp_session_code(session);
}
