/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/tool-search.c - where host tools are found, which version they are said to be, and
 * what a user is told of one that is not there.
 */
#include "tool-shared.h"

static const char *why;
static char folder[128];

static void put_program(const char *path, const char *text)
{
    put_file(path, text);
    ck_assert_int_eq(chmod(path, 0755), 0);
}

static void open_with(const char *search, const char *cross)
{
    const struct kp_toolbox_options options = {
        .search = search, .cross_compile = cross, .temporary = temporary};

    kp_toolbox_free(box);
    box = kp_toolbox_new(&options);
    ck_assert_ptr_nonnull(box);
}

static const char *path_of(const char *name, const char *given)
{
    const struct kp_tool *tool = kp_toolbox_find(box, name, given, &why);

    return tool == NULL ? why : tool->path;
}

static const char *in_folder(const char *name)
{
    return kp_arena_printf(arena, "%s/%s", folder, name);
}

static void begin_here(void)
{
    begin();
    ck_assert_int_eq(mkdir("bin", 0755), 0);
    snprintf(folder, sizeof(folder), "%s/bin", test_folder);
}

START_TEST(search)
{
    put_program("bin/tool", "#!/bin/sh\necho tool 1.0\n");
    put_file("bin/data", "no program");
    ck_assert_int_eq(mkdir("bin/dir", 0755), 0);
    put_program("tool", "#!/bin/sh\n");
    open_with(kp_arena_printf(arena, ":.:bin:/no/such:%s", folder), NULL);
    ck_assert_str_eq(path_of("tool", NULL), in_folder("tool"));
    ck_assert_str_eq(path_of("data", NULL), "not found");
    ck_assert_str_eq(path_of("dir", NULL), "not found");
    ck_assert_str_eq(path_of("nothing", NULL), "not found");
    open_with("", NULL);
    ck_assert_str_eq(path_of("tool", NULL), "not found");
    open_with(NULL, NULL);
    ck_assert_str_eq(path_of("tool", NULL), "not found");
}
END_TEST

START_TEST(given_paths)
{
    put_program("bin/tool", "#!/bin/sh\necho tool 1.0\n");
    put_file("bin/data", "no program");
    open_with("/usr/bin", NULL);
    ck_assert_str_eq(path_of("tool", "bin/tool"), in_folder("tool"));
    ck_assert_str_eq(path_of("tool", "bin/../bin//tool"), in_folder("tool"));
    ck_assert_str_eq(path_of("gzip", in_folder("tool")), in_folder("tool"));
    ck_assert_str_eq(path_of("tool", "bin/none"), "no such file");
    ck_assert_str_eq(path_of("tool", "bin/data/none"), "no such file");
    ck_assert_str_eq(path_of("tool", "bin/data"), "it is not executable");
    ck_assert_str_eq(path_of("tool", "bin"), "it is a folder");
    ck_assert_str_eq(path_of("tool", "/dev/null"), "it is no regular file");
}
END_TEST

START_TEST(cross_compile)
{
    put_program("bin/arm-none-ld", "#!/bin/sh\necho arm ld\n");
    put_program("bin/ld", "#!/bin/sh\necho ld\n");
    put_program("bin/gzip", "#!/bin/sh\necho gzip\n");
    open_with(folder, "arm-none-");
    ck_assert_str_eq(path_of("ld", NULL), in_folder("arm-none-ld"));
    ck_assert_str_eq(path_of("gzip", NULL), in_folder("gzip"));
    ck_assert_str_eq(path_of("ld", in_folder("ld")), in_folder("ld"));
    /* The machine's own is no replacement. */
    ck_assert_str_eq(path_of("as", NULL), "not found as arm-none-as (CROSS_COMPILE)");
    open_with("/usr/bin", in_folder("arm-none-"));
    ck_assert_str_eq(path_of("ld", NULL), in_folder("arm-none-ld"));
    ck_assert_str_eq(path_of("nm", NULL), kp_arena_printf(arena, "%s (CROSS_COMPILE): no such file",
                                                          in_folder("arm-none-nm")));
    open_with(folder, "bin/arm-none-");
    ck_assert_str_eq(path_of("ld", NULL), "bin/arm-none-ld (CROSS_COMPILE): no absolute path");
    open_with(folder, "");
    ck_assert_str_eq(path_of("ld", NULL), in_folder("ld"));
}
END_TEST

START_TEST(versions)
{
    put_program("bin/plain", "#!/bin/sh\necho plain 1.0; echo more\n");
    put_program("bin/late", "#!/bin/sh\necho late 2.0 >&2\n");
    put_program("bin/rude", "#!/bin/sh\necho usage: rude; exit 1\n");
    put_program("bin/silent", "#!/bin/sh\nexit 0\n");
    put_program("bin/odd", "#!/bin/sh\nprintf '\\033[1modd\\n'\n");
    open_with(folder, NULL);
    ck_assert_str_eq(kp_toolbox_find(box, "plain", NULL, &why)->version, "plain 1.0");
    ck_assert_str_eq(kp_toolbox_find(box, "late", NULL, &why)->version, "late 2.0");
    ck_assert_str_eq(kp_toolbox_find(box, "odd", NULL, &why)->version, "\\x1b[1modd");
    /* sha256sum of the scripts, half of it. */
    ck_assert_str_eq(kp_toolbox_find(box, "rude", NULL, &why)->version,
                     "sha256 027c806b4781d89fe089eda47e43f6c1");
    ck_assert_str_eq(kp_toolbox_find(box, "silent", NULL, &why)->version,
                     "sha256 306c6ca7407560340797866e077e0536");
    expect_nothing_left();
}
END_TEST

