/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of base/range.h: writing, holes, failures, and inputs that are cut short.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base-shared.h"
#include "base/auto.h"

static int open_target(const char *name)
{
    char target[PATH_MAX + 16];
    int descriptor;

    snprintf(target, sizeof(target), "%s/%s", folder, name);
    descriptor = open(target, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ck_assert_int_ge(descriptor, 0);
    unlink(target);
    return descriptor;
}

/* What was written, up to the descriptor's place. */
static struct kp_range *written(int descriptor)
{
    ck_assert_int_eq(ftruncate(descriptor, lseek(descriptor, 0, SEEK_CUR)), 0);
    ck_assert_int_eq(lseek(descriptor, 0, SEEK_SET), 0);
    return kp_range_from_descriptor(descriptor, UINT64_MAX);
}

static struct kp_range *sample(void)
{
    struct kp_range *const parts[] = {kp_range_copy("head", 4),     open_file(),
                                      kp_range_fill(0, 3000000),    kp_range_fill(0, 10),
                                      kp_range_fill(0xff, 2500000), kp_range_copy("tail", 4)};
    struct kp_range *range = kp_range_gather(parts, 6);

    for (size_t i = 0; i < 6; i++)
        kp_range_unref(parts[i]);
    return range;
}

static void check_writing(bool sparse, bool joined)
{
    const int descriptor KP_AUTO(close) = open_target("out");
    struct kp_range *range;
    struct kp_range *back;
    struct stat status;

    make_file(100000);
    range = sample();
    ck_assert(!joined || kp_range_view(range) != NULL);
    ck_assert(kp_range_write(range, descriptor, sparse, NULL, NULL));
    back = written(descriptor);
    ck_assert(kp_range_equal(range, back));
    ck_assert_int_eq(fstat(descriptor, &status), 0);
    ck_assert_int_eq(status.st_size, 5600018);
    if (sparse)
        ck_assert_int_lt(status.st_blocks, 5600018 / 512 - 4000);
    kp_range_unref(range);
    kp_range_unref(back);
}

START_TEST(written_in_all_ways)
{
    check_writing((_i & 1) != 0, (_i & 2) != 0);
}
END_TEST

START_TEST(many_small_pieces_are_written)
{
    const int descriptor KP_AUTO(close) = open_target("out");
    struct kp_range *piece = kp_range_copy("ab", 2);
    struct kp_range **pieces = calloc(5000, sizeof(*pieces));
    struct kp_range *range;
    struct kp_range *back;

    for (size_t i = 0; i < 5000; i++)
        pieces[i] = piece;
    range = kp_range_gather(pieces, 5000);
    ck_assert(kp_range_write(range, descriptor, true, NULL, NULL));
    back = written(descriptor);
    ck_assert_uint_eq(kp_range_size(back), 10000);
    ck_assert(kp_range_equal(range, back));
    kp_range_unref(range);
    kp_range_unref(back);
    kp_range_unref(piece);
    free(pieces);
}
END_TEST

START_TEST(empty_range_is_written)
{
    const int descriptor KP_AUTO(close) = open_target("out");
    struct kp_range *range = kp_range_copy("", 0);

    ck_assert(kp_range_write(range, descriptor, true, NULL, NULL));
    ck_assert_int_eq(lseek(descriptor, 0, SEEK_CUR), 0);
    kp_range_unref(range);
}
END_TEST

struct drain {
    int descriptor;
    struct kp_range *range;
};

static void *drain(void *data)
{
    struct drain *drain = data;

    usleep(20000);
    drain->range = kp_range_from_descriptor(drain->descriptor, UINT64_MAX);
    return NULL;
}

/* Pipes take as much as they have room for: short writes, and EAGAIN. */
START_TEST(written_to_a_pipe)
{
    struct drain reader = {-1, NULL};
    struct kp_range *range;
    pthread_t thread;
    int ends[2];

    make_file(100000);
    range = sample();
    ck_assert_int_eq(pipe(ends), 0);
    fcntl(ends[1], F_SETFL, _i == 0 ? 0 : O_NONBLOCK);
    reader.descriptor = ends[0];
    pthread_create(&thread, NULL, drain, &reader);
    ck_assert(kp_range_write(range, ends[1], true, NULL, NULL));
    close(ends[1]);
    pthread_join(thread, NULL);
    close(ends[0]);
    ck_assert(kp_range_equal(range, reader.range));
    kp_range_unref(range);
    kp_range_unref(reader.range);
}
END_TEST

static bool stop_at_third(void *data)
{
    return ++*(int *)data == 3;
}

START_TEST(writing_that_fails)
{
    const int full KP_AUTO(close) = open("/dev/full", O_WRONLY | O_CLOEXEC);
    const int descriptor KP_AUTO(close) = open_target("out");
    struct kp_range *range = kp_range_fill('x', 100 << 20);
    struct kp_range *huge = kp_range_fill(0, UINT64_MAX);
    struct kp_range *far = kp_range_fill(0, INT64_MAX);
    int asked = 0;

    ck_assert(!kp_range_write(range, full, false, NULL, NULL));
    ck_assert_int_eq(errno, ENOSPC);
    ck_assert(!kp_range_write(range, -1, true, NULL, NULL));
    ck_assert_int_eq(errno, EBADF);
    ck_assert(!kp_range_write(range, descriptor, false, stop_at_third, &asked));
    ck_assert_int_eq(errno, ECANCELED);
    ck_assert_int_eq(asked, 3);
    ck_assert_int_eq(lseek(descriptor, 0, SEEK_CUR), 32 << 20);
    ck_assert(!kp_range_write(huge, descriptor, true, NULL, NULL));
    ck_assert_int_eq(errno, EFBIG);
    ck_assert(!kp_range_write(far, descriptor, true, NULL, NULL));
    kp_range_unref(range);
    kp_range_unref(huge);
    kp_range_unref(far);
}
END_TEST

/* The system call meets the vanished page before any thread does. */
START_TEST(cut_file_is_not_written)
{
    const int descriptor KP_AUTO(close) = open_target("out");
    struct kp_range *range;

    make_file((uint64_t)page * 20);
    range = open_file();
    ck_assert_int_eq(truncate(path, page * 3), 0);
    ck_assert(!kp_range_write(range, descriptor, false, NULL, NULL));
    ck_assert_int_eq(errno, EFAULT);
    ck_assert_str_eq(kp_range_vanished(range), "the file");
    /* The second time there are zeros to be written, and still it fails. */
    ck_assert(!kp_range_write(range, descriptor, false, NULL, NULL));
    ck_assert_int_eq(errno, EFAULT);
    kp_range_unref(range);
}
END_TEST

static bool unlink_now(void *data)
{
    (void)data;
    return unlink(path) != 0 && errno != ENOENT;
}

/* The handler alone finds out, since the path leads nowhere any more. */
START_TEST(cut_and_removed_file_is_not_written)
{
    const int descriptor KP_AUTO(close) = open_target("out");
    struct kp_range *range;

    make_file((uint64_t)page * 20);
    range = open_file();
    ck_assert_int_eq(truncate(path, page * 3), 0);
    ck_assert(!kp_range_write(range, descriptor, false, unlink_now, NULL));
    ck_assert_int_eq(errno, EFAULT);
    ck_assert_str_eq(kp_range_vanished(range), "the file");
    kp_range_unref(range);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base-write");
    TCase *tests = tcase_create("all");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, written_in_all_ways, 0, 4);
    tcase_add_test(tests, many_small_pieces_are_written);
    tcase_add_test(tests, empty_range_is_written);
    tcase_add_loop_test(tests, written_to_a_pipe, 0, 2);
    tcase_add_test(tests, writing_that_fails);
    tcase_add_test(tests, cut_file_is_not_written);
    tcase_add_test(tests, cut_and_removed_file_is_not_written);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
