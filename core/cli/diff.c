/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/diff.c - `kpipe diff`: how two images differ. What is shown of it, and how, stands in
 * diff_text.c and diff_json.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/codes.h"
#include "cli/cli.h"
#include "cli/diff.h"

/* As diff(1) has it; what goes wrong is KP_EXIT_USAGE. */
#define SAME 0
#define DIFFERENT 1

/* A file whose contents changed while they were compared tells nothing. */
static void check_whole(struct kp_session *session, struct kp_range *const ranges[2])
{
    for (int i = 0; i < 2; i++) {
        const char *lost = kp_range_vanished(ranges[i]);

        if (lost != NULL)
            kp_error(session->diags, KP_NOWHERE, KP1402, lost);
    }
}

/* Symbols and the like that were left out. */
static void tell_cut(struct kp_session *session, const struct kp_diff *diff, const char *file)
{
    for (size_t i = 0; i < diff->layers.count; i++) {
        const struct kp_layer_diff *pair = &KP_ITEM(&diff->layers, struct kp_layer_diff, i);

        if (pair->details_cut)
            kp_warning(session->diags, KP_NOWHERE, KP1761, file,
                       pair->layer[0]->parent == NULL ? "" : ": ", pair->layer[0]->path,
                       KP_INSPECT_DETAILS);
    }
}

static int compare(struct kp_session *session, const char *const files[2],
                   struct kp_range *const ranges[2])
{
    const struct kp_arguments *given = &session->arguments;
    struct kp_json json = {stdout, 0, false};
    struct kp_diff diff KP_AUTO(diff) = {0};
    struct kp_layers_options options[2];
    bool same;

    for (int i = 0; i < 2; i++)
        options[i] = (struct kp_layers_options){
            .registry = session->registry,
            .name = files[i],
            .depth = given->depth != 0 ? (unsigned)given->depth - 1 : KP_LAYERS_DEPTH,
            .limit = KP_LAYERS_LIMIT,
        };
    if (!kp_diff_open(&diff, options, ranges, session->diags))
        kp_out_of_memory(session->diags);
    same = diff.layers.count == 0;
    tell_cut(session, &diff, files[0]);
    check_whole(session, ranges);
    if (given->json) {
        kp_json_begin(&json, NULL, '{');
        kp_json_text(&json, "a", files[0]);
        kp_json_text(&json, "b", files[1]);
        kp_json_boolean(&json, "same", same);
        kp_diff_show_json(&json, &diff);
        kp_session_findings(session, &json);
        kp_json_end(&json, '}');
    } else {
        kp_diff_show_text(&diff, files, given->verbose);
    }
    return same ? SAME : DIFFERENT;
}

/* -q: nobody asks how. */
static int compare_bytes(struct kp_session *session, struct kp_range *const ranges[2])
{
    const bool same = kp_range_equal(ranges[0], ranges[1]);

    check_whole(session, ranges);
    return same ? SAME : DIFFERENT;
}

/* A name that stands there twice is one file: standard input can be read once. */
static bool open_files(struct kp_session *session, const char *const files[2],
                       struct kp_range *ranges[2])
{
    for (int i = 0; i < 2; i++) {
        ranges[i] = i == 1 && strcmp(files[0], files[1]) == 0 ? kp_range_ref(ranges[0])
                                                              : kp_session_input(files[i]);
        if (ranges[i] == NULL)
            return kp_error(session->diags, KP_NOWHERE, KP1760, files[i], strerror(errno));
    }
    return true;
}

static int run(struct kp_session *session)
{
    const struct kp_vector *operands = &session->arguments.operands;
    const char *const files[2] = {KP_ITEM(operands, const char *, 0),
                                  KP_ITEM(operands, const char *, 1)};
    struct kp_range *ranges[2] = {NULL, NULL};
    int code;

    if (!kp_session_open(session, &code))
        return code;
    if (open_files(session, files, ranges))
        code = session->arguments.quiet ? compare_bytes(session, ranges)
                                        : compare(session, files, ranges);
    kp_range_unref(ranges[0]);
    kp_range_unref(ranges[1]);
    return kp_session_code(session) == KP_EXIT_OK ? code : KP_EXIT_USAGE;
}

static const struct kp_option options[] = {
    KP_OPTION_(KP_OPTION_NUMBER, 0, "depth", "N", depth, .most = KP_LAYERS_DEPTH,
               .help = "look into N layers: 1 is the files themselves; default: into all"),
    KP_OPTION_JSON,
    KP_OPTION_(KP_OPTION_FLAG, 'v', "verbose", NULL, verbose,
               .help = "show all sizes that changed, long values as a whole, details of findings"),
    KP_OPTION_(KP_OPTION_FLAG, 'q', "quiet", NULL, quiet,
               .help = "write nothing but errors: the exit status tells"),
    KP_OPTIONS_PLUGINS,
    KP_OPTION_HELP,
    {0},
};

const struct kp_command kp_command_diff = {
    .name = "diff",
    .operands = "A B",
    .missing = "file",
    .least = 2,
    .most = 2,
    .summary = "tell how two images differ, layer by layer",
    .help =
        "Compares two images as `kpipe inspect` sees them: what each layer is and where it lies, "
        "the fields of its header by name, traits, gaps, bytes that trail, and of each layer the "
        "first byte that differs. Layers belong together that have the same path. Compressed "
        "parts are compared by what comes out of them, too, and it is said if only the "
        "compression differs.\n"
        "\n"
        "What there is much of is compared by name: properties of device trees, options of "
        "configurations, entries of archives, sections, symbols. Symbols whose size changed are "
        "shown by how much, the greatest changes first.\n"
        "\n"
        "The exit status is 0 if both are the same, byte for byte, and nothing is said; 1 if they "
        "differ; 2 if something went wrong. A file of - is standard input.",
    .options = options,
    .run = run,
    .answers = true,
};
