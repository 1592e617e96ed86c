/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/read.c - a FIT that somebody else made becomes a frame. One walk checks all of it, a second
 * copies everything but contents.
 *
 * What passes has every offset, name and length inside its block, no two nodes or properties of
 * one name side by side, of which readers might take one or the other, and all contents inside the
 * file. Rules: Devicetree Specification 0.4, sections 5.2 to 5.6; Flattened Image Tree
 * specification, "External data".
 */
#include <string.h>

#include "names.h"

#define HEADER 40u
#define MAGIC 0xd00dfeedu
/* The header's fields. */
#define AT_TOTALSIZE 4u
#define AT_STRUCT 8u
#define AT_STRINGS 12u
#define AT_RESERVATIONS 16u
#define AT_VERSION 20u
#define AT_LAST_COMPATIBLE 24u
#define AT_STRINGS_SIZE 32u
#define AT_STRUCT_SIZE 36u
/* What stands for contents in a frame: a property of four bytes. */
#define TOKEN 16u

/* What an image's node says of its contents. */
struct found {
    int is_image; /* the node that was opened last is one */
    int has_data, has_size, has_offset, has_position;
    uint32_t size, offset, position;
};

struct walk {
    struct kp_call *call;
    const struct kp_image *image;
    const uint8_t *bytes;
    uint64_t file_size;
    uint32_t totalsize, struct_at, struct_size, strings_at, strings_size, reservations_at;
    uint64_t reservations; /* bytes, with those of the end */
    uint64_t strings_end;  /* in the strings block: behind its last NUL */

    uint64_t at;    /* in the structure block: the next token */
    uint32_t depth; /* open nodes */
    int may_have_property, root_done, in_images;
    uint32_t siblings;                      /* nodes in the node of depth 2 that is open */
    uint64_t shared;                        /* bytes of all contents */
    struct found image_found;               /* of the image's node that is open */
    uint32_t nodes, parents[FIT_DEPTH + 1]; /* numbers of the open nodes */

    struct fit_names names;
    uint64_t contents;           /* bytes of the structure that frames do without */
    uint32_t internal, external; /* contents in the structure, and behind the tree */
    uint32_t data_name;          /* where "data" is, or will be, in the strings block */
    uint8_t *to;                 /* second walk: the frame's structure; its length: */
    uint64_t to_length;
    struct fit_frame *frame;
};

static int32_t bad(const struct walk *w, const char *what)
{
    return kp_fail(w->call, "fit: structure: 0x%llx: %s",
                   (unsigned long long)(w->struct_at + w->at), what);
}

static int32_t check_block(const struct walk *w, const char *name, uint32_t at, uint64_t size,
                           uint32_t alignment)
{
    if (at < HEADER || !kp_inside(w->totalsize, at, size))
        return kp_fail(w->call, "fit: %s: %llu bytes at 0x%x: not inside a tree of %u", name,
                       (unsigned long long)size, (unsigned)at, (unsigned)w->totalsize);
    if (at % alignment != 0)
        return kp_fail(w->call, "fit: %s: at 0x%x: not aligned to %u", name, (unsigned)at,
                       (unsigned)alignment);
    return KP_OK;
}

static int32_t read_reservations(struct walk *w)
{
    uint64_t size = 1;

    for (w->reservations = 0; size != 0; w->reservations += 16) {
        if (!kp_inside(w->totalsize, w->reservations_at + w->reservations, 16))
            return kp_fail(w->call, "fit: memory reservations: no end");
        size = kp_be64(w->bytes + w->reservations_at + w->reservations + 8);
    }
    return check_block(w, "memory reservations", w->reservations_at, w->reservations, 8);
}

