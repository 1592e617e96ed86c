/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of host/image.h: outputs that grow, small and large, and what they become. Their
 * use by plugins is plugin-call.c's.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include "base/range_share.h"
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

/* As many chunks as are needed to double the size each time. */
START_TEST(chunks_grow)
{
    static const uint8_t bytes[1000];

    for (unsigned i = 0; i < 60000; i++)
        ck_assert_int_eq(kp_output_append(&output, bytes, sizeof(bytes)), KP_OUTPUT_OK);
    ck_assert_uint_lt(output.chunks.count, 14);
    ck_assert_uint_eq(output.pieces.count, output.chunks.count);
}
END_TEST

/* --- of what it consists --- */

/* Whether piece `index` is such a one. */
static void expect_piece(size_t index, enum kp_output_source source, uint64_t offset,
                         uint64_t length)
{
    const struct kp_output_piece *piece = &KP_ITEM(&output.pieces, struct kp_output_piece, index);

    ck_assert_int_eq(piece->source, source);
    ck_assert_uint_eq(piece->offset, offset);
    ck_assert_uint_eq(piece->length, length);
}

START_TEST(taken_apart)
{
    struct kp_image image = {.range = kp_range_copy("0123456789", 10)};
    struct kp_image slice = {
        .range = kp_range_slice(image.range, 3, 5), .whole = &image, .offset = 3};

    ck_assert_int_eq(kp_output_append(&output, "own", 3), KP_OUTPUT_OK);
    ck_assert_int_eq(kp_output_image(&output, &image, 1, 2), KP_OUTPUT_OK);
    ck_assert_int_eq(kp_output_append(&output, "more", 4), KP_OUTPUT_OK);
    reserve(2 * MIB);
    ck_assert_int_eq(kp_output_image(&output, &slice, 1, 2), KP_OUTPUT_OK);
    ck_assert_int_eq(kp_output_fill(&output, 'f', 7), KP_OUTPUT_OK);
    ck_assert_int_eq(kp_output_range(&output, image.range), KP_OUTPUT_OK);
    ck_assert_int_eq(kp_output_check(&output), KP_OUTPUT_OK);
    ck_assert_uint_eq(output.pieces.count, 7);
    expect_piece(0, KP_OUTPUT_OWN, 0, 3);
    expect_piece(1, KP_OUTPUT_IMAGE, 1, 2);
    expect_piece(2, KP_OUTPUT_OWN, 3, 4);
    expect_piece(3, KP_OUTPUT_OWN, 0, 2 * MIB);
    expect_piece(4, KP_OUTPUT_IMAGE, 4, 2);
    expect_piece(5, KP_OUTPUT_FILL, 0, 7);
    expect_piece(6, KP_OUTPUT_RANGE, 0, 10);
    ck_assert_uint_eq(KP_ITEM(&output.pieces, struct kp_output_piece, 3).chunk, 1);
    ck_assert_ptr_eq(KP_ITEM(&output.pieces, struct kp_output_piece, 4).image, &image);
    ck_assert_uint_eq(KP_ITEM(&output.pieces, struct kp_output_piece, 5).byte, 'f');
    ck_assert_mem_eq(KP_ITEM(&output.chunks, struct kp_output_chunk, 0).memory, "ownmore", 7);
    kp_output_release_chunks(&output);
    ck_assert_ptr_null(KP_ITEM(&output.chunks, struct kp_output_chunk, 0).memory);
    ck_assert_int_eq(kp_output_check(&output), KP_OUTPUT_OK);
    kp_image_clear(&slice);
    kp_image_clear(&image);
}
END_TEST

/* --- written past the end --- */

static const uint64_t reserved_sizes[] = {1, 1000, 65536, MIB - 1, MIB, 3 * MIB, 3 * MIB - 64};

START_TEST(overrun_is_found_at_the_end)
{
    const uint64_t size = reserved_sizes[_i];
    struct kp_range *range = NULL;

    memset(reserve(size), 'x', (size_t)size);
    ck_assert_int_eq(kp_output_check(&output), KP_OUTPUT_OK);
    reserve(0)[63] = 'x';
    ck_assert_int_eq(kp_output_check(&output), KP_OUTPUT_OVERRUN);
    ck_assert_int_eq(kp_output_finish(&output, &range), KP_OUTPUT_OVERRUN);
    ck_assert_ptr_null(range);
    ck_assert_uint_eq(output.size, 0);
}
END_TEST

START_TEST(overrun_is_found_before_more_is_handed_out)
{
    const uint64_t size = reserved_sizes[_i];
    uint8_t *at = reserve(size);

    at[size] = 1;
    ck_assert_int_eq(kp_output_append(&output, "", 0), KP_OUTPUT_OVERRUN);
    ck_assert_int_eq(kp_output_reserve(&output, 5 * MIB, &at), KP_OUTPUT_OVERRUN);
    ck_assert_int_eq(kp_output_give_back(&output, 1), KP_OUTPUT_OVERRUN);
}
END_TEST

/* The chunk before the last one is looked at as well. */
START_TEST(overrun_of_an_earlier_chunk)
{
    uint8_t *at = reserve(65536);

    reserve(MIB);
    at[65536] = 1;
    ck_assert_int_eq(kp_output_check(&output), KP_OUTPUT_OVERRUN);
}
END_TEST

