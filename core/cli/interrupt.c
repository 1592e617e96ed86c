/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/interrupt.c - see interrupt.h. A stage that is deep inside a library may not
 * stop for long, so a second signal ends the process at once; but not one that comes
 * together with the first, as make sends them.
 */
#include "cli/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <time.h>

#include "engine/run.h"

#define TOGETHER_MILLISECONDS 300

/* The cancel flag's companions: which signal asked, and when. */
static atomic_int received;
static atomic_llong first;

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

static void die_by(int number)
{
    sigset_t set;

    signal(number, SIG_DFL);
    sigemptyset(&set);
    sigaddset(&set, number);
    raise(number);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static long long milliseconds(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (long long)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void handle(int number)
{
    const int error = errno;

    if (atomic_exchange(&received, number) == 0)
        atomic_store(&first, milliseconds());
    else if (milliseconds() - atomic_load(&first) > TOGETHER_MILLISECONDS)
        die_by(number);
    kp_run_cancel();
    errno = error;
}

void kp_interrupt_install(void)
{
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        struct sigaction action;

        if (sigaction(signals[i], NULL, &action) != 0 || action.sa_handler == SIG_IGN)
            continue;
        action = (struct sigaction){.sa_handler = handle, .sa_flags = SA_RESTART};
        sigemptyset(&action.sa_mask);
        sigaction(signals[i], &action, NULL);
    }
}

static void uninstall(void)
{
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        struct sigaction action;

        if (sigaction(signals[i], NULL, &action) == 0 && action.sa_handler == handle)
            signal(signals[i], SIG_DFL);
    }
}

void kp_interrupt_watch(bool begin)
{
    if (begin) {
        kp_interrupt_install();
        return;
    }
    uninstall();
    kp_interrupt_finish();
}

bool kp_interrupt_came(void *data)
{
    (void)data;
    return kp_run_cancelled();
}

void kp_interrupt_finish(void)
{
    const int number = atomic_load(&received);

    if (number != 0)
        die_by(number);
}
