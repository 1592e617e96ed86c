/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/plugin-discover.c - which files are found, in which order, which are
 * rejected and in which words; and that no code of theirs runs meanwhile.
 */
#include "plugin-shared.h"

#include <unistd.h>

#ifdef KPIPE_NO_DLOPEN
/* Without dlopen a file that is in order is rejected all the same. */
static void expect_usable(struct kp_registry *registry, size_t index, const char *path)
{
    expect_rejected(registry, index, path, "this kpipe opens no shared objects");
}
#else
#define expect_usable expect_found
#endif

START_TEST(test_order)
{
    char *first = new_folder(), *second = new_folder(), *third = new_folder();
    char *fourth = new_folder(), *own = new_folder();
    const char *paths[] = {first, second, NULL};
    struct kp_registry *registry;

    put(first, "no-note", "b.so");
    put(first, "no-note", "a.so");
    put(first, "no-note", "B.so");
    put(first, "no-note", ".hidden.so");
    put(first, "no-note", "a.so.1");
    put(first, "no-note", ".so");
    put(second, "no-note", "2.so");
    put(third, "no-note", "3.so");
    put(fourth, "no-note", "4.so");
    put(own, "no-note", "0.so");
    registry = kp_registry_new(
        &(struct kp_registry_options){.paths = paths,
                                      .environment = text_of("%s/::%s//:", third, first),
                                      .user_folder = fourth,
                                      .own_folder = own});
    ck_assert_ptr_nonnull(registry);
    ck_assert_uint_eq(kp_registry_count(registry), 7);
    file_at(registry, 0, text_of("%s/B.so", first));
    file_at(registry, 1, text_of("%s/a.so", first));
    file_at(registry, 2, text_of("%s/b.so", first));
    file_at(registry, 3, text_of("%s/2.so", second));
    file_at(registry, 4, text_of("%s/3.so", third));
    file_at(registry, 5, text_of("%s/4.so", fourth));
    file_at(registry, 6, text_of("%s/0.so", own));
    kp_registry_free(registry);
}
END_TEST

START_TEST(test_nothing)
{
    struct kp_registry *registry = kp_registry_new(&(struct kp_registry_options){0});
    size_t count = 1;

    ck_assert_uint_eq(kp_registry_count(registry), 0);
    kp_registry_stage_names(registry, &count);
    ck_assert_uint_eq(count, 0);
    kp_registry_free(registry);
    kp_registry_free(NULL);
}
END_TEST

/* A link to a file is that file: listed once, where it comes first. */
START_TEST(test_links)
{
    char *first = new_folder(), *second = new_folder();
    char *file = put(second, "sample", "sample.so");
    struct kp_registry *registry;

    ck_assert_int_eq(symlink(file, text_of("%s/link.so", first)), 0);
    ck_assert_int_eq(symlink("nowhere", text_of("%s/loose.so", first)), 0);
    ck_assert_int_eq(link(file, text_of("%s/again.so", second)), 0);
    registry = kp_registry_new(&(struct kp_registry_options){
        .paths = (const char *const[]){first, second, NULL}, .user_folder = first});
    ck_assert_uint_eq(kp_registry_count(registry), 3);
    expect_usable(registry, 0, text_of("%s/link.so", first));
    expect_rejected(registry, 1, text_of("%s/loose.so", first),
                    "cannot be read: No such file or directory");
    expect_rejected(registry, 2, text_of("%s/loose.so", first),
                    "cannot be read: No such file or directory");
    kp_registry_free(registry);
}
END_TEST

START_TEST(test_folders)
{
    char *folder = new_folder(), *open_to_all = new_folder();
    char *file = text_of("%s/file", folder);
    struct kp_registry *registry;

    write_file(file, "x", 1);
    put(open_to_all, "sample", "sample.so");
    ck_assert_int_eq(chmod(open_to_all, 01777), 0);
    registry = kp_registry_new(&(struct kp_registry_options){
        .paths = (const char *const[]){"plugins", "", "/nowhere/at/all", file, open_to_all, NULL},
        .environment = text_of(".:/nowhere/either:%s/below", file),
        .user_folder = "/nowhere/again",
        .own_folder = open_to_all});
    ck_assert_uint_eq(kp_registry_count(registry), 8);
    expect_rejected(registry, 0, "plugins", "relative folder: give an absolute path");
    expect_rejected(registry, 1, "", "relative folder: give an absolute path");
    expect_rejected(registry, 2, "/nowhere/at/all", "no such folder");
    expect_rejected(registry, 3, file, "not a folder");
    expect_rejected(registry, 4, open_to_all, "everybody may write to this folder");
    expect_rejected(registry, 5, ".", "relative folder: give an absolute path");
    expect_rejected(registry, 6, text_of("%s/below", file), "cannot be read: Not a directory");
    expect_rejected(registry, 7, open_to_all, "everybody may write to this folder");
    kp_registry_free(registry);
}
END_TEST

