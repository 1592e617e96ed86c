/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/pipe.c - `kpipe pipe`: one chain, written on the command line.
 */
#include <string.h>

#include "base/codes.h"
#include "cli/execute.h"
#include "recipe/words.h"

/* Where the image goes: the name of a file in a folder. */
struct target {
    const char *folder; /* NULL: the current one */
    const char *file;   /* "-": standard output */
};

/* False after reporting. */
static bool find_target(struct kp_session *session, struct target *target)
{
    const char *output = session->arguments.output;
    const char *slash;

    if (output == NULL)
        return kp_error_hint(session->diags, KP_NOWHERE, "say -o FILE, or -o - for standard output",
                             KP1705, "pipe", "output file");
    *target = (struct target){NULL, output};
    slash = strrchr(output, '/');
    if (slash != NULL) {
        target->file = slash + 1;
        /* Of "/x" it is empty: the engine puts a slash behind it. */
        target->folder = kp_arena_strndup(session->arena, output, (size_t)(slash - output));
        if (target->folder == NULL)
            return kp_out_of_memory(session->diags);
    }
    if (target->file[0] == '\0' || strcmp(target->file, ".") == 0 ||
        strcmp(target->file, "..") == 0 || (slash != NULL && strcmp(target->file, "-") == 0))
        return kp_error(session->diags, KP_NOWHERE, KP1704, "pipe", "--output", output,
                        "names no file");
    return true;
}

static int run(struct kp_session *session)
{
    const struct kp_arguments *arguments = &session->arguments;
    struct kp_loaded loaded = {"arguments", NULL};
    struct kp_reference_finder finder;
    const struct kp_recipe *recipe;
    struct target target = {NULL, NULL};
    int code;

    if (!find_target(session, &target))
        return KP_EXIT_USAGE;
    if (!kp_load_recorder(session))
        return KP_EXIT_USAGE;
    if (!kp_load_toolbox(session, false, &code) || !kp_load_keyring(session, &code) ||
        !kp_session_open(session, &code))
        return code;
    finder = kp_load_finder(session);
    recipe =
        kp_recipe_from_words(session->arena, session->diags, &finder, arguments->operands.items,
                             arguments->operands.count, arguments->arch, target.file);
    if (recipe != NULL)
        loaded.plan = kp_plan_new(session->arena, session->diags, session->registry, recipe,
                                  session->toolbox, session->keyring);
    code = kp_execute(session, &loaded, 1, target.folder);
    kp_load_free(&loaded, 1);
    return code;
}

static const struct kp_option options[] = {
    KP_OPTION_(KP_OPTION_TEXT, 'o', "output", "FILE", output,
               .help = "the file to write; - is standard output"),
    KP_OPTION_(KP_OPTION_TEXT, 0, "arch", "ARCH", arch,
               .help = "the architecture, where the file does not tell"),
    KP_OPTION_JOBS,
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

const struct kp_command kp_command_pipe = {
    .name = "pipe",
    .operands = "FILE [STAGE]... -o FILE",
    .missing = "file",
    .least = 1,
    .summary = "send a file through stages, without a recipe",
    .help = "Sends FILE (- is standard input) through the stages, from left to right. A STAGE is "
            "the name of a stage type, with parameters behind a colon:\n"
            "\n"
            "    gzip\n"
            "    uimage:load=0x80008000,name=x\n"
            "    uimage:0x80008000         the value of its short parameter\n"
            "    'uimage:{load: 0x80008000}'\n"
            "\n"
            "A value that holds a comma stands in quotes that reach kpipe, a list in brackets. "
            "Parameters that take an image are given a path, those that take a key a path or a "
            "PKCS#11 URI.",
    .options = options,
    .run = run,
};
