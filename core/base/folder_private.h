/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/folder_private.h - what the folder*.c files share: folder.c describes members,
 * folder_resolve.c finds them, folder_links.c tells which are one file. Nobody else
 * includes it.
 */
#ifndef KP_BASE_FOLDER_PRIVATE_H
#define KP_BASE_FOLDER_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/folder.h"
#include "base/map.h"

/* A file with several names in the folder. */
struct kp_folder_link {
    const char *name; /* one of them */
    uint64_t device, inode;
    uint64_t number; /* of the file, at the first of its names */
};

struct kp_folder {
    int root; /* O_PATH */
    char *path;
    char *name;
    atomic_bool by_hand;
    pthread_mutex_t lock; /* of all below */
    struct kp_arena *arena;
    struct kp_map seen;           /* name -> struct seen */
    struct kp_folder_link *links; /* sorted by device and inode */
    size_t link_count;
    bool links_known;
};

/* folder_resolve.c: opens what a checked name means ("": the root), with O_PATH or O_RDONLY
 * and further flags of open; O_NOFOLLOW is for the last component only. Returns 0 or errno. */
int kp_folder_resolve(struct kp_folder *folder, const char *name, int flags, int *descriptor);
/* folder_resolve.c: whether a name keeps the rules. */
bool kp_folder_is_name(const char *name);
/* folder.c: the names in an open folder, sorted (char *, in the arena). */
int kp_folder_names(int descriptor, struct kp_arena *arena, struct kp_vector *names);
/* "folder/name", or the name alone if the folder is "". NULL when memory runs out. */
const char *kp_folder_join(struct kp_arena *arena, const char *folder, const char *name);
/* folder_links.c: the number of a file with several links. */
int kp_folder_same_file(struct kp_folder *folder, const struct stat *status, uint64_t *number);

#endif
