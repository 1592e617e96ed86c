/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/remote_take.c - what the messages of a worker name: handles become what they stand for,
 * if the worker was given that.
 */
#include <errno.h>

#include "kpipe/bytes.h"
#include "plugin/remote_private.h"

/* An item of a list of pointers, by the handle that comes next; NULL for NONE. */
static bool take_handle(struct kp_remote *remote, struct kp_wire_reader *from,
                        const struct kp_vector *given, const char *fault, void **item)
{
    const uint32_t handle = kp_take_u32(from);

    *item = NULL;
    if (from->bad)
        return kp_remote_broken(remote, "a message that cannot be read");
    if (handle == KP_WIRE_NONE)
        return true;
    if (handle >= given->count)
        return kp_remote_broken(remote, fault);
    *item = KP_ITEM(given, void *, handle);
    return true;
}

bool kp_remote_take_output(struct kp_remote *remote, struct kp_wire_reader *from,
                           struct kp_output **output)
{
    void *item;
    const bool good =
        take_handle(remote, from, &remote->outputs, "an output that was not given to it", &item);

    *output = item;
    return good;
}

bool kp_remote_take_tree(struct kp_remote *remote, struct kp_wire_reader *from,
                         const struct kp_tree **tree)
{
    void *item;
    const bool good =
        take_handle(remote, from, &remote->trees, "a tree that was not given to it", &item);

    *tree = item;
    return good;
}

bool kp_remote_take_stage(struct kp_remote *remote, struct kp_wire_reader *from,
                          const struct kp_stage_value **stage)
{
    void *item;
    const bool good =
        take_handle(remote, from, &remote->stages, "a stage that was not given to it", &item);

    *stage = item;
    return good;
}

bool kp_remote_take_key(struct kp_remote *remote, struct kp_wire_reader *from,
                        const struct kp_key **key)
{
    void *item;
    const bool good =
        take_handle(remote, from, &remote->keys, "a key that was not given to it", &item);

    *key = item;
    return good;
}

bool kp_remote_take_image(struct kp_remote *remote, struct kp_wire_reader *from,
                          struct kp_remote_image *image)
{
    void *item;
    uint64_t offset, length;

    *image = (struct kp_remote_image){0};
    if (!take_handle(remote, from, &remote->images, "an image that was not given to it", &item))
        return false;
    if (item == NULL)
        return true;
    image->image = item;
    offset = kp_take_u64(from);
    length = kp_take_u64(from);
    if (from->bad)
        return kp_remote_broken(remote, "a message that cannot be read");
    if (length == UINT64_MAX && offset == 0)
        return true;
    if (!kp_inside(kp_range_size(image->image->range), offset, length))
        return kp_remote_broken(remote, "a part of an image that lies outside of it");
    image->slice.range = kp_range_slice(image->image->range, offset, length);
    image->slice.whole = image->image->whole != NULL ? image->image->whole : image->image;
    image->slice.offset = image->image->offset + offset;
    image->image = &image->slice;
    return image->slice.range != NULL || kp_remote_failed(remote, ENOMEM);
}

bool kp_remote_take_texts(struct kp_remote *remote, struct kp_wire_reader *from,
                          struct kp_arena *arena, const char *const **texts)
{
    const char **array;
    uint32_t count;

    *texts = NULL;
    if (kp_take_u8(from) == 0)
        return !from->bad || kp_remote_broken(remote, "a message that cannot be read");
    count = kp_take_count(from, sizeof(uint32_t));
    array = kp_arena_array(arena, (size_t)count + 1, sizeof(*array));
    if (array == NULL)
        return kp_remote_failed(remote, ENOMEM);
    for (uint32_t i = 0; i < count; i++) {
        array[i] = kp_take_text(from);
        if (array[i] == NULL)
            return kp_remote_broken(remote, "a message that cannot be read");
    }
    *texts = array;
    return !from->bad || kp_remote_broken(remote, "a message that cannot be read");
}

bool kp_remote_take_end(struct kp_remote *remote, const struct kp_wire_reader *from)
{
    return kp_take_end(from) || kp_remote_broken(remote, "a message that cannot be read");
}
