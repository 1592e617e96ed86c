/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sandbox/confine.c - see confine.h: a worker's start and its end. What the machine can enforce is
 * found out in confine_probe.c, what a worker sees is put together in confine_view.c.
 */
#include "sandbox/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "sandbox/confine_private.h"

/* A keeper has that long to end all processes, and that long to end when it is killed. */
#define GRACE_MILLISECONDS 3000
#define LAST_MILLISECONDS 1000
/* Descriptors of a worker: what a call sends it and what LENDs it threads, and few besides. */
#define MOST_FILES 2048
#define STACK_SIZE (UINT64_C(8) << 20)
/* Of the processor's time: as a worker serves many calls, no more than a net below kpipe's
 * own clock, for one whose keeper and kpipe are gone. */
#define CALLS_ALLOWED_FOR 16

/* --- start --- */

static void drop(int *descriptor)
{
    const int error = errno;

    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
    errno = error;
}

bool kp_confine_pipes_make(struct kp_confine_pipes *pipes, struct kp_child *child)
{
    *pipes = (struct kp_confine_pipes){{-1, -1}, {-1, -1}, {-1, -1}, -1};
    pipes->nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (!kp_child_lift(&pipes->nothing) || !kp_child_pipe(pipes->words) ||
        !kp_child_pipe(pipes->report) || !kp_child_pipe(pipes->leash))
        return false;
    child->in = child->out = pipes->nothing;
    child->error = pipes->words[1];
    child->report = pipes->report[1];
    child->leash = pipes->leash[0];
    return true;
}

void kp_confine_pipes_close(struct kp_confine_pipes *pipes, bool all)
{
    drop(&pipes->words[1]);
    drop(&pipes->report[1]);
    drop(&pipes->leash[0]);
    drop(&pipes->nothing);
    if (!all)
        return;
    drop(&pipes->words[0]);
    drop(&pipes->report[0]);
    drop(&pipes->leash[1]);
}

static void set_limits(struct kp_child *child, const struct kp_limits *limits)
{
    const uint64_t memory = limits->memory == 0 ? KP_LIMIT_MEMORY : limits->memory;
    const uint64_t seconds = limits->seconds == 0 ? KP_LIMIT_SECONDS : limits->seconds;
    const uint32_t threads = limits->threads == 0 ? KP_LIMIT_THREADS : limits->threads;
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);

    kp_child_add_limit(child, RLIMIT_CORE, 0);
    kp_child_add_limit(child, RLIMIT_FSIZE, 0); /* its outputs are memory */
    kp_child_add_limit(child, RLIMIT_NOFILE, MOST_FILES);
    kp_child_add_limit(child, RLIMIT_STACK, STACK_SIZE);
    kp_child_add_limit(child, RLIMIT_CPU,
                       (seconds + 1) * (cores > 0 ? (uint64_t)cores : 1) * CALLS_ALLOWED_FOR);
    if (!KP_SANITIZED)
        kp_child_add_limit(child, RLIMIT_AS, memory);
    /* Of the user as a whole outside of a namespace, where it would hit bystanders; and not of
     * root. Then the keeper counts. */
    if ((child->mechanisms & KP_SANDBOX_NAMESPACES) != 0)
        kp_child_add_limit(child, RLIMIT_NPROC, (uint64_t)threads + 1); /* and the keeper */
    if ((child->mechanisms & KP_SANDBOX_NAMESPACES) == 0 || geteuid() == 0)
        child->most_threads = threads;
}

/* Nothing of the user's: what a plugin makes must not depend on it. */
static char **make_environment(struct kp_arena *arena)
{
    static const char *const kept[] = {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS",
                                       "LSAN_OPTIONS"};
    char **all = kp_arena_array(arena, 8, sizeof(*all));
    size_t count = 0;

    if (all == NULL)
        return NULL;
    all[count++] = kp_arena_strdup(arena, "LC_ALL=C");
    all[count++] = kp_arena_strdup(arena, "TZ=UTC");
    for (size_t i = 0; KP_SANITIZED && i < sizeof(kept) / sizeof(kept[0]); i++) {
        const char *value = getenv(kept[i]);

        if (value != NULL)
            all[count++] = kp_arena_printf(arena, "%s=%s", kept[i], value);
    }
    for (size_t i = 0; i < count; i++)
        if (all[i] == NULL)
            return NULL;
    return all;
}

/* What it sees: all workers the system's libraries and the program, this one its plugin. */
static bool make_view(const struct kp_confinement *confinement, struct kp_arena *arena,
                      const struct kp_confined_request *request, struct kp_vector *view)
{
    for (size_t i = 0; i < confinement->system.count; i++) {
        struct kp_view_item *item = KP_PUSH(view, struct kp_view_item);

        if (item == NULL)
            return false;
        *item = KP_ITEM(&confinement->system, struct kp_view_item, i);
    }
    return kp_confine_view_plugin(arena, request->plugin, request->descriptor, view);
}

static bool prepare(const struct kp_confinement *confinement,
                    const struct kp_confined_request *request, struct kp_arena *arena,
                    struct kp_vector *view, struct kp_child *child)
{
    char **arguments = arena == NULL ? NULL : kp_arena_array(arena, 2, sizeof(*arguments));

