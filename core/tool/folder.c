/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tool/folder.c - see folder.h. Removal follows no link and trusts no depth: a folder inside
 * the tool's is moved up beside it and emptied there, so that a chain of a million folders
 * takes no more descriptors than one.
 */
#include "tool/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

static int open_inside(int top, const char *name)
{
    return mkdirat(top, name, 0700) == 0 ? openat(top, name, FOLDER_FLAGS) : -1;
}

bool kp_tool_folder_make(struct kp_tool_folder *folder, struct kp_arena *arena, const char *parent)
{
    *folder = (struct kp_tool_folder){.top = -1, .work = -1};
    folder->path = kp_arena_printf(arena, "%s/kpipe-tool-XXXXXX", parent);
    if (folder->path == NULL || mkdtemp(folder->path) == NULL) {
        errno = folder->path == NULL ? ENOMEM : errno;
        folder->path = NULL;
        return false;
    }
    folder->top = open(folder->path, FOLDER_FLAGS);
    folder->root_path = kp_arena_printf(arena, "%s/root", folder->path);
    folder->work_path = kp_arena_printf(arena, "%s/work", folder->path);
    if (folder->root_path == NULL || folder->work_path == NULL) {
        errno = ENOMEM;
        return false;
    }
    if (folder->top < 0 || mkdirat(folder->top, "root", 0700) != 0)
        return false;
    folder->work = open_inside(folder->top, "work");
    return folder->work >= 0;
}

/* Where folders that are to be emptied wait: number `next` is to be emptied after the others,
 * up to `last`. */
struct queue {
    int top;
    unsigned long next, last;
};

static void number_name(char name[32], unsigned long number)
{
    snprintf(name, 32, "old-%lu", number);
}

/* A folder waits for its turn; anything else is removed. */
static bool remove_entry(struct queue *queue, int folder, const char *name)
{
    struct stat status;
    char waiting[32];

    if (unlinkat(folder, name, 0) == 0)
        return true;
    if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(status.st_mode))
        return false;
    if (unlinkat(folder, name, AT_REMOVEDIR) == 0)
        return true;
    number_name(waiting, queue->last);
    /* Moving a folder changes it, too; nobody is left who could swap it for a link. */
    if (fchmodat(folder, name, 0700, 0) != 0 || renameat(folder, name, queue->top, waiting) != 0)
        return false;
    queue->last++;
    return true;
}

/* Empties a folder; the descriptor is used up. What is removed while a list is read may hide
 * what comes behind it, so the list is read until it is empty. */
static bool empty(struct queue *queue, int descriptor)
{
    DIR *list = descriptor < 0 ? NULL : fdopendir(descriptor);
    const struct dirent *entry;
    bool good = true, more = true;

    if (list == NULL) {
        if (descriptor >= 0)
            close(descriptor);
        return false;
    }
    fchmod(descriptor, 0700);
    while (good && more) {
        more = false;
        rewinddir(list);
        while ((entry = readdir(list)) != NULL) {
            if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                continue;
            more = true;
            good = remove_entry(queue, descriptor, entry->d_name) && good;
        }
    }
    closedir(list);
    return good;
}

bool kp_tool_folder_remove(struct kp_tool_folder *folder)
{
    struct queue queue = {folder->top, 0, 0};
    bool good = true;
    char name[32];

    if (folder->work >= 0)
        good = empty(&queue, folder->work);
    while (queue.next < queue.last && good) {
        number_name(name, queue.next);
        good = empty(&queue, openat(queue.top, name, FOLDER_FLAGS)) &&
               unlinkat(queue.top, name, AT_REMOVEDIR) == 0;
        queue.next++;
    }
    if (folder->top >= 0) {
        unlinkat(folder->top, "stdout", 0);
        unlinkat(folder->top, "work", AT_REMOVEDIR);
        unlinkat(folder->top, "root", AT_REMOVEDIR);
        close(folder->top);
    }
    if (folder->path != NULL)
        good = rmdir(folder->path) == 0 && good;
    *folder = (struct kp_tool_folder){.top = -1, .work = -1};
    return good;
}
