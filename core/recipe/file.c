/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/file.c - reading recipe files, and joining paths. Paths are joined, never
 * shortened: "a/../b" is not "b" where a is a symbolic link.
 */
#include "recipe/file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/codes.h"
#include "recipe/yaml.h"

#define READ_AT_ONCE ((size_t)64 << 10)

static bool refuse(struct kp_diags *diags, struct kp_place place, const char *path, int error)
{
    const char *reason;
    char text[128];

    switch (error) {
    case ENOMEM:
        return kp_out_of_memory(diags);
    case ENOENT:
        reason = "no such file";
        break;
    case EACCES:
        reason = "no permission to read it";
        break;
    case EISDIR:
        reason = "it is a folder";
        break;
    default:
        snprintf(text, sizeof(text), "%s", strerror(error));
        text[0] = (char)tolower((unsigned char)text[0]);
        reason = text;
        break;
    }
    return kp_error(diags, place, KP1001, path, reason);
}

/* All bytes, at most one more than allowed. Returns 0 or errno. */
static int read_all(int descriptor, struct kp_recipe_text *file)
{
    char *text KP_AUTO(free) = NULL;
    size_t capacity = 0;
    size_t length = 0;

    while (length <= KP_YAML_MAX_BYTES) {
        ssize_t got;

        if (capacity - length < READ_AT_ONCE) {
            char *more = realloc(text, capacity + 2 * READ_AT_ONCE);

            if (more == NULL)
                return ENOMEM;
            text = more;
            capacity += 2 * READ_AT_ONCE;
        }
        got = read(descriptor, text + length, READ_AT_ONCE);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno;
        if (got == 0)
            break;
        length += (size_t)got;
    }
    file->text = KP_STEAL(text);
    file->length = length;
    return 0;
}

bool kp_recipe_file_read(struct kp_diags *diags, struct kp_place place, const char *path,
                         struct kp_recipe_text *file)
{
    const bool standard = strcmp(path, "-") == 0;
    int opened KP_AUTO(close) = standard ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    const int descriptor = standard ? STDIN_FILENO : opened;
    const char *name = standard ? KP_RECIPE_STDIN : path;
    struct stat status;
    int error = 0;

    *file = (struct kp_recipe_text){0};
    if (descriptor < 0 || fstat(descriptor, &status) != 0)
        return refuse(diags, place, name, errno);
    if (S_ISDIR(status.st_mode))
        return refuse(diags, place, name, EISDIR);
    file->device = status.st_dev;
    file->inode = status.st_ino;
    error = read_all(descriptor, file);
    return error == 0 || refuse(diags, place, name, error);
}

const char *kp_recipe_folder(struct kp_arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL)
        return ".";
    return kp_arena_strndup(arena, path, slash == path ? 1 : (size_t)(slash - path));
}

const char *kp_recipe_join(struct kp_arena *arena, const char *folder, const char *path)
{
    const size_t length = strlen(folder);

    if (path[0] == '/' || strcmp(folder, ".") == 0)
        return kp_arena_strdup(arena, path);
    return kp_arena_printf(arena, "%s%s%s", folder,
                           length > 0 && folder[length - 1] == '/' ? "" : "/", path);
}
