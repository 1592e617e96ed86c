/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sandbox/view.c - what of the system a host tool sees: programs and libraries, and what finds
 * them. Not the homes, not /etc as a whole, not the recipe's folder. A worker sees less, see
 * confine_view.c.
 */
#include "sandbox/sandbox.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"

/* Those that exist are shown. /etc: what the dynamic linker and Debian's alternatives need. */
static const char *const system_paths[] = {
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/etc/alternatives",
    "/nix/store",
    "/gnu/store",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
};

/* Beside a folder `bin`: what compilers and linkers that are installed for themselves keep. */
static const char *const beside_bin[] = {"lib", "lib32", "lib64", "libexec"};

const char *const kp_view_devices[] = {"/dev/null",   "/dev/zero",    "/dev/full",
                                       "/dev/random", "/dev/urandom", NULL};

static bool is_below(const char *path, const char *folder)
{
    const size_t length = strlen(folder);

    return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

bool kp_view_shows(const struct kp_vector *items, const char *path)
{
    for (size_t i = 0; i < items->count; i++) {
        const struct kp_view_item *item = &KP_ITEM(items, struct kp_view_item, i);

        if (strcmp(item->path, path) == 0 ||
            (item->type != KP_VIEW_FILE && item->type != KP_VIEW_PINNED &&
             is_below(path, item->path)))
            return true;
    }
    return false;
}

static bool add_link(struct kp_arena *arena, struct kp_view_item *item)
{
    char target[PATH_MAX];
    const ssize_t length = readlink(item->path, target, sizeof(target) - 1);

    item->type = KP_VIEW_LINK;
    if (length <= 0)
        return false;
    item->target = kp_arena_strndup(arena, target, (size_t)length);
    return item->target != NULL;
}

/* A link at the top, as /bin of today's systems, stays one. */
bool kp_view_add(struct kp_arena *arena, struct kp_vector *items, const char *path, bool links)
{
    struct kp_view_item *item;
    struct stat status;

    if ((links ? lstat(path, &status) : stat(path, &status)) != 0 || kp_view_shows(items, path))
        return true;
    item = KP_PUSH(items, struct kp_view_item);
    if (item == NULL)
        return false;
    item->path = kp_arena_strdup(arena, path);
    if (item->path == NULL)
        return false;
    if (S_ISLNK(status.st_mode))
        return add_link(arena, item);
    item->type = S_ISDIR(status.st_mode) ? KP_VIEW_FOLDER : KP_VIEW_FILE;
    return true;
}

/* A toolchain's own folder: `bin` with its libraries, and the target's folder
 * (arm-none-eabi/ of bin/arm-none-eabi-ld). */
static bool add_toolchain(struct kp_arena *arena, struct kp_vector *items, const char *prefix,
                          const char *bin, const char *name)
{
    const char *dash = strrchr(name, '-');
    const char *path;

    if (!kp_view_add(arena, items, bin, false))
        return false;
    for (size_t i = 0; i < sizeof(beside_bin) / sizeof(beside_bin[0]); i++) {
        path = kp_arena_printf(arena, "%s/%s", prefix, beside_bin[i]);
        if (path == NULL || !kp_view_add(arena, items, path, false))
            return false;
    }
    if (dash == NULL || dash == name)
        return true;
    path = kp_arena_printf(arena, "%s/%.*s", prefix, (int)(dash - name), name);
    return path != NULL && kp_view_add(arena, items, path, false);
}

/* The program: by itself, since what lies beside it is nobody's business, unless that
 * is a folder of programs. */
static bool add_program(struct kp_arena *arena, struct kp_vector *items, const char *program)
{
    const char *slash = strrchr(program, '/');
    const char *folder = kp_arena_strndup(arena, program, (size_t)(slash - program));
    const char *last = folder == NULL ? NULL : strrchr(folder, '/');

    if (folder == NULL)
        return false;
    if (kp_view_shows(items, program))
        return true;
    if (last != NULL && last != folder && strcmp(last, "/bin") == 0) {
        const char *prefix = kp_arena_strndup(arena, folder, (size_t)(last - folder));

        return prefix != NULL && add_toolchain(arena, items, prefix, folder, slash + 1);
    }
    return kp_view_add(arena, items, program, false);
}

bool kp_view_make(struct kp_arena *arena, const char *program, struct kp_vector *items)
{
    char *real KP_AUTO(free) = program == NULL ? NULL : realpath(program, NULL);

    for (size_t i = 0; i < sizeof(system_paths) / sizeof(system_paths[0]); i++)
        if (!kp_view_add(arena, items, system_paths[i], true))
            return false;
    return program == NULL || (add_program(arena, items, program) &&
                               (real == NULL || add_program(arena, items, real)));
}
