/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/remote_tree.c - a worker's requests that reach outside of images: trees, and host
 * tools. See remote_requests.c.
 */
#include <errno.h>

#include "base/auto.h"
#include "base/range_share.h"
#include "plugin/remote_private.h"

/* --- trees --- */

static void put_entry(struct kp_wire_writer *to, const struct kp_tree_entry *entry)
{
    kp_put_u32(to, entry->type);
    kp_put_u32(to, entry->permissions);
    kp_put_text(to, entry->name);
    kp_put_u64(to, entry->length);
    kp_put_text(to, entry->target);
    kp_put_u32(to, entry->major);
    kp_put_u32(to, entry->minor);
    kp_put_u64(to, entry->same_file);
}

bool kp_remote_tree_list(struct kp_remote *remote, struct kp_wire_reader *from)
{
    KP_AUTO(wire_writer) struct kp_wire_writer answer = {0};
    struct kp_list entries = {NULL, 0};
    const struct kp_tree *tree;
    const char *folder;
    int32_t result;

    if (!kp_remote_take_tree(remote, from, &tree))
        return false;
    folder = kp_take_text(from);
    if (!kp_remote_take_end(remote, from))
        return false;
    result = kp_host_tree_list(&remote->state->desk.call, tree, folder, &entries);
    kp_put_u32(&answer, (uint32_t)result);
    kp_put_u32(&answer, (uint32_t)entries.count);
    for (uint64_t i = 0; i < entries.count; i++)
        put_entry(&answer, (const struct kp_tree_entry *)entries.items + i);
    return kp_remote_send(remote, KP_WIRE_ANSWER, &answer, NULL, 0);
}

bool kp_remote_tree_find(struct kp_remote *remote, struct kp_wire_reader *from)
{
    KP_AUTO(wire_writer) struct kp_wire_writer answer = {0};
    struct kp_tree_entry entry = {.size = sizeof(entry)};
    const struct kp_tree *tree;
    const char *name;
    int32_t result;

    if (!kp_remote_take_tree(remote, from, &tree))
        return false;
    name = kp_take_text(from);
    if (!kp_remote_take_end(remote, from))
        return false;
    result = kp_host_tree_find(&remote->state->desk.call, tree, name, &entry);
    kp_put_u32(&answer, (uint32_t)result);
    if (result == 1)
        put_entry(&answer, &entry);
    return kp_remote_send(remote, KP_WIRE_ANSWER, &answer, NULL, 0);
}

/* A file is opened anew each time: a large one is mapped, a small one copied. */
static uint64_t cost_of(const struct kp_image *image)
{
    return kp_range_is_mapped(image->range) ? KP_REMOTE_MAPPING_COST : kp_range_size(image->range);
}

bool kp_remote_tree_open(struct kp_remote *remote, struct kp_wire_reader *from)
{
    const struct kp_tree *tree;
    const struct kp_image *image;
    const char *name;

    if (!kp_remote_take_tree(remote, from, &tree))
        return false;
    name = kp_take_text(from);
    if (!kp_remote_take_end(remote, from))
        return false;
    if (!kp_remote_hold(remote, KP_REMOTE_IMAGE_COST))
        return kp_remote_broken(remote, "it opens more files than a call can have to open");
    image = kp_host_tree_open(&remote->state->desk.call, tree, name);
    return kp_remote_answer_image(
        remote, kp_remote_keep(remote, image, image == NULL ? 0 : cost_of(image)));
}

/* --- host tools --- */

/* The files of a request, and the images that they are parts of. */
struct files {
    struct kp_remote_image *images;
    const struct kp_tool_file **rows; /* NULL-terminated */
    uint32_t count;
};

static bool take_files(struct kp_remote *remote, struct kp_wire_reader *from, struct files *files)
{
    struct kp_arena *arena = remote->state->desk.arena;
    const uint32_t count = kp_take_count(from, 2 * sizeof(uint32_t));
    struct kp_tool_file *rows = kp_arena_array(arena, (size_t)count + 1, sizeof(*rows));

    files->rows = kp_arena_array(arena, (size_t)count + 1, sizeof(*files->rows));
    files->images = kp_arena_array(arena, (size_t)count + 1, sizeof(*files->images));
    if (rows == NULL || files->rows == NULL || files->images == NULL)
        return kp_remote_failed(remote, ENOMEM);
    for (; files->count < count; files->count++) {
        struct kp_tool_file *row = &rows[files->count];
        size_t length = 0;

        row->size = sizeof(*row);
        row->name = kp_take_text(from);
        files->rows[files->count] = row;
        if (!kp_remote_take_image(remote, from, &files->images[files->count])) {
            files->count++;
            return false;
        }
        row->image = files->images[files->count].image;
        if (kp_take_u8(from) != 0)
            row->bytes = kp_take_bytes(from, &length);
        row->length = length;
    }
    return !from->bad || kp_remote_broken(remote, "a message that cannot be read");
}

static void drop_files(struct files *files)
{
    for (uint32_t i = 0; i < files->count; i++)
        kp_image_clear(&files->images[i].slice);
}

static bool take_run(struct kp_remote *remote, struct kp_wire_reader *from, struct kp_tool_run *run,
                     struct kp_remote_image *input, struct files *files)
{
    run->tool = kp_take_text(from);
    if (!kp_remote_take_texts(remote, from, remote->state->desk.arena, &run->arguments) ||
        !take_files(remote, from, files) || !kp_remote_take_image(remote, from, input))
        return false;
    run->files = files->rows;
    run->input = input->image;
    run->output = kp_take_text(from);
    run->output_limit = kp_take_u64(from);
    run->time_limit = kp_take_u32(from);
    run->flags = kp_take_u32(from);
    run->memory_limit = kp_take_u64(from);
    run->hint = kp_take_text(from);
    return kp_remote_take_end(remote, from);
}

bool kp_remote_tool(struct kp_remote *remote, struct kp_wire_reader *from)
{
    KP_AUTO(remote_image) struct kp_remote_image input = {0};
    struct kp_tool_run run = {.size = sizeof(run)};
    struct files files = {0};
    const struct kp_image *image = NULL;
    bool good = kp_remote_chat(remote, from->size) && take_run(remote, from, &run, &input, &files);

    if (good && !kp_remote_hold(remote, KP_REMOTE_INNER_COST))
        good = kp_remote_broken(remote, "it runs more than a call can have to run");
    if (good)
        image = kp_host_tools.run(&remote->state->desk.call, &run);
    drop_files(&files);
    image = kp_remote_keep(remote, image, image == NULL ? 0 : kp_range_size(image->range));
    return good && kp_remote_answer_image(remote, image);
}
