/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/remote.c - a call in a worker: a worker is taken, told what to do, and listened to until
 * it has returned. See remote.h.
 */
#include "plugin/remote.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/auto.h"
#include "kpipe/bytes.h"
#include "plugin/record.h"
#include "plugin/remote_private.h"

bool kp_remote_is(const struct kp_call_context *context, const struct kp_plugin_file *plugin)
{
    return plugin->in_worker || (context->isolate && plugin->origin != KP_COMPILED_IN);
}

bool kp_remote_broken(struct kp_remote *remote, const char *why)
{
    if (remote->end == KP_REMOTE_RUNS) {
        remote->end = KP_REMOTE_BROKEN;
        remote->why = why;
    }
    return false;
}

bool kp_remote_failed(struct kp_remote *remote, int error)
{
    if (remote->end == KP_REMOTE_RUNS) {
        remote->end = KP_REMOTE_FAILED;
        remote->error = error;
    }
    return false;
}

bool kp_remote_fault(struct kp_remote *remote, const char *what)
{
    kp_call_fault(remote->state, what);
    remote->end = KP_REMOTE_REPORTED;
    return false;
}

bool kp_remote_hold(struct kp_remote *remote, uint64_t amount)
{
    uint64_t sum;

    if (!kp_add(remote->held, amount, &sum) || sum > remote->memory)
        return false;
    remote->held = sum;
    return true;
}

void kp_remote_give(struct kp_remote *remote, uint64_t length)
{
    uint64_t *given = &remote->worker->given;

    if (!kp_add(*given, length, given))
        *given = UINT64_MAX;
}

bool kp_remote_chat(struct kp_remote *remote, uint64_t amount)
{
    remote->chatter += amount; /* of a message: nowhere near the end of the numbers */
    return remote->chatter <= KP_REMOTE_MOST_CHATTER ||
           kp_remote_broken(remote, "it tells more than a call can have to say");
}

/* What the result of sending or receiving means for the call. */
static bool heard(struct kp_remote *remote, enum kp_wire_result result)
{
    switch (result) {
    case KP_WIRE_OK:
        return true;
    case KP_WIRE_STOPPED:
        remote->end = atomic_load(&remote->clock.verdict);
        return false;
    case KP_WIRE_BROKEN:
        return kp_remote_broken(remote, remote->worker->wire.why);
    case KP_WIRE_FAILED:
        return kp_remote_failed(remote, errno);
    default:
        remote->end = KP_REMOTE_HUNG_UP;
        return false;
    }
}

bool kp_remote_send(struct kp_remote *remote, uint32_t type, const struct kp_wire_writer *payload,
                    const int *descriptors, size_t count)
{
    enum kp_wire_result result;
    int error;

    if (type == KP_WIRE_ANSWER) /* the others are kept where they are made */
        kp_record_sent(remote->state, type, payload->bytes, payload->size, NULL);
    kp_remote_clock_start(remote);
    result = kp_wire_send(&remote->worker->wire, type, payload, descriptors, count);
    error = errno;
    kp_remote_clock_stop(remote);
    errno = error;
    return heard(remote, result);
}

static bool receive_any(struct kp_remote *remote, struct kp_message *message)
{
    enum kp_wire_result result;
    int error;

    kp_remote_clock_start(remote);
    result = kp_wire_receive(&remote->worker->wire, message);
    error = errno;
    kp_remote_clock_stop(remote);
    errno = error;
    return heard(remote, result);
}

/* What an earlier call left in the socket is not of this one. */
static bool await_begin(struct kp_remote *remote)
{
    struct kp_message message;

    while (!remote->begun) {
        if (!receive_any(remote, &message))
            return false;
        remote->begun = message.type == KP_WIRE_BEGUN &&
                        kp_take_u64(&message.payload) == remote->number &&
                        kp_take_end(&message.payload);
        if (++remote->early > KP_WIRE_MOST_REPORTS)
            return kp_remote_broken(remote, "it does not say which call it begins");
        if (kp_remote_is_over(remote))
            return heard(remote, KP_WIRE_STOPPED);
    }
    return true;
}

static bool receive(struct kp_remote *remote, struct kp_message *message)
{
    if (!await_begin(remote) || !receive_any(remote, message))
        return false;
    kp_record_heard(remote->state, message->type, message->payload.bytes, message->payload.size);
    /* One that is never silent is not waited for, and so not looked at by `stop`. */
    return message->type == KP_WIRE_DONE || !kp_remote_is_over(remote) ||
           heard(remote, KP_WIRE_STOPPED);
}

/* One that goes on after it did wrong is heard for a while: others may want to know. */
static bool goes_on(struct kp_remote *remote)
{
    if (remote->state->misbehaved && ++remote->afterwards > KP_REMOTE_MOST_FAILURES) {
        remote->end = KP_REMOTE_REPORTED;
        return false;
    }
    return remote->state->failures <= KP_REMOTE_MOST_FAILURES ||
           kp_remote_broken(remote, "it goes on after thousands of errors");
}

static void listen_to(struct kp_remote *remote)
{
    struct kp_message message;

    while (remote->end == KP_REMOTE_RUNS && goes_on(remote) && receive(remote, &message)) {
        if (message.type == KP_WIRE_DONE)
            kp_remote_done(remote, &message.payload);
        else if (message.type >= KP_WIRE_FAIL && message.type <= KP_WIRE_REMAKE)
            kp_remote_report(remote, &message);
        else
            kp_remote_request(remote, &message);
        kp_remote_progress(remote);
    }
}

static bool send_begin(struct kp_remote *remote)
{
    KP_AUTO(wire_writer) struct kp_wire_writer begin = {0};

    if (getrandom(&remote->number, sizeof(remote->number), 0) != (ssize_t)sizeof(remote->number))
        return kp_remote_failed(remote, errno);
    kp_put_u64(&begin, remote->number);
    return kp_remote_send(remote, KP_WIRE_BEGIN, &begin, NULL, 0);
}

static void clear(struct kp_remote *remote)
{
    kp_remote_drop_grants(remote);
    kp_remote_clock_end(remote);
    kp_flat_free(&remote->flat);
    kp_vector_free(&remote->images);
    kp_vector_free(&remote->outputs);
    kp_vector_free(&remote->trees);
    kp_vector_free(&remote->stages);
    kp_vector_free(&remote->keys);
    kp_vector_free(&remote->runs);
}

int32_t kp_remote_run(struct kp_call_state *state, uint8_t what, const char *name)
{
    struct kp_workers *workers = kp_registry_workers(state->context->registry);
    struct kp_remote remote = {
        .state = state,
        .workers = workers,
        .memory = kp_workers_in_process(workers) ? UINT64_MAX : kp_workers_limits(workers).memory,
        .returned = KP_FAILED};
    struct kp_worker_failure failure;

    remote.worker = kp_worker_take(workers, state->plugin, state->desk.arena, &failure);
    if (remote.worker == NULL) {
        kp_remote_report_none(state, &failure);
        return KP_FAILED;
    }
    kp_remote_clock_begin(&remote);
    if (send_begin(&remote) && (state->play != NULL ? kp_remote_send_recorded(&remote)
                                                    : kp_remote_send_call(&remote, what, name)))
        listen_to(&remote);
    kp_remote_conclude(&remote);
    clear(&remote);
    return remote.returned;
}
