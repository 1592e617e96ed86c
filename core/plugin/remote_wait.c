/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/remote_wait.c - waiting for a worker: the time that it may take, the user who wants to
 * stop, the progress to be shown; and threads of kpipe that are lent to it, which do
 * nothing but wait, so that it uses no more of the machine than a plugin in process would.
 */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "plugin/remote_private.h"

#define NANOSECONDS UINT64_C(1000000000)
/* How long it may go on after it was told to stop. */
#define CANCEL_NANOSECONDS (2 * NANOSECONDS)
#define ASK_MILLISECONDS 50
/* Threads that are lent at a time, at most. */
#define MOST_LENT 256u

static uint64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * NANOSECONDS + (uint64_t)time.tv_nsec;
}

void kp_remote_clock_begin(struct kp_remote *remote)
{
    struct kp_wire_control *control = remote->worker->control;

    pthread_mutex_init(&remote->clock.lock, NULL);
    remote->clock.limit = kp_workers_in_process(remote->workers)
                              ? UINT64_MAX
                              : kp_workers_limits(remote->workers).seconds * NANOSECONDS;
    atomic_init(&remote->clock.verdict, KP_REMOTE_RUNS);
    atomic_store(&control->cancelled, 0);
    atomic_store(&control->done, 0);
    atomic_store(&control->total, 0);
    remote->worker->wire.stop = kp_remote_stop;
    remote->worker->wire.data = remote;
}

void kp_remote_clock_end(struct kp_remote *remote)
{
    pthread_mutex_destroy(&remote->clock.lock);
}

void kp_remote_clock_start(struct kp_remote *remote)
{
    struct kp_remote_clock *clock = &remote->clock;

    pthread_mutex_lock(&clock->lock);
    if (clock->running++ == 0)
        clock->since = now();
    pthread_mutex_unlock(&clock->lock);
}

void kp_remote_clock_stop(struct kp_remote *remote)
{
    struct kp_remote_clock *clock = &remote->clock;

    pthread_mutex_lock(&clock->lock);
    if (--clock->running == 0)
        clock->spent += now() - clock->since;
    pthread_mutex_unlock(&clock->lock);
}

/* --- looking up every now and then --- */

void kp_remote_progress(struct kp_remote *remote)
{
    const struct kp_call_context *context = remote->state->context;
    struct kp_remote_clock *clock = &remote->clock;
    const uint64_t done = atomic_load(&remote->worker->control->done);
    const uint64_t total = atomic_load(&remote->worker->control->total);
    struct pollfd socket = {remote->worker->wire.socket, POLLIN, 0};
    bool changed;

    /* What it told before it came so far is shown before. */
    if (poll(&socket, 1, 0) > 0)
        return;
    pthread_mutex_lock(&clock->lock);
    changed = done != clock->done || total != clock->total;
    clock->done = done;
    clock->total = total;
    pthread_mutex_unlock(&clock->lock);
    if (changed && context->progress != NULL)
        context->progress(context->data, done, total);
}

/* The end of waiting, if there is one. */
static enum kp_remote_end judge(struct kp_remote_clock *clock, bool cancelled, uint64_t time)
{
    const uint64_t spent = clock->spent + (clock->running > 0 ? time - clock->since : 0);

    if (cancelled && clock->cancelled_at == 0)
        clock->cancelled_at = time;
    if (cancelled && time - clock->cancelled_at > CANCEL_NANOSECONDS)
        return KP_REMOTE_CANCELLED;
    return spent > clock->limit ? KP_REMOTE_TIME : KP_REMOTE_RUNS;
}

bool kp_remote_is_over(struct kp_remote *remote)
{
    const struct kp_call_context *context = remote->state->context;
    struct kp_remote_clock *clock = &remote->clock;
    const bool cancelled = context->cancelled != NULL && context->cancelled(context->data);
    enum kp_remote_end verdict;

    if (cancelled)
        atomic_store(&remote->worker->control->cancelled, 1);
    pthread_mutex_lock(&clock->lock);
    verdict = atomic_load(&clock->verdict);
    if (verdict == KP_REMOTE_RUNS) {
        verdict = judge(clock, cancelled, now());
        atomic_store(&clock->verdict, verdict);
    }
    pthread_mutex_unlock(&clock->lock);
    return verdict != KP_REMOTE_RUNS;
}

bool kp_remote_stop(void *data)
{
    kp_remote_progress(data);
    return kp_remote_is_over(data);
}

/* --- threads --- */

struct loan {
    struct kp_remote *remote;
    atomic_bool over;                    /* a thread came back: there is nothing left to do */
    atomic_int failure;                  /* an errno here */
    _Atomic(enum kp_wire_result) result; /* the first that is not OK */
};

/* Waits until the worker closes its end. */
static bool wait_for_close(struct kp_remote *remote, int socket)
{
    struct pollfd ready = {socket, POLLIN, 0};

    for (;;) {
        const int got = poll(&ready, 1, ASK_MILLISECONDS);

        if (got > 0)
            return true;
        if (kp_remote_stop(remote))
            return false;
    }
}

/* Lends the thread that this runs on. */
static void lend(void *data, uint64_t number)
{
    struct loan *loan = data;
    struct kp_remote *remote = loan->remote;
    KP_AUTO(wire_writer) struct kp_wire_writer message = {0};
    enum kp_wire_result result;
    int pair[2];

    if (atomic_load(&loan->over))
        return;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        /* Some other thread may do the work. */
        if (number == 0)
            atomic_store(&loan->failure, errno);
        return;
    }
    kp_remote_clock_start(remote);
    kp_put_u32(&message, (uint32_t)number);
    result = kp_wire_send(&remote->worker->wire, KP_WIRE_LEND, &message, &pair[1], 1);
    close(pair[1]);
    if (result == KP_WIRE_OK && !wait_for_close(remote, pair[0]))
        result = KP_WIRE_STOPPED;
    kp_remote_clock_stop(remote);
    close(pair[0]);
    if (result != KP_WIRE_OK)
        atomic_store(&loan->result, result);
    atomic_store(&loan->over, true);
}

bool kp_remote_parallel(struct kp_remote *remote, struct kp_wire_reader *from)
{
    const struct kp_call_context *context = remote->state->context;
    struct loan loan = {.remote = remote, .result = KP_WIRE_OK};
    uint64_t count = kp_take_u64(from);
    int32_t result = KP_OK;

    if (!kp_remote_take_end(remote, from))
        return false;
    if (count > remote->worker->threads)
        count = remote->worker->threads;
    if (count > MOST_LENT)
        count = MOST_LENT;
    if (context->parallel == NULL && count > 0)
        lend(&loan, 0);
    else if (context->parallel != NULL && !context->parallel(context->data, count, lend, &loan))
        result = kp_host_no_memory(remote->state);
    switch (atomic_load(&loan.result)) {
    case KP_WIRE_OK:
        break;
    case KP_WIRE_STOPPED:
        remote->end = atomic_load(&remote->clock.verdict);
        return false;
    case KP_WIRE_FAILED:
        return kp_remote_failed(remote, ENOMEM);
    default:
        remote->end = KP_REMOTE_HUNG_UP;
        return false;
    }
    if (atomic_load(&loan.failure) != 0 && !atomic_load(&loan.over))
        return kp_remote_failed(remote, atomic_load(&loan.failure));
    return kp_remote_answer(remote, (uint32_t)result);
}
