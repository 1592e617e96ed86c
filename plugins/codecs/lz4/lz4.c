/* SPDX-License-Identifier: BSD-3-Clause
 *
 * codecs/lz4/lz4.c - the codec lz4: its description, and packing by liblz4 as a legacy or a
 * standard frame, with the bytes that lz4(1) gives from a pipe. Unpacking is unlz4.c.
 */
#include <lz4.h>
#include <lz4frame.h>
#include <lz4hc.h>

#include "lz4.h"

#define LEGACY 0u
#define STANDARD 1u

struct lz4_params {
    uint64_t level;
    uint32_t frame, preset, block_size;
    uint8_t has_level, has_frame, linked, block_checksum, content_checksum, content_size;
};

static int level_of(const struct lz4_params *params)
{
    return params->has_level ? (int)params->level : params->preset == KP_PRESET_MAKE_FIT ? 1 : 9;
}

static const struct kp_choice *const frames[] = {
    KP_ONE_OF(LEGACY, "legacy", "as `lz4 -l`: blocks of 8 MiB, no checksums; what Linux takes"),
    KP_ONE_OF(STANDARD, "standard", "what lz4 writes by default, and U-Boot takes"),
    NULL,
};

static const struct kp_choice *const block_sizes[] = {
    KP_ONE_OF(LZ4F_max64KB, "64K", "as `lz4 -B4`"),
    KP_ONE_OF(LZ4F_max256KB, "256K", "as `lz4 -B5`"),
    KP_ONE_OF(LZ4F_max1MB, "1M", "as `lz4 -B6`"),
    KP_ONE_OF(LZ4F_max4MB, "4M", "as `lz4 -B7`"),
    NULL,
};

static const struct kp_param *const lz4_table[] = {
    KP_UINT(struct lz4_params, level, .minimum = 1, .maximum = LZ4HC_CLEVEL_MAX,
            .presence = offsetof(struct lz4_params, has_level), .flags = KP_PARAM_SHORT,
            .computed = "9, with preset make-fit 1",
            .summary = "effort: 1 is fastest, 12 is smallest"),
    KP_CHOICE(struct lz4_params, frame, .choices = frames,
              .presence = offsetof(struct lz4_params, has_frame),
              .computed = "legacy with a preset of Linux but make-fit, else standard",
              .summary = "which of lz4's two file formats"),
    KP_KERNEL_PRESET(struct lz4_params, preset,
                     .help =
                         "That is `lz4 -l -9`, but for make-fit. Parameters given beside a preset "
                         "win over it."),
    KP_CHOICE(struct lz4_params, block_size, .choices = block_sizes, .fallback = "4M",
              .summary = "largest block of a standard frame"),
    KP_BOOL(struct lz4_params, linked, .fallback = "false",
            .summary = "blocks of a standard frame may refer to earlier ones, as `lz4 -BD`"),
    KP_BOOL(struct lz4_params, block_checksum, .fallback = "false",
            .summary = "a checksum for each block of a standard frame, as `lz4 -BX`"),
    KP_BOOL(struct lz4_params, content_checksum, .fallback = "true",
            .summary = "a checksum of a standard frame's content"),
    KP_BOOL(struct lz4_params, content_size, .fallback = "false",
            .summary = "the size of the content in a standard frame's header"),
    NULL,
};

/* A block as `lz4 -l` writes it: always compressed, even if that makes it larger. */
static uint64_t encode_legacy(const struct kp_blocks *blocks, const uint8_t *from, uint64_t length,
                              uint8_t *to)
{
    const struct lz4_params *const params = blocks->data;
    const char *const source = (const char *)from;
    char *const data = (char *)to + 4;
    const int used =
        level_of(params) < LZ4HC_CLEVEL_MIN
            ? LZ4_compress_default(source, data, (int)length, (int)LZ4_LEGACY_BOUND)
            : LZ4_compress_HC(source, data, (int)length, (int)LZ4_LEGACY_BOUND, level_of(params));

    kp_put_le32(to, (uint32_t)used);
    return used > 0 ? (uint64_t)used + 4 : 0;
}

static int32_t pack_legacy(struct kp_call *call)
{
    struct kp_blocks blocks = {.call = call, .data = call->params, .block_size = LZ4_LEGACY_BLOCK};
    uint8_t magic[4];

    blocks.slot_size = 4 + LZ4_LEGACY_BOUND;
    blocks.encode = encode_legacy;
    kp_put_le32(magic, LZ4_LEGACY_MAGIC);
    return kp_append(call, magic, sizeof(magic)) == KP_OK ? kp_encode_blocks(&blocks) : KP_FAILED;
}

