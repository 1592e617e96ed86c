/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of base/range.h: memory, slices and gathers. Fills and views are tested
 * in base-view.c, files in base-files.c.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base-shared.h"
#include "base/auto.h"

START_TEST(copied_memory)
{
    struct kp_range *range KP_AUTO(range) = of_text("vmlinux");
    struct kp_range *empty KP_AUTO(range) = kp_range_copy(NULL, 0);
    const uint8_t *bytes;
    uint64_t length;

    expect(range, "vmlinux");
    expect(empty, "");
    kp_range_piece(range, 7, &bytes, &length);
    ck_assert_uint_eq(length, 0);
    kp_range_piece(range, UINT64_MAX, &bytes, &length);
    ck_assert_uint_eq(length, 0);
    ck_assert_ptr_null(kp_range_vanished(range));
    ck_assert_ptr_null(kp_range_ref(NULL));
    kp_range_unref(NULL);
}
END_TEST

START_TEST(large_memory)
{
    const size_t size = 3000001;
    char *source = malloc(size);
    struct kp_range *range;

    for (size_t i = 0; i < size; i++)
        source[i] = (char)(i * 7 >> 3);
    range = kp_range_copy(source, size);
    ck_assert(memcmp(kp_range_view(range), source, size) == 0);
    kp_range_unref(range);
    free(source);
}
END_TEST

static uint64_t released;

static void release(void *memory, uint64_t size)
{
    ck_assert_str_eq((char *)memory, "mine");
    released += size;
    free(memory);
}

START_TEST(adopted_memory_is_released_once)
{
    struct kp_range *range = kp_range_adopt(strdup("mine"), 4, release);
    struct kp_range *slice = kp_range_slice(range, 1, 2);
    struct kp_range *of_slice = kp_range_slice(slice, 1, 1);
    struct kp_range *borrowed;
    static char constant[] = "x";

    kp_range_ref(range);
    kp_range_unref(range);
    kp_range_unref(range);
    kp_range_unref(slice);
    ck_assert_uint_eq(released, 0);
    expect(of_slice, "n");
    kp_range_unref(of_slice);
    ck_assert_uint_eq(released, 4);
    borrowed = kp_range_adopt(constant, 1, NULL);
    expect(borrowed, "x");
    kp_range_unref(borrowed);
}
END_TEST

START_TEST(slices)
{
    struct kp_range *range = of_text("0123456789");
    struct kp_range *whole = kp_range_slice(range, 0, 10);
    struct kp_range *none = kp_range_slice(range, 10, 0);
    struct kp_range *slice = kp_range_slice(range, 2, 6);

    ck_assert_ptr_eq(whole, range);
    expect(none, "");
    expect(slice, "234567");
    ck_assert_ptr_eq(kp_range_view(slice), kp_range_view(range) + 2);
    ck_assert_ptr_null(kp_range_slice(range, 11, 0));
    ck_assert_ptr_null(kp_range_slice(range, 5, 6));
    ck_assert_ptr_null(kp_range_slice(range, 5, UINT64_MAX));
    ck_assert_ptr_null(kp_range_slice(slice, 0, 7));
    ck_assert_ptr_null(kp_range_slice(NULL, 0, 0));
    kp_range_unref(range);
    kp_range_unref(whole);
    kp_range_unref(none);
    slice = slice_of(slice, 1, 3);
    expect(slice, "345");
    kp_range_unref(slice);
}
END_TEST

START_TEST(gathers)
{
    struct kp_range *range = gather2(of_text("abc"), of_text("defg"));
    struct kp_range *nested = gather2(range, gather2(of_text("hi"), of_text("")));
    struct kp_range *none;

    ck_assert_int_eq(pieces_of(nested), 3);
    ck_assert_ptr_null(kp_range_vanished(nested));
    expect(nested, "abcdefghi");
    ck_assert_int_eq(pieces_of(nested), 1); /* joined now */
    kp_range_unref(nested);

    none = kp_range_gather(NULL, 0);
    expect(none, "");
    none = gather2(none, kp_range_fill(1, 0));
    expect(none, "");
    range = of_text("only");
    ck_assert_ptr_eq(kp_range_gather(&range, 1), range);
    kp_range_unref(range);
    nested = gather2(none, kp_range_ref(range));
    ck_assert_ptr_eq(nested, range);
    kp_range_unref(nested);
    kp_range_unref(range);
}
END_TEST

