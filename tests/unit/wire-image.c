/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/wire-image.c - images in messages: traits and pieces, none, and what is no image.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "wire/image.h"
#include "wire/message.h"

static struct kp_range *ranges[2];
static struct kp_wire_runs runs = {ranges, 2};
static struct kp_wire_writer writer;
static struct kp_image image;
static uint32_t handle;

static void set_up(void)
{
    ranges[0] = kp_range_copy("0123456789", 10);
    ranges[1] = kp_range_copy("", 0);
    ck_assert(ranges[0] != NULL && ranges[1] != NULL);
}

static void tear_down(void)
{
    kp_range_unref(ranges[0]);
    kp_range_unref(ranges[1]);
    kp_wire_writer_free(&writer);
}

/* Reads what was written, in memory of its own. */
static bool take(size_t size, bool *bad)
{
    uint8_t *bytes = malloc(size + 1);
    struct kp_wire_reader reader;
    bool good;

    memcpy(bytes, writer.bytes, size);
    bytes = realloc(bytes, size > 0 ? size : 1);
    reader = (struct kp_wire_reader){.bytes = bytes, .size = size};
    good = kp_wire_take_image(&reader, &runs, &handle, &image);
    *bad = reader.bad;
    if (good)
        ck_assert(kp_take_end(&reader));
    free(bytes);
    return good;
}

static void put(const struct kp_wire_piece *pieces, size_t count)
{
    kp_wire_writer_free(&writer);
    kp_wire_put_image(&writer, 5, NULL, pieces, count);
}

static void expect(const char *bytes)
{
    bool bad;

    ck_assert(take(writer.size, &bad));
    ck_assert_uint_eq(handle, 5);
    ck_assert_uint_eq(kp_range_size(image.range), strlen(bytes));
    ck_assert_mem_eq(kp_range_view(image.range), bytes, strlen(bytes));
    kp_image_clear(&image);
}

static void expect_bad(void)
{
    bool bad;

    ck_assert(!take(writer.size, &bad));
    ck_assert(bad);
    ck_assert_ptr_null(image.range);
}

START_TEST(test_pieces)
{
    const struct kp_wire_piece pieces[] = {
        {.run = 0, .offset = 8, .length = 2},
        {.fill = true, .byte = '.', .length = 3},
        {.run = 1},
        {.run = 0, .length = 10},
    };

    put(pieces, 4);
    expect("89...0123456789");
    put(pieces, 1);
    expect("89");
    put(NULL, 0);
    expect("");
    put(pieces + 2, 1);
    expect("");
}
END_TEST

START_TEST(test_traits)
{
    struct kp_traits traits = {0};
    bool bad;

    ck_assert(kp_traits_set_number(&traits, "load", UINT64_MAX));
    ck_assert(kp_traits_set_text(&traits, "version", "6.1"));
    ck_assert(kp_traits_set_text(&traits, "com.example.x", ""));
    kp_wire_put_image(&writer, 0, &traits, NULL, 0);
    kp_traits_free(&traits);
    ck_assert(take(writer.size, &bad));
    ck_assert_uint_eq(handle, 0);
    ck_assert_uint_eq(image.traits.count, 3);
    ck_assert_str_eq(kp_traits_get(&image.traits, "com.example.x")->text, "");
    ck_assert_str_eq(kp_traits_get(&image.traits, "version")->text, "6.1");
    ck_assert_ptr_null(kp_traits_get(&image.traits, "load")->text);
    ck_assert_uint_eq(kp_traits_get(&image.traits, "load")->number, UINT64_MAX);
    kp_image_clear(&image);
}
END_TEST

START_TEST(test_none)
{
    bool bad;

    kp_wire_put_image(&writer, KP_WIRE_NONE, NULL, NULL, 0);
    ck_assert_uint_eq(writer.size, 4);
    ck_assert(take(4, &bad));
    ck_assert_uint_eq(handle, KP_WIRE_NONE);
    ck_assert_ptr_null(image.range);
}
END_TEST

START_TEST(test_outside)
{
    const struct kp_wire_piece outside[] = {
        {.run = 2, .length = 0},
        {.run = UINT32_MAX, .length = 1},
        {.run = 0, .offset = 1, .length = 10},
        {.run = 0, .offset = UINT64_MAX, .length = 2},
        {.run = 0, .offset = 11, .length = 0},
    };
    const struct kp_wire_piece endless[] = {{.fill = true, .length = UINT64_MAX},
                                            {.fill = true, .length = 1}};

    for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
        put(&outside[i], 1);
        expect_bad();
    }
    put(endless, 2);
    expect_bad();
}
END_TEST

static void put_much(void)
{
    const struct kp_wire_piece pieces[] = {{.run = 0, .offset = 8, .length = 2},
                                           {.fill = true, .byte = '.', .length = 3}};
    struct kp_traits traits = {0};

    ck_assert(kp_traits_set_number(&traits, "load", 0x8000));
    ck_assert(kp_traits_set_text(&traits, "version", "6.1"));
    kp_wire_put_image(&writer, 5, &traits, pieces, 2);
    kp_traits_free(&traits);
}

START_TEST(test_cut)
{
    bool bad;

    put_much();
    for (size_t size = 0; size < writer.size; size++) {
        ck_assert(!take(size, &bad));
        ck_assert(bad);
        ck_assert_ptr_null(image.range);
        ck_assert_ptr_null(image.traits.items);
    }
    ck_assert(take(writer.size, &bad));
    kp_image_clear(&image);
}
END_TEST

START_TEST(test_flipped)
{
    struct kp_wire_reader reader;

    put_much();
    for (size_t i = 0; i < writer.size * 8; i++) {
        writer.bytes[i / 8] ^= (uint8_t)(1U << (i % 8));
        reader = (struct kp_wire_reader){.bytes = writer.bytes, .size = writer.size};
        if (kp_wire_take_image(&reader, &runs, &handle, &image))
            kp_image_clear(&image);
        else
            ck_assert(reader.bad || i / 8 >= writer.size - 8); /* a fill without measure */
        writer.bytes[i / 8] ^= (uint8_t)(1U << (i % 8));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wire-image");
    TCase *tests = tcase_create("wire-image");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, test_pieces);
    tcase_add_test(tests, test_traits);
    tcase_add_test(tests, test_none);
    tcase_add_test(tests, test_outside);
    tcase_add_test(tests, test_cut);
    tcase_add_test(tests, test_flipped);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
