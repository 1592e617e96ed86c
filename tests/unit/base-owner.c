/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/base-owner.c - who can decide what stands at a path. What only root can prepare is
 * tested where the tests run as root.
 */
#include "engine-shared.h"

#include "base/owner.h"

static char path[128];

static void begin(void)
{
    set_up();
    put_file("file", "");
    snprintf(path, sizeof(path), "%s/file", test_folder);
    ck_assert_int_eq(chmod(path, 0644), 0);
}

static void expect(const char *at, const char *fault)
{
    const char *got = kp_owner_not_root(arena, at);

    if (fault == NULL)
        ck_assert_msg(got == NULL, "%s: %s", at, got);
    else
        ck_assert_str_eq(got, fault);
}

START_TEST(system_files)
{
    expect("/usr/bin/env", NULL);
    expect("/", NULL);
    expect("bin/env", "not an absolute path");
    expect("/usr/bin/kpipe-no-such-file", "/usr/bin/kpipe-no-such-file: No such file or directory");
}
END_TEST

START_TEST(others_files)
{
    char fault[256];

    if (geteuid() == 0)
        ck_assert_int_eq(chown(test_folder, 1000, 1000), 0);
    snprintf(fault, sizeof(fault), "%s belongs to user %u", test_folder,
             geteuid() == 0 ? 1000u : geteuid());
    expect(path, fault);
}
END_TEST

/* In a sticky folder of root's, as /tmp, nobody takes the place of root's folder. */
START_TEST(roots_files)
{
    char link[128], fault[256];

    if (geteuid() != 0)
        return;
    expect(path, NULL);
    ck_assert_int_eq(chmod(path, 0666), 0);
    snprintf(fault, sizeof(fault), "not only root may write to %s", path);
    expect(path, fault);
    ck_assert_int_eq(chmod(path, 0644), 0);
    ck_assert_int_eq(chown(path, 0, 1000), 0);
    expect(path, NULL);
    ck_assert_int_eq(chmod(path, 0664), 0);
    expect(path, fault);
    ck_assert_int_eq(chown(path, 0, 0), 0);
    expect(path, NULL);
    ck_assert_int_eq(chmod(test_folder, 0777), 0);
    snprintf(fault, sizeof(fault), "not only root may write to %s", test_folder);
    expect(path, fault);
    ck_assert_int_eq(chmod(test_folder, 0755), 0);
    /* A link is as good as where it lies and what it leads to. */
    snprintf(link, sizeof(link), "%s-link", test_folder);
    ck_assert_int_eq(symlink(path, link), 0);
    expect(link, NULL);
    ck_assert_int_eq(lchown(link, 1000, 1000), 0);
    snprintf(fault, sizeof(fault), "%s belongs to user 1000", link);
    expect(link, fault);
    unlink(link);
}
END_TEST

START_TEST(own_files)
{
    struct stat status = {.st_uid = geteuid(), .st_mode = S_IFREG | 0664};

    ck_assert_ptr_null(kp_owner_not_own(arena, &status));
    status.st_uid = 0;
    ck_assert_ptr_null(kp_owner_not_own(arena, &status));
    status.st_mode |= S_IWOTH;
    ck_assert_str_eq(kp_owner_not_own(arena, &status), "everybody may write to it");
    status.st_uid = 54321;
    ck_assert_str_eq(kp_owner_not_own(arena, &status),
                     "it belongs to user 54321, neither you nor root");
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_test(tests, system_files);
    tcase_add_test(tests, others_files);
    tcase_add_test(tests, roots_files);
    tcase_add_test(tests, own_files);
}

int main(void)
{
    return run_tests("base-owner", begin, tear_down, fill);
}
