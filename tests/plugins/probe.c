/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/plugins/probe.c - a plugin for tests, with a stage type for each thing that an
 * engine has to get right: lists of images, parts, stages in parameters, traits, kinds,
 * failure, waiting. All of it keeps its promises; rogue.c does not.
 *
 *     upper         letters become capitals, in parallel
 *     concat        the main input and a list of images
 *     make          begins a chain with a text
 *     count         passes its input on, and counts its calls in probe_calls
 *     slow          passes its input on after some time, unless it is cancelled
 *     fail          fails with the text that it is given
 *     split.unpack  the parts `head` and `tail`, and `extra` of long images only
 *     nest, knot    run the stage that they are given: one call of the operation, or of the
 *                   whole plugin at a time
 *     each          runs the stage that it is given on all images of a list, and joins what
 *                   comes out
 *     obey          sleeps, notes, warns or fails as the letters s, n, w, f of its input say
 *     facts         sets traits, addresses only where they are physical
 *     header        needs traits
 *     elf-only      takes and makes the kind elf, and device trees in a parameter
 *     rot           a codec: each byte plus one, behind the letters "rot1"
 *
 * Included by unit tests, with KP_STATIC_NAME defined, or built as a shared object.
 */
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include <kpipe/kpipe.h>

#include "probe-stages.h"

/* --- upper --- */

enum { UPPER_BLOCK = 4096 };

struct upper_work {
    const uint8_t *from;
    uint8_t *to;
    uint64_t size;
};

static void upper_block(void *data, uint64_t index)
{
    const struct upper_work *work = data;
    const uint64_t begin = index * UPPER_BLOCK;

    for (uint64_t i = begin; i < work->size && i < begin + UPPER_BLOCK; i++)
        work->to[i] = work->from[i] >= 'a' && work->from[i] <= 'z' ? (uint8_t)(work->from[i] - 32)
                                                                   : work->from[i];
}

static int32_t upper_run(struct kp_call *call)
{
    const uint64_t size = kp_size(call, call->input);
    struct upper_work work = {kp_view(call, call->input), kp_reserve(call, size), size};

    if (work.from == NULL || work.to == NULL)
        return KP_FAILED;
    call->host->progress(call, 0, size);
    if (call->host->parallel(call, (size + UPPER_BLOCK - 1) / UPPER_BLOCK, upper_block, &work) !=
        KP_OK)
        return KP_FAILED;
    call->host->progress(call, size, size);
    return KP_OK;
}

static const struct kp_operation upper_pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "make capitals",
    .output_kind = KP_KIND_SAME,
    .run = upper_run,
};

/* --- concat --- */

struct concat_params {
    struct kp_list with;
    uint64_t gap;
};

static int32_t concat_run(struct kp_call *call)
{
    const struct concat_params *params = call->params;
    const struct kp_image *const *with = params->with.items;

    if (kp_append_image(call, call->input) != KP_OK)
        return KP_FAILED;
    for (uint64_t i = 0; i < params->with.count; i++)
        if (kp_append_fill(call, 0, params->gap) != KP_OK ||
            kp_append_image(call, with[i]) != KP_OK)
            return KP_FAILED;
    return KP_OK;
}

static const struct kp_param *const concat_table[] = {
    KP_IMAGE_LIST(struct concat_params, with, .flags = KP_PARAM_REQUIRED | KP_PARAM_SHORT,
                  .min_items = 1, .summary = "what comes behind it"),
    KP_UINT(struct concat_params, gap, .fallback = "0", .maximum = 4096, .unit = "bytes",
            .summary = "zeros before each"),
    NULL,
};

static const struct kp_operation concat_pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "put images one behind the other",
    .output_kind = KP_KIND_RAW,
    .params = concat_table,
    .params_size = sizeof(struct concat_params),
    .run = concat_run,
};

/* --- make --- */

struct make_params {
    struct kp_text text;
    uint64_t times;
    const struct kp_image *before;
};

static int32_t make_run(struct kp_call *call)
{
    const struct make_params *params = call->params;

    if (params->before != NULL && kp_append_image(call, params->before) != KP_OK)
        return KP_FAILED;
    for (uint64_t i = 0; i < params->times; i++)
        if (kp_append(call, params->text.bytes, params->text.length) != KP_OK)
            return KP_FAILED;
    return KP_OK;
}

