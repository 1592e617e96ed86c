/* SPDX-License-Identifier: BSD-3-Clause
 *
 * codecs/zstd/unzstd.c - unpacks zstd files by libzstd: frames, also skippable ones, one
 * after the other; and describes the first. No dictionaries, no formats from before 0.8.
 */
#include <zstd.h>
#include <zstd_errors.h>

#include "zstd.h"

#define HEADER_SIZE_MAX 18u

/* The four bytes at `at`, or 0. */
static int32_t peek(struct kp_call *call, uint64_t at, uint32_t *number)
{
    uint8_t bytes[4] = {0};

    if (kp_inside(kp_size(call, call->input), at, 4) &&
        call->host->image_read(call, call->input, at, bytes, 4) != KP_OK)
        return KP_FAILED;
    *number = kp_le32(bytes);
    return KP_OK;
}

/* One frame. */
static int32_t unpack_frame(struct kp_decoder *d, ZSTD_DCtx *context)
{
    const unsigned long long start = d->at;
    size_t status;

    do {
        ZSTD_inBuffer in = {0};
        ZSTD_outBuffer out = {0};

        if (kp_decode_next(d) != KP_OK)
            return KP_FAILED;
        in = (ZSTD_inBuffer){d->from, (size_t)d->left, 0};
        out = (ZSTD_outBuffer){d->room, (size_t)d->room_left, 0};
        status = ZSTD_decompressStream(context, &out, &in);
        if (ZSTD_getErrorCode(status) == ZSTD_error_frameParameter_windowTooLarge)
            return kp_fail_at(d->call, NULL,
                              "`zstd -d --long=31` unpacks it, if it is to be trusted",
                              "zstd frame at offset %llu: window: larger than %u MiB: refused",
                              start, 1u << (ZSTD_WINDOW_LOG - 20));
        if (ZSTD_isError(status))
            return kp_fail(d->call, "zstd frame at offset %llu: near offset %llu: %s", start,
                           (unsigned long long)(d->at + in.pos), ZSTD_getErrorName(status));
        if (status != 0 && d->left == 0 && out.pos == 0)
            return kp_fail(d->call, "zstd frame at offset %llu: the input ends inside it", start);
        if (kp_decode_step(d, in.pos, out.pos) != KP_OK)
            return KP_FAILED;
    } while (status != 0);
    return KP_OK;
}

static int32_t unpack_frames(struct kp_decoder *d, ZSTD_DCtx *context)
{
    const size_t status = ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG);
    uint32_t magic;

    if (ZSTD_isError(status))
        return kp_fail(d->call, "libzstd: %s", ZSTD_getErrorName(status));
    do {
        if (unpack_frame(d, context) != KP_OK || peek(d->call, d->at, &magic) != KP_OK)
            return KP_FAILED;
    } while (magic == ZSTD_MAGICNUMBER ||
             (magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START);
    return kp_decode_finish(d, "zstd");
}

static int32_t unzstd_run(struct kp_call *call)
{
    struct kp_decoder d = kp_decoder(call, call->params);
    ZSTD_DCtx *context;
    uint64_t told;
    int32_t result;

    if (call->host->image_piece(call, call->input, 0, &d.from, &d.left) != KP_OK)
        return KP_FAILED;
    told = ZSTD_getFrameContentSize(d.from, (size_t)d.left);
    if (told < ZSTD_CONTENTSIZE_ERROR)
        d.hint = told;
    context = ZSTD_createDCtx();
    if (context == NULL)
        return kp_fail(call, "libzstd: out of memory");
    result = unpack_frames(&d, context);
    ZSTD_freeDCtx(context);
    return result;
}

/* Frame_Header of RFC 8878, section 3.1.1.1. */
int32_t zstd_inspect(struct kp_call *call)
{
    static const uint8_t id_sizes[] = {0, 1, 2, 4}, content_sizes[] = {0, 2, 4, 8};
    const uint64_t size = kp_size(call, call->input);
    uint8_t header[HEADER_SIZE_MAX] = {0};
    struct zstd_frame frame = {0};
    uint32_t id_size, content_size;
    uint64_t at = 5;

    if (call->host->image_read(call, call->input, 0, header,
                               size < sizeof(header) ? size : sizeof(header)) != KP_OK)
        return KP_FAILED;
    if (kp_le32(header) != ZSTD_MAGICNUMBER)
        return kp_fail(call, "zstd magic at offset 0: 0x%08lx: not that of zstd",
                       (unsigned long)kp_le32(header));
    frame.single = (header[4] >> 5) & 1; /* Single_Segment_flag: no window */
    frame.checksum = (header[4] >> 2) & 1;
    id_size = id_sizes[header[4] & 3u];
    content_size = header[4] >> 6 == 0 ? (uint32_t)frame.single : content_sizes[header[4] >> 6];
    if (size < at + !frame.single + id_size + content_size)
        return kp_fail(call, "zstd frame: the input ends inside its header");
    kp_field_number(call, "Magic_Number", 0, 4, kp_le32(header), KP_FIELD_HEX, NULL);
    kp_field_number(call, "Frame_Header_Descriptor", 4, 1, header[4], KP_FIELD_HEX,
                    frame.checksum ? "with Content_Checksum" : NULL);
    if (!frame.single) {
        const uint64_t base = UINT64_C(1) << (10 + (header[at] >> 3));

        frame.window = base + base / 8 * (header[at] & 7u);
        kp_field_number(call, "Window_Size", at, 1, frame.window, KP_FIELD_BYTES, NULL);
        at++;
    }
    if (id_size != 0)
        kp_field_number(call, "Dictionary_ID", at, id_size,
                        kp_le32(header + at) & (UINT32_MAX >> (32 - 8 * id_size)), 0, NULL);
    at += id_size;
    frame.has_content = content_size != 0;
    if (frame.has_content) {
        frame.content = content_size == 2
                            ? kp_le16(header + at) + UINT64_C(256)
                            : kp_le64(header + at) & (UINT64_MAX >> (64 - 8 * content_size));
        kp_field_number(call, "Frame_Content_Size", at, content_size, frame.content, KP_FIELD_BYTES,
                        NULL);
    }
    return id_size != 0 ? KP_OK : zstd_remake(call, &frame); /* we have no dictionaries */
}

static const char *const packed_kinds[] = {KP_KIND_COMPRESSED, NULL};

const struct kp_operation zstd_unpack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "decompress zstd",
    .help = "Several frames one after the other are joined, as zstd -d does; skippable ones are "
            "skipped. Windows of more than 128 MiB are refused.",
    .input_kinds = packed_kinds,
    .params = kp_decode_table,
    .params_size = sizeof(struct kp_decode_params),
    .run = unzstd_run,
};
