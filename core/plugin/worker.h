/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/worker.h - the worker processes of a registry: started when a plugin is to run outside
 * of this process, kept for the next call, ended.
 *
 * A worker holds one plugin and serves one call at a time; calls that overlap, and calls within
 * calls, have a worker each. What is said in a call is remote.c's; how a process is shut
 * in is sandbox/confine.h's. Functions that take the workers may be used by several
 * threads at once; a worker that was taken belongs to who took it.
 */
#ifndef KP_PLUGIN_WORKER_H
#define KP_PLUGIN_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "plugin/registry.h"
#include "sandbox/confine.h"
#include "wire/message.h"
#include "wire/wire.h"

struct kp_workers;

struct kp_worker {
    struct kp_wire wire;
    struct kp_confined confined;
    struct kp_wire_control *control;
    const struct kp_plugin_file *plugin;
    uint32_t threads; /* that may run tasks at a time */
    uint32_t opening; /* seconds that it has for opening the plugin */
    uint64_t given;   /* bytes of memory that it had in all its calls, and may hold on to */
    struct kp_worker *next;
    /* If it runs on a thread of this process: */
    int (*serve)(int socket);
    int theirs;
    pthread_t thread;
};

/* Starts nothing. NULL when memory runs out. */
struct kp_workers *kp_workers_new(const struct kp_registry_options *options);
/* Ends all workers; none is taken any more. NULL is ignored. */
void kp_workers_free(struct kp_workers *workers);
/* Those of a registry; what each of them may use, where 0 stands for nothing. */
struct kp_workers *kp_registry_workers(struct kp_registry *registry);
struct kp_limits kp_workers_limits(const struct kp_workers *workers);
/* Whether they are threads of this process, without limits: kp_registry_options.serve. */
bool kp_workers_in_process(const struct kp_workers *workers);
/* The program, or NULL; and what this machine can enforce, tried out when first asked. NULL when
 * memory runs out. */
const char *kp_workers_program(const struct kp_workers *workers);
struct kp_confinement *kp_workers_confinement(struct kp_workers *workers);

/* What went wrong with a worker that could not be had. */
struct kp_worker_failure {
    bool no_memory;
    const char *why; /* a phrase in the arena of kp_worker_start */
};

/* worker_start.c: starts a worker, which opens the plugin. *descriptor (may be NULL) gets what the plugin
 * says of itself, unchecked, in the arena. */
struct kp_worker *kp_worker_start(struct kp_workers *workers, const struct kp_plugin_file *plugin,
                                  struct kp_arena *arena, const struct kp_plugin **descriptor,
                                  struct kp_worker_failure *failure);
/* Has a thread serve the socket, which it takes over. False and errno. */
bool kp_worker_start_thread(const struct kp_workers *workers, struct kp_worker *worker, int socket);
/* An idle worker of that plugin, else a new one. */
struct kp_worker *kp_worker_take(struct kp_workers *workers, const struct kp_plugin_file *plugin,
                                 struct kp_arena *arena, struct kp_worker_failure *failure);
/* Keeps it for the next call, unless it may hold on to more than its limit of memory. */
void kp_worker_give_back(struct kp_workers *workers, struct kp_worker *worker);
/* Ends it; *end (may be NULL) tells how it ended. It is given `wait` milliseconds to end by
 * itself. */
void kp_worker_discard(struct kp_worker *worker, unsigned wait, struct kp_confined_end *end);

/* --- worker_end.c: how a worker ended, in words --- */

enum kp_worker_fate {
    KP_WORKER_SIGNAL, /* `number` */
    KP_WORKER_EXIT,   /* `number` is the status */
    KP_WORKER_CLOSED, /* it hung up, or killed who watches it: it may run on, or did */
    KP_WORKER_UNBORN, /* it could not be set up: `step`, and `number` is the errno */
};
struct kp_worker_death {
    enum kp_worker_fate fate;
    int number;
    const char *step;
    const char *object; /* the file in which it happened, without folders */
    char where[24];     /* "+0x1f2a", or "" */
    const char *reason; /* of the worker itself, escaped; NULL: none */
    const char *said;   /* the other last words, escaped; NULL: none */
};
/* Texts live in the arena. */
void kp_worker_death_of(const struct kp_confined_end *end, const struct kp_plugin_file *plugin,
                        struct kp_arena *arena, struct kp_worker_death *death);
/* "killed by SIGSEGV at libfoo.so+0x1234"; NULL when memory runs out. */
const char *kp_worker_death_text(const struct kp_worker_death *death, struct kp_arena *arena);
/* The name of a signal without SIG: "SEGV". */
const char *kp_worker_signal(int number);

#endif
