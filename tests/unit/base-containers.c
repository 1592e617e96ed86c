/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of base/arena.h, base/vector.h, base/memory.h and base/auto.h.
 */
#include <check.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/vector.h"

START_TEST(arena_gives_zeroed_aligned_memory)
{
    struct kp_arena *arena KP_AUTO(arena) = kp_arena_new();
    unsigned char *previous = NULL;

    ck_assert_ptr_nonnull(arena);
    for (size_t size = 0; size < 3000; size += 7) {
        unsigned char *memory = kp_arena_alloc(arena, size);

        ck_assert_ptr_nonnull(memory);
        ck_assert_ptr_ne(memory, previous);
        ck_assert_uint_eq((uintptr_t)memory % alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            ck_assert_uint_eq(memory[i], 0);
        memset(memory, 0xff, size);
        previous = memory;
    }
}
END_TEST

START_TEST(arena_gives_large_pieces)
{
    struct kp_arena *arena KP_AUTO(arena) = kp_arena_new();
    char *first = kp_arena_alloc(arena, 1000000); /* before there is any block */
    char *small = kp_arena_alloc(arena, 10);
    char *second = kp_arena_alloc(arena, 1000000);
    char *beside = kp_arena_alloc(arena, 10);

    ck_assert(first != NULL && small != NULL && second != NULL && beside != NULL);
    /* The large piece did not end the block of the small ones. */
    ck_assert_int_eq(beside - small, 16);
    memset(first, 1, 1000000);
    memset(second, 2, 1000000);
    ck_assert_int_eq(small[0], 0);
}
END_TEST

START_TEST(arena_refuses_what_overflows)
{
    struct kp_arena *arena KP_AUTO(arena) = kp_arena_new();

    ck_assert_ptr_null(kp_arena_array(arena, SIZE_MAX / 2, 3));
    ck_assert_ptr_null(kp_arena_alloc(arena, SIZE_MAX));
    ck_assert_ptr_null(kp_arena_alloc(arena, SIZE_MAX - 64));
    ck_assert_ptr_null(kp_arena_strndup(arena, "x", SIZE_MAX));
    ck_assert_ptr_nonnull(kp_arena_array(arena, 0, 8));
    ck_assert_ptr_nonnull(kp_arena_array(arena, 100, 8));
}
END_TEST

START_TEST(arena_copies_text)
{
    struct kp_arena *arena KP_AUTO(arena) = kp_arena_new();

    ck_assert_str_eq(kp_arena_strdup(arena, "vmlinux"), "vmlinux");
    ck_assert_str_eq(kp_arena_strdup(arena, ""), "");
    ck_assert_str_eq(kp_arena_strndup(arena, "vmlinux", 2), "vm");
    ck_assert_str_eq(kp_arena_strndup(arena, NULL, 0), "");
    ck_assert_str_eq(kp_arena_printf(arena, "%s-%d", "a", 5), "a-5");
    kp_arena_free(NULL);
}
END_TEST

START_TEST(vector_grows)
{
    struct kp_vector vector KP_AUTO(vector) = {0};

    for (uint64_t i = 0; i < 1000; i++) {
        uint64_t *item = KP_PUSH(&vector, uint64_t);

        ck_assert_ptr_nonnull(item);
        ck_assert_uint_eq(*item, 0);
        *item = i * i;
    }
    ck_assert_uint_eq(vector.count, 1000);
    for (uint64_t i = 0; i < 1000; i++)
        ck_assert_uint_eq(KP_ITEM(&vector, uint64_t, i), i * i);
    kp_vector_free(&vector);
    ck_assert_ptr_null(vector.items);
    ck_assert_uint_eq(vector.count, 0);
    ck_assert_ptr_null(kp_vector_push(&vector, SIZE_MAX / 4));
}
END_TEST

START_TEST(string_grows)
{
    struct kp_string string KP_AUTO(string) = {0};

    kp_string_append(&string, "", 0);
    ck_assert_str_eq(string.text, "");
    for (int i = 0; i < 100; i++)
        kp_string_printf(&string, "%d,", i % 10);
    kp_string_add(&string, "end");
    kp_string_append(&string, "abc", 2);
    ck_assert_uint_eq(string.length, 205);
    ck_assert_uint_eq(strlen(string.text), 205);
    ck_assert_str_eq(string.text + 196, "8,9,endab");
    ck_assert(!string.failed);
}
END_TEST

START_TEST(string_remembers_failure)
{
    struct kp_string string KP_AUTO(string) = {0};

    kp_string_add(&string, "before");
    kp_string_append(&string, "x", SIZE_MAX - 2);
    ck_assert(string.failed);
    kp_string_add(&string, "after");
    kp_string_printf(&string, "%s", "after");
    ck_assert_str_eq(string.text, "before");
    kp_string_free(&string);
    ck_assert(!string.failed);
    kp_string_append(&string, "x", PTRDIFF_MAX);
    ck_assert(string.failed);
}
END_TEST

static bool holds_only(const unsigned char *bytes, uint64_t size, unsigned char value)
{
    for (uint64_t i = 0; i < size; i++) {
        if (bytes[i] != value)
            return false;
    }
    return true;
}

START_TEST(memory_of_all_sizes)
{
    static const uint64_t sizes[] = {0, 1, KP_MEMORY_MAPPED - 1, KP_MEMORY_MAPPED, 5000001};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        unsigned char *memory = kp_memory_new(sizes[i]);

        ck_assert_ptr_nonnull(memory);
        ck_assert(holds_only(memory, sizes[i], 0));
        if (sizes[i] > 0)
            memset(memory, 1, sizes[i]);
        kp_memory_free(memory, sizes[i]);
    }
    kp_memory_free(NULL, 0);
    kp_memory_free(NULL, 5000001);
    ck_assert_ptr_null(kp_memory_new(UINT64_MAX));
}
END_TEST

