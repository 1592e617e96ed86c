/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/session.c - what the commands share: finding the plugins, reading the
 * environment, findings as JSON and as an exit code.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/codes.h"
#include "cli/cli.h"

/* The paths of --plugin-path, ending with NULL; NULL after reporting. */
static const char *const *check_paths(struct kp_session *session)
{
    const struct kp_vector *given = &session->arguments.plugin_paths;
    const char **paths = kp_arena_array(session->arena, given->count + 1, sizeof(*paths));
    bool good = true;

    if (paths == NULL) {
        kp_out_of_memory(session->diags);
        return NULL;
    }
    for (size_t i = 0; i < given->count; i++) {
        struct stat status;

        paths[i] = KP_ITEM(given, const char *, i);
        if (paths[i][0] != '/')
            good = kp_error_hint(session->diags, KP_NOWHERE,
                                 "plugins are code: say where they lie in full", KP1707, paths[i],
                                 "not an absolute path");
        else if (stat(paths[i], &status) != 0)
            good = kp_error(session->diags, KP_NOWHERE, KP1707, paths[i], strerror(errno));
        else if (!S_ISDIR(status.st_mode))
            good = kp_error(session->diags, KP_NOWHERE, KP1707, paths[i], strerror(ENOTDIR));
    }
    return good ? paths : NULL;
}

bool kp_session_open(struct kp_session *session, int *code)
{
    struct kp_registry_options options = {
        .environment = secure_getenv("KPIPE_PLUGIN_PATH"),
        .manifest = kp_manifest,
        .compiled_in = kp_static_plugins,
    };

    *code = KP_EXIT_USAGE;
    options.paths = check_paths(session);
    if (options.paths == NULL || !kp_session_trust(session, &options))
        return false;
    *code = KP_EXIT_INTERNAL;
    if (!kp_folders_find(&session->folders, session->arena))
        return kp_out_of_memory(session->diags);
    options.user_folder = session->folders.user;
    options.own_folder = session->folders.plugins;
    options.worker = session->folders.worker;
    session->registry = kp_registry_new(&options);
    return session->registry != NULL || kp_out_of_memory(session->diags);
}

struct kp_range *kp_session_input(const char *file)
{
    return kp_range_open(strcmp(file, "-") == 0 ? "/dev/stdin" : file, file, NULL);
}

bool kp_session_build_time(struct kp_session *session, uint64_t *seconds)
{
    const char *text = getenv("SOURCE_DATE_EPOCH");
    uint64_t value = 0;

    *seconds = 0;
    if (text == NULL)
        return true;
    for (const char *at = text; *at != '\0'; at++) {
        if (*at < '0' || *at > '9')
            return kp_error(session->diags, KP_NOWHERE, KP1708, text,
                            "not a decimal number of seconds since 1970");
        if (value > (uint64_t)INT64_MAX / 10 ||
            value * 10 > (uint64_t)INT64_MAX - (uint64_t)(*at - '0'))
            return kp_error(session->diags, KP_NOWHERE, KP1708, text, "too large");
        value = value * 10 + (uint64_t)(*at - '0');
    }
    if (text[0] == '\0')
        return kp_error_hint(session->diags, KP_NOWHERE, "unset it, or give a number", KP1708, text,
                             "empty");
    *seconds = value;
    return true;
}

static const char *severity_name(enum kp_severity severity)
{
    switch (severity) {
    case KP_SEVERITY_ERROR:
        return "error";
    case KP_SEVERITY_WARNING:
        return "warning";
    case KP_SEVERITY_NOTE:
        break;
    }
    return "note";
}

static void write_finding(struct kp_json *json, const struct kp_finding *finding)
{
    char code[16];

    snprintf(code, sizeof(code), "KP%04" PRIu32, finding->code);
    kp_json_begin(json, NULL, '{');
    kp_json_text(json, "severity", severity_name(finding->severity));
    kp_json_text(json, "code", finding->code != 0 ? code : NULL);
    if (finding->place.file != NULL) {
        kp_json_text(json, "file", finding->place.file);
        if (finding->place.line > 0)
            kp_json_number(json, "line", finding->place.line);
        if (finding->place.column > 0)
            kp_json_number(json, "column", finding->place.column);
    }
    kp_json_text(json, "text", finding->text);
    if (finding->hint != NULL)
        kp_json_text(json, "hint", finding->hint);
    if (finding->detail != NULL)
        kp_json_text(json, "detail", finding->detail);
    kp_json_end(json, '}');
}

void kp_session_findings(struct kp_session *session, struct kp_json *json)
{
    kp_diags_sort(session->diags);
    kp_json_begin(json, "findings", '[');
    for (size_t i = 0; i < kp_diags_count(session->diags); i++)
        write_finding(json, kp_diags_get(session->diags, i));
    kp_json_end(json, ']');
    session->findings_written = true;
}

int kp_session_code(struct kp_session *session)
{
    const struct kp_code memory = {KP1801, NULL};
    int code = KP_EXIT_OK;

    for (size_t i = 0; i < kp_diags_count(session->diags); i++) {
        const struct kp_finding *finding = kp_diags_get(session->diags, i);

        if (finding->code == memory.number)
            return KP_EXIT_INTERNAL;
        if (finding->severity == KP_SEVERITY_ERROR)
            code = KP_EXIT_FAILED;
    }
    return code;
}
