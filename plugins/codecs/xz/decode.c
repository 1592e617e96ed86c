/* SPDX-License-Identifier: BSD-3-Clause
 *
 * xz/decode.c - decompresses xz, of one or more streams, and lzma, which has but one.
 * Each stream's end is found to the byte: a kernel's payload goes on with its size behind it.
 */
#include <string.h>

#include "xz.h"

/* Most memory that a decoder may take: eight times what the kernel's own streams need. The
 * largest dictionary that a file can ask for, 4 GiB, is of no use but to exhaust a machine. */
#define MEMORY_MAX (UINT64_C(1) << 30)
#define MIB (UINT64_C(1) << 20)

static const uint8_t xz_magic[6] = {0xfd, '7', 'z', 'X', 'Z', 0};

static int32_t decode_failed(struct kp_decoder *d, lzma_stream *z, lzma_ret status,
                             const char *what)
{
    const unsigned long long at = d->at;

    switch (status) {
    case LZMA_MEM_ERROR:
        return kp_fail(d->call, "liblzma: out of memory");
    case LZMA_MEMLIMIT_ERROR:
        return kp_fail(d->call,
                       "%s: near offset %llu: the dictionary wants %llu MiB of memory: more than "
                       "%llu are not given",
                       what, at, (unsigned long long)(lzma_memusage(z) / MIB),
                       (unsigned long long)(MEMORY_MAX / MIB));
    case LZMA_FORMAT_ERROR:
        return kp_fail(d->call, "%s: near offset %llu: no header of this format", what, at);
    case LZMA_OPTIONS_ERROR:
        return kp_fail(d->call, "%s: near offset %llu: options that liblzma %s does not know", what,
                       at, lzma_version_string());
    case LZMA_DATA_ERROR:
        return kp_fail(d->call, "%s: near offset %llu: corrupt data or a wrong checksum", what, at);
    default:
        return kp_fail(d->call, "%s: near offset %llu: liblzma: error %d", what, at, (int)status);
    }
}

/* One stream, from d->at to its end. `begun` is what the start of the coder said. */
static int32_t decode(struct kp_decoder *d, lzma_stream *z, lzma_ret begun, const char *what)
{
    lzma_ret status = begun;

    while (status == LZMA_OK) {
        if (kp_decode_next(d) != KP_OK)
            return KP_FAILED;
        z->next_in = d->from;
        z->avail_in = (size_t)d->left;
        z->next_out = d->room;
        z->avail_out = (size_t)d->room_left;
        status = lzma_code(z, LZMA_RUN);
        if (status == LZMA_UNSUPPORTED_CHECK) {
            kp_message(d->call, KP_WARNING,
                       "%s: the contents are not verified: liblzma %s does "
                       "not know check %d",
                       what, lzma_version_string(), (int)lzma_get_check(z));
            status = LZMA_OK;
        } else if (status == LZMA_OK && d->left == 0 && z->avail_out == d->room_left) {
            return kp_fail(d->call, "%s: the input ends inside it, at offset %llu", what,
                           (unsigned long long)d->at);
        }
        if (kp_decode_step(d, d->left - z->avail_in, d->room_left - z->avail_out) != KP_OK)
            return KP_FAILED;
    }
    return status == LZMA_STREAM_END ? KP_OK : decode_failed(d, z, status, what);
}

/* Where another stream begins behind d->at: at once, or behind padding, which is zeros in
 * fours (.xz File Format, 2.2). Zeros that no stream follows are not ours to judge. */
static int32_t next_stream(struct kp_decoder *d, int *more)
{
    uint64_t at = d->at, length, zeros;
    uint8_t magic[sizeof(xz_magic)];
    const uint8_t *bytes;

    *more = 0;
    do {
        if (d->call->host->image_piece(d->call, d->call->input, at, &bytes, &length) != KP_OK)
            return KP_FAILED;
        for (zeros = 0; zeros < length && bytes[zeros] == 0; zeros++)
            ;
        at += zeros;
    } while (length != 0 && zeros == length);
    if ((at - d->at) % 4 != 0 || !kp_inside(d->size, at, sizeof(magic)))
        return KP_OK;
    if (d->call->host->image_read(d->call, d->call->input, at, magic, sizeof(magic)) != KP_OK)
        return KP_FAILED;
    *more = memcmp(magic, xz_magic, sizeof(magic)) == 0;
    if (*more)
        d->at = at;
    return KP_OK;
}

int32_t xz_decompress(struct kp_call *call)
{
    struct kp_decoder d = kp_decoder(call, call->params);
    lzma_stream z = LZMA_STREAM_INIT;
    int32_t result = KP_OK;
    char what[40];
    int more = 1;

    for (unsigned long long stream = 1; more && result == KP_OK; stream++) {
        snprintf(what, sizeof(what), "xz stream %llu", stream);
        result =
            decode(&d, &z, lzma_stream_decoder(&z, MEMORY_MAX, LZMA_TELL_UNSUPPORTED_CHECK), what);
        if (result == KP_OK)
            result = next_stream(&d, &more);
    }
    lzma_end(&z);
    return result == KP_OK ? kp_decode_finish(&d, "xz") : KP_FAILED;
}

int32_t xz_lzma_decompress(struct kp_call *call)
{
    struct kp_decoder d = kp_decoder(call, call->params);
    lzma_stream z = LZMA_STREAM_INIT;
    uint8_t header[LZMA_HEADER_SIZE];
    int32_t result;

    if (d.size >= sizeof(header)) {
        if (call->host->image_read(call, call->input, 0, header, sizeof(header)) != KP_OK)
            return KP_FAILED;
        if (kp_le64(header + 5) != UINT64_MAX)
            d.hint = kp_le64(header + 5);
    }
    result = decode(&d, &z, lzma_alone_decoder(&z, MEMORY_MAX), "lzma");
    lzma_end(&z);
    return result == KP_OK ? kp_decode_finish(&d, "lzma") : KP_FAILED;
}
