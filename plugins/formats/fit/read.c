/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/read.c - a FIT that somebody else made becomes a frame. One walk (common/tree_walk.c) checks all
 * of it, a second copies everything but contents.
 *
 * What passes has every offset, name and length inside its block, no two nodes or properties of
 * one name side by side, of which readers might take one or the other, and all contents inside the
 * file. Rules: Devicetree Specification 0.4, sections 5.2 to 5.6; Flattened Image Tree
 * specification, "External data".
 */
#include <string.h>

#include "../../common/tree_walk.h"
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

struct reader {
    struct kp_call *call;
    const struct kp_image *image;
    const uint8_t *bytes;
    uint64_t file_size;
    uint32_t totalsize, struct_at, struct_size, strings_at, strings_size, reservations_at;
    uint64_t reservations; /* bytes, with those of the end */

    struct tree_walk walk;
    int in_images;
    int is_contents;                         /* the property that was read last stands for some */
    uint32_t siblings;                       /* nodes in the node of depth 2 that is open */
    uint64_t shared;                         /* bytes of all contents */
    struct found image_found;                /* of the image's node that is open */
    uint32_t nodes, parents[TREE_DEPTH + 1]; /* numbers of the open nodes */

    struct fit_names names;
    uint64_t contents;           /* bytes of the structure that frames do without */
    uint32_t internal, external; /* contents in the structure, and behind the tree */
    uint32_t data_name;          /* where "data" is, or will be, in the strings block */
    uint8_t *to;                 /* second walk: the frame's structure; its length: */
    uint64_t to_length;
    struct fit_frame *frame;
};

static int32_t check_block(const struct reader *r, const char *name, uint32_t at, uint64_t size,
                           uint32_t alignment)
{
    if (at < HEADER || !kp_inside(r->totalsize, at, size))
        return kp_fail(r->call, "fit: %s: %llu bytes at 0x%x: not inside a tree of %u", name,
                       (unsigned long long)size, (unsigned)at, (unsigned)r->totalsize);
    if (at % alignment != 0)
        return kp_fail(r->call, "fit: %s: at 0x%x: not aligned to %u", name, (unsigned)at,
                       (unsigned)alignment);
    return KP_OK;
}

static int32_t read_reservations(struct reader *r)
{
    uint64_t size = 1;

    for (r->reservations = 0; size != 0; r->reservations += 16) {
        if (!kp_inside(r->totalsize, r->reservations_at + r->reservations, 16))
            return kp_fail(r->call, "fit: memory reservations: no end");
        size = kp_be64(r->bytes + r->reservations_at + r->reservations + 8);
    }
    return check_block(r, "memory reservations", r->reservations_at, r->reservations, 8);
}

static int32_t read_header(struct reader *r)
{
    uint32_t version, compatible;

    r->file_size = kp_size(r->call, r->image);
    if (r->file_size < HEADER)
        return kp_fail(r->call, "fit: header: %llu bytes: a tree's needs %u",
                       (unsigned long long)r->file_size, HEADER);
    r->bytes = kp_view(r->call, r->image);
    if (r->bytes == NULL)
        return KP_FAILED;
    if (kp_be32(r->bytes) != MAGIC)
        return kp_fail(r->call, "fit: magic: 0x%08x: not a flattened tree's 0x%08x",
                       (unsigned)kp_be32(r->bytes), MAGIC);
    r->totalsize = kp_be32(r->bytes + AT_TOTALSIZE);
    r->struct_at = kp_be32(r->bytes + AT_STRUCT);
    r->struct_size = kp_be32(r->bytes + AT_STRUCT_SIZE);
    r->strings_at = kp_be32(r->bytes + AT_STRINGS);
    r->strings_size = kp_be32(r->bytes + AT_STRINGS_SIZE);
    r->reservations_at = kp_be32(r->bytes + AT_RESERVATIONS);
    version = kp_be32(r->bytes + AT_VERSION);
    compatible = kp_be32(r->bytes + AT_LAST_COMPATIBLE);
    if (r->totalsize > r->file_size || r->totalsize < HEADER || r->totalsize >= FIT_LIMIT)
        return kp_fail_at(r->call, NULL, "the file was cut short: get it again",
                          "fit: totalsize: %u bytes: the file has %llu", (unsigned)r->totalsize,
                          (unsigned long long)r->file_size);
    if (version < 17 || compatible > 17)
        return kp_fail(r->call, "fit: version: %u, readable as %u: only 17 is known",
                       (unsigned)version, (unsigned)compatible);
    return KP_OK;
}

/* Remembers a name of the open node; fails if the node has it already. */
static int32_t take_name(struct reader *r, char what, const char *name, uint64_t length)
{
    const uint32_t node = r->walk.depth == 0 ? 0 : r->parents[r->walk.depth - 1];
    const int taken = fit_take_name(r->call, &r->names, node, what, (const uint8_t *)name, length);

    if (taken == 0)
        return tree_bad(&r->walk, "a second node or property of the same name");
    return taken > 0 ? KP_OK : KP_FAILED;
}