START_TEST(behind_a_mapped_chunk_is_nothing)
{
    const struct kp_output_chunk *chunk;

    signal(SIGSEGV, SIG_DFL); /* a sanitizer's handler would exit instead */
    output.store = _i == 0 ? NULL : &kp_output_memfds;
    reserve(MIB);
    chunk = &KP_ITEM(&output.chunks, struct kp_output_chunk, 0);
    chunk->memory[chunk->capacity + 63] = 1;
    chunk->memory[chunk->capacity + 64] = 1;
}
END_TEST

/* --- memory that other processes can map --- */

static uint64_t memfd_inode(struct kp_range *range, uint64_t *size)
{
    struct stat status;
    bool is_file;
    const int descriptor = kp_range_descriptor(range, size, &is_file);

    ck_assert_int_ge(descriptor, 0);
    ck_assert(!is_file);
    ck_assert_int_eq(fstat(descriptor, &status), 0);
    close(descriptor);
    return status.st_ino;
}

START_TEST(shared_chunks)
{
    struct kp_range *range;
    struct stat status;
    uint64_t size;
    uint8_t *at;

    output.store = &kp_output_memfds;
    at = reserve(8 * MIB);
    memset(at, 'x', (size_t)(8 * MIB));
    ck_assert_int_eq(kp_output_give_back(&output, 3 * MIB + 5), KP_OUTPUT_OK);
    ck_assert_int_eq(fstat(KP_ITEM(&output.chunks, struct kp_output_chunk, 0).descriptor, &status),
                     0);
    /* The bytes that remain, and a page behind the reserved end that was looked at. */
    ck_assert_uint_le((uint64_t)status.st_blocks * 512, 5 * MIB + 65536);
    at = reserve(MIB);
    for (uint64_t i = 0; i < MIB; i++)
        ck_assert_uint_eq(at[i], 0);
    ck_assert_int_eq(kp_output_give_back(&output, MIB), KP_OUTPUT_OK);
    ck_assert_int_eq(kp_output_finish(&output, &range), KP_OUTPUT_OK);
    ck_assert_uint_eq(memfd_inode(range, &size), status.st_ino);
    ck_assert_uint_eq(size, 5 * MIB - 5);
    ck_assert_uint_eq(kp_range_view(range)[size - 1], 'x');
    kp_range_unref(range);
}
END_TEST

START_TEST(small_chunks_are_not_shared)
{
    struct kp_range *range;
    uint64_t size;
    bool is_file;

    output.store = &kp_output_memfds;
    reserve(MIB - 1);
    ck_assert_int_eq(kp_output_finish(&output, &range), KP_OUTPUT_OK);
    ck_assert_int_eq(kp_range_descriptor(range, &size, &is_file), -1);
    kp_range_unref(range);
}
END_TEST

static int answer(void *data, uint64_t length, uint32_t *number)
{
    (void)length;
    *number = 7;
    return *(int *)data;
}

START_TEST(stores_that_give_nothing)
{
    int answered = KP_STORE_NO_MEMORY;
    const struct kp_output_store store = {answer, &answered};
    uint8_t *at;

    output.store = &store;
    ck_assert_int_eq(kp_output_reserve(&output, MIB, &at), KP_OUTPUT_NO_MEMORY);
    answered = KP_STORE_NOTHING;
    memset(reserve(MIB), 0, MIB);
    ck_assert_uint_eq(KP_ITEM(&output.chunks, struct kp_output_chunk, 0).number, 7);
    ck_assert_int_eq(KP_ITEM(&output.chunks, struct kp_output_chunk, 0).descriptor,
                     KP_STORE_NOTHING);
    /* Not a thing that can be mapped. */
    answered = open("/dev/null", O_RDONLY);
    ck_assert_int_eq(kp_output_reserve(&output, 8 * MIB, &at), KP_OUTPUT_NO_MEMORY);
    ck_assert_int_eq(fcntl(answered, F_GETFD), -1);
}
END_TEST

static void fill(TCase *tests)
{
    const int sizes = sizeof(reserved_sizes) / sizeof(reserved_sizes[0]);

    tcase_add_test(tests, nothing);
    tcase_add_test(tests, many_small_pieces);
    tcase_add_test(tests, large_pieces_given_back);
    tcase_add_test(tests, all_given_back);
    tcase_add_test(tests, limits);
    tcase_add_test(tests, more_than_there_is);
    tcase_add_test(tests, chunks_grow);
    tcase_add_test(tests, taken_apart);
    tcase_add_loop_test(tests, overrun_is_found_at_the_end, 0, sizes);
    tcase_add_loop_test(tests, overrun_is_found_before_more_is_handed_out, 0, sizes);
    tcase_add_test(tests, overrun_of_an_earlier_chunk);
    tcase_add_loop_test_raise_signal(tests, behind_a_mapped_chunk_is_nothing, SIGSEGV, 0, 2);
    tcase_add_test(tests, shared_chunks);
    tcase_add_test(tests, small_chunks_are_not_shared);
    tcase_add_test(tests, stores_that_give_nothing);
}

int main(void)
{
    return run_tests("plugin-output", begin, end, fill);
}
