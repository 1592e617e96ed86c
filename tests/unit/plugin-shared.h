/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/plugin-shared.h - what the tests of the loader share: folders of plugins that
 * exist for one test, and registries over them. Included by tests/unit/plugin-*.c only.
 */
#ifndef KP_TEST_PLUGIN_SHARED_H
#define KP_TEST_PLUGIN_SHARED_H

#include <check.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "isolation-shared.h"

/* Text for the length of the test program. */
__attribute__((format(printf, 1, 2))) UNUSED static char *text_of(const char *format, ...)
{
    static struct kp_arena *texts;
    char text[4096];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (texts == NULL)
        texts = kp_arena_new();
    ck_assert_ptr_nonnull(texts);
    return kp_arena_strdup(texts, text);
}

/* The folder in which those of all tests lie; made and removed by run_case. */
static char kp_test_top[256];

/* A new folder that only the user can write to. */
UNUSED static char *new_folder(void)
{
    char *path = text_of("%s/XXXXXX", kp_test_top);

    ck_assert_ptr_nonnull(mkdtemp(path));
    return path;
}

UNUSED static int remove_one(const char *path, const struct stat *status, int type,
                             struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

UNUSED static void write_file(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
}

UNUSED static uint8_t *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes;

    ck_assert_msg(file != NULL, "cannot open %s", path);
    ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
    *size = (size_t)ftell(file);
    rewind(file);
    bytes = malloc(*size);
    ck_assert_ptr_nonnull(bytes);
    ck_assert_uint_eq(fread(bytes, 1, *size, file), *size);
    fclose(file);
    return bytes;
}

#ifdef KPIPE_TEST_PLUGINS
/* The path of a plugin made by tests/plugins. */
UNUSED static char *sample(const char *name)
{
    return text_of("%s/%s.so", KPIPE_TEST_PLUGINS, name);
}

/* Puts a copy of it, called `as`, into a folder. Returns the copy's path. */
UNUSED static char *put(const char *folder, const char *name, const char *as)
{
    char *path = text_of("%s/%s", folder, as);
    size_t size;
    uint8_t *bytes = read_file(sample(name), &size);

    write_file(path, bytes, size);
    free(bytes);
    return path;
}
#endif

/* A registry over one folder as the own one. */
UNUSED static struct kp_registry *registry_over(const char *folder)
{
    const struct kp_registry_options options =
        with_isolation((struct kp_registry_options){.own_folder = folder});
    struct kp_registry *registry = kp_registry_new(&options);

    ck_assert_ptr_nonnull(registry);
    return registry;
}

/* Its file number `index`, which must have that path. */
UNUSED static struct kp_plugin_file *file_at(struct kp_registry *registry, size_t index,
                                             const char *path)
{
    struct kp_plugin_file *file;

    ck_assert_uint_lt(index, kp_registry_count(registry));
    file = kp_registry_file(registry, index);
    ck_assert_str_eq(file->path, path);
    ck_assert_uint_eq(file->order, index);
    return file;
}

UNUSED static void expect_rejected(struct kp_registry *registry, size_t index, const char *path,
                                   const char *reason)
{
    const struct kp_plugin_file *file = file_at(registry, index, path);

    ck_assert_int_eq(file->state, KP_PLUGIN_REJECTED);
    ck_assert_str_eq(file->reason, reason);
}

UNUSED static void expect_found(struct kp_registry *registry, size_t index, const char *path)
{
    const struct kp_plugin_file *file = file_at(registry, index, path);

    ck_assert_msg(file->state == KP_PLUGIN_FOUND, "%s: %s", path,
                  file->reason != NULL ? file->reason : "opened");
}

/* Runs one test case with all its tests. */
UNUSED static int run_case(const char *name, void (*fill)(TCase *tests))
{
    Suite *suite = suite_create(name);
    TCase *tests = tcase_create(name);
    SRunner *runner;
    int failed;

    snprintf(kp_test_top, sizeof(kp_test_top), "%s/kpipe-plugin-test-XXXXXX",
             getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
    if (mkdtemp(kp_test_top) == NULL || chmod(kp_test_top, 0755) != 0)
        return EXIT_FAILURE;
    tcase_set_timeout(tests, 120);
    fill(tests);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    nftw(kp_test_top, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
