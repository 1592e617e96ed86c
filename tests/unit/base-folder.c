/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of base/folder.h: what a folder shows, and that nothing leads out of it, looked up
 * by the system and by hand.
 */
#include "engine-shared.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/sysmacros.h>

#include "base/auto.h"
#include "base/folder.h"

static struct kp_folder *folder;

static void make_folder(const char *path)
{
    ck_assert_int_eq(mkdir(path, 0755), 0);
}

static void make_link(const char *target, const char *path)
{
    ck_assert_int_eq(symlink(target, path), 0);
}

static void begin(void)
{
    set_up();
    make_folder("t");
    make_folder("t/d");
    make_folder("t/d/e");
    put_file("t/a", "first");
    put_file("t/d/f", "second");
    put_file("secret", "not yours");
}

static void end(void)
{
    kp_folder_free(folder);
    folder = NULL;
    tear_down();
}

/* Opens t; looked up by hand if i is 1. */
static void open_it(int i)
{
    struct kp_file_identity identity;

    kp_folder_free(folder);
    folder = kp_folder_open("t", "tree", &identity);
    ck_assert_ptr_nonnull(folder);
    if (i == 1)
        kp_folder_resolve_by_hand(folder);
}

static int map(const char *name, const char *expected)
{
    struct kp_range *range KP_AUTO(range) = NULL;
    const int error = kp_folder_map(folder, name, &range);

    if (error == 0) {
        ck_assert_uint_eq(kp_range_size(range), strlen(expected));
        ck_assert_mem_eq(kp_range_view(range), expected, strlen(expected));
    }
    return error;
}

/* The names in a folder of it, with a blank behind each; or "errno NUMBER bad". */
static const char *names_in(const char *name)
{
    struct kp_vector members KP_AUTO(vector) = {0};
    struct kp_string text KP_AUTO(string) = {0};
    const char *bad;
    const int error = kp_folder_list(folder, arena, name, &members, &bad);

    kp_string_add(&text, "");
    if (error != 0)
        return kp_arena_printf(arena, "errno %d %s", error, bad != NULL ? bad : "");
    for (size_t i = 0; i < members.count; i++)
        kp_string_printf(&text, "%s ", KP_ITEM(&members, struct kp_member, i).name);
    return kp_arena_strdup(arena, text.text);
}

START_TEST(files_are_read)
{
    open_it(_i);
    ck_assert_int_eq(map("a", "first"), 0);
    ck_assert_int_eq(map("d/f", "second"), 0);
    ck_assert_int_eq(map("nope", ""), ENOENT);
    ck_assert_int_eq(map("a/b", ""), ENOTDIR);
    ck_assert_int_eq(map("d", ""), EISDIR);
    ck_assert_str_eq(names_in(""), "a d ");
    ck_assert_str_eq(names_in("d"), "d/e d/f ");
    ck_assert_str_eq(names_in("d/e"), "");
    ck_assert_str_eq(names_in("a"), kp_arena_printf(arena, "errno %d ", ENOTDIR));
    ck_assert_str_eq(names_in("nope"), kp_arena_printf(arena, "errno %d ", ENOENT));
}
END_TEST

START_TEST(names_keep_the_rules)
{
    static const char *const bad[] = {"..",   "../secret", "/",   "/etc/passwd", "d/../a",
                                      "d//f", "a/",        "./a", "d/.",         "d/.."};
    struct kp_member member;
    char *path = kp_arena_printf(arena, "%s/secret", test_folder);

    open_it(_i);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_msg(map(bad[i], "") == EINVAL, "%s", bad[i]);
        ck_assert_int_eq(kp_folder_find(folder, arena, bad[i], &member), EINVAL);
        ck_assert_str_eq(names_in(bad[i]), kp_arena_printf(arena, "errno %d ", EINVAL));
    }
    ck_assert_int_eq(map(path, ""), EINVAL);
    ck_assert_int_eq(map("", ""), EINVAL);
}
END_TEST

