/* SPDX-License-Identifier: MIT
 *
 * kpipe/codec.h - what all codecs have in common. When they decompress: the parameters `limit`
 * and `trailing`, room for what comes out, and the end of the stream. When they compress: the
 * parameter `preset`, by which they make the bytes that a kernel's build makes; and, for those
 * that compress in blocks that know nothing of each other, all of these at a time, with the
 * same bytes for any number of threads.
 *
 * Everything here is inline in the plugin and uses only host.h and bytes.h. A decoder that
 * is written with it has this shape:
 *
 *     static int32_t xyz_unpack(struct kp_call *call)
 *     {
 *         struct kp_decoder d = kp_decoder(call, call->params);
 *
 *         do {
 *             if (kp_decode_next(&d) != KP_OK)
 *                 return KP_FAILED;
 *             ... reads at most d.left bytes at d.from, writes at most d.room_left at d.room
 *             if (kp_decode_step(&d, bytes_read, bytes_written) != KP_OK)
 *                 return KP_FAILED;
 *         } while (!end_of_the_stream);
 *         return kp_decode_finish(&d, "xyz");
 *     }
 *
 * and names kp_decode_table as its operation's `params`, with sizeof(struct
 * kp_decode_params). One whose library wants whole blocks takes kp_view of the input and
 * kp_decode_room instead of kp_decode_next.
 */
#ifndef KPIPE_CODEC_H
#define KPIPE_CODEC_H

#include <string.h>

#include "bytes.h"
#include "call.h"
#include "param.h"

#ifndef __cplusplus

/* Whose bytes a codec's parameter `preset` stands for. A codec that Kbuild uses has this
 * parameter with all of these values, also where some of them mean the same, so that a recipe
 * may name codec and kernel independently, and `payload` pass the preset on. A release stands
 * for itself and those after it up to the next one here.
 *
 * Linux, scripts/Makefile.lib: some codecs have one command for what a boot stub unpacks
 * (zstd22) and another for files that are compressed as they are (zstd). */
#define KP_PRESET_NONE 0u
#define KP_PRESET_KERNEL_6_1 1u
#define KP_PRESET_KERNEL_6_1_IMAGE 2u
#define KP_PRESET_KERNEL_6_12 3u
#define KP_PRESET_KERNEL_6_12_IMAGE 4u
#define KP_PRESET_MAKE_FIT 5u /* Linux 7.2, scripts/make_fit.py: the tools without a level */

KP_UNUSED static const struct kp_choice *const kp_kernel_presets[] = {
    KP_ONE_OF(KP_PRESET_NONE, "none", "the other parameters decide"),
    KP_ONE_OF(KP_PRESET_KERNEL_6_1, "kernel-6.1", "as Linux 6.1 what its boot stub unpacks"),
    KP_ONE_OF(KP_PRESET_KERNEL_6_1_IMAGE, "kernel-6.1-image", "as Linux 6.1 a file of its own"),
    KP_ONE_OF(KP_PRESET_KERNEL_6_12, "kernel-6.12", "as Linux 6.12 what its boot stub unpacks"),
    KP_ONE_OF(KP_PRESET_KERNEL_6_12_IMAGE, "kernel-6.12-image", "as Linux 6.12 a file of its own"),
    KP_ONE_OF(KP_PRESET_MAKE_FIT, "make-fit",
              "as the kernel's `make image.fit`: the tool's default"),
    NULL,
};

/* The row; further initialisers, such as .help, follow the field. */
#define KP_KERNEL_PRESET(s, f, ...)                                                                \
    KP_CHOICE(s, f, .choices = kp_kernel_presets, .fallback = "none",                              \
              .summary = "compress as a Linux release does", __VA_ARGS__)

/* Reports, in an inspection, one way in which the codec `name` may have made the main input
 * (kp_host.remake): what a recipe has in the codec's braces, "level: 9". What is longer than any
 * sensible one is left out. */
