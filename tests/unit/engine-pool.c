/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of engine/pool.h and engine/jobserver.h: every job runs once, none waits for ever,
 * and with GNU make's jobserver no more run than there are tokens, all of which come back.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <time.h>

#include "engine-shared.h"
#include "engine/jobserver.h"
#include "engine/pool.h"

static const unsigned thread_counts[] = {1, 2, 8};

static atomic_uint ran, running, most_running;

/* --- jobs --- */

static void enter(void)
{
    const unsigned now = atomic_fetch_add(&running, 1) + 1;
    unsigned most = atomic_load(&most_running);

    while (now > most && !atomic_compare_exchange_weak(&most_running, &most, now))
        ;
}

static void leave(void)
{
    atomic_fetch_sub(&running, 1);
    atomic_fetch_add(&ran, 1);
}

static void short_job(void *data)
{
    (void)data;
    enter();
    nanosleep(&(struct timespec){0, 2000000}, NULL);
    leave();
}

/* A job that begets two others, down to a depth. */
struct family {
    struct kp_pool *pool;
    unsigned depth;
};

static void breed(void *data)
{
    struct family *family = data;

    atomic_fetch_add(&ran, 1);
    for (int i = 0; i < 2 && family->depth > 0; i++) {
        struct family *child = malloc(sizeof(*child));

        *child = (struct family){family->pool, family->depth - 1};
        ck_assert(kp_pool_submit(family->pool, breed, child));
    }
    free(family);
}

/* A job that spreads its work, each piece of which does so again. */
enum { OUTER = 20, INNER = 50 };

struct spread {
    struct kp_pool *pool;
    unsigned char seen[OUTER][INNER];
};

struct row {
    struct spread *spread;
    uint64_t index;
};

static void mark(void *data, uint64_t index)
{
    const struct row *row = data;

    row->spread->seen[row->index][index]++;
}

static void mark_row(void *data, uint64_t index)
{
    struct spread *spread = data;
    struct row row = {spread, index};

    ck_assert(kp_pool_parallel(spread->pool, INNER, mark, &row));
}

static void spread_job(void *data)
{
    struct spread *spread = data;

    ck_assert(kp_pool_parallel(spread->pool, OUTER, mark_row, spread));
    atomic_fetch_add(&ran, 1);
}

static void expect_all_marked(const struct spread *spread)
{
    for (unsigned i = 0; i < OUTER; i++)
        for (unsigned j = 0; j < INNER; j++)
            ck_assert_uint_eq(spread->seen[i][j], 1);
}

/* --- tests --- */

START_TEST(every_job_runs_once)
{
    struct kp_pool *pool = kp_pool_new(thread_counts[_i], NULL);
    struct family *first = malloc(sizeof(*first));

    ck_assert_ptr_nonnull(pool);
    kp_pool_wait(pool);
    for (int i = 0; i < 50; i++)
        ck_assert(kp_pool_submit(pool, short_job, NULL));
    kp_pool_wait(pool);
    ck_assert_uint_eq(atomic_load(&ran), 50);
    ck_assert_uint_le(atomic_load(&most_running), thread_counts[_i]);
    *first = (struct family){pool, 7};
    ck_assert(kp_pool_submit(pool, breed, first));
    kp_pool_wait(pool);
    ck_assert_uint_eq(atomic_load(&ran), 50 + 255);
    kp_pool_free(pool);
}
END_TEST

START_TEST(freeing_waits_for_all_jobs)
{
    struct kp_pool *pool = kp_pool_new(thread_counts[_i], NULL);

    for (int i = 0; i < 20; i++)
        ck_assert(kp_pool_submit(pool, short_job, NULL));
    kp_pool_free(pool);
    ck_assert_uint_eq(atomic_load(&ran), 20);
    kp_pool_free(NULL);
}
END_TEST

START_TEST(work_is_spread)
{
    struct kp_pool *pool = kp_pool_new(thread_counts[_i], NULL);
    struct spread *spreads = calloc(10, sizeof(*spreads));

    for (int i = 0; i < 10; i++) {
        spreads[i].pool = pool;
        if (i > 0)
            ck_assert(kp_pool_submit(pool, spread_job, &spreads[i]));
    }
    spread_job(&spreads[0]); /* from outside the pool as well */
    kp_pool_wait(pool);
    ck_assert_uint_eq(atomic_load(&ran), 10);
    for (int i = 0; i < 10; i++)
        expect_all_marked(&spreads[i]);
    ck_assert(kp_pool_parallel(pool, 0, mark, NULL));
    kp_pool_free(pool);
    free(spreads);
}
END_TEST

/* --- the jobserver --- */

