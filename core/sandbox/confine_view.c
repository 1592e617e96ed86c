/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sandbox/confine_view.c - what a worker sees: the system's libraries, and of the plugin its file
 * and the libraries that it names, wherever its run path (DT_RUNPATH, DT_RPATH) leads.
 *
 * No folder is shown for a run path's sake: a plugin could name the user's keys. Only a file
 * that it needs by name and that is a shared object is, with what that needs in turn.
 */
#include "sandbox/sandbox.h"

#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "sandbox/needs.h"

/* Of one plugin, at most; the loader says what is missing. */
#define MOST_LIBRARIES 256
#define MOST_TRIES 8192
#define MOST_INCLUDES 4 /* of the loader's configuration, within one another */
/* What lies there is not shown: it is no file, or covered by the new root. */
static const char *const never[] = {"/proc/", "/sys/", "/dev/"};

/* --- the system --- */

static const char *const system_folders[] = {
    "/lib",       "/lib32",      "/lib64",         "/libx32",          "/usr/lib",   "/usr/lib32",
    "/usr/lib64", "/usr/libx32", "/usr/local/lib", "/usr/local/lib64", "/nix/store", "/gnu/store",
};

static bool add_configured(struct kp_arena *arena, struct kp_vector *items, const char *pattern,
                           int depth);

/* One line of ld.so.conf(5). */
static bool add_line(struct kp_arena *arena, struct kp_vector *items, char *line, int depth)
{
    char *end;

    line[strcspn(line, "#\n")] = '\0';
    line += strspn(line, " \t");
    for (end = line + strlen(line); end > line && (end[-1] == ' ' || end[-1] == '/'); end--)
        ;
    *end = '\0';
    if (strncmp(line, "include", 7) == 0 && (line[7] == ' ' || line[7] == '\t')) {
        const char *pattern = line + 7 + strspn(line + 7, " \t");

        if (pattern[0] != '/')
            pattern = kp_arena_printf(arena, "/etc/%s", pattern);
        return pattern != NULL && add_configured(arena, items, pattern, depth + 1);
    }
    return line[0] != '/' || kp_view_add(arena, items, line, false);
}

/* The folders that a configuration of the loader names. */
static bool add_configured(struct kp_arena *arena, struct kp_vector *items, const char *pattern,
                           int depth)
{
    glob_t found;
    bool good = true;

    if (depth > MOST_INCLUDES || glob(pattern, 0, NULL, &found) != 0)
        return true;
    for (size_t i = 0; i < found.gl_pathc && good; i++) {
        FILE *file KP_AUTO(file) = fopen(found.gl_pathv[i], "re");
        char line[PATH_MAX];

        while (good && file != NULL && fgets(line, sizeof(line), file) != NULL)
            good = add_line(arena, items, line, depth);
    }
    globfree(&found);
    return good;
}

bool kp_confine_view_system(struct kp_arena *arena, struct kp_vector *items)
{
    glob_t found;
    bool good = true;

    for (size_t i = 0; i < sizeof(system_folders) / sizeof(system_folders[0]); i++)
        if (!kp_view_add(arena, items, system_folders[i], true))
            return false;
    if (!kp_view_add(arena, items, "/etc/ld.so.cache", false) ||
        !add_configured(arena, items, "/etc/ld.so.conf", 0))
        return false;
    if (glob("/etc/ld-musl-*.path", 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc && good; i++)
            good = kp_view_add(arena, items, found.gl_pathv[i], false);
        globfree(&found);
    }
    return good;
}

/* --- a plugin's own libraries --- */

/* An object whose libraries are looked for. */
struct object {
    const char *path; /* as the loader has it */
    int descriptor;
    const char *inherited; /* run path of what it is loaded for, and the origin there; or NULL */
    const char *inherited_origin;
};

struct search {
    struct kp_arena *arena;
    struct kp_vector *items;
    struct object objects[MOST_LIBRARIES];
    size_t count;
    size_t tries; /* paths looked at */
};

static const char *folder_of(struct kp_arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');

    return kp_arena_strndup(arena, path, slash == NULL ? 0 : (size_t)(slash - path));
}

/* A folder of a run path. "" if it is none that the loader would take, or one that depends on
 * more than where the object lies. NULL when memory runs out. */
static const char *expand(struct kp_arena *arena, const char *origin, const char *folder,
                          size_t length)
{
    static const char *const words[] = {"$ORIGIN", "${ORIGIN}"};

    for (size_t i = 0; i < 2; i++) {
        const size_t word = strlen(words[i]);

        if (length >= word && memcmp(folder, words[i], word) == 0 &&
            memchr(folder + word, '$', length - word) == NULL)
            return kp_arena_printf(arena, "%s%.*s", origin, (int)(length - word), folder + word);
    }
    return length == 0 || folder[0] != '/' || memchr(folder, '$', length) != NULL
               ? ""
               : kp_arena_strndup(arena, folder, length);
}

