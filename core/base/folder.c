/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/folder.c - see folder.h: members described, listed and mapped. How a name is
 * followed is folder_resolve.c.
 */
#include "base/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/folder_private.h"
#include "base/range_private.h"
#include "base/text.h"

/* Files up to this size are copied, not mapped: a process may have some 65000 mappings. */
#define SMALL ((uint64_t)64 << 10)

/* What a member looked like first. */
struct seen {
    dev_t device;
    ino_t inode;
    mode_t mode;
    off_t size;
    struct timespec modified;
};

struct kp_folder *kp_folder_open(const char *path, const char *name,
                                 struct kp_file_identity *identity)
{
    struct kp_folder *folder = calloc(1, sizeof(*folder));
    struct stat status;
    int error;

    if (folder == NULL)
        return NULL;
    pthread_mutex_init(&folder->lock, NULL);
    folder->root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    error = folder->root < 0 || fstat(folder->root, &status) != 0 ? errno : 0;
    folder->path = strdup(path);
    folder->name = strdup(name);
    folder->arena = kp_arena_new();
    folder->seen.arena = folder->arena;
    if (error == 0 && (folder->path == NULL || folder->name == NULL || folder->arena == NULL))
        error = ENOMEM;
    if (error != 0) {
        kp_folder_free(folder);
        errno = error;
        return NULL;
    }
    *identity = kp_file_identity_of(&status);
    return folder;
}

void kp_folder_free(struct kp_folder *folder)
{
    if (folder == NULL)
        return;
    if (folder->root >= 0)
        close(folder->root);
    pthread_mutex_destroy(&folder->lock);
    kp_arena_free(folder->arena);
    free(folder->links);
    free(folder->path);
    free(folder->name);
    free(folder);
}

const char *kp_folder_name(const struct kp_folder *folder)
{
    return folder->name;
}

const char *kp_folder_join(struct kp_arena *arena, const char *folder, const char *name)
{
    return kp_arena_printf(arena, "%s%s%s", folder, folder[0] == '\0' ? "" : "/", name);
}

/* Remembers what a member looks like, or compares. `name` says how it was looked at too. */
static int look(struct kp_folder *folder, const char *name, const struct stat *status)
{
    const bool sized = S_ISREG(status->st_mode);
    const bool dated = sized || S_ISDIR(status->st_mode) || S_ISLNK(status->st_mode);
    const struct timespec never = {0};
    const struct seen now = {status->st_dev, status->st_ino, status->st_mode,
                             sized ? status->st_size : 0, dated ? status->st_mtim : never};
    struct seen *first;
    const char *key;
    int error = ENOMEM;

    pthread_mutex_lock(&folder->lock);
    first = kp_map_get(&folder->seen, name);
    if (first != NULL) {
        error = first->device == now.device && first->inode == now.inode &&
                        first->mode == now.mode && first->size == now.size &&
                        first->modified.tv_sec == now.modified.tv_sec &&
                        first->modified.tv_nsec == now.modified.tv_nsec
                    ? 0
                    : ESTALE;
    } else {
        first = KP_ARENA_NEW(folder->arena, struct seen);
        key = kp_arena_strdup(folder->arena, name);
        if (first != NULL && key != NULL && kp_map_put(&folder->seen, key, first)) {
            *first = now;
            error = 0;
        }
    }
    pthread_mutex_unlock(&folder->lock);
    return error;
}

static bool is_text(const char *text)
{
    size_t length = strlen(text), taken;
    uint32_t point;

    for (; length > 0; text += taken, length -= taken) {
        taken = kp_text_decode(text, length, &point);
        if (taken == 0 || point < 0x20 || (point >= 0x7f && point < 0xa0))
            return false;
    }
    return true;
}

/* What a link says. `at` and `name` are those of readlinkat. */
static int read_target(struct kp_arena *arena, int at, const char *name, const char **target)
{
    char text[KP_FOLDER_MAX_NAME + 2];
    const ssize_t length = readlinkat(at, name, text, sizeof(text));

    if (length < 0)
        return errno;
    if ((size_t)length == sizeof(text))
        return EOVERFLOW;
    text[length] = '\0';
    *target = kp_arena_strdup(arena, text);
    if (*target == NULL)
        return ENOMEM;
    return is_text(*target) ? 0 : EILSEQ;
}

/* All that is said of a member, from its status. */
static int describe(struct kp_folder *folder, struct kp_arena *arena, int at, const char *base,
                    struct kp_member *member)
{
    const struct stat *status = &member->status;
    int error = 0;

    if (S_ISLNK(status->st_mode))
        error = read_target(arena, at, base, &member->target);
    else if (S_ISREG(status->st_mode) && status->st_nlink > 1)
        error = kp_folder_same_file(folder, status, &member->same_file);
    return error != 0 ? error : look(folder, member->name, status);
}

int kp_folder_find(struct kp_folder *folder, struct kp_arena *arena, const char *name,
                   struct kp_member *member)
{
    int found KP_AUTO(close) = -1;
    int error = 0;

