/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/plugins.c - `kpipe plugins`: what was found where, and what a plugin or a stage
 * type takes. Listing reads notes only; a plugin is opened when it is named.
 */
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/codes.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/man.h"
#include "cli/stage.h"
#include "cli/why.h"
#include "plugin/digest.h"

const char *kp_origin_name(enum kp_plugin_origin place)
{
    switch (place) {
    case KP_BUNDLED:
        return "bundled";
    case KP_FOREIGN:
        return "foreign";
    case KP_COMPILED_IN:
        break;
    }
    return "compiled in";
}

/* A path or reason: it may hold anything. */
static void print_escaped(const char *text)
{
    struct kp_string escaped KP_AUTO(string) = {0};

    kp_text_escape(&escaped, text, strlen(text));
    if (!escaped.failed)
        fputs(escaped.text, stdout);
}

static void show_offer(const char *what, const char *const *names, size_t count)
{
    if (count == 0)
        return;
    printf("  %s", what);
    for (size_t i = 0; i < count; i++)
        printf("%s %s", i > 0 ? "," : "", names[i]);
    putchar('\n');
}

/* The plugin in short: two lines and what it offers. */
static void show_note(const struct kp_plugin_file *file)
{
    const struct kp_note *note = &file->note;

    printf("%s %s (%s): %s\n", note->name, note->version, kp_origin_name(file->origin),
           note->summary);
    printf("  %s, %s\n", note->license, note->vendor);
    show_offer("codecs: ", note->codecs, note->codec_count);
    show_offer("formats:", note->formats, note->format_count);
    show_offer("sources:", note->sources, note->source_count);
    show_offer("stages: ", note->stages, note->stage_count);
    show_offer("tools:  ", note->tools, note->tool_count);
    for (size_t i = 0; i < note->arch_count; i++) {
        printf("  arch:    %s", note->archs[i].names[0]);
        for (size_t j = 1; j < note->archs[i].count; j++)
            printf("%s%s", j == 1 ? " = " : ", ", note->archs[i].names[j]);
        putchar('\n');
    }
}

static void show_rejected(const struct kp_plugin_file *file)
{
    fputs("rejected: ", stdout);
    print_escaped(file->path);
    fputs(": ", stdout);
    print_escaped(file->reason != NULL ? file->reason : "unknown reason");
    putchar('\n');
}

static void write_plugin(struct kp_json *json, const char *name, const struct kp_plugin_file *file)
{
    const struct kp_note *note = &file->note;

    kp_json_begin(json, name, '{');
    kp_json_text(json, "id", note->id);
    kp_json_text(json, "name", note->name);
    kp_json_text(json, "version", note->version);
    kp_json_text(json, "license", note->license);
    kp_json_text(json, "vendor", note->vendor);
    kp_json_text(json, "url", note->url);
    kp_json_text(json, "summary", note->summary);
    kp_json_text(json, "path", file->path);
    kp_json_text(json, "place", kp_origin_name(file->origin));
    kp_json_begin(json, "codecs", '[');
    for (size_t i = 0; i < note->codec_count; i++)
        kp_json_text(json, NULL, note->codecs[i]);
    kp_json_end(json, ']');
    kp_json_begin(json, "formats", '[');
    for (size_t i = 0; i < note->format_count; i++)
        kp_json_text(json, NULL, note->formats[i]);
    kp_json_end(json, ']');
    kp_json_begin(json, "sources", '[');
    for (size_t i = 0; i < note->source_count; i++)
        kp_json_text(json, NULL, note->sources[i]);
    kp_json_end(json, ']');
    kp_json_begin(json, "stages", '[');
    for (size_t i = 0; i < note->stage_count; i++)
        kp_json_text(json, NULL, note->stages[i]);
    kp_json_end(json, ']');
    kp_json_begin(json, "tools", '[');
    for (size_t i = 0; i < note->tool_count; i++)
        kp_json_text(json, NULL, note->tools[i]);
    kp_json_end(json, ']');
    kp_json_begin(json, "archs", '[');
    for (size_t i = 0; i < note->arch_count; i++)
        kp_json_text(json, NULL, note->archs[i].names[0]);
    kp_json_end(json, ']');
    kp_json_end(json, '}');
}

