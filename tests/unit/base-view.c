/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of base/range.h: fills, views, comparing and digests.
 */
#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base-shared.h"

START_TEST(fills)
{
    struct kp_range *range = kp_range_fill('x', 5);
    struct kp_range *none = kp_range_fill('x', 0);
    struct kp_range *zeros = kp_range_fill(0, 3);

    expect(range, "xxxxx");
    expect(none, "");
    ck_assert_uint_eq(kp_range_size(zeros), 3);
    ck_assert_mem_eq(kp_range_view(zeros), "\0\0\0", 3);
    range = slice_of(range, 1, 3);
    expect(range, "xxx");
    range = slice_of(range, 0, 2);
    expect(range, "xx");
    kp_range_unref(range);
    kp_range_unref(none);
    kp_range_unref(zeros);
}
END_TEST

START_TEST(fill_of_a_tebibyte)
{
    const uint64_t tebibyte = (uint64_t)1 << 40;
    struct kp_range *zeros = kp_range_fill(0, tebibyte);
    struct kp_range *ones = kp_range_fill(0xff, tebibyte);
    struct kp_range *both;
    const uint8_t *bytes;
    uint64_t length;
    uint8_t read[4];

    kp_range_piece(zeros, tebibyte - 5, &bytes, &length);
    ck_assert_uint_eq(length, 5);
    ck_assert_mem_eq(bytes, "\0\0\0\0\0", 5);
    kp_range_piece(ones, 12345678901, &bytes, &length);
    ck_assert_uint_ge(length, 1u << 20);
    ck_assert_uint_eq(bytes[0], 0xff);
    ck_assert_uint_eq(bytes[length - 1], 0xff);
    both = gather2(kp_range_slice(zeros, 7, tebibyte - 7), kp_range_ref(ones));
    ck_assert_uint_eq(kp_range_size(both), 2 * tebibyte - 7);
    ck_assert(kp_range_read(both, tebibyte - 9, read, 4));
    ck_assert_mem_eq(read, "\0\0\xff\xff", 4);
    kp_range_unref(both);
    kp_range_unref(ones);
    kp_range_unref(zeros);
}
END_TEST

START_TEST(views_of_fills)
{
    const uint64_t size = 5000000;
    struct kp_range *zeros = kp_range_fill(0, size);
    struct kp_range *bytes = kp_range_fill(7, size);
    struct kp_range *more = kp_range_fill(7, UINT64_MAX);

    ck_assert_uint_eq(kp_range_view(zeros)[size - 1], 0);
    ck_assert_ptr_eq(kp_range_view(zeros), kp_range_view(zeros));
    ck_assert_uint_eq(kp_range_view(bytes)[0], 7);
    ck_assert_uint_eq(kp_range_view(bytes)[size - 1], 7);
    ck_assert_ptr_null(kp_range_view(more));
    bytes = slice_of(bytes, 10, size - 20);
    ck_assert_uint_eq(kp_range_view(bytes)[size - 21], 7);
    kp_range_unref(zeros);
    kp_range_unref(bytes);
    kp_range_unref(more);
}
END_TEST

START_TEST(sums_that_overflow)
{
    struct kp_range *most = kp_range_fill(1, UINT64_MAX);
    struct kp_range *one = kp_range_fill(1, 1);
    struct kp_range *const both[] = {most, one};
    struct kp_range *nested = gather2(kp_range_copy("a", 1), kp_range_copy("b", 1));
    struct kp_range *const three[] = {most, nested};

    ck_assert_ptr_null(kp_range_gather(both, 2));
    ck_assert_ptr_null(kp_range_gather(three, 2));
    ck_assert_ptr_null(kp_range_copy("", UINT64_MAX));
    kp_range_unref(most);
    kp_range_unref(one);
    kp_range_unref(nested);
}
END_TEST