/* Puts tokens into a pipe; MAKEFLAGS as make would write them. */
static void make_jobserver(int ends[2], const char *tokens, char flags[64])
{
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], tokens, strlen(tokens)), (ssize_t)strlen(tokens));
    sprintf(flags, " -j4 --jobserver-auth=%d,%d -- x=y", ends[0], ends[1]);
}

/* The tokens that lie in it now, sorted. */
static void expect_tokens(int read_end, const char *expected)
{
    char tokens[16] = "";
    struct pollfd wait = {.fd = read_end, .events = POLLIN};
    size_t count = 0;

    while (poll(&wait, 1, 0) == 1 && count < sizeof(tokens) - 1)
        ck_assert_int_eq(read(read_end, &tokens[count++], 1), 1);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i + 1; j < count; j++) {
            const char swap = tokens[i];

            if (tokens[j] < swap) {
                tokens[i] = tokens[j];
                tokens[j] = swap;
            }
        }
    }
    ck_assert_str_eq(tokens, expected);
}

static const char *const token_sets[] = {"", "+", "abc"};

START_TEST(tokens_bound_the_jobs_and_come_back)
{
    const char *tokens = token_sets[_i];
    struct spread *spread = calloc(1, sizeof(*spread));
    struct kp_pool *pool;
    int ends[2];
    char flags[64];

    make_jobserver(ends, tokens, flags);
    pool = kp_pool_new(8, flags);
    for (int i = 0; i < 40; i++)
        ck_assert(kp_pool_submit(pool, short_job, NULL));
    kp_pool_wait(pool);
    ck_assert_uint_eq(atomic_load(&ran), 40);
    ck_assert_uint_le(atomic_load(&most_running), strlen(tokens) + 1);
    if (tokens[0] != '\0')
        ck_assert_uint_gt(atomic_load(&most_running), 1);
    spread->pool = pool;
    ck_assert(kp_pool_submit(pool, spread_job, spread));
    kp_pool_wait(pool);
    expect_all_marked(spread);
    kp_pool_free(pool);
    expect_tokens(ends[0], tokens);
    free(spread);
}
END_TEST

START_TEST(jobserver_as_a_fifo)
{
    struct kp_jobserver jobserver;
    char flags[128];
    char token = '\0';

    ck_assert_int_eq(mkfifo("fifo", 0600), 0);
    sprintf(flags, "w --jobserver-fds=3,4 --jobserver-auth=fifo:%s/fifo -- a=b", test_folder);
    kp_jobserver_join(&jobserver, flags);
    ck_assert(jobserver.read_end >= 0 && jobserver.write_end >= 0);
    ck_assert(!kp_jobserver_take(&jobserver, 1, &token));
    kp_jobserver_give(&jobserver, 'x');
    ck_assert(kp_jobserver_take(&jobserver, 1, &token));
    ck_assert_int_eq(token, 'x');
    kp_jobserver_leave(&jobserver);
    ck_assert(jobserver.read_end == -1 && jobserver.write_end == -1);
}
END_TEST

/* None of these leads to a jobserver. */
static const char *const no_jobserver[] = {
    NULL,
    "",
    "w -- jobserver=3,4",
    "--jobserver-auth=",
    "--jobserver-auth=3",
    "--jobserver-auth=-2,-2",
    "--jobserver-auth=700,701",
    "--jobserver-auth=99999999999,99999999999",
    "--jobserver-auth=fifo:/nowhere/fifo",
    "--jobserver-auth=fifo:regular",
    /* The first descriptor is free in make's view, and somebody else's file in ours. */
    "--jobserver-auth=100,100",
};

START_TEST(no_jobserver_is_no_harm)
{
    struct kp_jobserver jobserver;
    const int regular = open("regular", O_RDWR | O_CREAT, 0600);

    ck_assert_int_eq(write(regular, "not tokens", 10), 10);
    ck_assert_int_eq(dup2(regular, 100), 100);
    kp_jobserver_join(&jobserver, no_jobserver[_i]);
    ck_assert(jobserver.read_end == -1 && jobserver.write_end == -1);
    expect_file("regular", "not tokens");
    close(regular);
    close(100);
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_loop_test(tests, every_job_runs_once, 0, 3);
    tcase_add_loop_test(tests, freeing_waits_for_all_jobs, 0, 3);
    tcase_add_loop_test(tests, work_is_spread, 0, 3);
    tcase_add_loop_test(tests, tokens_bound_the_jobs_and_come_back, 0, 3);
    tcase_add_test(tests, jobserver_as_a_fifo);
    tcase_add_loop_test(tests, no_jobserver_is_no_harm, 0,
                        sizeof(no_jobserver) / sizeof(no_jobserver[0]));
}

int main(void)
{
    return run_tests("engine-pool", set_up, tear_down, fill);
}