START_TEST(links_stay_inside)
{
    make_link("d/f", "t/in");
    make_link("../a", "t/d/up");
    make_link("../d/./e/../f", "t/d/round");
    make_link("e/../../d", "t/d/back");
    make_link("d", "t/folder");
    make_link("../secret", "t/out");
    make_link("../../secret", "t/d/out");
    make_link(kp_arena_printf(arena, "%s/secret", test_folder), "t/absolute");
    make_link(kp_arena_printf(arena, "%s/t/a", test_folder), "t/absolute-in");
    make_link("/", "t/top");
    make_link("..", "t/parent");
    make_link("../t/a", "t/out-and-in");
    make_link("gone", "t/dangling");
    make_link(".", "t/self");
    open_it(_i);
    ck_assert_int_eq(map("in", "second"), 0);
    ck_assert_int_eq(map("d/up", "first"), 0);
    ck_assert_int_eq(map("d/round", "second"), 0);
    ck_assert_int_eq(map("d/back/f", "second"), 0);
    ck_assert_int_eq(map("folder/f", "second"), 0);
    ck_assert_int_eq(map("self/self/self/a", "first"), 0);
    ck_assert_str_eq(names_in("folder"),
                     "folder/back folder/e folder/f folder/out folder/round folder/up ");
    ck_assert_int_eq(map("out", ""), EXDEV);
    ck_assert_int_eq(map("d/out", ""), EXDEV);
    ck_assert_int_eq(map("folder/out", ""), EXDEV);
    ck_assert_int_eq(map("absolute", ""), EXDEV);
    ck_assert_int_eq(map("absolute-in", ""), EXDEV);
    ck_assert_int_eq(map("top/etc/passwd", ""), EXDEV);
    ck_assert_int_eq(map("parent/secret", ""), EXDEV);
    ck_assert_int_eq(map("out-and-in", ""), EXDEV);
    ck_assert_int_eq(map("dangling", ""), ENOENT);
    ck_assert_str_eq(names_in("parent"), kp_arena_printf(arena, "errno %d ", EXDEV));
    ck_assert_str_eq(names_in("top"), kp_arena_printf(arena, "errno %d ", EXDEV));
}
END_TEST

START_TEST(links_that_form_a_loop)
{
    make_link("y", "t/x");
    make_link("x", "t/y");
    make_link("z/z", "t/z");
    open_it(_i);
    ck_assert_int_eq(map("x", ""), ELOOP);
    ck_assert_int_eq(map("z", ""), ELOOP);
    ck_assert_int_eq(map("x/a", ""), ELOOP);
    ck_assert_str_eq(names_in("x"), kp_arena_printf(arena, "errno %d ", ELOOP));
    ck_assert_str_eq(names_in(""), "a d x y z ");
}
END_TEST

START_TEST(members_are_described)
{
    struct kp_member member;

    make_link("/etc/passwd", "t/link");
    ck_assert_int_eq(mkfifo("t/pipe", 0640), 0);
    ck_assert_int_eq(chmod("t/a", 04751), 0);
    open_it(_i);
    ck_assert_int_eq(kp_folder_find(folder, arena, "link", &member), 0);
    ck_assert(S_ISLNK(member.status.st_mode));
    ck_assert_str_eq(member.target, "/etc/passwd");
    ck_assert_int_eq(kp_folder_find(folder, arena, "a", &member), 0);
    ck_assert_uint_eq(member.status.st_mode & 07777, 04751);
    ck_assert_int_eq(member.status.st_size, 5);
    ck_assert_uint_eq(member.same_file, 0);
    ck_assert_ptr_null(member.target);
    ck_assert_int_eq(kp_folder_find(folder, arena, "pipe", &member), 0);
    ck_assert(S_ISFIFO(member.status.st_mode));
    /* Opening it would wait for a writer for ever. */
    ck_assert_int_eq(map("pipe", ""), ENODEV);
    ck_assert_str_eq(names_in("pipe"), kp_arena_printf(arena, "errno %d ", ENOTDIR));
    ck_assert_int_eq(kp_folder_find(folder, arena, "none", &member), ENOENT);
    ck_assert_int_eq(kp_folder_find(folder, arena, "a/b", &member), ENOTDIR);
}
END_TEST

START_TEST(names_of_one_file)
{
    struct kp_member member;

    ck_assert_int_eq(link("t/d/f", "t/z"), 0);
    ck_assert_int_eq(link("t/d/f", "t/d/e/g"), 0);
    ck_assert_int_eq(link("t/a", "t/d-"), 0); /* before d/f */
    ck_assert_int_eq(link("secret", "t/alone"), 0);
    open_it(_i);
    ck_assert_int_eq(kp_folder_find(folder, arena, "alone", &member), 0);
    ck_assert_uint_eq(member.same_file, 0);
    ck_assert_int_eq(kp_folder_find(folder, arena, "z", &member), 0);
    ck_assert_uint_eq(member.same_file, 2);
    ck_assert_int_eq(kp_folder_find(folder, arena, "d/e/g", &member), 0);
    ck_assert_uint_eq(member.same_file, 2);
    ck_assert_int_eq(kp_folder_find(folder, arena, "d/f", &member), 0);
    ck_assert_uint_eq(member.same_file, 2);
    ck_assert_int_eq(kp_folder_find(folder, arena, "a", &member), 0);
    ck_assert_uint_eq(member.same_file, 1);
    ck_assert_int_eq(kp_folder_find(folder, arena, "d-", &member), 0);
    ck_assert_uint_eq(member.same_file, 1);
}
END_TEST

