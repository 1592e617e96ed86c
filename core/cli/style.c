/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/style.c - see style.h.
 */
#include "cli/style.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define USUAL_WIDTH 80

bool kp_style_terminal(FILE *stream)
{
    const char *term = getenv("TERM");

    return isatty(fileno(stream)) && term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0;
}

/* no-color.org: set and not empty, whatever its value. */
bool kp_style_colour(FILE *stream)
{
    const char *never = getenv("NO_COLOR");

    return (never == NULL || never[0] == '\0') && kp_style_terminal(stream);
}

unsigned kp_style_width(FILE *stream)
{
    struct winsize size;

    if (ioctl(fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return USUAL_WIDTH;
    return size.ws_col;
}
