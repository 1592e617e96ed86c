/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/flatten.c - nodes become a flattened tree, with numbers in place of contents.
 *
 * The bytes are those of dtc (version 17, one empty reservation, the blocks in the order
 * reservations, structure, strings), or, if that is wished, of libfdt's sequential writing, whose
 * strings block grows to the front. Both find a string anywhere in those that are there
 * already, also at the end of a longer one.
 */
#include <string.h>

#include "frame.h"

#define HEADER 40u
/* Of one reservation. */
#define RESERVATION 16u
#define VERSION 17u
#define LAST_COMPATIBLE 16u
#define MKIMAGE_LAST_COMPATIBLE 2u

struct flattener {
    struct kp_call *call;
    struct fit_frame *frame;
    uint32_t like;
    int backward;
    uint8_t *strings; /* of `strings_room` bytes; what is in use lies at their begin or end */
    uint64_t strings_room, strings_used, strings_size; /* the last: of all */
    uint64_t structure;                                /* bytes of it */
    uint32_t contents;
    uint8_t *to; /* second walk: the structure's next byte */
};

static uint8_t *strings_in_use(const struct flattener *f)
{
    return f->backward ? f->strings + f->strings_room - f->strings_used : f->strings;
}

/* Where a string stands among those in use; NULL: nowhere. */
static const uint8_t *find_string(const struct flattener *f, const char *name, size_t length)
{
    const uint8_t *begin = strings_in_use(f), *end = begin + f->strings_used, *at;

    for (at = begin; at + length <= end; at++)
        if (memcmp(at, name, length) == 0)
            return at;
    return NULL;
}

static void add_string(struct flattener *f, const char *name)
{
    const size_t length = strlen(name) + 1;

    if (find_string(f, name, length) != NULL)
        return;
    if (f->backward)
        memcpy(strings_in_use(f) - length, name, length);
    else
        memcpy(f->strings + f->strings_used, name, length);
    f->strings_used += length;
}

/* Offset in the strings block of the next property's name. They are added once more, as a name is
 * looked for only among those before it: of those behind it one may end with it. */
static uint32_t string_offset(struct flattener *f, const char *name)
{
    uint64_t before;

    add_string(f, name);
    before = f->backward ? f->strings_size - f->strings_used : 0;
    return (uint32_t)(before +
                      (uint64_t)(find_string(f, name, strlen(name) + 1) - strings_in_use(f)));
}

static int is_contents(const struct fit_node *node, const struct fit_property *property)
{
    return node->parent != NULL && node->parent->parent != NULL &&
           node->parent->parent->parent == NULL && strcmp(node->parent->name, FIT_IMAGES) == 0 &&
           strcmp(property->name, "data") == 0;
}

static uint64_t padded(uint64_t length)
{
    return (length + 3) & ~(uint64_t)3;
}

/* The next node in the order of the structure, by way of the end of each that has none below or
 * behind it; `ended` counts those ends. */
static const struct fit_node *next_node(const struct fit_node *node, unsigned *ended)
{
    *ended = 0;
    if (node->children != NULL)
        return node->children;
    for (; node != NULL; node = node->parent) {
        ++*ended;
        if (node->next != NULL && node->parent != NULL)
            return node->next;
    }
    return NULL;
}

/* --- first walk: how much there is --- */

static int32_t measure_node(struct flattener *f, const struct fit_node *node)
{
    const struct fit_property *p;

    f->structure += 8 + padded(strlen(node->name) + 1);
    for (p = node->properties; p != NULL; p = p->next) {
        const int contents = is_contents(node, p);

        if (p->length >= FIT_LIMIT)
            return kp_fail(f->call, "fit: %s: %s: %llu bytes: more than a tree can hold",
                           node->name, p->name, (unsigned long long)p->length);
        f->structure += 12 + padded(contents ? 4 : p->length);
        f->contents += contents ? 1 : 0;
        f->strings_room += strlen(p->name) + 1;
        if (f->structure > FIT_FRAME_LIMIT || f->strings_room > FIT_FRAME_LIMIT)
            return kp_fail(f->call, "fit: a tree of more than %llu bytes without contents",
                           (unsigned long long)FIT_FRAME_LIMIT);
    }
    return KP_OK;
}

/* Those with which the block is to begin. */
static void add_given(struct flattener *f, const struct kp_list *strings)
{
    const struct kp_text *texts = strings == NULL ? NULL : strings->items;
    uint64_t i;

    for (i = 0; strings != NULL && i < strings->count; i++)
        add_string(f, texts[i].bytes);
}

static int32_t measure(struct flattener *f, const struct fit_node *root,
                       const struct kp_list *strings)
{
    const struct kp_text *texts = strings == NULL ? NULL : strings->items;
    const uint64_t count = strings == NULL ? 0 : strings->count;
    const struct fit_node *node;
    const struct fit_property *p;
    unsigned ended;
    uint64_t i;

    for (node = root; node != NULL; node = next_node(node, &ended))
        if (measure_node(f, node) != KP_OK)
            return KP_FAILED;
    f->structure += 4;
    for (i = 0; i < count; i++)
        f->strings_room += texts[i].length + 1;
    f->strings = f->call->host->alloc(f->call, f->strings_room + 1);
    if (f->strings == NULL)
        return KP_FAILED;
    add_given(f, strings);
    for (node = root; node != NULL; node = next_node(node, &ended))
        for (p = node->properties; p != NULL; p = p->next)
            add_string(f, p->name);
    return KP_OK;
}

