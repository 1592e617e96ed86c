/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tests of engine/write.h: an output is whole and new, or the old one untouched, and nothing
 * else is left beside it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "engine-shared.h"
#include "engine/write.h"

static const struct kp_place nowhere = {NULL, 0, 0, 0};
static struct kp_range *range;

static void begin(void)
{
    set_up();
    range = kp_range_copy("new bytes", 9);
    ck_assert_ptr_nonnull(range);
}

static void end(void)
{
    kp_range_unref(range);
    tear_down();
}

static bool write_to(const char *path)
{
    return kp_write_file(diags, nowhere, path, range, &(struct kp_write_options){0});
}

/* What the system's open() is asked for goes through here. */
static bool no_nameless_files;

int open_of_test(const char *path, int flags, ...) __asm__("open");

int open_of_test(const char *path, int flags, ...)
{
    va_list arguments;
    mode_t mode;

    va_start(arguments, flags);
    mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    if (no_nameless_files && (flags & O_TMPFILE) == O_TMPFILE) {
        errno = EOPNOTSUPP;
        return -1;
    }
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

/* All names in a folder, sorted, each with a blank behind it. */
static void expect_names(const char *folder, const char *expected)
{
    struct dirent **entries;
    const int count = scandir(folder, &entries, NULL, alphasort);
    char names[1024] = "";

    for (int i = 0; i < count; i++) {
        if (strcmp(entries[i]->d_name, ".") != 0 && strcmp(entries[i]->d_name, "..") != 0)
            snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s ",
                     entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    ck_assert_str_eq(names, expected);
}

START_TEST(new_file)
{
    struct stat status;

    umask(022);
    ck_assert(write_to("out"));
    expect_file("out", "new bytes");
    ck_assert_int_eq(stat("out", &status), 0);
    ck_assert_uint_eq(status.st_mode & 07777, 0644);
    expect_names(".", "out ");
}
END_TEST

START_TEST(old_file_is_replaced)
{
    struct stat before, after;
    int old;
    char bytes[10] = "";

    put_file("out", "old bytes, more of them");
    old = open("out", O_RDONLY);
    ck_assert_int_eq(fstat(old, &before), 0);
    ck_assert(
        kp_write_file(diags, nowhere, "out", range, &(struct kp_write_options){.sync = true}));
    expect_file("out", "new bytes");
    /* Who has the old one open still reads the old one. */
    ck_assert_int_eq(read(old, bytes, 9), 9);
    ck_assert_str_eq(bytes, "old bytes");
    ck_assert_int_eq(stat("out", &after), 0);
    ck_assert_uint_ne(before.st_ino, after.st_ino);
    expect_names(".", "out ");
    close(old);
}
END_TEST

START_TEST(folders_are_made)
{
    char path[128];

    ck_assert(write_to("a/b/c/out"));
    expect_file("a/b/c/out", "new bytes");
    sprintf(path, "%s/a//d/out", test_folder);
    ck_assert(write_to(path));
    expect_file("a/d/out", "new bytes");
}
END_TEST

START_TEST(target_is_a_folder)
{
    ck_assert_int_eq(mkdir("out", 0700), 0);
    ck_assert(!write_to("out"));
    expect_findings("kpipe: error: out: Is a directory [KP1403]\n");
    expect_names(".", "out ");
}
END_TEST

START_TEST(folder_is_a_file)
{
    put_file("file", "x");
    ck_assert(!write_to("file/out"));
    expect_findings("kpipe: error: file/out: Not a directory [KP1403]\n");
    ck_assert(!write_to("file/sub/out"));
    expect_findings("kpipe: error: file/sub/out: Not a directory [KP1403]\n");
    expect_file("file", "x");
}
END_TEST

/* A link is replaced, not followed: in a folder that others may write to it could lead
 * anywhere. */
START_TEST(link_is_replaced)
{
    struct stat status;

    put_file("target", "precious");
    ck_assert_int_eq(symlink("target", "out"), 0);
    ck_assert(write_to("out"));
    expect_file("target", "precious");
    expect_file("out", "new bytes");
    ck_assert_int_eq(lstat("out", &status), 0);
    ck_assert(S_ISREG(status.st_mode));
}
END_TEST

START_TEST(devices_are_written_to)
{
    ck_assert(write_to("/dev/null"));
    ck_assert(!write_to("/dev/full"));
    expect_findings("kpipe: error: /dev/full: No space left on device [KP1403]\n"
                    "  hint: make room, or choose another --out\n");
}
END_TEST

START_TEST(pipes_are_written_to)
{
    char bytes[10] = "";
    int reader;

    ck_assert_int_eq(mkfifo("fifo", 0600), 0);
    reader = open("fifo", O_RDONLY | O_NONBLOCK);
    ck_assert(write_to("fifo"));
    ck_assert_int_eq(read(reader, bytes, sizeof(bytes)), 9);
    ck_assert_str_eq(bytes, "new bytes");
    close(reader);
}
END_TEST

START_TEST(standard_output)
{
    const int saved = dup(STDOUT_FILENO);
    const int file = open("stdout", O_WRONLY | O_CREAT, 0600);
    const int full = open("/dev/full", O_WRONLY);
    bool good;

    fflush(stdout);
    dup2(file, STDOUT_FILENO);
    good = write_to("-");
    dup2(full, STDOUT_FILENO);
    ck_assert(!write_to("-"));
    dup2(saved, STDOUT_FILENO);
    ck_assert(good);
    expect_file("stdout", "new bytes");
    expect_no_file("-");
    expect_findings("kpipe: error: standard output: No space left on device [KP1403]\n"
                    "  hint: make room, or choose another --out\n");
    close(saved);
    close(file);
    close(full);
}
END_TEST

START_TEST(holes_hold_zeros)
{
    struct kp_range *zeros = kp_range_fill(0, 1 << 20);
    struct kp_range *const parts[] = {range, zeros, range, zeros};
    struct kp_range *all = kp_range_gather(parts, 4);
    struct kp_range *read;
    struct stat status;

    kp_range_unref(range);
    kp_range_unref(zeros);
    range = all;
    ck_assert(write_to("out"));
    read = kp_range_open("out", "out", NULL);
    ck_assert(kp_range_equal(read, all));
    ck_assert_int_eq(stat("out", &status), 0);
    ck_assert_int_eq(status.st_size, 18 + (2 << 20));
    ck_assert_int_lt(status.st_blocks * 512, 1 << 20);
    kp_range_unref(read);
}
END_TEST

static bool stop_at_once(void *data)
{
    return --*(int *)data < 0;
}

START_TEST(stopped_before_the_end)
{
    put_file("out", "old");
    for (int polls = 0; polls < 2; polls++) {
        int left = polls;

        ck_assert(!kp_write_file(diags, nowhere, "out", range,
                                 &(struct kp_write_options){.stop = stop_at_once, .data = &left}));
        expect_findings("");
        expect_file("out", "old");
        expect_names(".", "out ");
    }
}
END_TEST

START_TEST(input_that_vanishes)
{
    put_file("in", "this will be cut short");
    put_file("out", "old");
    ck_assert(kp_range_guard_install());
    kp_range_unref(range);
    range = kp_range_open("in", "kernel", NULL);
    ck_assert_int_eq(truncate("in", 4), 0);
    ck_assert(!write_to("out"));
    expect_findings("kpipe: error: kernel: changed while it was read [KP1402]\n"
                    "  hint: somebody wrote to it during the run: run again when it is complete\n");
    expect_file("out", "old");
    expect_names(".", "in out ");
    ck_assert(!write_to("/dev/null"));
}
END_TEST

/* Runs in a child, which says by its exit that all was as it should be. */
static void in_child(void (*work)(void))
{
    int status;
    const pid_t child = fork();

    if (child == 0) {
        work();
        exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with 0x%x",
                  (unsigned)status);
}

/* As root one may write everywhere, so as nobody. */
static void write_where_forbidden(void)
{
    const uid_t user = geteuid();

    if (user == 0 && seteuid(65534) != 0)
        exit(3);
    if (write_to("closed/out") || write_to("closed/sub/out") || write_to("closed/a/b/out"))
        exit(1);
    if (seteuid(user) != 0)
        exit(3);
    expect_findings("kpipe: error: closed/out: Permission denied [KP1403]\n"
                    "  hint: may you write there? choose another folder with --out\n"
                    "kpipe: error: closed/sub/out: Permission denied [KP1403]\n"
                    "  hint: may you write there? choose another folder with --out\n"
                    "kpipe: error: closed/a/b/out: Permission denied [KP1403]\n"
                    "  hint: may you write there? choose another folder with --out\n");
}

START_TEST(folder_without_permission)
{
    ck_assert_int_eq(chmod(".", 0755), 0);
    ck_assert_int_eq(mkdir("closed", 0555), 0);
    in_child(write_where_forbidden);
    expect_names("closed", "");
}
END_TEST

/* A file system of a few pages, seen by the child alone. */
static void write_where_full(void)
{
    static char old[64 << 10];

    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", "small", "tmpfs", 0, "size=64k") != 0) {
        fprintf(stderr, "full_disk: skipped: cannot mount here: %s\n", strerror(errno));
        return;
    }
    put_file("small/out", "old");
    kp_range_unref(range);
    memset(old, 'x', sizeof(old));
    range = kp_range_copy(old, sizeof(old));
    if (write_to("small/out"))
        exit(1);
    expect_findings("kpipe: error: small/out: No space left on device [KP1403]\n"
                    "  hint: make room, or choose another --out\n");
    expect_file("small/out", "old");
    expect_names("small", "out ");
}

START_TEST(full_disk)
{
    ck_assert_int_eq(mkdir("small", 0700), 0);
    in_child(write_where_full);
}
END_TEST

/* What a killed run left behind is in nobody's way: the names are those of this process. */
START_TEST(drafts_of_others)
{
    char name[64];

    no_nameless_files = _i == 1;
    for (int i = 0; i < 3; i++) {
        sprintf(name, ".kpipe-%ld-%d.part", (long)getpid(), i);
        put_file(name, "left behind");
    }
    ck_assert(write_to("out"));
    expect_file("out", "new bytes");
    for (int i = 3; i < 200; i++) {
        sprintf(name, ".kpipe-%ld-%d.part", (long)getpid(), i);
        put_file(name, "left behind");
    }
    ck_assert(!write_to("out"));
    expect_findings("kpipe: error: out: File exists [KP1403]\n");
    expect_file("out", "new bytes");
}
END_TEST

START_TEST(file_system_without_nameless_files)
{
    int left = 1;

    no_nameless_files = true;
    put_file("out", "old");
    ck_assert(!kp_write_file(diags, nowhere, "out", range,
                             &(struct kp_write_options){.stop = stop_at_once, .data = &left}));
    expect_names(".", "out ");
    ck_assert(write_to("out"));
    expect_file("out", "new bytes");
    expect_names(".", "out ");
    ck_assert_int_eq(chmod(".", 0755), 0);
    ck_assert_int_eq(mkdir("closed", 0555), 0);
    in_child(write_where_forbidden);
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_test(tests, new_file);
    tcase_add_test(tests, old_file_is_replaced);
    tcase_add_test(tests, folders_are_made);
    tcase_add_test(tests, target_is_a_folder);
    tcase_add_test(tests, folder_is_a_file);
    tcase_add_test(tests, link_is_replaced);
    tcase_add_test(tests, devices_are_written_to);
    tcase_add_test(tests, pipes_are_written_to);
    tcase_add_test(tests, standard_output);
    tcase_add_test(tests, holes_hold_zeros);
    tcase_add_test(tests, stopped_before_the_end);
    tcase_add_test(tests, input_that_vanishes);
    tcase_add_test(tests, folder_without_permission);
    tcase_add_test(tests, full_disk);
    tcase_add_loop_test(tests, drafts_of_others, 0, 2);
    tcase_add_test(tests, file_system_without_nameless_files);
}

int main(void)
{
    return run_tests("engine-write", begin, end, fill);
}
