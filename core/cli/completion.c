/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/completion.c - `kpipe completion`: the script that a shell reads, and the answers
 * that the script asks for while somebody types.
 *
 * The scripts (core/cli/completion/) know how their shell splits words and shows what fits.
 * They know no command, option or stage: what may stand where is complete.c's matter.
 */
#include "cli/complete.h"

#include <stdio.h>
#include <string.h>

#include "base/codes.h"

/* Made from the scripts by core/CMakeLists.txt. */
extern const char kp_completion_bash[], kp_completion_zsh[], kp_completion_fish[];

static const struct shell {
    const char *name;
    const char *script;
} shells[] = {
    {"bash", kp_completion_bash},
    {"zsh", kp_completion_zsh},
    {"fish", kp_completion_fish},
};

#define SHELL_COUNT (sizeof(shells) / sizeof(shells[0]))

const char *kp_completion_shell(size_t index)
{
    return index < SHELL_COUNT ? shells[index].name : NULL;
}

static int run(struct kp_session *session)
{
    const struct kp_vector *operands = &session->arguments.operands;
    const char *name = KP_ITEM(operands, const char *, 0);
    const struct shell *shell = shells;

    while (shell < shells + SHELL_COUNT && strcmp(shell->name, name) != 0)
        shell++;
    if (shell == shells + SHELL_COUNT) {
        kp_error(session->diags, KP_NOWHERE, KP1704, "completion", "SHELL", name,
                 "not bash, zsh or fish");
        return KP_EXIT_USAGE;
    }
    if (operands->count == 1)
        fputs(shell->script, stdout);
    else
        kp_complete(session, &KP_ITEM(operands, const char *, 1), operands->count - 1);
    return KP_EXIT_OK;
}

static const struct kp_option options[] = {KP_OPTION_HELP, {0}};

const struct kp_command kp_command_completion = {
    .name = "completion",
    .operands = "SHELL [WORD]...",
    .missing = "shell",
    .least = 1,
    .summary = "write the script by which a shell completes kpipe's words",
    .help =
        "Writes the script by which SHELL, one of bash, zsh and fish, completes commands, options, "
        "stage types and their parameters. An installed kpipe brings it to where the shells "
        "look for it; elsewhere:\n"
        "\n"
        "    source <(kpipe completion bash)\n"
        "    source <(kpipe completion zsh)        behind compinit\n"
        "    kpipe completion fish | source\n"
        "\n"
        "The script calls `kpipe completion SHELL -- WORD...` with the words of a command line, "
        "of which the last may be unfinished, and gets what it can become: one a line, with "
        "what it means behind a tab. ':files' and ':folders' stand for names of such.",
    .options = options,
    .run = run,
};