START_TEST(slices_of_gathers_of_slices)
{
    struct kp_range *text = of_text("0123456789abcdef");
    struct kp_range *gather =
        gather2(gather2(kp_range_slice(text, 10, 3), kp_range_slice(text, 0, 5)),
                gather2(kp_range_fill('-', 3), kp_range_slice(text, 13, 3)));
    static const char all[] = "abc01234---def";

    kp_range_unref(text);
    ck_assert_int_eq(pieces_of(gather), 4);
    for (uint64_t begin = 0; begin <= 14; begin++) {
        for (uint64_t length = 0; begin + length <= 14; length++) {
            char expected[16] = "";
            struct kp_range *slice = kp_range_slice(gather, begin, length);
            struct kp_range *inner = length > 2 ? kp_range_slice(slice, 1, length - 2) : NULL;

            /* The full slice is the gather itself, which is not to be joined yet. */
            if (length < 14) {
                memcpy(expected, all + begin, length);
                expect(slice, expected);
            }
            if (inner != NULL) {
                memset(expected, 0, sizeof(expected));
                memcpy(expected, all + begin + 1, length - 2);
                expect(inner, expected);
            }
            kp_range_unref(slice);
            kp_range_unref(inner);
        }
    }
    ck_assert_int_eq(pieces_of(gather), 4);
    expect(gather, all);
    kp_range_unref(gather);
}
END_TEST

START_TEST(slice_of_joined_gather_shares_its_view)
{
    struct kp_range *gather = gather2(of_text("abc"), of_text("def"));
    const uint8_t *view = kp_range_view(gather);
    struct kp_range *slice = kp_range_slice(gather, 2, 3);
    struct kp_range *deeper;

    ck_assert_ptr_eq(kp_range_view(gather), view);
    ck_assert_ptr_eq(kp_range_view(slice), view + 2);
    ck_assert_ptr_null(kp_range_vanished(slice));
    kp_range_unref(gather);
    expect(slice, "cde");
    /* A joined gather under a gather under a slice, and so on. */
    for (int i = 0; i < 100; i++) {
        deeper = gather2(slice, of_text("xyz"));
        ck_assert_ptr_nonnull(kp_range_view(deeper));
        slice = slice_of(deeper, 1, 4);
    }
    ck_assert_uint_eq(kp_range_size(slice), 4);
    ck_assert_ptr_null(kp_range_vanished(slice));
    kp_range_unref(slice);
}
END_TEST

START_TEST(neighbours_become_one)
{
    struct kp_range *text = of_text("0123456789");
    struct kp_range *middle = gather2(kp_range_slice(text, 1, 4), kp_range_slice(text, 5, 4));
    struct kp_range *swapped = gather2(kp_range_slice(text, 5, 4), kp_range_slice(text, 1, 4));

    ck_assert_int_eq(pieces_of(middle), 1);
    ck_assert_ptr_eq(kp_range_view(middle), kp_range_view(text) + 1);
    ck_assert_int_eq(pieces_of(swapped), 2);
    kp_range_unref(text);
    expect(middle, "12345678");
    expect(swapped, "56781234");
    kp_range_unref(middle);
    kp_range_unref(swapped);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base-range");
    TCase *tests = tcase_create("all");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tests, copied_memory);
    tcase_add_test(tests, large_memory);
    tcase_add_test(tests, adopted_memory_is_released_once);
    tcase_add_test(tests, slices);
    tcase_add_test(tests, gathers);
    tcase_add_test(tests, slices_of_gathers_of_slices);
    tcase_add_test(tests, slice_of_joined_gather_shares_its_view);
    tcase_add_test(tests, neighbours_become_one);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