static int32_t read_header(struct walk *w)
{
    uint32_t version, compatible;

    w->file_size = kp_size(w->call, w->image);
    if (w->file_size < HEADER)
        return kp_fail(w->call, "fit: header: %llu bytes: a tree's needs %u",
                       (unsigned long long)w->file_size, HEADER);
    w->bytes = kp_view(w->call, w->image);
    if (w->bytes == NULL)
        return KP_FAILED;
    if (kp_be32(w->bytes) != MAGIC)
        return kp_fail(w->call, "fit: magic: 0x%08x: not a flattened tree's 0x%08x",
                       (unsigned)kp_be32(w->bytes), MAGIC);
    w->totalsize = kp_be32(w->bytes + AT_TOTALSIZE);
    w->struct_at = kp_be32(w->bytes + AT_STRUCT);
    w->struct_size = kp_be32(w->bytes + AT_STRUCT_SIZE);
    w->strings_at = kp_be32(w->bytes + AT_STRINGS);
    w->strings_size = kp_be32(w->bytes + AT_STRINGS_SIZE);
    w->reservations_at = kp_be32(w->bytes + AT_RESERVATIONS);
    version = kp_be32(w->bytes + AT_VERSION);
    compatible = kp_be32(w->bytes + AT_LAST_COMPATIBLE);
    if (w->totalsize > w->file_size || w->totalsize < HEADER || w->totalsize >= FIT_LIMIT)
        return kp_fail_at(w->call, NULL, "the file was cut short: get it again",
                          "fit: totalsize: %u bytes: the file has %llu", (unsigned)w->totalsize,
                          (unsigned long long)w->file_size);
    if (version < 17 || compatible > 17)
        return kp_fail(w->call, "fit: version: %u, readable as %u: only 17 is known",
                       (unsigned)version, (unsigned)compatible);
    return KP_OK;
}

/* A name that is not cut off, of characters that paths and files can have. */
static int is_name(const uint8_t *name, uint64_t length)
{
    uint64_t i;

    for (i = 0; i < length; i++)
        if (name[i] <= ' ' || name[i] >= 0x7f || name[i] == '/')
            return 0;
    return length > 0 && length <= FIT_NAME;
}

/* Remembers a name of the open node; fails if the node has it already. */
static int32_t take_name(struct walk *w, uint32_t node, char what, const uint8_t *name,
                         uint64_t length)
{
    const int taken = fit_take_name(w->call, &w->names, node, what, name, length);

    if (taken == 0)
        return bad(w, "a second node or property of the same name");
    return taken > 0 ? KP_OK : KP_FAILED;
}

static int32_t begin_node(struct walk *w)
{
    const uint8_t *name = w->bytes + w->struct_at + w->at + 4;
    const uint8_t *end;
    uint64_t length;

    if (w->root_done)
        return bad(w, "a second root node");
    if (w->depth == FIT_DEPTH)
        return bad(w, "nodes nested deeper than 64");
    end = memchr(name, 0, (size_t)(w->struct_size - w->at - 4));
    if (end == NULL)
        return bad(w, "a node's name without an end");
    length = (uint64_t)(end - name);
    if (w->depth == 0 ? length != 0 : !is_name(name, length))
        return bad(w, "a node's name is too long, missing or has characters that no name has");
    if (w->to == NULL &&
        take_name(w, w->depth == 0 ? 0 : w->parents[w->depth - 1], '/', name, length) != KP_OK)
        return KP_FAILED;
    if (w->depth == 1)
        w->siblings = 0;
    if (w->depth == 2 && ++w->siblings > FIT_MOST_NODES)
        return bad(w, "more than 4096 nodes in a node of the root");
    if (w->depth == 1)
        w->in_images = strcmp((const char *)name, FIT_IMAGES) == 0;
    w->parents[w->depth++] = ++w->nodes;
    w->image_found = (struct found){.is_image = w->depth == 3 && w->in_images};
    w->may_have_property = 1;
    w->at += 4 + ((length + 1 + 3) & ~(uint64_t)3);
    return KP_OK;
}

/* Contents of an image: what the frame has in their place. */
static int32_t put_contents(struct walk *w, uint64_t at, uint64_t length, uint8_t external)
{
    struct fit_frame *frame = w->frame;
    struct fit_piece *piece = w->call->host->alloc(w->call, sizeof(*piece));
    uint8_t *to = w->to + w->to_length;

    if (piece == NULL)
        return KP_FAILED;
    w->shared += length; /* of at most FIT_MOST_NODES contents, each no longer than the file */
    if (w->shared / FIT_MOST_SHARED > w->file_size)
        return bad(w, "contents that lie in each other, again and again");
    *piece = (struct fit_piece){.image = w->image, .offset = at, .length = length};
    kp_put_be32(to, FDT_PROP);
    kp_put_be32(to + 4, 4);
    kp_put_be32(to + 8, w->data_name);
    kp_put_be32(to + 12, frame->data_count);
    w->to_length += TOKEN;
    frame->data[frame->data_count++] =
        (struct fit_data){.first = piece, .length = length, .at = at, .external = external};
    return KP_OK;
}

