/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/worker_start.c - starts a worker: the process, what it is told first, and what it answers
 * after it has opened the plugin. Whatever it says is not believed here but read.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#include "base/auto.h"
#include "base/range.h"
#include "base/text.h"
#include "plugin/registry_private.h"
#include "plugin/worker.h"
#include "wire/plugin.h"

/* How long a plugin may take to be opened. */
#define OPEN_SECONDS 10
/* Bytes of a reason that are shown, at most. */
#define MOST_REASON 1024u
/* After it hung up: until its end is known. */
#define END_MILLISECONDS 1000u

static struct kp_worker *refuse(struct kp_worker_failure *failure, const char *why)
{
    failure->no_memory = why == NULL;
    failure->why = why == NULL ? "out of memory" : why;
    return NULL;
}

/* What is not worth a phrase of its own. */
static struct kp_worker *refuse_errno(struct kp_worker_failure *failure, struct kp_arena *arena,
                                      const char *what, int error)
{
    return refuse(failure, error == ENOMEM ? NULL
                                           : kp_arena_printf(arena,
                                                             "its worker cannot be started: "
                                                             "%s: %s",
                                                             what, strerror(error)));
}

/* A page that both have; its size cannot change, so that looking at it cannot fail. */
static struct kp_wire_control *new_control(int *descriptor)
{
    const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    void *page;

    *descriptor = memfd_create("kpipe-control", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (*descriptor < 0)
        return NULL;
    if (ftruncate(*descriptor, sizeof(struct kp_wire_control)) != 0 ||
        fcntl(*descriptor, F_ADD_SEALS, seals) != 0)
        return NULL;
    page = mmap(NULL, sizeof(struct kp_wire_control), PROT_READ | PROT_WRITE, MAP_SHARED,
                *descriptor, 0);
    return page == MAP_FAILED ? NULL : page;
}

/* The plugin's file, if it is still the one that was looked at. */
static int open_same(const struct kp_entry *entry)
{
    const int file = open(entry->file.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct kp_file_identity now;
    struct stat status;

    if (file < 0)
        return -1;
    if (fstat(file, &status) == 0) {
        now = kp_file_identity_of(&status);
        if (kp_file_identity_equal(&now, &entry->identity))
            return file;
        errno = ESTALE;
    }
    close(file);
    return -1;
}

static void put_filter(struct kp_wire_writer *to, struct kp_confinement *confinement, bool first)
{
    unsigned short length = 0;
    const struct sock_filter *filter =
        confinement == NULL ? NULL : kp_confinement_filter(confinement, first, &length);

    kp_put_bytes(to, filter, filter == NULL ? 0 : length * sizeof(*filter));
}

static enum kp_wire_result say_hello(struct kp_worker *worker, struct kp_confinement *confinement,
                                     const struct kp_entry *entry, const int descriptors[2])
{
    KP_AUTO(wire_writer) struct kp_wire_writer hello = {0};
    const struct kp_file_identity *identity = &entry->identity;

    kp_put_u8(&hello, worker->confined.private_view ? KP_WIRE_OPEN_PATH : KP_WIRE_OPEN_DESCRIPTOR);
    kp_put_text(&hello, KP_WIRE_VERSION);
    kp_put_text(&hello, entry->file.path);
    kp_put_u64(&hello, identity->device);
    kp_put_u64(&hello, identity->inode);
    kp_put_u64(&hello, identity->size);
    kp_put_u64(&hello, (uint64_t)identity->seconds);
    kp_put_u64(&hello, (uint64_t)identity->nanoseconds);
    put_filter(&hello, confinement, true);
    put_filter(&hello, confinement, false);
    return kp_wire_send(&worker->wire, KP_WIRE_HELLO, &hello, descriptors, 2);
}

/* --- what it answers --- */

static time_t seconds_now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec;
}

static bool took_too_long(void *data)
{
    return seconds_now() > *(const time_t *)data;
}

/* Its reason, as a text that may be shown. NULL when memory runs out. */
static const char *read_reason(struct kp_wire_reader *from, struct kp_arena *arena)
{
    KP_AUTO(string) struct kp_string text = {0};
    const char *why = kp_take_text(from);

    (void)kp_take_u8(from); /* they are ld.so's words, or not */
    if (why == NULL || !kp_take_end(from))
        return "its worker broke the protocol: a reason that cannot be read";
    kp_string_add(&text, "");
    kp_text_escape(&text, why, strnlen(why, MOST_REASON));
    return text.failed ? NULL : kp_arena_strdup(arena, text.text);
}

/* Why there was no answer. */
static const char *no_answer(struct kp_worker *worker, enum kp_wire_result result,
                             struct kp_arena *arena, struct kp_confined_end *end)
{
    const struct kp_plugin_file *plugin = worker->plugin;
    const char *broken = worker->wire.why;
    const int error = errno;
    const uint32_t seconds = worker->opening;
    struct kp_worker_death death;
    const char *text;

