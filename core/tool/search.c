/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tool/search.c - where a tool is: $CROSS_COMPILE and the name for those of binutils and gcc, as
 * the kernel's Makefile puts them together (linux/Makefile, "LD = $(CROSS_COMPILE)ld"), else
 * the folders of PATH. Only looks.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/owner.h"
#include "tool/toolbox.h"

/* What CROSS_COMPILE is for: tools that know the target, with Debian's package. */
static const struct known_tool {
    const char *name, *package;
} target_tools[] = {
    {"addr2line", "binutils"},
    {"ar", "binutils"},
    {"as", "binutils"},
    {"c++filt", "binutils"},
    {"cpp", "gcc"},
    {"elfedit", "binutils"},
    {"g++", "g++"},
    {"gcc", "gcc"},
    {"gcov", "gcc"},
    {"gprof", "binutils"},
    {"ld", "binutils"},
    {"ld.bfd", "binutils"},
    {"ld.gold", "binutils"},
    {"nm", "binutils"},
    {"objcopy", "binutils"},
    {"objdump", "binutils"},
    {"ranlib", "binutils"},
    {"readelf", "binutils"},
    {"size", "binutils"},
    {"strings", "binutils"},
    {"strip", "binutils"},
};

/* Others whose package has another name than they. */
static const struct known_tool host_tools[] = {
    {"dtc", "device-tree-compiler"},
    {"fdtget", "device-tree-compiler"},
    {"fdtput", "device-tree-compiler"},
    {"fdtoverlay", "device-tree-compiler"},
    {"gunzip", "gzip"},
    {"ld.lld", "lld"},
    {"lzma", "xz-utils"},
    {"mkimage", "u-boot-tools"},
    {"sbsign", "sbsigntool"},
    {"unlz4", "lz4"},
    {"unxz", "xz-utils"},
    {"unzstd", "zstd"},
    {"xz", "xz-utils"},
    {"zcat", "gzip"},
};

/* Those whose package has their name. */
static const char *const plain_tools[] = {
    "bzip2", "clang",           "cpio", "file", "gzip", "lz4", "lzip", "lzop", "openssl",
    "sed",   "signify-openbsd", "tar",  "zstd"};

static const struct known_tool *find_known(const struct known_tool *tools, size_t count,
                                           const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(tools[i].name, name) == 0)
            return &tools[i];
    return NULL;
}
#define FIND_KNOWN(tools, name) find_known(tools, sizeof(tools) / sizeof((tools)[0]), name)

static bool is_cross(const char *name, const char *cross_compile)
{
    return cross_compile != NULL && cross_compile[0] != '\0' &&
           FIND_KNOWN(target_tools, name) != NULL;
}

/* Debian's package of a tool for another machine, whose triplet is `length` bytes: names of
 * packages have no '_' (Debian Policy, "The Package field"). NULL when memory runs out. */
static const char *cross_package(struct kp_arena *arena, const struct known_tool *tool,
                                 const char *triplet, size_t length)
{
    char *package = kp_arena_printf(arena, "%s-%.*s", tool->package, (int)length, triplet);

    for (char *at = package; at != NULL && *at != '\0'; at++)
        if (*at == '_')
            *at = '-';
    return package;
}

const char *kp_tool_package(struct kp_arena *arena, const char *name, const char *cross_compile)
{
    const char *dash = strrchr(name, '-');
    const struct known_tool *target = FIND_KNOWN(target_tools, name);
    const struct known_tool *host = FIND_KNOWN(host_tools, name);
    const struct known_tool *cross = dash == NULL ? NULL : FIND_KNOWN(target_tools, dash + 1);
    size_t length = is_cross(name, cross_compile) ? strlen(cross_compile) : 0;

    if (length > 1 && cross_compile[length - 1] == '-' && strchr(cross_compile, '/') == NULL)
        return cross_package(arena, target, cross_compile, length - 1);
    if (length > 0)
        return NULL;
    if (cross != NULL && dash > name)
        return cross_package(arena, cross, name, (size_t)(dash - name));
    if (target != NULL || host != NULL)
        return target != NULL ? target->package : host->package;
    for (size_t i = 0; i < sizeof(plain_tools) / sizeof(plain_tools[0]); i++)
        if (strcmp(plain_tools[i], name) == 0)
            return name;
    return NULL;
}

const char *kp_tool_check(const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return errno == ENOENT || errno == ENOTDIR ? "no such file"
               : errno == EACCES                   ? "no permission to look at it"
                                                   : "it cannot be looked at";
    if (S_ISDIR(status.st_mode))
        return "it is a folder";
    if (!S_ISREG(status.st_mode))
        return "it is no regular file";
    return access(path, X_OK) == 0 ? NULL : "it is not executable";
}

/* A file that cannot be run does not hide one that can, as for a shell. */
static const char *search_folders(struct kp_arena *arena, const char *name, const char *search)
{
    while (search != NULL && *search != '\0') {
        const size_t length = strcspn(search, ":");

        /* What is run must not depend on the current folder. */
        if (search[0] == '/') {
            const char *path = kp_arena_printf(arena, "%.*s/%s", (int)length, search, name);

            if (path != NULL && kp_tool_check(path) == NULL)
                return path;
        }
        search += length;
        search += *search == ':' ? 1 : 0;
    }
    return NULL;
}

const char *kp_tool_search(struct kp_arena *arena, const char *name, const char *search,
                           const char *cross_compile, const char **why)
{
    const char *full = name;
    const char *path;

    *why = "out of memory";
    if (is_cross(name, cross_compile))
        full = kp_arena_printf(arena, "%s%s", cross_compile, name);
    if (full == NULL)
        return NULL;
    if (strchr(full, '/') == NULL) {
        path = search_folders(arena, full, search);
        *why = full == name ? "not found"
                            : kp_arena_printf(arena, "not found as %s (CROSS_COMPILE)", full);
    } else {
        const char *wrong = full[0] == '/' ? kp_tool_check(full) : "no absolute path";

        path = wrong == NULL ? full : NULL;
        *why = wrong == NULL ? NULL : kp_arena_printf(arena, "%s (CROSS_COMPILE): %s", full, wrong);
    }
    if (*why == NULL)
        *why = "not found";
    return path;
}

bool kp_tool_is_system(struct kp_arena *arena, const char *path)
{
    static const char *const folders[] = {"/bin",      "/sbin",          "/usr/bin",
                                          "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"};
    const char *slash = strrchr(path, '/');

    for (size_t i = 0; slash != NULL && i < sizeof(folders) / sizeof(folders[0]); i++)
        if (strlen(folders[i]) == (size_t)(slash - path) &&
            strncmp(path, folders[i], (size_t)(slash - path)) == 0)
            return kp_owner_not_root(arena, path) == NULL;
    return false;
}
