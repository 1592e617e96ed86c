/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/folder_links.c - which names of a folder are one file (hard links), and the numbers
 * that tell. Inode numbers would tell it as well, and differ in every copy of the folder;
 * these do not.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/folder_private.h"

/* A search through all of the folder. */
struct search {
    struct kp_folder *folder;
    struct kp_arena *arena;
    struct kp_vector waiting; /* of const char *: folders still to be looked through */
    struct kp_vector found;   /* of struct kp_folder_link */
    size_t members;
};

static int by_name(const void *left, const void *right)
{
    const struct kp_folder_link *a = left, *b = right;

    return strcmp(a->name, b->name);
}

static int by_file(const void *left, const void *right)
{
    const struct kp_folder_link *a = left, *b = right;

    if (a->device != b->device)
        return a->device < b->device ? -1 : 1;
    if (a->inode != b->inode)
        return a->inode < b->inode ? -1 : 1;
    return (a->number > b->number) - (a->number < b->number);
}

static int add_member(struct search *search, int descriptor, const char *inside, const char *base)
{
    struct stat status;
    const char *name;
    const char **folder;
    struct kp_folder_link *link;

    if (fstatat(descriptor, base, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? ESTALE : errno;
    if (!S_ISDIR(status.st_mode) && (!S_ISREG(status.st_mode) || status.st_nlink < 2))
        return 0;
    /* Such names are reported where they are listed. */
    if (strlen(inside) + 1 + strlen(base) > KP_FOLDER_MAX_NAME)
        return 0;
    name = kp_folder_join(search->arena, inside, base);
    if (name == NULL)
        return ENOMEM;
    if (S_ISDIR(status.st_mode)) {
        folder = KP_PUSH(&search->waiting, const char *);
        if (folder != NULL)
            *folder = name;
        return folder != NULL ? 0 : ENOMEM;
    }
    link = KP_PUSH(&search->found, struct kp_folder_link);
    if (link == NULL)
        return ENOMEM;
    *link = (struct kp_folder_link){.name = name, .device = status.st_dev, .inode = status.st_ino};
    return 0;
}

static int search_folder(struct search *search, const char *inside)
{
    struct kp_vector names KP_AUTO(vector) = {0};
    int descriptor KP_AUTO(close) = -1;
    int error = kp_folder_resolve(search->folder, inside,
                                  O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK, &descriptor);

    /* What cannot be read shows no names. */
    if (error == EACCES)
        return 0;
    if (error == 0)
        error = kp_folder_names(descriptor, search->arena, &names);
    search->members += names.count;
    if (error == 0 && search->members > KP_FOLDER_MAX_MEMBERS)
        error = EOVERFLOW;
    for (size_t i = 0; error == 0 && i < names.count; i++)
        error = add_member(search, descriptor, inside, KP_ITEM(&names, char *, i));
    return error;
}

/* Where the names of the file end that begin at links[at], sorted by file. */
static size_t file_end(const struct kp_folder_link *links, size_t count, size_t at)
{
    size_t end = at + 1;

    while (end < count && links[end].device == links[at].device &&
           links[end].inode == links[at].inode)
        end++;
    return end;
}

/* Numbers the files that have several names here, from 1, in the order of their first
 * names. A file whose other names are outside gets 0. */
static int number_all(struct kp_folder_link *links, size_t count)
{
    KP_AUTO(free) uint64_t *numbers = calloc(count + 1, sizeof(*numbers)); /* by first name */
    uint64_t last = 0;

    if (numbers == NULL)
        return ENOMEM;
    if (count == 0)
        return 0;
    qsort(links, count, sizeof(*links), by_name);
    for (size_t i = 0; i < count; i++) {
        links[i].number = i;
        links[i].name = NULL; /* the search's memory goes */
    }
    qsort(links, count, sizeof(*links), by_file);
    for (size_t i = 0, end; i < count; i = end) {
        end = file_end(links, count, i);
        numbers[links[i].number] = end - i > 1;
    }
    for (size_t i = 0; i < count; i++)
        numbers[i] = numbers[i] != 0 ? ++last : 0;
    for (size_t i = 0, end; i < count; i = end) {
        end = file_end(links, count, i);
        links[i].number = numbers[links[i].number];
    }
    return 0;
}

static int find_all(struct kp_folder *folder)
{
    KP_AUTO(arena) struct kp_arena *arena = kp_arena_new();
    struct search search = {.folder = folder, .arena = arena};
    int error = arena == NULL ? ENOMEM : search_folder(&search, "");

    while (error == 0 && search.waiting.count > 0)
        error =
            search_folder(&search, KP_ITEM(&search.waiting, const char *, --search.waiting.count));
    if (error == 0)
        error = number_all(search.found.items, search.found.count);
    if (error == 0) {
        folder->links = search.found.items;
        folder->link_count = search.found.count;
        folder->links_known = true;
    } else {
        kp_vector_free(&search.found);
    }
    kp_vector_free(&search.waiting);
    return error;
}

int kp_folder_same_file(struct kp_folder *folder, const struct stat *status, uint64_t *number)
{
    const struct kp_folder_link wanted = {.device = status->st_dev, .inode = status->st_ino};
    size_t low = 0, high;
    int error = 0;

    *number = 0;
    pthread_mutex_lock(&folder->lock);
    if (!folder->links_known)
        error = find_all(folder);
    for (high = error == 0 ? folder->link_count : 0; low < high;) {
        const size_t middle = low + (high - low) / 2;

        if (by_file(&folder->links[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    /* The first of its names has the number. A file that is new is not among them. */
    if (error == 0 && low < folder->link_count && folder->links[low].device == wanted.device &&
        folder->links[low].inode == wanted.inode)
        *number = folder->links[low].number;
    pthread_mutex_unlock(&folder->lock);
    return error;
}
