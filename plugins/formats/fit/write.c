/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/write.c - a frame becomes a FIT: contents go where the numbers stand, or behind the tree.
 * Slices are handed on; nothing is copied but the frame.
 *
 * External contents: Flattened Image Tree specification, "External data"; where mkimage -E, -p and
 * -B put them: U-Boot 2025.01, tools/fit_image.c, fit_extract_data.
 */
#include <string.h>

#include "frame.h"

static int32_t put_pieces(struct kp_call *call, const struct fit_data *data)
{
    const struct fit_piece *piece;
    int32_t result = KP_OK;

    for (piece = data->first; piece != NULL && result == KP_OK; piece = piece->next)
        result = piece->image == NULL ? kp_append(call, piece->bytes, piece->length)
                                      : call->host->output_image(call, call->output, piece->image,
                                                                 piece->offset, piece->length);
    return result;
}

static int32_t too_large(struct kp_call *call, uint64_t size)
{
    return kp_fail(call,
                   "fit: %llu bytes: a tree has less than %llu, for which loaders and libfdt "
                   "are made; external: true moves contents out of it",
                   (unsigned long long)size, (unsigned long long)FIT_LIMIT);
}

/* --- contents in the tree --- */

/* Bytes that contents add to the structure, less those of their numbers: of empty contents alone it
 * is a negative number, which only sums make sense of. */
static int32_t grow(const struct fit_frame *frame, uint64_t *grown)
{
    uint64_t i;

    *grown = 0;
    for (i = 0; i < frame->data_count; i++)
        if (!kp_add(*grown, (frame->data[i].length + 3) & ~(uint64_t)3, grown))
            return too_large(frame->call, UINT64_MAX);
    *grown -= 4 * (uint64_t)frame->data_count;
    return KP_OK;
}

/* Where the numbers stand in the tree, in its order; *count of them. */
static uint8_t **find_numbers(const struct fit_frame *frame, uint64_t *count)
{
    uint8_t **numbers =
        frame->call->host->alloc(frame->call, ((uint64_t)frame->data_count + 1) * sizeof(*numbers));
    int image;

    *count = 0;
    if (numbers == NULL)
        return NULL;
    fit_for_each_image(image, frame)
        if (fit_data_of(frame, image) != NULL && *count < frame->data_count)
            numbers[(*count)++] = fdt_getprop_w(frame->tree, image, "data", NULL);
    return numbers;
}

/* The header, with the sizes and places that come of `grown` bytes more. */
static int32_t put_header(const struct fit_frame *frame, uint64_t grown)
{
    uint8_t header[sizeof(struct fdt_header)];

    memcpy(header, frame->tree, sizeof(header));
    fdt_set_totalsize(header, (uint32_t)(fdt_totalsize(header) + grown));
    fdt_set_size_dt_struct(header, (uint32_t)(fdt_size_dt_struct(header) + grown));
    fdt_set_off_dt_strings(header, (uint32_t)(fdt_off_dt_strings(header) + grown));
    return kp_append(frame->call, header, sizeof(header));
}

/* The tree from `from` up to a number, and the contents that it stands for. The length of a
 * property lies eight bytes before its value. */
static int32_t put_contents(const struct fit_frame *frame, const uint8_t *from, uint8_t *number)
{
    const struct fit_data *data = &frame->data[kp_be32(number)];

    kp_put_be32(number - 8, (uint32_t)data->length);
    if (kp_append(frame->call, from, (uint64_t)(number - from)) != KP_OK ||
        put_pieces(frame->call, data) != KP_OK)
        return KP_FAILED;
    return kp_append_fill(frame->call, 0, (4 - data->length % 4) % 4);
}

