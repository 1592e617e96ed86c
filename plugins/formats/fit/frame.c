/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/frame.c - a frame as libfdt edits it: room, results, and what stands for contents. How one
 * is made is flatten.c and read.c, how a FIT is made of it write.c.
 */
#include <string.h>

#include "frame.h"

/* More than is asked for, as it is asked for in small steps. */
#define SPARE 65536u

int32_t fit_result(struct fit_frame *frame, const char *what, int code)
{
    return tree_result(frame->call, NULL, what, code);
}

int32_t fit_make_room(struct fit_frame *frame, uint64_t room)
{
    uint64_t size = fdt_totalsize(frame->tree);

    if (!kp_add(size, room, &size) || size > FIT_FRAME_LIMIT)
        return kp_fail(frame->call, "fit: a tree of %llu bytes without contents: more than %llu",
                       (unsigned long long)size, (unsigned long long)FIT_FRAME_LIMIT);
    if (size > frame->capacity) {
        uint8_t *tree = frame->call->host->alloc(frame->call, size + SPARE);

        if (tree == NULL)
            return KP_FAILED;
        memcpy(tree, frame->tree, fdt_totalsize(frame->tree));
        frame->tree = tree;
        frame->capacity = size + SPARE;
    }
    fdt_set_totalsize(frame->tree, (uint32_t)size);
    return KP_OK;
}

struct fit_data *fit_data_of(const struct fit_frame *frame, int image)
{
    int length;
    const void *value = fdt_getprop(frame->tree, image, "data", &length);
    uint32_t number;

    if (value == NULL || length != 4)
        return NULL;
    number = kp_be32(value);
    return number < frame->data_count ? &frame->data[number] : NULL;
}

int fit_is_contents(const char *property)
{
    return strcmp(property, "data") == 0 || strcmp(property, "data-size") == 0 ||
           strcmp(property, "data-offset") == 0 || strcmp(property, "data-position") == 0;
}

int fit_images(const struct fit_frame *frame)
{
    return fdt_path_offset(frame->tree, "/" FIT_IMAGES);
}

int fit_configurations(const struct fit_frame *frame)
{
    return fdt_path_offset(frame->tree, "/" FIT_CONFIGURATIONS);
}

int fit_first_in(const struct fit_frame *frame, int parent)
{
    return parent < 0 ? parent : fdt_first_subnode(frame->tree, parent);
}

int fit_may_look(const struct fit_frame *frame, uint64_t bytes)
{
    if (frame->work == NULL)
        return 1;
    if (*frame->work <= FIT_WORK)
        *frame->work += bytes;
    return *frame->work <= FIT_WORK;
}

int32_t fit_check_work(const struct fit_frame *frame)
{
    return fit_may_look(frame, 0)
               ? KP_OK
               : kp_fail(frame->call, "fit: signatures and names of images: too many to be looked "
                                      "at in reasonable time");
}

int fit_find_image(const struct fit_frame *frame, const char *name)
{
    const int images = fit_images(frame);
    int image;

    if (!fit_may_look(frame, 0))
        return -FDT_ERR_NOTFOUND;
    image = fdt_subnode_offset(frame->tree, images, name);
    fit_may_look(frame, image < 0 ? fdt_size_dt_struct(frame->tree) : (uint64_t)(image - images));
    return image;
}