/* All of a frame at `room`, block by block as the tool does it: what is smaller than a block
 * is made in one go, with a smaller block size in its header. Returns an error of liblz4's. */
static size_t fill_frame(struct kp_call *call, LZ4F_cctx *context, const LZ4F_preferences_t *p,
                         const uint8_t *bytes, size_t size, uint8_t *room, size_t bound)
{
    const size_t block = (size_t)1 << (8 + 2 * p->frameInfo.blockSizeID);
    size_t made, used;

    if (size < block)
        return LZ4F_compressFrame(room, bound, bytes, size, p);
    used = LZ4F_compressBegin(context, room, bound, p);
    for (size_t at = 0; at < size && !LZ4F_isError(used); at += block) {
        const size_t step = size - at < block ? size - at : block;

        if (call->host->cancelled(call))
            return used;
        made = LZ4F_compressUpdate(context, room + used, bound - used, bytes + at, step, NULL);
        used = LZ4F_isError(made) ? made : used + made;
        call->host->progress(call, at + step, size);
    }
    if (LZ4F_isError(used))
        return used;
    made = LZ4F_compressEnd(context, room + used, bound - used, NULL);
    return LZ4F_isError(made) ? made : used + made;
}

static int32_t pack_standard(struct kp_call *call, const struct lz4_params *params)
{
    const uint64_t size = kp_size(call, call->input);
    const uint8_t *const bytes = kp_view(call, call->input);
    LZ4F_preferences_t p = {.autoFlush = 1, .compressionLevel = level_of(params)};
    LZ4F_cctx *context = NULL;
    size_t used, bound;
    uint8_t *room;

    p.frameInfo.blockSizeID = (LZ4F_blockSizeID_t)params->block_size;
    p.frameInfo.blockMode = params->linked ? LZ4F_blockLinked : LZ4F_blockIndependent;
    p.frameInfo.blockChecksumFlag = (LZ4F_blockChecksum_t)params->block_checksum;
    p.frameInfo.contentChecksumFlag = (LZ4F_contentChecksum_t)params->content_checksum;
    p.frameInfo.contentSize = params->content_size ? size : 0;
    bound = LZ4F_compressFrameBound((size_t)size, &p);
    room = bytes != NULL ? kp_reserve(call, bound) : NULL;
    if (room == NULL)
        return KP_FAILED;
    used = LZ4F_createCompressionContext(&context, LZ4F_VERSION);
    if (!LZ4F_isError(used))
        used = fill_frame(call, context, &p, bytes, (size_t)size, room, bound);
    LZ4F_freeCompressionContext(context);
    if (LZ4F_isError(used))
        return kp_fail(call, "liblz4: %s", LZ4F_getErrorName(used));
    return call->host->output_give_back(call, call->output, bound - used);
}

static int32_t lz4_pack(struct kp_call *call)
{
    const struct lz4_params *const params = call->params;
    const int legacy = params->has_frame ? params->frame == LEGACY
                                         : params->preset != KP_PRESET_NONE &&
                                               params->preset != KP_PRESET_MAKE_FIT;

    if ((legacy ? pack_legacy(call) : pack_standard(call, params)) != KP_OK)
        return KP_FAILED;
    return call->host->set_number(call, call->output, KP_TRAIT_SIZE, kp_size(call, call->input));
}

static const struct kp_operation lz4_compress = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "compress with lz4",
    .help = "The bytes are those of lz4(1) of the same version when it reads from a pipe. The "
            "legacy frame uses several threads.",
    .output_kind = KP_KIND_COMPRESSED,
    .params = lz4_table,
    .params_size = sizeof(struct lz4_params),
    .memory_base = 8,
    .memory_per_byte = 1,
    .run = lz4_pack,
};

static const struct kp_codec lz4_codec = {
    .size = sizeof(struct kp_codec),
    .name = "lz4",
    .summary = "lz4 files, legacy and standard frames",
    .suffix = ".lz4",
    .compress = &lz4_compress,
    .decompress = &lz4_unpack,
    .inspect = lz4_inspect,
};

static const struct kp_codec *const lz4_codecs[] = {&lz4_codec, NULL};

KP_PLUGIN("org.kpipe.lz4", "lz4", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "the lz4 codec, by liblz4",
          KP_OFFERS_CODEC("lz4") KP_MAGIC_CODEC("lz4", "0", "02214c18", "ffffffff")
              KP_MAGIC_CODEC("lz4", "0", "04224d18", "ffffffff"),
          .codecs = lz4_codecs)
