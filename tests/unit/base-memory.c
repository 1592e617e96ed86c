/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of core/base when memory runs out: each scenario is run again and again,
 * and each time one allocation later fails, until none does. Nothing may crash or
 * leak, and the failure must be reported. Not under sanitizers, whose allocator
 * cannot be replaced.
 */
#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/map.h"
#include "base/node.h"
#include "base/range.h"
#include "base/trait.h"
#include "base/vector.h"
#include "memory-shared.h"

#ifdef FAILING_MEMORY

/* What scenarios find out besides. Check's own macros allocate memory. */
static bool sound = true;

/* Runs a scenario with each of its allocations failing. It returns whether all
 * went well. */
static void run(bool (*scenario)(void))
{
    for (long n = 0; n < 1000; n++) {
        bool done;

        until_failure = n;
        live = 0;
        failed_one = false;
        counting = true;
        done = scenario();
        counting = false;
        ck_assert_msg(done == !failed_one, "allocation %ld: %s", n,
                      done ? "its failure went unnoticed" : "failed without need");
        ck_assert_msg(live == 0, "allocation %ld: %ld were not freed", n, live);
        ck_assert_msg(sound, "allocation %ld", n);
        if (done)
            return;
    }
    ck_abort_msg("never done");
}

static bool containers(void)
{
    struct kp_arena *arena = kp_arena_new();
    struct kp_vector vector = {0};
    struct kp_string string = {0};
    struct kp_map map = {.arena = arena};
    bool done = arena != NULL;

    done = done && kp_arena_strdup(arena, "text") != NULL;
    done = done && kp_arena_alloc(arena, 100000) != NULL;
    done = done && kp_arena_printf(arena, "%4000d", 1) != NULL;
    for (int i = 0; done && i < 100; i++) {
        const char *key = kp_arena_printf(arena, "%d", i);

        done = key != NULL && kp_map_put(&map, key, arena) && KP_PUSH(&vector, uint64_t) != NULL;
    }
    if (done) {
        kp_string_add(&string, "x");
        kp_string_printf(&string, "%1000d", 1);
        done = !string.failed;
    }
    kp_vector_free(&vector);
    kp_string_free(&string);
    kp_arena_free(arena);
    return done;
}

static bool traits(void)
{
    struct kp_traits set = {0};
    struct kp_traits copy = {0};
    bool done = true;

    for (uint64_t i = 0; done && i < 20; i++) {
        char name[32];

        snprintf(name, sizeof(name), "com.example.t%u", (unsigned)i);
        done = kp_traits_set_number(&set, name, i);
    }
    done = done && kp_traits_set_text(&set, "arch", "arm") &&
           kp_traits_set_text(&set, "arch", "arm64") && kp_traits_copy(&copy, &set, true);
    kp_traits_free(&set);
    kp_traits_free(&copy);
    return done;
}

static bool nodes(void)
{
    struct kp_arena *arena = kp_arena_new();
    char large[3000];
    bool done = false;

    memset(large, 'x', sizeof(large));
    large[sizeof(large) - 1] = '\0';
    if (arena != NULL) {
        struct kp_node *item = kp_node_scalar(arena, KP_NOWHERE, ".", large);
        struct kp_node *map = kp_arena_alloc(arena, sizeof(*map));

        if (item != NULL && map != NULL) {
            *map = (struct kp_node){.kind = KP_NODE_MAP, .folder = ".", .count = 1};
            map->keys = &item;
            map->items = &item;
            done = kp_node_clone(arena, map) != NULL;
        }
    }
    kp_arena_free(arena);
    return done;
}

/* Findings that cannot be kept count as the error "out of memory". */
static bool findings(void)
{
    struct kp_diags *diags = kp_diags_new();
    struct kp_place place = {"a.yml", 1, 1, 1};
    bool done;
    char large[3000];

    memset(large, 'x', sizeof(large));
    large[sizeof(large) - 1] = '\0';
    if (diags == NULL)
        return false;
    done = kp_diags_add_source(diags, "a.yml", large, sizeof(large)) != NULL;
    for (int i = 0; i < 40; i++)
        kp_finding_add(diags, KP_SEVERITY_WARNING, place, "hint", "detail", 1999, "%s %d", large,
                       i);
    kp_finding_add(diags, KP_SEVERITY_WARNING, place, large, NULL, 1999, "x");
    kp_finding_add(diags, KP_SEVERITY_WARNING, place, NULL, large, 1999, "x");
    sound = sound && kp_diags_errors(diags) <= 1;
    done = done && kp_diags_errors(diags) == 0 && kp_diags_count(diags) == 42;
    kp_diags_free(diags);
    return done;
}

static uint64_t released;

