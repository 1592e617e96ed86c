/* SPDX-License-Identifier: BSD-3-Clause
 *
 * codecs/lz4/unlz4.c - unpacks lz4 files: legacy, standard and skippable frames, one after
 * the other, by liblz4. No dictionaries.
 */
#include <lz4.h>
#include <lz4frame.h>

#include "lz4.h"

static int is_skippable(uint32_t number)
{
    return (number & ~UINT32_C(15)) == LZ4_SKIPPABLE_MAGIC;
}

/* Decompresses the block of `stored` bytes at `from`: -1 if it is none. The room holds less
 * than a block only if no more may come out. */
static int decode_block(struct kp_decoder *d, const uint8_t *from, uint32_t stored)
{
    const char *const source = (const char *)from;
    char *const room = (char *)d->room;

    if (d->room_left >= LZ4_LEGACY_BLOCK)
        return LZ4_decompress_safe(source, room, (int)stored, (int)LZ4_LEGACY_BLOCK);
    return LZ4_decompress_safe_partial(source, room, (int)stored, (int)d->room_left,
                                       (int)d->room_left);
}

/* The blocks of a legacy frame. Nothing marks its end, so blocks are told from what follows
 * them: none comes after one that is not full, none has a size of 0 or above the bound, none
 * has no bytes. A kernel's size trailer can still be taken for a block's size if the kernel
 * has 8 MiB to a byte: then it is a block if it can be decompressed. */
static int32_t unpack_legacy(struct kp_decoder *d)
{
    const uint8_t *const view = kp_view(d->call, d->call->input);
    uint64_t made = LZ4_LEGACY_BLOCK;

    if (view == NULL)
        return KP_FAILED;
    d->at += 4;
    while (made == LZ4_LEGACY_BLOCK && kp_inside(d->size, d->at, 5)) {
        const uint32_t stored = kp_le32(view + d->at);
        const int whole = kp_inside(d->size, d->at + 4, stored);
        int result = -1;

        if (stored == 0 || stored > LZ4_LEGACY_BOUND)
            break;
        if (kp_decode_room(d, LZ4_LEGACY_BLOCK) != KP_OK)
            return KP_FAILED;
        if (whole)
            result = decode_block(d, view + d->at + 4, stored);
        if (result < 0 && stored == d->total)
            break;
        if (result < 0)
            return kp_fail(d->call, "lz4 block at offset %llu: %lu bytes: %s",
                           (unsigned long long)d->at, (unsigned long)stored,
                           whole ? "corrupt" : "the input ends inside it");
        made = (uint64_t)result;
        d->at += 4 + (uint64_t)stored;
        if (kp_decode_step(d, 0, made) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

/* A standard or a skippable frame. */
static int32_t unpack_frame(struct kp_decoder *d, LZ4F_dctx *context)
{
    const uint64_t start = d->at;
    size_t status;

    do {
        size_t taken, given;

        if (kp_decode_next(d) != KP_OK)
            return KP_FAILED;
        taken = (size_t)d->left;
        given = (size_t)d->room_left;
        status = LZ4F_decompress(context, d->room, &given, d->from, &taken, NULL);
        if (LZ4F_isError(status))
            return kp_fail(d->call, "lz4 frame at offset %llu: near offset %llu: corrupt: %s",
                           (unsigned long long)start, (unsigned long long)(d->at + taken),
                           LZ4F_getErrorName(status));
        if (status != 0 && taken == 0 && given == 0 && d->left == 0)
            return kp_fail(d->call, "lz4 frame at offset %llu: the input ends inside it",
                           (unsigned long long)start);
        if (kp_decode_step(d, taken, given) != KP_OK)
            return KP_FAILED;
    } while (status != 0);
    return KP_OK;
}

static int32_t unpack_frames(struct kp_decoder *d, LZ4F_dctx *context)
{
    uint32_t magic;

    for (int first = 1;; first = 0) {
        if (lz4_peek(d->call, d->at, &magic) != KP_OK)
            return KP_FAILED;
        if (magic == LZ4_LEGACY_MAGIC) {
            if (unpack_legacy(d) != KP_OK)
                return KP_FAILED;
        } else if (magic == LZ4_STANDARD_MAGIC || is_skippable(magic)) {
            if (unpack_frame(d, context) != KP_OK)
                return KP_FAILED;
        } else if (first) {
            return kp_fail(d->call, "lz4 magic at offset 0: 0x%08lx: not that of lz4, or cut short",
                           (unsigned long)magic);
        } else {
            return kp_decode_finish(d, "lz4");
        }
    }
}

static int32_t unlz4_run(struct kp_call *call)
{
    struct kp_decoder d = kp_decoder(call, call->params);
    LZ4F_dctx *context = NULL;
    const size_t status = LZ4F_createDecompressionContext(&context, LZ4F_VERSION);
    int32_t result;

    if (LZ4F_isError(status))
        return kp_fail(call, "liblz4: %s", LZ4F_getErrorName(status));
    result = unpack_frames(&d, context);
    LZ4F_freeDecompressionContext(context);
    return result;
}

static const char *const packed_kinds[] = {KP_KIND_COMPRESSED, NULL};

const struct kp_operation lz4_unpack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "decompress lz4",
    .help = "Several frames one after the other are joined, as lz4 -d does; skippable ones are "
            "skipped. A legacy frame has no checksum and no end mark.",
    .input_kinds = packed_kinds,
    .params = kp_decode_table,
    .params_size = sizeof(struct kp_decode_params),
    .run = unlz4_run,
};
