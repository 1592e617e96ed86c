/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/pool.h - the one thread pool of a run. Jobs are independent; a job may spread
 * its own work over idle threads by kp_pool_parallel. When GNU make offers its
 * jobserver, every thread but the first works only while it holds a token.
 */
#ifndef KP_ENGINE_POOL_H
#define KP_ENGINE_POOL_H

#include <stdbool.h>
#include <stdint.h>

struct kp_pool;

typedef void (*kp_job)(void *data);

/* `threads` is at least 1. `makeflags` may be NULL. NULL when memory or threads run
 * out (it makes do with fewer threads than asked for if it gets at least one). */
struct kp_pool *kp_pool_new(unsigned threads, const char *makeflags);
/* Waits for all jobs, then ends the threads. */
void kp_pool_free(struct kp_pool *pool);
/* Adds a job; false when memory runs out. Thread-safe, also from within jobs. */
bool kp_pool_submit(struct kp_pool *pool, kp_job job, void *data);
/* Waits until no job is queued or running. */
void kp_pool_wait(struct kp_pool *pool);
/* Runs task(data, 0..count-1) on the calling thread, and on others that are idle;
 * returns when all are done. */
bool kp_pool_parallel(struct kp_pool *pool, uint64_t count,
                      void (*task)(void *data, uint64_t index), void *data);

#endif