/* The last property of an image's node was read. */
static int32_t end_properties(struct walk *w)
{
    const struct found *f = &w->image_found;
    uint64_t at = f->position;

    if (!f->is_image || f->has_data || !f->has_size || (!f->has_offset && !f->has_position))
        return KP_OK;
    if (w->to == NULL) {
        w->external++;
        return KP_OK;
    }
    if (!f->has_position) /* which U-Boot looks at first: boot/image-fit.c, fit_image_get_data */
        at = (((uint64_t)w->totalsize + 3) & ~(uint64_t)3) + f->offset;
    if (!kp_inside(w->file_size, at, f->size))
        return kp_fail_at(w->call, NULL, "the file was cut short: get it again",
                          "fit: %s: %u bytes at 0x%llx: not inside a file of %llu",
                          f->has_position ? "data-position" : "data-offset", (unsigned)f->size,
                          (unsigned long long)at, (unsigned long long)w->file_size);
    return put_contents(w, at, f->size, 1);
}

/* What a property of an image's node says of its contents. */
static int32_t image_property(struct walk *w, const char *name, uint32_t length, uint64_t *copied)
{
    const uint8_t *value = w->bytes + w->struct_at + w->at + 12;
    struct found *f = &w->image_found;

    if (strcmp(name, "data") == 0) {
        f->has_data = 1;
        if (w->to != NULL) {
            *copied = 0;
            return put_contents(w, w->struct_at + w->at + 12, length, 0);
        }
        w->internal++;
        w->contents += 12 + (((uint64_t)length + 3) & ~(uint64_t)3);
    } else if (length == 4 && strcmp(name, "data-size") == 0) {
        f->has_size = 1;
        f->size = kp_be32(value);
    } else if (length == 4 && strcmp(name, "data-offset") == 0) {
        f->has_offset = 1;
        f->offset = kp_be32(value);
    } else if (length == 4 && strcmp(name, "data-position") == 0) {
        f->has_position = 1;
        f->position = kp_be32(value);
    }
    return KP_OK;
}

static int32_t property(struct walk *w, uint64_t *copied)
{
    const uint8_t *structure = w->bytes + w->struct_at;
    const uint8_t *strings = w->bytes + w->strings_at;
    uint32_t length, name;
    size_t name_length;
    int32_t result = KP_OK;

    if (w->depth == 0 || !w->may_have_property)
        return bad(w, "a property outside of a node, or behind its child nodes");
    if (!kp_read_be32(structure, w->struct_size, w->at + 4, &length) ||
        !kp_read_be32(structure, w->struct_size, w->at + 8, &name) ||
        !kp_inside(w->struct_size, w->at + 12, length))
        return bad(w, "a property that is longer than the structure");
    if (name >= w->strings_end)
        return bad(w, "a property whose name is not in the strings block");
    name_length = strnlen((const char *)strings + name, FIT_NAME + 1);
    if (!is_name(strings + name, name_length))
        return bad(w, "a property's name is empty, too long or has characters that no name has");
    if (w->to == NULL &&
        take_name(w, w->parents[w->depth - 1], ':', strings + name, name_length) != KP_OK)
        return KP_FAILED;
    if (w->image_found.is_image)
        result = image_property(w, (const char *)strings + name, length, copied);
    w->at += 12 + (((uint64_t)length + 3) & ~(uint64_t)3);
    return result;
}

static int32_t end_node(struct walk *w)
{
    if (w->depth == 0)
        return bad(w, "the end of a node that has not begun");
    w->depth--;
    w->root_done = w->depth == 0;
    w->image_found.is_image = 0;
    w->may_have_property = 0;
    w->at += 4;
    return KP_OK;
}

/* One token, copied if this is the second walk; *ended if it was the last. */
static int32_t step(struct walk *w, int *ended)
{
    const uint64_t begin = w->at;
    uint64_t copied = 1;
    uint32_t token;
    int32_t result = KP_OK;

    if (!kp_read_be32(w->bytes + w->struct_at, w->struct_size, w->at, &token))
        return bad(w, "the structure has no end");
    if ((token == FDT_BEGIN_NODE || token == FDT_END_NODE) && end_properties(w) != KP_OK)
        return KP_FAILED;
    switch (token) {
    case FDT_BEGIN_NODE:
        result = begin_node(w);
        break;
    case FDT_PROP:
        result = property(w, &copied);
        break;
    case FDT_END_NODE:
        result = end_node(w);
        break;
    case FDT_NOP:
        w->at += 4;
        break;
    case FDT_END:
        *ended = 1;
        if (!w->root_done)
            return bad(w, "the structure ends within a node");
        w->at += 4;
        if (w->at != w->struct_size)
            return bad(w, "bytes behind the structure's end");
        break;
    default:
        return bad(w, "a token that the format does not have");
    }
    if (result == KP_OK && w->to != NULL && copied != 0) {
        memcpy(w->to + w->to_length, w->bytes + w->struct_at + begin, (size_t)(w->at - begin));
        w->to_length += w->at - begin;
    }
    return result;
}