KP_PRINTF(3, 4)
static inline int32_t kp_codec_remake(struct kp_call *call, const char *name, const char *format,
                                      ...)
{
    char params[2048], chain[sizeof(params) + 256];
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(params, sizeof(params), format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof(params))
        return KP_OK;
    snprintf(chain, sizeof(chain), "[@contents, {%s: {%s}}]", name, params);
    return call->host->remake(call, chain);
}

/* What to do with bytes behind the end of the stream. */
#define KP_TRAILING_ERROR 0u
#define KP_TRAILING_IGNORE 1u

struct kp_decode_params {
    uint64_t limit;    /* most bytes that may come out */
    uint32_t trailing; /* KP_TRAILING_* */
};

KP_UNUSED static const struct kp_choice *const kp_decode_trailing[] = {
    KP_ONE_OF(KP_TRAILING_ERROR, "error", "refuse the input"),
    KP_ONE_OF(KP_TRAILING_IGNORE, "ignore", "warn and ignore them"),
    NULL,
};

KP_UNUSED static const struct kp_param *const kp_decode_table[] = {
    KP_UINT(struct kp_decode_params, limit, .minimum = 1, .maximum = UINT64_MAX, .fallback = "1G",
            .unit = "bytes", .summary = "most that the input may expand to"),
    KP_CHOICE(struct kp_decode_params, trailing, .choices = kp_decode_trailing, .fallback = "error",
              .summary = "what to do with bytes behind the end of the stream",
              .help = "Zeros there are padding and always ignored."),
    NULL,
};

/* Room that is reserved at a time: at first what fits the hint, then this much. */
#define KP_DECODE_FIRST_MAX (UINT64_C(256) << 20)
#define KP_DECODE_ROOM (UINT64_C(16) << 20)
/* What is larger than so many times the input is no size of contents: deflate's limit, 258 bytes for
 * two bits, which others exceed for runs of one byte only. */
#define KP_DECODE_RATIO_MAX 1032u
/* Most input that is given out at a time, so that a run can be stopped. */
#define KP_DECODE_STEP (UINT64_C(1) << 20)

/* A decompression at work. */
struct kp_decoder {
    struct kp_call *call;
    const struct kp_decode_params *params;
    uint64_t hint;       /* bytes that are expected to come out: guessed, unless the codec knows
                            better and sets it before the first kp_decode_next. May lie */
    uint64_t size;       /* of the input */
    uint64_t at;         /* offset of the next byte to be read */
    uint64_t total;      /* bytes that came out */
    const uint8_t *from; /* the input at `at`, */
    uint64_t left;       /* this many bytes of it; 0: the input ends here */
    uint8_t *room;       /* where the next bytes that come out belong, */
    uint64_t room_left;  /* this many of them */
};

/* What may come out: what the last four bytes of the input say, if that can be the size of the
 * contents, as it is behind a kernel's payload and at the end of a gzip file; else four times the
 * input, as kernels seldom become larger. A kernel then comes out in one piece. */
static inline uint64_t kp_decode_guess(struct kp_call *call, uint64_t size)
{
    uint8_t word[4];
    uint64_t guess;

    if (size >= sizeof(word) &&
        call->host->image_read(call, call->input, size - sizeof(word), word, sizeof(word)) ==
            KP_OK &&
        kp_le32(word) > size && kp_le32(word) / KP_DECODE_RATIO_MAX <= size)
        return kp_le32(word);
    return kp_mul(size, 4, &guess) ? guess : 0;
}

static inline struct kp_decoder kp_decoder(struct kp_call *call,
                                           const struct kp_decode_params *params)
{
    struct kp_decoder d = {0};

    d.call = call;
    d.params = params;
    d.size = kp_size(call, call->input);
    d.hint = kp_decode_guess(call, d.size);
    return d;
}

/* Makes d->from, left, room and room_left fit for another step. At the end of the input `left`
 * is 0: whether that is an error is known to the codec alone. */
