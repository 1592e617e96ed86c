/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/run-shared.h - recipes as text, run into the folder `out`, with all that the
 * run tells collected. Included by tests/unit/engine-run.c and engine-threads.c only.
 */
#ifndef KP_TEST_RUN_SHARED_H
#define KP_TEST_RUN_SHARED_H

/* First, since it includes the plugin. */
#include "plan-shared.h"

#include <dirent.h>

#include "engine/run.h"

static struct kp_run_options options;
static char told[4096]; /* a line for each event */
static unsigned most_memory;

/* MiB of this process that no file backs. */
static unsigned anonymous_memory(void)
{
    FILE *file = fopen("/proc/self/status", "r");
    char line[256];
    unsigned kib = 0;

    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        if (strncmp(line, "RssAnon:", 8) == 0)
            kib = (unsigned)strtoul(line + 8, NULL, 10);
    if (file != NULL)
        fclose(file);
    return kib / 1024;
}

static void tell_step(char *line, const struct kp_event *event)
{
    const char *label = event->step->label;

    switch (event->type) {
    case KP_EVENT_BEGIN:
        sprintf(line, "begin %s\n", label);
        break;
    case KP_EVENT_PROGRESS:
        /* Of a worker's, what is seen on the way is a matter of time. */
        if (in_workers() && event->done < event->total)
            break;
        sprintf(line, "progress %s %u %u\n", label, (unsigned)event->done, (unsigned)event->total);
        break;
    case KP_EVENT_END:
        sprintf(line, "end %s %u%s\n", label, (unsigned)event->size,
                event->failed ? " failed" : "");
        break;
    default:
        if (!is_of_machine(event->text))
            sprintf(line, "note %s\n", event->text);
        break;
    }
}

static void on_event(void *data, const struct kp_event *event)
{
    char line[512] = "";
    const unsigned memory = anonymous_memory();

    (void)data;
    if (memory > most_memory)
        most_memory = memory;
    if (event->type == KP_EVENT_OUTPUT) {
        sprintf(line, "output %s %s %u ", event->output->image, event->path, (unsigned)event->size);
        for (int i = 0; i < 32 && event->digest != NULL; i++)
            sprintf(line + strlen(line), "%02x", event->digest[i]);
        strcat(line, "\n");
    } else {
        tell_step(line, event);
    }
    if (strlen(told) + strlen(line) < sizeof(told))
        strcat(told, line);
}

static const struct kp_listener listener = {NULL, on_event};

/* How often stages of the probe ran, where that can be seen. */
UNUSED static void expect_calls(unsigned count)
{
    ck_assert(in_workers() || atomic_load(&probe_calls) == count);
}

static void begin_run(void)
{
    begin();
    options = (struct kp_run_options){
        .registry = registry, .out_folder = "out", .threads = 8, .listener = &listener};
    told[0] = '\0';
}

UNUSED static enum kp_run_result run_recipe(const char *text)
{
    if (!make_plan(text))
        kp_diags_render(diags, 0, stderr, (struct kp_diag_style){0});
    ck_assert_ptr_nonnull(plan);
    return kp_run(plan, diags, &options);
}

UNUSED static void expect_bytes(const char *path, const char *expected, size_t size)
{
    struct kp_range *range = kp_range_open(path, path, NULL);

    ck_assert_msg(range != NULL, "there is no %s", path);
    ck_assert_uint_eq(kp_range_size(range), size);
    ck_assert_mem_eq(kp_range_view(range), expected, size);
    kp_range_unref(range);
}

/* Nothing hidden was left in a folder. */
UNUSED static void expect_no_drafts(const char *folder)
{
    DIR *open_folder = opendir(folder);
    const struct dirent *entry;

    while (open_folder != NULL && (entry = readdir(open_folder)) != NULL)
        ck_assert_msg(entry->d_name[0] != '.' || strlen(entry->d_name) < 3, "left behind: %s",
                      entry->d_name);
    if (open_folder != NULL)
        closedir(open_folder);
}

#endif
