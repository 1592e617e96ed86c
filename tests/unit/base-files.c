/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of base/range.h: ranges from files and descriptors, and files that are cut
 * short while they are mapped. Writing is tested in base-write.c.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base-shared.h"

START_TEST(mapped_file)
{
    struct kp_file_identity identity;
    struct kp_range *range;
    struct stat status;

    make_file(10000);
    range = kp_range_open(path, "the file", &identity);
    ck_assert(has_bytes(range, 10000));
    ck_assert_ptr_null(kp_range_vanished(range));
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_uint_eq(identity.inode, status.st_ino);
    ck_assert_uint_eq(identity.device, status.st_dev);
    ck_assert_uint_eq(identity.size, 10000);
    ck_assert_int_eq(identity.seconds, status.st_mtim.tv_sec);
    ck_assert_int_eq(identity.nanoseconds, status.st_mtim.tv_nsec);
    /* The file may go; the mapping stays. */
    unlink(path);
    ck_assert(has_bytes(range, 10000));
    ck_assert_ptr_null(kp_range_vanished(range));
    kp_range_unref(range);
}
END_TEST

START_TEST(files_that_cannot_be_opened)
{
    errno = 0;
    ck_assert_ptr_null(kp_range_open(path, "x", NULL));
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_ptr_null(kp_range_open(folder, "x", NULL));
    ck_assert_int_eq(errno, EISDIR);
    ck_assert_ptr_null(kp_range_open("/proc/self/mem", "x", NULL));
    ck_assert_int_eq(errno, EIO);
}
END_TEST

START_TEST(files_that_cannot_be_mapped)
{
    struct kp_file_identity identity;
    struct kp_range *range;

    make_file(0);
    range = kp_range_open(path, "empty", &identity);
    ck_assert_uint_eq(kp_range_size(range), 0);
    ck_assert_uint_eq(identity.size, 0);
    ck_assert_ptr_nonnull(kp_range_view(range));
    kp_range_unref(range);
    range = kp_range_open("/dev/null", "null", NULL);
    ck_assert_uint_eq(kp_range_size(range), 0);
    kp_range_unref(range);
    /* procfs says size 0, sysfs a page. */
    range = kp_range_open("/proc/self/status", "status", NULL);
    ck_assert_uint_gt(kp_range_size(range), 100);
    ck_assert_mem_eq(kp_range_view(range), "Name:", 5);
    kp_range_unref(range);
    range = kp_range_open("/sys/kernel/mm/transparent_hugepage/enabled", "sysfs", NULL);
    if (range != NULL) {
        ck_assert_uint_gt(kp_range_size(range), 5);
        ck_assert_uint_lt(kp_range_size(range), 100);
    }
    kp_range_unref(range);
}
END_TEST

struct feeder {
    int descriptor;
    uint64_t size;
};

static void *feed(void *data)
{
    struct feeder *feeder = data;

    for (uint64_t i = 0; i < feeder->size;) {
        uint8_t bytes[5000];
        uint64_t count = 0;

        while (count < sizeof(bytes) && i < feeder->size)
            bytes[count++] = byte_at(i++);
        if (write(feeder->descriptor, bytes, count) != (ssize_t)count)
            break;
    }
    close(feeder->descriptor);
    return NULL;
}

static struct kp_range *read_from_pipe(uint64_t size, uint64_t limit, int flags)
{
    int ends[2];
    struct feeder feeder;
    pthread_t thread;
    struct kp_range *range;
    int saved_errno;

    ck_assert_int_eq(pipe(ends), 0);
    fcntl(ends[0], F_SETFL, flags);
    feeder = (struct feeder){ends[1], size};
    pthread_create(&thread, NULL, feed, &feeder);
    range = kp_range_from_descriptor(ends[0], limit);
    saved_errno = errno;
    close(ends[0]);
    pthread_join(thread, NULL);
    errno = saved_errno;
    return range;
}

START_TEST(pipes_are_read)
{
    static const uint64_t sizes[] = {0, 1, 65535, 65536, 65537, 3000000};

    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct kp_range *range = read_from_pipe(sizes[i], UINT64_MAX, 0);

        ck_assert(has_bytes(range, sizes[i]));
        kp_range_unref(range);
        range = read_from_pipe(sizes[i], sizes[i], O_NONBLOCK);
        ck_assert(has_bytes(range, sizes[i]));
        kp_range_unref(range);
        if (sizes[i] == 0)
            continue;
        ck_assert_ptr_null(read_from_pipe(sizes[i], sizes[i] - 1, 0));
        ck_assert_int_eq(errno, EFBIG);
    }
    ck_assert_ptr_null(kp_range_from_descriptor(-1, 10));
    ck_assert_int_eq(errno, EBADF);
}
END_TEST

