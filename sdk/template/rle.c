/* A whole codec: run lengths, as pairs of a count and a byte behind the mark "RLE1". */
#include <kpipe/kpipe.h>

struct rle_params {
    uint64_t longest;
};

static const struct kp_param *const rle_table[] = {
    KP_UINT(struct rle_params, longest, .minimum = 2, .maximum = 255, .fallback = "255",
            .flags = KP_PARAM_SHORT, .summary = "longest run that one pair stands for"),
    NULL,
};

static int32_t rle_compress(struct kp_call *call)
{
    const struct rle_params *params = call->params;
    const uint64_t size = kp_size(call, call->input);
    const uint8_t *bytes = kp_view(call, call->input);

    if (bytes == NULL || kp_append(call, "RLE1", 4) != KP_OK)
        return KP_FAILED;
    for (uint64_t at = 0, run; at < size; at += run) {
        for (run = 1; run < params->longest && at + run < size && bytes[at + run] == bytes[at];)
            run++;
        const uint8_t pair[2] = {(uint8_t)run, bytes[at]};
        if (kp_append(call, pair, 2) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

static int32_t rle_decompress(struct kp_call *call)
{
    const uint64_t size = kp_size(call, call->input);
    const uint8_t *bytes = kp_view(call, call->input);

    if (bytes == NULL)
        return KP_FAILED;
    if (size < 4 || size % 2 != 0 || kp_be32(bytes) != 0x524c4531)
        return kp_fail(call, "no run lengths: the mark RLE1 is missing or the end is cut off");
    for (uint64_t at = 4; at < size; at += 2)
        if (kp_append_fill(call, bytes[at + 1], bytes[at]) != KP_OK)
            return KP_FAILED;
    return call->host->stream_end(call, size) == KP_FAILED ? KP_FAILED : KP_OK; /* at its end */
}

static const struct kp_operation compress = {
    .size = sizeof(compress), .flags = KP_OP_DETERMINISTIC, .threading = KP_THREADS_ANY,
    .summary = "compress by run lengths", .output_kind = KP_KIND_COMPRESSED, .params = rle_table,
    .params_size = sizeof(struct rle_params), .run = rle_compress};
static const struct kp_operation decompress = {
    .size = sizeof(decompress), .flags = KP_OP_DETERMINISTIC, .threading = KP_THREADS_ANY,
    .summary = "expand run lengths", .run = rle_decompress};
static const struct kp_codec rle = {
    .size = sizeof(rle), .name = "rle", .summary = "run lengths", .suffix = ".rle",
    .compress = &compress, .decompress = &decompress};
KP_PLUGIN("com.example.rle", "rle", "1.0.0", "MIT", "Example", "https://example.com", "run lengths",
          KP_OFFERS_CODEC("rle") KP_MAGIC_CODEC("rle", "0", "524c4531", "ffffffff"),
          .codecs = (const struct kp_codec *const[]){&rle, NULL})
