/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/worker.c - see worker.h: which workers are idle. Starting one is worker_start.c's.
 */
#include "plugin/worker.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>

/* Idle workers that are kept, of one plugin. */
#define MOST_IDLE 8u

struct kp_workers {
    pthread_mutex_t lock;
    struct kp_worker *idle; /* the latest first */
    struct kp_confinement *confinement;
    const char *program;
    struct kp_limits limits;
    unsigned without;
    int (*serve)(int socket);
};

struct kp_workers *kp_workers_new(const struct kp_registry_options *options)
{
    struct kp_workers *workers = calloc(1, sizeof(*workers));
    const struct kp_limits *limits = &options->limits;

    if (workers == NULL)
        return NULL;
    pthread_mutex_init(&workers->lock, NULL);
    workers->program = options->worker;
    workers->without = options->without;
    workers->serve = options->serve;
    workers->limits = (struct kp_limits){
        .memory = limits->memory == 0 ? KP_LIMIT_MEMORY : limits->memory,
        .seconds = limits->seconds == 0 ? KP_LIMIT_SECONDS : limits->seconds,
        .threads = limits->threads == 0 ? KP_LIMIT_THREADS : limits->threads,
    };
    return workers;
}

void kp_workers_free(struct kp_workers *workers)
{
    if (workers == NULL)
        return;
    while (workers->idle != NULL) {
        struct kp_worker *worker = workers->idle;

        workers->idle = worker->next;
        kp_worker_discard(worker, 0, NULL);
    }
    kp_confinement_free(workers->confinement);
    pthread_mutex_destroy(&workers->lock);
    free(workers);
}

bool kp_workers_in_process(const struct kp_workers *workers)
{
    return workers->serve != NULL;
}

struct kp_limits kp_workers_limits(const struct kp_workers *workers)
{
    return workers->limits;
}

const char *kp_workers_program(const struct kp_workers *workers)
{
    return workers->program;
}

struct kp_confinement *kp_workers_confinement(struct kp_workers *workers)
{
    struct kp_confinement *confinement;

    pthread_mutex_lock(&workers->lock);
    if (workers->confinement == NULL)
        workers->confinement = kp_confinement_new(&(struct kp_confinement_options){
            .program = workers->program, .without = workers->without});
    confinement = workers->confinement;
    pthread_mutex_unlock(&workers->lock);
    return confinement;
}

static struct kp_worker *take_idle(struct kp_workers *workers, const struct kp_plugin_file *plugin)
{
    struct kp_worker **link = &workers->idle;
    struct kp_worker *worker;

    pthread_mutex_lock(&workers->lock);
    while (*link != NULL && (*link)->plugin != plugin)
        link = &(*link)->next;
    worker = *link;
    if (worker != NULL)
        *link = worker->next;
    pthread_mutex_unlock(&workers->lock);
    return worker;
}

/* One that has something to say between two calls, or hung up, is of no use. */
static bool is_quiet(const struct kp_worker *worker)
{
    struct pollfd socket = {worker->wire.socket, POLLIN, 0};

    return poll(&socket, 1, 0) == 0;
}

struct kp_worker *kp_worker_take(struct kp_workers *workers, const struct kp_plugin_file *plugin,
                                 struct kp_arena *arena, struct kp_worker_failure *failure)
{
    struct kp_worker *worker;

    while ((worker = take_idle(workers, plugin)) != NULL) {
        if (is_quiet(worker))
            return worker;
        kp_worker_discard(worker, 0, NULL);
    }
    return kp_worker_start(workers, plugin, arena, NULL, failure);
}

void kp_worker_give_back(struct kp_workers *workers, struct kp_worker *worker)
{
    const bool spent = workers->serve == NULL && worker->given > workers->limits.memory;
    unsigned others = 0;

    worker->wire.stop = NULL;
    worker->wire.data = NULL;
    pthread_mutex_lock(&workers->lock);
    for (const struct kp_worker *idle = workers->idle; idle != NULL; idle = idle->next)
        others += idle->plugin == worker->plugin ? 1 : 0;
    if (others < MOST_IDLE && !spent) {
        worker->next = workers->idle;
        workers->idle = worker;
        worker = NULL;
    }
    pthread_mutex_unlock(&workers->lock);
    if (worker != NULL)
        kp_worker_discard(worker, 0, NULL);
}

/* --- on a thread --- */

static void *serve(void *data)
{
    const struct kp_worker *worker = data;

    worker->serve(worker->theirs);
    return NULL;
}

bool kp_worker_start_thread(const struct kp_workers *workers, struct kp_worker *worker, int socket)
{
    worker->serve = workers->serve;
    worker->theirs = socket;
    worker->confined.private_view = true; /* its path is what it seems */
    errno = pthread_create(&worker->thread, NULL, serve, worker);
    return errno == 0;
}

/* It ends when its socket does, as soon as the plugin asks for something or returns. */
static void end_thread(struct kp_worker *worker, struct kp_confined_end *end)
{
    kp_wire_close(&worker->wire);
    pthread_join(worker->thread, NULL);
    *end = (struct kp_confined_end){0};
}

void kp_worker_discard(struct kp_worker *worker, unsigned wait, struct kp_confined_end *end)
{
    struct kp_confined_end unwanted;

    end = end != NULL ? end : &unwanted;
    if (worker->serve != NULL) {
        end_thread(worker, end);
    } else {
        kp_confined_stop(&worker->confined, wait, end);
        kp_wire_close(&worker->wire);
    }
    if (worker->control != NULL)
        munmap(worker->control, sizeof(*worker->control));
    free(worker);
}
