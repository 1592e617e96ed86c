/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/zboot/room.c - what follows a payload of zstd that is shorter than the room which the stub
 * was linked with.
 *
 * All other decompressors of Linux stop where their stream ends. From Linux 6.16 on the stub gives
 * zstd the whole room (drivers/firmware/efi/libstub/zboot-decompress-zstd.c of 7.2), which then
 * takes what follows for a frame: it must be one, and a skippable one is no data (RFC 8878, 3.1.2).
 */
#include <string.h>

#include "zboot.h"

#define ULL(x) ((unsigned long long)(x))

#define FRAME_MAGIC 0xfd2fb528u
#define FRAME_HEAD_MAX 18u /* with the magic number */
#define SKIPPABLE_MAGIC 0x184d2a50u
#define SKIPPABLE_HEAD 8u
#define BLOCK_HEAD 3u
#define BLOCK_RLE 1u

struct frame {
    struct kp_call *call;
    const struct zboot *zboot;
    uint64_t at; /* how far it has been read, from the payload's beginning */
};

static int read_at(struct frame *frame, uint8_t *to, uint64_t length)
{
    struct kp_call *const call = frame->call;

    return kp_inside(frame->zboot->payload_size, frame->at, length) &&
           call->host->image_read(call, call->input, frame->zboot->payload + frame->at, to,
                                  length) == KP_OK;
}

/* RFC 8878, 3.1.1.1: the descriptor tells which fields there are. */
static int skip_head(struct frame *frame, int *checksum)
{
    static const uint8_t sizes[] = {0, 2, 4, 8}, dictionaries[] = {0, 1, 2, 4};
    uint8_t head[5], descriptor;

    if (!read_at(frame, head, sizeof(head)) || kp_le32(head) != FRAME_MAGIC)
        return 0;
    descriptor = head[4];
    *checksum = (descriptor & 4) != 0;
    frame->at += 5u + ((descriptor & 0x20) == 0) + dictionaries[descriptor & 3];
    frame->at += (descriptor & 0x20) != 0 && descriptor >> 6 == 0 ? 1 : sizes[descriptor >> 6];
    return 1;
}

/* Where the first frame ends; 0: that cannot be told. */
static int find_end(struct frame *frame)
{
    uint8_t head[BLOCK_HEAD];
    uint32_t block = 0;
    int checksum;

    if (!skip_head(frame, &checksum))
        return 0;
    while ((block & 1) == 0) {
        if (!read_at(frame, head, sizeof(head)))
            return 0;
        block = (uint32_t)(head[0] | head[1] << 8 | head[2] << 16);
        frame->at += BLOCK_HEAD + (((block >> 1) & 3) == BLOCK_RLE ? 1 : block >> 3);
    }
    frame->at += checksum ? 4 : 0;
    return frame->at < frame->zboot->payload_size;
}

static int32_t is_zero(struct frame *frame, int *zero)
{
    const uint64_t end = frame->zboot->payload_size;
    const uint8_t *bytes;
    uint64_t length;

    *zero = 1;
    for (uint64_t at = frame->at; *zero && at < end; at += length) {
        if (frame->call->host->image_piece(frame->call, frame->call->input,
                                           frame->zboot->payload + at, &bytes, &length) != KP_OK ||
            length == 0)
            return KP_FAILED;
        length = length < end - at ? length : end - at;
        for (uint64_t i = 0; *zero && i < length; i++)
            *zero = bytes[i] == 0;
    }
    return KP_OK;
}

int32_t zboot_append_filled(struct kp_call *call, const struct zboot *zboot)
{
    struct frame frame = {.call = call, .zboot = zboot};
    uint8_t head[SKIPPABLE_HEAD];
    uint64_t rest, from;
    int zero = 0;

    if (strcmp(zboot->codec->name, "zstd") != 0 || !find_end(&frame))
        return kp_append_image(call, call->input);
    if (is_zero(&frame, &zero) != KP_OK)
        return KP_FAILED;
    rest = zboot->payload_size - frame.at;
    if (!zero)
        return kp_append_image(call, call->input);
    if (rest < SKIPPABLE_HEAD)
        return kp_fail_at(call, NULL, "compress it by another level",
                          "payload: %llu bytes less than its room, %llu: a frame that is skipped "
                          "needs %u",
                          ULL(rest), ULL(zboot->payload_size), SKIPPABLE_HEAD);
    kp_put_le32(head, SKIPPABLE_MAGIC);
    kp_put_le32(head + 4, (uint32_t)(rest - SKIPPABLE_HEAD));
    from = zboot->payload + frame.at;
    if (call->host->output_image(call, call->output, call->input, 0, from) != KP_OK ||
        kp_append(call, head, sizeof(head)) != KP_OK)
        return KP_FAILED;
    from += sizeof(head);
    return call->host->output_image(call, call->output, call->input, from,
                                    kp_size(call, call->input) - from);
}