static const struct kp_param *const make_table[] = {
    KP_TEXT(struct make_params, text, .flags = KP_PARAM_REQUIRED | KP_PARAM_SHORT,
            .summary = "the text"),
    KP_UINT(struct make_params, times, .fallback = "1", .summary = "how often"),
    KP_IMAGE(struct make_params, before, .summary = "what comes before it"),
    NULL,
};

static const struct kp_operation make_pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC | KP_OP_NO_INPUT,
    .threading = KP_THREADS_ANY,
    .summary = "begin with a text",
    .output_kind = KP_KIND_RAW,
    .params = make_table,
    .params_size = sizeof(struct make_params),
    .run = make_run,
};

/* --- count, slow, fail --- */

/* For tests only: a plugin has no state. */
static atomic_uint probe_calls;
static atomic_uint probe_running;
static atomic_uint probe_most_running;

static int32_t count_run(struct kp_call *call)
{
    atomic_fetch_add(&probe_calls, 1);
    return kp_append_image(call, call->input);
}

static const struct kp_operation count_pack = {
    .size = sizeof(struct kp_operation),
    .threading = KP_THREADS_PLUGIN,
    .summary = "count calls",
    .output_kind = KP_KIND_SAME,
    .run = count_run,
};

struct slow_params {
    uint64_t ms;
};

static int32_t slow_run(struct kp_call *call)
{
    const struct slow_params *params = call->params;
    const unsigned running = atomic_fetch_add(&probe_running, 1) + 1;
    unsigned most = atomic_load(&probe_most_running);
    int32_t result = KP_OK;

    while (running > most && !atomic_compare_exchange_weak(&probe_most_running, &most, running))
        ;
    for (uint64_t i = 0; i < params->ms && result == KP_OK; i++) {
        nanosleep(&(struct timespec){0, 1000000}, NULL);
        call->host->progress(call, i + 1, params->ms);
        if (call->host->cancelled(call))
            result = KP_FAILED;
    }
    atomic_fetch_sub(&probe_running, 1);
    return result == KP_OK ? kp_append_image(call, call->input) : KP_FAILED;
}

static const struct kp_param *const slow_table[] = {
    KP_UINT(struct slow_params, ms, .fallback = "1", .flags = KP_PARAM_SHORT, .unit = "ms",
            .summary = "how long"),
    NULL,
};

static const struct kp_operation slow_pack = {
    .size = sizeof(struct kp_operation),
    .threading = KP_THREADS_ANY,
    .summary = "take time",
    .output_kind = KP_KIND_SAME,
    .params = slow_table,
    .params_size = sizeof(struct slow_params),
    .run = slow_run,
};

struct fail_params {
    struct kp_text text;
};

static int32_t fail_run(struct kp_call *call)
{
    const struct fail_params *params = call->params;

    kp_message(call, KP_NOTE, "about to fail");
    return kp_fail_at(call, &params->text, "choose another stage", "%s", params->text.bytes);
}

static const struct kp_param *const fail_table[] = {
    KP_TEXT(struct fail_params, text, .flags = KP_PARAM_SHORT, .fallback = "as told",
            .summary = "the error"),
    NULL,
};

static const struct kp_operation fail_pack = {
    .size = sizeof(struct kp_operation),
    .threading = KP_THREADS_ANY,
    .summary = "fail",
    .params = fail_table,
    .params_size = sizeof(struct fail_params),
    .run = fail_run,
};

/* --- rot --- */

static const char rot_magic[4] = {'r', 'o', 't', '1'};

static int32_t rot_compress(struct kp_call *call)
{
    const uint64_t size = kp_size(call, call->input);
    const uint8_t *from = kp_view(call, call->input);
    uint8_t *to = kp_append(call, rot_magic, 4) == KP_OK ? kp_reserve(call, size) : NULL;

    for (uint64_t i = 0; from != NULL && to != NULL && i < size; i++)
        to[i] = (uint8_t)(from[i] + 1);
    if (to == NULL || from == NULL)
        return KP_FAILED;
    return call->host->set_number(call, call->output, KP_TRAIT_SIZE, size);
}

static int32_t rot_decompress(struct kp_call *call)
{
    const uint64_t size = kp_size(call, call->input);
    const uint8_t *from = kp_view(call, call->input);
    uint8_t *to;

    if (from == NULL)
        return KP_FAILED;
    if (size < 4 || memcmp(from, rot_magic, 4) != 0)
        return kp_fail(call, "no rot data");
    to = kp_reserve(call, size - 4);
    for (uint64_t i = 4; to != NULL && i < size; i++)
        to[i - 4] = (uint8_t)(from[i] - 1);
    return to == NULL || call->host->stream_end(call, size) < 0 ? KP_FAILED : KP_OK;
}