/* Contents of an image: what the frame has in their place. */
static int32_t put_contents(struct reader *r, uint64_t at, uint64_t length, uint8_t external)
{
    struct fit_frame *frame = r->frame;
    struct fit_piece *piece = r->call->host->alloc(r->call, sizeof(*piece));
    uint8_t *to = r->to + r->to_length;

    if (piece == NULL)
        return KP_FAILED;
    r->shared += length; /* of at most FIT_MOST_NODES contents, each no longer than the file */
    if (r->shared / FIT_MOST_SHARED > r->file_size)
        return tree_bad(&r->walk, "contents that lie in each other, again and again");
    *piece = (struct fit_piece){.image = r->image, .offset = at, .length = length};
    kp_put_be32(to, FDT_PROP);
    kp_put_be32(to + 4, 4);
    kp_put_be32(to + 8, r->data_name);
    kp_put_be32(to + 12, frame->data_count);
    r->to_length += TOKEN;
    frame->data[frame->data_count++] =
        (struct fit_data){.first = piece, .length = length, .at = at, .external = external};
    return KP_OK;
}

/* The last property of an image's node was read. */
static int32_t end_properties(struct reader *r)
{
    const struct found *f = &r->image_found;
    uint64_t at = f->position;

    if (!f->is_image || f->has_data || !f->has_size || (!f->has_offset && !f->has_position))
        return KP_OK;
    if (r->to == NULL) {
        r->external++;
        return KP_OK;
    }
    if (!f->has_position) /* which U-Boot looks at first: boot/image-fit.c, fit_image_get_data */
        at = (((uint64_t)r->totalsize + 3) & ~(uint64_t)3) + f->offset;
    if (!kp_inside(r->file_size, at, f->size))
        return kp_fail_at(r->call, NULL, "the file was cut short: get it again",
                          "fit: %s: %u bytes at 0x%llx: not inside a file of %llu",
                          f->has_position ? "data-position" : "data-offset", (unsigned)f->size,
                          (unsigned long long)at, (unsigned long long)r->file_size);
    return put_contents(r, at, f->size, 1);
}

