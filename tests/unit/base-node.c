/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of base/node.h: nodes and the meaning of scalars; and of kpipe/bytes.h.
 */
#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <kpipe/bytes.h>

#include "base/node.h"

static const struct {
    const char *text;
    unsigned long long value;
    const char *wrong;
} uints[] = {
    {"0", 0, NULL},
    {"1", 1, NULL},
    {"4096", 4096, NULL},
    {"18446744073709551615", 18446744073709551615ull, NULL},
    {"18446744073709551616", 0, "does not fit into 64 bits"},
    {"99999999999999999999999999999999999999999999999999", 0, "does not fit into 64 bits"},
    {"0x82000000", 0x82000000, NULL},
    {"0xAbC", 0xabc, NULL},
    {"0x0", 0, NULL},
    {"0x0000000000000000001", 1, NULL},
    {"0xffffffffffffffff", UINT64_MAX, NULL},
    {"0x10000000000000000", 0, "does not fit into 64 bits"},
    {"0o755", 493, NULL},
    {"0o1777777777777777777777", UINT64_MAX, NULL},
    {"0o2000000000000000000000", 0, "does not fit into 64 bits"},
    {"1K", 1024, NULL},
    {"32M", 32u << 20, NULL},
    {"3G", 3ull << 30, NULL},
    {"4KiB", 4096, NULL},
    {"4MiB", 4u << 20, NULL},
    {"1GiB", 1u << 30, NULL},
    {"0x10K", 16384, NULL},
    {"0K", 0, NULL},
    {"17179869183G", 18446744072635809792ull, NULL},
    {"17179869184G", 0, "does not fit into 64 bits"},
    {"010", 0, "a number has no leading 0 (octal begins with 0o)"},
    {"00", 0, "a number has no leading 0 (octal begins with 0o)"},
    {"08", 0, "a number has no leading 0 (octal begins with 0o)"},
    {"01K", 0, "not a number"},
    {"01x", 0, "not a number"},
    {"-1", 0, "a negative number"},
    {"-0x1K", 0, "a negative number"},
    {"-0", 0, "not a number"},
    {"", 0, "not a number"},
    {"+1", 0, "not a number"},
    {" 1", 0, "not a number"},
    {"1 ", 0, "not a number"},
    {"1k", 0, "not a number"},
    {"1T", 0, "not a number"},
    {"1KB", 0, "not a number"},
    {"K", 0, "not a number"},
    {"0x", 0, "not a number"},
    {"0xK", 0, "not a number"},
    {"0o", 0, "not a number"},
    {"0o8", 0, "not a number"},
    {"0X10", 0, "not a number"},
    {"1_000", 0, "not a number"},
    {"12a", 0, "not a number"},
    {"1e3", 0, "not a number"},
    {"6.10", 0, "not a number"},
    {"x", 0, "not a number"},
    {"99999999999999999999999x", 0, "not a number"},
};

START_TEST(uint_scalars)
{
    unsigned long long value = 77;
    const char *wrong = kp_scalar_uint(uints[_i].text, &value);

    if (uints[_i].wrong == NULL) {
        ck_assert_msg(wrong == NULL, "%s: %s", uints[_i].text, wrong);
        ck_assert_uint_eq(value, uints[_i].value);
    } else {
        ck_assert_msg(wrong != NULL, "%s was taken", uints[_i].text);
        ck_assert_str_eq(wrong, uints[_i].wrong);
        ck_assert_uint_eq(value, 77);
    }
}
END_TEST

START_TEST(int_scalars)
{
    long long value;

    ck_assert_ptr_null(kp_scalar_int("-9223372036854775808", &value));
    ck_assert_int_eq(value, INT64_MIN);
    ck_assert_ptr_null(kp_scalar_int("9223372036854775807", &value));
    ck_assert_int_eq(value, INT64_MAX);
    ck_assert_ptr_null(kp_scalar_int("-0x10", &value));
    ck_assert_int_eq(value, -16);
    ck_assert_ptr_null(kp_scalar_int("-2K", &value));
    ck_assert_int_eq(value, -2048);
    ck_assert_ptr_null(kp_scalar_int("-0", &value));
    ck_assert_int_eq(value, 0);
    value = 5;
    ck_assert_str_eq(kp_scalar_int("9223372036854775808", &value), "does not fit into 64 bits");
    ck_assert_str_eq(kp_scalar_int("-9223372036854775809", &value), "does not fit into 64 bits");
    ck_assert_str_eq(kp_scalar_int("--1", &value), "not a number");
    ck_assert_str_eq(kp_scalar_int("-", &value), "not a number");
    ck_assert_int_eq(value, 5);
}
END_TEST

