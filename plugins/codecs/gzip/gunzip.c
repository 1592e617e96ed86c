/* SPDX-License-Identifier: BSD-3-Clause
 *
 * codecs/gzip/gunzip.c - unpacks gzip files of one or more members with zlib's
 * inflate, in steps and with an upper limit, and checks each member's CRC-32 and
 * size. Headers are read by header.c.
 */
#define ZLIB_CONST
#include <string.h>

#include <libdeflate.h>
#include <zlib.h>

#include "gzip.h"

#define TRAILING_ERROR 0u
#define TRAILING_IGNORE 1u

/* Room for output that is reserved at a time. ISIZE is only a hint for the first:
 * whatever it says, no more than this and than deflate can make of the input. */
#define FIRST_ROOM_MAX (UINT64_C(64) << 20)
#define LATER_ROOM (UINT64_C(16) << 20)
#define DEFLATE_RATIO_MAX 1032u /* 258 bytes for two bits */

struct gunzip_params {
    uint64_t limit;
    uint32_t trailing;
};

static const struct kp_choice *const trailings[] = {
    KP_ONE_OF(TRAILING_ERROR, "error", "refuse the input"),
    KP_ONE_OF(TRAILING_IGNORE, "ignore", "warn and ignore them, as gzip -d does"),
    NULL,
};

static const struct kp_param *const gunzip_table[] = {
    KP_UINT(struct gunzip_params, limit, .minimum = 1, .maximum = UINT64_MAX, .fallback = "1G",
            .unit = "bytes", .summary = "most that the input may expand to"),
    KP_CHOICE(struct gunzip_params, trailing, .choices = trailings, .fallback = "error",
              .summary = "what to do with bytes behind the last member",
              .help = "Zeros there are padding and always ignored."),
    NULL,
};

struct gunzip {
    struct kp_call *call;
    const struct gunzip_params *params;
    uint64_t size;   /* of the input */
    uint64_t at;     /* next byte of the input */
    uint64_t total;  /* bytes made so far, of all members */
    uint64_t member; /* number of the member, from 1 */
    uint8_t *room;   /* reserved, not yet written */
    uint64_t room_left;
    const uint8_t *from; /* where the step's input begins */
    z_stream z;
};

static int32_t make_room(struct gunzip *g)
{
    const uint64_t allowed = g->params->limit - g->total;
    uint64_t want = LATER_ROOM;
    uint8_t isize[4];

    if (g->total == 0 && g->size >= GZIP_HEADER_SIZE + GZIP_TRAILER_SIZE) {
        if (g->call->host->image_read(g->call, g->call->input, g->size - 4, isize, 4) != KP_OK)
            return KP_FAILED;
        want = (uint64_t)kp_le32(isize) + 1;
        if (want / DEFLATE_RATIO_MAX > g->size)
            want = g->size * DEFLATE_RATIO_MAX;
        if (want > FIRST_ROOM_MAX)
            want = FIRST_ROOM_MAX;
    }
    if (want > allowed)
        want = allowed + 1; /* the byte that shows that the limit does not suffice */
    g->room = kp_reserve(g->call, want);
    g->room_left = g->room != NULL ? want : 0;
    return g->room != NULL ? KP_OK : KP_FAILED;
}

/* Gives inflate something to read and room to write. */
static int32_t prepare_step(struct gunzip *g)
{
    const uint8_t *bytes;
    uint64_t length;

    if (g->call->host->cancelled(g->call))
        return KP_FAILED;
    if (g->call->host->image_piece(g->call, g->call->input, g->at, &bytes, &length) != KP_OK)
        return KP_FAILED;
    if (length == 0)
        return kp_fail(g->call,
                       "gzip member %llu: compressed data: the input ends inside it, at "
                       "offset %llu",
                       (unsigned long long)g->member, (unsigned long long)g->at);
    g->from = g->z.next_in = bytes;
    g->z.avail_in = (uInt)(length < GZIP_STEP ? length : GZIP_STEP);
    if (g->room_left == 0 && make_room(g) != KP_OK)
        return KP_FAILED;
    g->z.next_out = g->room;
    g->z.avail_out = (uInt)(g->room_left < GZIP_STEP ? g->room_left : GZIP_STEP);
    return KP_OK;
}

