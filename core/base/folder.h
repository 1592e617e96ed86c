/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/folder.h - a folder whose members are read by relative names, and nothing outside
 * of it, whatever links it holds and whoever changes it meanwhile.
 *
 * A folder is held open: renaming or replacing it does not lead elsewhere. What was
 * looked at once must stay as it is: a member that looks different later is reported as
 * changed (ESTALE). May be used by several threads at once. Nothing here reports:
 * functions return 0 or an errno, with these meanings besides the usual ones:
 *
 *     EXDEV      a link leads out of the folder
 *     ESTALE     the member changed since it was first looked at
 *     EILSEQ     the name of a member, or what a link says, is no text (UTF-8, no control
 *                characters)
 *     EOVERFLOW  more members, or a longer name, than the limits below allow
 *     EINVAL     the name given is absolute, or has "." or ".." or empty components
 */
#ifndef KP_BASE_FOLDER_H
#define KP_BASE_FOLDER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/range.h"
#include "base/vector.h"

#define KP_FOLDER_MAX_NAME 4095u       /* bytes of a full name */
#define KP_FOLDER_MAX_MEMBERS 1000000u /* of one listing, and of all that a search for links sees */

struct kp_folder;

/* NULL and errno (ENOTDIR: it is no folder). `name` is for messages about its files. */
struct kp_folder *kp_folder_open(const char *path, const char *name,
                                 struct kp_file_identity *identity);
void kp_folder_free(struct kp_folder *folder); /* NULL is ignored */
const char *kp_folder_name(const struct kp_folder *folder);

struct kp_member {
    const char *name; /* from the folder */
    struct stat status;
    const char *target; /* of a link; else NULL */
    uint64_t same_file; /* see kpipe/tree.h */
};

/* Describes one member; a link is described, not followed. */
int kp_folder_find(struct kp_folder *folder, struct kp_arena *arena, const char *name,
                   struct kp_member *member);
/* What stands directly in a folder of it ("": itself), sorted by the bytes of names:
 * `members` (struct kp_member) is the caller's to free, also after an error, and their texts
 * live in the arena. After EILSEQ and EOVERFLOW *bad is the member's name as it is. */
int kp_folder_list(struct kp_folder *folder, struct kp_arena *arena, const char *name,
                   struct kp_vector *members, const char **bad);
/* A regular file, mapped; links are followed. EISDIR for a folder, ENODEV for what else is
 * no file, which is never opened. */
int kp_folder_map(struct kp_folder *folder, const char *name, struct kp_range **range);

/* As a system without openat2 has it; for tests. */
void kp_folder_resolve_by_hand(struct kp_folder *folder);

#endif
