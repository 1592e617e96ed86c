/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/complete.h - what an unfinished word of a command line can become.
 */
#ifndef KP_CLI_COMPLETE_H
#define KP_CLI_COMPLETE_H

#include "cli/cli.h"

/* Writes to standard output what the last of the words, which follow "kpipe", can become:
 * lines of a word, a tab and what it means, or of ":files" (":folders"), a tab and what of
 * the word stands before the path. Reports nothing: a user who types is not to be disturbed. */
void kp_complete(struct kp_session *session, const char *const *words, size_t count);

/* The shells that have a script; NULL behind the last. */
const char *kp_completion_shell(size_t index);

#endif
