/* SPDX-License-Identifier: BSD-3-Clause
 *
 * codecs/gzip/gzip.c - the codec gzip: its description, and compression by
 * libdeflate or zlib behind a header as `gzip -n` writes it, or by gzip(1) itself. It
 * stores no name and no time, so that equal bytes give an equal file. gzip(1) is run in
 * gnu.c, unpacking is gunzip.c.
 */
#include <string.h>

#include <libdeflate.h>
#include <zlib.h>

#include "gzip.h"

#define LIBDEFLATE 0u
#define ZLIB 1u
#define GNU 2u
#define ZLIB_MEMORY 8 /* zlib's default memLevel; it changes the bytes */

#define PRESET_NONE 0u
#define PRESET_KERNEL 1u

struct gzip_params {
    uint64_t level;
    uint32_t encoder, preset;
    uint8_t has_encoder;
};

static const struct kp_choice *const encoders[] = {
    KP_ONE_OF(LIBDEFLATE, "libdeflate", "faster and smaller, levels 0 to 12"),
    KP_ONE_OF(ZLIB, "zlib", "the classic one, levels 0 to 9"),
    KP_ONE_OF_TOOL(GNU, "gnu", "this machine's gzip(1), levels 1 to 9", "gzip"),
    NULL,
};

/* linux/scripts/Makefile.lib, cmd_gzip: `cat FILE | $(KGZIP) -n -f -9`, the same in 6.1 and
 * 6.12. Later KGZIPs may be others: what Debian's kernels are built with is GNU gzip. */
static const struct kp_choice *const presets[] = {
    KP_ONE_OF(PRESET_NONE, "none", "as the other parameters say"),
    KP_ONE_OF_TOOL(PRESET_KERNEL, "kernel-6.1", "as Linux 6.1 does: encoder gnu", "gzip"),
    KP_ONE_OF_TOOL(PRESET_KERNEL, "kernel-6.12", "as Linux 6.12 does: encoder gnu", "gzip"),
    NULL,
};

static const struct kp_param *const gzip_table[] = {
    KP_UINT(struct gzip_params, level, .maximum = 12, .fallback = "9", .flags = KP_PARAM_SHORT,
            .summary = "effort: 1 is fastest, 12 is smallest, 0 stores"),
    KP_CHOICE(struct gzip_params, encoder, .choices = encoders,
              .presence = offsetof(struct gzip_params, has_encoder),
              .computed = "libdeflate, or what the preset says", .summary = "what compresses"),
    KP_CHOICE(struct gzip_params, preset, .choices = presets, .fallback = "none",
              .summary = "make the bytes that a kernel's build makes"),
    NULL,
};

static void put_header(uint8_t *to, uint64_t level)
{
    memset(to, 0, GZIP_HEADER_SIZE); /* no flags, no time */
    to[0] = 0x1f;
    to[1] = 0x8b;
    to[2] = GZIP_METHOD_DEFLATE;
    /* XFL as gzip(1) sets it: 2 for most effort, 4 for least (RFC 1952, 2.3.1). */
    to[8] = level >= 9 ? 2 : level == 1 ? 4 : 0;
    to[9] = GZIP_OS_UNIX;
}

static void put_trailer(uint8_t *to, uint32_t crc, uint64_t size)
{
    kp_put_le32(to, crc);
    kp_put_le32(to + 4, (uint32_t)size); /* ISIZE is modulo 2^32 */
}

/* libdeflate wants the whole input at once, and room for the worst case. */
static int32_t deflate_at_once(struct kp_call *call, uint64_t level, uint64_t size)
{
    const uint8_t *const bytes = kp_view(call, call->input);
    struct libdeflate_compressor *const compressor = libdeflate_alloc_compressor((int)level);
    int32_t result = KP_FAILED;
    size_t bound, used;
    uint8_t *room;

    if (compressor == NULL)
        kp_fail(call, "libdeflate: out of memory");
    if (bytes == NULL || compressor == NULL)
        goto out;
    bound = libdeflate_deflate_compress_bound(compressor, (size_t)size);
    room = kp_reserve(call, GZIP_HEADER_SIZE + bound + GZIP_TRAILER_SIZE);
    if (room == NULL)
        goto out;
    put_header(room, level);
    room += GZIP_HEADER_SIZE;
    call->host->progress(call, 0, size);
    used = libdeflate_deflate_compress(compressor, bytes, (size_t)size, room, bound);
    if (used == 0) {
        kp_fail(call, "libdeflate: %zu bytes: not enough room, against its own bound", bound);
        goto out;
    }
    put_trailer(room + used, libdeflate_crc32(0, bytes, (size_t)size), size);
    call->host->progress(call, size, size);
    result = call->host->output_give_back(call, call->output, bound - used);
out:
    libdeflate_free_compressor(compressor);
    return result;
}

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

