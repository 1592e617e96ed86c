/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tool/run_prepare.c - what is made ready before a host tool is started: its folder, its files,
 * its words, surroundings and limits.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool/run_private.h"

#define MOST_FILES 1024 /* descriptors of a tool */
#define MOST_PROCESSES 4096
#define FEED_SIZE (1 << 20)

/* What a tool may copy into its output is the same for everybody, too. */
static bool set_traces(const struct kp_tool_job *job, int file)
{
    const struct timespec time = {.tv_sec = (time_t)job->request->build_time};
    const struct timespec both[] = {time, time};

    return fchmod(file, 0644) == 0 && futimens(file, both) == 0;
}

/* A new file with the bytes of a range. */
static bool put_file(const struct kp_tool_job *job, const struct kp_tool_named *named)
{
    const int file =
        openat(job->folder.work, named->name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
    const bool good =
        file >= 0 &&
        kp_range_write(named->range, file, false, job->request->cancelled, job->request->data) &&
        set_traces(job, file);
    const int error = errno;

    if (file >= 0)
        close(file);
    errno = error;
    return good;
}

/* The tool reads its input from a pipe, as in the kernel's build, while it is written: no copy is
 * made first, and none lies on a disk. */
static bool open_feed(struct kp_tool_job *job)
{
    int ends[2] = {-1, -1};

    if (!kp_child_pipe(ends))
        return false;
    job->in = ends[0];
    job->feed = ends[1];
    (void)fcntl(job->feed, F_SETPIPE_SZ, FEED_SIZE); /* more than that a user may not be given */
    return fcntl(job->feed, F_SETFL, O_NONBLOCK) == 0;
}

static bool put_files(struct kp_tool_job *job)
{
    const struct kp_tool_request *request = job->request;

    for (size_t i = 0; i < request->file_count; i++)
        if (!put_file(job, &request->files[i]))
            return kp_tool_trouble(job, "its files");
    if (request->input == NULL)
        job->in = open("/dev/null", O_RDONLY | O_CLOEXEC);
    else if (!open_feed(job))
        return kp_tool_trouble(job, "its standard input");
    if (request->output == NULL)
        job->out = openat(job->folder.top, "stdout", O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (!kp_child_lift(&job->in) || (request->output == NULL && !kp_child_lift(&job->out)))
        return kp_tool_trouble(job, "its standard input and output");
    return (kp_child_pipe(job->error) && kp_child_pipe(job->report) && kp_child_pipe(job->leash)) ||
           kp_tool_trouble(job, "pipes");
}

/* What it may use. */
static void set_limits(const struct kp_tool_job *job, struct kp_child *child)
{
    const struct kp_tool_request *request = job->request;
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);

    kp_child_add_limit(child, RLIMIT_CORE, 0);
    /* One byte more than may come out shows that it is too much. */
    kp_child_add_limit(child, RLIMIT_FSIZE, request->output_limit + 1);
    kp_child_add_limit(child, RLIMIT_AS, request->memory_limit);
    kp_child_add_limit(child, RLIMIT_NOFILE, MOST_FILES);
    /* Of the user as a whole outside of a namespace, where it would hit bystanders. */
    if ((request->mechanisms & KP_SANDBOX_NAMESPACES) != 0)
        kp_child_add_limit(child, RLIMIT_NPROC, MOST_PROCESSES);
    /* Never the first to strike: a second net, should the keeper be killed. */
    kp_child_add_limit(child, RLIMIT_CPU,
                       ((uint64_t)request->time_limit + 1) * (cores > 0 ? (uint64_t)cores : 1));
}

static char **make_arguments(const struct kp_tool_job *job)
{
    const char *const *given = job->request->arguments;
    size_t count = 0;
    char **all;

    while (given != NULL && given[count] != NULL)
        count++;
    all = kp_arena_array(job->arena, count + 2, sizeof(*all));
    if (all == NULL)
        return NULL;
    all[0] =
        kp_arena_strdup(job->arena, job->request->program == NULL ? "" : job->request->program);
    for (size_t i = 0; i < count; i++)
        all[i + 1] = (char *)(uintptr_t)given[i];
    return all[0] != NULL ? all : NULL;
}

/* The same for everybody: what a tool makes must not depend on who runs it. */
static char **make_environment(const struct kp_tool_job *job)
{
    const bool inside = (job->request->mechanisms & KP_SANDBOX_NAMESPACES) != 0;
    const char *folder = inside ? KP_SANDBOX_FOLDER : job->folder.work_path;
    char **all = kp_arena_array(job->arena, 7, sizeof(*all));

    if (all == NULL)
        return NULL;
    all[0] = kp_arena_strdup(job->arena, "PATH=/usr/bin:/bin");
    all[1] = kp_arena_strdup(job->arena, "LC_ALL=C");
    all[2] = kp_arena_strdup(job->arena, "TZ=UTC");
    all[3] = kp_arena_printf(job->arena, "SOURCE_DATE_EPOCH=%llu",
                             (unsigned long long)job->request->build_time);
    all[4] = kp_arena_printf(job->arena, "HOME=%s", folder);
    all[5] = kp_arena_printf(job->arena, "TMPDIR=%s", folder);
    for (size_t i = 0; i < 6; i++)
        if (all[i] == NULL)
            return NULL;
    return all;
}

bool kp_tool_prepare(struct kp_tool_job *job)
{
    const struct kp_tool_request *request = job->request;
    struct kp_child *child = &job->child;

    if (!kp_tool_folder_make(&job->folder, job->arena, request->temporary))
        return kp_tool_trouble(job, request->temporary);
    if (!put_files(job))
        return false;
    *child = (struct kp_child){
        .program = request->program,
        .arguments = make_arguments(job),
        .environment = make_environment(job),
        .root = job->folder.root_path,
        .folder = job->folder.work_path,
        .filter = request->filter,
        .filter_length = request->filter_length,
        .mechanisms = request->mechanisms,
        .landlock = kp_landlock_version(),
        .in = job->in,
        .out = job->out >= 0 ? job->out : job->error[1],
        .error = job->error[1],
        .extra = -1,
        .pinned = -1,
        .report = job->report[1],
        .leash = job->leash[0],
        .tell_shut_in = request->shut_in != NULL,
    };
    errno = ENOMEM;
    if (child->arguments == NULL || child->environment == NULL ||
        !kp_view_make(job->arena, request->program, &job->view))
        return kp_tool_trouble(job, "its folder");
    child->view = job->view.items;
    child->view_count = job->view.count;
    kp_child_set_maps(child);
    set_limits(job, child);
    return true;
}
