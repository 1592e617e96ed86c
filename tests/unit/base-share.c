/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of base/range_share.h: of what ranges consist, and bytes that another process can map.
 * The other process is this one, which maps a descriptor as a worker does.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base-shared.h"
#include "base/range_share.h"

static char seen[1024];

/* "abc" for bytes, with their owner's size and offset if it has more; "5*z" for a fill. */
static bool tell(void *data, const struct kp_range_run *run)
{
    char *end = seen + strlen(seen);

    if (run->owner == NULL)
        sprintf(end, "%u*%c ", (unsigned)run->length, run->byte);
    else if (kp_range_size(run->owner) == run->length)
        sprintf(end, "%.*s ", (int)run->length, run->bytes);
    else
        sprintf(end, "%.*s@%u/%u ", (int)run->length, run->bytes, (unsigned)run->offset,
                (unsigned)kp_range_size(run->owner));
    if (run->owner != NULL && kp_range_size(run->owner) > 0)
        ck_assert_mem_eq(kp_range_view(run->owner) + run->offset, run->bytes, run->length);
    return data == NULL || --*(int *)data > 0;
}

static void expect_runs(struct kp_range *range, const char *expected)
{
    seen[0] = '\0';
    ck_assert(kp_range_runs(range, tell, NULL));
    ck_assert_str_eq(seen, expected);
}

START_TEST(runs)
{
    struct kp_range *range = of_text("0123456789");
    struct kp_range *none = kp_range_copy(NULL, 0);
    int most = 2;

    expect_runs(none, "");
    expect_runs(range, "0123456789 ");
    range = slice_of(range, 2, 6);
    expect_runs(range, "234567@2/10 ");
    range = gather2(range, kp_range_fill('z', 3));
    range = gather2(of_text("head"), range);
    expect_runs(range, "head 234567@2/10 3*z ");
    range = slice_of(range, 1, 11);
    expect_runs(range, "ead@1/4 234567@2/10 2*z ");
    seen[0] = '\0';
    ck_assert(!kp_range_runs(range, tell, &most));
    ck_assert_str_eq(seen, "ead@1/4 234567@2/10 ");
    kp_range_unref(range);
    kp_range_unref(none);
}
END_TEST

/* What was joined is visited by what it was joined of. */
START_TEST(runs_of_joined_gathers)
{
    struct kp_range *range = gather2(of_text("0123456789"), of_text("abcdef"));

    kp_range_view(range);
    expect_runs(range, "0123456789 abcdef ");
    range = slice_of(range, 8, 4);
    ck_assert_int_eq(pieces_of(range), 1);
    expect_runs(range, "89@8/10 ab@0/6 ");
    range = gather2(range, kp_range_fill('z', 2));
    kp_range_view(range);
    range = slice_of(range, 1, 4);
    expect_runs(range, "9@9/10 ab@0/6 1*z ");
    kp_range_unref(range);
}
END_TEST

/* Not without end: at some depth it is the joined bytes that are shown. */
START_TEST(runs_of_many_joined_gathers)
{
    struct kp_range *range = of_text("0123456789012345678901234567890123456789");
    uint64_t size = 40;

    for (int i = 0; i < 12; i++) {
        range = gather2(range, of_text("x"));
        kp_range_view(range);
        range = slice_of(range, 2, --size);
    }
    seen[0] = '\0';
    ck_assert(kp_range_runs(range, tell, NULL));
    ck_assert_ptr_nonnull(strstr(seen, "4567890123456789xxxx"));
    kp_range_unref(range);
}
END_TEST

/* Maps what a range gives as a worker does, and looks at it. */
static void expect_crossing(struct kp_range *range, bool file)
{
    const uint64_t size = kp_range_size(range);
    uint64_t sent = 0;
    bool is_file = !file;
    const int descriptor = kp_range_descriptor(range, &sent, &is_file);
    struct kp_range *arrived;

    ck_assert_int_ge(descriptor, 0);
    ck_assert_int_eq(is_file, file);
    ck_assert_uint_eq(sent, size);
    ck_assert(fcntl(descriptor, F_GETFD) & FD_CLOEXEC);
    arrived = kp_range_map(descriptor, sent, is_file);
    ck_assert_ptr_nonnull(arrived);
    ck_assert_int_eq(fcntl(descriptor, F_GETFD), -1);
    ck_assert(kp_range_equal(arrived, range));
    ck_assert(kp_range_vanished(arrived) == NULL);
    kp_range_unref(arrived);
}

static void expect_no_descriptor(struct kp_range *range)
{
    uint64_t size;
    bool is_file;

    ck_assert_int_eq(kp_range_descriptor(range, &size, &is_file), -1);
}

