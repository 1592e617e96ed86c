/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tool/run.c - see run.h: the parent's side of a run. What happens in the child stands in
 * child.c.
 */
#include "tool/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/auto.h"
#include "kpipe/bytes.h"
#include "tool/folder.h"
#include "tool/sandbox.h"

/* Between two looks at the clock and at whether the run is being stopped. */
#define LOOK_MILLISECONDS 50
/* A keeper has that long to end all processes. */
#define GRACE_SECONDS 10
#define MOST_FILES 1024 /* descriptors of a tool */
#define MOST_PROCESSES 4096

struct job {
    const struct kp_tool_request *request;
    struct kp_tool_result *result;
    struct kp_arena *arena;
    struct kp_folder folder;
    struct kp_vector view;
    struct kp_child child;
    int in, out;  /* the tool's standard input and, as a file, output; -1 */
    int error[2]; /* what it writes to standard error, or says besides */
    int report[2], leash[2];
    struct kp_child_report told;
};

static bool trouble(struct job *job, const char *what)
{
    job->result->end = errno == ECANCELED ? KP_TOOL_CANCELLED : KP_TOOL_TROUBLE;
    job->result->number = errno;
    job->result->what = what;
    return false;
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* --- before --- */

/* A descriptor that the child can put at its place without running over another. */
static bool lift(int *descriptor)
{
    const int high = *descriptor < 0 ? -1 : fcntl(*descriptor, F_DUPFD_CLOEXEC, 10);
    const int error = errno;

    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = high;
    errno = error;
    return high >= 0;
}

static bool make_pipe(int ends[2])
{
    return pipe2(ends, O_CLOEXEC) == 0 && lift(&ends[0]) && lift(&ends[1]);
}

/* A new file with the bytes of a range. */
static int put_file(const struct job *job, int folder, const char *name,
                    const struct kp_range *range)
{
    const int file = openat(folder, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);

    if (file < 0)
        return -1;
    if (!kp_range_write(range, file, false, job->request->cancelled, job->request->data)) {
        const int error = errno;

        close(file);
        errno = error;
        return -1;
    }
    return file;
}

static bool put_files(struct job *job)
{
    const struct kp_tool_request *request = job->request;
    int file;

    for (size_t i = 0; i < request->file_count; i++) {
        file = put_file(job, job->folder.work, request->files[i].name, request->files[i].range);
        if (file < 0)
            return trouble(job, "its files");
        close(file);
    }
    if (request->input != NULL) {
        file = put_file(job, job->folder.top, "stdin", request->input);
        if (file < 0)
            return trouble(job, "its standard input");
        close(file);
        job->in = openat(job->folder.top, "stdin", O_RDONLY | O_CLOEXEC);
    } else {
        job->in = open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
    if (request->output == NULL)
        job->out = openat(job->folder.top, "stdout", O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (!lift(&job->in) || (request->output == NULL && !lift(&job->out)))
        return trouble(job, "its standard input and output");
    return (make_pipe(job->error) && make_pipe(job->report) && make_pipe(job->leash)) ||
           trouble(job, "pipes");
}

/* What it may use. A hard limit that is lower already stays. */
static void add_limit(struct kp_child *child, int resource, uint64_t value)
{
    struct kp_child_limit *limit = &child->limits[child->limit_count];
    struct rlimit before;

    if (getrlimit((__rlimit_resource_t)resource, &before) != 0)
        return;
    if (value < before.rlim_max)
        before.rlim_max = (rlim_t)value;
    before.rlim_cur = before.rlim_max;
    *limit = (struct kp_child_limit){resource, before};
    child->limit_count++;
}

static void set_limits(const struct job *job, struct kp_child *child)
{
    const struct kp_tool_request *request = job->request;
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);

    add_limit(child, RLIMIT_CORE, 0);
    /* One byte more than may come out shows that it is too much. */
    add_limit(child, RLIMIT_FSIZE, request->output_limit + 1);
    add_limit(child, RLIMIT_AS, request->memory_limit);
    add_limit(child, RLIMIT_NOFILE, MOST_FILES);
    /* Of the user as a whole outside of a namespace, where it would hit bystanders. */
    if ((request->mechanisms & KP_SANDBOX_NAMESPACES) != 0)
        add_limit(child, RLIMIT_NPROC, MOST_PROCESSES);
    /* Never the first to strike: a second net, should the keeper be killed. */
    add_limit(child, RLIMIT_CPU,
              ((uint64_t)request->time_limit + 1) * (cores > 0 ? (uint64_t)cores : 1));
}

static char **make_arguments(const struct job *job)
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
static char **make_environment(const struct job *job)
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

static bool prepare(struct job *job)
{
    const struct kp_tool_request *request = job->request;
    struct kp_child *child = &job->child;

    if (!kp_folder_make(&job->folder, job->arena, request->temporary))
        return trouble(job, request->temporary);
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
        .report = job->report[1],
        .leash = job->leash[0],
    };
    errno = ENOMEM;
    if (child->arguments == NULL || child->environment == NULL ||
        !kp_view_make(job->arena, request->program, &job->view))
        return trouble(job, "its folder");
    child->view = job->view.items;
    child->view_count = job->view.count;
    /* Nobody in particular, and the same nobody on all machines. */
    snprintf(child->user_map, sizeof(child->user_map), "1000 %u 1", (unsigned)geteuid());
    snprintf(child->group_map, sizeof(child->group_map), "1000 %u 1", (unsigned)getegid());
    set_limits(job, child);
    return true;
}

/* --- meanwhile --- */

/* Keeps the end of what the tool says. */
static void keep_said(struct kp_tool_result *result, const char *text, size_t length)
{
    size_t excess;

    if (length > sizeof(result->said)) {
        text += length - sizeof(result->said);
        length = sizeof(result->said);
        result->said_more = true;
    }
    if (result->said_length + length > sizeof(result->said)) {
        excess = result->said_length + length - sizeof(result->said);
        memmove(result->said, result->said + excess, result->said_length - excess);
        result->said_length -= excess;
        result->said_more = true;
    }
    memcpy(result->said + result->said_length, text, length);
    result->said_length += length;
}

/* One read, so that a tool that never stops talking does not keep us from the clock. False at
 * the end. */
static bool read_said(struct job *job)
{
    char text[16384];
    const ssize_t got = read(job->error[0], text, sizeof(text));

    if (got > 0)
        keep_said(job->result, text, (size_t)got);
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

/* The keeper's word, or the end of it. */
static void read_report(struct job *job)
{
    struct kp_child_report report;

    if (read(job->report[0], &report, sizeof(report)) == (ssize_t)sizeof(report) &&
        (job->told.news == 0 || job->told.news == KP_CHILD_ENDED))
        job->told = report;
}

static void drop(int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

/* Until the keeper has closed its end of the report: then it has ended, or is about to. */
static void follow(struct job *job, pid_t keeper)
{
    const struct kp_tool_request *request = job->request;
    double limit = now() + request->time_limit;
    struct pollfd events[] = {{job->report[0], POLLIN, 0}, {job->error[0], POLLIN, 0}};

    while ((events[0].revents & (POLLHUP | POLLERR)) == 0 || (events[0].revents & POLLIN) != 0) {
        const bool stop = request->cancelled != NULL && request->cancelled(request->data);

        if (job->leash[1] >= 0 && (stop || now() > limit)) {
            job->result->end = stop ? KP_TOOL_CANCELLED : KP_TOOL_TIME;
            drop(&job->leash[1]);
            limit = now() + GRACE_SECONDS;
        } else if (job->leash[1] < 0 && now() > limit) {
            kill(keeper, SIGKILL);
            if ((request->mechanisms & KP_SANDBOX_NAMESPACES) == 0)
                job->result->left_behind = true;
            limit = now() + GRACE_SECONDS;
        }
        if (poll(events, 2, LOOK_MILLISECONDS) < 0)
            continue;
        if ((events[0].revents & POLLIN) != 0)
            read_report(job);
        if (events[1].revents != 0 && !read_said(job))
            events[1].fd = -1;
    }
}

static bool start(struct job *job)
{
    pid_t keeper;

    if (fcntl(job->error[0], F_SETFL, O_NONBLOCK) != 0)
        return trouble(job, "pipes");
    keeper = kp_child_spawn(&job->child);
    if (keeper < 0 && (job->request->mechanisms & KP_SANDBOX_NAMESPACES) != 0) {
        job->result->end = KP_TOOL_NO_SANDBOX;
        job->result->number = errno;
        job->result->what = "namespaces";
        job->result->mechanism = KP_SANDBOX_NAMESPACES;
        return false;
    }
    if (keeper < 0)
        return trouble(job, "a process");
    drop(&job->error[1]);
    drop(&job->report[1]);
    drop(&job->leash[0]);
    follow(job, keeper);
    while (waitpid(keeper, NULL, 0) < 0 && errno == EINTR)
        ;
    while (job->error[0] >= 0 && poll(&(struct pollfd){job->error[0], POLLIN, 0}, 1, 0) > 0 &&
           job->result->said_length < sizeof(job->result->said) && read_said(job))
        ;
    return true;
}

/* --- after --- */

/* What the keeper said; true if the tool ended well. */
static bool judge(struct job *job)
{
    struct kp_tool_result *result = job->result;
    const struct kp_child_report *told = &job->told;

    if (told->news == KP_CHILD_ENDED && told->step != 0)
        result->left_behind = true;
    if (result->end != KP_TOOL_DONE)
        return false;
    result->number = told->value;
    if (told->news == KP_CHILD_NO_SANDBOX) {
        result->end = KP_TOOL_NO_SANDBOX;
        result->what = kp_child_step(told->step);
        result->mechanism = told->step == KP_STEP_SECCOMP    ? KP_SANDBOX_SECCOMP
                            : told->step == KP_STEP_LANDLOCK ? KP_SANDBOX_LANDLOCK
                                                             : KP_SANDBOX_NAMESPACES;
    } else if (told->news == KP_CHILD_NO_PROGRAM) {
        result->end = KP_TOOL_NOT_RUN;
    } else if (told->news != KP_CHILD_ENDED) {
        errno = ECHILD;
        trouble(job, "the process that watches it");
    } else if (WIFSIGNALED(told->value)) {
        result->end = WTERMSIG(told->value) == SIGXFSZ ? KP_TOOL_SIZE : KP_TOOL_SIGNAL;
        result->number = WTERMSIG(told->value);
    } else if (WEXITSTATUS(told->value) != 0) {
        result->end = KP_TOOL_STATUS;
        result->number = WEXITSTATUS(told->value);
    }
    return result->end == KP_TOOL_DONE;
}

/* Opens what it wrote: a regular file in its folder, and nothing that leads elsewhere. */
static int open_output(const struct job *job, struct stat *status)
{
    const char *name = job->request->output;
    int file = job->out;

    if (name != NULL)
        file = openat(job->folder.work, name,
                      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (file >= 0 && fstat(file, status) != 0)
        status->st_mode = 0;
    return file;
}

/* A program that ignores SIGXFSZ ends with a status of its own; a file of one byte more than
 * the limit tells. */
static bool is_too_large(const struct job *job)
{
    const uint64_t limit = job->request->output_limit;
    struct stat status;

    if (job->out >= 0)
        return fstat(job->out, &status) == 0 && (uint64_t)status.st_size > limit;
    return fstatat(job->folder.work, job->request->output, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(status.st_mode) && (uint64_t)status.st_size > limit;
}

static void take_output(struct job *job)
{
    struct kp_tool_result *result = job->result;
    struct stat status;
    const int file = open_output(job, &status);

    if (file < 0 && (errno == ENOENT || errno == ELOOP || errno == ENXIO))
        result->end = errno == ENOENT ? KP_TOOL_NO_OUTPUT : KP_TOOL_ODD_OUTPUT;
    else if (file < 0)
        trouble(job, "its output");
    if (file < 0)
        return;
    if (!S_ISREG(status.st_mode))
        result->end = KP_TOOL_ODD_OUTPUT;
    else if ((uint64_t)status.st_size > job->request->output_limit)
        result->end = KP_TOOL_SIZE;
    else if (status.st_size == 0 && job->out >= 0 && !job->request->any_output)
        result->end = KP_TOOL_NO_OUTPUT;
    else if (lseek(file, 0, SEEK_SET) != 0 ||
             (result->output = kp_range_from_descriptor(file, job->request->output_limit)) == NULL)
        trouble(job, "its output");
    if (file != job->out)
        close(file);
}

static void clear(struct job *job)
{
    const int error = errno;

    drop(&job->in);
    drop(&job->out);
    for (int i = 0; i < 2; i++) {
        drop(&job->error[i]);
        drop(&job->report[i]);
        drop(&job->leash[i]);
    }
    if (!kp_folder_remove(&job->folder))
        job->result->left_behind = true;
    kp_vector_free(&job->view);
    kp_arena_free(job->arena);
    errno = error;
}

void kp_tool_execute(const struct kp_tool_request *request, struct kp_tool_result *result)
{
    struct job job = {
        .request = request,
        .result = result,
        .arena = kp_arena_new(),
        .folder = {.top = -1, .work = -1},
        .in = -1,
        .out = -1,
        .error = {-1, -1},
        .report = {-1, -1},
        .leash = {-1, -1},
    };

    *result = (struct kp_tool_result){.end = KP_TOOL_DONE};
    errno = ENOMEM;
    if (job.arena == NULL) {
        trouble(&job, "memory");
        return;
    }
    if (prepare(&job) && start(&job)) {
        if (judge(&job))
            take_output(&job);
        else if ((result->end == KP_TOOL_STATUS || result->end == KP_TOOL_SIGNAL) &&
                 is_too_large(&job))
            result->end = KP_TOOL_SIZE;
    }
    clear(&job);
}
