/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/worker-lent.c - what kpipe lends to a worker: memory for outputs, threads. And that
 * nothing of it stays.
 */
#include "worker-shared.h"

#ifdef KPIPE_NO_DLOPEN
int main(void)
{
    return EXIT_SUCCESS;
}
#else

/* --- memory that kpipe grants --- */

/* A request for memory, granted; the descriptor stays the test's. */
static int grant(void)
{
    uint64_t length;
    int descriptor;

    hear(KP_WIRE_GRANT);
    length = kp_take_u64(&message.payload);
    hear_end();
    ck_assert_uint_ge(length, 3 << 20);
    descriptor = kp_memfd_new(length);
    ck_assert_int_ge(descriptor, 0);
    kp_put_u8(&payload, 1);
    tell_worker(KP_WIRE_ANSWER, &descriptor, 1);
    return descriptor;
}

START_TEST(test_grant)
{
    struct kp_range *range;
    int descriptor;

    output_limit = UINT64_C(8) << 20;
    begin("faulty");
    call_faulty(9);
    hear_address();
    descriptor = grant();
    hear_done(KP_OK, 3);
    ck_assert_uint_eq(kp_take_u8(&message.payload), KP_PIECE_GRANT);
    ck_assert_uint_eq(kp_take_u32(&message.payload), 0);
    ck_assert_uint_eq(kp_take_u64(&message.payload), 0);
    ck_assert_uint_eq(kp_take_u64(&message.payload), 3 << 20);
    ck_assert_uint_eq(kp_take_u8(&message.payload), KP_PIECE_FILL);
    ck_assert_uint_eq(kp_take_u8(&message.payload), 0);
    ck_assert_uint_eq(kp_take_u64(&message.payload), 5);
    ck_assert_uint_eq(kp_take_u8(&message.payload), KP_PIECE_GRANT);
    ck_assert_uint_eq(kp_take_u32(&message.payload), 0);
    ck_assert_uint_eq(kp_take_u64(&message.payload), 3 << 20);
    ck_assert_uint_eq(kp_take_u64(&message.payload), 3);
    hear_end();
    /* Nobody has it mapped for writing any more: it can be sealed. */
    range = kp_range_adopt_memfd(descriptor, (3 << 20) + 3);
    ck_assert_ptr_nonnull(range);
    ck_assert_mem_eq(kp_range_view(range), "ABCDEFGHIJKLMNOPQRSTUVWXYZAB", 28);
    ck_assert_mem_eq(kp_range_view(range) + (3 << 20), "end", 3);
    kp_range_unref(range);
    end_worker(0);
}
END_TEST

/* kpipe has said why; the worker adds nothing. */
START_TEST(test_no_grant)
{
    output_limit = UINT64_C(8) << 20;
    begin("faulty");
    call_faulty(9);
    hear_address();
    hear(KP_WIRE_GRANT);
    kp_put_u8(&payload, 0);
    tell_worker(KP_WIRE_ANSWER, NULL, 0);
    hear_done(KP_FAILED, 0);
    end_worker(0);
}
END_TEST

/* --- threads --- */

static int lend(void)
{
    int ends[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    kp_put_u32(&payload, 0);
    tell_worker(KP_WIRE_LEND, &ends[1], 1);
    close(ends[1]);
    return ends[0];
}

/* Waits until a thread is done. */
static void get_back(int socket)
{
    char byte;

    ck_assert_int_eq(read(socket, &byte, 1), 0);
    close(socket);
}

static void expect_parallel(unsigned threads)
{
    int lent[4];

    call_faulty(13);
    hear_address();
    hear(KP_WIRE_PARALLEL);
    ck_assert_uint_eq(kp_take_u64(&message.payload), 8);
    for (unsigned i = 0; i < threads; i++)
        lent[i] = lend();
    for (unsigned i = 0; i < threads; i++)
        get_back(lent[i]);
    answer_result(KP_OK);
    hear_done(KP_OK, 1);
    hear_own("\1\1\1\1\1\1\1\1", 8);
}

START_TEST(test_parallel)
{
    begin("faulty");
    expect_parallel(1);
    expect_parallel(4);
    expect_parallel(0);
    /* kpipe could not, and has said so. */
    call_faulty(13);
    hear_address();
    hear(KP_WIRE_PARALLEL);
    answer_result(KP_FAILED);
    hear_done(KP_FAILED, 0);
    end_worker(0);
}
END_TEST

/* A service that only the call's own thread may use is not asked for by another. */
START_TEST(test_other_thread)
{
    begin("faulty");
    call_faulty(6);
    hear_address();
    hear(KP_WIRE_PARALLEL);
    get_back(lend());
    answer_result(KP_OK);
    hear_fault("uses a service on a thread on which it may not (kpipe/host.h)");
    hear_done(KP_OK, 0);
    end_worker(0);
}
END_TEST

/* --- what stays --- */

static unsigned count_lines(const char *path)
{
    FILE *file = fopen(path, "r");
    unsigned count = 0;
    int c;

    ck_assert_ptr_nonnull(file);
    while ((c = fgetc(file)) != EOF)
        count += c == '\n';
    fclose(file);
    return count;
}

static unsigned count_descriptors(void)
{
    unsigned count = 0;

    for (int i = 0; i < 1024; i++)
        count += fcntl(i, F_GETFD) >= 0;
    return count;
}

/* A call with bytes by descriptor, memory of its own, and threads. */
static void call_all(void)
{
    int file = open(sample("rogue"), O_RDONLY | O_CLOEXEC);
    int descriptor;

    kp_put_u32(&payload, 0);
    kp_put_u64(&payload, 4096);
    kp_put_bytes(&payload, NULL, 0);
    tell_worker(KP_WIRE_BYTES, &file, 1);
    close(file);
    call_faulty(9);
    hear_address();
    descriptor = grant();
    hear_done(KP_OK, 3);
    close(descriptor);
    expect_parallel(2);
}

/* Mappings and descriptors are as many after many calls; ASan looks after the rest. */
START_TEST(test_nothing_stays)
{
    unsigned mappings, descriptors;

    output_limit = UINT64_C(8) << 20;
    begin("faulty");
    for (int i = 0; i < 10; i++)
        call_all();
    mappings = count_lines("/proc/self/maps");
    descriptors = count_descriptors();
    for (int i = 0; i < 100; i++)
        call_all();
    ck_assert_uint_le(count_lines("/proc/self/maps"), mappings + 20);
    ck_assert_uint_eq(count_descriptors(), descriptors);
    end_worker(0);
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_test(tests, test_grant);
    tcase_add_test(tests, test_no_grant);
    tcase_add_test(tests, test_parallel);
    tcase_add_test(tests, test_other_thread);
    tcase_add_test(tests, test_nothing_stays);
}

int main(void)
{
    return run_case("worker-lent", fill);
}
#endif
