/* SPDX-License-Identifier: BSD-3-Clause
 *
 * codecs/zstd/zstd.c - the codec zstd: its description, and packing by libzstd, with the
 * bytes that zstd(1) gives from a pipe. Unpacking is unzstd.c.
 */
#include <zstd.h>

#include "zstd.h"

struct zstd_params {
    uint64_t level, window_log;
    uint32_t preset;
    uint8_t has_level, has_window_log, distant, checksum, content_size;
};

/* By preset: `zstd -22 --ultra` for what a boot stub unpacks, `zstd -19` for other files;
 * `zstd` in a FIT. */
static const uint8_t preset_levels[] = {19, 22, 19, 22, 19, 3};

static const struct kp_param *const zstd_table[] = {
    KP_UINT(struct zstd_params, level, .minimum = 1, .maximum = 22, .flags = KP_PARAM_SHORT,
            .presence = offsetof(struct zstd_params, has_level),
            .computed = "the preset's, else 19", .summary = "effort: 1 is fastest, 22 is smallest",
            .help = "Levels from 20 on are those for which zstd(1) wants --ultra."),
    KP_KERNEL_PRESET(struct zstd_params, preset,
                     .help = "That is level 22, and 19 for a file of its own; 3 for make-fit. "
                             "Parameters given beside a preset win over it."),
    KP_UINT(struct zstd_params, window_log, .minimum = 10, .maximum = ZSTD_WINDOW_LOG,
            .presence = offsetof(struct zstd_params, has_window_log),
            .computed = "by the level: 23 for 19, 27 for 22",
            .summary = "how far back a match may lie, as a power of two"),
    KP_BOOL(struct zstd_params, distant, .fallback = "false",
            .summary = "look for distant matches, too, as `zstd --long`, in a window of 2^27"),
    KP_BOOL(struct zstd_params, checksum, .fallback = "true",
            .summary = "a checksum of the content"),
    KP_BOOL(struct zstd_params, content_size, .fallback = "false",
            .summary = "the size of the content in the header, as zstd(1) writes it for files"),
    NULL,
};

/* zstd(1) leaves the work to one thread of libzstd's, while its own waits. Without such a
 * thread the bytes differ; more of them would not change them, but be more than the user
 * allowed. Returns an error of libzstd's. */
static size_t set_up(ZSTD_CCtx *context, const struct zstd_params *params, uint64_t size)
{
    const int level = params->has_level ? (int)params->level : preset_levels[params->preset];
    const int window = params->has_window_log ? (int)params->window_log
                       : params->distant      ? ZSTD_WINDOW_LOG
                                              : 0;
    const struct {
        ZSTD_cParameter name;
        int value;
    } rows[] = {
        {ZSTD_c_compressionLevel, level},
        {ZSTD_c_checksumFlag, params->checksum},
        {ZSTD_c_enableLongDistanceMatching, params->distant},
        {ZSTD_c_windowLog, window},
        {ZSTD_c_nbWorkers, 1},
    };
    size_t status = 0;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && !ZSTD_isError(status); i++)
        status = ZSTD_CCtx_setParameter(context, rows[i].name, rows[i].value);
    if (!ZSTD_isError(status) && params->content_size)
        status = ZSTD_CCtx_setPledgedSrcSize(context, size);
    return status;
}

/* Reads as zstd(1) does: pieces of one size, and the end by itself behind the last of them
 * unless it was known before. Returns an error of libzstd's, or 0; else it was cancelled. */
static size_t compress_all(struct kp_call *call, ZSTD_CCtx *context, ZSTD_inBuffer *in,
                           ZSTD_outBuffer *out, int known)
{
    const size_t size = in->size, step = ZSTD_CStreamInSize();
    ZSTD_EndDirective directive = ZSTD_e_continue;
    size_t status = 1;

    in->size = 0;
    while (status != 0 && !ZSTD_isError(status) && !call->host->cancelled(call)) {
        if (in->pos == in->size && directive != ZSTD_e_end) {
            if (in->size == size || (known && size - in->size <= step))
                directive = ZSTD_e_end;
            in->size += size - in->size < step ? size - in->size : step;
            call->host->progress(call, in->pos, size);
        }
        status = ZSTD_compressStream2(context, out, in, directive);
        if (directive != ZSTD_e_end && status == 0)
            status = 1;
    }
    return status;
}

static int32_t zstd_pack(struct kp_call *call)
{
    const struct zstd_params *const params = call->params;
    const uint64_t size = kp_size(call, call->input);
    ZSTD_inBuffer in = {kp_view(call, call->input), (size_t)size, 0};
    ZSTD_outBuffer out = {NULL, ZSTD_compressBound((size_t)size), 0};
    ZSTD_CCtx *const context = in.src != NULL ? ZSTD_createCCtx() : NULL;
    int32_t result = KP_FAILED;
    size_t status;

    if (in.src != NULL && context == NULL)
        kp_fail(call, "libzstd: out of memory");
    out.dst = context != NULL ? kp_reserve(call, out.size) : NULL;
    if (out.dst == NULL)
        goto out;
    status = set_up(context, params, size);
    if (!ZSTD_isError(status))
        status = compress_all(call, context, &in, &out, params->content_size);
    if (ZSTD_isError(status))
        kp_fail(call, "libzstd: %s", ZSTD_getErrorName(status));
    else if (status == 0 &&
             call->host->output_give_back(call, call->output, out.size - out.pos) == KP_OK)
        result = call->host->set_number(call, call->output, KP_TRAIT_SIZE, size);
out:
    ZSTD_freeCCtx(context);
    return result;
}

static const struct kp_operation zstd_compress = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "compress with zstd",
    .help = "The bytes are those of zstd(1) of the same version when it reads from a pipe.",
    .output_kind = KP_KIND_COMPRESSED,
    .params = zstd_table,
    .params_size = sizeof(struct zstd_params),
    .run = zstd_pack,
};

static const struct kp_codec zstd_codec = {
    .size = sizeof(struct kp_codec),
    .name = "zstd",
    .summary = "zstd files (RFC 8878)",
    .suffix = ".zst",
    .compress = &zstd_compress,
    .decompress = &zstd_unpack,
    .inspect = zstd_inspect,
};

static const struct kp_codec *const zstd_codecs[] = {&zstd_codec, NULL};

KP_PLUGIN("org.kpipe.zstd", "zstd", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "the zstd codec, by libzstd",
          KP_OFFERS_CODEC("zstd") KP_MAGIC_CODEC("zstd", "0", "28b52ffd", "ffffffff"),
          .codecs = zstd_codecs)