START_TEST(equality)
{
    struct kp_range *joined = of_text("abcdef");
    struct kp_range *parts = gather2(of_text("ab"), of_text("cdef"));
    struct kp_range *other = gather2(of_text("abcde"), of_text("g"));
    struct kp_range *shorter = of_text("abcde");
    struct kp_range *fill = kp_range_fill('a', 1000);
    struct kp_range *same = kp_range_fill('a', 1000);
    struct kp_range *different = kp_range_fill('b', 1000);

    ck_assert(kp_range_equal(joined, joined));
    ck_assert(kp_range_equal(joined, parts));
    ck_assert(kp_range_equal(parts, joined));
    ck_assert(!kp_range_equal(parts, other));
    ck_assert(!kp_range_equal(parts, shorter));
    ck_assert(kp_range_equal(fill, same));
    ck_assert(!kp_range_equal(fill, different));
    kp_range_unref(joined);
    kp_range_unref(parts);
    kp_range_unref(other);
    kp_range_unref(shorter);
    kp_range_unref(fill);
    kp_range_unref(same);
    kp_range_unref(different);
}
END_TEST

#define THREADS 4

struct shared {
    struct kp_range *range;
    _Atomic(const uint8_t *) views[THREADS];
    atomic_int ready;
};

struct viewer {
    struct shared *shared;
    int number;
};

static void *view(void *data)
{
    struct viewer *viewer = data;
    struct shared *shared = viewer->shared;

    atomic_fetch_add(&shared->ready, 1);
    while (atomic_load(&shared->ready) < THREADS)
        ;
    for (int i = 0; i < 100; i++) {
        struct kp_range *slice = kp_range_slice(shared->range, 1, 3000000);
        const uint8_t *bytes;
        uint64_t length;

        kp_range_piece(shared->range, 1500000, &bytes, &length);
        if (bytes[0] != 'b' || kp_range_size(slice) != 3000000)
            return NULL;
        if (i % 10 == viewer->number)
            shared->views[viewer->number] = kp_range_view(shared->range);
        kp_range_unref(slice);
    }
    return NULL;
}

START_TEST(threads_share_a_view)
{
    struct shared shared = {.range =
                                gather2(kp_range_fill('a', 1500000), kp_range_fill('b', 1600000))};
    struct viewer viewers[THREADS];
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++) {
        viewers[i] = (struct viewer){&shared, i};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, view, &viewers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < THREADS; i++)
        ck_assert_ptr_eq(shared.views[i], kp_range_view(shared.range));
    ck_assert_uint_eq(kp_range_view(shared.range)[1499999], 'a');
    ck_assert_uint_eq(kp_range_view(shared.range)[1500000], 'b');
    kp_range_unref(shared.range);
}
END_TEST

/* FIPS 180-4's examples, and a million times 'a' as a fill. */
START_TEST(digests)
{
    uint8_t digest[32];
    struct kp_range *range = gather2(of_text("a"), of_text("bc"));

    ck_assert(kp_range_sha256(range, digest));
    ck_assert_mem_eq(digest,
                     "\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23"
                     "\xb0\x03\x61\xa3\x96\x17\x7a\x9c\xb4\x10\xff\x61\xf2\x00\x15\xad",
                     32);
    kp_range_unref(range);
    range = kp_range_fill('a', 1000000);
    ck_assert(kp_range_sha256(range, digest));
    ck_assert_mem_eq(digest,
                     "\xcd\xc7\x6e\x5c\x99\x14\xfb\x92\x81\xa1\xc7\xe2\x84\xd7\x3e\x67"
                     "\xf1\x80\x9a\x48\xa4\x97\x20\x0e\x04\x6d\x39\xcc\xc7\x11\x2c\xd0",
                     32);
    kp_range_unref(range);
    range = kp_range_fill(0, 0);
    ck_assert(kp_range_sha256(range, digest));
    ck_assert_mem_eq(digest, "\xe3\xb0\xc4\x42\x98\xfc\x1c\x14", 8);
    kp_range_unref(range);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base-view");
    TCase *tests = tcase_create("all");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, fills);
    tcase_add_test(tests, fill_of_a_tebibyte);
    tcase_add_test(tests, views_of_fills);
    tcase_add_test(tests, sums_that_overflow);
    tcase_add_test(tests, equality);
    tcase_add_test(tests, threads_share_a_view);
    tcase_add_test(tests, digests);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
