/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/style.h - what the terminal allows: colour, a live line, how wide.
 */
#ifndef KP_CLI_STYLE_H
#define KP_CLI_STYLE_H

#include <stdbool.h>
#include <stdio.h>

/* A terminal that understands control sequences. */
bool kp_style_terminal(FILE *stream);
/* The same, and the user did not set NO_COLOR. */
bool kp_style_colour(FILE *stream);
/* Columns of the terminal, or 80. */
unsigned kp_style_width(FILE *stream);

#endif
