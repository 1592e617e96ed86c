/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/decompress.c - the stage `decompress`: unpacks what any installed codec knows, and
 * deals with what follows the compressed stream: a kernel's size trailer, padding, other
 * bytes.
 *
 * It unpacks one layer, and does not look for compressed data within an image: what it gets
 * begins with it. How streams are unpacked, and where they end, is the codecs' matter.
 *
 * The trailer is what Kbuild's size_append adds (Linux 6.1, scripts/Makefile.lib): the size
 * of the contents in 32 bits, little endian, behind all codecs but gzip.
 */
#include <kpipe/kpipe.h>

#define TRAILER_SIZE 4u

#define TRAILER_AUTO 0u
#define TRAILER_REQUIRED 1u
#define TRAILER_NONE 2u

#define PART_TRAILING "trailing"

struct decompress_params {
    uint64_t limit;
    uint32_t trailer;
    uint32_t trailing;
};

static const struct kp_choice *const trailers[] = {
    KP_ONE_OF(TRAILER_AUTO, "auto", "taken off if it is there"),
    KP_ONE_OF(TRAILER_REQUIRED, "required", "an error if it is not there"),
    KP_ONE_OF(TRAILER_NONE, "none", "not looked for"),
    NULL,
};

static const struct kp_param *const table[] = {
    KP_UINT(struct decompress_params, limit, .minimum = 1, .maximum = UINT64_MAX, .fallback = "1G",
            .unit = "bytes", .summary = "most that the input may expand to"),
    KP_CHOICE(struct decompress_params, trailer, .choices = trailers, .fallback = "auto",
              .summary = "the four bytes with the contents' size that Kbuild appends",
              .help = "They are a trailer if they stand directly behind the compressed data and "
                      "tell the right size."),
    KP_CHOICE(struct decompress_params, trailing, .choices = kp_decode_trailing,
              .fallback = "error",
              .summary = "what to do with bytes behind compressed data and trailer",
              .help = "Zeros there are padding and always ignored. What a recipe reads as "
                      "IMAGE.trailing is no error."),
    NULL,
};

/* Whether the size of the contents stands at `at` of the input, 1 or 0; or KP_FAILED. */
static int32_t has_trailer(struct kp_call *call, const struct decompress_params *p, uint64_t at,
                           uint64_t size)
{
    const uint64_t rest = kp_size(call, call->input) - at;
    uint8_t bytes[TRAILER_SIZE];

    if (p->trailer == TRAILER_NONE)
        return 0;
    if (rest < TRAILER_SIZE) {
        if (p->trailer == TRAILER_AUTO)
            return 0;
        return kp_fail_at(call, &p->trailer, "use 'trailer: auto' for data without it",
                          "trailer: missing: %llu bytes follow the compressed data at offset %llu",
                          (unsigned long long)rest, (unsigned long long)at);
    }
    if (call->host->image_read(call, call->input, at, bytes, sizeof(bytes)) != KP_OK)
        return KP_FAILED;
    if (kp_le32(bytes) == (uint32_t)size)
        return 1;
    if (p->trailer == TRAILER_AUTO)
        return 0;
    return kp_fail_at(call, &p->trailer, "use 'trailer: auto' for data without it",
                      "trailer: %lu at offset %llu: the contents have %llu bytes",
                      (unsigned long)kp_le32(bytes), (unsigned long long)at,
                      (unsigned long long)size);
}

static int32_t report_rest(struct kp_call *call, const struct decompress_params *p, uint64_t at)
{
    struct kp_decoder d = kp_decoder(call, NULL);
    const unsigned long long rest = d.size - at, offset = at;
    int failed = 0;

    d.at = at;
    if (kp_decode_rest_is_zero(&d, &failed)) {
        kp_message(call, KP_NOTE, "%llu zero bytes of padding at offset %llu: ignored", rest,
                   offset);
        return KP_OK;
    }
    if (failed)
        return KP_FAILED;
    if (p->trailing == KP_TRAILING_IGNORE) {
        kp_message(call, KP_WARNING,
                   "%llu bytes behind the compressed data at offset %llu: ignored", rest, offset);
        return KP_OK;
    }
    return kp_fail_at(call, &p->trailing,
                      "use 'trailing: ignore', or read them as the image's part 'trailing'",
                      "%llu bytes behind the compressed data at offset %llu: neither padding nor "
                      "its size",
                      rest, offset);
}

/* What follows at offset `at`, for whoever reads it, else for the user to know. */
static int32_t deal_with_rest(struct kp_call *call, const struct decompress_params *p, uint64_t at)
{
    const uint64_t rest = kp_size(call, call->input) - at;
    struct kp_output *part = call->host->output_part(call, PART_TRAILING);

    if (part != NULL)
        return call->host->output_image(call, part, call->input, at, rest);
    return rest == 0 ? KP_OK : report_rest(call, p, at);
}

static int32_t run(struct kp_call *call)
{
    const struct decompress_params *p = (const struct decompress_params *)call->params;
    const struct kp_image *contents;
    uint64_t end = 0, size;
    int32_t trailer;

    contents = call->host->decode(call, call->input, p->limit, &end);
    if (contents == NULL)
        return KP_FAILED;
    size = kp_size(call, contents);
    trailer = has_trailer(call, p, end, size);
    if (trailer == KP_FAILED)
        return KP_FAILED;
    if (trailer == 1)
        kp_message(call, KP_NOTE, "size trailer of %llu bytes at offset %llu: taken off",
                   (unsigned long long)TRAILER_SIZE, (unsigned long long)end);
    if (deal_with_rest(call, p, end + (trailer == 1 ? TRAILER_SIZE : 0)) != KP_OK)
        return KP_FAILED;
    return kp_append_image(call, contents);
}

static const char *const input_kinds[] = {KP_KIND_COMPRESSED, NULL};
static const char *const parts[] = {PART_TRAILING, NULL};

static const struct kp_operation pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "unpack one layer of compression, by whatever codec",
    .help = "The codec is found from the first bytes.\n\nThe part 'trailing' holds what follows "
            "the compressed data and a kernel's size trailer; it may be empty.",
    .input_kinds = input_kinds,
    .params = table,
    .params_size = sizeof(struct decompress_params),
    .parts = parts,
    .run = run,
};

static const struct kp_format decompress = {
    .size = sizeof(struct kp_format),
    .name = "decompress",
    .summary = "unpacking by any codec",
    .pack = &pack,
};

static const struct kp_format *const formats[] = {&decompress, NULL};

KP_PLUGIN("org.kpipe.decompress", "decompress", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "unpacking by any codec",
          KP_OFFERS_FORMAT("decompress") KP_OFFERS_STAGE("decompress"), .formats = formats)
