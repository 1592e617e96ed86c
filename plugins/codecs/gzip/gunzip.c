/* SPDX-License-Identifier: BSD-3-Clause
 *
 * codecs/gzip/gunzip.c - unpacks gzip files of one or more members with zlib's
 * inflate, in steps and with an upper limit, and checks each member's CRC-32 and
 * size. Headers are read by header.c.
 */
#define ZLIB_CONST

#include <libdeflate.h>
#include <zlib.h>

#include <kpipe/codec.h>

#include "gzip.h"

struct gunzip {
    struct kp_decoder d;
    uint64_t member; /* number of the member, from 1 */
    z_stream z;
};

/* The compressed data of one member; *crc and *length are those of its content. */
static int32_t inflate_member(struct gunzip *g, uint32_t *crc, uint64_t *length)
{
    struct kp_decoder *const d = &g->d;
    const uint64_t before = d->total;
    int status;

    if (inflateReset(&g->z) != Z_OK)
        return kp_fail(d->call, "zlib: inflate: cannot begin");
    *crc = 0;
    do {
        uint64_t made;

        if (kp_decode_next(d) != KP_OK)
            return KP_FAILED;
        if (d->left == 0)
            return kp_fail(d->call,
                           "gzip member %llu: compressed data: the input ends inside it, at "
                           "offset %llu",
                           (unsigned long long)g->member, (unsigned long long)d->at);
        g->z.next_in = d->from;
        g->z.avail_in = (uInt)d->left;
        g->z.next_out = d->room;
        g->z.avail_out = (uInt)(d->room_left < GZIP_STEP ? d->room_left : GZIP_STEP);
        status = inflate(&g->z, Z_NO_FLUSH);
        if (status == Z_MEM_ERROR)
            return kp_fail(d->call, "zlib: out of memory");
        made = (uint64_t)(g->z.next_out - d->room);
        *crc = libdeflate_crc32(*crc, d->room, (size_t)made);
        if (kp_decode_step(d, d->left - g->z.avail_in, made) != KP_OK)
            return KP_FAILED;
        if (status != Z_OK && status != Z_STREAM_END)
            return kp_fail(d->call,
                           "gzip member %llu: compressed data near offset %llu: corrupt: %s",
                           (unsigned long long)g->member, (unsigned long long)d->at,
                           g->z.msg != NULL ? g->z.msg : "no progress");
    } while (status != Z_STREAM_END);
    *length = d->total - before;
    return KP_OK;
}

static int32_t check_trailer(struct gunzip *g, uint32_t crc, uint64_t length)
{
    struct kp_decoder *const d = &g->d;
    uint8_t trailer[GZIP_TRAILER_SIZE];

    if (!kp_inside(d->size, d->at, sizeof(trailer)))
        return kp_fail(d->call,
                       "gzip member %llu: trailer at offset %llu: the input ends inside it",
                       (unsigned long long)g->member, (unsigned long long)d->at);
    if (d->call->host->image_read(d->call, d->call->input, d->at, trailer, sizeof(trailer)) !=
        KP_OK)
        return KP_FAILED;
    if (kp_le32(trailer) != crc)
        return kp_fail(d->call,
                       "gzip member %llu: CRC32 at offset %llu: 0x%08lx: the data gives "
                       "0x%08lx",
                       (unsigned long long)g->member, (unsigned long long)d->at,
                       (unsigned long)kp_le32(trailer), (unsigned long)crc);
    if (kp_le32(trailer + 4) != (uint32_t)length)
        return kp_fail(d->call,
                       "gzip member %llu: ISIZE at offset %llu: %lu: the data has %llu bytes",
                       (unsigned long long)g->member, (unsigned long long)(d->at + 4),
                       (unsigned long)kp_le32(trailer + 4), (unsigned long long)length);
    d->at += sizeof(trailer);
    return KP_OK;
}

/* Whether another member begins at d->at. gzip(1), too, takes for one what has
 * its magic. */
static int32_t is_member(const struct kp_decoder *d, int *member)
{
    uint8_t magic[2];

    *member = 0;
    if (!kp_inside(d->size, d->at, sizeof(magic)))
        return KP_OK;
    if (d->call->host->image_read(d->call, d->call->input, d->at, magic, sizeof(magic)) != KP_OK)
        return KP_FAILED;
    *member = magic[0] == 0x1f && magic[1] == 0x8b;
    return KP_OK;
}

static int32_t unpack_members(struct gunzip *g)
{
    int more = 1;

    while (more) {
        struct gzip_header header;
        uint64_t length = 0;
        uint32_t crc = 0;

        g->member++;
        if (gzip_read_header(g->d.call, g->d.at, &header) != KP_OK)
            return KP_FAILED;
        g->d.at = header.end;
        if (inflate_member(g, &crc, &length) != KP_OK || check_trailer(g, crc, length) != KP_OK ||
            is_member(&g->d, &more) != KP_OK)
            return KP_FAILED;
    }
    return kp_decode_finish(&g->d, "gzip");
}

static int32_t gunzip_run(struct kp_call *call)
{
    struct gunzip g = {.d = kp_decoder(call, call->params)};
    int32_t result;

    if (inflateInit2(&g.z, -MAX_WBITS) != Z_OK) /* raw: headers and trailers are ours */
        return kp_fail(call, "zlib: out of memory");
    result = unpack_members(&g);
    inflateEnd(&g.z);
    return result;
}

static const char *const packed_kinds[] = {KP_KIND_COMPRESSED, NULL};

const struct kp_operation gzip_unpack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "decompress gzip",
    .help = "Several members one after the other are joined, as gzip -d does. Each one's CRC-32 "
            "and size are checked.",
    .input_kinds = packed_kinds,
    .params = kp_decode_table,
    .params_size = sizeof(struct kp_decode_params),
    .run = gunzip_run,
};
