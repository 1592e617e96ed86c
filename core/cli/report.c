/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/report.c - see report.h. Results go to standard output, all else to standard
 * error; names are escaped, since anything may stand in them.
 */
#include "cli/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "base/text.h"
#include "cli/load.h"
#include "cli/style.h"

#define DIGEST_SIZE 32

/* An output that was written, kept for JSON. */
struct written {
    const char *recipe;
    char *path;
    char *image;
    uint64_t size;
    char digest[2 * DIGEST_SIZE + 1]; /* "" if there is none */
};

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void print_digest(char text[2 * DIGEST_SIZE + 1], const uint8_t *digest)
{
    text[0] = '\0';
    for (size_t i = 0; digest != NULL && i < DIGEST_SIZE; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
}

static void keep(struct kp_report *report, const struct kp_event *event)
{
    struct written *written = KP_PUSH(&report->written, struct written);

    if (written == NULL) {
        report->failed = true;
        return;
    }
    written->recipe = report->recipe;
    written->path = strdup(event->path);
    written->image = strdup(event->output->image);
    written->size = event->size;
    print_digest(written->digest, event->digest);
    if (written->path == NULL || written->image == NULL)
        report->failed = true;
}

static void show_output(struct kp_report *report, const struct kp_event *event)
{
    struct kp_string path KP_AUTO(string) = {0};
    char digest[2 * DIGEST_SIZE + 1];

    kp_text_escape(&path, event->path, strlen(event->path));
    print_digest(digest, event->digest);
    fprintf(report->results, "%s: %" PRIu64 " bytes", path.failed ? "?" : path.text, event->size);
    if (digest[0] != '\0')
        fprintf(report->results, ", sha256 %s", digest);
    fputc('\n', report->results);
    fflush(report->results);
}

static void add_images(struct kp_string *line, const struct kp_step *step)
{
    if (step->image_count == 0)
        return;
    kp_string_add(line, " (");
    kp_text_escape(line, step->images[0], strlen(step->images[0]));
    if (step->image_count > 1)
        kp_string_printf(line, " and %zu more", step->image_count - 1);
    kp_string_add(line, ")");
}

static void add_tools(struct kp_string *line, const struct kp_step *step)
{
    for (size_t i = 0; i < step->tool_count; i++) {
        const struct kp_tool *tool = step->tools[i];

        kp_string_printf(line, "%s%s (", i == 0 ? " by " : ", ", tool->name);
        kp_text_escape(line, tool->path, strlen(tool->path));
        kp_string_printf(line, ", %s)", tool->version);
    }
}

/* A line of -v about a stage that has ended, with its parameters, or a plugin's note. */
static void show_stage(const struct kp_event *event)
{
    const struct kp_step *step = event->step;
    const char *name = event->type == KP_EVENT_NOTE ? step->stage->name : step->label;
    struct kp_string line KP_AUTO(string) = {0};

    kp_text_escape(&line, name, strlen(name));
    add_images(&line, step);
    if (event->type == KP_EVENT_NOTE) {
        kp_string_add(&line, ": note: ");
        kp_text_escape(&line, event->text, strlen(event->text));
    } else if (event->failed) {
        kp_string_add(&line, ": failed");
    } else {
        kp_string_printf(&line, ": %" PRIu64 " bytes in %.3f s", event->size, event->seconds);
        add_tools(&line, step);
    }
    if (!line.failed)
        fprintf(stderr, "%s\n", line.text);
}

static void show(struct kp_report *report, const struct kp_event *event)
{
    const bool stage = event->step != NULL && event->step->stage != NULL;
    const bool end = event->type == KP_EVENT_END || event->type == KP_EVENT_NOTE;

    if (event->type == KP_EVENT_OUTPUT && strcmp(event->output->file, "-") != 0) {
        kp_live_pause(report->live);
        show_output(report, event);
        kp_live_resume(report->live);
    } else if (stage && end && report->arguments->verbose) {
        kp_live_pause(report->live);
        show_stage(event);
        kp_live_resume(report->live);
    }
}

/* One at a time (run.h), so nothing is locked here but the live line's own. */
static void hear(void *data, const struct kp_event *event)
{
    struct kp_report *report = data;

    if (event->type == KP_EVENT_END && event->step->stage != NULL)
        report->stages_run++;
    if (report->arguments->json) {
        if (event->type == KP_EVENT_OUTPUT)
            keep(report, event);
        return;
    }
    if (report->arguments->quiet)
        return;
    kp_live_event(report->live, event);
    show(report, event);
}

void kp_report_begin(struct kp_report *report, const struct kp_session *session,
                     bool image_on_stdout)
{
    *report = (struct kp_report){
        .arguments = &session->arguments,
        .results = image_on_stdout ? stderr : stdout,
        .listener = {report, hear},
        .begun = now(),
    };
}

void kp_report_run(struct kp_report *report, const char *recipe, const struct kp_plan *plan)
{
    const struct kp_arguments *arguments = report->arguments;

    report->recipe = recipe;
    report->stages_run = 0;
    if (!arguments->json && !arguments->quiet && kp_style_terminal(stderr))
        report->live = kp_live_start(stderr, kp_load_stages(plan));
}

void kp_report_end(struct kp_report *report, const struct kp_plan *plan)
{
    const struct kp_arguments *arguments = report->arguments;

    kp_live_stop(KP_STEAL(report->live));
    if (arguments->verbose && !arguments->quiet && !arguments->json)
        fprintf(stderr, "stages: %zu run, %zu if each output were made alone\n", report->stages_run,
                plan->stages_alone);
}

void kp_report_json(const struct kp_report *report, struct kp_json *json)
{
    kp_json_begin(json, "outputs", '[');
    for (size_t i = 0; i < report->written.count; i++) {
        const struct written *written = &KP_ITEM(&report->written, struct written, i);

        kp_json_begin(json, NULL, '{');
        kp_json_text(json, "recipe", written->recipe);
        kp_json_text(json, "image", written->image);
        kp_json_text(json, "path", written->path);
        kp_json_number(json, "size", written->size);
        kp_json_text(json, "sha256", written->digest[0] != '\0' ? written->digest : NULL);
        kp_json_end(json, '}');
    }
    kp_json_end(json, ']');
    /* The writer knows integers only; milliseconds are as exact as anybody needs. */
    kp_json_number(json, "milliseconds", (uint64_t)((now() - report->begun) * 1e3));
}

void kp_report_free(struct kp_report *report)
{
    for (size_t i = 0; i < report->written.count; i++) {
        free(KP_ITEM(&report->written, struct written, i).path);
        free(KP_ITEM(&report->written, struct written, i).image);
    }
    kp_vector_free(&report->written);
}
