/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/help.c - `kpipe help`: the help of all commands, made from their tables.
 */
#include <string.h>

#include "base/codes.h"
#include "cli/cli.h"
#include "cli/man.h"

/* Help is wrapped for terminals of 80 columns, whatever the terminal's width. */
#define HELP_WIDTH 79
/* Columns at which the texts of options, commands and exit codes begin. */
#define OPTION_COLUMN 25
#define COMMAND_COLUMN 14
#define EXIT_COLUMN 9

const struct kp_exit_row kp_exit_rows[] = {
    {"0", "done"},
    {"1",
     "a recipe, an input or an image is at fault, or the result could not be written; of diff: "
     "the files differ, all that fails being 2"},
    {"2", "the command line or the environment is at fault"},
    {"3", "out of memory, or a fault of kpipe itself"},
    {"128+N", "ended by signal N: 130 after Ctrl-C"},
    {NULL, NULL},
};

static void indent_to(FILE *to, unsigned *column, unsigned indent)
{
    while (*column < indent) {
        fputc(' ', to);
        ++*column;
    }
}

/* A single line end is as good as a blank, unless the next line is moved in: such a
 * line is kept as it is. An empty line ends a paragraph. */
static size_t pass_line_end(FILE *to, const char *text, unsigned *column)
{
    size_t length = 1;

    if (text[1] != '\n' && text[1] != ' ')
        return length;
    fputc('\n', to);
    for (; text[length] == '\n'; length++)
        fputc('\n', to);
    *column = 0;
    return length;
}

void kp_help_wrap(FILE *to, const char *text, unsigned indent, unsigned column)
{
    while (*text != '\0') {
        const size_t length = strcspn(text, " \n");

        if (column > indent && column + 1 + length > HELP_WIDTH) {
            fputc('\n', to);
            column = 0;
        } else if (column > indent) {
            fputc(' ', to);
            column++;
        }
        indent_to(to, &column, indent);
        fwrite(text, 1, length, to);
        column += (unsigned)length;
        text += length;
        if (*text == '\n')
            text += pass_line_end(to, text, &column);
        else if (*text == ' ')
            text++;
        while (column == 0 && *text == ' ') {
            indent_to(to, &column, indent);
            for (; *text == ' '; text++)
                fputc(' ', to);
            column = indent;
        }
    }
    fputc('\n', to);
}

static void show_options(FILE *to, const struct kp_option *options)
{
    for (const struct kp_option *option = options; option->name != NULL; option++) {
        unsigned column = option->letter != 0
                              ? (unsigned)fprintf(to, "  -%c, --%s", option->letter, option->name)
                              : (unsigned)fprintf(to, "      --%s", option->name);

        if (option->value != NULL)
            column += (unsigned)fprintf(to, " %s", option->value);
        if (column >= OPTION_COLUMN) {
            fputc('\n', to);
            column = 0;
        }
        indent_to(to, &column, OPTION_COLUMN);
        kp_help_wrap(to, option->help, OPTION_COLUMN, column);
    }
}

void kp_help_command(FILE *to, const struct kp_command *command)
{
    fprintf(to, "usage: kpipe %s [OPTION]...%s%s\n\n", command->name,
            command->operands[0] != '\0' ? " " : "", command->operands);
    kp_help_wrap(to, command->help, 0, 0);
    fputs("\noptions:\n", to);
    show_options(to, command->options);
}

void kp_help_all(FILE *to)
{
    fputs("usage: kpipe COMMAND [OPTION]... [ARGUMENT]...\n"
          "       kpipe --help | --version\n\n"
          "Makes, takes apart and describes images of kernels, with plugins.\n\n"
          "commands:\n",
          to);
    for (size_t i = 0; kp_commands[i] != NULL; i++) {
        unsigned column = (unsigned)fprintf(to, "  %s", kp_commands[i]->name);

        indent_to(to, &column, COMMAND_COLUMN);
        kp_help_wrap(to, kp_commands[i]->summary, COMMAND_COLUMN, column);
    }
    fputs("\n'kpipe help COMMAND' tells more; kpipe(1) is the manual.\n\nexit codes:\n", to);
    for (const struct kp_exit_row *row = kp_exit_rows; row->code != NULL; row++) {
        unsigned column = (unsigned)fprintf(to, "  %s", row->code);

        indent_to(to, &column, EXIT_COLUMN);
        kp_help_wrap(to, row->meaning, EXIT_COLUMN, column);
    }
}

static int run_help(struct kp_session *session)
{
    const struct kp_vector *operands = &session->arguments.operands;
    const struct kp_command *command;

    if (operands->count == 0 && session->arguments.man) {
        kp_error_hint(session->diags, KP_NOWHERE, "kpipe(1), the overview, is installed with kpipe",
                      KP1705, "help", "command");
        return KP_EXIT_USAGE;
    }
    if (operands->count == 0) {
        kp_help_all(stdout);
        return KP_EXIT_OK;
    }
    command = kp_command_find(KP_ITEM(operands, const char *, 0));
    if (command == NULL) {
        kp_command_unknown(session->diags, KP_ITEM(operands, const char *, 0));
        return KP_EXIT_USAGE;
    }
    if (session->arguments.man)
        kp_man_command(stdout, command);
    else
        kp_help_command(stdout, command);
    return KP_EXIT_OK;
}

static const struct kp_option options[] = {
    KP_OPTION_(KP_OPTION_FLAG, 0, "man", NULL, man,
               .help = "write the command's manual page, in mdoc"),
    KP_OPTION_HELP,
    {0},
};

const struct kp_command kp_command_help = {
    .name = "help",
    .operands = "[COMMAND]",
    .most = 1,
    .summary = "show how a command is used",
    .help = "Shows how a command is used and which options it has; without COMMAND lists the "
            "commands.",
    .options = options,
    .run = run_help,
};
