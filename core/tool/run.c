/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tool/run.c - see run.h: the parent's side of a run, from its start to its output. What comes
 * before stands in run_prepare.c, what happens in the child in child.c.
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

#include "tool/run_private.h"

/* Between two looks at the clock and at whether the run is being stopped. */
#define LOOK_MILLISECONDS 50
/* A keeper has that long to end all processes. */
#define GRACE_SECONDS 10
/* Of READ_AT_ONCE bytes: as much as the largest pipe of a user holds (pipe(7)). */
#define LAST_READS 64
#define READ_AT_ONCE 16384
#define FEED_MOST ((uint64_t)1 << 20)

bool kp_tool_trouble(struct kp_tool_job *job, const char *what)
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
static bool read_said(struct kp_tool_job *job)
{
    char text[READ_AT_ONCE];
    const ssize_t got = read(job->error[0], text, sizeof(text));

    if (got > 0)
        keep_said(job->result, text, (size_t)got);
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

/* The keeper's word, or the end of it. */
static void read_report(struct kp_tool_job *job)
{
    struct kp_child_report report;

    if (read(job->report[0], &report, sizeof(report)) != (ssize_t)sizeof(report))
        return;
    if (report.news == KP_CHILD_SHUT_IN)
        job->request->shut_in(job->request->of);
    else if (job->told.news == 0 || job->told.news == KP_CHILD_ENDED)
        job->told = report;
}

static void drop(int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

/* Without the signal, whatever this program does with it. */
static ssize_t write_quietly(int to, const uint8_t *bytes, size_t length)
{
    const struct timespec at_once = {0};
    sigset_t pipe, before;
    ssize_t written;
    int error;

    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, &before);
    written = write(to, bytes, length);
    error = errno;
    if (written < 0 && error == EPIPE && sigismember(&before, SIGPIPE) == 0)
        (void)sigtimedwait(&pipe, NULL, &at_once);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return written;
}

/* Writes as much of the input as the pipe takes. Who reads no more has had enough. */
static void feed(struct kp_tool_job *job)
{
    const struct kp_range *const input = job->request->input;

    while (job->fed < kp_range_size(input)) {
        const uint8_t *bytes;
        uint64_t length;
        ssize_t written;

        kp_range_piece(input, job->fed, &bytes, &length);
        written =
            write_quietly(job->feed, bytes, (size_t)(length < FEED_MOST ? length : FEED_MOST));
        if (written < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (written < 0 && errno != EPIPE)
            kp_tool_trouble(job, "its standard input");
        if (written < 0)
            break;
        job->fed += (uint64_t)written;
    }
    drop(&job->feed);
}

/* Until the keeper has closed its end of the report: then it has ended, or is about to. */
static void follow(struct kp_tool_job *job, pid_t keeper)
{
    const struct kp_tool_request *request = job->request;
    double limit = now() + request->time_limit;
    struct pollfd events[] = {
        {job->report[0], POLLIN, 0}, {job->error[0], POLLIN, 0}, {job->feed, POLLOUT, 0}};

    while ((events[0].revents & (POLLHUP | POLLERR)) == 0 || (events[0].revents & POLLIN) != 0) {
        const bool stop = request->cancelled != NULL && request->cancelled(request->data);
        const bool trouble = job->result->end != KP_TOOL_DONE; /* with its input */

        if (job->leash[1] >= 0 && (stop || trouble || now() > limit)) {
            if (!trouble)
                job->result->end = stop ? KP_TOOL_CANCELLED : KP_TOOL_TIME;
            drop(&job->leash[1]);
            limit = now() + GRACE_SECONDS;
        } else if (job->leash[1] < 0 && now() > limit) {
            kill(keeper, SIGKILL);
            if ((request->mechanisms & KP_SANDBOX_NAMESPACES) == 0)
                job->result->left_behind = true;
            limit = now() + GRACE_SECONDS;
        }
        if (poll(events, 3, LOOK_MILLISECONDS) < 0)
            continue;
        if (events[2].revents != 0)
            feed(job);
        events[2].fd = job->feed;
        if ((events[0].revents & POLLIN) != 0)
            read_report(job);
        if (events[1].revents != 0 && !read_said(job))
            events[1].fd = -1;
    }
}

static bool start(struct kp_tool_job *job)
{
    pid_t keeper;

    if (fcntl(job->error[0], F_SETFL, O_NONBLOCK) != 0)
        return kp_tool_trouble(job, "pipes");
    keeper = kp_child_spawn(&job->child);
    if (keeper < 0 && (job->request->mechanisms & KP_SANDBOX_NAMESPACES) != 0) {
        job->result->end = KP_TOOL_NO_SANDBOX;
        job->result->number = errno;
        job->result->what = "namespaces";
        job->result->mechanism = KP_SANDBOX_NAMESPACES;
        return false;
    }
    if (keeper < 0)
        return kp_tool_trouble(job, "a process");
    drop(&job->error[1]);
    drop(&job->report[1]);
    drop(&job->leash[0]);
    drop(&job->in);
    follow(job, keeper);
    drop(&job->feed);
    /* What vanished before it was written was written as zeros. */
    if (job->request->input != NULL && kp_range_vanished(job->request->input) != NULL) {
        errno = EFAULT;
        kp_tool_trouble(job, "its standard input");
    }
    while (waitpid(keeper, NULL, 0) < 0 && errno == EINTR)
        ;
    /* The rest of its words: what a pipe can hold, and no more, should something still talk. */
    for (int i = 0; i < LAST_READS; i++)
        if (poll(&(struct pollfd){job->error[0], POLLIN, 0}, 1, 0) <= 0 || !read_said(job))
            break;
    return true;
}

/* --- after --- */

/* What the keeper said; true if the tool ended well. */
static bool judge(struct kp_tool_job *job)
{
    struct kp_tool_result *result = job->result;
    const struct kp_child_report *told = &job->told;

    /* One that was killed ended nothing, but as process 1 all. */
    if ((told->news == KP_CHILD_ENDED && (told->step & KP_CHILD_LEFT) != 0) ||
        (told->news == 0 && (job->request->mechanisms & KP_SANDBOX_NAMESPACES) == 0))
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
        kp_tool_trouble(job, "the process that watches it");
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
static int open_output(const struct kp_tool_job *job, struct stat *status)
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
static bool is_too_large(const struct kp_tool_job *job)
{
    const uint64_t limit = job->request->output_limit;
    struct stat status;

    if (job->out >= 0)
        return fstat(job->out, &status) == 0 && (uint64_t)status.st_size > limit;
    return fstatat(job->folder.work, job->request->output, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(status.st_mode) && (uint64_t)status.st_size > limit;
}

static void take_output(struct kp_tool_job *job)
{
    struct kp_tool_result *result = job->result;
    struct stat status;
    const int file = open_output(job, &status);

    if (file < 0 && (errno == ENOENT || errno == ELOOP || errno == ENXIO))
        result->end = errno == ENOENT ? KP_TOOL_NO_OUTPUT : KP_TOOL_ODD_OUTPUT;
    else if (file < 0)
        kp_tool_trouble(job, "its output");
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
        kp_tool_trouble(job, "its output");
    if (file != job->out)
        close(file);
}

static void clear(struct kp_tool_job *job)
{
    const int error = errno;

    drop(&job->in);
    drop(&job->feed);
    drop(&job->out);
    for (int i = 0; i < 2; i++) {
        drop(&job->error[i]);
        drop(&job->report[i]);
        drop(&job->leash[i]);
    }
    if (!kp_tool_folder_remove(&job->folder))
        job->result->left_behind = true;
    kp_vector_free(&job->view);
    kp_arena_free(job->arena);
    errno = error;
}

void kp_tool_execute(const struct kp_tool_request *request, struct kp_tool_result *result)
{
    struct kp_tool_job job = {
        .request = request,
        .result = result,
        .arena = kp_arena_new(),
        .folder = {.top = -1, .work = -1},
        .in = -1,
        .feed = -1,
        .out = -1,
        .error = {-1, -1},
        .report = {-1, -1},
        .leash = {-1, -1},
    };

    *result = (struct kp_tool_result){.end = KP_TOOL_DONE};
    errno = ENOMEM;
    if (job.arena == NULL) {
        kp_tool_trouble(&job, "memory");
        return;
    }
    if (kp_tool_prepare(&job) && start(&job)) {
        if (judge(&job))
            take_output(&job);
        else if ((result->end == KP_TOOL_STATUS || result->end == KP_TOOL_SIGNAL) &&
                 is_too_large(&job))
            result->end = KP_TOOL_SIZE;
    }
    clear(&job);
}
