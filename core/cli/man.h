/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/man.h - manual pages in mdoc(7), made from the tables that the help is made from:
 * one of a command, one of a plugin.
 *
 * docs/man/kpipe.1, the overview, is written by hand.
 */
#ifndef KP_CLI_MAN_H
#define KP_CLI_MAN_H

#include <stdio.h>

#include "cli/cli.h"
#include "plugin/registry.h"

/* kpipe-COMMAND(1) */
void kp_man_command(FILE *to, const struct kp_command *command);
/* kpipe-plugin-NAME(7), of a plugin that is open. */
void kp_man_plugin(FILE *to, struct kp_session *session, const struct kp_plugin_file *file);

/* The parts of a page, for the files that write them. What is given as text is escaped,
 * `macro` is mdoc and is not. */

/* The head of a page, and its section NAME. */
void kp_man_begin(FILE *to, const char *name, unsigned section, const char *summary);
/* Running text, filled, a sentence a line; ends with a line end. */
void kp_man_text(FILE *to, const char *text);
/* The same in paragraphs, as help texts have them: an empty line ends one, and lines that
 * are moved in are kept as they are. */
void kp_man_paragraphs(FILE *to, const char *text);
/* A line that is a macro with one argument: `.It Cm level` */
void kp_man_line(FILE *to, const char *macro, const char *argument);
/* One more argument of the macro line that is being written. */
void kp_man_argument(FILE *to, const char *argument);

#endif
