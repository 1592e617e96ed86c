/* SPDX-License-Identifier: BSD-3-Clause
 *
 * codecs/lz4/header.c - describes the header of an lz4 file's first frame. It does not look
 * at compressed data.
 */
#include <kpipe/codec.h>

#include "lz4.h"

#define HEADER_MAX 19u /* of a standard frame, with magic */

/* Bits of a standard frame's FLG and BD. */
#define FLG_DICTIONARY 0x01u
#define FLG_CONTENT_CHECKSUM 0x04u
#define FLG_CONTENT_SIZE 0x08u
#define FLG_BLOCK_CHECKSUM 0x10u
#define FLG_INDEPENDENT 0x20u
#define BD_SIZE(bd) (((bd) >> 4) & 7u)

int32_t lz4_peek(struct kp_call *call, uint64_t at, uint32_t *number)
{
    uint8_t bytes[4] = {0};

    if (kp_inside(kp_size(call, call->input), at, 4) &&
        call->host->image_read(call, call->input, at, bytes, 4) != KP_OK)
        return KP_FAILED;
    *number = kp_le32(bytes);
    return KP_OK;
}

/* The levels, the likeliest first: `lz4 -l -9` is what Kbuild, initramfs-tools and dracut call, 1
 * is the tool's default, and 12 Android's. 2 is the same as 1. */
static int32_t remake(struct kp_call *call, const char *frame)
{
    static const uint8_t levels[] = {9, 1, 12, 11, 10, 8, 7, 6, 5, 4, 3};

    for (size_t i = 0; i < sizeof(levels); i++)
        if (kp_codec_remake(call, "lz4", "level: %u, %s", levels[i], frame) != KP_OK)
            return KP_FAILED;
    return KP_OK;
}

/* By FLG and BD. */
static int32_t remake_standard(struct kp_call *call, uint32_t flags, uint32_t block)
{
    static const char *const sizes[] = {"64K", "256K", "1M", "4M"};
    char frame[160];

    if ((flags & FLG_DICTIONARY) != 0 || block < 4)
        return KP_OK;
    snprintf(frame, sizeof(frame), "frame: standard, block_size: %s%s%s%s%s", sizes[block - 4],
             (flags & FLG_INDEPENDENT) != 0 ? "" : ", linked: true",
             (flags & FLG_BLOCK_CHECKSUM) != 0 ? ", block_checksum: true" : "",
             (flags & FLG_CONTENT_CHECKSUM) != 0 ? "" : ", content_checksum: false",
             (flags & FLG_CONTENT_SIZE) != 0 ? ", content_size: true" : "");
    return remake(call, frame);
}

static int32_t inspect_standard(struct kp_call *call, uint64_t size)
{
    static const char *const sizes[] = {NULL,     NULL,      NULL,    NULL,
                                        "64 KiB", "256 KiB", "1 MiB", "4 MiB"};
    uint8_t header[HEADER_MAX];
    uint64_t end = 6;

    if (size < 7 || call->host->image_read(call, call->input, 0, header, 7) != KP_OK)
        return size < 7 ? kp_fail(call, "lz4 frame: the input ends inside its header") : KP_FAILED;
    kp_field_number(call, "FLG", 4, 1, header[4], KP_FIELD_HEX,
                    (header[4] & FLG_INDEPENDENT) != 0 ? "independent blocks" : "linked blocks");
    kp_field_number(call, "BD", 5, 1, header[5], KP_FIELD_HEX, sizes[BD_SIZE(header[5])]);
    end += ((header[4] & FLG_CONTENT_SIZE) != 0 ? 8u : 0u) +
           ((header[4] & FLG_DICTIONARY) != 0 ? 4u : 0u);
    if (size <= end)
        return kp_fail(call, "lz4 frame: the input ends inside its header");
    if (call->host->image_read(call, call->input, 0, header, end + 1) != KP_OK)
        return KP_FAILED;
    if ((header[4] & FLG_CONTENT_SIZE) != 0)
        kp_field_number(call, "content_size", 6, 8, kp_le64(header + 6), KP_FIELD_BYTES, NULL);
    if ((header[4] & FLG_DICTIONARY) != 0)
        kp_field_number(call, "dictionary_id", end - 4, 4, kp_le32(header + end - 4), KP_FIELD_HEX,
                        NULL);
    if (kp_field_number(call, "HC", end, 1, header[end], KP_FIELD_HEX, NULL) != KP_OK)
        return KP_FAILED;
    return remake_standard(call, header[4], BD_SIZE(header[5]));
}

int32_t lz4_inspect(struct kp_call *call)
{
    const uint64_t size = kp_size(call, call->input);
    uint32_t magic, stored;

    if (lz4_peek(call, 0, &magic) != KP_OK || lz4_peek(call, 4, &stored) != KP_OK)
        return KP_FAILED;
    if (magic != LZ4_LEGACY_MAGIC && magic != LZ4_STANDARD_MAGIC)
        return kp_fail(call, "lz4 magic at offset 0: 0x%08lx: not that of lz4",
                       (unsigned long)magic);
    kp_field_number(call, "magic", 0, 4, magic, KP_FIELD_HEX,
                    magic == LZ4_LEGACY_MAGIC ? "legacy frame" : "standard frame");
    if (magic == LZ4_STANDARD_MAGIC)
        return inspect_standard(call, size);
    if (size >= 8 &&
        kp_field_number(call, "block_csize", 4, 4, stored, KP_FIELD_BYTES, NULL) != KP_OK)
        return KP_FAILED;
    return remake(call, "frame: legacy");
}
