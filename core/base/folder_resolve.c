/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/folder_resolve.c - from a name to an open descriptor, never outside of the folder.
 *
 * Linux does that since 5.6 (openat2 with RESOLVE_BENEATH). Where it does not, or a
 * filter of system calls forbids it, the same is done here one component at a time, without
 * ever letting the system follow a link.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/folder_private.h"

/* As many as Linux follows in one name. */
#define MAX_LINKS 40
/* How often a lookup is tried that others' renaming disturbed. */
#define MAX_TRIES 100

bool kp_folder_is_name(const char *name)
{
    for (const char *at = name;;) {
        const size_t length = strcspn(at, "/");

        if (length == 0 || (length == 1 && at[0] == '.') ||
            (length == 2 && at[0] == '.' && at[1] == '.'))
            return false;
        if (at[length] == '\0')
            return true;
        at += length + 1;
    }
}

/* --- by hand --- */

/* A lookup: what was passed, without links, and what is left of the name. */
struct walk {
    const struct kp_folder *folder;
    char done[PATH_MAX];    /* names of folders, each with a final '/' */
    char pending[PATH_MAX]; /* components */
    int at;                 /* the folder that `done` means */
    unsigned links;
};

/* Moves to the folder that `done` means, from the root. */
static int return_to(struct walk *walk)
{
    int next;

    close(walk->at);
    walk->at = fcntl(walk->folder->root, F_DUPFD_CLOEXEC, 0);
    for (const char *at = walk->done; walk->at >= 0 && *at != '\0';) {
        char component[NAME_MAX + 1];
        const size_t length = strcspn(at, "/");

        memcpy(component, at, length); /* it was opened under this name */
        component[length] = '\0';
        next = openat(walk->at, component, O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);
        close(walk->at);
        walk->at = next;
        at += length + 1;
    }
    return walk->at >= 0 ? 0 : errno;
}

static int go_up(struct walk *walk)
{
    char *slash;

    if (walk->done[0] == '\0')
        return EXDEV;
    walk->done[strlen(walk->done) - 1] = '\0';
    slash = strrchr(walk->done, '/');
    walk->done[slash == NULL ? 0 : slash - walk->done + 1] = '\0';
    return return_to(walk);
}

/* Puts what a link says before what is left of the name. */
static int follow(struct walk *walk, int link)
{
    char text[PATH_MAX];
    const ssize_t length = readlinkat(link, "", text, sizeof(text));
    const size_t rest = strlen(walk->pending);

    if (length < 0)
        return errno;
    if (++walk->links > MAX_LINKS)
        return ELOOP;
    if (text[0] == '/')
        return EXDEV;
    if ((size_t)length + 1 + rest + 1 > sizeof(walk->pending))
        return ENAMETOOLONG;
    memmove(walk->pending + length + 1, walk->pending, rest + 1);
    memcpy(walk->pending, text, (size_t)length);
    walk->pending[length] = '/';
    return 0;
}

/* Opens the last component as it is wanted. It was seen to be no link, or none that is to
 * be followed. */
static int open_last(const struct walk *walk, const char *component, int flags, int *descriptor)
{
    *descriptor = openat(walk->at, component, flags | O_NOFOLLOW | O_CLOEXEC);
    return *descriptor >= 0 ? 0 : errno;
}

/* Goes into a folder, whose descriptor is handed over. */
static int enter(struct walk *walk, const char *component, int folder)
{
    const size_t done = strlen(walk->done);
    const size_t length = strlen(component);

    close(walk->at);
    walk->at = folder;
    if (done + length + 2 > sizeof(walk->done))
        return ENAMETOOLONG;
    memcpy(walk->done + done, component, length);
    walk->done[done + length] = '/';
    walk->done[done + length + 1] = '\0';
    return 0;
}

/* One component. *descriptor is set if it was the last. */
static int walk_component(struct walk *walk, const char *component, bool last, int flags,
                          int *descriptor)
{
    struct stat status;
    int next, error;

    if (component[0] == '\0' || strcmp(component, ".") == 0)
        return 0;
    if (strcmp(component, "..") == 0)
        return go_up(walk);
    next = openat(walk->at, component, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (next < 0)
        return errno;
    if (fstat(next, &status) != 0)
        error = errno;
    else if (S_ISLNK(status.st_mode) && (!last || (flags & O_NOFOLLOW) == 0))
        error = follow(walk, next);
    else if (last)
        error = open_last(walk, component, flags, descriptor);
    else if (!S_ISDIR(status.st_mode))
        error = ENOTDIR;
    else
        return enter(walk, component, next);
    close(next);
    return error;
}

static int resolve_by_hand(const struct kp_folder *folder, const char *name, int flags,
                           int *descriptor)
{
    struct walk walk = {.folder = folder, .at = fcntl(folder->root, F_DUPFD_CLOEXEC, 0)};
    int error = walk.at < 0 ? errno : 0;

    memcpy(walk.pending, name, strlen(name) + 1); /* kp_folder_resolve knows its length */
    while (error == 0 && *descriptor < 0 && walk.pending[0] != '\0') {
        char component[NAME_MAX + 1];
        const size_t length = strcspn(walk.pending, "/");
        const size_t skip = length + strspn(walk.pending + length, "/");

        if (length > NAME_MAX) {
            error = ENAMETOOLONG;
            break;
        }
        memcpy(component, walk.pending, length);
        component[length] = '\0';
        memmove(walk.pending, walk.pending + skip, strlen(walk.pending + skip) + 1);
        error = walk_component(&walk, component, walk.pending[0] == '\0', flags, descriptor);
    }
    /* It ended in "." or "..", or is the root. */
    if (error == 0 && *descriptor < 0)
        error = open_last(&walk, ".", flags, descriptor);
    if (walk.at >= 0)
        close(walk.at);
    return error;
}

/* --- by the system --- */

static int resolve_by_system(const struct kp_folder *folder, const char *name, int flags,
                             int *descriptor)
{
    const struct open_how how = {.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
                                 .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    int error = EAGAIN;

    for (int i = 0; error == EAGAIN && i < MAX_TRIES; i++) {
        *descriptor = (int)syscall(SYS_openat2, folder->root, name[0] == '\0' ? "." : name, &how,
                                   sizeof(how));
        error = *descriptor >= 0 ? 0 : errno;
    }
    return error;
}

int kp_folder_resolve(struct kp_folder *folder, const char *name, int flags, int *descriptor)
{
    int error;

    *descriptor = -1;
    if (strlen(name) > KP_FOLDER_MAX_NAME)
        return ENAMETOOLONG;
    if (!atomic_load(&folder->by_hand)) {
        error = resolve_by_system(folder, name, flags, descriptor);
        /* EPERM is what filters say; by hand it comes again if it is about the file. */
        if (error != ENOSYS && error != EPERM)
            return error;
        atomic_store(&folder->by_hand, true);
    }
    return resolve_by_hand(folder, name, flags, descriptor);
}

void kp_folder_resolve_by_hand(struct kp_folder *folder)
{
    atomic_store(&folder->by_hand, true);
}
