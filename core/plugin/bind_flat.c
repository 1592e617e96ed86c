/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/bind_flat.c - see bind_flat.h. The table was checked against the struct when the plugin
 * was opened, and the struct was filled by it: offsets are not checked again.
 */
#include "plugin/bind_flat.h"

#include <string.h>

#include "plugin/bind.h"

/* As malloc has it, so that whatever the plugin's structs hold is aligned there as here. */
#define ALIGNMENT 16u

void kp_flat_free(struct kp_flat *flat)
{
    kp_string_free(&flat->bytes);
    kp_vector_free(&flat->mends);
    kp_vector_free(&flat->segments);
    *flat = (struct kp_flat){0};
}

/* Copies bytes behind the others; where to, in *offset. */
static bool add_segment(struct kp_flat *flat, const void *address, size_t size, uint64_t *offset)
{
    static const char zeros[ALIGNMENT];
    struct kp_flat_segment *segment = KP_PUSH(&flat->segments, struct kp_flat_segment);
    const size_t rest = flat->bytes.length % ALIGNMENT;

    if (segment == NULL)
        return false;
    if (rest != 0)
        kp_string_append(&flat->bytes, zeros, ALIGNMENT - rest);
    *offset = flat->bytes.length;
    kp_string_append(&flat->bytes, address, size);
    *segment = (struct kp_flat_segment){address, *offset, size};
    return !flat->bytes.failed;
}

/* The field at `offset` is a pointer: no address of this process leaves it. */
static bool add_mend(struct kp_flat *flat, struct kp_flat_mend mend)
{
    struct kp_flat_mend *slot = KP_PUSH(&flat->mends, struct kp_flat_mend);

    if (slot == NULL)
        return false;
    *slot = mend;
    memset(flat->bytes.text + mend.offset, 0, sizeof(void *));
    return true;
}

static bool add_table(struct kp_flat *flat, const struct kp_param *const *table,
                      const uint8_t *memory, uint64_t offset);

static bool add_text(struct kp_flat *flat, const uint8_t *field, uint64_t offset)
{
    struct kp_text text;
    uint64_t to;

    memcpy(&text, field, sizeof(text));
    if (text.bytes == NULL)
        return true;
    return add_segment(flat, text.bytes, (size_t)text.length + 1, &to) &&
           add_mend(flat, (struct kp_flat_mend){.offset = offset + offsetof(struct kp_text, bytes),
                                                .value = to});
}

static bool add_handle(struct kp_flat *flat, const struct kp_param *row, const uint8_t *field,
                       uint64_t offset)
{
    const void *handle;

    memcpy(&handle, field, sizeof(handle));
    return handle == NULL ||
           add_mend(flat,
                    (struct kp_flat_mend){.type = row->type, .offset = offset, .handle = handle});
}

/* One value, not a list: `offset` is its copy's. */
static bool add_single(struct kp_flat *flat, const struct kp_param *row, const uint8_t *field,
                       uint64_t offset)
{
    switch (row->type) {
    case KP_TYPE_TEXT:
        return add_text(flat, field, offset);
    case KP_TYPE_IMAGE:
    case KP_TYPE_TREE:
    case KP_TYPE_STAGE:
    case KP_TYPE_KEY:
        return add_handle(flat, row, field, offset);
    case KP_TYPE_RECORD:
        return add_table(flat, row->fields, field, offset);
    default:
        return true;
    }
}

static bool add_list(struct kp_flat *flat, const struct kp_param *row, const uint8_t *field,
                     uint64_t offset)
{
    const size_t size = kp_bind_item_size(row);
    struct kp_list list;
    uint64_t to;

    memcpy(&list, field, sizeof(list));
    if (list.items == NULL)
        return true;
    if (!add_segment(flat, list.items, size * (size_t)list.count, &to) ||
        !add_mend(flat, (struct kp_flat_mend){.offset = offset + offsetof(struct kp_list, items),
                                              .value = to}))
        return false;
    for (size_t i = 0; i < list.count; i++)
        if (!add_single(flat, row, (const uint8_t *)list.items + i * size, to + i * size))
            return false;
    return true;
}

static bool add_table(struct kp_flat *flat, const struct kp_param *const *table,
                      const uint8_t *memory, uint64_t offset)
{
    for (size_t i = 0; table != NULL && table[i] != NULL; i++) {
        const struct kp_param *row = table[i];
        const uint8_t *field = memory + row->offset;
        const bool good = (row->list & KP_PARAM_LIST) != 0
                              ? add_list(flat, row, field, offset + row->offset)
                              : add_single(flat, row, field, offset + row->offset);

        if (!good)
            return false;
    }
    return true;
}

bool kp_flat_make(struct kp_flat *flat, const struct kp_param *const *table, const void *params,
                  uint64_t size)
{
    uint64_t offset;

    return params == NULL || (add_segment(flat, params, (size_t)size, &offset) &&
                              add_table(flat, table, params, offset));
}

const void *kp_flat_address(const struct kp_flat *flat, uint64_t offset)
{
    for (size_t i = 0; i < flat->segments.count; i++) {
        const struct kp_flat_segment *segment =
            &KP_ITEM(&flat->segments, struct kp_flat_segment, i);

        if (offset >= segment->offset && offset - segment->offset < segment->size)
            return segment->address + (offset - segment->offset);
    }
    return NULL;
}
