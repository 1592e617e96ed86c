/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/folders.c - see folders.h. The build says where it installs, in absolute paths; what
 * stands here is for a build by hand.
 */
#include "cli/folders.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"

#ifndef KPIPE_PREFIX
#define KPIPE_PREFIX "/usr/local"
#endif
#ifndef KPIPE_PLUGIN_FOLDER
#define KPIPE_PLUGIN_FOLDER KPIPE_PREFIX "/lib/kpipe/plugins"
#endif
#ifndef KPIPE_RECIPE_FOLDER
#define KPIPE_RECIPE_FOLDER KPIPE_PREFIX "/share/kpipe/recipes"
#endif
#ifndef KPIPE_WORKER_PROGRAM
#define KPIPE_WORKER_PROGRAM KPIPE_PREFIX "/lib/kpipe/kpipe-worker"
#endif
#define BUILD_TREE_FILE "kpipe-build-tree"

/* The folder of this program, in `folder` of PATH_MAX bytes. */
static bool own_folder(char *folder)
{
    const ssize_t length = readlink("/proc/self/exe", folder, PATH_MAX - 1);
    char *slash;

    if (length <= 0 || folder[0] != '/')
        return false;
    folder[length] = '\0';
    slash = strrchr(folder, '/');
    *slash = '\0';
    return true;
}

/* The first line of the build tree's mark in `source`; false if there is none. */
static bool read_mark(const char *own, char *source)
{
    char path[PATH_MAX + sizeof(BUILD_TREE_FILE) + 1];
    KP_AUTO(file) FILE *mark = NULL;

    snprintf(path, sizeof(path), "%s/%s", own, BUILD_TREE_FILE);
    mark = fopen(path, "re");
    if (mark == NULL || fgets(source, PATH_MAX, mark) == NULL)
        return false;
    source[strcspn(source, "\n")] = '\0';
    return source[0] == '/';
}

/* `installed` below the prefix that this program was moved to, if it is there; else
 * `installed` itself. NULL: out of memory. */
static const char *relocate(struct kp_arena *arena, const char *own, const char *installed)
{
    const size_t prefix = strlen(KPIPE_PREFIX);
    const char *slash = own != NULL ? strrchr(own, '/') : NULL;
    char *moved;

    if (slash == NULL || strncmp(installed, KPIPE_PREFIX, prefix) != 0 || installed[prefix] != '/')
        return installed;
    moved = kp_arena_printf(arena, "%.*s%s", (int)(slash - own), own, installed + prefix);
    return moved == NULL || access(moved, F_OK) == 0 ? moved : installed;
}

/* Not for a program that runs with more rights than its user. */
static bool find_user(struct kp_folders *folders, struct kp_arena *arena)
{
    const char *data = secure_getenv("XDG_DATA_HOME");
    const char *home = secure_getenv("HOME");

    /* A relative one is to be ignored (XDG Base Directory Specification). */
    if (data != NULL && data[0] == '/')
        folders->user = kp_arena_printf(arena, "%s/kpipe/plugins", data);
    else if (home != NULL && home[0] == '/')
        folders->user = kp_arena_printf(arena, "%s/.local/share/kpipe/plugins", home);
    else
        return true;
    return folders->user != NULL;
}

bool kp_folders_find(struct kp_folders *folders, struct kp_arena *arena)
{
    char own[PATH_MAX];
    char source[PATH_MAX];
    const bool known = own_folder(own);

    if (!find_user(folders, arena))
        return false;
    if (known && read_mark(own, source)) {
        folders->plugins = kp_arena_printf(arena, "%s/plugins", own);
        folders->recipes = kp_arena_printf(arena, "%s/recipes", source);
        folders->worker = kp_arena_printf(arena, "%s/kpipe-worker", own);
    } else {
        folders->plugins = relocate(arena, known ? own : NULL, KPIPE_PLUGIN_FOLDER);
        folders->recipes = relocate(arena, known ? own : NULL, KPIPE_RECIPE_FOLDER);
        folders->worker = relocate(arena, known ? own : NULL, KPIPE_WORKER_PROGRAM);
    }
    return folders->plugins != NULL && folders->recipes != NULL && folders->worker != NULL;
}
