/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/complete_private.h - what complete.c and complete_stage.c share.
 */
#ifndef KP_CLI_COMPLETE_PRIVATE_H
#define KP_CLI_COMPLETE_PRIVATE_H

#include "cli/complete.h"

struct kp_completer {
    struct kp_session *session;
    const struct kp_command *command;
    const char *current; /* the unfinished word */
    const char *fixed;   /* its beginning that stays: "uimage:load=0x8000," */
    size_t operands;     /* how many stand before it */
    bool only_operands;  /* "--" stands before it */
};

/* Writes fixed + word + end, if the unfinished word begins it. */
void kp_complete_one(struct kp_completer *completer, const char *word, const char *end,
                     const char *meaning);
void kp_complete_path(struct kp_completer *completer, bool folder);
/* The plugins, looked for when they are first needed; NULL: none. */
struct kp_registry *kp_complete_registry(struct kp_completer *completer);

/* A stage as `kpipe pipe` takes it: its name, or behind a colon its parameters. */
void kp_complete_stage(struct kp_completer *completer);
void kp_complete_stage_names(struct kp_completer *completer);

#endif