static int32_t rot_inspect(struct kp_call *call)
{
    if (kp_field_text(call, "magic", 0, 4, rot_magic, 4) != KP_OK ||
        kp_field_number(call, "size", 0, 0, kp_size(call, call->input) - 4, KP_FIELD_BYTES,
                        "without the magic") != KP_OK)
        return KP_FAILED;
    return call->host->set_number(call, call->output, KP_TRAIT_SIZE,
                                  kp_size(call, call->input) - 4);
}

#define ROT_OPERATION(summary_, kind_, run_)                                                       \
    {                                                                                              \
        .size = sizeof(struct kp_operation), .flags = KP_OP_DETERMINISTIC,                         \
        .threading = KP_THREADS_ANY, .summary = (summary_), .output_kind = (kind_), .run = (run_)  \
    }

static const struct kp_operation rot_there =
    ROT_OPERATION("turn letters", KP_KIND_COMPRESSED, rot_compress);
static const struct kp_operation rot_back = ROT_OPERATION("turn them back", NULL, rot_decompress);

static const struct kp_codec rot = {
    .size = sizeof(struct kp_codec),
    .name = "rot",
    .summary = "letters turned",
    .suffix = ".rot",
    .compress = &rot_there,
    .decompress = &rot_back,
    .inspect = rot_inspect,
};

/* --- what the plugin offers --- */

#define FORMAT(name_, ...)                                                                         \
    (&(const struct kp_format){                                                                    \
        .size = sizeof(struct kp_format), .name = (name_), .summary = "for tests", __VA_ARGS__})

static const struct kp_codec *const codecs[] = {&rot, NULL};
static const struct kp_format *const formats[] = {
    FORMAT("upper", .pack = &upper_pack),
    FORMAT("concat", .pack = &concat_pack),
    FORMAT("make", .pack = &make_pack),
    FORMAT("count", .pack = &count_pack),
    FORMAT("slow", .pack = &slow_pack),
    FORMAT("fail", .pack = &fail_pack),
    FORMAT("split", .unpack = &split_unpack),
    FORMAT("nest", .pack = &nest_pack, .unpack = &nest_unpack),
    FORMAT("knot", .pack = &knot_pack),
    FORMAT("each", .pack = &each_pack),
    FORMAT("obey", .pack = &obey_pack),
    FORMAT("facts", .pack = &facts_pack),
    FORMAT("header", .pack = &header_pack),
    FORMAT("elf-only", .pack = &elf_only_pack),
    NULL,
};

static const uint32_t page_sizes[] = {4096, 0};
static const char *const flat_aliases[] = {"flat64", NULL};

#define ARCH(flags_, name_, aliases_)                                                              \
    (&(const struct kp_arch){.size = sizeof(struct kp_arch),                                       \
                             .flags = KP_ARCH_LITTLE_ENDIAN | (flags_),                            \
                             .name = (name_),                                                      \
                             .aliases = (aliases_),                                                \
                             .summary = "for tests",                                               \
                             .kbuild = (name_),                                                    \
                             .page_sizes = page_sizes})

/* Of `flat` the addresses in an ELF file are physical, of `board` they are not. */
static const struct kp_arch *const archs[] = {
    ARCH(KP_ARCH_PADDR_PHYSICAL, "flat", flat_aliases),
    ARCH(0, "board", NULL),
    NULL,
};

#define BOTH(name) KP_OFFERS_FORMAT(name) KP_OFFERS_STAGE(name)

KP_PLUGIN("org.example.probe", "probe", "1.0.0", "BSD-3-Clause", "Example", "https://example.org",
          "stages for tests",
          KP_OFFERS_CODEC("rot") KP_MAGIC_CODEC("rot", "0", "726f7431", "ffffffff")
              KP_MAGIC("elf", "0", "7f454c46", "ffffffff") KP_OFFERS_ARCH("flat flat64")
                  KP_OFFERS_ARCH("board") BOTH("upper") BOTH("concat") BOTH("make") BOTH("count")
                      BOTH("slow") BOTH("fail") KP_OFFERS_FORMAT("split")
                          KP_OFFERS_STAGE("split.unpack") BOTH("nest")
                              KP_OFFERS_STAGE("nest.unpack") BOTH("knot") BOTH("each") BOTH("obey")
                                  BOTH("facts") BOTH("header") BOTH("elf-only"),
          .codecs = codecs, .formats = formats, .archs = archs)