/* What a property of an image's node says of its contents. */
static int32_t image_property(struct reader *r, const char *name, const uint8_t *value,
                              uint32_t length)
{
    struct found *f = &r->image_found;

    if (strcmp(name, "data") == 0) {
        f->has_data = 1;
        if (r->to != NULL)
            return put_contents(r, (uint64_t)(value - r->bytes), length, 0);
        r->internal++;
        r->contents += 12 + (((uint64_t)length + 3) & ~(uint64_t)3);
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

/* --- the walk --- */

static int32_t begin_node(struct tree_walk *walk, const char *name, uint64_t length)
{
    struct reader *r = walk->data;

    if (end_properties(r) != KP_OK)
        return KP_FAILED;
    if (length > TREE_NAME)
        return tree_bad(walk, "a node's name is too long");
    if (r->to == NULL && take_name(r, '/', name, length) != KP_OK)
        return KP_FAILED;
    if (walk->depth == 1) {
        r->siblings = 0;
        r->in_images = strcmp(name, FIT_IMAGES) == 0;
    }
    if (walk->depth == 2 && ++r->siblings > FIT_MOST_NODES)
        return tree_bad(walk, "more than 4096 nodes in a node of the root");
    r->parents[walk->depth] = ++r->nodes;
    r->image_found = (struct found){.is_image = walk->depth == 2 && r->in_images};
    return KP_OK;
}

static int32_t property(struct tree_walk *walk, const char *name, const uint8_t *value,
                        uint32_t length)
{
    struct reader *r = walk->data;

    if (r->to == NULL && take_name(r, ':', name, strlen(name)) != KP_OK)
        return KP_FAILED;
    r->is_contents = r->image_found.is_image && strcmp(name, "data") == 0;
    return r->image_found.is_image ? image_property(r, name, value, length) : KP_OK;
}

static int32_t end_node(struct tree_walk *walk)
{
    struct reader *r = walk->data;

    if (end_properties(r) != KP_OK)
        return KP_FAILED;
    r->image_found.is_image = 0;
    return KP_OK;
}

/* Copies what is no contents, if this is the second walk. */
static int32_t token(struct tree_walk *walk, uint32_t token, uint64_t from)
{
    struct reader *r = walk->data;

    if (token == FDT_END && walk->at != walk->structure_size)
        return tree_bad(walk, "bytes behind the structure's end");
    if (r->to == NULL || (token == FDT_PROP && r->is_contents))
        return KP_OK;
    memcpy(r->to + r->to_length, walk->structure + from, (size_t)(walk->at - from));
    r->to_length += walk->at - from;
    return KP_OK;
}

static int32_t walk_structure(struct reader *r)
{
    r->nodes = 0;
    r->image_found.is_image = 0;
    r->walk = (struct tree_walk){.call = r->call,
                                 .name = "fit",
                                 .structure = r->bytes + r->struct_at,
                                 .structure_size = r->struct_size,
                                 .structure_at = r->struct_at,
                                 .strings = r->bytes + r->strings_at,
                                 .strings_size = r->strings_size,
                                 .begin = begin_node,
                                 .property = property,
                                 .end = end_node,
                                 .token = token,
                                 .data = r};
    return tree_walk(&r->walk);
}

/* Finds "data" in the strings block; without it, it will stand at the end. */
static int find_data_name(struct reader *r)
{
    const uint8_t *strings = r->bytes + r->strings_at;
    uint64_t at;

    for (at = 0; at + sizeof("data") <= r->walk.strings_end; at++)
        if (memcmp(strings + at, "data", sizeof("data")) == 0)
            break;
    r->data_name = (uint32_t)(at + sizeof("data") <= r->walk.strings_end ? at : r->strings_size);
    return r->data_name != r->strings_size;
}

/* What follows the last block. */
static uint32_t space_of(const struct reader *r)
{
    const uint32_t structure_end = r->struct_at + r->struct_size;
    const uint32_t strings_end = r->strings_at + r->strings_size;

    return r->totalsize - (structure_end > strings_end ? structure_end : strings_end);
}

/* The frame's blocks, in the order in which libfdt wants them. */
static int32_t make_frame(struct reader *r, struct fit_frame *frame)
{
    const uint32_t count = r->internal + r->external;
    const uint64_t structure = r->struct_size - r->contents + TOKEN * (uint64_t)count;
    const uint64_t struct_at = HEADER + r->reservations;
    const int named = find_data_name(r) || r->external == 0;
    const uint64_t strings = r->strings_size + (named ? 0 : sizeof("data"));
    const uint64_t size = struct_at + structure + strings;

    if (size > FIT_FRAME_LIMIT)
        return kp_fail(r->call, "fit: a tree of %llu bytes without contents: more than %llu",
                       (unsigned long long)size, (unsigned long long)FIT_FRAME_LIMIT);
    frame->call = r->call;
    frame->tree = r->call->host->alloc(r->call, size);
    frame->data = r->call->host->alloc(r->call, ((uint64_t)count + 1) * sizeof(*frame->data));
    frame->work = r->call->host->alloc(r->call, sizeof(*frame->work));
    if (frame->tree == NULL || frame->data == NULL || frame->work == NULL)
        return KP_FAILED;
    frame->capacity = size;
    frame->totalsize = r->totalsize;
    frame->file_size = r->file_size;
    frame->strings_read = r->strings_size;
    frame->space_read = space_of(r);
    frame->data_appended = !named;
    memcpy(frame->tree, r->bytes, HEADER);
    memcpy(frame->tree + HEADER, r->bytes + r->reservations_at, (size_t)r->reservations);
    memcpy(frame->tree + struct_at + structure, r->bytes + r->strings_at, r->strings_size);
    if (!named)
        memcpy(frame->tree + size - sizeof("data"), "data", sizeof("data"));
    fdt_set_totalsize(frame->tree, (uint32_t)size);
    fdt_set_off_mem_rsvmap(frame->tree, HEADER);
    fdt_set_off_dt_struct(frame->tree, (uint32_t)struct_at);
    fdt_set_off_dt_strings(frame->tree, (uint32_t)(struct_at + structure));
    fdt_set_size_dt_struct(frame->tree, (uint32_t)structure);
    fdt_set_size_dt_strings(frame->tree, (uint32_t)strings);
    r->to = frame->tree + struct_at;
    r->frame = frame;
    return walk_structure(r);
}

int32_t fit_read(struct kp_call *call, const struct kp_image *fit, struct fit_frame *frame)
{
    struct reader r = {.call = call, .image = fit};
    int code;

    memset(frame, 0, sizeof(*frame));
    if (read_header(&r) != KP_OK || read_reservations(&r) != KP_OK ||
        check_block(&r, "structure", r.struct_at, r.struct_size, 4) != KP_OK ||
        check_block(&r, "strings", r.strings_at, r.strings_size, 1) != KP_OK)
        return KP_FAILED;
    if (walk_structure(&r) != KP_OK || make_frame(&r, frame) != KP_OK)
        return KP_FAILED;
    code = fdt_check_full(frame->tree, fdt_totalsize(frame->tree));
    return code == 0 ? KP_OK : kp_fail(call, "fit: libfdt: %s", fdt_strerror(code));
}
