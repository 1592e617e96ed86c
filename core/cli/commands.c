/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/commands.c - the list of commands.
 */
#include <string.h>

#include "base/codes.h"
#include "cli/cli.h"

const struct kp_command *const kp_commands[] = {
    &kp_command_run,     &kp_command_check,   &kp_command_pipe,
    &kp_command_plugins, &kp_command_inspect, &kp_command_extract,
    &kp_command_unpack,  &kp_command_diff,    &kp_command_verify,
    &kp_command_replay,  &kp_command_schema,  &kp_command_completion,
    &kp_command_explain, &kp_command_help,    NULL,
};

const struct kp_command *kp_command_find(const char *name)
{
    for (size_t i = 0; kp_commands[i] != NULL; i++) {
        if (strcmp(kp_commands[i]->name, name) == 0)
            return kp_commands[i];
    }
    return NULL;
}

bool kp_command_unknown(struct kp_diags *diags, const char *name)
{
    const char *names[sizeof(kp_commands) / sizeof(kp_commands[0])];
    char hint[64] = "'kpipe help' lists the commands";
    size_t count = 0;
    const char *nearest;

    for (; kp_commands[count] != NULL; count++)
        names[count] = kp_commands[count]->name;
    nearest = kp_nearest(name, names, count);
    if (name[0] == '-')
        snprintf(hint, sizeof(hint), "options stand behind the command");
    else if (nearest != NULL)
        snprintf(hint, sizeof(hint), "did you mean '%s'?", nearest);
    return kp_error_hint(diags, KP_NOWHERE, hint, KP1700, name);
}
