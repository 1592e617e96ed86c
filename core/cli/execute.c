/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/execute.c - see execute.h.
 */
#include "cli/execute.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/codes.h"
#include "cli/interrupt.h"
#include "cli/report.h"
#include "engine/run.h"

static bool writes_stdout(const struct kp_loaded *loaded, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < loaded[i].plan->output_count; j++) {
            if (strcmp(loaded[i].plan->outputs[j].file, "-") == 0)
                return true;
        }
    }
    return false;
}

/* An image on standard output: nobody wants to see it on a terminal, or mixed with text.
 * False after reporting. */
static bool check_stdout(struct kp_session *session)
{
    const struct kp_arguments *arguments = &session->arguments;

    if (arguments->json || arguments->dry_run)
        return kp_error(session->diags, KP_NOWHERE, KP1713, arguments->json ? "JSON" : "the plan");
    if (isatty(STDOUT_FILENO))
        return kp_error_hint(session->diags, KP_NOWHERE, "name a file, or use a pipe: ... | cat",
                             KP1712);
    return true;
}

static void show_plans(struct kp_session *session, const struct kp_loaded *loaded, size_t count)
{
    struct kp_json json = {stdout, 0, false};

    if (!session->arguments.json) {
        for (size_t i = 0; i < count; i++) {
            if (count > 1)
                printf("%s%s:\n", i > 0 ? "\n" : "", loaded[i].file);
            kp_plan_print(loaded[i].plan, stdout);
        }
        return;
    }
    kp_json_begin(&json, NULL, '{');
    kp_json_begin(&json, "recipes", '[');
    for (size_t i = 0; i < count; i++) {
        kp_json_begin(&json, NULL, '{');
        kp_json_text(&json, "recipe", loaded[i].file);
        kp_plan_json(loaded[i].plan, &json);
        kp_json_end(&json, '}');
    }
    kp_json_end(&json, ']');
    kp_session_findings(session, &json);
    kp_json_end(&json, '}');
}

static int run_plans(struct kp_session *session, const struct kp_loaded *loaded, size_t count,
                     struct kp_report *report, struct kp_run_options *options)
{
    int code = KP_EXIT_OK;

    kp_interrupt_install();
    for (size_t i = 0; i < count; i++) {
        enum kp_run_result result;

        kp_report_run(report, loaded[i].file, loaded[i].plan);
        result = kp_run(loaded[i].plan, session->diags, options);
        kp_report_end(report, loaded[i].plan);
        if (result != KP_RUN_OK)
            code = KP_EXIT_FAILED;
        if (result == KP_RUN_CANCELLED || (result != KP_RUN_OK && !options->keep_going))
            break;
    }
    if (report->failed)
        kp_out_of_memory(session->diags);
    return code;
}

/* Recipes with errors have left their findings; the document has an empty list of
 * outputs then. */
static void write_document(struct kp_session *session, const struct kp_report *report)
{
    struct kp_json json = {stdout, 0, false};

    kp_json_begin(&json, NULL, '{');
    kp_report_json(report, &json);
    kp_session_findings(session, &json);
    kp_json_end(&json, '}');
}

int kp_execute(struct kp_session *session, const struct kp_loaded *loaded, size_t count,
               const char *out_folder)
{
    const struct kp_arguments *arguments = &session->arguments;
    const bool bad = kp_diags_errors(session->diags) > 0;
    const bool to_stdout = !bad && writes_stdout(loaded, count);
    struct kp_report report;
    struct kp_run_options options = {
        .registry = session->registry,
        .out_folder = out_folder,
        .threads = (unsigned)arguments->jobs,
        .keep_going = arguments->keep_going,
        .sync = arguments->sync,
        .digests = arguments->verbose || arguments->json,
        .makeflags = getenv("MAKEFLAGS"),
        .listener = &report.listener,
        .recorder = session->recorder,
    };
    int code = KP_EXIT_FAILED;

    if (to_stdout && !check_stdout(session))
        return KP_EXIT_USAGE;
    if (!kp_session_build_time(session, &options.build_time))
        return KP_EXIT_USAGE;
    if (!bad && arguments->dry_run) {
        show_plans(session, loaded, count);
        return KP_EXIT_OK;
    }
    kp_report_begin(&report, session, to_stdout);
    if (!bad)
        code = run_plans(session, loaded, count, &report, &options);
    if (!bad)
        kp_load_recorded(session);
    if (arguments->json)
        write_document(session, &report);
    kp_report_free(&report);
    return code;
}
