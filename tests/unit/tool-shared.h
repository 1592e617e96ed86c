/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/tool-shared.h - runs of tests/tool/hostile.c with all that they leave looked for:
 * no folder, no process. Included by tests/unit/tool-*.c only.
 */
#ifndef KP_TEST_TOOL_SHARED_H
#define KP_TEST_TOOL_SHARED_H

#include <dirent.h>
#include <errno.h>
#include <signal.h>

#include "engine-shared.h"
#include "sandbox/sandbox.h"
#include "tool/toolbox.h"

static struct kp_toolbox *box;
static struct kp_tool_request request;
static struct kp_tool_result result;
static char temporary[128];
static char token[64]; /* last argument of every run: the mark of its processes */

/* A toolbox that does without some mechanisms. */
static void open_box(unsigned without)
{
    const struct kp_toolbox_options options = {
        .search = "/usr/bin:/bin", .temporary = temporary, .without = without};

    kp_toolbox_free(box);
    box = kp_toolbox_new(&options);
    ck_assert_ptr_nonnull(box);
}

static void begin(void)
{
    set_up();
    snprintf(temporary, sizeof(temporary), "%s/tmp", test_folder);
    ck_assert_int_eq(mkdir(temporary, 0700), 0);
    snprintf(token, sizeof(token), "kpipe-test-%ld", (long)getpid());
    request = (struct kp_tool_request){.output_limit = 1 << 20,
                                       .memory_limit = KP_TOOL_MEMORY,
                                       .time_limit = 60,
                                       .build_time = 12345};
    open_box(0);
}

static void end(void)
{
    kp_range_unref(result.output);
    result = (struct kp_tool_result){0};
    kp_toolbox_free(box);
    box = NULL;
    tear_down();
}

/* Processes with the token among their words. */
static unsigned count_processes(void)
{
    DIR *list = opendir("/proc");
    const struct dirent *entry;
    unsigned count = 0;

    ck_assert_ptr_nonnull(list);
    while ((entry = readdir(list)) != NULL) {
        char path[300], text[4096];
        FILE *file;
        size_t length;

        if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
            continue;
        snprintf(path, sizeof(path), "/proc/%s/cmdline", entry->d_name);
        file = fopen(path, "r");
        length = file == NULL ? 0 : fread(text, 1, sizeof(text), file);
        if (file != NULL)
            fclose(file);
        count += length > 0 && memmem(text, length, token, strlen(token)) != NULL ? 1 : 0;
    }
    closedir(list);
    return count;
}

UNUSED static void expect_nothing_left(void)
{
    DIR *list = opendir(temporary);
    const struct dirent *entry;

    ck_assert_ptr_nonnull(list);
    while ((entry = readdir(list)) != NULL)
        ck_assert_msg(entry->d_name[0] == '.', "left behind: %s", entry->d_name);
    closedir(list);
    ck_assert_uint_eq(count_processes(), 0);
    ck_assert(!result.left_behind);
}

/* Runs an act of the hostile tool. */
UNUSED static enum kp_tool_end act(const char *name, const char *argument)
{
    const char *const arguments[] = {name, argument, token, NULL};

    kp_range_unref(result.output);
    request.program = KPIPE_TEST_HOSTILE;
    request.arguments = arguments;
    kp_toolbox_run(box, &request, &result);
    request.arguments = NULL;
    return result.end;
}

/* What an act that ended well wrote, or how else it ended. */
UNUSED static const char *act_says(const char *name, const char *argument)
{
    static char text[4096];
    const enum kp_tool_end how = act(name, argument);
    size_t length;

    if (how != KP_TOOL_DONE) {
        snprintf(text, sizeof(text), "end %d: %d %s: %.*s\n", (int)how, result.number,
                 result.what == NULL ? "-" : result.what, (int)result.said_length, result.said);
        return text;
    }
    length = (size_t)kp_range_size(result.output);
    ck_assert_uint_lt(length, sizeof(text));
    ck_assert(kp_range_read(result.output, 0, text, length));
    text[length] = '\0';
    return text;
}

UNUSED static bool has(unsigned mechanism)
{
    return (kp_toolbox_mechanisms(box) & mechanism) != 0;
}

#endif