static void count_release(void *memory, uint64_t size)
{
    (void)memory;
    released += size;
}

static bool ranges(void)
{
    static char constant[] = "constant";
    struct kp_range *parts[6] = {0};
    struct kp_range *gather = NULL;
    struct kp_range *slice = NULL;
    struct kp_range *view = NULL;
    bool done;

    released = 0;
    parts[0] = kp_range_copy("abc", 3);
    parts[1] = kp_range_adopt(constant, 8, count_release);
    parts[2] = kp_range_fill('x', 10);
    parts[3] = kp_range_open("/bin/sh", "sh", NULL);
    parts[4] = kp_range_open("/proc/self/status", "status", NULL);
    parts[5] = kp_range_copy("", 0);
    done = parts[0] != NULL && parts[1] != NULL && parts[2] != NULL && parts[3] != NULL &&
           parts[4] != NULL && parts[5] != NULL;
    if (done)
        gather = kp_range_gather(parts, 6);
    if (gather != NULL)
        slice = kp_range_slice(gather, 1, kp_range_size(gather) - 2);
    if (slice != NULL)
        view = kp_range_slice(slice, 2, 15);
    done = view != NULL && kp_range_view(view) != NULL;
    if (done) {
        struct kp_range *of_view = kp_range_slice(view, 1, 2);
        struct kp_range *of_fill = kp_range_slice(parts[2], 1, 2);

        done = of_view != NULL && of_fill != NULL;
        kp_range_unref(of_view);
        kp_range_unref(of_fill);
    }
    for (int i = 0; i < 6; i++)
        kp_range_unref(parts[i]);
    kp_range_unref(gather);
    kp_range_unref(slice);
    kp_range_unref(view);
    sound = sound && released == 8;
    return done;
}

START_TEST(containers_without_memory)
{
    run(containers);
}
END_TEST

START_TEST(traits_without_memory)
{
    run(traits);
}
END_TEST

START_TEST(nodes_without_memory)
{
    run(nodes);
}
END_TEST

START_TEST(findings_without_memory)
{
    run(findings);
}
END_TEST

START_TEST(ranges_without_memory)
{
    run(ranges);
}
END_TEST

/* Neighbours are not merged without memory, but the gather is right. */
START_TEST(sorting_and_merging_do_without)
{
    struct kp_range *text = kp_range_copy("0123456789", 10);
    struct kp_range *parts[2] = {kp_range_slice(text, 1, 2), kp_range_slice(text, 3, 2)};
    struct kp_diags *diags = kp_diags_new();
    struct kp_place place = {"a.yml", 2, 1, 1};
    struct kp_range *gather;

    counting = true;
    until_failure = 2;
    gather = kp_range_gather(parts, 2);
    counting = false;
    ck_assert(failed_one);
    ck_assert_mem_eq(kp_range_view(gather), "1234", 4);
    kp_range_unref(gather);
    kp_range_unref(parts[0]);
    kp_range_unref(parts[1]);
    kp_range_unref(text);

    kp_error(diags, place, 1999, "second");
    place.line = 1;
    kp_error(diags, place, 1999, "first");
    failed_one = false;
    counting = true;
    until_failure = 0;
    kp_diags_sort(diags);
    counting = false;
    ck_assert(failed_one);
    ck_assert_uint_eq(kp_diags_count(diags), 2);
    ck_assert_str_eq(kp_diags_get(diags, 0)->text, "second");
    kp_diags_free(diags);
}
END_TEST

START_TEST(rendering_without_memory)
{
    struct kp_diags *diags = kp_diags_new();
    struct kp_diag_style style = {false, false};
    char *text = NULL;
    size_t length = 0;
    FILE *to = open_memstream(&text, &length);

    kp_error(diags, KP_NOWHERE, 1999, "x");
    counting = true;
    until_failure = 0;
    kp_diags_render(diags, 0, to, style);
    counting = false;
    fclose(to);
    ck_assert_str_eq(text, "kpipe: error: out of memory\n");
    free(text);
    kp_diags_free(diags);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, containers_without_memory);
    tcase_add_test(tests, traits_without_memory);
    tcase_add_test(tests, nodes_without_memory);
    tcase_add_test(tests, findings_without_memory);
    tcase_add_test(tests, ranges_without_memory);
    tcase_add_test(tests, sorting_and_merging_do_without);
    tcase_add_test(tests, rendering_without_memory);
}

#else

static void add_tests(TCase *tests)
{
    (void)tests;
}

#endif

int main(void)
{
    Suite *suite = suite_create("base-memory");
    TCase *tests = tcase_create("all");
    SRunner *runner = srunner_create(suite);
    int failed;

    add_tests(tests);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
