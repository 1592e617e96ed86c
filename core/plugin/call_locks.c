/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/call_locks.c - the locks by which a call keeps what its operation's threading model
 * asks for.
 */
#include <stdlib.h>

#include "base/auto.h"
#include "plugin/call_private.h"

/* The lock that an operation's threading model asks for, or NULL. */
static pthread_mutex_t *lock_of(const struct kp_stage *stage)
{
    if (stage->operation.threading == KP_THREADS_ANY)
        return NULL;
    return stage->operation.threading == KP_THREADS_PLUGIN
               ? &stage->plugin->lock
               : (pthread_mutex_t *)(uintptr_t)&stage->lock;
}

static bool add_lock(struct kp_vector *locks, const struct kp_stage *stage)
{
    pthread_mutex_t *lock = lock_of(stage);
    pthread_mutex_t **slot;

    if (lock == NULL)
        return true;
    slot = KP_PUSH(locks, pthread_mutex_t *);
    if (slot != NULL)
        *slot = lock;
    return slot != NULL;
}

/* Those of the stages in the parameters, which the plugin may run within its call. */
static bool add_inner_locks(struct kp_vector *locks, const struct kp_value *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct kp_stage_value *inner = values[i].stage;

        if (!add_inner_locks(locks, values[i].items, values[i].items == NULL ? 0 : values[i].count))
            return false;
        if (inner != NULL && (!add_lock(locks, inner->stage) ||
                              !add_inner_locks(locks, inner->values, inner->count)))
            return false;
    }
    return true;
}

static int compare_locks(const void *left, const void *right)
{
    const uintptr_t a = (uintptr_t) * (pthread_mutex_t *const *)left;
    const uintptr_t b = (uintptr_t) * (pthread_mutex_t *const *)right;

    return (a > b) - (a < b);
}

/* Takes all locks of a call and of the calls within it at once, in the order of their
 * addresses: taken one by one, two stages that run each other could wait for ever. */
bool kp_call_take_locks(const struct kp_call_state *state, struct kp_vector *locks)
{
    const struct kp_call_request *request = state->request;
    pthread_mutex_t *last = NULL;
    size_t count = 0;

    /* Those of stages in the parameters are held already. */
    if (state->outer != NULL && request->end == NULL)
        return true;
    if (!add_lock(locks, request->stage) ||
        !add_inner_locks(locks, request->values, request->value_count))
        return kp_out_of_memory(state->context->diags);
    if (locks->count > 1)
        qsort(locks->items, locks->count, sizeof(pthread_mutex_t *), compare_locks);
    for (size_t i = 0; i < locks->count; i++) {
        pthread_mutex_t *lock = KP_ITEM(locks, pthread_mutex_t *, i);

        if (lock == last)
            continue;
        last = lock;
        pthread_mutex_lock(lock);
        KP_ITEM(locks, pthread_mutex_t *, count++) = lock;
    }
    locks->count = count;
    return true;
}

bool kp_call_may_overlap(const struct kp_stage_value *stage)
{
    KP_AUTO(vector) struct kp_vector locks = {0};

    return add_lock(&locks, stage->stage) && add_inner_locks(&locks, stage->values, stage->count) &&
           locks.count == 0;
}

void kp_call_drop_locks(const struct kp_vector *locks)
{
    for (size_t i = 0; i < locks->count; i++)
        pthread_mutex_unlock(KP_ITEM(locks, pthread_mutex_t *, i));
}
