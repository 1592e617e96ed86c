/* SPDX-License-Identifier: BSD-3-Clause
 *
 * codecs/lzo/lzo.c - the codec lzo: its description, and packing by liblzo2 as lzop(1) does
 * it from a pipe, with the build's time in the header or another. Unpacking is unlzo.c.
 *
 * liblzo2 is under GPL-2.0-or-later, and so is the plugin as a whole: its note says so.
 */
#include <stdlib.h>

#include <lzo/lzo1x.h>

#include "lzo.h"

#define BLOCK (256u << 10)
#define BLOCK_HEADER 12u
#define EXPANDED(size) ((size) + (size) / 16 + 64 + 3) /* by LZO1X at worst */

struct lzo_params {
    uint64_t level, mtime;
    uint32_t preset;
    uint8_t has_level, has_mtime;
};

static uint64_t level_of(const struct lzo_params *params)
{
    return params->has_level ? params->level : params->preset == KP_PRESET_MAKE_FIT ? 3 : 9;
}

static const struct kp_param *const lzo_table[] = {
    KP_UINT(struct lzo_params, level, .minimum = 1, .maximum = 9, .flags = KP_PARAM_SHORT,
            .presence = offsetof(struct lzo_params, has_level),
            .computed = "9, with preset make-fit 3",
            .summary = "effort: 1 is fastest, 9 is smallest",
            .help = "1 is LZO1X-1(15), 2 to 6 are one, LZO1X-1, and 7 to 9 are LZO1X-999."),
    KP_KERNEL_PRESET(
        struct lzo_params, preset,
        .help = "That is `lzop -9`, but for make-fit; another level given beside it wins."),
    KP_UINT(struct lzo_params, mtime, .presence = offsetof(struct lzo_params, has_mtime),
            .maximum = UINT64_MAX, .unit = "seconds since 1970-01-01 UTC",
            .computed = "SOURCE_DATE_EPOCH, or 0",
            .summary = "time in the header, where lzop writes when it ran"),
    NULL,
};

/* Levels 7 to 9 tidy up what they made; the library wants room for the content then. */
static int compress(uint64_t level, const uint8_t *from, lzo_uint length, uint8_t *to,
                    lzo_uint *made)
{
    lzo_uint again = length;
    uint8_t *const scratch = malloc(LZO1X_999_MEM_COMPRESS + BLOCK);
    int status = LZO_E_OUT_OF_MEMORY;

    if (scratch == NULL)
        return status;
    if (level == 1)
        status = lzo1x_1_15_compress(from, length, to, made, scratch);
    else if (level < 7)
        status = lzo1x_1_compress(from, length, to, made, scratch);
    else
        status =
            lzo1x_999_compress_level(from, length, to, made, scratch, NULL, 0, NULL, (int)level);
    if (status == LZO_E_OK && level >= 7 && *made < length)
        status = lzo1x_optimize(to, *made, scratch + LZO1X_999_MEM_COMPRESS, &again, NULL);
    free(scratch);
    return status;
}

static uint64_t encode_block(const struct kp_blocks *blocks, const uint8_t *from, uint64_t length,
                             uint8_t *to)
{
    const struct lzo_params *const params = blocks->data;
    lzo_uint made = 0;

    if (compress(level_of(params), from, (lzo_uint)length, to + BLOCK_HEADER, &made) != LZO_E_OK)
        return 0;
    if (made >= length) {
        made = (lzo_uint)length;
        memcpy(to + BLOCK_HEADER, from, (size_t)length);
    }
    kp_put_be32(to, (uint32_t)length);
    kp_put_be32(to + 4, (uint32_t)made);
    kp_put_be32(to + 8, lzo_adler32(1, from, (lzo_uint)length));
    return BLOCK_HEADER + made;
}

static int32_t lzo_pack(struct kp_call *call)
{
    static const uint8_t magic[] = LZO_MAGIC, end[4] = {0};
    const struct lzo_params *const params = call->params;
    const uint64_t level = level_of(params) < 2 ? 1 : level_of(params) < 7 ? 5 : level_of(params);
    const uint64_t time = params->has_mtime ? params->mtime : call->host->build_time(call);
    struct kp_blocks blocks = {.call = call, .data = params, .block_size = BLOCK};
    uint8_t header[LZO_FIXED_SIZE + 5 + LZO_MAGIC_SIZE] = {0};

    memcpy(header, magic, LZO_MAGIC_SIZE);
    kp_put_be16(header + 9, LZO_FILE_VERSION);
    kp_put_be16(header + 11, (uint16_t)lzo_version());
    kp_put_be16(header + 13, LZO_FILE_VERSION_NEEDED);
    header[15] = level == 1 ? LZO_METHOD_1_15 : level == 5 ? LZO_METHOD_1 : LZO_METHOD_999;
    header[16] = (uint8_t)level;
    kp_put_be32(header + 17, LZO_FLAGS_PIPE);
    kp_put_be32(header + 25, (uint32_t)time); /* a mode stands before it, 0 */
    kp_put_be32(header + 29, (uint32_t)(time >> 32));
    kp_put_be32(header + LZO_FIXED_SIZE,
                lzo_adler32(1, header + LZO_MAGIC_SIZE, LZO_FIXED_SIZE - LZO_MAGIC_SIZE));
    blocks.slot_size = BLOCK_HEADER + EXPANDED(BLOCK);
    blocks.encode = encode_block;
    if (kp_append(call, header, LZO_FIXED_SIZE + 4) != KP_OK ||
        kp_encode_blocks(&blocks) != KP_OK || kp_append(call, end, sizeof(end)) != KP_OK)
        return KP_FAILED;
    return call->host->set_number(call, call->output, KP_TRAIT_SIZE, blocks.size);
}

static const struct kp_operation lzo_compress = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "compress with lzo, as lzop does",
    .help = "The bytes are those of lzop(1) with the same liblzo2 when it reads from a pipe, but "
            "for the time in the header.",
    .output_kind = KP_KIND_COMPRESSED,
    .params = lzo_table,
    .params_size = sizeof(struct lzo_params),
    .memory_base = 8,
    .memory_per_byte = 1,
    .run = lzo_pack,
};

static const struct kp_codec lzo_codec = {
    .size = sizeof(struct kp_codec),
    .name = "lzo",
    .summary = "lzop files",
    .suffix = ".lzo",
    .compress = &lzo_compress,
    .decompress = &lzo_unpack,
    .inspect = lzo_inspect,
};

static const struct kp_codec *const lzo_codecs[] = {&lzo_codec, NULL};

KP_PLUGIN("org.kpipe.lzo", "lzo", KPIPE_VERSION, "GPL-2.0-or-later", "The kpipe authors",
          "man:kpipe(1)", "the lzo codec, by liblzo2",
          KP_OFFERS_CODEC("lzo")
              KP_MAGIC_CODEC("lzo", "0", "894c5a4f000d0a1a0a", "ffffffffffffffffff"),
          .codecs = lzo_codecs)
