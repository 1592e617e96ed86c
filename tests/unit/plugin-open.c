/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/plugin-open.c - opening: what is refused then, in which words, and that the
 * file opened is the one whose note was read.
 */
#include "plugin-shared.h"

#include <sys/time.h>

#ifdef KPIPE_NO_DLOPEN
int main(void)
{
    return EXIT_SUCCESS; /* plugin-discover.c tests what is left */
}
#else

/* Opens a copy of a plugin, which must fail. */
static void expect_refused(const char *name, const char *reason)
{
    char *folder = new_folder(), *path = put(folder, name, "x.so");
    struct kp_registry *registry = registry_over(folder);
    struct kp_plugin_file *file;

    expect_found(registry, 0, path);
    file = kp_registry_file(registry, 0);
    ck_assert(!kp_registry_open(registry, file));
    expect_rejected(registry, 0, path, reason);
    ck_assert(!kp_registry_open(registry, file)); /* and stays so */
    ck_assert_uint_eq(file->stage_count, 0);
    ck_assert_ptr_null(file->descriptor.codecs);
    kp_registry_free(registry);
}

START_TEST(test_refused)
{
    expect_refused("lacking", "needs library libkpipe-test-absent.so.1, which is missing: install "
                              "it");
    expect_refused("undefined", "cannot be loaded: undefined symbol: kpipe_test_undefined");
    expect_refused("no-entry", "no function 'kpipe_plugin' in it");
    expect_refused("null", "its entry returned NULL: it does not work with kpipe " KPIPE_VERSION
                           ", API level 0");
    expect_refused("differs", "its note and its descriptor differ: version: '1.0.0' in the note, "
                              "'1.0.1' in the descriptor");
    expect_refused("overlap", "its descriptor is malformed: codec 1: stage 'sample': other: "
                              "offset: 0: overlaps 'level'");
}
END_TEST

START_TEST(test_opened)
{
    char *folder = new_folder(), *path = put(folder, "sample", "x.so");
    struct kp_registry *registry = registry_over(folder);
    struct kp_plugin_file *file = file_at(registry, 0, path);

    unsetenv("KPIPE_TEST_MARK");
    ck_assert_msg(kp_registry_open(registry, file), "%s", file->reason);
    if (in_workers())
        ck_assert_ptr_null(getenv("KPIPE_TEST_MARK"));
    else
        ck_assert_str_eq(getenv("KPIPE_TEST_MARK"), "org.example.sample");
    ck_assert(file->in_worker == in_workers());
    ck_assert(kp_registry_open(registry, file));
    ck_assert_int_eq(file->state, KP_PLUGIN_OPEN);
    ck_assert(file->origin_known);
    ck_assert_int_eq(file->origin, KP_FOREIGN);
    ck_assert_str_eq(file->descriptor.vendor, "Example");
    ck_assert_uint_eq(file->stage_count, 3);
    ck_assert_str_eq(file->stages[0].name, "sample");
    ck_assert_str_eq(file->stages[0].codec, "sample");
    ck_assert_ptr_eq(file->stages[0].plugin, file);
    ck_assert_str_eq(file->stages[0].operation.params[0]->name, "level");
    ck_assert_ptr_null(file->stages[0].operation.params[2]);
    ck_assert_str_eq(file->stages[1].name, "sample.unpack");
    ck_assert_ptr_null(file->stages[1].codec);
    ck_assert_ptr_null(file->stages[1].operation.params);
    ck_assert_str_eq(file->stages[2].name, "sample-box.unpack");
    ck_assert_ptr_eq(file->descriptor.formats[0]->unpack, &file->stages[2].operation);
    kp_registry_free(registry);
}
END_TEST

static void digest_file(const char *path, uint8_t digest[KP_DIGEST_SIZE])
{
    size_t size;
    uint8_t *bytes = read_file(path, &size);
    const char *why;

    ck_assert(kp_plugin_digest(bytes, size, digest, &why));
    free(bytes);
}

/* A run path is a vendor's own affair, but no bundled plugin may have one. */
START_TEST(test_run_path)
{
    char *folder = new_folder(), *path = put(folder, "runpath", "x.so");
    struct kp_manifest_row manifest[] = {{"x.so", {0}}, {NULL, {0}}};
    struct kp_registry_options options =
        with_isolation((struct kp_registry_options){.own_folder = folder, .manifest = manifest});
    struct kp_registry *registry = kp_registry_new(&options);

    ck_assert(kp_registry_open(registry, file_at(registry, 0, path)));
    kp_registry_free(registry);
    digest_file(path, manifest[0].digest);
    registry = kp_registry_new(&options);
    ck_assert(!kp_registry_open(registry, file_at(registry, 0, path)));
    expect_rejected(registry, 0, path, "has an RPATH or RUNPATH: a bundled plugin must have none");
    ck_assert_int_eq(file_at(registry, 0, path)->origin, KP_BUNDLED);
    kp_registry_free(registry);
}
END_TEST