/* Each tool is asked once. */
START_TEST(asked_once)
{
    const struct kp_tool *tool;

    put_program("bin/tool", "#!/bin/sh\necho tool 1.0\n");
    open_with(folder, NULL);
    tool = kp_toolbox_find(box, "tool", NULL, &why);
    ck_assert_str_eq(tool->version, "tool 1.0");
    put_program("bin/tool", "#!/bin/sh\necho tool 2.0\n");
    ck_assert_ptr_eq(kp_toolbox_find(box, "tool", NULL, &why), tool);
    ck_assert_ptr_eq(kp_toolbox_find(box, "tool", "bin/tool", &why), tool);
}
END_TEST

/* `kpipe check` runs nothing, not even for a version. */
START_TEST(not_asked)
{
    const struct kp_toolbox_options options = {.search = folder, .no_versions = true};

    put_program("bin/tool", "#!/bin/sh\necho tool 1.0\n");
    kp_toolbox_free(box);
    box = kp_toolbox_new(&options);
    ck_assert_ptr_null(kp_toolbox_find(box, "tool", NULL, &why)->version);
    ck_assert_uint_eq(kp_toolbox_mechanisms(box), 0);
}
END_TEST

START_TEST(hints)
{
    static const struct {
        const char *name, *cross, *package;
    } rows[] = {
        {"ld", NULL, "binutils"},
        {"ld", "arm-linux-gnueabihf-", "binutils-arm-linux-gnueabihf"},
        {"gcc", "aarch64-linux-gnu-", "gcc-aarch64-linux-gnu"},
        {"ld", "/opt/arm/bin/arm-", NULL},
        {"ld.bfd", "x86_64-linux-gnu-", "binutils-x86-64-linux-gnu"},
        {"gzip", "arm-linux-gnueabihf-", "gzip"},
        {"arm-linux-gnueabihf-ld", NULL, "binutils-arm-linux-gnueabihf"},
        {"arm-linux-gnueabihf-ld", "aarch64-linux-gnu-", "binutils-arm-linux-gnueabihf"},
        {"x86_64-linux-gnu-ld.bfd", NULL, "binutils-x86-64-linux-gnu"},
        {"riscv64-linux-gnu-gcc", NULL, "gcc-riscv64-linux-gnu"},
        {"arm-linux-gnueabihf-gzip", NULL, NULL},
        {"-ld", NULL, NULL},
        {"mkimage", NULL, "u-boot-tools"},
        {"no-such-tool", NULL, NULL},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *package = kp_tool_package(arena, rows[i].name, rows[i].cross);

        ck_assert_pstr_eq(package, rows[i].package);
    }
    ck_assert_str_eq(kp_toolbox_hint(box, arena, "lzop"),
                     "install it (Debian's package lzop), or give its path: `tools: {lzop: PATH}` "
                     "in the recipe, or --tool lzop=PATH");
    ck_assert_str_eq(kp_toolbox_hint(box, arena, "frob"),
                     "install it, or give its path: `tools: {NAME: PATH}` in the recipe, or --tool "
                     "NAME=PATH");
}
END_TEST

/* A toolchain that is installed for itself is seen with its libraries, and a program that lies
 * among other files without them. */
START_TEST(view)
{
    struct kp_vector items = {0};
    char text[4096] = "";

    ck_assert_int_eq(mkdir("lib", 0755), 0);
    ck_assert_int_eq(mkdir("arm-none", 0755), 0);
    ck_assert_int_eq(mkdir("share", 0755), 0);
    put_program("bin/arm-none-ld", "#!/bin/sh\n");
    put_program("alone", "#!/bin/sh\n");
    ck_assert(kp_view_make(arena, in_folder("arm-none-ld"), &items));
    for (size_t i = 0; i < items.count; i++) {
        const struct kp_view_item *item = &KP_ITEM(&items, struct kp_view_item, i);

        if (strncmp(item->path, test_folder, strlen(test_folder)) == 0)
            strcat(strcat(text, item->path + strlen(test_folder)), " ");
    }
    ck_assert_str_eq(text, "/bin /lib /arm-none ");
    kp_vector_free(&items);
    ck_assert(kp_view_make(arena, kp_arena_printf(arena, "%s/alone", test_folder), &items));
    ck_assert_str_eq(KP_ITEM(&items, struct kp_view_item, items.count - 1).path,
                     kp_arena_printf(arena, "%s/alone", test_folder));
    kp_vector_free(&items);
}
END_TEST

static void fill(TCase *tests)
{
    tcase_add_test(tests, search);
    tcase_add_test(tests, given_paths);
    tcase_add_test(tests, cross_compile);
    tcase_add_test(tests, versions);
    tcase_add_test(tests, asked_once);
    tcase_add_test(tests, not_asked);
    tcase_add_test(tests, hints);
    tcase_add_test(tests, view);
}

int main(void)
{
    return run_tests("tool-search", begin_here, end, fill);
}
