/* SPDX-License-Identifier: BSD-3-Clause
 *
 * codecs/gzip/gzip.c - the codec gzip: its description, and compression by libdeflate
 * behind a header as gzip(1) writes it. It stores no name and no time unless told, so that equal
 * bytes give an equal file. The other encoders are zlib.c and gnu.c, unpacking is gunzip.c.
 */
#include <string.h>

#include <libdeflate.h>

#include "gzip.h"

#define LIBDEFLATE 0u
#define ZLIB 1u
#define GNU 2u

#define BY_GNU "as that release does: encoder gnu, level 9"

static const struct kp_choice *const encoders[] = {
    KP_ONE_OF(LIBDEFLATE, "libdeflate", "faster and smaller, levels 0 to 12"),
    KP_ONE_OF(ZLIB, "zlib", "the classic one, levels 0 to 9"),
    KP_ONE_OF_TOOL(GNU, "gnu", "this machine's gzip(1), levels 1 to 9", "gzip"),
    NULL,
};

/* linux/scripts/Makefile.lib, cmd_gzip: `cat FILE | $(KGZIP) -n -f -9`, the same in 6.1 and
 * 6.12. Later KGZIPs may be others: what Debian's kernels are built with is GNU gzip. */
static const struct kp_choice *const presets[] = {
    KP_ONE_OF(KP_PRESET_NONE, "none", "the other parameters decide"),
    KP_ONE_OF_TOOL(KP_PRESET_KERNEL_6_1, "kernel-6.1", BY_GNU, "gzip"),
    KP_ONE_OF_TOOL(KP_PRESET_KERNEL_6_1_IMAGE, "kernel-6.1-image", BY_GNU, "gzip"),
    KP_ONE_OF_TOOL(KP_PRESET_KERNEL_6_12, "kernel-6.12", BY_GNU, "gzip"),
    KP_ONE_OF_TOOL(KP_PRESET_KERNEL_6_12_IMAGE, "kernel-6.12-image", BY_GNU, "gzip"),
    KP_ONE_OF_TOOL(KP_PRESET_MAKE_FIT, "make-fit",
                   "as the kernel's `make image.fit` does: encoder gnu, level 6", "gzip"),
    NULL,
};

static const struct kp_param *const gzip_table[] = {
    KP_UINT(struct gzip_params, level, .maximum = 12, .flags = KP_PARAM_SHORT,
            .presence = offsetof(struct gzip_params, has_level),
            .computed = "9, with preset make-fit 6",
            .summary = "effort: 1 is fastest, 12 is smallest, 0 stores"),
    KP_CHOICE(struct gzip_params, encoder, .choices = encoders,
              .presence = offsetof(struct gzip_params, has_encoder),
              .computed = "libdeflate, or what the preset says", .summary = "what compresses"),
    KP_CHOICE(struct gzip_params, preset, .choices = presets, .fallback = "none",
              .summary = "make the bytes that a kernel's build makes"),
    KP_TEXT(struct gzip_params, name, .presence = offsetof(struct gzip_params, has_name),
            .minimum = 1, .maximum = GZIP_NAME_MAX, .computed = "none",
            .summary = "name in the header, as `gzip FILE` stores it"),
    KP_UINT(struct gzip_params, mtime, .maximum = UINT32_MAX, .fallback = "0",
            .unit = "seconds since 1970-01-01 UTC",
            .summary = "time in the header, as `gzip FILE` stores it; 0: none"),
    KP_BOOL(struct gzip_params, rsyncable, .fallback = "false",
            .summary = "with encoder gnu: as `gzip --rsyncable`, which dracut calls"),
    NULL,
};