START_TEST(bool_scalars)
{
    static const char *const wrong[] = {"True", "on", "off", "1", "0", "", "y", "null", "YES"};
    bool value = false;

    ck_assert_ptr_null(kp_scalar_bool("true", &value));
    ck_assert(value);
    ck_assert_ptr_null(kp_scalar_bool("no", &value));
    ck_assert(!value);
    ck_assert_ptr_null(kp_scalar_bool("yes", &value));
    ck_assert(value);
    ck_assert_ptr_null(kp_scalar_bool("false", &value));
    ck_assert(!value);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        ck_assert_str_eq(kp_scalar_bool(wrong[i], &value), "not true, false, yes or no");
}
END_TEST

START_TEST(empty_scalars)
{
    struct kp_arena *arena = kp_arena_new();
    struct kp_node *node = kp_node_scalar(arena, KP_NOWHERE, ".", "");

    ck_assert(kp_node_is_empty(node));
    ck_assert(kp_node_is_empty(kp_node_scalar(arena, KP_NOWHERE, ".", "~")));
    ck_assert(kp_node_is_empty(kp_node_scalar(arena, KP_NOWHERE, ".", "null")));
    ck_assert(!kp_node_is_empty(kp_node_scalar(arena, KP_NOWHERE, ".", "Null")));
    ck_assert(!kp_node_is_empty(kp_node_scalar(arena, KP_NOWHERE, ".", "0")));
    node->plain = false;
    ck_assert(!kp_node_is_empty(node));
    node->plain = true;
    node->kind = KP_NODE_LIST;
    ck_assert(!kp_node_is_empty(node));
    kp_arena_free(arena);
}
END_TEST

/* {level: 9, list: [a, b]} */
static struct kp_node *sample(struct kp_arena *arena)
{
    const struct kp_place place = {"board.yml", 3, 5, 0};
    struct kp_node *map = KP_ARENA_NEW(arena, struct kp_node);
    struct kp_node *list = KP_ARENA_NEW(arena, struct kp_node);

    list->kind = KP_NODE_LIST;
    list->folder = "boards";
    list->count = 2;
    list->items = kp_arena_array(arena, 2, sizeof(struct kp_node *));
    list->items[0] = kp_node_scalar(arena, place, "boards", "a");
    list->items[1] = kp_node_scalar(arena, place, "boards", "b");
    map->kind = KP_NODE_MAP;
    map->folder = "boards";
    map->count = 2;
    map->keys = kp_arena_array(arena, 2, sizeof(struct kp_node *));
    map->items = kp_arena_array(arena, 2, sizeof(struct kp_node *));
    map->keys[0] = kp_node_scalar(arena, place, "boards", "level");
    map->items[0] = kp_node_scalar(arena, place, "boards", "9");
    map->keys[1] = kp_node_scalar(arena, place, "boards", "list");
    map->items[1] = list;
    return map;
}

START_TEST(nodes_are_found)
{
    struct kp_arena *arena = kp_arena_new();
    struct kp_node *map = sample(arena);

    ck_assert_str_eq(kp_node_get(map, "level")->text, "9");
    ck_assert_uint_eq(kp_node_get(map, "level")->length, 1);
    ck_assert_ptr_null(kp_node_get(map, "Level"));
    ck_assert_ptr_null(kp_node_get(kp_node_get(map, "list"), "a"));
    ck_assert_ptr_null(kp_node_get(NULL, "a"));
    ck_assert_str_eq(kp_node_what(map), "a map");
    ck_assert_str_eq(kp_node_what(kp_node_get(map, "list")), "a list");
    ck_assert_str_eq(kp_node_what(kp_node_get(map, "level")), "text");
    kp_arena_free(arena);
}
END_TEST

START_TEST(nodes_are_copied)
{
    struct kp_arena *arena = kp_arena_new();
    struct kp_arena *other = kp_arena_new();
    struct kp_node *copy = kp_node_clone(other, sample(arena));
    struct kp_node *list;

    kp_arena_free(arena);
    list = kp_node_get(copy, "list");
    ck_assert_str_eq(kp_node_get(copy, "level")->text, "9");
    ck_assert_uint_eq(kp_node_get(copy, "level")->place.line, 3);
    ck_assert_uint_eq(list->count, 2);
    ck_assert_str_eq(list->items[1]->text, "b");
    ck_assert_str_eq(list->items[1]->folder, "boards");
    ck_assert(list->items[1]->plain);
    kp_arena_free(other);
}
END_TEST