    kp_worker_discard(worker, result == KP_WIRE_ENDED ? END_MILLISECONDS : 0, end);
    switch (result) {
    case KP_WIRE_STOPPED:
        return kp_arena_printf(
            arena, "its constructor or entry: did not return within %" PRIu32 " s", seconds);
    case KP_WIRE_BROKEN:
        return kp_arena_printf(arena, "its worker broke the protocol: %s", broken);
    case KP_WIRE_FAILED:
        return error == ENOMEM
                   ? NULL
                   : kp_arena_printf(arena, "its worker cannot be reached: %s", strerror(error));
    default:
        kp_worker_death_of(end, plugin, arena, &death);
        text = kp_worker_death_text(&death, arena);
        if (text == NULL || death.fate == KP_WORKER_UNBORN)
            return text;
        return kp_arena_printf(arena, "its constructor or entry: %s%s%s", text,
                               death.said == NULL ? "" : ": ",
                               death.said == NULL ? "" : death.said);
    }
}

/* Reads what the plugin says of itself; false with a reason. */
static bool hear(struct kp_message *message, struct kp_arena *arena,
                 const struct kp_plugin **descriptor, struct kp_worker_failure *failure)
{
    if (message->type == KP_WIRE_REFUSED) {
        refuse(failure, read_reason(&message->payload, arena));
        return false;
    }
    if (message->type != KP_WIRE_DESCRIBED) {
        refuse(failure, "its worker broke the protocol: no descriptor");
        return false;
    }
    if (descriptor == NULL)
        return true;
    *descriptor = kp_wire_take_plugin(&message->payload, arena);
    if (*descriptor != NULL && kp_take_end(&message->payload))
        return true;
    refuse(failure, message->payload.bad || *descriptor != NULL
                        ? "its worker broke the protocol: a descriptor that cannot be read"
                        : NULL);
    return false;
}

static struct kp_worker *greet(struct kp_worker *worker, struct kp_confinement *confinement,
                               const int descriptors[2], struct kp_arena *arena,
                               const struct kp_plugin **descriptor,
                               struct kp_worker_failure *failure)
{
    const struct kp_entry *entry = (const struct kp_entry *)(const void *)worker->plugin;
    time_t deadline = seconds_now() + worker->opening;
    struct kp_confined_end end;
    struct kp_message message;
    enum kp_wire_result result;

