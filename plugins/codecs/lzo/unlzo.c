/* SPDX-License-Identifier: BSD-3-Clause
 *
 * codecs/lzo/unlzo.c - unpacks lzop files of one or more parts by liblzo2, and checks every
 * checksum there is. Headers are read by header.c.
 */
#include <lzo/lzo1x.h>

#include "lzo.h"

#define BLOCK_MAX (UINT32_C(64) << 20) /* "do not change", says lzop */

struct unlzo {
    struct kp_decoder d;
    const uint8_t *bytes; /* the whole input */
    uint32_t flags;       /* of the part */
};

/* Takes the checksums for which the part has flags from u->d.at on, compares them with those
 * of the `length` bytes, if any. */
static int32_t check(struct unlzo *u, uint64_t *at, uint32_t adler, uint32_t crc,
                     const uint8_t *bytes, uint64_t length)
{
    for (int i = 0; i < 2; i++) {
        uint32_t computed;

        if ((u->flags & (i == 0 ? adler : crc)) == 0)
            continue;
        computed = lzo_checksum(i, bytes, length);
        if (kp_be32(u->bytes + *at) != computed)
            return kp_fail(u->d.call,
                           "lzop block: %s at offset %llu: 0x%08lx: the data gives 0x%08lx",
                           i == 0 ? "adler32" : "crc32", (unsigned long long)*at,
                           (unsigned long)kp_be32(u->bytes + *at), (unsigned long)computed);
        *at += 4;
    }
    return KP_OK;
}

static unsigned count(uint32_t flags, uint32_t adler, uint32_t crc)
{
    return ((flags & adler) != 0 ? 1u : 0u) + ((flags & crc) != 0 ? 1u : 0u);
}

/* One block, whose sizes are at u->d.at: two sizes, checksums of the content, checksums of
 * the compressed bytes unless these are the content, bytes. */
static int32_t unpack_block(struct unlzo *u, uint32_t content)
{
    const uint64_t start = u->d.at, sums_at = start + 8, size = u->d.size;
    const unsigned sums = count(u->flags, LZO_FLAG_ADLER32_D, LZO_FLAG_CRC32_D);
    const unsigned packed_sums = count(u->flags, LZO_FLAG_ADLER32_C, LZO_FLAG_CRC32_C);
    uint64_t at = sums_at + UINT64_C(4) * sums, from;
    lzo_uint made = content;
    uint32_t stored;

    if (content > BLOCK_MAX || !kp_inside(size, start, 8))
        return content > BLOCK_MAX
                   ? kp_fail(u->d.call, "lzop block at offset %llu: %lu bytes: more than 64 MiB",
                             (unsigned long long)start, (unsigned long)content)
                   : lzo_cut_short(u->d.call, "block", start);
    stored = kp_be32(u->bytes + start + 4);
    if (stored == 0 || stored > content)
        return kp_fail(u->d.call, "lzop block at offset %llu: %lu bytes of %lu: corrupt",
                       (unsigned long long)start, (unsigned long)stored, (unsigned long)content);
    from = at + (stored < content ? UINT64_C(4) * packed_sums : 0);
    if (!kp_inside(size, from, stored))
        return lzo_cut_short(u->d.call, "block", start);
    if (kp_decode_room(&u->d, content) != KP_OK)
        return KP_FAILED;
    if (u->d.room_left < content) /* it has the limit's byte too many */
        return kp_decode_step(&u->d, 0, u->d.room_left);
    if (stored < content &&
        check(u, &at, LZO_FLAG_ADLER32_C, LZO_FLAG_CRC32_C, u->bytes + from, stored) != KP_OK)
        return KP_FAILED;
    if (stored == content)
        memcpy(u->d.room, u->bytes + from, content);
    else if (lzo1x_decompress_safe(u->bytes + from, stored, u->d.room, &made, NULL) != LZO_E_OK ||
             made != content)
        return kp_fail(u->d.call, "lzop block at offset %llu: compressed data: corrupt",
                       (unsigned long long)start);
    at = sums_at;
    if (check(u, &at, LZO_FLAG_ADLER32_D, LZO_FLAG_CRC32_D, u->d.room, content) != KP_OK)
        return KP_FAILED;
    u->d.at = from + stored;
    return kp_decode_step(&u->d, 0, content);
}

static int32_t unlzo_run(struct kp_call *call)
{
    struct unlzo u = {.d = kp_decoder(call, call->params), .bytes = kp_view(call, call->input)};
    uint32_t content;

    if (u.bytes == NULL)
        return KP_FAILED;
    if (lzo_init() != LZO_E_OK)
        return kp_fail(call, "liblzo2: lzo_init: it does not fit this program");
    do {
        if (lzo_read_header(call, u.bytes, u.d.size, &u.d.at, &u.flags) != KP_OK)
            return KP_FAILED;
        for (;;) {
            if (!kp_read_be32(u.bytes, u.d.size, u.d.at, &content))
                return lzo_cut_short(call, "block", u.d.at);
            if (content == 0)
                break;
            if (unpack_block(&u, content) != KP_OK)
                return KP_FAILED;
        }
        u.d.at += 4;
    } while (lzo_is_part(u.bytes, u.d.size, u.d.at));
    return kp_decode_finish(&u.d, "lzo");
}

static const char *const packed_kinds[] = {KP_KIND_COMPRESSED, NULL};

const struct kp_operation lzo_unpack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "decompress lzo, as lzop does",
    .help = "Several parts one after the other are joined. All checksums are checked.",
    .input_kinds = packed_kinds,
    .params = kp_decode_table,
    .params_size = sizeof(struct kp_decode_params),
    .run = unlzo_run,
};
