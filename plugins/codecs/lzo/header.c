/* SPDX-License-Identifier: BSD-3-Clause
 *
 * codecs/lzo/header.c - reads and describes the header of a part of an lzop file. No filters,
 * nothing from before lzop 0.94 (1996).
 */
#include <lzo/lzo1x.h>

#include <kpipe/codec.h>

#include "lzo.h"

static const uint8_t magic[] = LZO_MAGIC;

int32_t lzo_cut_short(struct kp_call *call, const char *what, uint64_t at)
{
    return kp_fail(call, "lzop %s at offset %llu: the input ends inside it", what,
                   (unsigned long long)at);
}

int lzo_is_part(const uint8_t *bytes, uint64_t size, uint64_t at)
{
    return kp_inside(size, at, sizeof(magic)) && memcmp(bytes + at, magic, sizeof(magic)) == 0;
}

uint32_t lzo_checksum(int crc, const uint8_t *bytes, uint64_t length)
{
    return crc ? lzo_crc32(0, bytes, (lzo_uint)length) : lzo_adler32(1, bytes, (lzo_uint)length);
}

int32_t lzo_read_header(struct kp_call *call, const uint8_t *bytes, uint64_t size, uint64_t *at,
                        uint32_t *flags)
{
    const uint64_t start = *at;
    uint64_t from = start + LZO_MAGIC_SIZE;
    const uint8_t *const h = bytes + start;
    uint32_t stored, computed;

    if (!lzo_is_part(bytes, size, start))
        return kp_fail(call, "lzop magic at offset %llu: not that of lzop, or cut short",
                       (unsigned long long)start);
    if (!kp_inside(size, start, LZO_FIXED_SIZE))
        return lzo_cut_short(call, "header", start);
    *flags = kp_be32(h + 17);
    if (kp_be16(h + 9) < LZO_FILE_VERSION_NEEDED || kp_be16(h + 13) > LZO_FILE_VERSION)
        return kp_fail(call,
                       "lzop header: version 0x%04x, needing 0x%04x: only 0x%04x to 0x%04x "
                       "are known",
                       kp_be16(h + 9), kp_be16(h + 13), LZO_FILE_VERSION_NEEDED, LZO_FILE_VERSION);
    if (h[15] < LZO_METHOD_1 || h[15] > LZO_METHOD_999)
        return kp_fail(call, "lzop header: method: %u: only 1 to 3 (LZO1X) are known", h[15]);
    if ((*flags & (LZO_FLAGS_UNKNOWN | LZO_FLAG_FILTER)) != 0)
        return kp_fail(call, "lzop header: flags: 0x%08lx: %s", (unsigned long)*flags,
                       (*flags & LZO_FLAG_FILTER) != 0 ? "filters are not supported"
                                                       : "reserved bits are set");
    *at += LZO_FIXED_SIZE + h[33]; /* behind the name */
    if (!kp_inside(size, *at, 4))
        return lzo_cut_short(call, "header", start);
    stored = kp_be32(bytes + *at);
    computed = lzo_checksum((*flags & LZO_FLAG_H_CRC32) != 0, bytes + from, *at - from);
    if (stored != computed)
        return kp_fail(call,
                       "lzop header: checksum at offset %llu: 0x%08lx: the header gives "
                       "0x%08lx",
                       (unsigned long long)*at, (unsigned long)stored, (unsigned long)computed);
    *at += 4;
    if ((*flags & LZO_FLAG_EXTRA_FIELD) == 0)
        return KP_OK;
    if (!kp_inside(size, *at, 8) || !kp_inside(size, *at + 8, kp_be32(bytes + *at)))
        return lzo_cut_short(call, "extra field", *at);
    from = *at; /* length, that many bytes, a checksum */
    *at += 4 + (uint64_t)kp_be32(bytes + *at);
    computed = lzo_checksum((*flags & LZO_FLAG_H_CRC32) != 0, bytes + from, *at - from);
    if (kp_be32(bytes + *at) != computed)
        return kp_fail(call, "lzop extra field: checksum at offset %llu: wrong",
                       (unsigned long long)*at);
    *at += 4;
    return KP_OK;
}

/* The header tells all: `time` too. One that was not made by this liblzo2 and by lzop from a pipe
 * cannot be made again. */
static int32_t remake(struct kp_call *call, const uint8_t *h, uint64_t time)
{
    const unsigned level = h[16];

    if (kp_be16(h + 9) != LZO_FILE_VERSION || kp_be16(h + 11) != (uint16_t)lzo_version() ||
        kp_be32(h + 17) != LZO_FLAGS_PIPE || kp_be32(h + 21) != 0 || h[33] != 0 ||
        (level != 1 && level != 5 && (level < 7 || level > 9)))
        return KP_OK;
    return kp_codec_remake(call, "lzo", "level: %u, mtime: %llu", level, (unsigned long long)time);
}

int32_t lzo_inspect(struct kp_call *call)
{
    static const char *const methods[] = {NULL, "LZO1X-1", "LZO1X-1(15)", "LZO1X-999"};
    const uint64_t size = kp_size(call, call->input);
    const uint8_t *const h = kp_view(call, call->input);
    uint64_t end = 0, time;
    uint32_t flags = 0;

    if (h == NULL || lzo_read_header(call, h, size, &end, &flags) != KP_OK)
        return KP_FAILED;
    time = (uint64_t)kp_be32(h + 29) << 32 | kp_be32(h + 25);
    kp_field_number(call, "version", 9, 2, kp_be16(h + 9), KP_FIELD_HEX, NULL);
    kp_field_number(call, "lib_version", 11, 2, kp_be16(h + 11), KP_FIELD_HEX, NULL);
    kp_field_number(call, "version_needed", 13, 2, kp_be16(h + 13), KP_FIELD_HEX, NULL);
    kp_field_number(call, "method", 15, 1, h[15], 0, methods[h[15]]);
    kp_field_number(call, "level", 16, 1, h[16], 0, NULL);
    kp_field_number(call, "flags", 17, 4, flags, KP_FIELD_HEX, NULL);
    kp_field_number(call, "mode", 21, 4, kp_be32(h + 21), KP_FIELD_HEX, NULL);
    kp_field_number(call, "mtime", 25, 8, time, KP_FIELD_TIME, NULL);
    if (h[33] != 0)
        kp_field_text(call, "name", 33, 1u + h[33], (const char *)h + 34, h[33]);
    if (kp_field_number(call, "header_checksum", LZO_FIXED_SIZE + h[33], 4,
                        kp_be32(h + LZO_FIXED_SIZE + h[33]), KP_FIELD_HEX, NULL) != KP_OK)
        return KP_FAILED;
    return remake(call, h, time);
}
