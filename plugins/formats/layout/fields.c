/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/layout/fields.c - fields of headers, by their names: numbers and text that stand over the
 * bytes of regions, or where no region is. A number can be computed of a region's size or place, so
 * that a header fits what was laid out.
 *
 * What a field is for is not known here: checksums, and whatever else follows from more than one
 * region, are the format's.
 */
#include "layout.h"

#define ORDER_LITTLE 0u
#define ORDER_BIG 1u
#define NUMBER_MAX 8u

static const struct kp_choice *const orders[] = {
    KP_ONE_OF(ORDER_LITTLE, "little", "least significant byte first"),
    KP_ONE_OF(ORDER_BIG, "big", "most significant byte first"),
    NULL,
};

const struct kp_param *const layout_field_table[] = {
    KP_TEXT(struct field, name, .flags = KP_PARAM_REQUIRED, .minimum = 1, .maximum = 64,
            .summary = "name, for messages: what `kpipe inspect` calls it"),
    KP_UINT(struct field, at, .flags = KP_PARAM_HEX | KP_PARAM_REQUIRED, .unit = "bytes",
            .maximum = UINT64_MAX, .summary = "where it stands in the whole"),
    KP_UINT(struct field, size, .flags = KP_PARAM_REQUIRED, .minimum = 1,
            .maximum = FIELD_BYTES_MAX, .unit = "bytes",
            .summary = "its size; at most 8 for a number; zeros follow a shorter text"),
    KP_UINT(struct field, value, .flags = KP_PARAM_HEX, .maximum = UINT64_MAX,
            .presence = offsetof(struct field, has_value), .summary = "a number"),
    KP_TEXT(struct field, text, .maximum = FIELD_BYTES_MAX,
            .presence = offsetof(struct field, has_text), .summary = "a text"),
    KP_TEXT(struct field, hex, .maximum = UINT64_C(2) * FIELD_BYTES_MAX,
            .presence = offsetof(struct field, has_hex),
            .summary = "bytes, two hexadecimal digits each"),
    KP_TEXT(struct field, size_of, .presence = offsetof(struct field, has_size_of), .maximum = 64,
            .summary = "a number: how many bytes the image in this region has",
            .help = "`whole` means all regions together."),
    KP_TEXT(struct field, offset_of, .presence = offsetof(struct field, has_offset_of),
            .maximum = 64, .summary = "a number: where this region begins"),
    KP_IMAGE(struct field, length_of, .summary = "a number: how many bytes this image has",
             .help = "Any image, also one that is in no region: what is compressed in one."),
    KP_UINT(struct field, unit, .minimum = 1, .maximum = UINT32_MAX, .fallback = "1",
            .unit = "bytes", .summary = "sizes and offsets count in so many bytes, rounded up"),
    KP_UINT(struct field, round, .minimum = 1, .maximum = UINT32_MAX, .fallback = "1",
            .unit = "bytes", .summary = "sizes and offsets are rounded up to a multiple of this"),
    KP_INT(struct field, add, .fallback = "0", .summary = "is added to the size or offset"),
    KP_CHOICE(struct field, order, .choices = orders, .fallback = "little",
              .summary = "the order of a number's bytes"),
    NULL,
};

static int32_t field_fail(struct kp_call *call, const struct field *field, const void *at,
                          const char *why)
{
    return kp_fail_at(call, at, NULL, "field %s: %s", field->name.bytes, why);
}

static const struct placed *find_region(const struct layout *layout, const struct kp_text *name)
{
    for (uint64_t i = 0; i < layout->count; i++)
        if (strcmp(layout->placed[i].region->name.bytes, name->bytes) == 0)
            return &layout->placed[i];
    return NULL;
}