START_TEST(fifo_is_opened_as_a_file)
{
    struct feeder feeder = {-1, 20000};
    pid_t child;
    struct kp_range *range;
    int status;

    ck_assert_int_eq(mkfifo(path, 0600), 0);
    child = fork();
    if (child == 0) {
        feeder.descriptor = open(path, O_WRONLY);
        feed(&feeder);
        _exit(0);
    }
    range = open_file();
    ck_assert(has_bytes(range, 20000));
    ck_assert_ptr_null(kp_range_vanished(range));
    kp_range_unref(range);
    waitpid(child, &status, 0);
}
END_TEST

START_TEST(cut_file_reads_as_zeros)
{
    const uint64_t size = (uint64_t)page * 5 + 100;
    const uint8_t *bytes;
    struct kp_range *range;
    struct kp_range *again;

    make_file(size);
    range = open_file();
    bytes = kp_range_view(range);
    ck_assert_uint_eq(bytes[page * 3], byte_at((uint64_t)page * 3));
    ck_assert_int_eq(truncate(path, page * 2), 0);
    ck_assert_uint_eq(bytes[page * 3 + 7], 0);
    ck_assert_uint_eq(bytes[page * 2], 0);
    ck_assert_uint_eq(bytes[size - 1], 0);
    ck_assert_uint_eq(bytes[page * 2 - 1], byte_at((uint64_t)page * 2 - 1));
    ck_assert_str_eq(kp_range_vanished(range), "the file");
    unlink(path); /* known from the handler, not from the file's size */
    ck_assert_str_eq(kp_range_vanished(range), "the file");
    kp_range_unref(range);
    /* The slot is used again. */
    make_file(size);
    again = open_file();
    ck_assert(has_bytes(again, size));
    ck_assert_ptr_null(kp_range_vanished(again));
    kp_range_unref(again);
}
END_TEST

START_TEST(cut_inside_a_page_is_noticed)
{
    struct kp_range *range;

    make_file(1000);
    range = open_file();
    ck_assert_ptr_null(kp_range_vanished(range));
    ck_assert_int_eq(truncate(path, 999), 0);
    ck_assert_str_eq(kp_range_vanished(range), "the file");
    ck_assert_int_eq(truncate(path, 1000), 0);
    ck_assert_str_eq(kp_range_vanished(range), "the file");
    kp_range_unref(range);
    /* Another file in its place says nothing. */
    make_file(1000);
    range = open_file();
    unlink(path);
    make_file(10);
    ck_assert_ptr_null(kp_range_vanished(range));
    kp_range_unref(range);
}
END_TEST

START_TEST(written_file_is_noticed)
{
    /* As a write would leave it; a write's own time may be that of make_file's. */
    const struct timespec times[2] = {{0, UTIME_OMIT}, {1, 0}};
    struct kp_range *range;

    make_file(1000);
    range = open_file();
    ck_assert_ptr_null(kp_range_vanished(range));
    ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
    ck_assert_str_eq(kp_range_vanished(range), "the file");
    kp_range_unref(range);
}
END_TEST

START_TEST(cut_file_is_named_through_gathers)
{
    struct kp_range *parts[2] = {kp_range_copy("abc", 3), NULL};
    struct kp_range *gather;
    struct kp_range *slice;
    struct kp_range *clean;

    make_file((uint64_t)page * 2);
    parts[1] = open_file();
    gather = kp_range_gather(parts, 2);
    kp_range_unref(parts[0]);
    kp_range_unref(parts[1]);
    clean = kp_range_slice(gather, 0, 3);
    ck_assert_ptr_null(kp_range_vanished(gather));
    ck_assert_int_eq(truncate(path, 0), 0);
    slice = kp_range_slice(gather, 1, 100);
    ck_assert_uint_eq(kp_range_view(slice)[50], 0);
    ck_assert_str_eq(kp_range_vanished(slice), "the file");
    ck_assert_str_eq(kp_range_vanished(gather), "the file");
    ck_assert_ptr_null(kp_range_vanished(clean));
    ck_assert_ptr_nonnull(kp_range_view(gather));
    kp_range_unref(slice);
    slice = kp_range_slice(gather, 1, 100); /* now of the joined bytes */
    ck_assert_str_eq(kp_range_vanished(slice), "the file");
    kp_range_unref(slice);
    kp_range_unref(gather);
    kp_range_unref(clean);
}
END_TEST

