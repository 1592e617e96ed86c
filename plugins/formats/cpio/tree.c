/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cpio/tree.c - the parameter `tree`: a folder with all that is in it, as usr/gen_initramfs.sh
 * lists it: sorted by the bytes of the whole names, so that "a-b" comes before "a/b"; not
 * the folder itself; each name of a file with several as a file of its own.
 *
 * Owners are root, as with its options -u squash -g squash: a tree does not show them.
 */
#include <stdlib.h>
#include <string.h>

#include "cpio.h"

struct found {
    const struct kp_tree_entry **entries;
    uint64_t count, room;
};

static int32_t add_folder(struct cpio_writer *w, const struct kp_tree *tree, const char *folder,
                          struct found *found)
{
    struct kp_list list = {NULL, 0};
    const struct kp_tree_entry *entries;
    void *items;
    uint64_t i;

    if (w->call->host->cancelled(w->call) ||
        w->call->host->tree_list(w->call, tree, folder, &list) != KP_OK)
        return KP_FAILED;
    entries = list.items;
    for (i = 0; i < list.count; i++) {
        items = (void *)found->entries;
        if (cpio_grow(w->call, &items, found->count, &found->room, sizeof(*found->entries)) !=
            KP_OK)
            return KP_FAILED;
        found->entries = items;
        found->entries[found->count++] = &entries[i];
    }
    return KP_OK;
}

static int by_name(const void *a, const void *b)
{
    const struct kp_tree_entry *const *left = a;
    const struct kp_tree_entry *const *right = b;

    return strcmp((*left)->name, (*right)->name);
}

static uint32_t type_of(uint32_t tree_type)
{
    switch (tree_type) {
    case KP_TREE_FILE:
        return CPIO_FILE;
    case KP_TREE_FOLDER:
        return CPIO_FOLDER;
    case KP_TREE_LINK:
        return CPIO_LINK;
    case KP_TREE_CHAR_DEVICE:
        return CPIO_CHAR;
    case KP_TREE_BLOCK_DEVICE:
        return CPIO_BLOCK;
    case KP_TREE_PIPE:
        return CPIO_PIPE;
    default:
        return CPIO_SOCKET;
    }
}

static int32_t pack_one(struct cpio_writer *w, const struct kp_tree *tree,
                        const struct kp_tree_entry *e)
{
    struct cpio_item item = {.name = e->name,
                             .target = e->target,
                             .mode = type_of(e->type) | e->permissions,
                             .major = e->major,
                             .minor = e->minor};

    if (e->type == KP_TREE_FILE) {
        item.data = w->call->host->tree_open(w->call, tree, e->name);
        if (item.data == NULL)
            return KP_FAILED;
    }
    return cpio_write_item(w, &item);
}

int32_t cpio_pack_tree(struct cpio_writer *w, const struct cpio_params *p)
{
    struct found found = {NULL, 0, 0};
    uint64_t i;

    w->field = &p->tree;
    if (add_folder(w, p->tree, "", &found) != KP_OK)
        return KP_FAILED;
    for (i = 0; i < found.count; i++) /* grows meanwhile */
        if (found.entries[i]->type == KP_TREE_FOLDER &&
            add_folder(w, p->tree, found.entries[i]->name, &found) != KP_OK)
            return KP_FAILED;
    if (found.count > 0)
        qsort((void *)found.entries, (size_t)found.count, sizeof(*found.entries), by_name);
    for (i = 0; i < found.count; i++)
        if (pack_one(w, p->tree, found.entries[i]) != KP_OK)
            return KP_FAILED;
    return KP_OK;
}
