/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/place.c - finds out how external contents of a FIT were placed: from which position on, and the
 * smallest alignment that puts each of them where it is.
 */
#include <string.h>

#include "frame.h"

#define LEAST 4u
#define MOST (1u << 20)

/* Whether an alignment explains the places of all; *first is that of the first. */
static int explains(const struct fit_frame *frame, uint64_t align, int has_position,
                    uint64_t *first)
{
    uint64_t next = UINT64_MAX;
    int image;

    *first = 0;
    fit_for_each_image(image, frame) {
        const struct fit_data *data = fit_data_of(frame, image);
        uint64_t padded;

        if (data == NULL)
            continue;
        if (next == UINT64_MAX)
            *first = data->at;
        else if (data->at != next)
            return 0;
        if (!kp_align(data->length, align, &padded) || !kp_add(data->at, padded, &next))
            return 0;
    }
    return next == frame->file_size &&
           (has_position || (*first == frame->totalsize && frame->totalsize % align == 0));
}

int fit_find_place(const struct fit_frame *frame, struct fit_place *place)
{
    int image, external = 0, internal = 0;
    uint64_t align;

    memset(place, 0, sizeof(*place));
    place->align = LEAST;
    fit_for_each_image(image, frame) {
        const struct fit_data *data = fit_data_of(frame, image);

        external += data != NULL && data->external;
        internal += data != NULL && !data->external;
        place->has_position =
            place->has_position || fdt_getprop(frame->tree, image, "data-position", NULL) != NULL;
    }
    place->external = external > 0;
    if (external == 0 || internal > 0)
        return internal == 0 || external == 0;
    for (align = LEAST; align <= MOST; align *= 2)
        if (explains(frame, align, place->has_position, &place->position)) {
            place->align = align;
            return 1;
        }
    return 0;
}
