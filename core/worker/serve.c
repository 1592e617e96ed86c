/* SPDX-License-Identifier: BSD-3-Clause
 *
 * worker/serve.c - the life of a worker, as wire/message.h tells it: HELLO, the plugin opened
 * and described, then calls.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/auto.h"
#include "wire/plugin.h"
#include "worker/worker_private.h"

/* Descriptors that a message to a worker may carry: those of HELLO. */
#define MOST_DESCRIPTORS 2

static bool refuse(struct kp_worker *worker, const char *why, bool by_loader)
{
    KP_AUTO(wire_writer) struct kp_wire_writer refusal = {0};

    kp_put_text(&refusal, why);
    kp_put_u8(&refusal, by_loader);
    (void)kp_wire_send(&worker->wire, KP_WIRE_REFUSED, &refusal, NULL, 0);
    return false;
}

static bool describe(struct kp_worker *worker)
{
    KP_AUTO(wire_writer) struct kp_wire_writer description = {0};

    if (!kp_wire_put_plugin(&description, worker->plugin))
        return refuse(worker, "its descriptor is larger than a message may be", false);
    return kp_wire_send(&worker->wire, KP_WIRE_DESCRIBED, &description, NULL, 0) == KP_WIRE_OK;
}

static bool map_control(struct kp_worker *worker, int descriptor)
{
    void *page = mmap(NULL, sizeof(struct kp_wire_control), PROT_READ | PROT_WRITE, MAP_SHARED,
                      descriptor, 0);

    if (page == MAP_FAILED)
        return false;
    worker->control = page;
    return true;
}

/* A filter as it came. */
struct filter {
    const void *bytes;
    size_t size;
};

static bool shut_in(struct kp_worker *worker, const struct filter *filter)
{
    const char *why;

    if (filter->size == 0 || worker->options->shut_in == NULL ||
        worker->options->shut_in(filter->bytes, filter->size))
        return true;
    why = kp_arena_printf(worker->arena, "cannot be shut in: filter of system calls: %s",
                          strerror(errno));
    return refuse(worker, why != NULL ? why : "cannot be shut in", false);
}

static bool open_plugin(struct kp_worker *worker, const struct kp_worker_hello *hello,
                        const struct filter *first, const struct filter *second)
{
    const char *why;
    bool by_loader;

    if (!shut_in(worker, first))
        return false;
    worker->plugin = kp_worker_open(worker, hello, &why, &by_loader);
    if (worker->plugin == NULL)
        return refuse(worker, why, by_loader);
    return describe(worker) && shut_in(worker, second);
}

/* Takes a HELLO that was received. */
static bool begin(struct kp_worker *worker)
{
    struct kp_wire_reader *from = &worker->message.payload;
    const int plugin KP_AUTO(close) = kp_wire_take(&worker->wire, 0);
    const int control KP_AUTO(close) = kp_wire_take(&worker->wire, 1);
    struct kp_worker_hello hello = {.plugin = plugin};
    struct filter first, second;
    const char *version;

    hello.open = kp_take_u8(from);
    version = kp_take_text(from);
    hello.path = kp_take_text(from);
    hello.identity.device = kp_take_u64(from);
    hello.identity.inode = kp_take_u64(from);
    hello.identity.size = kp_take_u64(from);
    hello.identity.seconds = (int64_t)kp_take_u64(from);
    hello.identity.nanoseconds = (int64_t)kp_take_u64(from);
    first.bytes = kp_take_bytes(from, &first.size);
    second.bytes = kp_take_bytes(from, &second.size);
    if (version == NULL || strcmp(version, KP_WIRE_VERSION) != 0)
        return refuse(worker, "kpipe and kpipe-worker are of different builds: install both anew",
                      false);
    if (!kp_take_end(from) || hello.path == NULL || hello.plugin < 0 || control < 0 ||
        !map_control(worker, control))
        return kp_worker_leave(worker, KP_WIRE_STATUS_BROKEN, "a greeting that is none");
    return open_plugin(worker, &hello, &first, &second);
}

/* Says the number of a call back. */
static bool begin_call(struct kp_worker *worker)
{
    KP_AUTO(wire_writer) struct kp_wire_writer begun = {0};

    kp_put_u64(&begun, kp_take_u64(&worker->message.payload));
    return kp_wire_send(&worker->wire, KP_WIRE_BEGUN, &begun, NULL, 0) == KP_WIRE_OK;
}

static bool serve_calls(struct kp_worker *worker)
{
    while (kp_worker_receive(worker)) {
        bool good = false;

        if (worker->message.type == KP_WIRE_BEGIN)
            good = begin_call(worker);
        else if (worker->message.type == KP_WIRE_BYTES)
            good = kp_worker_take_bytes(worker);
        else if (worker->message.type == KP_WIRE_CALL)
            good = kp_worker_run(worker);
        else
            kp_worker_leave(worker, KP_WIRE_STATUS_BROKEN, "something else than a call");
        if (!good)
            break;
    }
    return false;
}

static void clear(struct kp_worker *worker)
{
    kp_worker_drop_all_bytes(worker);
    for (size_t i = 0; i < worker->archs.count; i++)
        kp_arena_free(KP_ITEM(&worker->archs, struct kp_worker_arch, i).arena);
    kp_vector_free(&worker->archs);
    if (worker->control != NULL)
        munmap(worker->control, sizeof(struct kp_wire_control));
    kp_arena_free(worker->arena);
    kp_wire_close(&worker->wire);
}

int kp_worker_serve(const struct kp_worker_options *options)
{
    struct kp_worker worker = {
        .options = options, .arena = kp_arena_new(), .thread = pthread_self()};

    kp_wire_open(&worker.wire, options->socket, MOST_DESCRIPTORS);
    if (worker.arena == NULL) {
        kp_worker_leave(&worker, KP_WIRE_STATUS_BROKEN, "no memory");
    } else if (kp_worker_receive(&worker)) {
        if (worker.message.type != KP_WIRE_HELLO)
            kp_worker_leave(&worker, KP_WIRE_STATUS_BROKEN, "something else than a greeting");
        else if (begin(&worker))
            serve_calls(&worker);
    }
    clear(&worker);
    return worker.status;
}
