/* SPDX-License-Identifier: BSD-3-Clause
 *
 * codecs/bzip2.c - the codec bzip2, by libbz2. The format has no document of its own; what
 * is known of it here is its beginning: "BZh", the level as a digit, and the magic
 * of a block (0x314159265359) or of the end (0x177245385090).
 */
#include <string.h>

#include <bzlib.h>

#include <kpipe/codec.h>
#include <kpipe/kpipe.h>

#define HEADER_SIZE 4u
#define BLOCK_UNIT UINT64_C(100000)
#define STEP (UINT64_C(1) << 20) /* bytes handled between two looks at cancellation */

struct bzip2_params {
    uint64_t level;
    uint32_t preset; /* all are level 9 */
};

static const struct kp_param *const bzip2_table[] = {
    KP_UINT(struct bzip2_params, level, .minimum = 1, .maximum = 9, .fallback = "9",
            .flags = KP_PARAM_SHORT, .summary = "size of a block in units of 100000 bytes"),
    KP_KERNEL_PRESET(struct bzip2_params, preset,
                     .help = "Level 9, which is the default; another level wins over it."),
    NULL,
};

static int32_t compress_all(struct kp_call *call, bz_stream *z)
{
    const uint64_t size = kp_size(call, call->input);
    uint64_t at = 0, length;
    const uint8_t *bytes;
    int status;

    do {
        if (z->avail_in == 0 && at < size) {
            if (call->host->cancelled(call) ||
                call->host->image_piece(call, call->input, at, &bytes, &length) != KP_OK)
                return KP_FAILED;
            z->next_in = (char *)(uintptr_t)bytes; /* libbz2 does not write there */
            z->avail_in = (unsigned)(length < STEP ? length : STEP);
            at += z->avail_in;
            call->host->progress(call, at, size);
        }
        if (z->avail_out == 0) {
            z->next_out = (char *)kp_reserve(call, STEP);
            if (z->next_out == NULL)
                return KP_FAILED;
            z->avail_out = (unsigned)STEP;
        }
        status = BZ2_bzCompress(z, at < size ? BZ_RUN : BZ_FINISH);
    } while (status == BZ_RUN_OK || status == BZ_FINISH_OK);
    if (status != BZ_STREAM_END)
        return kp_fail(call, "libbz2: compress: error %d", status);
    return call->host->output_give_back(call, call->output, z->avail_out);
}

static int32_t bzip2_run(struct kp_call *call)
{
    const struct bzip2_params *const params = call->params;
    bz_stream z = {0};
    int32_t result;

    if (BZ2_bzCompressInit(&z, (int)params->level, 0, 0) != BZ_OK)
        return kp_fail(call, "libbz2: out of memory");
    result = compress_all(call, &z);
    BZ2_bzCompressEnd(&z);
    if (result != KP_OK)
        return KP_FAILED;
    return call->host->set_number(call, call->output, KP_TRAIT_SIZE, kp_size(call, call->input));
}

/* One member, from d->at. */
static int32_t unpack_member(struct kp_decoder *d, bz_stream *z, uint64_t member)
{
    int status = BZ_OK;

    while (status != BZ_STREAM_END) {
        if (kp_decode_next(d) != KP_OK)
            return KP_FAILED;
        z->next_in = (char *)(uintptr_t)d->from;
        z->avail_in = (unsigned)d->left;
        z->next_out = (char *)d->room;
        z->avail_out = (unsigned)d->room_left;
        status = BZ2_bzDecompress(z);
        if (status == BZ_OK && d->left == 0 && z->avail_out == d->room_left)
            return kp_fail(d->call, "bzip2 member %llu: the input ends inside it, at offset %llu",
                           (unsigned long long)member, (unsigned long long)d->at);
        if (kp_decode_step(d, d->left - z->avail_in, d->room_left - z->avail_out) != KP_OK)
            return KP_FAILED;
        if (status != BZ_OK && status != BZ_STREAM_END)
            return kp_fail(d->call, "bzip2 member %llu: near offset %llu: %s",
                           (unsigned long long)member, (unsigned long long)d->at,
                           status == BZ_DATA_ERROR_MAGIC ? "not bzip2"
                           : status == BZ_MEM_ERROR      ? "out of memory"
                                                         : "corrupt data or a wrong CRC");
    }
    return KP_OK;
}

/* The level of the member whose header stands at `at`; 0 if there is none. */
static int32_t find_member(struct kp_call *call, uint64_t at, unsigned *level)
{
    uint8_t header[HEADER_SIZE];

    *level = 0;
    if (!kp_inside(kp_size(call, call->input), at, sizeof(header)))
        return KP_OK;
    if (call->host->image_read(call, call->input, at, header, sizeof(header)) != KP_OK)
        return KP_FAILED;
    if (memcmp(header, "BZh", 3) == 0 && header[3] >= '1' && header[3] <= '9')
        *level = header[3] - (unsigned)'0';
    return KP_OK;
}

static int32_t bzip2_unpack(struct kp_call *call)
{
    struct kp_decoder d = kp_decoder(call, call->params);
    unsigned more = 1;

    for (uint64_t member = 1; more; member++) {
        bz_stream z = {0};
        int32_t result;

        if (BZ2_bzDecompressInit(&z, 0, 0) != BZ_OK)
            return kp_fail(call, "libbz2: out of memory");
        result = unpack_member(&d, &z, member);
        BZ2_bzDecompressEnd(&z);
        if (result != KP_OK || find_member(call, d.at, &more) != KP_OK)
            return KP_FAILED;
    }
    return kp_decode_finish(&d, "bzip2");
}

static int32_t bzip2_inspect(struct kp_call *call)
{
    unsigned level;

    if (find_member(call, 0, &level) != KP_OK)
        return KP_FAILED;
    if (level == 0)
        return kp_fail(call, "header: not bzip2's: BZh and a digit from 1 to 9");
    if (kp_field_number(call, "block size", 3, 1, level * BLOCK_UNIT, KP_FIELD_BYTES, NULL) !=
        KP_OK)
        return KP_FAILED;
    return kp_codec_remake(call, "bzip2", "level: %u", level);
}

static const struct kp_operation bzip2_compress = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "compress with bzip2; the bytes are those of bzip2(1)",
    .output_kind = KP_KIND_COMPRESSED,
    .params = bzip2_table,
    .params_size = sizeof(struct bzip2_params),
    .run = bzip2_run,
};

static const char *const packed_kinds[] = {KP_KIND_COMPRESSED, NULL};
static const struct kp_operation bzip2_decompress = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "decompress bzip2",
    .help = "Several members one after the other are joined. All CRCs are checked.",
    .input_kinds = packed_kinds,
    .params = kp_decode_table,
    .params_size = sizeof(struct kp_decode_params),
    .run = bzip2_unpack,
};

static const struct kp_codec bzip2_codec = {
    .size = sizeof(struct kp_codec),
    .name = "bzip2",
    .summary = "bzip2 files",
    .suffix = ".bz2",
    .compress = &bzip2_compress,
    .decompress = &bzip2_decompress,
    .inspect = bzip2_inspect,
};

KP_PLUGIN("org.kpipe.bzip2", "bzip2", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "the codec bzip2, by libbz2",
          KP_OFFERS_CODEC("bzip2")
              KP_MAGIC_CODEC("bzip2", "0", "425a6830314159265359", "fffffff0ffffffffffff")
                  KP_MAGIC_CODEC("bzip2", "0", "425a6830177245385090", "fffffff0ffffffffffff"),
          .codecs = (const struct kp_codec *const[]){&bzip2_codec, NULL})