    worker->wire.stop = took_too_long;
    worker->wire.data = &deadline;
    result = say_hello(worker, confinement, entry, descriptors);
    if (result == KP_WIRE_OK || result == KP_WIRE_ENDED)
        result = kp_wire_receive(&worker->wire, &message);
    if (result != KP_WIRE_OK)
        return refuse(failure, no_answer(worker, result, arena, &end));
    worker->wire.stop = NULL;
    if (hear(&message, arena, descriptor, failure))
        return worker;
    kp_worker_discard(worker, 0, NULL);
    return NULL;
}

/* --- the process --- */

static struct kp_worker *new_worker(const struct kp_workers *workers,
                                    const struct kp_plugin_file *plugin, int *control)
{
    const struct kp_limits limits = kp_workers_limits(workers);
    struct kp_worker *worker = calloc(1, sizeof(*worker));

    if (worker == NULL)
        return NULL;
    worker->plugin = plugin;
    /* The other half is for libraries that start their own. */
    worker->threads = (limits.threads + 1) / 2;
    worker->opening = kp_workers_in_process(workers)  ? UINT32_MAX
                      : limits.seconds < OPEN_SECONDS ? limits.seconds
                                                      : OPEN_SECONDS;
    worker->control = new_control(control);
    if (worker->control != NULL)
        return worker;
    free(worker);
    return NULL;
}

/* Starts what serves the socket, which is no longer the caller's if that is a thread of this
 * process. False with errno, and a phrase. */
static bool start(struct kp_workers *workers, struct kp_confinement *confinement, int file,
                  int *socket, struct kp_worker *worker, const char **what)
{
    const struct kp_confined_request request = {.socket = *socket,
                                                .plugin = worker->plugin->path,
                                                .descriptor = file,
                                                .limits = kp_workers_limits(workers)};

    if (!kp_workers_in_process(workers))
        return kp_confined_start(confinement, &request, &worker->confined, what);
    *what = "a thread";
    if (!kp_worker_start_thread(workers, worker, *socket))
        return false;
    *socket = -1;
    return true;
}

/* Why there can be no worker at all; NULL: there can. */
static const char *why_none(const struct kp_workers *workers, struct kp_arena *arena)
{
    const char *program = kp_workers_program(workers);

    if (kp_workers_in_process(workers) || (program != NULL && access(program, X_OK) == 0))
        return NULL;
    return kp_arena_printf(arena,
                           "it runs in a worker, and there is no program %s: install it, or let "
                           "plugins run in kpipe itself: --isolation none",
                           program == NULL ? "kpipe-worker" : program);
}

struct kp_worker *kp_worker_start(struct kp_workers *workers, const struct kp_plugin_file *plugin,
                                  struct kp_arena *arena, const struct kp_plugin **descriptor,
                                  struct kp_worker_failure *failure)
{
    const struct kp_entry *entry = (const struct kp_entry *)(const void *)plugin;
    const char *what = why_none(workers, arena);
    struct kp_confinement *confinement = NULL;
    int control KP_AUTO(close) = -1;
    int file KP_AUTO(close) = -1;
    int theirs KP_AUTO(close) = -1;
    struct kp_worker *worker;
    int pair[2];

    *failure = (struct kp_worker_failure){0};
    if (what != NULL)
        return refuse(failure, what);
    if (!kp_workers_in_process(workers)) {
        confinement = kp_workers_confinement(workers);
        if (confinement == NULL)
            return refuse(failure, NULL);
    }
    file = open_same(entry);
    if (file < 0)
        return errno == ESTALE ? refuse(failure, "changed since its note was read")
                               : refuse_errno(failure, arena, "its file", errno);
    worker = new_worker(workers, plugin, &control);
    if (worker == NULL)
        return refuse_errno(failure, arena, "shared memory", errno);
    what = "a socket";
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0) {
        theirs = pair[1];
        kp_wire_open(&worker->wire, pair[0], 0);
        if (start(workers, confinement, file, &theirs, worker, &what)) {
            const int descriptors[2] = {file, control};

            if (theirs >= 0) /* so that its end is seen */
                close(theirs);
            theirs = -1;
            return greet(worker, confinement, descriptors, arena, descriptor, failure);
        }
        refuse_errno(failure, arena, what, errno);
        kp_wire_close(&worker->wire);
    } else {
        refuse_errno(failure, arena, what, errno);
    }
    munmap(worker->control, sizeof(*worker->control));
    free(worker);
    return NULL;
}
