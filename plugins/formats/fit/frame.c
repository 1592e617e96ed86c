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
    if (code >= 0)
        return KP_OK;
    if (code == -FDT_ERR_NOSPACE)
        return FIT_NO_ROOM;
    return kp_fail(frame->call, "%s: %s", what, fdt_strerror(code));
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
