/* SPDX-License-Identifier: BSD-3-Clause
 *
 * worker/worker.h - the side of wire/message.h that runs a plugin: opens one, tells what it
 * offers, and serves one call after the other until the socket ends.
 *
 * The program kpipe-worker is little more than this (main.c). Nothing here changes the process:
 * what does (filters of system calls, signal handlers, the end) is its caller's, so that it
 * runs on a thread of any program as well.
 *
 * For the other side:
 *   - What is in a message is in message.h. A worker that is idle waits in recvmsg and poll.
 *   - kpipe-worker ends with status 0 when kpipe closes the socket, whatever the plugin is
 *     doing as soon as it asks for something; with KP_WIRE_STATUS_BROKEN if it cannot go on.
 *     Any other end, and status 0 without a closed socket, is the plugin's doing.
 *   - A crash leaves a last line on descriptor 2: crash.h.
 */
#ifndef KP_WORKER_WORKER_H
#define KP_WORKER_WORKER_H

#include <stdbool.h>
#include <stddef.h>

struct kp_worker_options {
    int socket; /* taken over */
    /* What concerns the whole process; each may be NULL. */
    /* Installs a filter (struct sock_filter[], `size` in bytes, never empty); false and errno. */
    bool (*shut_in)(const void *filter, size_t size);
    /* The plugin was opened; its code stands around that address. */
    void (*opened)(const void *code);
    /* A thread begins, and ends: at both ends of each one that runs tasks. */
    void *(*thread_begins)(void);
    void (*thread_ends)(void *begun);
    /* kpipe is gone, and the plugin runs: does not return. NULL: all that the plugin asks for
     * fails from then on. */
    void (*left)(int status);
};

/* Serves until the socket ends; returns the status with which a process should. */
int kp_worker_serve(const struct kp_worker_options *options);

#endif
