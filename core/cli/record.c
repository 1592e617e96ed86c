/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/record.c - --record and --record-stage: where a call is recorded to, and what is said if none
 * was.
 */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/codes.h"
#include "cli/load.h"
#include "plugin/record.h"

/* Why there is something in a folder that must be empty; NULL if it is. */
static const char *why_not_empty(const char *folder)
{
    const char *why = NULL;
    DIR *entries = opendir(folder);
    const struct dirent *entry;

    if (entries == NULL)
        return strerror(errno);
    while (why == NULL && (entry = readdir(entries)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            why = "it is there, and not empty";
    closedir(entries);
    return why;
}

/* Why a new folder cannot be made there, as far as that can be told; NULL if it can. */
static const char *why_not_new(struct kp_session *session, const char *folder)
{
    size_t length = strlen(folder);
    const char *parent;

    while (length > 1 && folder[length - 1] == '/')
        length--;
    while (length > 0 && folder[length - 1] != '/')
        length--;
    parent = length == 0 ? "." : kp_arena_strndup(session->arena, folder, length);
    if (parent == NULL)
        return strerror(ENOMEM);
    return access(parent, W_OK | X_OK) == 0 ? NULL : strerror(errno);
}

/* False after reporting. */
static bool check_folder(struct kp_session *session, const char *folder)
{
    struct stat status;
    const char *why;

    if (folder[0] == '\0')
        why = "it names no folder";
    else if (lstat(folder, &status) != 0)
        why = errno == ENOENT ? why_not_new(session, folder) : strerror(errno);
    else
        why = S_ISDIR(status.st_mode) ? why_not_empty(folder) : "it is there, and no folder";
    return why == NULL ||
           kp_error_hint(session->diags, KP_NOWHERE,
                         "name a new folder, in one that you may write to", KP1736, folder, why);
}

bool kp_load_recorder(struct kp_session *session)
{
    const struct kp_arguments *arguments = &session->arguments;

    if (arguments->record == NULL)
        return arguments->record_stage == NULL ||
               kp_error(session->diags, KP_NOWHERE, KP1738, arguments->record_stage);
    if (!check_folder(session, arguments->record))
        return false;
    session->recorder = KP_ARENA_NEW(session->arena, struct kp_recorder);
    if (session->recorder == NULL)
        return kp_out_of_memory(session->diags);
    session->recorder->folder = arguments->record;
    session->recorder->stage = arguments->record_stage;
    pthread_mutex_init(&session->recorder->lock, NULL);
    return true;
}

void kp_load_recorded(struct kp_session *session)
{
    const struct kp_recorder *recorder = session->recorder;
    const char *why = "no call of a plugin failed";

    if (recorder == NULL || atomic_load(&recorder->over))
        return;
    if (recorder->stage != NULL)
        why = kp_arena_printf(session->arena, "no call of a stage '%s' came to its end",
                              recorder->stage);
    kp_finding_add(session->diags, KP_SEVERITY_NOTE, KP_NOWHERE, NULL, NULL, KP1739,
                   recorder->folder, why == NULL ? "out of memory" : why);
}
