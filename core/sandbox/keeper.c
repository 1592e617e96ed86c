/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sandbox/keeper.c - see keeper.h. Nothing here may wait for the tool to do anything but to end.
 */
#include "sandbox/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* How often it looks for processes that are left, a millisecond apart. */
#define ROUNDS 5000
/* Of KP_CHILD_WORDS bytes: as much as a pipe holds. */
#define LAST_READS 32
/* Between two looks at the number of threads. */
#define LOOK_MILLISECONDS 100
/* Fields of /proc/PID/stat from the state to the number of threads (proc(5)). */
#define FIELDS 17

/* --- children --- */

/* A number at text[*at], which is moved behind it; 0 if there is none. */
static pid_t take_number(const char *text, size_t length, size_t *at)
{
    pid_t number = 0;

    for (; *at < length && text[*at] >= '0' && text[*at] <= '9'; ++*at)
        number = number < 100000000 ? number * 10 + (text[*at] - '0') : 0;
    return number;
}

/* Kills the processes that are children now; how many, or -1 if the kernel does not tell. */
static int kill_children(void)
{
    const int list = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
    char text[4096];
    ssize_t length;
    int count = 0;

    if (list < 0)
        return -1;
    length = read(list, text, sizeof(text) - 1);
    close(list);
    for (size_t i = 0; length > 0 && i < (size_t)length; i++) {
        const pid_t child = take_number(text, (size_t)length, &i);

        /* A number that the buffer cuts off would be another process's. */
        if (child > 1 && i < sizeof(text) - 1) {
            kill(child, SIGKILL);
            count++;
        }
    }
    return count;
}

bool kp_keeper_end_all(pid_t tool)
{
    for (int round = 0; round < ROUNDS; round++) {
        pid_t ended;

        kill(-tool, SIGKILL);
        kill_children();
        while ((ended = waitpid(-1, NULL, WNOHANG)) > 0)
            ;
        if (ended < 0 && errno == ECHILD)
            return true;
        poll(NULL, 0, 1);
    }
    return false;
}

/* --- threads --- */

void kp_keeper_count(struct kp_keeper *keeper, int processes, uint32_t most)
{
    const int list =
        processes < 0 ? -1 : openat(processes, "thread-self/children", O_RDONLY | O_CLOEXEC);
    char name[32];
    const ssize_t length = list < 0 ? -1 : read(list, name, sizeof(name) - sizeof("/stat"));
    size_t end = 0;

    /* There is one child; its number outside is another than the keeper knows. */
    if (length > 0 && take_number(name, (size_t)length, &end) > 0 && end < (size_t)length) {
        memcpy(name + end, "/stat", sizeof("/stat"));
        keeper->threads = openat(processes, name, O_RDONLY | O_CLOEXEC);
        keeper->most_threads = most;
    }
    if (list >= 0)
        close(list);
    if (processes >= 0)
        close(processes);
}

/* 0 if it cannot be told. */
static uint32_t count_threads(const struct kp_keeper *keeper)
{
    char text[1024];
    const ssize_t length = pread(keeper->threads, text, sizeof(text), 0);
    const char *name_end = length > 0 ? memrchr(text, ')', (size_t)length) : NULL;
    size_t at = name_end == NULL ? 0 : (size_t)(name_end - text);

    for (int field = 0; name_end != NULL && field <= FIELDS; field++) {
        while (at < (size_t)length && text[at] != ' ')
            at++;
        at++;
    }
    return name_end == NULL || at >= (size_t)length
               ? 0
               : (uint32_t)take_number(text, (size_t)length, &at);
}

/* --- words --- */

/* One read; false if there is nothing more now. */
static bool keep_words(struct kp_keeper *keeper)
{
    char text[KP_CHILD_WORDS];
    const ssize_t got = read(keeper->said, text, sizeof(text));
    size_t excess = 0;

    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        close(keeper->said);
        keeper->said = -1;
    }
    if (got <= 0)
        return false;
    if (keeper->length + (size_t)got > sizeof(keeper->words))
        excess = keeper->length + (size_t)got - sizeof(keeper->words);
    memmove(keeper->words, keeper->words + excess, keeper->length - excess);
    memcpy(keeper->words + keeper->length - excess, text, (size_t)got);
    keeper->length += (size_t)got - excess;
    return true;
}

void kp_keeper_hand_on(struct kp_keeper *keeper, int to)
{
    for (int i = 0; i < LAST_READS && keeper->said >= 0; i++)
        if (!keep_words(keeper))
            break;
    if (keeper->length > 0 && write(to, keeper->words, keeper->length) < 0)
        keeper->length = 0; /* nobody listens */
}

/* --- all together --- */

int kp_keeper_watch(struct kp_keeper *keeper)
{
    struct pollfd events[] = {
        {keeper->handle, POLLIN, 0}, {keeper->leash, POLLIN, 0}, {keeper->said, POLLIN, 0}};
    int status = 0;

    while (events[0].revents == 0 && events[1].revents == 0 && !keeper->crowded) {
        const int got = poll(events, 3, keeper->threads < 0 ? -1 : LOOK_MILLISECONDS);

        if (got > 0 && events[2].revents != 0)
            (void)keep_words(keeper);
        events[2].fd = keeper->said;
        keeper->crowded = keeper->threads >= 0 && count_threads(keeper) > keeper->most_threads;
    }
    if (events[0].revents == 0)
        kill(keeper->tool, SIGKILL);
    while (waitpid(keeper->tool, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}