int32_t gzip_append_header(struct kp_call *call)
{
    const struct gzip_params *const params = call->params;
    const uint64_t level = gzip_level(params);
    /* XFL as gzip(1) sets it: 2 for most effort, 4 for least (RFC 1952, 2.3.1). */
    const uint8_t effort = level >= 9 ? 2 : level == 1 ? 4 : 0;
    uint8_t header[GZIP_HEADER_SIZE] = {[0] = 0x1f,
                                        [1] = 0x8b,
                                        [2] = GZIP_METHOD_DEFLATE,
                                        [3] = params->has_name ? GZIP_FNAME : 0,
                                        [8] = effort,
                                        [9] = GZIP_OS_UNIX};

    kp_put_le32(header + 4, (uint32_t)params->mtime);
    if (kp_append(call, header, sizeof(header)) != KP_OK)
        return KP_FAILED;
    /* With the NUL behind it. */
    return params->has_name ? kp_append(call, params->name.bytes, params->name.length + 1) : KP_OK;
}

void gzip_put_trailer(uint8_t *to, uint32_t crc, uint64_t size)
{
    kp_put_le32(to, crc);
    kp_put_le32(to + 4, (uint32_t)size); /* ISIZE is modulo 2^32 */
}

/* libdeflate wants the whole input at once, and room for the worst case. */
static int32_t deflate_at_once(struct kp_call *call, uint64_t size)
{
    const struct gzip_params *const params = call->params;
    const uint8_t *const bytes = kp_view(call, call->input);
    struct libdeflate_compressor *const compressor =
        libdeflate_alloc_compressor((int)gzip_level(params));
    int32_t result = KP_FAILED;
    size_t bound, used;
    uint8_t *room;

    if (compressor == NULL)
        kp_fail(call, "libdeflate: out of memory");
    if (bytes == NULL || compressor == NULL || gzip_append_header(call) != KP_OK)
        goto out;
    bound = libdeflate_deflate_compress_bound(compressor, (size_t)size);
    room = kp_reserve(call, bound + GZIP_TRAILER_SIZE);
    if (room == NULL)
        goto out;
    call->host->progress(call, 0, size);
    used = libdeflate_deflate_compress(compressor, bytes, (size_t)size, room, bound);
    if (used == 0) {
        kp_fail(call, "libdeflate: %zu bytes: not enough room, against its own bound", bound);
        goto out;
    }
    gzip_put_trailer(room + used, libdeflate_crc32(0, bytes, (size_t)size), size);
    call->host->progress(call, size, size);
    result = call->host->output_give_back(call, call->output, bound - used);
out:
    libdeflate_free_compressor(compressor);
    return result;
}

static int32_t gzip_pack(struct kp_call *call)
{
    const struct gzip_params *const params = call->params;
    const uint64_t size = kp_size(call, call->input), level = gzip_level(params);
    const uint32_t encoder = params->has_encoder                ? params->encoder
                             : params->preset == KP_PRESET_NONE ? LIBDEFLATE
                                                                : GNU;

    if (encoder == GNU && (level < 1 || level > 9))
        return kp_fail_at(call, &params->level, "use another encoder, or a level from 1 to 9",
                          "level: %u: gzip(1) has levels 1 to 9", (unsigned)level);
    if (encoder == ZLIB && level > 9)
        return kp_fail_at(call, &params->level, "use 'encoder: libdeflate', or a level up to 9",
                          "level: %u: zlib has levels 0 to 9", (unsigned)level);
    if (encoder != GNU && params->rsyncable)
        return kp_fail_at(call, &params->rsyncable, "give 'encoder: gnu'",
                          "rsyncable: only gzip(1) does this");
    if (size > SIZE_MAX / 2)
        return kp_fail(call, "input: %llu bytes: too large for this machine",
                       (unsigned long long)size);
    if ((encoder == GNU    ? gzip_by_tool
         : encoder == ZLIB ? gzip_by_zlib
                           : deflate_at_once)(call, size) != KP_OK)
        return KP_FAILED;
    return call->host->set_number(call, call->output, KP_TRAIT_SIZE, size);
}

static const struct kp_operation gzip_compress = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "compress with gzip, reproducibly",
    .help = "The header is that of `gzip -n`: no name, no time, system Unix; `name` and `mtime` "
            "store them as gzip does without -n. The compressed bytes "
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