START_TEST(memory_is_resized)
{
    static const uint64_t sizes[] = {10, 0, 100000, 2000000, 9000001, 3000001, 4000000, 50, 60};
    uint64_t size = 10;
    unsigned char *memory = kp_memory_new(size);

    memset(memory, 0xee, size);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        const uint64_t common = size < sizes[i] ? size : sizes[i];

        memory = kp_memory_resize(memory, size, sizes[i]);
        ck_assert_ptr_nonnull(memory);
        ck_assert(holds_only(memory, common, 0xee));
        ck_assert(holds_only(memory + common, sizes[i] - common, 0));
        size = sizes[i];
        memset(memory, 0xee, size);
        ck_assert_ptr_null(kp_memory_resize(memory, size, UINT64_MAX));
    }
    kp_memory_free(memory, size);
}
END_TEST

START_TEST(map_finds_what_was_put)
{
    struct kp_arena *arena KP_AUTO(arena) = kp_arena_new();
    struct kp_map map = {.arena = arena};
    int values[100];

    ck_assert_ptr_null(kp_map_get(&map, "1"));
    for (int i = 0; i < 100; i++)
        ck_assert(kp_map_put(&map, kp_arena_printf(arena, "%d", i), &values[i]));
    ck_assert(kp_map_put(&map, "7", &values[70]));
    ck_assert_uint_eq(map.count, 100);
    ck_assert_ptr_eq(kp_map_get(&map, "7"), &values[70]);
    ck_assert_ptr_eq(kp_map_get(&map, "99"), &values[99]);
    ck_assert_ptr_null(kp_map_get(&map, "100"));
}
END_TEST

START_TEST(steal_hands_on)
{
    char *mine = strdup("x");
    char *kept KP_AUTO(free) = KP_STEAL(mine);

    ck_assert_ptr_null(mine);
    ck_assert_str_eq(kept, "x");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base-containers");
    TCase *tests = tcase_create("all");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tests, arena_gives_zeroed_aligned_memory);
    tcase_add_test(tests, arena_gives_large_pieces);
    tcase_add_test(tests, arena_refuses_what_overflows);
    tcase_add_test(tests, arena_copies_text);
    tcase_add_test(tests, vector_grows);
    tcase_add_test(tests, string_grows);
    tcase_add_test(tests, string_remembers_failure);
    tcase_add_test(tests, memory_of_all_sizes);
    tcase_add_test(tests, memory_is_resized);
    tcase_add_test(tests, map_finds_what_was_put);
    tcase_add_test(tests, steal_hands_on);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
