/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/sandbox-needs.c - what is read of a shared object before it is shown to a worker, of
 * which nothing may be believed.
 */
#include <fcntl.h>

#include "base/auto.h"
#include "engine-shared.h"
#include "sandbox/needs.h"
#include "sandbox/sandbox.h"

static uint8_t bytes[65536];
static size_t size;
static int file;

static void begin(void)
{
    const int original = open(KPIPE_TEST_NEEDY "/plugins/needy.so", O_RDONLY | O_CLOEXEC);
    ssize_t length;

    set_up();
    ck_assert_int_ge(original, 0);
    length = read(original, bytes, sizeof(bytes));
    close(original);
    ck_assert_int_gt(length, 0);
    ck_assert_int_lt(length, (ssize_t)sizeof(bytes));
    size = (size_t)length;
    file = open("object", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(pwrite(file, bytes, size, 0), (ssize_t)size);
}

static void end(void)
{
    close(file);
    tear_down();
}

START_TEST(read_well)
{
    struct kp_needs needs = {0};

    ck_assert(kp_needs_read(arena, file, &needs));
    ck_assert(needs.library);
    ck_assert_uint_ge(needs.count, 1);
    ck_assert_str_eq(needs.names[0], "libnear.so");
    ck_assert_str_eq(needs.run_path, "/nowhere:$ORIGIN/../lib");
}
END_TEST

/* Every byte of the head, the segments and the dynamic section, and every length. */
START_TEST(broken)
{
    static const uint8_t values[] = {0x00, 0x01, 0x7f, 0xff};
    struct kp_needs needs = {0};

    for (size_t i = 0; i < size; i++) {
        struct kp_arena *its = kp_arena_new();

        for (size_t j = 0; j < sizeof(values); j++) {
            ck_assert_int_eq(pwrite(file, &values[j], 1, (off_t)i), 1);
            ck_assert(kp_needs_read(its, file, &needs));
            ck_assert_uint_le(needs.count, KP_NEEDS_MOST);
        }
        ck_assert_int_eq(pwrite(file, &bytes[i], 1, (off_t)i), 1);
        kp_arena_free(its);
    }
    for (size_t length = size; length-- > 0;) {
        struct kp_arena *its = kp_arena_new();

        ck_assert_int_eq(ftruncate(file, (off_t)length), 0);
        ck_assert(kp_needs_read(its, file, &needs));
        kp_arena_free(its);
    }
    ck_assert(!needs.library);
}
END_TEST

/* Libraries of libraries are shown, and nothing else. */
START_TEST(followed)
{
    KP_AUTO(vector) struct kp_vector items = {0};
    const char *plugin = KPIPE_TEST_NEEDY "/plugins/needy.so";
    const struct kp_view_item *item;

    ck_assert(kp_confine_view_plugin(arena, plugin, file, &items));
    ck_assert_uint_eq(items.count, 3);
    item = items.items;
    ck_assert_str_eq(item[0].path, KPIPE_TEST_NEEDY "/lib/libnear.so");
    ck_assert_str_eq(item[1].path, KPIPE_TEST_NEEDY "/lib/deep/libdeep.so");
    ck_assert(item[0].type == KP_VIEW_FILE && item[1].type == KP_VIEW_FILE);
    ck_assert(item[2].type == KP_VIEW_PINNED);
    ck_assert_str_eq(item[2].path, plugin);
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_test(tests, read_well);
    tcase_add_test(tests, broken);
    tcase_add_test(tests, followed);
}

int main(void)
{
    return run_tests("sandbox-needs", begin, end, fill);
}
