/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/inspect.c - `kpipe inspect`: what files are.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "base/codes.h"
#include "base/text.h"
#include "cli/cli.h"
#include "engine/inspect.h"
#include "kpipe/host.h"

static inline void kp_auto_inspection(struct kp_inspection *inspection)
{
    kp_inspection_free(inspection);
}

/* Text out of an image may hold anything. */
static void print_escaped(const char *text)
{
    struct kp_string escaped KP_AUTO(string) = {0};

    kp_text_escape(&escaped, text, strlen(text));
    if (!escaped.failed)
        fputs(escaped.text, stdout);
}

static void print_time(uint64_t seconds)
{
    const time_t time = (time_t)seconds;
    struct tm parts;
    char text[64];

    if (time >= 0 && (uint64_t)time == seconds && gmtime_r(&time, &parts) != NULL &&
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &parts) > 0)
        printf(" (%s)", text);
}

/* "  0x0000000c  size          4404019 bytes" */
static void show_field(const struct kp_inspected_field *field, int width)
{
    if (field->length > 0)
        printf("  0x%08" PRIx64 "  ", field->offset);
    else
        printf("  %10s  ", "-");
    printf("%-*s  ", width, field->name);
    if (field->is_text)
        print_escaped(field->text != NULL ? field->text : "");
    else if ((field->flags & KP_FIELD_HEX) != 0)
        printf("0x%0*" PRIx64, field->length <= 8 ? (int)field->length * 2 : 16, field->number);
    else
        printf("%" PRIu64, field->number);
    if ((field->flags & KP_FIELD_BYTES) != 0)
        fputs(" bytes", stdout);
    if ((field->flags & KP_FIELD_TIME) != 0 && !field->is_text)
        print_time(field->number);
    if (field->meaning != NULL) {
        fputs("  ", stdout);
        print_escaped(field->meaning);
    }
    fputs((field->flags & KP_FIELD_INVALID) != 0 ? "  INVALID\n" : "\n", stdout);
}

static void show_traits(const struct kp_traits *traits)
{
    for (size_t i = 0; i < traits->count; i++) {
        const struct kp_trait *trait = &traits->items[i];

        printf("  %s %-10s ", "trait", trait->name);
        if (trait->text != NULL)
            print_escaped(trait->text);
        else
            printf("0x%" PRIx64 " (%" PRIu64 ")", trait->number, trait->number);
        putchar('\n');
    }
}

static void show_text(const char *file, uint64_t size, const struct kp_inspection *inspection)
{
    int width = 0;

    for (size_t i = 0; i < inspection->fields.count; i++) {
        const size_t length =
            strlen(KP_ITEM(&inspection->fields, struct kp_inspected_field, i).name);

        width = length > (size_t)width && length < 32 ? (int)length : width;
    }
    print_escaped(file);
    printf(": %s", inspection->kind != NULL ? inspection->kind : "unknown");
    if (inspection->codec != NULL)
        printf(" (%s)", inspection->codec);
    printf(", %" PRIu64 " bytes\n", size);
    for (size_t i = 0; i < inspection->fields.count; i++)
        show_field(&KP_ITEM(&inspection->fields, struct kp_inspected_field, i), width);
    show_traits(&inspection->traits);
}

static void write_field(struct kp_json *json, const struct kp_inspected_field *field)
{
    kp_json_begin(json, NULL, '{');
    kp_json_text(json, "name", field->name);
    if (field->length > 0) {
        kp_json_number(json, "offset", field->offset);
        kp_json_number(json, "length", field->length);
    }
    if (field->is_text)
        kp_json_text(json, "value", field->text);
    else
        kp_json_number(json, "value", field->number);
    if (field->meaning != NULL)
        kp_json_text(json, "meaning", field->meaning);
    if ((field->flags & KP_FIELD_INVALID) != 0)
        kp_json_boolean(json, "invalid", true);
    kp_json_end(json, '}');
}

static void write_file(struct kp_json *json, const char *file, uint64_t size,
                       const struct kp_inspection *inspection)
{
    kp_json_begin(json, NULL, '{');
    kp_json_text(json, "file", file);
    kp_json_number(json, "size", size);
    kp_json_text(json, "kind", inspection->kind);
    kp_json_text(json, "codec", inspection->codec);
    kp_json_text(json, "format", inspection->format);
    kp_json_begin(json, "fields", '[');
    for (size_t i = 0; i < inspection->fields.count; i++)
        write_field(json, &KP_ITEM(&inspection->fields, struct kp_inspected_field, i));
    kp_json_end(json, ']');
    kp_json_begin(json, "traits", '{');
    for (size_t i = 0; i < inspection->traits.count; i++) {
        const struct kp_trait *trait = &inspection->traits.items[i];

        if (trait->text != NULL)
            kp_json_text(json, trait->name, trait->text);
        else
            kp_json_number(json, trait->name, trait->number);
    }
    kp_json_end(json, '}');
    kp_json_end(json, '}');
}

/* NULL json: as text, with an empty line before it if *more. */
static void inspect_one(struct kp_session *session, const char *file, struct kp_json *json,
                        bool *more)
{
    const bool standard = strcmp(file, "-") == 0;
    struct kp_range *range KP_AUTO(range) =
        kp_range_open(standard ? "/dev/stdin" : file, file, NULL);
    struct kp_inspection inspection KP_AUTO(inspection) = {0};

    if (range == NULL) {
        kp_error(session->diags, KP_NOWHERE, KP1715, file, strerror(errno));
        return;
    }
    kp_inspect(session->registry, session->diags, file, range, &inspection);
    if (json != NULL) {
        write_file(json, file, kp_range_size(range), &inspection);
        return;
    }
    if (*more)
        putchar('\n');
    show_text(file, kp_range_size(range), &inspection);
    *more = true;
}

static int run(struct kp_session *session)
{
    const struct kp_vector *files = &session->arguments.operands;
    struct kp_json json = {stdout, 0, false};
    const bool as_json = session->arguments.json;
    bool more = false;
    int code;

    if (!kp_session_open(session, &code))
        return code;
    if (as_json) {
        kp_json_begin(&json, NULL, '{');
        kp_json_begin(&json, "files", '[');
    }
    for (size_t i = 0; i < files->count; i++) {
        inspect_one(session, KP_ITEM(files, const char *, i), as_json ? &json : NULL, &more);
    }
    if (as_json) {
        kp_json_end(&json, ']');
        kp_session_findings(session, &json);
        kp_json_end(&json, '}');
    }
    return kp_session_code(session);
}

static const struct kp_option options[] = {
    KP_OPTION_JSON, KP_OPTION_VERBOSE, KP_OPTIONS_PLUGINS, KP_OPTION_HELP, {0},
};

const struct kp_command kp_command_inspect = {
    .name = "inspect",
    .operands = "FILE...",
    .missing = "file",
    .least = 1,
    .summary = "describe files: format, fields, traits",
    .help = "Tells what files are: their kind, the fields of their headers with offset, value and "
            "meaning, and the traits that stages would see. A value that contradicts the file is "
            "marked INVALID. A FILE of - is standard input.",
    .options = options,
    .run = run,
};
