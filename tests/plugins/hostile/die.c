/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/plugins/hostile/die.c - a plugin that ends its process, or never ends: crashes, exits,
 * hangs.
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile.h"

/* --- crashes --- */

static int32_t how_null_write(struct kp_call *call)
{
    volatile uint8_t *volatile nowhere = NULL;

    *nowhere = 1;
    return kp_append_image(call, call->input);
}

/* Volatile, so that no compiler makes a loop of it. */
static int32_t (*volatile deeper)(struct kp_call *call);

static int32_t how_stack(struct kp_call *call)
{
    volatile uint8_t much[4096];

    memset((uint8_t *)much, 1, sizeof(much));
    deeper = how_stack;
    return deeper(call) + much[7];
}

static int32_t how_illegal(struct kp_call *call)
{
    (void)call;
    __builtin_trap();
}

static int32_t how_jump(struct kp_call *call)
{
    jmp_buf nowhere;

    (void)call;
    memset(nowhere, 0x41, sizeof(nowhere));
    longjmp(nowhere, 1);
}

static int32_t how_abort(struct kp_call *call)
{
    (void)call;
    abort();
}

static int32_t how_kill_itself(struct kp_call *call)
{
    (void)call;
    kill(getpid(), SIGKILL);
    pthread_kill(pthread_self(), SIGKILL);
    return kp_fail(call, "kill: refused");
}

/* A handler that comes back to the same instruction: a crash that never ends. */
static void again(int signal)
{
    if (hostile_late())
        _exit(signal);
}

static int32_t how_handler(struct kp_call *call)
{
    const struct sigaction action = {.sa_handler = again};

    for (int i = 1; i < 32; i++)
        sigaction(i, &action, NULL);
    return how_null_write(call);
}

static int32_t how_stop(struct kp_call *call)
{
    raise(SIGSTOP);
    return hostile_tried(call, "SIGSTOP", 0);
}

/* --- exits --- */

static int32_t how_exit(struct kp_call *call)
{
    (void)call;
    exit(3);
}

static int32_t how_exit_well(struct kp_call *call)
{
    kp_append_image(call, call->input);
    exit(0);
}

static int32_t how_exit_now(struct kp_call *call)
{
    (void)call;
    _exit(3);
}

static void *exit_here(void *unused)
{
    (void)unused;
    exit(3);
}

static int32_t how_exit_thread(struct kp_call *call)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, exit_here, NULL) != 0)
        return kp_fail(call, "no thread");
    pthread_join(thread, NULL);
    return KP_FAILED;
}

static void *spin_here(void *unused)
{
    while (!hostile_late())
        ;
    return unused;
}

/* Ends the main thread only: the process stays. */
static int32_t how_pthread_exit(struct kp_call *call)
{
    pthread_t thread;

    (void)call;
    pthread_create(&thread, NULL, spin_here, NULL);
    pthread_exit(NULL);
}

static int32_t how_thread_exit(struct kp_call *call)
{
    pthread_t thread;

    (void)call;
    pthread_create(&thread, NULL, spin_here, NULL);
    syscall(SYS_exit, 0);
    return KP_FAILED;
}

static int32_t how_cancel(struct kp_call *call)
{
    (void)call;
    pthread_cancel(pthread_self());
    pthread_testcancel();
    return KP_FAILED;
}

/* Says that all went well, and leaves something that still runs. */
static int32_t how_stay(struct kp_call *call)
{
    pthread_t thread;

    pthread_create(&thread, NULL, spin_here, NULL);
    return kp_append_image(call, call->input);
}

static void leave(void)
{
    spin_here(NULL);
}

/* Hangs when it is told to end. */
static int32_t how_at_exit(struct kp_call *call)
{
    atexit(leave);
    return kp_append_image(call, call->input);
}

/* Its own end of everything. */
static int32_t how_close(struct kp_call *call)
{
    for (int i = 0; i < 1024; i++)
        close(i);
    return kp_append_image(call, call->input);
}

/* --- hangs --- */

static int32_t how_spin(struct kp_call *call)
{
    while (!hostile_late())
        ;
    return kp_fail(call, "it spun for %d seconds", HOSTILE_SECONDS);
}

/* By what a filter cannot refuse: a thread waits for another. */
static int32_t how_sleep(struct kp_call *call)
{
    pthread_t thread;

    pthread_create(&thread, NULL, spin_here, NULL);
    pthread_join(thread, NULL);
    return kp_fail(call, "it slept for %d seconds", HOSTILE_SECONDS);
}

static int32_t how_deaf(struct kp_call *call)
{
    sigset_t all;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    while (!hostile_late())
        call->host->cancelled(call);
    return kp_fail(call, "it was deaf for %d seconds", HOSTILE_SECONDS);
}

/* Shows progress all the while. */
static int32_t how_progress(struct kp_call *call)
{
    for (uint64_t i = 0; !hostile_late(); i++)
        call->host->progress(call, UINT64_MAX - i, i);
    return kp_fail(call, "progress for %d seconds", HOSTILE_SECONDS);
}

static void task(void *call, uint64_t index)
{
    (void)call;
    (void)index;
    spin_here(NULL);
}

static int32_t how_parallel(struct kp_call *call)
{
    call->host->parallel(call, UINT64_MAX, task, call);
    return kp_fail(call, "all tasks are done");
}

#define HOSTILE_WAYS(WAY)                                                                          \
    WAY(null_write)                                                                                \
    WAY(stack)                                                                                     \
    WAY(illegal)                                                                                   \
    WAY(jump)                                                                                      \
    WAY(abort)                                                                                     \
    WAY(kill_itself)                                                                               \
    WAY(handler)                                                                                   \
    WAY(stop)                                                                                      \
    WAY(exit)                                                                                      \
    WAY(exit_well)                                                                                 \
    WAY(exit_now)                                                                                  \
    WAY(exit_thread)                                                                               \
    WAY(pthread_exit)                                                                              \
    WAY(thread_exit)                                                                               \
    WAY(cancel)                                                                                    \
    WAY(stay)                                                                                      \
    WAY(at_exit)                                                                                   \
    WAY(close)                                                                                     \
    WAY(spin)                                                                                      \
    WAY(sleep)                                                                                     \
    WAY(deaf)                                                                                      \
    WAY(progress)                                                                                  \
    WAY(parallel)

HOSTILE_PLUGIN("org.example.die", "die", "")