static int32_t deflate_stream(struct kp_call *call, uint64_t level, uint64_t size)
{
    uint8_t *const buffer = call->host->alloc(call, GZIP_STEP);
    uint8_t ends[GZIP_HEADER_SIZE];
    z_stream z = {0};
    uint32_t crc = 0;
    int32_t result;

    put_header(ends, level);
    if (buffer == NULL || kp_append(call, ends, GZIP_HEADER_SIZE) != KP_OK)
        return KP_FAILED;
    if (deflateInit2(&z, (int)level, Z_DEFLATED, -MAX_WBITS, ZLIB_MEMORY, Z_DEFAULT_STRATEGY) !=
        Z_OK)
        return kp_fail(call, "zlib: out of memory");
    result = deflate_steps(call, &z, buffer, &crc);
    deflateEnd(&z);
    put_trailer(ends, crc, size);
    return result == KP_OK ? kp_append(call, ends, GZIP_TRAILER_SIZE) : KP_FAILED;
}

static int32_t gzip_pack(struct kp_call *call)
{
    const struct gzip_params *const params = call->params;
    const uint64_t size = kp_size(call, call->input);
    const uint32_t encoder = params->has_encoder             ? params->encoder
                             : params->preset == PRESET_NONE ? LIBDEFLATE
                                                             : GNU;

    if (encoder == GNU && (params->level < 1 || params->level > 9))
        return kp_fail_at(call, &params->level, "use another encoder, or a level from 1 to 9",
                          "level: %u: gzip(1) has levels 1 to 9", (unsigned)params->level);
    if (encoder == ZLIB && params->level > 9)
        return kp_fail_at(call, &params->level, "use 'encoder: libdeflate', or a level up to 9",
                          "level: %u: zlib has levels 0 to 9", (unsigned)params->level);
    if (size > SIZE_MAX / 2)
        return kp_fail(call, "input: %llu bytes: too large for this machine",
                       (unsigned long long)size);
    if ((encoder == GNU    ? gzip_by_tool
         : encoder == ZLIB ? deflate_stream
                           : deflate_at_once)(call, params->level, size) != KP_OK)
        return KP_FAILED;
    return call->host->set_number(call, call->output, KP_TRAIT_SIZE, size);
}

static const struct kp_operation gzip_compress = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "compress with gzip, reproducibly",
    .help = "The header is that of `gzip -n`: no name, no time, system Unix. The compressed bytes "
            "are those of the chosen encoder. A library's differ from gzip's own; every reader of "
            "gzip takes them. With `encoder: gnu`, or a preset, they are those of `gzip -n` of "
            "this machine.",
    .output_kind = KP_KIND_COMPRESSED,
    .params = gzip_table,
    .params_size = sizeof(struct gzip_params),
    .memory_base = GZIP_STEP,
    .run = gzip_pack,
};

static const struct kp_codec gzip_codec = {
    .size = sizeof(struct kp_codec),
    .name = "gzip",
    .summary = "gzip files (RFC 1952)",
    .suffix = ".gz",
    .compress = &gzip_compress,
    .decompress = &gzip_unpack,
    .inspect = gzip_inspect,
};

static const struct kp_codec *const gzip_codecs[] = {&gzip_codec, NULL};

KP_PLUGIN("org.kpipe.gzip", "gzip", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "the gzip codec, by libdeflate, zlib and gzip(1)",
          KP_OFFERS_CODEC("gzip") KP_MAGIC_CODEC("gzip", "0", "1f8b08", "ffffff")
              KP_WANTS_TOOL("gzip"),
          .codecs = gzip_codecs)
