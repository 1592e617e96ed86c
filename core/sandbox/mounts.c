/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sandbox/mounts.c - the child's new root in a mount namespace: a small tmpfs with the view bound
 * into it read-only, and the tool's folder, the one place that can be written to, if it has one.
 * System calls only, see sandbox.h.
 */
#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/mount.h, which cannot be included beside sys/mount.h everywhere (mount_setattr(2),
 * Linux 5.12). */
struct mount_attributes {
    uint64_t set, clear, propagation, user_namespace;
};
#define ATTRIBUTE_RDONLY UINT64_C(1)
#define ATTRIBUTE_NOSUID UINT64_C(2)
#define ATTRIBUTE_NODEV UINT64_C(4)
#define RECURSIVE 0x8000u /* AT_RECURSIVE */

/* Adds attributes to what is mounted at `path`. It takes none away: in a user namespace that
 * is not allowed for mounts that came from outside. */
static bool restrict_mount(const char *path, unsigned flags, uint64_t attributes)
{
    struct mount_attributes change = {.set = attributes};

#ifdef SYS_mount_setattr
    return syscall(SYS_mount_setattr, AT_FDCWD, path, flags, &change, sizeof(change)) == 0;
#else
    errno = ENOSYS;
    return (void)path, (void)flags, (void)change, false;
#endif
}

/* The folders above `path` (relative), and `path` itself if it is to be a folder. */
static bool make_folders(const char *path, bool itself)
{
    char copy[PATH_MAX];
    const size_t length = strlen(path);

    if (length >= sizeof(copy)) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(copy, path, length + 1);
    for (size_t i = 1; i <= length; i++) {
        const char kept = copy[i];

        if (kept != '/' && !(kept == '\0' && itself))
            continue;
        copy[i] = '\0';
        if (mkdir(copy, 0755) != 0 && errno != EEXIST)
            return false;
        copy[i] = kept;
    }
    return true;
}

/* A place to mount a file on. */
static bool make_file(const char *path)
{
    const int descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);

    if (descriptor < 0)
        return errno == EEXIST;
    close(descriptor);
    return true;
}

/* Whether the file that is shown is the one that was meant: nobody can replace it any more. */
static bool is_pinned(const char *place)
{
    struct stat meant, shown;

    if (fstat(KP_CHILD_PINNED, &meant) != 0 || stat(place, &shown) != 0)
        return false;
    errno = ESTALE;
    return meant.st_dev == shown.st_dev && meant.st_ino == shown.st_ino;
}

/* A file, also in a folder that is shown already: there nothing is made. */
static bool show_pinned(const struct kp_view_item *item)
{
    const char *place = item->path + 1;
    struct stat status;

    if (stat(item->path, &status) != 0)
        return false;
    if (mount(item->path, place, NULL, MS_BIND, NULL) != 0 &&
        (errno != ENOENT || !make_folders(place, false) || !make_file(place) ||
         mount(item->path, place, NULL, MS_BIND, NULL) != 0))
        return false;
    return is_pinned(place);
}

/* Shows an item at its place below the current folder. */
static bool show(const struct kp_view_item *item)
{
    const char *place = item->path + 1;
    const char *source = item->target == NULL ? item->path : item->target;

    if (item->type == KP_VIEW_PINNED)
        return show_pinned(item);
    if (!make_folders(place, item->type == KP_VIEW_FOLDER))
        return false;
    if (item->type == KP_VIEW_LINK)
        return item->target != NULL && symlink(item->target, place) == 0;
    if (item->type == KP_VIEW_FILE && !make_file(place))
        return false;
    return mount(source, place, NULL, MS_BIND | MS_REC, NULL) == 0;
}

/* Of a tool with a folder. */
static bool make_places(void)
{
    for (size_t i = 0; kp_view_devices[i] != NULL; i++)
        if (!make_folders(kp_view_devices[i] + 1, false) || !make_file(kp_view_devices[i] + 1))
            return false;
    /* There may be a /tmp already, if the tool lies below it: then it is read-only. */
    return make_folders(KP_SANDBOX_PLACE, true) &&
           (symlink(KP_SANDBOX_PLACE, "tmp") == 0 || errno == EEXIST);
}

/* What goes on top of the part that is read-only. */
static bool show_rest(const char *folder)
{
    for (size_t i = 0; kp_view_devices[i] != NULL; i++)
        if (mount(kp_view_devices[i], kp_view_devices[i] + 1, NULL, MS_BIND, NULL) != 0)
            return false;
    return mount(folder, KP_SANDBOX_PLACE, NULL, MS_BIND, NULL) == 0 &&
           restrict_mount(KP_SANDBOX_PLACE, 0, ATTRIBUTE_NOSUID | ATTRIBUTE_NODEV);
}

static bool show_all(const struct kp_child *child)
{
    const bool processes = child->folder != NULL || child->processes;

    for (size_t i = 0; i < child->view_count; i++)
        if (!show(&child->view[i]))
            return false;
    if ((child->folder != NULL && !make_places()) || (processes && !make_folders("proc", true)) ||
        !restrict_mount(".", RECURSIVE, ATTRIBUTE_RDONLY | ATTRIBUTE_NOSUID | ATTRIBUTE_NODEV))
        return false;
    /* The processes of the namespace only. In a container that hides parts of its own
     * /proc it is refused; few tools miss it. */
    if (processes)
        (void)mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "subset=pid");
    return child->folder == NULL || show_rest(child->folder);
}

bool kp_mounts_enter(const struct kp_child *child)
{
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", child->root, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m") != 0 ||
        chdir(child->root) != 0 || !show_all(child))
        return false;
    /* The old root comes to lie on top of the new one, and is taken away (pivot_root(2)). */
    return syscall(SYS_pivot_root, ".", ".") == 0 && umount2(".", MNT_DETACH) == 0 &&
           chdir("/") == 0;
}