/* Needs root, which alone can give files away. */
START_TEST(test_owners)
{
    char *folder = new_folder(), *mine = new_folder();
    char *file = put(mine, "sample", "sample.so");
    struct kp_registry *registry;

    if (geteuid() != 0)
        return;
    put(folder, "other", "other.so");
    ck_assert_int_eq(chown(folder, 12345, 0), 0);
    ck_assert_int_eq(chown(text_of("%s/other.so", folder), 12345, 0), 0);
    ck_assert_int_eq(chown(file, 12345, 0), 0);
    registry = kp_registry_new(&(struct kp_registry_options){
        .paths = (const char *const[]){folder, mine, NULL}, .own_folder = folder});
    ck_assert_uint_eq(kp_registry_count(registry), 3);
    expect_rejected(registry, 0, folder, "this folder belongs neither to you nor to root");
    expect_rejected(registry, 1, file, "belongs to user 12345, neither you nor root");
    expect_usable(registry, 2, text_of("%s/other.so", folder)); /* its owner has the program */
    kp_registry_free(registry);
}
END_TEST

START_TEST(test_unreadable)
{
    char *folder = new_folder(), *file = put(folder, "sample", "a.so");
    const bool root = geteuid() == 0;
    struct kp_registry *registry;

    ck_assert_int_eq(chmod(file, 0), 0);
    ck_assert_int_eq(mkdir(text_of("%s/b.so", folder), 0700), 0);
    ck_assert_int_eq(mkfifo(text_of("%s/c.so", folder), 0600), 0);
    ck_assert_int_eq(chmod(put(folder, "sample", "d.so"), 0666), 0);
    write_file(text_of("%s/e.so", folder), "#!/bin/sh\n", 10);
    write_file(text_of("%s/f.so", folder), "", 0);
    put(folder, "no-note", "g.so");
    if (root) { /* who reads everything */
        ck_assert_int_eq(chown(folder, 12345, 0), 0);
        ck_assert_int_eq(chown(file, 0, 0), 0);
        ck_assert_int_eq(seteuid(12345), 0);
    }
    registry = registry_over(folder);
    ck_assert_uint_eq(kp_registry_count(registry), 7);
    expect_rejected(registry, 0, file, "cannot be read: Permission denied");
    expect_rejected(registry, 1, text_of("%s/b.so", folder), "not a file");
    expect_rejected(registry, 2, text_of("%s/c.so", folder), "not a file");
    expect_rejected(registry, 3, text_of("%s/d.so", folder), "everybody may write to it");
    expect_rejected(registry, 4, text_of("%s/e.so", folder), "no ELF file");
    expect_rejected(registry, 5, text_of("%s/f.so", folder), "empty");
    expect_rejected(registry, 6, text_of("%s/g.so", folder), "no kpipe note: not a kpipe plugin");
    kp_registry_free(registry);
    ck_assert_int_eq(chmod(folder, 0), 0);
    registry = registry_over(folder);
    ck_assert_uint_eq(kp_registry_count(registry), 1);
    expect_rejected(registry, 0, folder, "cannot be read: Permission denied");
    kp_registry_free(registry);
    ck_assert_int_eq(chmod(folder, 0700), 0);
    if (root)
        ck_assert_int_eq(seteuid(0), 0);
}
END_TEST

START_TEST(test_notes)
{
    static const struct {
        const char *name, *reason;
    } rows[] = {
        {"grammar", "note: note grammar 2: made by a newer SDK"},
        {"hash", NULL},
        {"host", "needs kpipe 99.0 or newer, this is " KPIPE_VERSION},
        {"id", "id 'sample': not a reverse domain, as in com.example.sample"},
        {"level", "asks for API level 1, this kpipe knows levels up to 0: use a newer kpipe"},
        {"word", "note: line 21: unknown word 'frobnicate'"},
    };
    char *folder = new_folder(), *foreign;
    struct kp_registry *registry;
    size_t size;
    uint8_t *bytes;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        put(folder, rows[i].name, text_of("%s.so", rows[i].name));
    foreign = put(folder, "sample", "x.so");
    bytes = read_file(foreign, &size);
    bytes[18] = 8; /* e_machine: EM_MIPS */
    bytes[19] = 0;
    write_file(foreign, bytes, size);
    free(bytes);
    registry = registry_over(folder);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        expect_rejected(
            registry, i, text_of("%s/%s.so", folder, rows[i].name),
            rows[i].reason != NULL
                ? rows[i].reason
                : text_of("built with other SDK headers (its digest 01234567..., this kpipe's "
                          "%.8s...): rebuild it against this SDK; level 0 is a draft",
                          KP_SDK_HASH));
    expect_rejected(registry, 6, foreign, "built for another machine (e_machine 8)");
    /* What could be read of a note is there for lists. */
    ck_assert_str_eq(kp_registry_file(registry, 4)->note.vendor, "Example");
    ck_assert_ptr_null(kp_registry_file(registry, 5)->note.vendor);
    kp_registry_free(registry);
}
END_TEST