static void list_text(struct kp_registry *registry)
{
    for (int rejected = 0; rejected < 2; rejected++) {
        for (size_t i = 0; i < kp_registry_count(registry); i++) {
            struct kp_plugin_file *file = kp_registry_file(registry, i);

            if ((file->state == KP_PLUGIN_REJECTED) != (rejected == 1))
                continue;
            kp_registry_find_origin(registry, file);
            if (rejected == 1)
                show_rejected(file);
            else
                show_note(file);
        }
    }
    for (const struct kp_left_out_row *row = kp_left_out; row->name != NULL; row++)
        printf("left out: %s: %s\n", row->name, row->reason);
}

static void list_json(struct kp_registry *registry, struct kp_json *json)
{
    kp_json_begin(json, "plugins", '[');
    for (size_t i = 0; i < kp_registry_count(registry); i++) {
        struct kp_plugin_file *file = kp_registry_file(registry, i);

        kp_registry_find_origin(registry, file);
        if (file->state != KP_PLUGIN_REJECTED)
            write_plugin(json, NULL, file);
    }
    kp_json_end(json, ']');
    kp_json_begin(json, "rejected", '[');
    for (size_t i = 0; i < kp_registry_count(registry); i++) {
        const struct kp_plugin_file *file = kp_registry_file(registry, i);

        if (file->state != KP_PLUGIN_REJECTED)
            continue;
        kp_json_begin(json, NULL, '{');
        kp_json_text(json, "path", file->path);
        kp_json_text(json, "reason", file->reason);
        kp_json_end(json, '}');
    }
    kp_json_end(json, ']');
    kp_json_begin(json, "left_out", '[');
    for (const struct kp_left_out_row *row = kp_left_out; row->name != NULL; row++) {
        kp_json_begin(json, NULL, '{');
        kp_json_text(json, "name", row->name);
        kp_json_text(json, "reason", row->reason);
        kp_json_end(json, '}');
    }
    kp_json_end(json, ']');
}

/* A whole plugin: where it is, then all that it offers. */
static void show_plugin(struct kp_session *session, struct kp_plugin_file *file)
{
    show_note(file);
    printf("  id:      %s\n  url:     %s\n  file:    ", file->note.id, file->note.url);
    print_escaped(file->path);
    putchar('\n');
    for (size_t i = 0; i < file->stage_count; i++) {
        putchar('\n');
        kp_stage_show(session->arena, &file->stages[i]);
    }
    for (size_t i = 0; i < file->source_count; i++) {
        putchar('\n');
        kp_source_show(session->arena, &file->sources[i]);
    }
    for (size_t i = 0; file->descriptor.archs != NULL && file->descriptor.archs[i] != NULL; i++) {
        putchar('\n');
        kp_arch_show(file->descriptor.archs[i]);
    }
}

static void plugin_json(struct kp_json *json, const struct kp_plugin_file *file)
{
    write_plugin(json, "plugin", file);
    kp_json_begin(json, "stages", '[');
    for (size_t i = 0; i < file->stage_count; i++)
        kp_stage_json(json, &file->stages[i]);
    kp_json_end(json, ']');
    kp_json_begin(json, "sources", '[');
    for (size_t i = 0; i < file->source_count; i++)
        kp_source_json(json, &file->sources[i]);
    kp_json_end(json, ']');
    kp_json_begin(json, "archs", '[');
    for (size_t i = 0; file->descriptor.archs != NULL && file->descriptor.archs[i] != NULL; i++)
        kp_arch_json(json, file->descriptor.archs[i]);
    kp_json_end(json, ']');
}

static struct kp_plugin_file *find_plugin(struct kp_registry *registry, const char *name)
{
    for (size_t i = 0; i < kp_registry_count(registry); i++) {
        struct kp_plugin_file *file = kp_registry_file(registry, i);

        if (file->note.name != NULL && file->state != KP_PLUGIN_REJECTED &&
            (strcmp(file->note.name, name) == 0 || strcmp(file->note.id, name) == 0))
            return file;
    }
    return NULL;
}

/* Reports that nothing has that name; names of stages are what is mistyped most. */
static void report_unknown(struct kp_session *session, const char *name)
{
    size_t count;
    const char *const *names = kp_registry_stage_names(session->registry, &count);
    const char *nearest = kp_nearest(name, names, count);
    const char *hint = nearest != NULL
                           ? kp_arena_printf(session->arena, "did you mean '%s'?", nearest)
                           : "'kpipe plugins' lists all";

    kp_error_hint(session->diags, KP_NOWHERE, hint, KP1710, name);
}

