/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/cli.h - what the commands share: a session with its findings and plugins, exit
 * codes, and the list of commands.
 *
 * A command writes results to standard output and reports findings to the session;
 * main.c shows them at the end and settles the exit code.
 */
#ifndef KP_CLI_CLI_H
#define KP_CLI_CLI_H

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/json.h"
#include "base/range.h"
#include "cli/args.h"
#include "cli/folders.h"
#include "keys/key.h"
#include "plugin/registry.h"
#include "tool/toolbox.h"

enum {
    KP_EXIT_OK = 0,
    KP_EXIT_FAILED = 1,   /* a recipe, an input or an image is at fault; also: stdout */
    KP_EXIT_USAGE = 2,    /* the command line or the environment is at fault */
    KP_EXIT_INTERNAL = 3, /* out of memory, or a fault of kpipe itself */
};

struct kp_recorder;

struct kp_session {
    const struct kp_command *command;
    struct kp_arguments arguments;
    struct kp_arena *arena; /* lives as long as the session */
    struct kp_diags *diags;
    struct kp_folders folders;
    const struct kp_trust *trust; /* the policies that hold, once kp_session_open was called */
    struct kp_limits limits;      /* of workers, as above */
    struct kp_registry *registry; /* once kp_session_open was called */
    struct kp_toolbox *toolbox;   /* once kp_load_toolbox was called */
    struct kp_secret pin;         /* KPIPE_PIN, which is out of the environment then */
    struct kp_keyring *keyring;   /* once kp_load_keyring was called */
    struct kp_recorder *recorder; /* once kp_load_recorder was called; NULL: nothing is recorded */
    /* Of a command that runs one plugin, in a worker: what serves it in this process instead, where
     * --isolation none asks for that. */
    int (*serve)(int socket);
    bool findings_written; /* the findings stand in the JSON document already */
};

/* Finds the plugins. False after reporting; *code is then the exit code. */
bool kp_session_open(struct kp_session *session, int *code);
/* trust.c: reads the policies, and fills in how far plugins are trusted. False after reporting. */
bool kp_session_trust(struct kp_session *session, struct kp_registry_options *options);
/* An image that an operand names; "-" is standard input. NULL, and errno says why. */
struct kp_range *kp_session_input(const char *file);
/* SOURCE_DATE_EPOCH, or 0 if it is not set. False after reporting. */
bool kp_session_build_time(struct kp_session *session, uint64_t *seconds);
/* Writes the array "findings" into a JSON document, sorted; main.c does not show them
 * again. */
void kp_session_findings(struct kp_session *session, struct kp_json *json);
/* The exit code for findings: out of memory, any error, or none. */
int kp_session_code(struct kp_session *session);

extern const struct kp_command kp_command_run, kp_command_check, kp_command_pipe, kp_command_verify,
    kp_command_plugins, kp_command_inspect, kp_command_extract, kp_command_unpack, kp_command_diff,
    kp_command_schema, kp_command_completion, kp_command_explain, kp_command_help,
    kp_command_replay;

#endif