/* A path without "." and "..", as a folder without links has it. NULL when memory runs out. */
static char *straighten(struct kp_arena *arena, const char *path)
{
    char *straight = kp_arena_alloc(arena, strlen(path) + 2);
    size_t length = 0;

    for (size_t next; straight != NULL && *path != '\0'; path += next) {
        path += strspn(path, "/");
        next = strcspn(path, "/");
        if (next == 2 && memcmp(path, "..", 2) == 0) {
            while (length > 0 && straight[--length] != '/')
                ;
        } else if (next > 0 && !(next == 1 && path[0] == '.')) {
            straight[length++] = '/';
            memcpy(straight + length, path, next);
            length += next;
        }
    }
    if (straight != NULL)
        straight[length] = '\0';
    return straight;
}

/* Opens what may be a shared object, and nothing else: a device may do things when opened. */
static int open_library(const char *path)
{
    char *real KP_AUTO(free) = realpath(path, NULL);
    struct stat status;

    if (real == NULL || stat(real, &status) != 0 || !S_ISREG(status.st_mode))
        return -1;
    for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
        if (strncmp(real, never[i], strlen(never[i])) == 0)
            return -1;
    return open(real, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/* Shows a library if it is one; *found then. False when memory runs out. */
static bool try_library(struct search *search, const struct object *from,
                        const struct kp_needs *needs, const char *path, bool *found)
{
    const char *place = search->tries++ < MOST_TRIES ? straighten(search->arena, path) : "";
    struct object *object = &search->objects[search->count];
    struct kp_view_item *item;
    struct kp_needs its;
    int descriptor;

    if (place == NULL || place[0] == '\0')
        return place != NULL;
    *found = kp_view_shows(search->items, place) && access(path, F_OK) == 0;
    descriptor = *found || search->count == MOST_LIBRARIES ? -1 : open_library(path);
    if (descriptor < 0)
        return true;
    *object = (struct object){path, descriptor, from->inherited, from->inherited_origin};
    search->count++; /* which closes it in the end */
    if (needs->inherited && needs->run_path != NULL) {
        object->inherited = needs->run_path;
        object->inherited_origin = folder_of(search->arena, from->path);
    }
    if (!kp_needs_read(search->arena, descriptor, &its))
        return false;
    *found = its.library;
    if (!its.library)
        return true;
    item = KP_PUSH(search->items, struct kp_view_item);
    if (item == NULL)
        return false;
    *item = (struct kp_view_item){KP_VIEW_FILE, place, strcmp(place, path) == 0 ? NULL : path};
    return true;
}

/* Looks for a library along a run path. */
static bool try_folders(struct search *search, const struct object *from,
                        const struct kp_needs *needs, const char *origin, const char *folders,
                        const char *name, bool *found)
{
    for (size_t length; !*found && folders != NULL; folders += length + 1) {
        const char *folder, *path;

        length = strcspn(folders, ":");
        folder = expand(search->arena, origin, folders, length);
        if (folder == NULL)
            return false;
        path = folder[0] == '\0' ? "" : kp_arena_printf(search->arena, "%s/%s", folder, name);
        if (path == NULL || (path[0] == '/' && !try_library(search, from, needs, path, found)))
            return false;
        if (folders[length] == '\0')
            break;
    }
    return true;
}

static bool follow(struct search *search, const struct object *object)
{
    const char *origin = folder_of(search->arena, object->path);
    struct kp_needs *needs = KP_ARENA_NEW(search->arena, struct kp_needs);

    if (origin == NULL || needs == NULL || !kp_needs_read(search->arena, object->descriptor, needs))
        return false;
    for (size_t i = 0; i < needs->count; i++) {
        bool found = strchr(needs->names[i], '/') != NULL; /* a path: nobody has a right to that */

        if (!try_folders(search, object, needs, origin, needs->run_path, needs->names[i], &found) ||
            !try_folders(search, object, needs,
                         object->inherited_origin == NULL ? "" : object->inherited_origin,
                         object->inherited, needs->names[i], &found))
            return false;
    }
    return true;
}

bool kp_confine_view_plugin(struct kp_arena *arena, const char *plugin, int descriptor,
                            struct kp_vector *items)
{
    struct search *search = KP_ARENA_NEW(arena, struct search);
    struct kp_view_item *item;
    bool good = true;

    if (search == NULL)
        return false;
    search->arena = arena;
    search->items = items;
    search->objects[search->count++] = (struct object){.path = plugin, .descriptor = descriptor};
    for (size_t i = 0; i < search->count && good; i++)
        good = follow(search, &search->objects[i]);
    for (size_t i = 1; i < search->count; i++)
        close(search->objects[i].descriptor);
    item = good ? KP_PUSH(items, struct kp_view_item) : NULL;
    if (item != NULL)
        *item = (struct kp_view_item){KP_VIEW_PINNED, plugin, NULL};
    return item != NULL;
}
