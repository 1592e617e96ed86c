/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/unpack.c - `kpipe unpack`: an image as files and a recipe that makes it again.
 */
#include "engine/unpack.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/codes.h"
#include "cli/cli.h"
#include "cli/interrupt.h"
#include "cli/load.h"

/* On standard error: what is as it is, and where everything went. */
static void tell(const struct kp_session *session, const char *file, const char *folder,
                 const struct kp_unpacked *unpacked)
{
    if (session->arguments.quiet)
        return;
    for (size_t i = 0; i < unpacked->notes.count; i++)
        fprintf(stderr, "kpipe: %s: %s\n", file, KP_ITEM(&unpacked->notes, const char *, i));
    printf("%s/recipe.yml: makes %s of %zu file%s\n", folder, file, unpacked->files,
           unpacked->files == 1 ? "" : "s");
}

static bool unpack(struct kp_session *session, const char *file, const char *folder)
{
    struct kp_range *range KP_AUTO(range) = kp_session_input(file);
    struct kp_layers layers KP_AUTO(layers) = {0};
    const struct kp_layers_options options = {.registry = session->registry,
                                              .name = file,
                                              .depth = KP_LAYERS_DEPTH,
                                              .limit = KP_LAYERS_LIMIT,
                                              .cancelled = kp_interrupt_came};
    const struct kp_reference_finder finder = kp_load_finder(session);
    const struct kp_unpack_options how = {.folder = folder,
                                          .toolbox = session->toolbox,
                                          .finder = &finder,
                                          .threads = (unsigned)session->arguments.jobs,
                                          .sync = session->arguments.sync};
    struct kp_unpacked unpacked KP_AUTO(unpacked) = {0};

    if (range == NULL)
        return kp_error(session->diags, KP_NOWHERE, KP1754, file, strerror(errno));
    if (!kp_layers_open(&layers, &options, range))
        return kp_out_of_memory(session->diags);
    for (const struct kp_layer *each = layers.top; each != NULL;
         each = kp_layers_next(layers.top, each))
        kp_layer_tell(each, session->diags, 0);
    if (!kp_unpack(&layers, session->diags, &how, &unpacked))
        return false;
    tell(session, file, folder, &unpacked);
    return true;
}

static int run(struct kp_session *session)
{
    const struct kp_arguments *given = &session->arguments;
    int code;

    if (given->folder == NULL) {
        kp_error_hint(session->diags, KP_NOWHERE, "say -d DIR", KP1705, "unpack", "folder");
        return KP_EXIT_USAGE;
    }
    if (!kp_load_toolbox(session, false, &code) || !kp_session_open(session, &code))
        return code;
    kp_interrupt_install();
    (void)unpack(session, KP_ITEM(&given->operands, const char *, 0), given->folder);
    return kp_session_code(session);
}

static const struct kp_option options[] = {
    KP_OPTION_(KP_OPTION_TEXT, 'd', "directory", "DIR", folder,
               .help = "where the files go: a new folder, or an empty one"),
    KP_OPTION_JOBS,
    KP_OPTION_SYNC,
    KP_OPTION_TOOL,
    KP_OPTION_QUIET,
    KP_OPTIONS_PLUGINS,
    KP_OPTION_HELP,
    {0},
};

const struct kp_command kp_command_unpack = {
    .name = "unpack",
    .operands = "FILE -d DIR",
    .missing = "file",
    .least = 1,
    .most = 1,
    .summary = "take an image apart, with a recipe that makes it again",
    .help =
        "Writes each part of FILE (- is standard input) to a file in DIR, decompressed where kpipe "
        "can compress it to the same bytes again, and recipe.yml, which makes FILE of them:\n"
        "\n"
        "    kpipe unpack vmlinuz -d v && kpipe run v/recipe.yml\n"
        "\n"
        "makes vmlinuz.rebuilt, the same bytes. What stands in headers stands in the recipe, by "
        "the "
        "names that `kpipe inspect` shows. Change a file, a field or a codec and run the recipe: "
        "sizes, places and checksums follow. Each step of the recipe has been run before it is "
        "written. What cannot be taken apart without a loss is a file as it is, and that is said, "
        "as is what a change would make worthless: a signature.",
    .options = options,
    .run = run,
};
