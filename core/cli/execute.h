/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/execute.h - runs plans for `run` and `pipe`, or shows them.
 */
#ifndef KP_CLI_EXECUTE_H
#define KP_CLI_EXECUTE_H

#include "cli/load.h"

/* Runs the plans one after the other (with --dry-run: shows them), tells what happens,
 * and writes the JSON document if one is asked for. Returns the exit code. */
int kp_execute(struct kp_session *session, const struct kp_loaded *loaded, size_t count,
               const char *out_folder);

#endif