START_TEST(names_that_are_no_text)
{
    open_it(_i);
    put_file("t/d/caf\xc3\xa9 \xf0\x9f\x8c\xb3", "");
    ck_assert_str_eq(names_in("d"), "d/caf\xc3\xa9 \xf0\x9f\x8c\xb3 d/e d/f ");
    open_it(_i);
    put_file("t/line\nbreak", "");
    ck_assert_str_eq(names_in(""), kp_arena_printf(arena, "errno %d line\nbreak", EILSEQ));
    ck_assert_int_eq(unlink("t/line\nbreak"), 0);
    open_it(_i);
    put_file("t/caf\xe9", "");
    ck_assert_str_eq(names_in(""), kp_arena_printf(arena, "errno %d caf\xe9", EILSEQ));
    ck_assert_int_eq(unlink("t/caf\xe9"), 0);
    open_it(_i);
    make_link("\x1b[2J", "t/link");
    ck_assert_str_eq(names_in(""), kp_arena_printf(arena, "errno %d link", EILSEQ));
}
END_TEST

START_TEST(what_changes_is_noticed)
{
    struct kp_range *range KP_AUTO(range) = NULL;

    open_it(_i);
    ck_assert_int_eq(map("a", "first"), 0);
    put_file("t/a", "longer than before");
    ck_assert_int_eq(map("a", ""), ESTALE);
    open_it(_i);
    ck_assert_int_eq(kp_folder_map(folder, "a", &range), 0);
    ck_assert_ptr_null(kp_range_vanished(range));
    put_file("t/a", "cut");
    ck_assert_str_eq(kp_range_vanished(range), "tree: a");
    open_it(_i);
    ck_assert_str_eq(names_in(""), "a d ");
    put_file("t/b", "new");
    ck_assert_str_eq(names_in(""), kp_arena_printf(arena, "errno %d ", ESTALE));
    /* A folder that is replaced is still the one that was opened. */
    open_it(_i);
    ck_assert_int_eq(rename("t", "moved"), 0);
    make_folder("t");
    put_file("t/other", "");
    ck_assert_str_eq(names_in(""), "a b d ");
    ck_assert_int_eq(rename("t/other", "other"), 0);
    ck_assert_int_eq(rmdir("t"), 0);
    ck_assert_int_eq(rename("moved", "t"), 0);
}
END_TEST

START_TEST(names_that_are_too_long)
{
    char name[5000];
    struct kp_member member;

    open_it(_i);
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    ck_assert_int_eq(map(name, ""), ENAMETOOLONG);
    name[300] = '\0';
    ck_assert_int_eq(map(name, ""), ENAMETOOLONG);
    ck_assert_int_eq(kp_folder_find(folder, arena, name, &member), ENAMETOOLONG);
}
END_TEST

/* Root may read everything, so that the test becomes somebody else. */
START_TEST(folders_that_cannot_be_read)
{
    const uid_t user = geteuid();
    struct kp_member member;

    ck_assert_int_eq(link("t/d/f", "t/d/e/g"), 0);
    ck_assert_int_eq(chmod("t/d/e", 0), 0);
    open_it(_i);
    ck_assert(user != 0 || seteuid(65534) == 0);
    ck_assert_str_eq(names_in("d/e"), kp_arena_printf(arena, "errno %d ", EACCES));
    ck_assert_int_eq(map("d/e/g", ""), EACCES);
    /* Its names do not show. */
    ck_assert_int_eq(kp_folder_find(folder, arena, "d/f", &member), 0);
    ck_assert_uint_eq(member.same_file, 0);
    ck_assert(user != 0 || seteuid(user) == 0);
    ck_assert_int_eq(chmod("t/d/e", 0755), 0);
}
END_TEST

START_TEST(what_is_no_folder)
{
    struct kp_file_identity identity;

    ck_assert_ptr_null(kp_folder_open("secret", "x", &identity));
    ck_assert_int_eq(errno, ENOTDIR);
    ck_assert_ptr_null(kp_folder_open("nope", "x", &identity));
    ck_assert_int_eq(errno, ENOENT);
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_loop_test(tests, files_are_read, 0, 2);
    tcase_add_loop_test(tests, names_keep_the_rules, 0, 2);
    tcase_add_loop_test(tests, links_stay_inside, 0, 2);
    tcase_add_loop_test(tests, links_that_form_a_loop, 0, 2);
    tcase_add_loop_test(tests, members_are_described, 0, 2);
    tcase_add_loop_test(tests, names_of_one_file, 0, 2);
    tcase_add_loop_test(tests, names_that_are_no_text, 0, 2);
    tcase_add_loop_test(tests, what_changes_is_noticed, 0, 2);
    tcase_add_loop_test(tests, names_that_are_too_long, 0, 2);
    tcase_add_loop_test(tests, folders_that_cannot_be_read, 0, 2);
    tcase_add_test(tests, what_is_no_folder);
}

int main(void)
{
    return run_tests("base-folder", begin, end, fill);
}