/* The compressed data of one member; *crc and *length are those of its content. */
static int32_t inflate_member(struct gunzip *g, uint32_t *crc, uint64_t *length)
{
    const uint64_t before = g->total;
    int status;

    if (inflateReset(&g->z) != Z_OK)
        return kp_fail(g->call, "zlib: inflate: cannot begin");
    *crc = 0;
    do {
        uint64_t made;

        if (prepare_step(g) != KP_OK)
            return KP_FAILED;
        status = inflate(&g->z, Z_NO_FLUSH);
        if (status == Z_MEM_ERROR)
            return kp_fail(g->call, "zlib: out of memory");
        made = (uint64_t)(g->z.next_out - g->room);
        g->at += (uint64_t)(g->z.next_in - g->from);
        *crc = libdeflate_crc32(*crc, g->room, (size_t)made);
        g->room += made;
        g->room_left -= made;
        g->total += made;
        if (status != Z_OK && status != Z_STREAM_END)
            return kp_fail(g->call,
                           "gzip member %llu: compressed data near offset %llu: corrupt: %s",
                           (unsigned long long)g->member, (unsigned long long)g->at,
                           g->z.msg != NULL ? g->z.msg : "no progress");
        if (g->total > g->params->limit)
            return kp_fail_at(g->call, &g->params->limit,
                              "raise 'limit' if the input is to be trusted",
                              "output: more than %llu bytes: beyond the limit",
                              (unsigned long long)g->params->limit);
        g->call->host->progress(g->call, g->at, g->size);
    } while (status != Z_STREAM_END);
    *length = g->total - before;
    return KP_OK;
}

static int32_t check_trailer(struct gunzip *g, uint32_t crc, uint64_t length)
{
    uint8_t trailer[GZIP_TRAILER_SIZE];

    if (!kp_inside(g->size, g->at, sizeof(trailer)))
        return kp_fail(g->call,
                       "gzip member %llu: trailer at offset %llu: the input ends inside it",
                       (unsigned long long)g->member, (unsigned long long)g->at);
    if (g->call->host->image_read(g->call, g->call->input, g->at, trailer, sizeof(trailer)) !=
        KP_OK)
        return KP_FAILED;
    if (kp_le32(trailer) != crc)
        return kp_fail(g->call,
                       "gzip member %llu: CRC32 at offset %llu: 0x%08lx: the data gives "
                       "0x%08lx",
                       (unsigned long long)g->member, (unsigned long long)g->at,
                       (unsigned long)kp_le32(trailer), (unsigned long)crc);
    if (kp_le32(trailer + 4) != (uint32_t)length)
        return kp_fail(g->call,
                       "gzip member %llu: ISIZE at offset %llu: %lu: the data has %llu bytes",
                       (unsigned long long)g->member, (unsigned long long)(g->at + 4),
                       (unsigned long)kp_le32(trailer + 4), (unsigned long long)length);
    g->at += sizeof(trailer);
    return KP_OK;
}

/* Whether another member begins at g->at. gzip(1), too, takes for one what has
 * its magic. */
static int32_t is_member(struct gunzip *g, int *member)
{
    uint8_t magic[2];

    *member = 0;
    if (!kp_inside(g->size, g->at, sizeof(magic)))
        return KP_OK;
    if (g->call->host->image_read(g->call, g->call->input, g->at, magic, sizeof(magic)) != KP_OK)
        return KP_FAILED;
    *member = magic[0] == 0x1f && magic[1] == 0x8b;
    return KP_OK;
}

/* What follows the last member. */
static int32_t check_trailing(struct gunzip *g)
{
    const uint64_t left = g->size - g->at;
    const uint8_t *bytes;
    uint64_t at = g->at, length;

    while (at < g->size) {
        if (g->call->host->image_piece(g->call, g->call->input, at, &bytes, &length) != KP_OK)
            return KP_FAILED;
        /* All zero: the first is, and each equals the one before it. */
        if (bytes[0] != 0 || memcmp(bytes, bytes + 1, (size_t)length - 1) != 0)
            break;
        at += length;
    }
    if (left != 0 && at == g->size)
        kp_message(g->call, KP_NOTE, "gzip: %llu zero bytes of padding at offset %llu: ignored",
                   (unsigned long long)left, (unsigned long long)g->at);
    else if (left != 0 && g->params->trailing == TRAILING_IGNORE)
        kp_message(g->call, KP_WARNING,
                   "gzip: %llu bytes behind the last member at offset %llu: "
                   "ignored",
                   (unsigned long long)left, (unsigned long long)g->at);
    else if (left != 0)
        return kp_fail_at(g->call, &g->params->trailing,
                          "use 'trailing: ignore' if they do not belong to the data",
                          "gzip: %llu bytes behind the last member at offset %llu: not gzip",
                          (unsigned long long)left, (unsigned long long)g->at);
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
        if (gzip_read_header(g->call, g->at, &header) != KP_OK)
            return KP_FAILED;
        g->at = header.end;
        if (inflate_member(g, &crc, &length) != KP_OK || check_trailer(g, crc, length) != KP_OK ||
            is_member(g, &more) != KP_OK)
            return KP_FAILED;
    }
    if (g->room_left != 0 &&
        g->call->host->output_give_back(g->call, g->call->output, g->room_left) != KP_OK)
        return KP_FAILED;
    return check_trailing(g);
}

static int32_t gunzip_run(struct kp_call *call)
{
    struct gunzip g = {.call = call, .params = call->params, .size = kp_size(call, call->input)};
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
    .params = gunzip_table,
    .params_size = sizeof(struct gunzip_params),
    .run = gunzip_run,
};
