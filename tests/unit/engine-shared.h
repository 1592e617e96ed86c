/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/engine-shared.h - what the tests of binder, calls and engine share: the things
 * that every one of them needs, a folder of its own, findings compared as whole texts.
 * Included by the tests of these only.
 */
#ifndef KP_TEST_ENGINE_SHARED_H
#define KP_TEST_ENGINE_SHARED_H

#include <check.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/range.h"
#include "isolation-shared.h"
#include "recipe/yaml.h"

/* Made anew for each test by set_up. */
static struct kp_arena *arena;
static struct kp_diags *diags;
static size_t findings_seen;
static char test_folder[64];

UNUSED static void set_up(void)
{
    strcpy(test_folder, "/tmp/kpipe-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(test_folder));
    ck_assert_int_eq(chdir(test_folder), 0);
    arena = kp_arena_new();
    diags = kp_diags_new();
    findings_seen = 0;
    ck_assert(arena != NULL && diags != NULL);
}

UNUSED static int remove_one(const char *path, const struct stat *status, int type,
                             struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

UNUSED static void tear_down(void)
{
    kp_diags_free(diags);
    kp_arena_free(arena);
    ck_assert_int_eq(chdir("/"), 0);
    nftw(test_folder, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* The findings that were reported since the last time are just these. */
UNUSED static void expect_findings(const char *expected)
{
    char *text = NULL;
    size_t length = 0;
    FILE *to = open_memstream(&text, &length);

    kp_diags_render(diags, findings_seen, to, (struct kp_diag_style){.detail = true});
    fclose(to);
    findings_seen = kp_diags_count(diags);
    hide_paths(text);
    ck_assert_str_eq(text, expected);
    free(text);
}

UNUSED static struct kp_node *yaml(const char *text)
{
    struct kp_node *node = kp_yaml_parse(arena, diags, "r.yml", ".", text, strlen(text));

    if (node == NULL)
        kp_diags_render(diags, 0, stderr, (struct kp_diag_style){0});
    ck_assert_ptr_nonnull(node);
    return node;
}

UNUSED static void put_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    ck_assert_msg(file != NULL, "cannot write %s", path);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

/* The file holds exactly that. */
UNUSED static void expect_file(const char *path, const char *expected)
{
    char text[4096];
    FILE *file = fopen(path, "r");
    size_t length;

    ck_assert_msg(file != NULL, "there is no %s", path);
    length = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[length] = '\0';
    ck_assert_str_eq(text, expected);
}

UNUSED static void expect_no_file(const char *path)
{
    ck_assert_msg(access(path, F_OK) != 0, "there is a file %s", path);
}

/* Runs all tests that `fill` adds, each between `begin` and `end`. */
UNUSED static int run_tests(const char *name, void (*begin)(void), void (*end)(void),
                            void (*fill)(TCase *tests))
{
    Suite *suite = suite_create(name);
    TCase *tests = tcase_create(name);
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tests, begin, end);
    tcase_set_timeout(tests, 60);
    fill(tests);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
