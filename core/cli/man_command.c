/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/man_command.c - the manual page of a command, from the row by which its words are
 * read and its help is made.
 */
#include <string.h>

#include "cli/man.h"

/* One word of a command's operands, "[STAGE]...": as mdoc. */
static void put_operand(FILE *to, const char *word, size_t length)
{
    const bool more = length > 3 && strncmp(word + length - 3, "...", 3) == 0;
    char name[64];
    bool optional;

    length -= more ? 3 : 0;
    optional = length > 2 && word[0] == '[' && word[length - 1] == ']';
    snprintf(name, sizeof(name), "%.*s", (int)(optional ? length - 2 : length),
             word + (optional ? 1 : 0));
    if (name[0] == '-') {
        kp_man_line(to, "Fl", name + 1);
        return;
    }
    fputs(optional ? ".Op Ar" : ".Ar", to);
    kp_man_argument(to, name);
    fputs(more ? " ...\n" : "\n", to);
}

static void put_synopsis(FILE *to, const struct kp_command *command)
{
    const char *at = command->operands;

    fputs(".Sh SYNOPSIS\n.Nm kpipe\n", to);
    kp_man_line(to, "Cm", command->name);
    fputs(".Op Ar OPTION ...\n", to);
    while (*at != '\0') {
        const size_t length = strcspn(at, " ");

        put_operand(to, at, length);
        at += length;
        at += strspn(at, " ");
    }
}

static void put_options(FILE *to, const struct kp_option *options)
{
    fputs(".Pp\nThe options are as follows:\n.Bl -tag -width Ds\n", to);
    for (const struct kp_option *option = options; option->name != NULL; option++) {
        char name[64];

        fputs(".It", to);
        if (option->letter != 0)
            fprintf(to, " Fl %c ,", option->letter);
        snprintf(name, sizeof(name), "-%s", option->name);
        fputs(" Fl", to);
        kp_man_argument(to, name);
        if (option->value != NULL) {
            fputs(" Ar", to);
            kp_man_argument(to, option->value);
        }
        fputc('\n', to);
        kp_man_text(to, option->help);
    }
    fputs(".El\n", to);
}

void kp_man_command(FILE *to, const struct kp_command *command)
{
    char name[64];

    snprintf(name, sizeof(name), "kpipe-%s", command->name);
    kp_man_begin(to, name, 1, command->summary);
    put_synopsis(to, command);
    fputs(".Sh DESCRIPTION\n", to);
    kp_man_paragraphs(to, command->help);
    put_options(to, command->options);
    fputs(".Sh ENVIRONMENT\nSee\n.Xr kpipe 1 .\n"
          ".Sh EXIT STATUS\n.Bl -tag -width Ds -compact\n",
          to);
    for (const struct kp_exit_row *row = kp_exit_rows; row->code != NULL; row++) {
        kp_man_line(to, "It", row->code);
        kp_man_text(to, row->meaning);
    }
    fputs(".El\n.Sh SEE ALSO\n.Xr kpipe 1\n", to);
}
