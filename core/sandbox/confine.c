/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sandbox/confine.c - see confine.h: a worker's start and end. What the machine can enforce
 * stands in confine_probe.c.
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

/* A keeper has that long to end all processes, and as long again once it is killed. */
#define GRACE_MILLISECONDS 2000

struct kp_confinement {
    char *program;
};

struct kp_confinement *kp_confinement_new(const struct kp_confinement_options *options)
{
    struct kp_confinement *confinement = calloc(1, sizeof(*confinement));

    if (confinement == NULL)
        return NULL;
    confinement->program = options->program == NULL ? NULL : strdup(options->program);
    return confinement;
}

void kp_confinement_free(struct kp_confinement *confinement)
{
    if (confinement == NULL)
        return;
    free(confinement->program);
    free(confinement);
}

unsigned kp_confinement_mechanisms(struct kp_confinement *confinement)
{
    (void)confinement;
    return 0;
}

const char *const *kp_confinement_lacks(struct kp_confinement *confinement)
{
    static const char *const nothing[] = {"everything: not made yet", NULL};

    (void)confinement;
    return nothing;
}

const struct sock_filter *kp_confinement_filter(struct kp_confinement *confinement, bool first,
                                                unsigned short *length)
{
    (void)confinement;
    (void)first;
    *length = 0;
    return NULL;
}

/* --- start --- */

/* A descriptor that the child can put at its place without running over another. */
static bool lift(int *descriptor)
{
    const int high = fcntl(*descriptor, F_DUPFD_CLOEXEC, 10);
    const int error = errno;

    close(*descriptor);
    *descriptor = high;
    errno = error;
    return high >= 0;
}

static bool make_pipe(int ends[2])
{
    return pipe2(ends, O_CLOEXEC) == 0 && lift(&ends[0]) && lift(&ends[1]);
}

static void drop(int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

bool kp_confined_start(struct kp_confinement *confinement,
                       const struct kp_confined_request *request, struct kp_confined *confined,
                       const char **what)
{
    char *const arguments[] = {confinement->program, NULL};
    char *const environment[] = {(char[]){"LC_ALL=C"}, (char[]){"TZ=UTC"}, NULL};
    struct kp_child child = {.program = confinement->program,
                             .arguments = arguments,
                             .environment = environment};
    int words[2] = {-1, -1}, report[2] = {-1, -1}, leash[2] = {-1, -1};
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    int error;

    *confined = (struct kp_confined){.keeper = -1, .report = -1, .leash = -1, .words = -1};
    *what = "pipes";
    child.extra = fcntl(request->socket, F_DUPFD_CLOEXEC, 10);
    if (nothing >= 0 && lift(&nothing) && child.extra >= 0 && make_pipe(words) &&
        make_pipe(report) && make_pipe(leash)) {
        child.in = child.out = nothing;
        child.error = words[1];
        child.report = report[1];
        child.leash = leash[0];
        *what = "a process";
        confined->keeper = kp_child_spawn(&child);
    }
    error = errno;
    drop(&words[1]);
    drop(&report[1]);
    drop(&leash[0]);
    drop(&nothing);
    drop(&child.extra);
    if (confined->keeper < 0) {
        drop(&words[0]);
        drop(&report[0]);
        drop(&leash[1]);
    }
    confined->words = words[0];
    confined->report = report[0];
    confined->leash = leash[1];
    errno = error;
    return confined->keeper >= 0;
}

/* --- end --- */

static bool readable(int descriptor, int wait)
{
    struct pollfd event = {descriptor, POLLIN, 0};

    return poll(&event, 1, wait) > 0;
}

/* The keeper's word. */
static void read_report(const struct kp_confined *confined, struct kp_confined_end *end)
{
    struct kp_child_report report;

    if (!readable(confined->report, GRACE_MILLISECONDS) ||
        read(confined->report, &report, sizeof(report)) != (ssize_t)sizeof(report))
        return;
    if (report.news == KP_CHILD_ENDED) {
        end->known = true;
        end->status = report.value;
        end->left_behind = report.step != 0;
    } else {
        end->step = report.news == KP_CHILD_NO_PROGRAM ? "the program" : kp_child_step(report.step);
        end->error = report.value;
    }
}

static void read_words(const struct kp_confined *confined, struct kp_confined_end *end)
{
    char text[65536];
    ssize_t length;

    if (!readable(confined->words, 0))
        return;
    length = read(confined->words, text, sizeof(text));
    if (length <= 0)
        return;
    end->said_length = (size_t)length < sizeof(end->said) ? (size_t)length : sizeof(end->said);
    memcpy(end->said, text + (size_t)length - end->said_length, end->said_length);
}

void kp_confined_stop(struct kp_confined *confined, unsigned wait, struct kp_confined_end *end)
{
    *end = (struct kp_confined_end){0};
    if (wait > 0)
        (void)readable(confined->report, (int)wait);
    drop(&confined->leash);
    read_report(confined, end);
    if (!end->known && end->step == NULL) {
        kill(confined->keeper, SIGKILL);
        end->left_behind = true;
    }
    while (waitpid(confined->keeper, NULL, 0) < 0 && errno == EINTR)
        ;
    read_words(confined, end);
    drop(&confined->report);
    drop(&confined->words);
}