    if (!kp_folder_is_name(name))
        return EINVAL;
    error = kp_folder_resolve(folder, name, O_PATH | O_NOFOLLOW, &found);
    if (error != 0)
        return error;
    *member = (struct kp_member){.name = kp_arena_strdup(arena, name)};
    if (member->name == NULL)
        return ENOMEM;
    if (fstat(found, &member->status) != 0)
        return errno;
    return describe(folder, arena, found, "", member);
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

int kp_folder_names(int descriptor, struct kp_arena *arena, struct kp_vector *names)
{
    const int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    DIR *stream = copy < 0 ? NULL : fdopendir(copy);
    const struct dirent *entry;
    int error = 0;

    if (stream == NULL) {
        error = errno != 0 ? errno : ENOMEM;
        if (copy >= 0)
            close(copy);
        return error;
    }
    while (error == 0 && (errno = 0, entry = readdir(stream)) != NULL) {
        char **slot;

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        slot = names->count >= KP_FOLDER_MAX_MEMBERS ? NULL : KP_PUSH(names, char *);
        if (slot != NULL)
            *slot = kp_arena_strdup(arena, entry->d_name);
        error = names->count >= KP_FOLDER_MAX_MEMBERS ? EOVERFLOW
                : slot == NULL || *slot == NULL       ? ENOMEM
                                                      : 0;
    }
    if (error == 0)
        error = errno;
    closedir(stream);
    if (names->count > 1)
        qsort(names->items, names->count, sizeof(char *), compare_names);
    return error;
}

static int add_member(struct kp_folder *folder, struct kp_arena *arena, const char *inside,
                      int descriptor, const char *name, struct kp_vector *members)
{
    struct kp_member *member = KP_PUSH(members, struct kp_member);

    if (member == NULL)
        return ENOMEM;
    if (!is_text(name))
        return EILSEQ;
    if (strlen(inside) + 1 + strlen(name) > KP_FOLDER_MAX_NAME)
        return EOVERFLOW;
    member->name = kp_folder_join(arena, inside, name);
    if (member->name == NULL)
        return ENOMEM;
    /* One that went away since its name was read. */
    if (fstatat(descriptor, name, &member->status, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? ESTALE : errno;
    return describe(folder, arena, descriptor, name, member);
}

int kp_folder_list(struct kp_folder *folder, struct kp_arena *arena, const char *name,
                   struct kp_vector *members, const char **bad)
{
    struct kp_vector names KP_AUTO(vector) = {0};
    int descriptor KP_AUTO(close) = -1;
    const char *key;
    struct stat status;
    int error;

    *bad = NULL;
    if (name[0] != '\0' && !kp_folder_is_name(name))
        return EINVAL;
    error = kp_folder_resolve(folder, name, O_RDONLY | O_DIRECTORY | O_NONBLOCK, &descriptor);
    if (error != 0)
        return error;
    key = kp_arena_printf(arena, "/%s", name); /* unlike any name */
    if (key == NULL)
        return ENOMEM;
    if (fstat(descriptor, &status) != 0)
        return errno;
    error = look(folder, key, &status);
    if (error == 0)
        error = kp_folder_names(descriptor, arena, &names);
    for (size_t i = 0; error == 0 && i < names.count; i++) {
        const char *member = KP_ITEM(&names, char *, i);

        error = add_member(folder, arena, name, descriptor, member, members);
        if (error != 0)
            *bad = member;
    }
    if (error == 0 && fstat(descriptor, &status) != 0)
        error = errno;
    return error != 0 ? error : look(folder, key, &status);
}

/* Opens a file for reading after it was seen to be one, and makes sure that it still is.
 * *linked tells that the name is a link's. */
static int open_file(struct kp_folder *folder, const char *name, int *descriptor,
                     struct stat *status, bool *linked)
{
    int seen KP_AUTO(close) = -1;
    int error = kp_folder_resolve(folder, name, O_PATH | O_NOFOLLOW, &seen);
    struct stat first;

    if (error == 0 && fstat(seen, &first) != 0)
        error = errno;
    *linked = error == 0 && S_ISLNK(first.st_mode);
    if (*linked) {
        close(seen);
        error = kp_folder_resolve(folder, name, O_PATH, &seen);
        if (error == 0 && fstat(seen, &first) != 0)
            error = errno;
    }
    if (error != 0)
        return error;
    if (!S_ISREG(first.st_mode))
        return S_ISDIR(first.st_mode) ? EISDIR : ENODEV;
    error = kp_folder_resolve(folder, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, descriptor);
    if (error == 0 && fstat(*descriptor, status) != 0)
        error = errno;
    if (error == 0 && (!S_ISREG(status->st_mode) || status->st_dev != first.st_dev ||
                       status->st_ino != first.st_ino))
        error = ESTALE;
    return error;
}

int kp_folder_map(struct kp_folder *folder, const char *name, struct kp_range **range)
{
    int descriptor KP_AUTO(close) = -1;
    struct kp_string path KP_AUTO(string) = {0}, shown KP_AUTO(string) = {0};
    struct kp_string key KP_AUTO(string) = {0};
    struct stat status;
    bool linked = false;
    int error;

    if (!kp_folder_is_name(name))
        return EINVAL;
    error = open_file(folder, name, &descriptor, &status, &linked);
    if (error != 0)
        return error;
    kp_string_printf(&path, "%s/%s", folder->path, name);
    kp_string_printf(&shown, "%s: %s", folder->name, name);
    /* Behind a link there is another file than the one that kp_folder_find describes. */
    kp_string_printf(&key, "%s%s", linked ? "//" : "", name);
    if (path.failed || shown.failed || key.failed)
        return ENOMEM;
    error = look(folder, key.text, &status);
    if (error != 0)
        return error;
    *range = kp_range_open_at(descriptor, path.text, shown.text, SMALL, NULL);
    return *range != NULL ? 0 : errno;
}
