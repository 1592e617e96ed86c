/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/unpack_files.c - the folder that unpack puts together beside the one that is wanted, the items
 * that stand for files in it and for images, and how all of it is taken back.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/codes.h"
#include "engine/unpack_private.h"
#include "engine/write.h"

/* --- items --- */

static const struct kp_unpack_item *find(const struct kp_unpack *unpack, const char *name)
{
    for (size_t i = 0; i < unpack->items.count; i++) {
        const struct kp_unpack_item *item = &KP_ITEM(&unpack->items, struct kp_unpack_item, i);

        if (strcmp(item->name, name) == 0)
            return item;
    }
    return NULL;
}

const struct kp_unpack_item *kp_unpack_item_of(const struct kp_unpack *unpack,
                                               const struct kp_layer *layer)
{
    for (size_t i = unpack->items.count; i > 0; i--) {
        const struct kp_unpack_item *item = &KP_ITEM(&unpack->items, struct kp_unpack_item, i - 1);

        if (item->layer == layer)
            return item;
    }
    return NULL;
}

const char *kp_unpack_name(struct kp_unpack *unpack, const char *stem)
{
    const char *name = kp_arena_strdup(unpack->arena, stem);

    for (unsigned number = 2; name != NULL && find(unpack, name) != NULL; number++)
        name = kp_arena_printf(unpack->arena, "%s-%u", stem, number);
    if (name == NULL)
        kp_out_of_memory(unpack->diags);
    return name;
}

bool kp_unpack_add(struct kp_unpack *unpack, const struct kp_unpack_item *item)
{
    struct kp_unpack_item *slot = KP_PUSH(&unpack->items, struct kp_unpack_item);

    if (slot == NULL)
        return kp_out_of_memory(unpack->diags);
    *slot = *item;
    return true;
}

static const char *path_of(const struct kp_unpack *unpack, const char *file)
{
    const char *path = kp_arena_printf(unpack->arena, "%s/%s", unpack->folder, file);

    if (path == NULL)
        kp_out_of_memory(unpack->diags);
    return path;
}

const char *kp_unpack_file(struct kp_unpack *unpack, const struct kp_layer *layer, const char *stem,
                           const char *ending, struct kp_range *range)
{
    struct kp_unpack_item item = {.layer = layer, .range = range};
    const struct kp_write_options written = {.sync = unpack->options->sync};
    const char *path = NULL;

    if (range == NULL) {
        kp_out_of_memory(unpack->diags);
        return NULL;
    }
    item.name = kp_unpack_name(unpack, stem);
    if (item.name != NULL)
        item.file = kp_arena_printf(unpack->arena, "%s%s", item.name, ending);
    if (item.file != NULL)
        path = path_of(unpack, item.file);
    if (path != NULL && kp_write_file(unpack->diags, KP_NOWHERE, path, range, &written) &&
        kp_unpack_add(unpack, &item))
        return item.name;
    kp_range_unref(range);
    return NULL;
}

struct kp_unpack_mark kp_unpack_mark(const struct kp_unpack *unpack)
{
    return (struct kp_unpack_mark){unpack->items.count, unpack->unpacked->notes.count};
}

void kp_unpack_go_back(struct kp_unpack *unpack, struct kp_unpack_mark mark)
{
    struct kp_vector *notes = &unpack->unpacked->notes;

    while (notes->count > mark.notes)
        free(KP_ITEM(notes, char *, --notes->count));
    while (unpack->items.count > mark.items) {
        struct kp_unpack_item *item =
            &KP_ITEM(&unpack->items, struct kp_unpack_item, --unpack->items.count);
        const char *path = kp_arena_printf(unpack->arena, "%s/%s%s", unpack->folder,
                                           item->file == NULL ? KP_UNPACK_MADE "/" : "",
                                           item->file == NULL ? item->name : item->file);

        if (path != NULL)
            unlink(path);
        kp_range_unref(item->range);
    }
}

/* --- the folder --- */

static bool refuse(const struct kp_unpack *unpack, const char *folder, int error)
{
    return kp_error(unpack->diags, KP_NOWHERE, KP1753, folder,
                    error == ENOTEMPTY || error == EEXIST ? "it is there, and not empty"
                                                          : strerror(error));
}

/* Whether a folder can take that place: there is none, or one without anything in it. Else errno. */
static bool is_free(const char *path)
{
    DIR *folder = opendir(path);
    size_t count = 0;

    if (folder == NULL)
        return errno == ENOENT;
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    errno = ENOTEMPTY;
    return count <= 2;
}

/* A folder beside the one that is wanted. */
bool kp_unpack_begin(struct kp_unpack *unpack)
{
    const char *wanted = unpack->options->folder;
    size_t length = strlen(wanted);
    char *folder, *made;

    while (length > 1 && wanted[length - 1] == '/')
        length--;
    folder = kp_arena_printf(unpack->arena, "%.*s.XXXXXX", (int)length, wanted);
    if (folder == NULL)
        return kp_out_of_memory(unpack->diags);
    if (!is_free(wanted) || mkdtemp(folder) == NULL)
        return refuse(unpack, wanted, errno);
    unpack->folder = folder;
    made = kp_arena_printf(unpack->arena, "%s/" KP_UNPACK_MADE, folder);
    return made != NULL && mkdir(made, 0700) == 0 ? true : refuse(unpack, wanted, errno);
}

static void remove_made(const struct kp_unpack *unpack)
{
    const char *path;

    for (size_t i = 0; i < unpack->items.count; i++) {
        const struct kp_unpack_item *item = &KP_ITEM(&unpack->items, struct kp_unpack_item, i);

        path = item->file != NULL ? NULL
                                  : kp_arena_printf(unpack->arena, "%s/" KP_UNPACK_MADE "/%s",
                                                    unpack->folder, item->name);
        if (path != NULL)
            unlink(path);
    }
    path = kp_arena_printf(unpack->arena, "%s/" KP_UNPACK_MADE, unpack->folder);
    if (path != NULL)
        rmdir(path);
}

/* Everything, as far as it was written. */
void kp_unpack_remove(struct kp_unpack *unpack)
{
    const char *path;

    if (unpack->folder == NULL)
        return;
    remove_made(unpack);
    kp_unpack_go_back(unpack, (struct kp_unpack_mark){0, 0});
    path = kp_arena_printf(unpack->arena, "%s/recipe.yml", unpack->folder);
    if (path != NULL)
        unlink(path);
    rmdir(unpack->folder);
}

bool kp_unpack_finish(struct kp_unpack *unpack, const char *image)
{
    const struct kp_write_options written = {.sync = unpack->options->sync};
    struct kp_unpacked *unpacked = unpack->unpacked;
    struct kp_range *recipe KP_AUTO(range) = NULL;
    const char *path = path_of(unpack, "recipe.yml");

    if (path == NULL || !kp_unpack_text(unpack, &unpacked->recipe, image, NULL, 0))
        return false;
    recipe = kp_range_copy(unpacked->recipe.text, unpacked->recipe.length);
    if (recipe == NULL)
        return kp_out_of_memory(unpack->diags);
    if (!kp_write_file(unpack->diags, KP_NOWHERE, path, recipe, &written))
        return false;
    for (size_t i = 0; i < unpack->items.count; i++)
        unpacked->files += KP_ITEM(&unpack->items, struct kp_unpack_item, i).file != NULL;
    remove_made(unpack);
    if (chmod(unpack->folder, 0755) != 0 || rename(unpack->folder, unpack->options->folder) != 0)
        return refuse(unpack, unpack->options->folder, errno);
    return true;
}
