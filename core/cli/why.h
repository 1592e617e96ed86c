/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/why.h - `kpipe plugins --why`: of each file in the path what it is, who made it, where it
 * runs, and which rule accepts or rejects it. Opens no plugin.
 */
#ifndef KP_CLI_WHY_H
#define KP_CLI_WHY_H

#include "cli/cli.h"

/* "bundled", "foreign", "compiled in". */
const char *kp_origin_name(enum kp_plugin_origin place);
/* Tells, of all files or of those that the operand names. Returns the exit code. */
int kp_why(struct kp_session *session);

#endif
