/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/run.c - `kpipe run`: makes the images of recipes.
 */
#include "cli/execute.h"

static int run(struct kp_session *session)
{
    const size_t count = session->arguments.operands.count;
    int code;
    struct kp_loaded *loaded = kp_load_all(session, &code, false);

    if (loaded == NULL)
        return code;
    kp_load_compare(session, loaded, count);
    code = kp_execute(session, loaded, count, session->arguments.out);
    kp_load_free(loaded, count);
    return code;
}

static const struct kp_option options[] = {
    KP_OPTION_SET,
    KP_OPTION_(KP_OPTION_TEXT, 0, "out", "DIR", out,
               .help = "write outputs below this folder, made if it is missing; default: the "
                       "current folder"),
    KP_OPTION_JOBS,
    KP_OPTION_(KP_OPTION_FLAG, 'k', "keep-going", NULL, keep_going,
               .help = "when an image fails, still make those that do not need it"),
    KP_OPTION_DRY_RUN,
    KP_OPTION_SYNC,
    KP_OPTION_TOOL,
    KP_OPTION_ALLOW_EXEC,
    KP_OPTIONS_RECORD,
    KP_OPTION_JSON,
    KP_OPTION_VERBOSE,
    KP_OPTION_QUIET,
    KP_OPTIONS_PLUGINS,
    KP_OPTION_HELP,
    {0},
};

const struct kp_command kp_command_run = {
    .name = "run",
    .operands = "RECIPE...",
    .missing = "recipe",
    .least = 1,
    .summary = "make the images of recipes",
    .help = "Makes the images that recipes name as their outputs. All recipes are checked before "
            "anything runs; an output is whole and new, or the old file stays as it was. A RECIPE "
            "of - is standard input, kpipe:NAME one that is installed with kpipe. Writes one line "
            "an output: its path and size.",
    .options = options,
    .run = run,
};
