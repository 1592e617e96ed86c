/* SPDX-License-Identifier: BSD-3-Clause
 *
 * xz/encode.c - compresses into xz and into lzma with liblzma's encoders of one thread and,
 * in xz, one block: what xz -T1 writes, whatever number of threads kpipe has. Only the encoder of
 * several threads makes more blocks; it gets one thread, too, which its bytes do not show.
 */
#include "xz.h"

#define LEVEL 6u        /* the tools' default */
#define LEVEL_KERNEL 9u /* lzma -9, scripts/Makefile.lib of 6.1 and 6.12 */
#define MIB (UINT64_C(1) << 20)
/* Bytes that liblzma gets at a time: more, copied at once, drive what it works with out of the
 * processor's caches. */
#define STEP (UINT64_C(16) << 10)
#define ROOM MIB /* bytes of output that are reserved at a time */

/* What the level means. */
static int32_t level_options(struct kp_call *call, uint64_t level, lzma_options_lzma *options)
{
    const struct xz_params *const params = call->params;

    if (params->has_level)
        level = params->level;
    if (lzma_lzma_preset(options, (uint32_t)level | (params->extreme ? LZMA_PRESET_EXTREME : 0)))
        return kp_fail_at(call, &params->level, NULL, "level: %llu: liblzma does not know it",
                          (unsigned long long)level);
    return KP_OK;
}

/* What is given by name, over level and preset. */
static int32_t given_options(struct kp_call *call, lzma_options_lzma *options)
{
    const struct xz_params *const params = call->params;

    if (params->has_dict)
        options->dict_size = (uint32_t)params->dict;
    if (params->has_lc)
        options->lc = (uint32_t)params->lc;
    if (params->has_lp)
        options->lp = (uint32_t)params->lp;
    if (params->has_pb)
        options->pb = (uint32_t)params->pb;
    if (options->lc + options->lp > LZMA_LCLP_MAX)
        return kp_fail_at(call, params->has_lp ? &params->lp : &params->lc, "give both lc and lp",
                          "lc + lp: %u + %u: together at most %u", (unsigned)options->lc,
                          (unsigned)options->lp, LZMA_LCLP_MAX);
    return KP_OK;
}

static int32_t encode_failed(struct kp_call *call, lzma_ret status, const lzma_filter *filters)
{
    const uint64_t memory = lzma_raw_encoder_memusage(filters);

    if (status == LZMA_MEM_ERROR)
        return kp_fail(call, "liblzma: out of memory: these options need %llu MiB",
                       (unsigned long long)(memory / MIB));
    return kp_fail(call, "liblzma %s: compress: error %d", lzma_version_string(), (int)status);
}

/* All of the input through *z. */
static int32_t encode(struct kp_call *call, lzma_stream *z, const lzma_filter *filters)
{
    const uint64_t size = kp_size(call, call->input);
    lzma_ret status = LZMA_OK;
    uint64_t at = 0, length;

    while (status == LZMA_OK) {
        if (call->host->cancelled(call))
            return KP_FAILED;
        if (z->avail_in == 0 && at < size) {
            if (call->host->image_piece(call, call->input, at, &z->next_in, &length) != KP_OK)
                return KP_FAILED;
            z->avail_in = (size_t)(length < STEP ? length : STEP);
            at += z->avail_in;
        }
        if (z->avail_out == 0) {
            z->next_out = kp_reserve(call, ROOM);
            if (z->next_out == NULL)
                return KP_FAILED;
            z->avail_out = (size_t)ROOM;
        }
        status = lzma_code(z, at < size ? LZMA_RUN : LZMA_FINISH);
        call->host->progress(call, z->total_in, size);
    }
    if (status != LZMA_STREAM_END)
        return encode_failed(call, status, filters);
    if (call->host->output_give_back(call, call->output, z->avail_out) != KP_OK)
        return KP_FAILED;
    return call->host->set_number(call, call->output, KP_TRAIT_SIZE, size);
}

/* Filters that liblzma has got in the course of time; all others are older than all. */
static const char *version_with(uint32_t bcj)
{
    return bcj == XZ_BCJ_RISCV ? "5.6.0" : "5.4.0";
}

static int32_t check_filter(struct kp_call *call, uint32_t bcj)
{
    const struct xz_params *const params = call->params;
    const char *name = "";

    if (bcj == XZ_BCJ_NONE || lzma_filter_encoder_is_supported(bcj))
        return KP_OK;
    for (size_t i = 0; xz_filters[i] != NULL; i++)
        if (xz_filters[i]->value == bcj)
            name = xz_filters[i]->name;
    if (bcj < XZ_BCJ_ARM64)
        return kp_fail_at(call, params->has_bcj ? &params->bcj : &params->preset, NULL,
                          "bcj: %s: liblzma %s was built without this filter", name,
                          lzma_version_string());
    return kp_fail_at(call, params->has_bcj ? &params->bcj : &params->preset,
                      "upgrade liblzma, or give 'bcj: none': so does the kernel with such an xz",
                      "bcj: %s: liblzma is %s: this filter needs %s", name, lzma_version_string(),
                      version_with(bcj));
}

int32_t xz_compress(struct kp_call *call)
{
    const struct xz_params *const params = call->params;
    const uint32_t check = params->has_check              ? params->check
                           : xz_is_kernel(params->preset) ? LZMA_CHECK_CRC32
                                                          : LZMA_CHECK_CRC64;
    lzma_stream z = LZMA_STREAM_INIT;
    lzma_options_lzma options;
    lzma_filter filters[3] = {{LZMA_VLI_UNKNOWN, NULL}};
    const lzma_mt threads = {.threads = 1, .filters = filters, .check = (lzma_check)check};
    uint32_t bcj, count = 0;
    lzma_ret status;
    int32_t result;

    if (level_options(call, LEVEL, &options) != KP_OK || xz_preset(call, &options, &bcj) != KP_OK ||
        given_options(call, &options) != KP_OK || check_filter(call, bcj) != KP_OK)
        return KP_FAILED;
    if (bcj != XZ_BCJ_NONE)
        filters[count++] = (lzma_filter){bcj, NULL};
    filters[count++] = (lzma_filter){LZMA_FILTER_LZMA2, &options};
    filters[count] = (lzma_filter){LZMA_VLI_UNKNOWN, NULL};
    status = params->blocks || params->preset == KP_PRESET_MAKE_FIT
                 ? lzma_stream_encoder_mt(&z, &threads)
                 : lzma_stream_encoder(&z, filters, (lzma_check)check);
    result = status == LZMA_OK ? encode(call, &z, filters) : encode_failed(call, status, filters);
    lzma_end(&z);
    return result;
}

int32_t xz_lzma_compress(struct kp_call *call)
{
    const struct xz_params *const params = call->params;
    const uint64_t level = xz_is_kernel(params->preset) ? LEVEL_KERNEL : LEVEL;
    lzma_stream z = LZMA_STREAM_INIT;
    lzma_options_lzma options;
    const lzma_filter filters[2] = {{LZMA_FILTER_LZMA1, &options}, {LZMA_VLI_UNKNOWN, NULL}};
    lzma_ret status;
    int32_t result;

    if (level_options(call, level, &options) != KP_OK || given_options(call, &options) != KP_OK)
        return KP_FAILED;
    status = lzma_alone_encoder(&z, &options);
    result = status == LZMA_OK ? encode(call, &z, filters) : encode_failed(call, status, filters);
    lzma_end(&z);
    return result;
}