START_TEST(arithmetic_at_the_edges)
{
    uint64_t result = 7;

    ck_assert(kp_inside(10, 0, 10));
    ck_assert(kp_inside(10, 10, 0));
    ck_assert(!kp_inside(10, 11, 0));
    ck_assert(!kp_inside(10, 1, 10));
    ck_assert(!kp_inside(10, UINT64_MAX, 2));
    ck_assert(!kp_inside(10, 2, UINT64_MAX));
    ck_assert(kp_inside(UINT64_MAX, UINT64_MAX, 0));

    ck_assert(!kp_add(UINT64_MAX, 1, &result));
    ck_assert(!kp_mul(UINT64_MAX, 2, &result));
    ck_assert(!kp_mul(1ull << 32, 1ull << 32, &result));
    ck_assert(!kp_align(UINT64_MAX, 4096, &result));
    ck_assert_uint_eq(result, 7);
    ck_assert(kp_add(UINT64_MAX, 0, &result) && result == UINT64_MAX);
    ck_assert(kp_add(UINT64_MAX - 1, 1, &result) && result == UINT64_MAX);
    ck_assert(kp_mul(0, UINT64_MAX, &result) && result == 0);
    ck_assert(kp_mul(UINT64_MAX, 1, &result) && result == UINT64_MAX);
    ck_assert(kp_mul(1ull << 32, (1ull << 32) - 1, &result) && result == 0xffffffff00000000);
    ck_assert(kp_align(0, 4096, &result) && result == 0);
    ck_assert(kp_align(1, 4096, &result) && result == 4096);
    ck_assert(kp_align(4096, 4096, &result) && result == 4096);
    ck_assert(kp_align(UINT64_MAX, 1, &result) && result == UINT64_MAX);
    ck_assert(kp_align(10, 3, &result) && result == 12);
}
END_TEST

START_TEST(accessors_check_bounds)
{
    static const uint8_t bytes[9] = {1, 2, 3, 4, 5, 6, 7, 0xf8, 9};
    uint8_t written[8];
    uint16_t v16 = 0;
    uint32_t v32 = 0;
    uint64_t v64 = 0;

    ck_assert(kp_read_le16(bytes, 9, 6, &v16) && v16 == 0xf807);
    ck_assert(kp_read_be16(bytes, 9, 7, &v16) && v16 == 0xf809);
    ck_assert(kp_read_le32(bytes, 9, 5, &v32) && v32 == 0x09f80706);
    ck_assert(kp_read_be32(bytes, 9, 0, &v32) && v32 == 0x01020304);
    ck_assert(kp_read_le64(bytes, 9, 0, &v64) && v64 == 0xf807060504030201);
    ck_assert(kp_read_be64(bytes, 9, 1, &v64) && v64 == 0x020304050607f809);
    ck_assert(!kp_read_le16(bytes, 9, 8, &v16) && v16 == 0xf809);
    ck_assert(!kp_read_be32(bytes, 9, UINT64_MAX, &v32) && v32 == 0x01020304);
    ck_assert(!kp_read_le64(bytes, 9, 2, &v64) && v64 == 0x020304050607f809);
    ck_assert(!kp_read_le64(bytes, 7, 0, &v64));

    kp_put_le64(written, 0x0102030405060708);
    ck_assert_mem_eq(written, "\x08\x07\x06\x05\x04\x03\x02\x01", 8);
    kp_put_be64(written, 0x0102030405060708);
    ck_assert_mem_eq(written, "\x01\x02\x03\x04\x05\x06\x07\x08", 8);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base-node");
    TCase *tests = tcase_create("all");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, uint_scalars, 0, (int)(sizeof(uints) / sizeof(uints[0])));
    tcase_add_test(tests, int_scalars);
    tcase_add_test(tests, bool_scalars);
    tcase_add_test(tests, empty_scalars);
    tcase_add_test(tests, nodes_are_found);
    tcase_add_test(tests, nodes_are_copied);
    tcase_add_test(tests, arithmetic_at_the_edges);
    tcase_add_test(tests, accessors_check_bounds);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