START_TEST(test_runs_no_code)
{
    struct kp_registry *registry;

    unsetenv("KPIPE_TEST_MARK");
    registry = registry_over(KPIPE_TEST_PLUGINS);
    ck_assert_uint_gt(kp_registry_count(registry), 15);
    for (size_t i = 0; i < kp_registry_count(registry); i++)
        kp_registry_find_origin(registry, kp_registry_file(registry, i));
    ck_assert_ptr_null(getenv("KPIPE_TEST_MARK"));
    kp_registry_free(registry);
}
END_TEST

#ifndef KPIPE_NO_DLOPEN
START_TEST(test_conflicts)
{
    char *first = new_folder(), *second = new_folder();
    char *a = put(first, "sample", "a.so"), *b = put(first, "same-stage", "b.so");
    char *c = put(second, "sample", "c.so"), *d = put(second, "other", "d.so");
    struct kp_registry *registry;

    registry = kp_registry_new(&(struct kp_registry_options){
        .paths = (const char *const[]){first, NULL}, .own_folder = second});
    expect_found(registry, 0, a);
    expect_rejected(registry, 1, b,
                    text_of("codec 'sample' of %s: taken by %s, found earlier", b, a));
    expect_rejected(registry, 2, c,
                    text_of("arch 'sample_cpu' of %s: taken by %s, found earlier", c, a));
    expect_found(registry, 3, d);
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

/* The own folder's file is the bundled one: earlier files lose against it, also one
 * with the same digest elsewhere, and what they do not take from others stays free. */
START_TEST(test_bundled_wins)
{
    char *first = new_folder(), *own = new_folder();
    char *a = put(first, "same-stage", "a.so"), *b = put(first, "sample", "b.so");
    char *c = put(own, "sample", "c.so");
    struct kp_manifest_row manifest[] = {{"zzz.so", {1}}, {"c.so", {0}}, {NULL, {0}}};
    struct kp_registry_options options = {
        .paths = (const char *const[]){first, NULL}, .own_folder = own, .manifest = manifest};
    struct kp_registry *registry;

    digest_file(c, manifest[1].digest);
    registry = kp_registry_new(&options);
    expect_rejected(registry, 0, a,
                    text_of("codec 'sample' of %s: is that of the bundled plugin %s, which nothing "
                            "may shadow",
                            a, c));
    expect_rejected(registry, 1, b,
                    text_of("arch 'sample_cpu' of %s: is that of the bundled plugin %s, which "
                            "nothing may shadow",
                            b, c));
    expect_found(registry, 2, c);
    ck_assert(file_at(registry, 2, c)->origin_known);
    ck_assert_int_eq(file_at(registry, 2, c)->origin, KP_BUNDLED);
    kp_registry_find_origin(registry, file_at(registry, 0, a));
    ck_assert_int_eq(file_at(registry, 0, a)->origin, KP_FOREIGN);
    ck_assert_int_eq(file_at(registry, 0, a)->state, KP_PLUGIN_REJECTED);
    kp_registry_free(registry);

    /* One that only calls itself bundled has no such right. */
    manifest[1].digest[0] ^= 1;
    registry = kp_registry_new(&options);
    expect_found(registry, 0, a);
    expect_rejected(registry, 1, b,
                    text_of("codec 'sample' of %s: taken by %s, found earlier", b, a));
    expect_rejected(registry, 2, c,
                    text_of("codec 'sample' of %s: taken by %s, found earlier", c, a));
    ck_assert_int_eq(file_at(registry, 2, c)->origin, KP_FOREIGN);
    kp_registry_free(registry);
}
END_TEST
#endif

static void fill(TCase *tests)
{
    tcase_add_test(tests, test_order);
    tcase_add_test(tests, test_nothing);
    tcase_add_test(tests, test_links);
    tcase_add_test(tests, test_folders);
    tcase_add_test(tests, test_owners);
    tcase_add_test(tests, test_unreadable);
    tcase_add_test(tests, test_notes);
    tcase_add_test(tests, test_runs_no_code);
#ifndef KPIPE_NO_DLOPEN
    tcase_add_test(tests, test_conflicts);
    tcase_add_test(tests, test_bundled_wins);
#endif
}

int main(void)
{
    return run_case("plugin-discover", fill);
}
