/* SPDX-License-Identifier: BSD-3-Clause
 *
 * worker/shut.h - a worker shuts itself in, with a filter that kpipe made (sandbox/confine.h).
 */
#ifndef KP_WORKER_SHUT_H
#define KP_WORKER_SHUT_H

#include <stdbool.h>
#include <stddef.h>

/* Installs a filter of system calls (struct sock_filter[]) for this process, for ever. `size`
 * is in bytes. False and errno. */
bool kp_worker_shut_in(const void *filter, size_t size);

#endif