/* The plugin of that name, opened, or else the stage type or source, whose plugin *file is then
 * left NULL. False after reporting. */
static bool find_named(struct kp_session *session, const char *name, struct kp_plugin_file **file,
                       const struct kp_stage **stage, const struct kp_stage **source)
{
    *stage = *source = NULL;
    *file = find_plugin(session->registry, name);
    if (*file != NULL && !kp_registry_open(session->registry, *file))
        return kp_error(session->diags, KP_NOWHERE, KP1716, (*file)->path,
                        (*file)->reason != NULL ? (*file)->reason : "cannot be opened");
    if (*file == NULL)
        *stage = kp_registry_find_stage(session->registry, name);
    if (*file == NULL && *stage == NULL)
        *source = kp_registry_find_source(session->registry, name);
    if (*file == NULL && *stage == NULL && *source == NULL)
        report_unknown(session, name);
    return *file != NULL || *stage != NULL || *source != NULL;
}

/* As text, or with --json. */
static void show_named(struct kp_session *session, const char *name, struct kp_json *json)
{
    struct kp_plugin_file *file;
    const struct kp_stage *stage, *source;

    if (!find_named(session, name, &file, &stage, &source))
        return;
    if (file != NULL)
        kp_registry_find_origin(session->registry, file);
    if (json == NULL) {
        if (file != NULL)
            show_plugin(session, file);
        else if (stage != NULL)
            kp_stage_show(session->arena, stage);
        else
            kp_source_show(session->arena, source);
    } else if (file != NULL) {
        plugin_json(json, file);
    } else {
        kp_json_begin(json, stage != NULL ? "stages" : "sources", '[');
        if (stage != NULL)
            kp_stage_json(json, stage);
        else
            kp_source_json(json, source);
        kp_json_end(json, ']');
    }
}

/* --man: a page is that of a plugin, also where one of its stage types or sources is named. */
static int write_manual(struct kp_session *session)
{
    const struct kp_vector *operands = &session->arguments.operands;
    struct kp_plugin_file *file;
    const struct kp_stage *stage, *source;

    if (operands->count == 0) {
        kp_error(session->diags, KP_NOWHERE, KP1705, "plugins", "plugin");
        return KP_EXIT_USAGE;
    }
    if (find_named(session, KP_ITEM(operands, const char *, 0), &file, &stage, &source))
        kp_man_plugin(stdout, session,
                      file != NULL    ? file
                      : stage != NULL ? stage->plugin
                                      : source->plugin);
    return kp_session_code(session);
}

static int run(struct kp_session *session)
{
    const struct kp_vector *operands = &session->arguments.operands;
    struct kp_json json = {stdout, 0, false};
    const bool as_json = session->arguments.json;
    int code;

    if (!kp_session_open(session, &code))
        return code;
    if (session->arguments.man)
        return write_manual(session);
    if (session->arguments.why)
        return kp_why(session);
    if (as_json)
        kp_json_begin(&json, NULL, '{');
    if (operands->count > 0)
        show_named(session, KP_ITEM(operands, const char *, 0), as_json ? &json : NULL);
    else if (as_json)
        list_json(session->registry, &json);
    else
        list_text(session->registry);
    if (as_json) {
        kp_session_findings(session, &json);
        kp_json_end(&json, '}');
    }
    return kp_session_code(session);
}

static const struct kp_option options[] = {
    KP_OPTION_(KP_OPTION_FLAG, 0, "why", NULL, why,
               .help = "tell of each file who made it, where it runs, whether it is accepted and "
                       "why; then the policies, and what this machine can enforce"),
    KP_OPTION_(KP_OPTION_FLAG, 0, "man", NULL, man,
               .help = "write the plugin's manual page, in mdoc"),
    KP_OPTION_JSON,
    KP_OPTIONS_PLUGINS,
    KP_OPTION_HELP,
    {0},
};

const struct kp_command kp_command_plugins = {
    .name = "plugins",
    .operands = "[NAME]",
    .most = 1,
    .summary = "list plugins, or show what one offers",
    .help = "Lists the plugins that were found, with what they offer, and the files that were "
            "rejected or left out of this build, with the reason. With the name or id of a plugin, "
            "shows its stage types with all their parameters and the facts of its "
            "architectures; with the name of a stage type, shows that one. With --why NAME is a "
            "plugin's id or name, or the path of a file.",
    .options = options,
    .run = run,
};
