/* SPDX-License-Identifier: BSD-3-Clause
 *
 * worker/host_parallel.c - kp_host.parallel: kpipe lends its threads by keeping one waiting
 * for each that runs here, so that the user's number of threads holds for all processes
 * together.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/auto.h"
#include "worker/worker_private.h"

/* Tasks that are being run. */
struct tasks {
    const struct kp_worker_options *options;
    kp_task task;
    void *data;
    uint64_t count;
    atomic_uint_least64_t next;
    struct kp_vector threads; /* of struct lent * */
};

struct lent {
    struct tasks *tasks;
    int socket; /* at whose other end a thread of kpipe waits */
    pthread_t thread;
};

static void run_tasks(struct tasks *tasks)
{
    for (;;) {
        const uint64_t index = atomic_fetch_add(&tasks->next, 1);

        if (index >= tasks->count)
            return;
        tasks->task(tasks->data, index);
    }
}

static void *run_lent(void *data)
{
    struct lent *lent = data;
    const struct kp_worker_options *options = lent->tasks->options;
    void *begun = options->thread_begins == NULL ? NULL : options->thread_begins();

    run_tasks(lent->tasks);
    if (options->thread_ends != NULL)
        options->thread_ends(begun);
    close(lent->socket);
    return NULL;
}

/* Starts a thread; if there can be none, kpipe's need not wait. */
static void begin_thread(struct tasks *tasks, int socket)
{
    struct lent **slot = KP_PUSH(&tasks->threads, struct lent *);
    struct lent *lent = slot == NULL ? NULL : calloc(1, sizeof(*lent));

    if (lent != NULL) {
        *lent = (struct lent){.tasks = tasks, .socket = socket};
        *slot = lent;
        if (pthread_create(&lent->thread, NULL, run_lent, lent) == 0)
            return;
        free(lent);
    }
    if (slot != NULL)
        tasks->threads.count--;
    close(socket);
}

static void end_threads(struct tasks *tasks)
{
    for (size_t i = 0; i < tasks->threads.count; i++) {
        struct lent *lent = KP_ITEM(&tasks->threads, struct lent *, i);

        pthread_join(lent->thread, NULL);
        free(lent);
    }
    kp_vector_free(&tasks->threads);
}

/* Takes what kpipe lends until its answer comes, which is returned. */
static int32_t take_lent(struct kp_worker *worker, struct tasks *tasks)
{
    while (kp_worker_receive(worker)) {
        int socket;

        if (worker->message.type == KP_WIRE_ANSWER)
            return (int32_t)kp_take_u32(&worker->message.payload);
        socket = kp_wire_take(&worker->wire, 0);
        if (worker->message.type != KP_WIRE_LEND || socket < 0) {
            kp_worker_leave(worker, KP_WIRE_STATUS_BROKEN, "something else than a thread");
            break;
        }
        begin_thread(tasks, socket);
    }
    return KP_FAILED;
}

int32_t kp_worker_parallel(struct kp_call *call, uint64_t count, kp_task task, void *data)
{
    struct kp_worker_call *own = kp_worker_call(call);
    KP_AUTO(wire_writer) struct kp_wire_writer request = {0};
    struct tasks tasks = {
        .options = own->worker->options, .task = task, .data = data, .count = count};
    int32_t result;

    if (task == NULL)
        return kp_desk_fault(&own->desk, "parallel without a task");
    if (count == 0)
        return KP_OK;
    kp_put_u64(&request, count);
    if (!kp_worker_may_ask(own) || !kp_worker_send(own, KP_WIRE_PARALLEL, &request))
        return KP_FAILED;
    result = take_lent(own->worker, &tasks);
    end_threads(&tasks);
    if (result == KP_OK)
        run_tasks(&tasks); /* what no thread was there for */
    return result;
}