/* --- second walk: the structure --- */

static void put_cell(struct flattener *f, uint32_t value)
{
    kp_put_be32(f->to, value);
    f->to += 4;
}

/* The bytes of a value, which the frame has room for. */
static int32_t put_value(struct flattener *f, const struct fit_property *property)
{
    const struct fit_piece *piece;
    uint8_t *to = f->to;

    for (piece = property->first; piece != NULL; to += piece->length, piece = piece->next)
        if (piece->image == NULL)
            memcpy(to, piece->bytes, (size_t)piece->length);
        else if (f->call->host->image_read(f->call, piece->image, piece->offset, to,
                                           piece->length) != KP_OK)
            return KP_FAILED;
    f->to += padded(property->length);
    return KP_OK;
}

static int32_t put_node(struct flattener *f, const struct fit_node *node)
{
    const struct fit_property *p;

    put_cell(f, FDT_BEGIN_NODE);
    memcpy(f->to, node->name, strlen(node->name) + 1);
    f->to += padded(strlen(node->name) + 1);
    for (p = node->properties; p != NULL; p = p->next) {
        const int contents = is_contents(node, p);

        put_cell(f, FDT_PROP);
        put_cell(f, (uint32_t)(contents ? 4 : p->length));
        put_cell(f, string_offset(f, p->name));
        if (contents) {
            put_cell(f, f->frame->data_count);
            f->frame->data[f->frame->data_count++] =
                (struct fit_data){.first = p->first, .length = p->length};
        } else if (put_value(f, p) != KP_OK) {
            return KP_FAILED;
        }
    }
    return KP_OK;
}

static int32_t put_structure(struct flattener *f, const struct fit_node *root)
{
    const struct fit_node *node = root;
    unsigned ended;

    while (node != NULL) {
        if (put_node(f, node) != KP_OK)
            return KP_FAILED;
        for (node = next_node(node, &ended); ended > 0; ended--)
            put_cell(f, FDT_END_NODE);
    }
    put_cell(f, FDT_END);
    return KP_OK;
}

/* The block of reservations behind the header, with its end. */
static void put_reservations(uint8_t *to, const struct fit_reservation *reservation)
{
    for (; reservation != NULL; reservation = reservation->next, to += RESERVATION) {
        kp_put_be64(to, reservation->address);
        kp_put_be64(to + 8, reservation->size);
    }
}

static void put_header(const struct flattener *f, uint8_t *h, uint64_t struct_at, uint64_t size)
{
    fdt_set_magic(h, FDT_MAGIC);
    fdt_set_totalsize(h, (uint32_t)size);
    fdt_set_off_dt_struct(h, (uint32_t)struct_at);
    fdt_set_off_dt_strings(h, (uint32_t)(struct_at + f->structure));
    fdt_set_off_mem_rsvmap(h, HEADER);
    fdt_set_version(h, VERSION);
    fdt_set_last_comp_version(h, f->like == FIT_LIKE_MKIMAGE ? MKIMAGE_LAST_COMPATIBLE
                                                             : LAST_COMPATIBLE);
    fdt_set_size_dt_strings(h, (uint32_t)f->strings_used);
    fdt_set_size_dt_struct(h, (uint32_t)f->structure);
}

int32_t fit_flatten(struct kp_call *call, const struct fit_node *root,
                    const struct fit_reservation *reservations, const struct kp_list *strings,
                    uint32_t like, struct fit_frame *frame)
{
    struct flattener f = {.call = call,
                          .frame = frame,
                          .like = like,
                          .backward =
                              like != FIT_LIKE_DTC && (strings == NULL || strings->count == 0)};
    const struct fit_reservation *reservation;
    uint64_t struct_at = HEADER + RESERVATION, size;

    memset(frame, 0, sizeof(*frame));
    for (reservation = reservations; reservation != NULL; reservation = reservation->next)
        struct_at += RESERVATION;
    if (measure(&f, root, strings) != KP_OK)
        return KP_FAILED;
    size = struct_at + f.structure + f.strings_used;
    if (size > FIT_FRAME_LIMIT)
        return kp_fail(call, "fit: a tree of more than %llu bytes without contents",
                       (unsigned long long)FIT_FRAME_LIMIT);
    frame->call = call;
    frame->capacity = size;
    frame->tree = call->host->alloc(call, size);
    frame->data = call->host->alloc(call, ((uint64_t)f.contents + 1) * sizeof(*frame->data));
    if (frame->tree == NULL || frame->data == NULL)
        return KP_FAILED;
    put_header(&f, frame->tree, struct_at, size);
    put_reservations(frame->tree + HEADER, reservations);
    f.to = frame->tree + struct_at;
    memcpy(frame->tree + struct_at + f.structure, strings_in_use(&f), (size_t)f.strings_used);
    f.strings_size = f.strings_used;
    f.strings_used = 0;
    add_given(&f, strings);
    return put_structure(&f, root);
}