/* The number of bytes that the field tells of; false after reporting. */
static int measure(struct kp_call *call, const struct layout *layout, const struct field *field,
                   uint64_t *bytes)
{
    const struct kp_text *const name = field->has_size_of ? &field->size_of : &field->offset_of;
    const struct placed *placed;

    if (field->length_of != NULL) {
        *bytes = kp_size(call, field->length_of);
        return 1;
    }
    if (field->has_size_of && strcmp(name->bytes, "whole") == 0) {
        *bytes = layout->size;
        return 1;
    }
    placed = find_region(layout, name);
    if (placed == NULL) {
        kp_fail_at(call, name, NULL, "field %s: region '%s': there is none of this name",
                   field->name.bytes, name->bytes);
        return 0;
    }
    *bytes = field->has_size_of ? placed->used : placed->offset;
    return 1;
}

static int compute(struct kp_call *call, const struct layout *layout, const struct field *field,
                   uint64_t *number)
{
    const uint64_t add = (uint64_t)field->add;
    uint64_t bytes;

    if (field->has_value) {
        *number = field->value;
        return 1;
    }
    if (!measure(call, layout, field, &bytes))
        return 0;
    if (!kp_align(bytes, field->round, &bytes)) {
        kp_fail_at(call, &field->round, NULL, "field %s: round: beyond 2^64", field->name.bytes);
        return 0;
    }
    *number = bytes / field->unit + (bytes % field->unit != 0);
    /* Two's complement: a sum that leaves the numbers is on the wrong side of its first term. */
    if (field->add < 0 ? *number + add <= *number : *number + add >= *number) {
        *number += add;
        return 1;
    }
    kp_fail_at(call, &field->add, NULL, "field %s: add: %lld: to %llu that gives no number",
               field->name.bytes, (long long)field->add, ULL(*number));
    return 0;
}