/* Opened as bundled, by its digest alone. */
START_TEST(test_bundled)
{
    char *folder = new_folder(), *path = put(folder, "sample", "renamed.so");
    struct kp_manifest_row manifest[] = {{"sample.so", {0}}, {NULL, {0}}};
    struct kp_registry_options options;
    struct kp_registry *registry;

    digest_file(path, manifest[0].digest);
    options = with_isolation((struct kp_registry_options){
        .paths = (const char *const[]){folder, NULL}, .manifest = manifest});
    registry = kp_registry_new(&options);
    ck_assert(!file_at(registry, 0, path)->origin_known);
    ck_assert(kp_registry_open(registry, file_at(registry, 0, path)));
    ck_assert_int_eq(file_at(registry, 0, path)->origin, KP_BUNDLED);
    kp_registry_free(registry);
}
END_TEST

START_TEST(test_changed)
{
    static const char changed[] = "changed since its note was read";
    char *folder = new_folder(), *path = put(folder, "sample", "x.so");
    const struct timeval times[2] = {{1000000000, 0}, {1000000000, 0}};
    struct kp_registry *registry = registry_over(folder);

    ck_assert_int_eq(utimes(path, times), 0);
    unsetenv("KPIPE_TEST_MARK");
    ck_assert(!kp_registry_open(registry, file_at(registry, 0, path)));
    expect_rejected(registry, 0, path, changed);
    kp_registry_free(registry);

    registry = registry_over(folder);
    ck_assert_int_eq(truncate(path, 4096), 0);
    ck_assert_int_eq(utimes(path, times), 0);
    ck_assert(!kp_registry_open(registry, file_at(registry, 0, path)));
    expect_rejected(registry, 0, path, changed);
    kp_registry_free(registry);

    put(folder, "sample", "x.so");
    registry = registry_over(folder);
    ck_assert_int_eq(rename(put(folder, "sample", "y"), path), 0);
    ck_assert(!kp_registry_open(registry, file_at(registry, 0, path)));
    expect_rejected(registry, 0, path, changed);
    kp_registry_free(registry);

    registry = registry_over(folder);
    ck_assert_int_eq(unlink(path), 0);
    kp_registry_find_origin(registry, file_at(registry, 0, path));
    ck_assert_int_eq(file_at(registry, 0, path)->origin, KP_FOREIGN);
    ck_assert_int_eq(file_at(registry, 0, path)->state, KP_PLUGIN_FOUND);
    ck_assert(!kp_registry_open(registry, file_at(registry, 0, path)));
    expect_rejected(registry, 0, path, "cannot be opened: No such file or directory");
    kp_registry_free(registry);
    ck_assert_ptr_null(getenv("KPIPE_TEST_MARK"));
}
END_TEST

/* Same size, same time, other note: somebody took pains. */
START_TEST(test_forged)
{
    char *folder = new_folder(), *path = put(folder, "sample", "x.so");
    const struct timeval times[2] = {{1000000000, 0}, {1000000000, 0}};
    struct kp_registry *registry;
    FILE *file;
    size_t size;
    uint8_t *bytes = read_file(path, &size), *vendor;

    ck_assert_int_eq(utimes(path, times), 0);
    registry = registry_over(folder);
    vendor = memmem(bytes, size, "vendor Example", 14);
    ck_assert_ptr_nonnull(vendor);
    vendor[7] = 'X';
    file = fopen(path, "r+b");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(utimes(path, times), 0);
    ck_assert(!kp_registry_open(registry, file_at(registry, 0, path)));
    expect_rejected(registry, 0, path, "changed since its note was read");
    kp_registry_free(registry);
    free(bytes);
}
END_TEST

/* ld.so gives out an object again for a name that it knows: each must get its own. */
START_TEST(test_names_are_not_reused)
{
    char *one = new_folder(), *two = new_folder();
    struct kp_registry *registry;

    put(one, "sample", "x.so");
    put(two, "other", "x.so");
    for (unsigned round = 0; round < 3; round++) {
        registry = registry_over(one);
        ck_assert(kp_registry_open(registry, kp_registry_file(registry, 0)));
        kp_registry_free(registry);
        registry = registry_over(two);
        ck_assert(kp_registry_open(registry, kp_registry_file(registry, 0)));
        kp_registry_free(registry);
    }
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_test(tests, test_refused);
    tcase_add_test(tests, test_opened);
    tcase_add_test(tests, test_run_path);
    tcase_add_test(tests, test_bundled);
    tcase_add_test(tests, test_changed);
    tcase_add_test(tests, test_forged);
    tcase_add_test(tests, test_names_are_not_reused);
}

int main(void)
{
    return run_case("plugin-open", fill);
}
#endif