static int32_t write_internal(const struct fit_frame *frame)
{
    const uint32_t size = fdt_totalsize(frame->tree);
    const uint8_t *from = frame->tree + sizeof(struct fdt_header);
    uint64_t grown, count, i;
    uint8_t **numbers = find_numbers(frame, &count);

    if (numbers == NULL || grow(frame, &grown) != KP_OK)
        return KP_FAILED;
    if (size + grown >= FIT_LIMIT)
        return too_large(frame->call, size + grown);
    if (put_header(frame, grown) != KP_OK)
        return KP_FAILED;
    for (i = 0; i < count; from = numbers[i] + 4, i++)
        if (put_contents(frame, from, numbers[i]) != KP_OK)
            return KP_FAILED;
    return kp_append(frame->call, from, (uint64_t)(frame->tree + size - from));
}

/* --- contents behind the tree --- */

/* Places of the contents in the order of the nodes, from `at` on; the properties that tell of
 * them take the place of the numbers. */
static int32_t place_contents(struct fit_frame *frame, const struct fit_place *place,
                              const struct fit_data **order, uint64_t *count, uint64_t *end)
{
    const char *name = place->has_position ? "data-position" : "data-offset";
    int image, code = 0;

    *count = *end = 0;
    fit_for_each_image(image, frame) {
        const struct fit_data *data = fit_data_of(frame, image);
        const uint64_t at = *end + (place->has_position ? place->position : 0);

        if (data == NULL)
            continue;
        if (at >= FIT_LIMIT || data->length >= FIT_LIMIT)
            return too_large(frame->call, at + data->length);
        order[(*count)++] = data;
        code = fdt_delprop(frame->tree, image, "data");
        if (code == 0 && place->has_position)
            fdt_delprop(frame->tree, image, "data-offset");
        else if (code == 0)
            fdt_delprop(frame->tree, image, "data-position");
        if (code == 0)
            code = fdt_setprop_u32(frame->tree, image, name, (uint32_t)at);
        if (code == 0)
            code = fdt_setprop_u32(frame->tree, image, "data-size", (uint32_t)data->length);
        if (code != 0)
            return fit_result(frame, "external contents", code);
        if (!kp_align(*end + data->length, place->align, end))
            return too_large(frame->call, UINT64_MAX);
    }
    return KP_OK;
}

/* A strings block to which "data" was appended for the numbers' sake, and nothing since. */
static void drop_data_string(struct fit_frame *frame)
{
    if (frame->data_appended &&
        fdt_size_dt_strings(frame->tree) == frame->strings_read + sizeof("data"))
        fdt_set_size_dt_strings(frame->tree, frame->strings_read);
}

static int32_t write_external(struct fit_frame *frame, const struct fit_place *place)
{
    struct kp_call *call = frame->call;
    const uint64_t room = 64 + 32 * (uint64_t)frame->data_count;
    const struct fit_data **order =
        call->host->alloc(call, ((uint64_t)frame->data_count + 1) * sizeof(*order));
    uint64_t count, end, size, packed, i;

    if (order == NULL || fit_make_room(frame, room) != KP_OK ||
        place_contents(frame, place, order, &count, &end) != KP_OK)
        return KP_FAILED;
    drop_data_string(frame);
    packed = (uint64_t)fdt_off_dt_strings(frame->tree) + fdt_size_dt_strings(frame->tree);
    if (!kp_align(packed, place->align, &size) || size >= FIT_LIMIT)
        return too_large(call, packed);
    if (place->has_position && place->position < size)
        return kp_fail(call, "position: 0x%llx: the tree takes 0x%llx bytes",
                       (unsigned long long)place->position, (unsigned long long)size);
    fdt_set_totalsize(frame->tree, (uint32_t)size);
    if (kp_append(call, frame->tree, packed) != KP_OK ||
        kp_append_fill(call, 0, (place->has_position ? place->position : size) - packed) != KP_OK)
        return KP_FAILED;
    for (i = 0; i < count; i++) {
        uint64_t padded = 0;

        kp_align(order[i]->length, place->align, &padded); /* did so before */
        if (put_pieces(call, order[i]) != KP_OK ||
            kp_append_fill(call, 0, padded - order[i]->length) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

int32_t fit_write(struct fit_frame *frame, const struct fit_place *place)
{
    return place->external ? write_external(frame, place) : write_internal(frame);
}
