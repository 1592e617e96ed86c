/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/inspect.c - `kpipe inspect`: what files are, layer by layer. What is shown of a layer, and
 * how, stands in show.c, show_json.c and show_map.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/codes.h"
#include "cli/cli.h"
#include "cli/show.h"
#include "kpipe/host.h"

/* How many of a layer's findings make the command fail: those of the file's own header do. */
static size_t count_errors(const struct kp_session *session, const struct kp_layer *layer)
{
    return session->arguments.verify ? SIZE_MAX
           : layer->parent == NULL   ? layer->header_findings
                                     : 0;
}

/* --verify: each value that contradicts the bytes. */
static void verify(struct kp_session *session, const char *file, const struct kp_layer *layer)
{
    const struct kp_vector *fields = &layer->inspection.fields;

    for (size_t i = 0; i < fields->count; i++) {
        const struct kp_inspected_field *field = &KP_ITEM(fields, struct kp_inspected_field, i);

        if ((field->flags & KP_FIELD_INVALID) != 0)
            kp_error(session->diags, KP_NOWHERE, KP1750, file, *layer->path == '\0' ? "" : ": ",
                     layer->path, field->name, field->meaning == NULL ? "" : ": ",
                     field->meaning == NULL ? "" : field->meaning);
    }
}

/* NULL json: as text, with an empty line before it if *more. */
static void inspect_one(struct kp_session *session, const char *file, struct kp_json *json,
                        bool *more)
{
    const struct kp_arguments *given = &session->arguments;
    struct kp_range *range KP_AUTO(range) = kp_session_input(file);
    struct kp_layers layers KP_AUTO(layers) = {0};
    const struct kp_layers_options options = {
        .registry = session->registry,
        .name = file,
        .depth = given->depth != 0 ? (unsigned)given->depth - 1 : KP_LAYERS_DEPTH,
        .limit = KP_LAYERS_LIMIT,
        .details = given->details,
    };

    if (range == NULL) {
        kp_error(session->diags, KP_NOWHERE, KP1715, file, strerror(errno));
        return;
    }
    if (!kp_layers_open(&layers, &options, range))
        kp_out_of_memory(session->diags);
    for (const struct kp_layer *layer = layers.top; layer != NULL;
         layer = kp_layers_next(layers.top, layer)) {
        kp_layer_tell(layer, session->diags, count_errors(session, layer));
        if (given->verify)
            verify(session, file, layer);
    }
    if (layers.top == NULL)
        return;
    if (json == NULL && *more)
        putchar('\n');
    if (json != NULL)
        kp_show_json(json, file, &layers);
    else if (given->map)
        kp_show_map(file, &layers);
    else
        kp_show_text(file, &layers);
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
    for (size_t i = 0; i < files->count; i++)
        inspect_one(session, KP_ITEM(files, const char *, i), as_json ? &json : NULL, &more);
    if (as_json) {
        kp_json_end(&json, ']');
        kp_session_findings(session, &json);
        kp_json_end(&json, '}');
    }
    return kp_session_code(session);
}

static const struct kp_option options[] = {
    KP_OPTION_(KP_OPTION_NUMBER, 0, "depth", "N", depth, .most = KP_LAYERS_DEPTH,
               .help = "look into N layers: 1 is the file itself; default: into all"),
    KP_OPTION_(KP_OPTION_FLAG, 0, "details", NULL, details,
               .help = "show symbols, options, properties and the like, too, one by one"),
    KP_OPTION_(KP_OPTION_FLAG, 0, "map", NULL, map, .help = "draw each layer's bytes to scale"),
    KP_OPTION_(KP_OPTION_FLAG, 0, "verify", NULL, verify,
               .help = "fail if a checksum or size is wrong, at any depth"),
    KP_OPTION_JSON,
    KP_OPTION_VERBOSE,
    KP_OPTIONS_PLUGINS,
    KP_OPTION_HELP,
    {0},
};

const struct kp_command kp_command_inspect = {
    .name = "inspect",
    .operands = "FILE...",
    .missing = "file",
    .least = 1,
    .summary = "describe files: layers, fields, traits",
    .help =
        "Tells what files are, layer by layer: a container, what it carries, and what comes out "
        "of that once decompressed, to any depth. Of each layer it shows the kind, the fields of "
        "its header with offset, value and meaning, the traits that stages would see, its parts, "
        "and gaps: bytes that neither a field nor a part covers. A value that contradicts the file "
        "is marked INVALID; with --verify it is an error. A FILE of - is standard input.",
    .options = options,
    .run = run,
};
