/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/live.c - see live.h. The line looks like "[3/9] objcopy 45%, gzip level=9 12%".
 */
#include "cli/live.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "base/text.h"
#include "base/vector.h"
#include "cli/style.h"

#define PAUSE_NANOSECONDS 100000000L
#define NANOSECONDS 1000000000L
/* To the line's begin; erase to its end (ECMA-48, EL). */
#define ERASE "\r\x1b[K"

struct running {
    const struct kp_step *step;
    uint64_t done, total;
};

struct kp_live {
    FILE *terminal;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct kp_vector running; /* of struct running */
    size_t ended, total;
    bool changed;    /* since it was drawn */
    bool drawn;      /* something stands on the line */
    bool stop_shown; /* that the run is being stopped */
    bool stopping;
};

/* Appends escaped text up to a number of columns; counts them in *columns. */
static void add_cut(struct kp_string *line, const char *text, size_t most, size_t *columns)
{
    size_t length = strlen(text);

    while (length > 0) {
        struct kp_string one KP_AUTO(string) = {0};
        size_t wide = 0;
        const size_t taken = kp_text_escape_one(&one, text, length, &wide);

        if (one.failed || *columns + wide > most)
            return;
        kp_string_append(line, one.text, one.length);
        *columns += wide;
        text += taken;
        length -= taken;
    }
}

/* With the lock held. The last column stays free: some terminals wrap there. */
static void draw(struct kp_live *live)
{
    const size_t most = kp_style_width(live->terminal) - 1;
    struct kp_string line KP_AUTO(string) = {0};
    char number[64];
    size_t columns = 0;

    live->stop_shown = kp_run_cancelled();
    snprintf(number, sizeof(number), "%s[%zu/%zu] ", live->stop_shown ? "stopping: " : "",
             live->ended, live->total);
    add_cut(&line, number, most, &columns);
    for (size_t i = 0; i < live->running.count; i++) {
        const struct running *running = &KP_ITEM(&live->running, struct running, i);

        add_cut(&line, i > 0 ? ", " : "", most, &columns);
        add_cut(&line, running->step->label, most, &columns);
        if (running->total > 0) {
            const double part = (double)running->done / (double)running->total;

            snprintf(number, sizeof(number), " %d%%", (int)((part < 1 ? part : 1) * 100));
            add_cut(&line, number, most, &columns);
        }
    }
    live->changed = false;
    if (line.failed || line.text == NULL)
        return;
    fprintf(live->terminal, ERASE "%s", line.text);
    fflush(live->terminal);
    live->drawn = true;
}

static void erase(struct kp_live *live)
{
    if (live->drawn) {
        fputs(ERASE, live->terminal);
        fflush(live->terminal);
    }
    live->drawn = false;
}

static void *draw_loop(void *data)
{
    struct kp_live *live = data;

    pthread_mutex_lock(&live->lock);
    while (!live->stopping) {
        struct timespec until;

        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += PAUSE_NANOSECONDS;
        until.tv_sec += until.tv_nsec / NANOSECONDS;
        until.tv_nsec %= NANOSECONDS;
        while (!live->stopping && pthread_cond_timedwait(&live->wake, &live->lock, &until) == 0)
            continue;
        if (kp_run_cancelled() && !live->stop_shown)
            live->changed = true;
        if (!live->stopping && live->changed && live->running.count > 0)
            draw(live);
    }
    pthread_mutex_unlock(&live->lock);
    return NULL;
}

struct kp_live *kp_live_start(FILE *terminal, size_t total)
{
    struct kp_live *live = calloc(1, sizeof(*live));
    pthread_condattr_t clock;

    if (live == NULL)
        return NULL;
    live->terminal = terminal;
    live->total = total;
    pthread_mutex_init(&live->lock, NULL);
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&live->wake, &clock);
    pthread_condattr_destroy(&clock);
    if (pthread_create(&live->thread, NULL, draw_loop, live) == 0)
        return live;
    pthread_cond_destroy(&live->wake);
    pthread_mutex_destroy(&live->lock);
    free(live);
    return NULL;
}

void kp_live_stop(struct kp_live *live)
{
    if (live == NULL)
        return;
    pthread_mutex_lock(&live->lock);
    live->stopping = true;
    pthread_cond_signal(&live->wake);
    pthread_mutex_unlock(&live->lock);
    pthread_join(live->thread, NULL);
    erase(live);
    pthread_cond_destroy(&live->wake);
    pthread_mutex_destroy(&live->lock);
    kp_vector_free(&live->running);
    free(live);
}

static struct running *find(struct kp_live *live, const struct kp_step *step)
{
    for (size_t i = 0; i < live->running.count; i++) {
        struct running *running = &KP_ITEM(&live->running, struct running, i);

        if (running->step == step)
            return running;
    }
    return NULL;
}

static void forget(struct kp_live *live, struct running *running)
{
    struct running *items = live->running.items;
    const size_t behind = live->running.count - (size_t)(running - items) - 1;

    memmove(running, running + 1, behind * sizeof(*running));
    live->running.count--;
}

/* A stage that there is no memory for is not shown. */
void kp_live_event(struct kp_live *live, const struct kp_event *event)
{
    struct running *running;

    if (live == NULL || event->step == NULL || event->step->stage == NULL)
        return;
    pthread_mutex_lock(&live->lock);
    running = find(live, event->step);
    if (event->type == KP_EVENT_BEGIN && running == NULL) {
        running = KP_PUSH(&live->running, struct running);
        if (running != NULL)
            running->step = event->step;
    } else if (event->type == KP_EVENT_PROGRESS && running != NULL) {
        running->done = event->done;
        running->total = event->total;
    } else if (event->type == KP_EVENT_END) {
        live->ended++;
        if (running != NULL)
            forget(live, running);
    }
    live->changed = true;
    pthread_mutex_unlock(&live->lock);
}

void kp_live_pause(struct kp_live *live)
{
    if (live == NULL)
        return;
    pthread_mutex_lock(&live->lock);
    erase(live);
}

void kp_live_resume(struct kp_live *live)
{
    if (live == NULL)
        return;
    live->changed = true;
    pthread_mutex_unlock(&live->lock);
}
