/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/owner.c - see owner.h.
 */
#include "base/owner.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"

#define OUT_OF_MEMORY "out of memory"

static const char *phrase(const char *text)
{
    return text != NULL ? text : OUT_OF_MEMORY;
}

/* Why somebody but root may change the entry at `path`; NULL: nobody may. In a sticky folder
 * of root's, nobody can take root's files away, whoever may add others. */
static const char *entry_fault(struct kp_arena *arena, const char *path)
{
    struct stat status;
    mode_t others = S_IWOTH;

    if (lstat(path, &status) != 0)
        return phrase(kp_arena_printf(arena, "%s: %s", path, strerror(errno)));
    if (status.st_uid != 0)
        return phrase(
            kp_arena_printf(arena, "%s belongs to user %ju", path, (uintmax_t)status.st_uid));
    if (status.st_gid != 0)
        others |= S_IWGRP;
    if (S_ISLNK(status.st_mode) || (status.st_mode & others) == 0 ||
        (S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0))
        return NULL;
    return phrase(kp_arena_printf(arena, "not only root may write to %s", path));
}

/* The same for an absolute path and all folders on the way. */
static const char *path_fault(struct kp_arena *arena, const char *path)
{
    char *copy = kp_arena_strdup(arena, path);
    const char *fault = copy == NULL ? OUT_OF_MEMORY : entry_fault(arena, "/");

    for (char *at = copy; fault == NULL && at != NULL && *at != '\0';) {
        at += strspn(at, "/");
        at += strcspn(at, "/");
        if (*at == '\0')
            return entry_fault(arena, path);
        *at = '\0';
        fault = entry_fault(arena, copy);
        *at = '/';
    }
    return fault;
}

const char *kp_owner_not_root(struct kp_arena *arena, const char *path)
{
    KP_AUTO(free) char *real = NULL;
    const char *fault;

    if (path[0] != '/')
        return "not an absolute path";
    fault = path_fault(arena, path);
    if (fault != NULL)
        return fault;
    real = realpath(path, NULL);
    if (real == NULL)
        return phrase(kp_arena_printf(arena, "%s: %s", path, strerror(errno)));
    return path_fault(arena, real);
}

const char *kp_owner_not_own(struct kp_arena *arena, const struct stat *status)
{
    if (status->st_uid != 0 && status->st_uid != geteuid())
        return phrase(kp_arena_printf(arena, "it belongs to user %ju, neither you nor root",
                                      (uintmax_t)status->st_uid));
    return (status->st_mode & S_IWOTH) != 0 ? "everybody may write to it" : NULL;
}
