/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/pool.c - see pool.h.
 *
 * A batch of kp_pool_parallel is worked on by its caller and by helpers, which are
 * ordinary jobs that take indices as long as there are some. A helper that comes
 * too late finds none; the batch is freed with its last user. So a caller never
 * waits for a job that has not begun, and cannot deadlock.
 */
#include "engine/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "engine/jobserver.h"

enum { TOKEN_WAIT_MS = 20 };

struct job {
    kp_job run;
    void *data;
    struct job *next;
};

struct kp_pool {
    pthread_mutex_t lock;
    pthread_cond_t work;  /* a job was added, or the pool ends */
    pthread_cond_t quiet; /* nothing queued or running */
    struct job *first;
    struct job **last;
    unsigned running; /* jobs */
    bool ending;
    bool free_slot_taken; /* the one that needs no token */
    struct kp_jobserver jobserver;
    unsigned thread_count;
    pthread_t threads[];
};

/* Leave to run one job: the process's free slot, or a token. */
struct permit {
    bool has_token;
    char token;
};

/* True if it got one; a token is waited for some time. */
static bool take_permit(struct kp_pool *pool, struct permit *permit)
{
    permit->has_token = false;
    if (pool->jobserver.read_end < 0)
        return true;
    if (!pool->free_slot_taken) {
        pool->free_slot_taken = true;
        return true;
    }
    pthread_mutex_unlock(&pool->lock);
    permit->has_token = kp_jobserver_take(&pool->jobserver, TOKEN_WAIT_MS, &permit->token);
    pthread_mutex_lock(&pool->lock);
    return permit->has_token;
}

static void give_permit(struct kp_pool *pool, const struct permit *permit)
{
    if (pool->jobserver.read_end < 0)
        return;
    if (permit->has_token)
        kp_jobserver_give(&pool->jobserver, permit->token);
    else
        pool->free_slot_taken = false;
}

static struct job *pop(struct kp_pool *pool)
{
    struct job *job = pool->first;

    pool->first = job->next;
    if (pool->first == NULL)
        pool->last = &pool->first;
    return job;
}

static void *work(void *data)
{
    struct kp_pool *pool = data;
    struct permit permit;

    pthread_mutex_lock(&pool->lock);
    for (;;) {
        struct job *job;

        while (pool->first == NULL && !pool->ending)
            pthread_cond_wait(&pool->work, &pool->lock);
        if (pool->first == NULL)
            break;
        /* The job stays in the queue meanwhile: whoever is done first takes it. */
        if (!take_permit(pool, &permit))
            continue;
        if (pool->first == NULL) {
            give_permit(pool, &permit);
            continue;
        }
        job = pop(pool);
        pool->running++;
        pthread_mutex_unlock(&pool->lock);
        job->run(job->data);
        free(job);
        pthread_mutex_lock(&pool->lock);
        give_permit(pool, &permit);
        if (--pool->running == 0 && pool->first == NULL)
            pthread_cond_broadcast(&pool->quiet);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

struct kp_pool *kp_pool_new(unsigned threads, const char *makeflags)
{
    struct kp_pool *pool = calloc(1, sizeof(*pool) + threads * sizeof(pthread_t));

    if (pool == NULL)
        return NULL;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work, NULL);
    pthread_cond_init(&pool->quiet, NULL);
    pool->last = &pool->first;
    kp_jobserver_join(&pool->jobserver, makeflags);
    while (pool->thread_count < threads &&
           pthread_create(&pool->threads[pool->thread_count], NULL, work, pool) == 0)
        pool->thread_count++;
    if (pool->thread_count > 0)
        return pool;
    kp_pool_free(pool);
    return NULL;
}

void kp_pool_free(struct kp_pool *pool)
{
    if (pool == NULL)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->ending = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->thread_count; i++)
        pthread_join(pool->threads[i], NULL);
    kp_jobserver_leave(&pool->jobserver);
    pthread_cond_destroy(&pool->quiet);
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

bool kp_pool_submit(struct kp_pool *pool, kp_job run, void *data)
{
    struct job *job = calloc(1, sizeof(*job));

    if (job == NULL)
        return false;
    job->run = run;
    job->data = data;
    pthread_mutex_lock(&pool->lock);
    *pool->last = job;
    pool->last = &job->next;
    pthread_cond_signal(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    return true;
}

void kp_pool_wait(struct kp_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    while (pool->running > 0 || pool->first != NULL)
        pthread_cond_wait(&pool->quiet, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
}

/* --- kp_pool_parallel --- */

struct batch {
    void (*task)(void *data, uint64_t index);
    void *data;
    uint64_t count;
    atomic_uint_fast64_t next;
    pthread_mutex_t lock;
    pthread_cond_t done;
    uint64_t finished; /* tasks */
    unsigned users;    /* caller and helpers that may still look at this */
};

static void work_on(struct batch *batch)
{
    uint64_t finished = 0;
    uint64_t index;

    while ((index = atomic_fetch_add(&batch->next, 1)) < batch->count) {
        batch->task(batch->data, index);
        finished++;
    }
    pthread_mutex_lock(&batch->lock);
    batch->finished += finished;
    if (batch->finished == batch->count)
        pthread_cond_broadcast(&batch->done);
    pthread_mutex_unlock(&batch->lock);
}

static void leave_batch(struct batch *batch)
{
    bool last;

    pthread_mutex_lock(&batch->lock);
    last = --batch->users == 0;
    pthread_mutex_unlock(&batch->lock);
    if (!last)
        return;
    pthread_cond_destroy(&batch->done);
    pthread_mutex_destroy(&batch->lock);
    free(batch);
}

static void help(void *data)
{
    work_on(data);
    leave_batch(data);
}

bool kp_pool_parallel(struct kp_pool *pool, uint64_t count,
                      void (*task)(void *data, uint64_t index), void *data)
{
    struct batch *batch = calloc(1, sizeof(*batch));
    unsigned helpers = pool->thread_count - 1;

    if (batch == NULL)
        return false;
    batch->task = task;
    batch->data = data;
    batch->count = count;
    batch->users = 1;
    pthread_mutex_init(&batch->lock, NULL);
    pthread_cond_init(&batch->done, NULL);
    if (count < 2)
        helpers = 0;
    else if (helpers > count - 1)
        helpers = (unsigned)(count - 1);
    for (unsigned i = 0; i < helpers; i++) {
        pthread_mutex_lock(&batch->lock);
        batch->users++;
        pthread_mutex_unlock(&batch->lock);
        if (!kp_pool_submit(pool, help, batch)) {
            leave_batch(batch);
            break;
        }
    }
    work_on(batch);
    pthread_mutex_lock(&batch->lock);
    while (batch->finished < batch->count)
        pthread_cond_wait(&batch->done, &batch->lock);
    pthread_mutex_unlock(&batch->lock);
    leave_batch(batch);
    return true;
}
