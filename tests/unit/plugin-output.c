/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of plugin/image.h: outputs that grow, small and large, and what they become. Their
 * use by plugins is plugin-call.c's.
 */
#include "engine-shared.h"
#include "host/image.h"

#define MIB ((uint64_t)1 << 20)

static struct kp_output output;

static void begin(void)
{
    set_up();
    output = (struct kp_output){.limit = 64 * MIB};
}

static void end(void)
{
    kp_output_clear(&output);
    tear_down();
}

static uint8_t *reserve(uint64_t length)
{
    uint8_t *at = NULL;

    ck_assert_int_eq(kp_output_reserve(&output, length, &at), KP_OUTPUT_OK);
    return at;
}

/* Finishes: so many bytes, each what `expected` says. */
static void expect_bytes(uint64_t size, uint8_t (*expected)(uint64_t offset))
{
    struct kp_range *range;
    const uint8_t *bytes;

    ck_assert_int_eq(kp_output_finish(&output, &range), KP_OUTPUT_OK);
    ck_assert_ptr_nonnull(range);
    ck_assert_uint_eq(kp_range_size(range), size);
    bytes = kp_range_view(range);
    for (uint64_t i = 0; i < size; i++)
        if (bytes[i] != expected(i))
            ck_abort_msg("byte %u is 0x%x", (unsigned)i, bytes[i]);
    kp_range_unref(range);
    ck_assert_uint_eq(output.size, 0);
}

static uint8_t counted(uint64_t offset)
{
    return (uint8_t)(offset / 1000);
}

START_TEST(nothing)
{
    expect_bytes(0, counted);
    reserve(0);
    expect_bytes(0, counted);
    ck_assert_int_eq(kp_output_append(&output, NULL, 0), KP_OUTPUT_OK);
    ck_assert_int_eq(kp_output_give_back(&output, 0), KP_OUTPUT_OK);
    expect_bytes(0, counted);
}
END_TEST

START_TEST(many_small_pieces)
{
    uint8_t bytes[1000];

    for (unsigned i = 0; i < 500; i++) {
        memset(bytes, (uint8_t)i, sizeof(bytes));
        ck_assert_int_eq(kp_output_append(&output, bytes, sizeof(bytes)), KP_OUTPUT_OK);
    }
    expect_bytes(500000, counted);
}
END_TEST

static uint8_t holes(uint64_t offset)
{
    return offset < 10 ? 'a' : offset < 3 * MIB ? 0 : offset < 3 * MIB + 4 ? 'z' : 'r';
}

/* What a library did not need goes back, and is zero when it is handed out again. */
START_TEST(large_pieces_given_back)
{
    struct kp_range *last = kp_range_copy("rrr", 3);
    uint8_t *at = reserve(8 * MIB);

    memset(at, 'a', 10);
    memset(at + 10, 'x', (size_t)(8 * MIB) - 10);
    ck_assert_int_eq(kp_output_give_back(&output, 4 * MIB), KP_OUTPUT_OK);
    ck_assert_int_eq(kp_output_give_back(&output, 4 * MIB - 10), KP_OUTPUT_OK);
    ck_assert_int_eq(kp_output_give_back(&output, 11), KP_OUTPUT_MISUSE);
    ck_assert_uint_eq(output.size, 10);
    reserve(3 * MIB - 10);
    memcpy(reserve(4), "zzzz", 4);
    ck_assert_int_eq(kp_output_range(&output, last), KP_OUTPUT_OK);
    ck_assert_int_eq(kp_output_give_back(&output, 1), KP_OUTPUT_MISUSE);
    kp_range_unref(last);
    expect_bytes(3 * MIB + 7, holes);
}
END_TEST

START_TEST(all_given_back)
{
    reserve(2 * MIB);
    ck_assert_int_eq(kp_output_give_back(&output, 2 * MIB), KP_OUTPUT_OK);
    expect_bytes(0, counted);
    reserve(200);
    ck_assert_int_eq(kp_output_give_back(&output, 200), KP_OUTPUT_OK);
    expect_bytes(0, counted);
}
END_TEST

START_TEST(limits)
{
    struct kp_range *zeros = kp_range_fill(0, 64 * MIB);
    uint8_t *at;

    ck_assert_int_eq(kp_output_append(&output, "x", 1), KP_OUTPUT_OK);
    ck_assert_int_eq(kp_output_range(&output, zeros), KP_OUTPUT_TOO_LARGE);
    ck_assert_int_eq(kp_output_reserve(&output, 64 * MIB, &at), KP_OUTPUT_TOO_LARGE);
    ck_assert_int_eq(kp_output_reserve(&output, UINT64_MAX, &at), KP_OUTPUT_TOO_LARGE);
    reserve(64 * MIB - 1);
    ck_assert_int_eq(kp_output_append(&output, "x", 1), KP_OUTPUT_TOO_LARGE);
    ck_assert_uint_eq(output.size, 64 * MIB);
    kp_range_unref(zeros);
    /* Never finished: end() lets go of all. */
}
END_TEST

START_TEST(more_than_there_is)
{
    uint8_t *at;

    output.limit = UINT64_MAX;
    ck_assert_int_eq(kp_output_reserve(&output, UINT64_MAX, &at), KP_OUTPUT_TOO_LARGE);
    ck_assert_int_eq(kp_output_reserve(&output, PTRDIFF_MAX, &at), KP_OUTPUT_NO_MEMORY);
    ck_assert_int_eq(kp_output_append(&output, "abc", 3), KP_OUTPUT_OK);
    ck_assert_uint_eq(output.size, 3);
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_test(tests, nothing);
    tcase_add_test(tests, many_small_pieces);
    tcase_add_test(tests, large_pieces_given_back);
    tcase_add_test(tests, all_given_back);
    tcase_add_test(tests, limits);
    tcase_add_test(tests, more_than_there_is);
}

int main(void)
{
    return run_tests("plugin-output", begin, end, fill);
}
