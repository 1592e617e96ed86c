/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of the time that calls in workers may take (plugin/remote_wait.c): their own, that of
 * services that they ask for, and what is left when the user wants to stop.
 */
#include "remote-shared.h"

#include <semaphore.h>

#include "plugin/registry_private.h"

LIE(silence)
{
    for (;;)
        await_message();
}

START_TEST(time_is_limited)
{
    make_registry("rogue", KPIPE_TEST_WORKER, (struct kp_limits){.seconds = 1});
    plant(lie_silence);
    ck_assert(!call("rogue: {how: bytes}"));
    expect_one("rogue: {how: bytes}",
               "stage 'rogue' (plugin org.example.rogue 6.6.6, rogue.so): did not return within "
               "1 s: it was killed [KP1526]",
               "if the work is just long, give it more time: --worker-limit seconds=N");
}
END_TEST

/* A service of kpipe's that takes long: that of the registry, which somebody else has. */
static sem_t taken;

static void *take_registry(void *unused)
{
    pthread_mutex_lock(&registry->lock);
    sem_post(&taken);
    usleep(2500000);
    pthread_mutex_unlock(&registry->lock);
    return unused;
}

static pthread_t taker;
static bool is_taken;

static void on_slow_note(void *data, const char *text, const char *detail)
{
    (void)data, (void)text, (void)detail;
    if (is_taken)
        return;
    is_taken = true;
    sem_init(&taken, 0, 0);
    ck_assert_int_eq(pthread_create(&taker, NULL, take_registry, NULL), 0);
    sem_wait(&taken);
}

LIE(slow_service)
{
    say_note("take it");
    for (int i = 0; i < 100; i++) {
        kp_put_text(&said, "board");
        say(KP_WIRE_ARCH);
        await_answer();
    }
    say_failed();
}

/* However little a worker does itself, it does not ask for ever. */
START_TEST(services_take_the_workers_time)
{
    const char *const paths[] = {KPIPE_TEST_ALONE "/rogue", KPIPE_TEST_ALONE "/probe", NULL};

    kp_registry_free(registry);
    registry = kp_registry_new(&(struct kp_registry_options){.paths = paths,
                                                             .isolation = KP_ISOLATION_NONE,
                                                             .worker = KPIPE_TEST_WORKER,
                                                             .limits = {.seconds = 1}});
    context.registry = registry;
    ck_assert_ptr_nonnull(kp_registry_arch(registry, "board"));
    context.note = on_slow_note;
    plant(lie_slow_service);
    ck_assert(!call("rogue: {how: bytes}"));
    pthread_join(taker, NULL);
    expect_one("rogue: {how: bytes}",
               "stage 'rogue' (plugin org.example.rogue 6.6.6, rogue.so): did not return within "
               "1 s: it was killed [KP1526]",
               "if the work is just long, give it more time: --worker-limit seconds=N");
}
END_TEST

START_TEST(cancelled_calls_end)
{
    context.cancelled = is_cancelled;
    plant(lie_silence);
    ck_assert(!call("rogue: {how: bytes}"));
    expect_findings("");
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_test(tests, time_is_limited);
    tcase_add_test(tests, services_take_the_workers_time);
    tcase_add_test(tests, cancelled_calls_end);
}

int main(void)
{
    return run_tests("plugin-remote-time", begin, end, fill);
}
