/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/its_files.c - the files of an image tree source: which one a name means, and opening it.
 *
 * A name is relative to the folder of the file in which it stands, as for dtc without -i. dtc
 * follows ".." through the file system, here it is taken off the name: the two differ only behind
 * links to folders.
 */
#include <string.h>

#include "its_private.h"

/* Appends the parts of `name` to a path of *length bytes, "." and ".." resolved. False: it leads
 * out of the tree. */
static int append_parts(char *path, uint64_t *length, const char *name, uint64_t name_length)
{
    for (uint64_t i = 0, end; i < name_length; i = end + 1) {
        for (end = i; end < name_length && name[end] != '/';)
            end++;
        if (end == i || (end - i == 1 && name[i] == '.'))
            continue;
        if (end - i == 2 && name[i] == '.' && name[i + 1] == '.') {
            if (*length == 0)
                return 0;
            while (*length > 0 && path[--*length] != '/')
                ;
            continue;
        }
        if (*length > 0)
            path[(*length)++] = '/';
        memcpy(path + *length, name + i, end - i);
        *length += end - i;
    }
    return 1;
}

/* The path in the tree that a name means. */
static int32_t resolve(struct its_reader *reader, struct its_place place, const char *name,
                       uint64_t length, char **path)
{
    const int shown = (int)(length > ITS_SHOWN ? ITS_SHOWN : length);
    const char *from = reader->source == NULL ? "" : place.source->path;
    const char *slash = strrchr(from, '/');
    uint64_t folder = slash == NULL ? 0 : (uint64_t)(slash - from), used = folder;

    *path = reader->call->host->alloc(reader->call, folder + length + 2);
    if (*path == NULL)
        return KP_FAILED;
    memcpy(*path, from, folder);
    if (length > 0 && name[0] == '/')
        return its_fail(reader, place, "write it relative to the folder of the file that names it",
                        "'%.*s': an absolute path: only files of the tree can be read", shown,
                        name);
    if (!append_parts(*path, &used, name, length))
        return its_fail(reader, place, "give a tree that holds both files",
                        "'%.*s': it leads out of the tree", shown, name);
    (*path)[used] = '\0';
    if (used == 0 || memchr(*path, '\0', used) != NULL)
        return its_fail(reader, place, "write the name of a file", "'%.*s': no file's name", shown,
                        name);
    return KP_OK;
}

/* Opens what is there; the host's own errors would not tell where it was asked for. */
static const struct kp_image *open_at(struct its_reader *reader, struct its_place place,
                                      const char *path)
{
    const struct kp_host *host = reader->call->host;
    struct kp_tree_entry entry = {.size = sizeof(entry)};
    const int32_t found = host->tree_find(reader->call, reader->tree, path, &entry);

    if (found == 0)
        its_fail(reader, place, "paths count from the folder of the file that names them",
                 "'%.200s': the tree has no such file", path);
    else if (found > 0 && entry.type == KP_TREE_FOLDER)
        its_fail(reader, place, "name a file", "'%.200s': it is a folder", path);
    else if (found > 0)
        return host->tree_open(reader->call, reader->tree, path);
    return NULL;
}

int32_t its_open_image(struct its_reader *reader, struct its_place place, const char *name,
                       uint64_t length, const struct kp_image **image)
{
    struct its_entry *entry;
    char *path;

    if (resolve(reader, place, name, length, &path) != KP_OK)
        return KP_FAILED;
    entry = its_enter(reader, &reader->images, path, strlen(path));
    if (entry == NULL)
        return KP_FAILED;
    if (entry->what == NULL)
        entry->what = (void *)(uintptr_t)open_at(reader, place, path);
    *image = entry->what;
    return *image == NULL ? KP_FAILED : KP_OK;
}

static int32_t check_include(struct its_reader *reader, struct its_place place, const char *path)
{
    const struct its_source *source = reader->source;

    for (; source != NULL; source = source->includer)
        if (strcmp(source->path, path) == 0)
            return its_fail(reader, place, "take one of the /include/ out",
                            "/include/: '%.200s': it includes itself", path);
    if (reader->source != NULL && reader->source->depth == ITS_INCLUDES_DEEP)
        return its_fail(reader, place, "take one of the /include/ out",
                        "/include/: '%.200s': files that include each other %u deep", path,
                        ITS_INCLUDES_DEEP);
    if (reader->includes++ == ITS_INCLUDES_MAX)
        return its_fail(reader, place, "put files together",
                        "/include/: '%.200s': more than %u files are included", path,
                        ITS_INCLUDES_MAX);
    return KP_OK;
}

int32_t its_include(struct its_reader *reader, struct its_place place, const char *name,
                    uint64_t length)
{
    struct kp_call *call = reader->call;
    struct its_source *source = call->host->alloc(call, sizeof(*source));
    const struct kp_image *image;
    char *path;

    if (source == NULL || resolve(reader, place, name, length, &path) != KP_OK ||
        check_include(reader, place, path) != KP_OK)
        return KP_FAILED;
    image = open_at(reader, place, path);
    if (image == NULL || call->host->cancelled(call))
        return KP_FAILED;
    source->path = path;
    source->size = kp_size(call, image);
    if (source->size > ITS_TEXT_MAX - reader->text)
        return its_fail(reader, place, "is it a source? large data belongs into /incbin/",
                        "'%.200s': more than %u bytes of source", path, (unsigned)ITS_TEXT_MAX);
    reader->text += source->size;
    source->text = (const char *)kp_view(call, image);
    source->includer = reader->source;
    source->depth = reader->source == NULL ? 0 : reader->source->depth + 1;
    reader->source = source;
    return source->text == NULL ? KP_FAILED : KP_OK;
}