/* Opens as few or as many descriptors as `range` has made of itself. */
static int sealed(struct kp_range *range)
{
    uint64_t size;
    bool is_file = true;
    const int descriptor = kp_range_seal(range, &size, &is_file);

    ck_assert_int_ge(descriptor, 0);
    ck_assert(!is_file);
    ck_assert_uint_eq(size, kp_range_size(range));
    return descriptor;
}

START_TEST(files_are_opened_again)
{
    struct kp_range *range;
    uint64_t size;
    bool is_file;
    int descriptor;

    make_file(10000);
    range = open_file();
    expect_crossing(range, true);
    descriptor = kp_range_seal(range, &size, &is_file);
    ck_assert_int_ge(descriptor, 0);
    ck_assert(is_file);
    ck_assert_int_eq(fcntl(descriptor, F_GETFL) & O_ACCMODE, O_RDONLY);
    close(descriptor);
    kp_range_unref(range);
}
END_TEST

static void replace(void)
{
    unlink(path);
    make_file(10000);
}

static void remove_it(void)
{
    unlink(path);
}

static void lengthen(void)
{
    ck_assert_int_eq(truncate(path, 10001), 0);
}

static void touch_it(void)
{
    const struct timespec times[] = {{1, 2}, {1, 2}};

    ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void make_pipe(void)
{
    unlink(path);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
}

static void (*const changes[])(void) = {replace, remove_it, lengthen, touch_it, make_pipe};

/* The mapped bytes are what is sent then. */
START_TEST(files_that_changed_are_copied)
{
    struct kp_range *range;

    make_file(10000);
    range = open_file();
    changes[_i]();
    expect_no_descriptor(range);
    close(sealed(range));
    expect_crossing(range, false);
    ck_assert(has_bytes(range, 10000));
    kp_range_unref(range);
}
END_TEST

START_TEST(pages_that_vanish_while_they_are_copied)
{
    struct kp_range *range;
    struct kp_range *arrived;

    make_file(5 * (uint64_t)page);
    range = open_file();
    ck_assert_int_eq(truncate(path, 2 * page), 0);
    arrived = kp_range_map(sealed(range), 5 * (uint64_t)page, false);
    ck_assert_mem_eq(kp_range_view(arrived), kp_range_view(range), 5 * (size_t)page);
    ck_assert_uint_eq(kp_range_view(arrived)[2 * page - 1], byte_at(2 * (uint64_t)page - 1));
    ck_assert_uint_eq(kp_range_view(arrived)[2 * page], 0);
    ck_assert_str_eq(kp_range_vanished(range), "the file");
    kp_range_unref(arrived);
    kp_range_unref(range);
}
END_TEST

START_TEST(pages_that_vanish_on_the_other_side)
{
    struct kp_range *arrived;
    uint64_t size;

    make_file(5 * (uint64_t)page);
    size = 5 * (uint64_t)page;
    arrived = kp_range_map(open(path, O_RDONLY), size, true);
    ck_assert_ptr_nonnull(arrived);
    ck_assert_int_eq(truncate(path, page), 0);
    ck_assert_uint_eq(kp_range_view(arrived)[size - 1], 0);
    ck_assert_uint_eq(kp_range_view(arrived)[page - 1], byte_at((uint64_t)page - 1));
    ck_assert_ptr_nonnull(kp_range_vanished(arrived));
    kp_range_unref(arrived);
}
END_TEST

START_TEST(memory_is_copied_once)
{
    struct kp_range *range = of_text("in memory");
    struct stat first, second;
    int descriptor;

    expect_no_descriptor(range);
    descriptor = sealed(range);
    ck_assert_int_eq(fstat(descriptor, &first), 0);
    ck_assert_int_eq(pwrite(descriptor, "x", 1, 0), -1);
    ck_assert_int_eq(ftruncate(descriptor, 5), -1);
    close(descriptor);
    expect_crossing(range, false);
    descriptor = sealed(range);
    ck_assert_int_eq(fstat(descriptor, &second), 0);
    ck_assert_uint_eq(first.st_ino, second.st_ino);
    close(descriptor);
    kp_range_unref(range);
}
END_TEST

static void *seal_it(void *range)
{
    struct stat status;
    const int descriptor = sealed(range);
    const int known = fstat(descriptor, &status);

    close(descriptor);
    ck_assert_int_eq(known, 0);
    return (void *)(uintptr_t)status.st_ino;
}

START_TEST(threads_copy_once)
{
    for (int round = 0; round < 50; round++) {
        struct kp_range *range = kp_range_fill('a', 100);
        void *inodes[4] = {NULL};
        pthread_t threads[4];

        range = gather2(range, of_text("behind"));
        for (size_t i = 0; i < 4; i++)
            ck_assert_int_eq(pthread_create(&threads[i], NULL, seal_it, range), 0);
        for (size_t i = 0; i < 4; i++)
            pthread_join(threads[i], &inodes[i]);
        for (size_t i = 1; i < 4; i++)
            ck_assert_ptr_eq(inodes[i], inodes[0]);
        kp_range_unref(range);
    }
}
END_TEST

START_TEST(adopted_memfds)
{
    const int descriptor = kp_memfd_new(10000);
    struct kp_range *range;
    void *shared;

    ck_assert_int_eq(pwrite(descriptor, "bytes", 5, 0), 5);
    shared = mmap(NULL, 10000, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    ck_assert(shared != MAP_FAILED);
    ck_assert_ptr_null(kp_range_adopt_memfd(dup(descriptor), 10000));
    ck_assert_int_eq(errno, EBUSY);
    munmap(shared, 10000);
    ck_assert_ptr_null(kp_range_adopt_memfd(dup(descriptor), 10001));
    ck_assert_int_eq(errno, EINVAL);
    close(descriptor);

    range = kp_range_adopt_memfd(kp_memfd_new(10000), 0);
    expect(range, "");
    expect_no_descriptor(range);
    kp_range_unref(range);
}
END_TEST

START_TEST(memfds_of_fixed_size)
{
    const int descriptor = kp_memfd_new(10000);
    struct kp_range *range;

    ck_assert(kp_memfd_fix(descriptor));
    ck_assert_int_eq(ftruncate(descriptor, 9999), -1);
    ck_assert_int_eq(ftruncate(descriptor, 10001), -1);
    ck_assert_int_eq(pwrite(descriptor, "x", 1, 10000), -1);
    ck_assert_int_eq(pwrite(descriptor, "last", 4, 9996), 4);
    range = kp_range_adopt_memfd(descriptor, 10000);
    ck_assert_ptr_nonnull(range);
    ck_assert_mem_eq(kp_range_view(range) + 9996, "last", 4);
    kp_range_unref(range);
    ck_assert(!kp_memfd_fix(STDIN_FILENO));
}
END_TEST

START_TEST(an_adopted_memfd_crosses_as_it_is)
{
    const int descriptor = kp_memfd_new(9000);
    struct kp_range *range;
    struct stat before, after;
    int crossing;

    ck_assert_int_eq(pwrite(descriptor, "bytes", 5, 0), 5);
    ck_assert_int_eq(fstat(descriptor, &before), 0);
    range = kp_range_adopt_memfd(descriptor, 8999);
    ck_assert_ptr_nonnull(range);
    ck_assert_uint_eq(kp_range_size(range), 8999);
    ck_assert_mem_eq(kp_range_view(range), "bytes\0", 6);
    expect_crossing(range, false);
    crossing = sealed(range);
    ck_assert_int_eq(fstat(crossing, &after), 0);
    ck_assert_uint_eq(before.st_ino, after.st_ino);
    close(crossing);
    kp_range_unref(range);
    ck_assert_int_eq(fcntl(descriptor, F_GETFD), -1);
}
END_TEST

START_TEST(what_cannot_be_mapped)
{
    const int descriptor = open("/dev/null", O_RDONLY);
    struct kp_range *none = kp_range_map(dup(descriptor), 0, false);

    ck_assert_ptr_nonnull(none);
    ck_assert_uint_eq(kp_range_size(none), 0);
    kp_range_unref(none);
    ck_assert_ptr_null(kp_range_map(-1, 10, false));
    ck_assert_ptr_null(kp_range_map(dup(descriptor), UINT64_MAX, true));
    ck_assert_int_eq(errno, EFBIG);
    ck_assert_ptr_null(kp_range_adopt_memfd(descriptor, 0));
    ck_assert_int_eq(kp_memfd_new(UINT64_MAX), -1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base-share");
    TCase *tests = tcase_create("all");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(tests, 30);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, runs);
    tcase_add_test(tests, runs_of_joined_gathers);
    tcase_add_test(tests, runs_of_many_joined_gathers);
    tcase_add_test(tests, files_are_opened_again);
    tcase_add_loop_test(tests, files_that_changed_are_copied, 0,
                        sizeof(changes) / sizeof(changes[0]));
    tcase_add_test(tests, pages_that_vanish_while_they_are_copied);
    tcase_add_test(tests, pages_that_vanish_on_the_other_side);
    tcase_add_test(tests, memory_is_copied_once);
    tcase_add_test(tests, threads_copy_once);
    tcase_add_test(tests, adopted_memfds);
    tcase_add_test(tests, memfds_of_fixed_size);
    tcase_add_test(tests, an_adopted_memfd_crosses_as_it_is);
    tcase_add_test(tests, what_cannot_be_mapped);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
