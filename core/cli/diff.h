/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/diff.h - how two images differ, written to standard output: as text (diff_text.c), as JSON
 * (diff_json.c).
 */
#ifndef KP_CLI_DIFF_H
#define KP_CLI_DIFF_H

#include "base/json.h"
#include "engine/diff.h"

/* `verbose`: all that there is, and long values as a whole. */
void kp_diff_show_text(const struct kp_diff *diff, const char *const files[2], bool verbose);
/* Members of an object that was begun. */
void kp_diff_show_json(struct kp_json *json, const struct kp_diff *diff);

#endif
