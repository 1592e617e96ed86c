/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/check.c - `kpipe check`: all that can be known of recipes without running them.
 */
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/text.h"
#include "cli/load.h"

static void show_text(const struct kp_loaded *loaded)
{
    struct kp_string file KP_AUTO(string) = {0};

    kp_text_escape(&file, loaded->file, strlen(loaded->file));
    printf("%s: ok, %zu stages, %zu outputs\n", file.failed ? "?" : file.text,
           kp_load_stages(loaded->plan), loaded->plan->output_count);
}

static void show_json(struct kp_session *session, const struct kp_loaded *loaded, size_t count)
{
    struct kp_json json = {stdout, 0, false};

    kp_json_begin(&json, NULL, '{');
    kp_json_begin(&json, "recipes", '[');
    for (size_t i = 0; i < count; i++) {
        const struct kp_plan *plan = loaded[i].plan;

        kp_json_begin(&json, NULL, '{');
        kp_json_text(&json, "recipe", loaded[i].file);
        kp_json_boolean(&json, "ok", plan != NULL);
        if (plan != NULL) {
            kp_json_number(&json, "stages", kp_load_stages(plan));
            kp_json_number(&json, "outputs", plan->output_count);
        }
        kp_json_end(&json, '}');
    }
    kp_json_end(&json, ']');
    kp_session_findings(session, &json);
    kp_json_end(&json, '}');
}

static int run(struct kp_session *session)
{
    const struct kp_arguments *arguments = &session->arguments;
    const size_t count = arguments->operands.count;
    int code;
    struct kp_loaded *loaded = kp_load_all(session, &code, true);

    if (loaded == NULL)
        return code;
    if (arguments->json)
        show_json(session, loaded, count);
    for (size_t i = 0; i < count && !arguments->json && !arguments->quiet; i++) {
        if (loaded[i].plan != NULL)
            show_text(&loaded[i]);
    }
    kp_load_free(loaded, count);
    return kp_session_code(session);
}

static const struct kp_option options[] = {
    KP_OPTION_SET,      KP_OPTION_TOOL,    KP_OPTION_ALLOW_EXEC,
    KP_OPTION_JSON,     KP_OPTION_VERBOSE, KP_OPTION_QUIET,
    KP_OPTIONS_PLUGINS, KP_OPTION_HELP,    {0},
};

const struct kp_command kp_command_check = {
    .name = "check",
    .operands = "RECIPE...",
    .missing = "recipe",
    .least = 1,
    .summary = "check recipes, and run nothing",
    .help = "Checks recipes as far as that is possible without running them: what they say, "
            "parameters, files, whether images fit the stages that take them. A RECIPE of - is "
            "standard input, kpipe:NAME one that is installed with kpipe.",
    .options = options,
    .run = run,
};
