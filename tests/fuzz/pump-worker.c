/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/fuzz/pump-worker.c - see pump-worker.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "plugin/worker.h"
#include "pump-worker.h"

enum { MOST_WORKERS = 8, MOST_KEPT = 64, MOST_GRANT = 1 << 20 };

struct kept {
    void *memory;
    size_t size;
};

static struct fuzz_script *script;
static unsigned workers;
static struct kept kept[MOST_KEPT];
static size_t kept_count;
static uint32_t last_type;

/* What the linker puts in the place of the functions without __wrap_. */
struct kp_worker *__wrap_kp_worker_take(struct kp_workers *of, const struct kp_plugin_file *plugin,
                                        struct kp_arena *arena, struct kp_worker_failure *failure);
void __wrap_kp_worker_give_back(struct kp_workers *of, struct kp_worker *worker);
void __wrap_kp_worker_discard(struct kp_worker *worker, unsigned wait, struct kp_confined_end *end);
enum kp_wire_result __wrap_kp_wire_send(struct kp_wire *wire, uint32_t type,
                                        const struct kp_wire_writer *payload,
                                        const int *descriptors, size_t descriptor_count);
enum kp_wire_result __wrap_kp_wire_receive(struct kp_wire *wire, struct kp_message *message);

void pump_begin(struct fuzz_script *of)
{
    script = of;
    workers = 0;
    last_type = 0;
}

void pump_end(void)
{
    FUZZ_CHECK(workers == 0);
    while (kept_count > 0) {
        kept_count--;
        munmap(kept[kept_count].memory, kept[kept_count].size);
    }
}

/* --- the worker's life --- */

struct kp_worker *__wrap_kp_worker_take(struct kp_workers *of, const struct kp_plugin_file *plugin,
                                        struct kp_arena *arena, struct kp_worker_failure *failure)
{
    struct kp_worker *worker = calloc(1, sizeof(*worker));

    (void)of;
    (void)arena;
    FUZZ_CHECK(worker != NULL);
    *failure = (struct kp_worker_failure){.why = "there are too many"};
    worker->control = calloc(1, sizeof(*worker->control));
    FUZZ_CHECK(worker->control != NULL);
    worker->plugin = plugin;
    worker->threads = 2;
    if (workers < MOST_WORKERS) {
        workers++;
        return worker;
    }
    free(worker->control);
    free(worker);
    return NULL;
}

static void drop(struct kp_worker *worker)
{
    FUZZ_CHECK(workers > 0);
    workers--;
    free(worker->wire.buffer);
    free(worker->control);
    free(worker);
}

void __wrap_kp_worker_give_back(struct kp_workers *of, struct kp_worker *worker)
{
    (void)of;
    drop(worker);
}

/* It ended in whatever way, with whatever words. */
void __wrap_kp_worker_discard(struct kp_worker *worker, unsigned wait, struct kp_confined_end *end)
{
    const uint8_t how = fuzz_byte(script);
    const uint8_t *said = fuzz_bytes(script, KP_CONFINED_SAID, &end->said_length);

    (void)wait;
    memcpy(end->said, said, end->said_length);
    end->known = (how & 1) == 0;
    end->forced = (how & 2) != 0;
    end->left_behind = (how & 4) != 0;
    end->status = how >> 3;
    end->step = how == 255 ? "its name space" : NULL;
    end->error = EPERM;
    drop(worker);
}

/* --- what is said --- */

static void keep_mapped(int descriptor, int protection)
{
    void *memory = mmap(NULL, 4096, protection, MAP_SHARED, descriptor, 0);

    if (memory == MAP_FAILED)
        return;
    if (kept_count == MOST_KEPT)
        munmap(memory, 4096);
    else
        kept[kept_count++] = (struct kept){memory, 4096};
}

static void use_grant(int descriptor)
{
    const unsigned how = fuzz_byte(script);
    const off_t size = lseek(descriptor, 0, SEEK_END);

    FUZZ_CHECK(size >= 0);
    if ((how & FUZZ_GRANT_WRITE) != 0 && size > 0)
        FUZZ_CHECK(pwrite(descriptor, "x", 1, size - 1) == 1);
    if ((how & FUZZ_GRANT_CUT) != 0)
        (void)!ftruncate(descriptor, size / 2);
    if ((how & FUZZ_GRANT_GROW) != 0)
        (void)!ftruncate(descriptor, size + MOST_GRANT);
    if ((how & FUZZ_GRANT_SEAL) != 0)
        fcntl(descriptor, F_ADD_SEALS, F_SEAL_SEAL);
    if ((how & FUZZ_GRANT_KEEP) != 0)
        keep_mapped(descriptor, PROT_READ | PROT_WRITE);
    if ((how & FUZZ_GRANT_WATCH) != 0)
        keep_mapped(descriptor, PROT_READ);
}

enum kp_wire_result __wrap_kp_wire_send(struct kp_wire *wire, uint32_t type,
                                        const struct kp_wire_writer *payload,
                                        const int *descriptors, size_t descriptor_count)
{
    (void)wire;
    FUZZ_CHECK(descriptor_count <= 1);
    if (descriptor_count == 1)
        FUZZ_CHECK(fcntl(descriptors[0], F_GETFD) >= 0);
    if (payload != NULL && (payload->failed || payload->size > KP_WIRE_MOST)) {
        errno = payload->failed ? ENOMEM : EMSGSIZE;
        return KP_WIRE_FAILED;
    }
    if (type == KP_WIRE_ANSWER && last_type == KP_WIRE_GRANT && descriptor_count == 1)
        use_grant(descriptors[0]);
    return KP_WIRE_OK;
}

enum kp_wire_result __wrap_kp_wire_receive(struct kp_wire *wire, struct kp_message *message)
{
    const uint8_t *payload;
    size_t low, length, size;

    free(wire->buffer);
    wire->buffer = NULL;
    *message = (struct kp_message){0};
    if (script->size == 0)
        return KP_WIRE_ENDED;
    last_type = message->type = fuzz_byte(script);
    low = fuzz_byte(script);
    length = low | (size_t)fuzz_byte(script) << 8;
    payload = fuzz_bytes(script, length, &size);
    if (message->type == UINT8_MAX) {
        wire->why = "a packet without a head";
        return KP_WIRE_BROKEN;
    }
    wire->buffer = fuzz_copy(payload, size);
    message->payload = (struct kp_wire_reader){.bytes = wire->buffer, .size = size};
    return KP_WIRE_OK;
}