static inline int32_t kp_decode_next(struct kp_decoder *d)
{
    const struct kp_host *const host = d->call->host;
    const uint64_t allowed = d->params->limit - d->total;
    uint64_t want = KP_DECODE_ROOM;

    if (host->cancelled(d->call) ||
        host->image_piece(d->call, d->call->input, d->at, &d->from, &d->left) != KP_OK)
        return KP_FAILED;
    if (d->left > KP_DECODE_STEP)
        d->left = KP_DECODE_STEP;
    if (d->room_left != 0)
        return KP_OK;
    if (d->total == 0 && d->hint != 0)
        want = d->hint < KP_DECODE_FIRST_MAX ? d->hint + 1 : KP_DECODE_FIRST_MAX;
    if (want > allowed)
        want = allowed == UINT64_MAX ? allowed : allowed + 1; /* the byte that is too many */
    d->room = kp_reserve(d->call, want);
    d->room_left = d->room != NULL ? want : 0;
    return d->room != NULL ? KP_OK : KP_FAILED;
}

/* For decoders of whole blocks: makes d->room hold `want` bytes in one run or, if fewer may
 * come out, one more than may. d->from and d->left are left alone. */
static inline int32_t kp_decode_room(struct kp_decoder *d, uint64_t want)
{
    const struct kp_host *const host = d->call->host;
    const uint64_t allowed = d->params->limit - d->total;
    uint64_t room = KP_DECODE_ROOM;

    if (host->cancelled(d->call))
        return KP_FAILED;
    if (want > allowed)
        want = allowed + 1;
    if (d->room_left >= want)
        return KP_OK;
    if (d->room_left != 0 &&
        host->output_give_back(d->call, d->call->output, d->room_left) != KP_OK)
        return KP_FAILED;
    /* With room for a whole block behind what is expected: the last one needs as much as all. */
    if (d->total == 0 && d->hint > room)
        room = d->hint < KP_DECODE_FIRST_MAX ? d->hint + want : KP_DECODE_FIRST_MAX;
    if (room < want)
        room = want;
    if (room > allowed)
        room = allowed + 1;
    d->room = kp_reserve(d->call, room);
    d->room_left = d->room != NULL ? room : 0;
    return d->room != NULL ? KP_OK : KP_FAILED;
}

/* Counts what a step read and wrote. Fails at the limit. */
static inline int32_t kp_decode_step(struct kp_decoder *d, uint64_t bytes_read,
                                     uint64_t bytes_written)
{
    d->at += bytes_read;
    d->from += bytes_read;
    d->left -= bytes_read;
    d->room += bytes_written;
    d->room_left -= bytes_written;
    d->total += bytes_written;
    if (d->total > d->params->limit)
        return kp_fail_at(d->call, &d->params->limit, "raise 'limit' if the input is to be trusted",
                          "output: more than %llu bytes: beyond the limit",
                          (unsigned long long)d->params->limit);
    d->call->host->progress(d->call, d->at, d->size);
    return KP_OK;
}

/* True if all bytes from d->at to the end are zero; *failed if they cannot be read. */
static inline int kp_decode_rest_is_zero(const struct kp_decoder *d, int *failed)
{
    const uint8_t *bytes;
    uint64_t length;

    for (uint64_t at = d->at; at < d->size; at += length) {
        *failed = d->call->host->image_piece(d->call, d->call->input, at, &bytes, &length) != KP_OK;
        /* All zero: the first is, and each equals the one before it. */
        if (*failed || length == 0 || bytes[0] != 0 ||
            memcmp(bytes, bytes + 1, (size_t)length - 1) != 0)
            return 0;
    }
    return 1;
}

/* To be called when the stream has ended at d->at: gives back unused room and deals with
 * what follows. `codec` is the codec's name, for messages. */
