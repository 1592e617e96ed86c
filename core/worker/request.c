/* SPDX-License-Identifier: BSD-3-Clause
 *
 * worker/request.c - how a call asks kpipe: one request at a time, from the thread that serves.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "worker/worker_private.h"

bool kp_worker_leave(struct kp_worker *worker, int status, const char *why)
{
    if (worker->gone)
        return false;
    worker->gone = true;
    worker->status = status;
    if (why != NULL)
        fprintf(stderr, "kpipe-worker: %s\n", why);
    if (worker->options->left != NULL)
        worker->options->left(status);
    return false;
}

/* What a result of the wire means; true if it is fine. */
static bool went_well(struct kp_worker *worker, enum kp_wire_result result)
{
    switch (result) {
    case KP_WIRE_OK:
        return true;
    case KP_WIRE_ENDED:
    case KP_WIRE_STOPPED:
        return kp_worker_leave(worker, 0, NULL);
    case KP_WIRE_BROKEN:
        return kp_worker_leave(worker, KP_WIRE_STATUS_BROKEN, worker->wire.why);
    default:
        return kp_worker_leave(worker, KP_WIRE_STATUS_BROKEN, strerror(errno));
    }
}

bool kp_worker_receive(struct kp_worker *worker)
{
    return !worker->gone && went_well(worker, kp_wire_receive(&worker->wire, &worker->message));
}

bool kp_worker_send(struct kp_worker_call *call, uint32_t type,
                    const struct kp_wire_writer *payload)
{
    struct kp_worker *worker = call->worker;

    if (worker->gone)
        return false;
    if (payload != NULL && (payload->failed || payload->size > KP_WIRE_MOST)) {
        kp_desk_no_memory(&call->desk);
        return false;
    }
    return went_well(worker, kp_wire_send(&worker->wire, type, payload, NULL, 0));
}

bool kp_worker_may_ask(struct kp_worker_call *call)
{
    if (pthread_equal(pthread_self(), call->worker->thread))
        return true;
    kp_desk_fault(&call->desk, "uses a service on a thread on which it may not (kpipe/host.h)");
    return false;
}

void kp_worker_tell(struct kp_worker_call *call, uint32_t type,
                    const struct kp_wire_writer *payload)
{
    if (kp_worker_may_ask(call))
        kp_worker_send(call, type, payload);
}

struct kp_wire_reader *kp_worker_ask(struct kp_worker_call *call, uint32_t type,
                                     const struct kp_wire_writer *payload)
{
    struct kp_worker *worker = call->worker;

    if (!kp_worker_may_ask(call) || !kp_worker_send(call, type, payload))
        return NULL;
    while (kp_worker_receive(worker)) {
        if (worker->message.type == KP_WIRE_ANSWER)
            return &worker->message.payload;
        if (worker->message.type != KP_WIRE_BYTES)
            kp_worker_leave(worker, KP_WIRE_STATUS_BROKEN, "something else than an answer");
        else if (!kp_worker_take_bytes(worker))
            break;
    }
    return NULL;
}

int32_t kp_worker_ask_result(struct kp_worker_call *call, uint32_t type,
                             const struct kp_wire_writer *payload)
{
    struct kp_wire_reader *answer = kp_worker_ask(call, type, payload);

    return answer == NULL ? KP_FAILED : (int32_t)kp_take_u32(answer);
}
