/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/jobserver.c - see jobserver.h.
 */
#include "engine/jobserver.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where make does not pass its pipe on, the number may be some other file's: then none. */
static int open_pipe(const char *path, int flags)
{
    const int descriptor = open(path, flags | O_NONBLOCK | O_CLOEXEC);
    struct stat status;

    if (descriptor < 0 || (fstat(descriptor, &status) == 0 && S_ISFIFO(status.st_mode)))
        return descriptor;
    close(descriptor);
    return -1;
}

/* The pipe's ends are shared with make and all its children, and so are their flags.
 * Opening them anew gives a description of our own, which may be non-blocking. */
static int reopen(int descriptor, int flags)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
    return open_pipe(path, flags);
}

/* The last one counts: make itself appends when it passes the flags on. */
static const char *find_option(const char *makeflags)
{
    static const char *const options[] = {"--jobserver-auth=", "--jobserver-fds="};
    const char *found = NULL;

    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        for (const char *at = strstr(makeflags, options[i]); at != NULL;
             at = strstr(at + 1, options[i]))
            if (found == NULL || at > found)
                found = at + strlen(options[i]);
    }
    return found;
}

static void join_fifo(struct kp_jobserver *jobserver, const char *path)
{
    char *copy = strndup(path, strcspn(path, " "));

    if (copy == NULL)
        return;
    jobserver->read_end = open_pipe(copy, O_RDONLY);
    jobserver->write_end = open_pipe(copy, O_WRONLY);
    free(copy);
}

/* "R,W": two open descriptors. */
static bool parse_pair(const char *text, int *read_end, int *write_end)
{
    char *end;
    const long first = strtol(text, &end, 10);
    const long second = *end == ',' ? strtol(end + 1, NULL, 10) : -1;

    if (end == text || first < 0 || first > INT_MAX || second < 0 || second > INT_MAX)
        return false;
    *read_end = (int)first;
    *write_end = (int)second;
    return true;
}

void kp_jobserver_join(struct kp_jobserver *jobserver, const char *makeflags)
{
    const char *option = makeflags == NULL ? NULL : find_option(makeflags);
    int read_end;
    int write_end;

    jobserver->read_end = -1;
    jobserver->write_end = -1;
    if (option == NULL)
        return;
    if (strncmp(option, "fifo:", 5) == 0) {
        join_fifo(jobserver, option + 5);
    } else if (parse_pair(option, &read_end, &write_end)) {
        jobserver->read_end = reopen(read_end, O_RDONLY);
        jobserver->write_end = reopen(write_end, O_WRONLY);
    }
    if (jobserver->read_end < 0 || jobserver->write_end < 0)
        kp_jobserver_leave(jobserver);
}

bool kp_jobserver_take(struct kp_jobserver *jobserver, int milliseconds, char *token)
{
    struct pollfd wait = {.fd = jobserver->read_end, .events = POLLIN};

    if (read(jobserver->read_end, token, 1) == 1)
        return true;
    return poll(&wait, 1, milliseconds) == 1 && read(jobserver->read_end, token, 1) == 1;
}

void kp_jobserver_give(struct kp_jobserver *jobserver, char token)
{
    while (write(jobserver->write_end, &token, 1) < 0 && (errno == EINTR || errno == EAGAIN))
        ;
}

void kp_jobserver_leave(struct kp_jobserver *jobserver)
{
    if (jobserver->read_end >= 0)
        close(jobserver->read_end);
    if (jobserver->write_end >= 0)
        close(jobserver->write_end);
    jobserver->read_end = -1;
    jobserver->write_end = -1;
}