static int32_t walk_structure(struct walk *w)
{
    int ended = 0;

    w->at = w->nodes = w->depth = 0;
    w->root_done = 0;
    w->image_found.is_image = 0;
    while (!ended) {
        if (w->at > w->struct_size)
            return bad(w, "the structure has no end");
        if (step(w, &ended) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

/* Finds "data" in the strings block; without it, it will stand at the end. */
static int find_data_name(struct walk *w)
{
    const uint8_t *strings = w->bytes + w->strings_at;
    uint64_t at;

    for (at = 0; at + sizeof("data") <= w->strings_end; at++)
        if (memcmp(strings + at, "data", sizeof("data")) == 0)
            break;
    w->data_name = (uint32_t)(at + sizeof("data") <= w->strings_end ? at : w->strings_size);
    return w->data_name != w->strings_size;
}

/* What follows the last block. */
static uint32_t space_of(const struct walk *w)
{
    const uint32_t structure_end = w->struct_at + w->struct_size;
    const uint32_t strings_end = w->strings_at + w->strings_size;

    return w->totalsize - (structure_end > strings_end ? structure_end : strings_end);
}

/* The frame's blocks, in the order in which libfdt wants them. */
static int32_t make_frame(struct walk *w, struct fit_frame *frame)
{
    const uint32_t count = w->internal + w->external;
    const uint64_t structure = w->at - w->contents + TOKEN * (uint64_t)count;
    const uint64_t struct_at = HEADER + w->reservations;
    const int named = find_data_name(w) || w->external == 0;
    const uint64_t strings = w->strings_size + (named ? 0 : sizeof("data"));
    const uint64_t size = struct_at + structure + strings;

    if (size > FIT_FRAME_LIMIT)
        return kp_fail(w->call, "fit: a tree of %llu bytes without contents: more than %llu",
                       (unsigned long long)size, (unsigned long long)FIT_FRAME_LIMIT);
    frame->call = w->call;
    frame->tree = w->call->host->alloc(w->call, size);
    frame->data = w->call->host->alloc(w->call, ((uint64_t)count + 1) * sizeof(*frame->data));
    if (frame->tree == NULL || frame->data == NULL)
        return KP_FAILED;
    frame->capacity = size;
    frame->totalsize = w->totalsize;
    frame->file_size = w->file_size;
    frame->strings_read = w->strings_size;
    frame->space_read = space_of(w);
    frame->data_appended = !named;
    memcpy(frame->tree, w->bytes, HEADER);
    memcpy(frame->tree + HEADER, w->bytes + w->reservations_at, (size_t)w->reservations);
    memcpy(frame->tree + struct_at + structure, w->bytes + w->strings_at, w->strings_size);
    if (!named)
        memcpy(frame->tree + size - sizeof("data"), "data", sizeof("data"));
    fdt_set_totalsize(frame->tree, (uint32_t)size);
    fdt_set_off_mem_rsvmap(frame->tree, HEADER);
    fdt_set_off_dt_struct(frame->tree, (uint32_t)struct_at);
    fdt_set_off_dt_strings(frame->tree, (uint32_t)(struct_at + structure));
    fdt_set_size_dt_struct(frame->tree, (uint32_t)structure);
    fdt_set_size_dt_strings(frame->tree, (uint32_t)strings);
    w->to = frame->tree + struct_at;
    w->frame = frame;
    return walk_structure(w);
}

int32_t fit_read(struct kp_call *call, const struct kp_image *fit, struct fit_frame *frame)
{
    struct walk w = {.call = call, .image = fit};
    int code;

    memset(frame, 0, sizeof(*frame));
    if (read_header(&w) != KP_OK || read_reservations(&w) != KP_OK ||
        check_block(&w, "structure", w.struct_at, w.struct_size, 4) != KP_OK ||
        check_block(&w, "strings", w.strings_at, w.strings_size, 1) != KP_OK)
        return KP_FAILED;
    for (w.strings_end = w.strings_size;
         w.strings_end > 0 && w.bytes[w.strings_at + w.strings_end - 1] != 0;)
        w.strings_end--;
    if (walk_structure(&w) != KP_OK || make_frame(&w, frame) != KP_OK)
        return KP_FAILED;
    code = fdt_check_full(frame->tree, fdt_totalsize(frame->tree));
    return code == 0 ? KP_OK : kp_fail(call, "fit: libfdt: %s", fdt_strerror(code));
}
