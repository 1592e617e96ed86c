/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/worker-serve.c - a worker's life: greeting, refusal, calls of a plugin that asks
 * for nothing, what its outputs consist of, the end.
 */
#include "worker-shared.h"

#ifdef KPIPE_NO_DLOPEN
int main(void)
{
    return EXIT_SUCCESS;
}
#else

START_TEST(test_described)
{
    struct kp_arena *arena = kp_arena_new();
    const struct kp_plugin *plugin;

    begin("rogue");
    plugin = kp_wire_take_plugin(&message.payload, arena);
    ck_assert_ptr_nonnull(plugin);
    hear_end();
    ck_assert_str_eq(plugin->id, "org.example.rogue");
    ck_assert_str_eq(plugin->formats[0]->pack->params[0]->choices[1]->name, "read");
    end_worker(0);
    kp_arena_free(arena);
}
END_TEST

static void expect_refused(const char *name, uint8_t open_by, const char *why, uint8_t by_loader)
{
    start_worker();
    greet(sample(name), open_by, KP_WIRE_VERSION, 0);
    hear(KP_WIRE_REFUSED);
    hear_text(why);
    ck_assert_uint_eq(kp_take_u8(&message.payload), by_loader);
    hear_end();
    end_worker(0);
}

/* In the words of plugin-open.c, whichever way it is opened. */
START_TEST(test_refused)
{
    static const uint8_t ways[] = {KP_WIRE_OPEN_PATH, KP_WIRE_OPEN_DESCRIPTOR};

    for (size_t i = 0; i < 2; i++) {
        expect_refused("lacking", ways[i],
                       "needs library libkpipe-test-absent.so.1, which is missing: install it", 1);
        expect_refused("undefined", ways[i],
                       "cannot be loaded: undefined symbol: kpipe_test_undefined", 1);
        expect_refused("no-entry", ways[i], "no function 'kpipe_plugin' in it", 0);
        expect_refused("null", ways[i],
                       "its entry returned NULL: it does not work with kpipe " KPIPE_VERSION
                       ", API level 0",
                       0);
    }
}
END_TEST

START_TEST(test_changed)
{
    start_worker();
    greet(sample("rogue"), KP_WIRE_OPEN_PATH, KP_WIRE_VERSION, 1);
    hear(KP_WIRE_REFUSED);
    hear_text("changed since its note was read");
    end_worker(0);
}
END_TEST

START_TEST(test_other_build)
{
    start_worker();
    greet(sample("rogue"), KP_WIRE_OPEN_PATH, "kpipe-wire 0", 0);
    hear(KP_WIRE_REFUSED);
    hear_text("kpipe and kpipe-worker are of different builds: install both anew");
    end_worker(0);
}
END_TEST

START_TEST(test_bytes)
{
    begin("rogue");
    call_rogue(WAY_bytes);
    hear_done(KP_OK, 4);
    hear_own("abc", 3);
    ck_assert_uint_eq(kp_take_u8(&message.payload), KP_PIECE_IMAGE);
    hear_image(0, 2, 2);
    ck_assert_uint_eq(kp_take_u8(&message.payload), KP_PIECE_FILL);
    ck_assert_uint_eq(kp_take_u8(&message.payload), '.');
    ck_assert_uint_eq(kp_take_u64(&message.payload), 2);
    hear_own("Rese4\0\0", 8);
    hear_end();
    end_worker(0);
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_test(tests, test_described);
    tcase_add_test(tests, test_refused);
    tcase_add_test(tests, test_changed);
    tcase_add_test(tests, test_other_build);
    tcase_add_test(tests, test_bytes);
}

int main(void)
{
    return run_case("worker-serve", fill);
}
#endif