static int32_t put_number(struct kp_call *call, const struct layout *layout,
                          const struct field *field, uint8_t *bytes)
{
    uint64_t number;

    if (field->size > NUMBER_MAX)
        return field_fail(call, field, &field->size, "a number of more than 8 bytes");
    if (!compute(call, layout, field, &number))
        return KP_FAILED;
    if (field->size < NUMBER_MAX && number >> (8 * field->size) != 0)
        return kp_fail_at(call, &field->size, NULL, "field %s: 0x%llx: does not fit %llu bytes",
                          field->name.bytes, ULL(number), ULL(field->size));
    for (uint64_t i = 0; i < field->size; i++) {
        const uint64_t place = field->order == ORDER_BIG ? field->size - 1 - i : i;

        bytes[place] = (uint8_t)(number >> (8 * i));
    }
    return KP_OK;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int32_t put_hex(struct kp_call *call, const struct field *field, uint8_t *bytes)
{
    if (field->hex.length != 2 * field->size)
        return field_fail(call, field, &field->hex,
                          "hex: not two digits for each byte of its size");
    for (uint64_t i = 0; i < field->hex.length; i++) {
        const int value = digit(field->hex.bytes[i]);

        if (value < 0)
            return field_fail(call, field, &field->hex, "hex: a character that is no digit");
        bytes[i / 2] = (uint8_t)(bytes[i / 2] << 4 | value);
    }
    return KP_OK;
}

static int32_t fill_patch(struct kp_call *call, const struct layout *layout, struct patch *patch)
{
    const struct field *const field = patch->field;
    const int ways = field->has_value + field->has_text + field->has_hex + field->has_size_of +
                     field->has_offset_of + (field->length_of != NULL);
    uint64_t end;

    if (ways != 1)
        return field_fail(call, field, &field->name,
                          "one of value, text, hex, size_of, offset_of, length_of must be there");
    if (!kp_add(field->at, field->size, &end) || end > layout->size)
        return kp_fail_at(call, &field->at, "give 'size' to make the whole larger",
                          "field %s: %llu bytes at 0x%llx: behind the end, 0x%llx",
                          field->name.bytes, ULL(field->size), ULL(field->at), ULL(layout->size));
    patch->offset = field->at;
    patch->length = field->size;
    patch->bytes = call->host->alloc(call, field->size);
    if (patch->bytes == NULL)
        return KP_FAILED;
    if (field->has_hex)
        return put_hex(call, field, patch->bytes);
    if (!field->has_text)
        return put_number(call, layout, field, patch->bytes);
    if (field->text.length > field->size)
        return field_fail(call, field, &field->text, "text: longer than its size");
    memcpy(patch->bytes, field->text.bytes, (size_t)field->text.length);
    return KP_OK;
}

/* The size of what is compressed may stand behind that or in it, as in gzip's own trailer. Where it
 * stands at the end of room that is not filled, it could reach over the end of it and spoil it. */
static int32_t check_ends(struct kp_call *call, const struct layout *layout,
                          const struct patch *patch)
{
    const uint64_t patch_end = patch->offset + patch->length;

    for (uint64_t i = 0; patch->field->length_of != NULL && i < layout->count; i++) {
        const struct placed *const placed = &layout->placed[i];
        const uint64_t end = placed->offset + placed->used;

        if (patch->offset >= placed->offset && patch->offset < end && patch_end > end)
            return kp_fail_at(call, &patch->field->at,
                              "make the image shorter or longer by some bytes: another level of a "
                              "codec does",
                              "field %s: at 0x%llx: reaches over the end of region %s, 0x%llx",
                              patch->field->name.bytes, ULL(patch->offset),
                              placed->region->name.bytes, ULL(end));
    }
    return KP_OK;
}

static int by_offset(const void *left, const void *right)
{
    const struct patch *a = (const struct patch *)left, *b = (const struct patch *)right;

    if (a->offset != b->offset)
        return a->offset < b->offset ? -1 : 1;
    return a->field < b->field ? -1 : a->field > b->field;
}

int32_t layout_fields(struct kp_call *call, const struct layout *layout, struct writer *writer)
{
    const struct layout_params *params = (const struct layout_params *)call->params;
    const struct field *fields = (const struct field *)params->fields.items;
    const uint64_t count = params->fields.count;
    struct patch *patches = call->host->alloc(call, (count + 1) * sizeof(*patches));

    *writer = (struct writer){.call = call, .patches = patches, .count = count};
    if (patches == NULL)
        return KP_FAILED;
    for (uint64_t i = 0; i < count; i++) {
        patches[i].field = &fields[i];
        if (fill_patch(call, layout, &patches[i]) != KP_OK ||
            check_ends(call, layout, &patches[i]) != KP_OK)
            return KP_FAILED;
    }
    qsort(patches, (size_t)count, sizeof(*patches), by_offset);
    for (uint64_t i = 1; i < count; i++)
        if (patches[i - 1].offset + patches[i - 1].length > patches[i].offset)
            return kp_fail_at(call, &patches[i].field->at, NULL, "field %s: at 0x%llx: within %s",
                              patches[i].field->name.bytes, ULL(patches[i].offset),
                              patches[i - 1].field->name.bytes);
    return KP_OK;
}

int32_t layout_write(struct writer *writer, const struct kp_image *image, uint8_t fill,
                     uint64_t length)
{
    const struct kp_host *const host = writer->call->host;
    struct kp_output *const output = writer->call->output;

    for (uint64_t done = 0, step; done < length; done += step) {
        const uint64_t at = host->output_size(writer->call, output);
        const struct patch *patch;
        int32_t result;

        while (writer->next < writer->count &&
               writer->patches[writer->next].offset + writer->patches[writer->next].length <= at)
            writer->next++;
        patch = writer->next < writer->count ? &writer->patches[writer->next] : NULL;
        step = length - done;
        if (patch != NULL && patch->offset <= at) {
            const uint64_t from = at - patch->offset;

            step = patch->length - from < step ? patch->length - from : step;
            result = host->output_append(writer->call, output, patch->bytes + from, step);
        } else {
            if (patch != NULL && patch->offset - at < step)
                step = patch->offset - at;
            result = image != NULL ? host->output_image(writer->call, output, image, done, step)
                                   : host->output_fill(writer->call, output, fill, step);
        }
        if (result != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}