START_TEST(many_files_are_mapped)
{
    struct kp_range *ranges[200];

    make_file((uint64_t)page * 2);
    for (size_t i = 0; i < 200; i++)
        ranges[i] = open_file();
    for (size_t i = 0; i < 200; i += 3) {
        kp_range_unref(ranges[i]);
        ranges[i] = NULL;
    }
    for (size_t i = 0; i < 200; i += 6)
        ranges[i] = open_file();
    ck_assert_int_eq(truncate(path, page), 0);
    for (size_t i = 0; i < 200; i++) {
        if (ranges[i] == NULL)
            continue;
        ck_assert_uint_eq(kp_range_view(ranges[i])[page + 1], 0);
        ck_assert_uint_eq(kp_range_view(ranges[i])[1], byte_at(1));
        kp_range_unref(ranges[i]);
    }
}
END_TEST

static void *read_cut_page(void *data)
{
    volatile const uint8_t *bytes = data;
    uintptr_t sum = 0;

    for (long i = 1; i < 64; i++)
        sum += bytes[i * page];
    return sum == 0 ? data : NULL; // zeros all
}

START_TEST(many_threads_meet_the_cut)
{
    struct kp_range *range;
    pthread_t threads[4];

    make_file((uint64_t)page * 64);
    range = open_file();
    ck_assert_int_eq(truncate(path, page), 0);
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, read_cut_page,
                       (void *)(uintptr_t)kp_range_view(range)); // NOLINT
    for (int i = 0; i < 4; i++) {
        void *result;

        pthread_join(threads[i], &result);
        ck_assert_ptr_nonnull(result);
    }
    ck_assert_str_eq(kp_range_vanished(range), "the file");
    kp_range_unref(range);
}
END_TEST

/* The status of a child that ran a function. */
static int run_child(void (*function)(void))
{
    int status = 0;
    const pid_t child = fork();

    if (child == 0) {
        signal(SIGALRM, SIG_DFL);
        alarm(5); /* a loop of faults would never end */
        function();
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return status;
}

static void read_other_mapping(void)
{
    const int descriptor = open(path, O_RDONLY);
    const volatile uint8_t *bytes =
        mmap(NULL, (size_t)page * 2, PROT_READ, MAP_PRIVATE, descriptor, 0);

    if (truncate(path, page) == 0)
        (void)bytes[page];
}

static void send_signal(void)
{
    kill(getpid(), SIGBUS);
    usleep(1000000);
}

static void on_bus(int number)
{
    (void)number;
    _exit(77);
}

/* Sanitizers have a handler that ends the process in their own way. */
START_TEST(other_bus_errors_are_passed_on)
{
    int status;

    make_file((uint64_t)page * 2);
    status = run_child(read_other_mapping);
    ck_assert(!WIFEXITED(status) || WEXITSTATUS(status) != 0);
    ck_assert(!WIFSIGNALED(status) || WTERMSIG(status) == SIGBUS);
    status = run_child(send_signal);
    ck_assert(!WIFEXITED(status) || WEXITSTATUS(status) != 0);
    ck_assert(!WIFSIGNALED(status) || WTERMSIG(status) == SIGBUS);
}
END_TEST

/* Runs without the fixture: the guard goes on top of a handler. */
START_TEST(bus_errors_reach_an_earlier_handler)
{
    struct sigaction earlier = {.sa_handler = on_bus};
    int status;

    make_folder();
    make_file((uint64_t)page * 2);
    ck_assert_int_eq(sigaction(SIGBUS, &earlier, NULL), 0);
    ck_assert(kp_range_guard_install());
    status = run_child(read_other_mapping);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 77);
    status = run_child(send_signal);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 77);
    tear_down();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base-files");
    TCase *tests = tcase_create("all");
    TCase *bare = tcase_create("without the guard");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, mapped_file);
    tcase_add_test(tests, files_that_cannot_be_opened);
    tcase_add_test(tests, files_that_cannot_be_mapped);
    tcase_add_test(tests, pipes_are_read);
    tcase_add_test(tests, fifo_is_opened_as_a_file);
    tcase_add_test(tests, cut_file_reads_as_zeros);
    tcase_add_test(tests, cut_inside_a_page_is_noticed);
    tcase_add_test(tests, written_file_is_noticed);
    tcase_add_test(tests, cut_file_is_named_through_gathers);
    tcase_add_test(tests, many_files_are_mapped);
    tcase_add_test(tests, many_threads_meet_the_cut);
    tcase_add_test(tests, other_bus_errors_are_passed_on);
    suite_add_tcase(suite, tests);
    tcase_add_test(bare, bus_errors_reach_an_earlier_handler);
    suite_add_tcase(suite, bare);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
