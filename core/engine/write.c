/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/write.c - see write.h.
 */
#include "engine/write.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/codes.h"

/* A kill at the wrong moment leaves a draft behind, and in a container the next kpipe has
 * the same process number. */
enum { DRAFT_TRIES = 100 };

/* A file that is being written. */
struct draft {
    char *folder; /* of the output */
    char *name;   /* of the draft, in that folder; NULL while it has none */
    int file;
};

static bool report(struct kp_diags *diags, struct kp_place place, const char *path, int error)
{
    const char *hint = error == ENOSPC || error == EDQUOT ? "make room, or choose another --out"
                       : error == EACCES || error == EPERM || error == EROFS
                           ? "may you write there? choose another folder with --out"
                           : NULL;

    return kp_error_hint(diags, place, hint, KP1403, path, strerror(error));
}

/* mkdir -p for the folder of a path. */
static bool make_folders(char *folder)
{
    for (char *at = folder + 1; *at != '\0'; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
            *at = '/';
            return false;
        }
        *at = '/';
    }
    return mkdir(folder, 0777) == 0 || errno == EEXIST;
}

static char *draft_name(const char *folder)
{
    static atomic_uint counter;
    char *name = NULL;

    if (asprintf(&name, "%s/.kpipe-%ld-%u.part", folder, (long)getpid(),
                 atomic_fetch_add(&counter, 1)) < 0)
        return NULL;
    return name;
}

/* A nameless file, or a hidden one where the file system cannot do that. */
static bool open_draft(struct draft *draft)
{
    draft->file = open(draft->folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    if (draft->file >= 0)
        return true;
    if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL && errno != ENOENT)
        return false;
    for (unsigned i = 0; i < DRAFT_TRIES; i++) {
        draft->name = draft_name(draft->folder);
        if (draft->name == NULL)
            return false;
        draft->file = open(draft->name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
        if (draft->file >= 0)
            return true;
        free(KP_STEAL(draft->name));
        if (errno != EEXIST)
            return false;
    }
    return false;
}

/* Gives a nameless draft a name, so that it can be renamed: linking cannot replace an
 * existing file, renaming can. */
static bool name_draft(struct draft *draft)
{
    char path[64];

    if (draft->name != NULL)
        return true;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", draft->file);
    for (unsigned i = 0; i < DRAFT_TRIES; i++) {
        draft->name = draft_name(draft->folder);
        if (draft->name == NULL)
            return false;
        if (linkat(AT_FDCWD, path, AT_FDCWD, draft->name, AT_SYMLINK_FOLLOW) == 0)
            return true;
        free(KP_STEAL(draft->name));
        if (errno != EEXIST)
            return false;
    }
    return false;
}

/* A file system in the network may tell only now that there was no room. */
static bool close_draft(struct draft *draft)
{
    const int file = draft->file;

    draft->file = -1;
    return close(file) == 0 || errno == EINTR; /* which has closed it, in Linux */
}

static bool sync_folder(const char *folder)
{
    KP_AUTO(close) int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return descriptor >= 0 && fsync(descriptor) == 0;
}

static bool fill_draft(const struct draft *draft, const struct kp_range *range,
                       const struct kp_write_options *options)
{
    return kp_range_write(range, draft->file, true, options->stop, options->data) &&
           ftruncate(draft->file, (off_t)kp_range_size(range)) == 0 &&
           (!options->sync || fsync(draft->file) == 0);
}

/* Everything but the reports; errno says why it failed. */
static bool replace(struct draft *draft, const char *path, const struct kp_range *range,
                    const struct kp_write_options *options)
{
    if (!make_folders(draft->folder) || !open_draft(draft) || !fill_draft(draft, range, options))
        return false;
    if (options->stop != NULL && options->stop(options->data)) {
        errno = ECANCELED;
        return false;
    }
    if (!name_draft(draft) || !close_draft(draft) || rename(draft->name, path) != 0)
        return false;
    free(KP_STEAL(draft->name));
    return !options->sync || sync_folder(draft->folder);
}

static bool outcome(struct kp_diags *diags, struct kp_place place, const char *path,
                    const struct kp_range *range, int error)
{
    const char *lost = kp_range_vanished(range);

    if (error == ECANCELED)
        return false;
    if (lost != NULL)
        return kp_error_hint(diags, place,
                             "somebody wrote to it during the run: run again when it is complete",
                             KP1402, lost);
    return report(diags, place, path, error);
}

static bool write_plain(struct kp_diags *diags, struct kp_place place, const char *path,
                        int descriptor, const struct kp_range *range,
                        const struct kp_write_options *options)
{
    if (descriptor >= 0 && kp_range_write(range, descriptor, false, options->stop, options->data))
        return true;
    return outcome(diags, place, path, range, errno);
}

/* A named pipe that nobody reads yet would keep us from hearing a request to stop. */
static int open_plain(const char *path, mode_t mode, const struct kp_write_options *options)
{
    const struct timespec moment = {.tv_nsec = 20000000};
    int descriptor;

    if (!S_ISFIFO(mode))
        return open(path, O_WRONLY | O_CLOEXEC);
    for (;;) {
        descriptor = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
        if (descriptor >= 0 || errno != ENXIO)
            return descriptor;
        if (options->stop != NULL && options->stop(options->data)) {
            errno = ECANCELED;
            return -1;
        }
        nanosleep(&moment, NULL);
    }
}

/* Standard output. A pipe is opened anew so that it may be non-blocking for us alone: a
 * reader that has fallen asleep must not keep a run from being stopped. */
static bool write_standard_output(struct kp_diags *diags, struct kp_place place,
                                  const struct kp_range *range,
                                  const struct kp_write_options *options)
{
    struct stat status;
    KP_AUTO(close) int own = -1;

    if (fstat(STDOUT_FILENO, &status) == 0 && S_ISFIFO(status.st_mode))
        own = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    return write_plain(diags, place, "standard output", own >= 0 ? own : STDOUT_FILENO, range,
                       options);
}

bool kp_write_file(struct kp_diags *diags, struct kp_place place, const char *path,
                   const struct kp_range *range, const struct kp_write_options *options)
{
    struct draft draft = {.file = -1};
    KP_AUTO(free) char *copy = strdup(path);
    struct stat status;
    bool good;
    int error;

    if (strcmp(path, "-") == 0)
        return write_standard_output(diags, place, range, options);
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
        KP_AUTO(close) int descriptor = open_plain(path, status.st_mode, options);

        return write_plain(diags, place, path, descriptor, range, options);
    }
    if (copy == NULL)
        return kp_out_of_memory(diags);
    draft.folder = dirname(copy);
    good = replace(&draft, path, range, options);
    error = errno;
    if (draft.name != NULL)
        unlink(draft.name);
    free(draft.name);
    if (draft.file >= 0)
        close(draft.file);
    return good || outcome(diags, place, path, range, error);
}