static inline int32_t kp_decode_finish(struct kp_decoder *d, const char *codec)
{
    const unsigned long long rest = d->size - d->at, at = d->at;
    int failed = 0;

    if (d->room_left != 0 &&
        d->call->host->output_give_back(d->call, d->call->output, d->room_left) != KP_OK)
        return KP_FAILED;
    d->room_left = 0;
    if (d->call->host->stream_end(d->call, d->at) == 1 || rest == 0)
        return KP_OK;
    if (kp_decode_rest_is_zero(d, &failed)) {
        kp_message(d->call, KP_NOTE, "%s: %llu zero bytes of padding at offset %llu: ignored",
                   codec, rest, at);
        return KP_OK;
    }
    if (failed)
        return KP_FAILED;
    if (d->params->trailing == KP_TRAILING_ERROR)
        return kp_fail_at(d->call, &d->params->trailing,
                          "use 'decompress', which can check a kernel's size trailer and keep "
                          "other bytes, or 'trailing: ignore'",
                          "%s: %llu bytes behind the end of the stream at offset %llu: not %s",
                          codec, rest, at, codec);
    kp_message(d->call, KP_WARNING,
               "%s: %llu bytes behind the end of the stream at offset %llu: ignored", codec, rest,
               at);
    return KP_OK;
}

/* A compression in blocks that are independent of each other. */
struct kp_blocks {
    struct kp_call *call;
    const void *data;    /* the codec's own, for `encode` */
    uint64_t block_size; /* bytes of the input in each block; the last may have fewer */
    uint64_t slot_size;  /* most bytes that `encode` may write */
    /* Writes at `to` what becomes of the `length` bytes at `from`, with the block's header, and
     * returns how many bytes that are; 0: no memory. Runs on any thread. */
    uint64_t (*encode)(const struct kp_blocks *blocks, const uint8_t *from, uint64_t length,
                       uint8_t *to);
    /* The rest belongs to kp_encode_blocks. */
    const uint8_t *from;
    uint8_t *slots;
    uint64_t *lengths; /* of what is in the slots */
    uint64_t size, done;
};

static inline void kp_encode_block(void *data, uint64_t index)
{
    struct kp_blocks *const b = (struct kp_blocks *)data;
    const uint64_t at = index * b->block_size;
    const uint64_t length = b->size - at < b->block_size ? b->size - at : b->block_size;

    if (b->call->host->cancelled(b->call))
        return;
    b->lengths[index] = b->encode(b, b->from + at, length, b->slots + index * b->slot_size);
    b->call->host->progress(b->call, __atomic_add_fetch(&b->done, length, __ATOMIC_RELAXED),
                            b->size);
}

/* Appends all blocks of the main input, in their order. The operation's memory_per_byte is
 * at least 1 and its memory_base 8, for one number a block. */
static inline int32_t kp_encode_blocks(struct kp_blocks *b)
{
    const struct kp_host *const host = b->call->host;
    uint64_t count, room, used = 0;

    b->size = kp_size(b->call, b->call->input);
    b->from = kp_view(b->call, b->call->input);
    count = b->size / b->block_size + (b->size % b->block_size != 0);
    if (b->from == NULL)
        return KP_FAILED;
    if (count == 0)
        return KP_OK;
    if (!kp_mul(count, b->slot_size, &room))
        return kp_fail(b->call, "input: %llu bytes: too large", (unsigned long long)b->size);
    b->lengths = (uint64_t *)host->alloc(b->call, count * sizeof(*b->lengths));
    b->slots = b->lengths != NULL ? kp_reserve(b->call, room) : NULL;
    if (b->slots == NULL || host->parallel(b->call, count, kp_encode_block, b) != KP_OK ||
        host->cancelled(b->call))
        return KP_FAILED;
    for (uint64_t i = 0; i < count; i++) {
        if (b->lengths[i] == 0)
            return kp_fail(b->call, "block %llu: out of memory", (unsigned long long)i);
        memmove(b->slots + used, b->slots + i * b->slot_size, (size_t)b->lengths[i]);
        used += b->lengths[i];
    }
    return host->output_give_back(b->call, b->call->output, room - used);
}

#endif

#endif