    errno = ENOMEM;
    if (arguments == NULL || !make_view(confinement, arena, request, view))
        return false;
    kp_confinement_fill(confinement, child);
    arguments[0] = (char *)(uintptr_t)confinement->program;
    child->program = confinement->program;
    child->arguments = arguments;
    child->environment = make_environment(arena);
    child->view = view->items;
    child->view_count = view->count;
    set_limits(child, &request->limits);
    return child->environment != NULL;
}

/* Above the places where the child will have them. */
static bool copy_descriptors(const struct kp_confined_request *request, struct kp_child *child)
{
    child->extra = fcntl(request->socket, F_DUPFD_CLOEXEC, 10);
    child->pinned = fcntl(request->descriptor, F_DUPFD_CLOEXEC, 10);
    return child->extra >= 0 && child->pinned >= 0;
}

bool kp_confined_start(struct kp_confinement *confinement,
                       const struct kp_confined_request *request, struct kp_confined *confined,
                       const char **what)
{
    struct kp_arena *arena KP_AUTO(arena) = NULL;
    KP_AUTO(vector) struct kp_vector view = {0};
    struct kp_confine_pipes pipes = {{-1, -1}, {-1, -1}, {-1, -1}, -1};
    struct kp_child child = {.extra = -1, .pinned = -1};

    *confined = (struct kp_confined){.keeper = -1, .report = -1, .leash = -1, .words = -1};
    *what = "memory";
    errno = ENOMEM;
    if (!kp_confinement_probe(confinement))
        return false;
    arena = kp_arena_new();
    if (!prepare(confinement, request, arena, &view, &child))
        return false;
    *what = "pipes";
    if (kp_confine_pipes_make(&pipes, &child) && copy_descriptors(request, &child)) {
        *what = "a process";
        confined->keeper = kp_child_spawn(&child);
    }
    drop(&child.extra);
    drop(&child.pinned);
    kp_confine_pipes_close(&pipes, confined->keeper < 0);
    confined->words = pipes.words[0];
    confined->report = pipes.report[0];
    confined->leash = pipes.leash[1];
    confined->private_view = (child.mechanisms & KP_SANDBOX_NAMESPACES) != 0;
    return confined->keeper >= 0;
}

/* --- end --- */

static uint64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

/* True if there is something to read, or nobody writes any more. */
static bool await(int descriptor, uint64_t milliseconds)
{
    const uint64_t limit = now() + milliseconds;

    for (uint64_t time = now();; time = now()) {
        struct pollfd event = {descriptor, POLLIN, 0};
        const uint64_t left = time >= limit ? 0 : limit - time;
        const int got = poll(&event, 1, left > 1000 ? 1000 : (int)left);

        if (got > 0 || left == 0)
            return got > 0;
    }
}

/* A word of the keeper, or of what was to become the worker. False: there is none any more. */
static bool read_report(const struct kp_confined *confined, struct kp_confined_end *end)
{
    struct kp_child_report report;

    if (read(confined->report, &report, sizeof(report)) != (ssize_t)sizeof(report))
        return false;
    if (report.news == KP_CHILD_ENDED) {
        end->known = true;
        end->status = report.value;
        end->left_behind = (report.step & KP_CHILD_LEFT) != 0;
        end->crowded = (report.step & KP_CHILD_CROWDED) != 0;
    } else {
        end->step = report.news == KP_CHILD_NO_PROGRAM ? "its program" : kp_child_step(report.step);
        end->error = report.value;
    }
    return true;
}

/* Reads all that the keeper has to say, until it ends or the time is over; true if it is ending. */
static bool hear(const struct kp_confined *confined, struct kp_confined_end *end)
{
    const uint64_t limit = now() + GRACE_MILLISECONDS;
    uint64_t time = now();

    while (time < limit && await(confined->report, limit - time)) {
        if (!read_report(confined, end))
            return true;
        time = now();
    }
    return false;
}

/* Its last words are in the pipe since before its report. */
static void read_words(const struct kp_confined *confined, struct kp_confined_end *end)
{
    if (await(confined->words, 0)) {
        const ssize_t length = read(confined->words, end->said, sizeof(end->said));

        end->said_length = length > 0 ? (size_t)length : 0;
    }
}

/* False if it cannot be had to end: something of it hangs in the kernel. */
static bool reap(pid_t keeper)
{
    const struct timespec pause = {.tv_nsec = 200000};
    const uint64_t limit = now() + LAST_MILLISECONDS;

    do {
        const pid_t ended = waitpid(keeper, NULL, WNOHANG);

        if (ended == keeper || (ended < 0 && errno == ECHILD))
            return true;
        nanosleep(&pause, NULL);
    } while (now() < limit);
    return false;
}

void kp_confined_stop(struct kp_confined *confined, unsigned wait, struct kp_confined_end *end)
{
    *end = (struct kp_confined_end){0};
    if (confined->keeper < 0)
        return;
    end->forced = !await(confined->report, wait);
    drop(&confined->leash);
    if (!hear(confined, end))
        kill(confined->keeper, SIGKILL);
    /* A keeper that was killed ended nothing, but as process 1 of a namespace all. */
    if (!end->known && end->step == NULL && !confined->private_view)
        end->left_behind = true;
    if (!reap(confined->keeper))
        end->left_behind = true;
    read_words(confined, end);
    drop(&confined->report);
    drop(&confined->words);
    confined->keeper = -1;
}
