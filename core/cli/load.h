/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/load.h - from the recipes on the command line to plans, for `run`, `check` and
 * `pipe`.
 */
#ifndef KP_CLI_LOAD_H
#define KP_CLI_LOAD_H

#include <stdbool.h>

#include "cli/cli.h"
#include "engine/plan.h"
#include "recipe/recipe.h"

struct kp_loaded {
    const char *file; /* the recipe, as the user named it */
    struct kp_plan *plan;
};

/* The finder that recipes are read with. */
struct kp_reference_finder kp_load_finder(struct kp_session *session);
/* Opens the session and plans all recipes that are named: one item an operand, its plan
 * NULL if it has errors. NULL after reporting; *code is then the exit code. With `only_check`
 * host tools are looked for, and not even asked for their versions. */
struct kp_loaded *kp_load_all(struct kp_session *session, int *code, bool only_check);
/* Makes the session's toolbox, which must not run any tool if `only_check`. False after
 * reporting; *code is then the exit code. */
bool kp_load_toolbox(struct kp_session *session, bool only_check, int *code);
/* Makes the session's keyring. False after reporting; *code is then the exit code. */
bool kp_load_keyring(struct kp_session *session, int *code);
/* record.c: makes the session's recorder, if --record asks for one. False after reporting. */
bool kp_load_recorder(struct kp_session *session);
/* Tells, after the runs, if nothing was recorded. */
void kp_load_recorded(struct kp_session *session);
/* Recipes that run together share a folder: reports files that would be made twice. */
void kp_load_compare(struct kp_session *session, const struct kp_loaded *loaded, size_t count);
void kp_load_free(struct kp_loaded *loaded, size_t count);
size_t kp_load_stages(const struct kp_plan *plan);

#endif
