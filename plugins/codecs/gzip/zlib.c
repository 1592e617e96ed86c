/* SPDX-License-Identifier: BSD-3-Clause
 *
 * codecs/gzip/zlib.c - compression by zlib, in steps.
 */
#define ZLIB_CONST
#include <libdeflate.h>
#include <zlib.h>

#include "gzip.h"

#define ZLIB_MEMORY 8 /* zlib's default memLevel; it changes the bytes */

/* Takes what `z` makes of its input. `*z` keeps the room that is left. */
static int32_t deflate_step(struct kp_call *call, z_stream *z, int flush)
{
    int status;

    do {
        if (z->avail_out == 0) {
            z->next_out = kp_reserve(call, GZIP_STEP);
            if (z->next_out == NULL)
                return KP_FAILED;
            z->avail_out = (uInt)GZIP_STEP;
        }
        status = deflate(z, flush);
    } while (z->avail_out == 0 && status != Z_STREAM_END);
    if (flush == Z_FINISH ? status != Z_STREAM_END : status != Z_OK && status != Z_BUF_ERROR)
        return kp_fail(call, "zlib: deflate: error %d", status);
    return KP_OK;
}

/* All of the input, in pieces that are always the same, whatever pieces the image
 * is made of: at level 0 zlib's bytes depend on them. */
static int32_t deflate_steps(struct kp_call *call, z_stream *z, uint8_t *buffer, uint32_t *crc)
{
    const uint64_t size = kp_size(call, call->input);
    uint64_t at = 0;

    do {
        const uint64_t left = size - at;
        const uint64_t step = left < GZIP_STEP ? left : GZIP_STEP;

        if (call->host->cancelled(call) ||
            call->host->image_read(call, call->input, at, buffer, step) != KP_OK)
            return KP_FAILED;
        *crc = libdeflate_crc32(*crc, buffer, (size_t)step);
        z->next_in = buffer;
        z->avail_in = (uInt)step;
        if (deflate_step(call, z, step == left ? Z_FINISH : Z_NO_FLUSH) != KP_OK)
            return KP_FAILED;
        at += step;
        call->host->progress(call, at, size);
    } while (at < size);
    return call->host->output_give_back(call, call->output, z->avail_out);
}

int32_t gzip_by_zlib(struct kp_call *call, uint64_t size)
{
    const struct gzip_params *const params = call->params;
    uint8_t *const buffer = call->host->alloc(call, GZIP_STEP);
    uint8_t trailer[GZIP_TRAILER_SIZE];
    z_stream z = {0};
    uint32_t crc = 0;
    int32_t result;

    if (buffer == NULL || gzip_append_header(call) != KP_OK)
        return KP_FAILED;
    if (deflateInit2(&z, (int)gzip_level(params), Z_DEFLATED, -MAX_WBITS, ZLIB_MEMORY,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        return kp_fail(call, "zlib: out of memory");
    result = deflate_steps(call, &z, buffer, &crc);
    deflateEnd(&z);
    gzip_put_trailer(trailer, crc, size);
    return result == KP_OK ? kp_append(call, trailer, sizeof(trailer)) : KP_FAILED;
}
