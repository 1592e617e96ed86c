/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/bytes.c - stages that move bytes and know no format: `concat` puts images behind
 * each other, `pad` makes an image longer, `slice` takes a part of one. No byte is copied.
 *
 * Regions at given places, with limits, are layout.c. What the result is, is found from its
 * bytes: an image behind padding is no longer what it was.
 */
#include <kpipe/kpipe.h>

#define AT_END 0u
#define AT_START 1u

struct concat_params {
    struct kp_list images;
    uint64_t align;
    uint64_t fill;
};

struct pad_params {
    uint64_t align;
    uint64_t size;
    uint64_t fill;
    uint32_t side;
    uint8_t has_align;
    uint8_t has_size;
};

struct slice_params {
    int64_t offset;
    int64_t end;
    uint64_t length;
    uint8_t has_end;
    uint8_t has_length;
};

static const struct kp_param *const concat_table[] = {
    KP_IMAGE_LIST(struct concat_params, images, .flags = KP_PARAM_SHORT | KP_PARAM_REQUIRED,
                  .min_items = 1,
                  .summary = "all images of the result, in order; _ is the main input"),
    KP_UINT(struct concat_params, align, .minimum = 1, .maximum = UINT64_MAX, .fallback = "1",
            .unit = "bytes", .summary = "each image begins at a multiple of this"),
    KP_UINT(struct concat_params, fill, .maximum = UINT8_MAX, .fallback = "0",
            .flags = KP_PARAM_HEX, .summary = "byte between the images"),
    NULL,
};

static const struct kp_choice *const sides[] = {
    KP_ONE_OF(AT_END, "end", "behind the image"),
    KP_ONE_OF(AT_START, "start", "before it"),
    NULL,
};

static const struct kp_param *const pad_table[] = {
    KP_UINT(struct pad_params, align, .flags = KP_PARAM_SHORT, .minimum = 1, .maximum = UINT64_MAX,
            .presence = offsetof(struct pad_params, has_align), .unit = "bytes",
            .summary = "pad to a multiple of this"),
    KP_UINT(struct pad_params, size, .presence = offsetof(struct pad_params, has_size),
            .unit = "bytes", .summary = "pad to this size; a larger image is refused"),
    KP_UINT(struct pad_params, fill, .maximum = UINT8_MAX, .fallback = "0", .flags = KP_PARAM_HEX,
            .summary = "byte to pad with"),
    KP_CHOICE(struct pad_params, side, .choices = sides, .fallback = "end",
              .summary = "where the padding goes"),
    NULL,
};

static const struct kp_param *const slice_table[] = {
    KP_INT(struct slice_params, offset, .flags = KP_PARAM_SHORT, .fallback = "0", .unit = "bytes",
           .summary = "where the part begins; a negative number counts from the image's end"),
    KP_UINT(struct slice_params, length, .presence = offsetof(struct slice_params, has_length),
            .unit = "bytes",
            .summary = "how many bytes it has; without it and end: all that follow"),
    KP_INT(struct slice_params, end, .presence = offsetof(struct slice_params, has_end),
           .unit = "bytes",
           .summary = "where it ends: the offset behind its last byte; negative as above"),
    NULL,
};

static int32_t clear(struct kp_call *call, const char *const *traits)
{
    for (; *traits != NULL; traits++)
        if (call->host->clear_trait(call, call->output, *traits) != KP_OK)
            return KP_FAILED;
    return KP_OK;
}

/* The addresses are those of the main input's first byte and of an instruction in it, and
 * what is to be zeroed begins behind its last. */
static int32_t concat_traits(struct kp_call *call, const struct kp_image *first)
{
    static const char *const behind[] = {KP_TRAIT_BSS, NULL};
    static const char *const all[] = {KP_TRAIT_BSS, KP_TRAIT_LOAD, KP_TRAIT_ENTRY, NULL};

    return clear(call, first == call->input ? behind : all);
}

static int32_t concat_run(struct kp_call *call)
{
    const struct concat_params *p = (const struct concat_params *)call->params;
    const struct kp_image *const *images = (const struct kp_image *const *)p->images.items;
    int has_main = 0;
    uint64_t i;

    for (i = 0; i < p->images.count; i++)
        has_main |= images[i] == call->input;
    if (!has_main)
        return kp_fail_at(call, &p->images, "write _ where it belongs: [_, OTHER]",
                          "images: the main input is not among them");
    for (i = 0; i < p->images.count; i++) {
        const uint64_t at = call->host->output_size(call, call->output);
        uint64_t aligned;

        if (!kp_align(at, p->align, &aligned))
            return kp_fail_at(call, &p->align, NULL,
                              "align: %llu: image %llu would begin beyond 2^64",
                              (unsigned long long)p->align, (unsigned long long)i);
        if (kp_append_fill(call, (uint8_t)p->fill, aligned - at) != KP_OK ||
            kp_append_image(call, images[i]) != KP_OK)
            return KP_FAILED;
    }
    return concat_traits(call, images[0]);
}

/* The size that the result must have. */
static int32_t padded_size(struct kp_call *call, const struct pad_params *p, uint64_t size,
                           uint64_t *padded)
{
    if (p->has_align == p->has_size)
        return kp_fail_at(call, p->has_size ? &p->size : NULL,
                          "{pad: {align: N}} pads to a multiple, {pad: {size: N}} to a size",
                          "align and size: %s: pad needs one of them",
                          p->has_size ? "both given" : "neither given");
    *padded = p->size;
    if (p->has_size && size > p->size)
        return kp_fail_at(call, &p->size, "raise 'size', or make the image smaller",
                          "size: %llu bytes: the image has %llu, %llu over",
                          (unsigned long long)p->size, (unsigned long long)size,
                          (unsigned long long)(size - p->size));
    if (p->has_align && !kp_align(size, p->align, padded))
        return kp_fail_at(call, &p->align, NULL, "align: %llu: beyond 2^64",
                          (unsigned long long)p->align);
    return KP_OK;
}

/* Padding before the image moves its first byte. Zeros behind it are some of those that
 * were to be written there; other bytes are not. */
static int32_t pad_traits(struct kp_call *call, const struct pad_params *p, uint64_t padding)
{
    static const char *const bss_name[] = {KP_TRAIT_BSS, NULL};
    static const char *const load_name[] = {KP_TRAIT_LOAD, NULL};
    uint64_t value;

    if (padding == 0)
        return KP_OK;
    if (p->side == AT_START) {
        if (call->host->trait_number(call, call->input, KP_TRAIT_LOAD, &value) && value >= padding)
            return call->host->set_number(call, call->output, KP_TRAIT_LOAD, value - padding);
        return clear(call, load_name);
    }
    if (p->fill == 0 && call->host->trait_number(call, call->input, KP_TRAIT_BSS, &value) &&
        value > padding)
        return call->host->set_number(call, call->output, KP_TRAIT_BSS, value - padding);
    return clear(call, bss_name);
}

static int32_t pad_run(struct kp_call *call)
{
    const struct pad_params *p = (const struct pad_params *)call->params;
    const uint64_t size = kp_size(call, call->input);
    uint64_t padded = 0;

    if (padded_size(call, p, size, &padded) != KP_OK)
        return KP_FAILED;
    if (p->side == AT_START && kp_append_fill(call, (uint8_t)p->fill, padded - size) != KP_OK)
        return KP_FAILED;
    if (kp_append_image(call, call->input) != KP_OK)
        return KP_FAILED;
    if (p->side == AT_END && kp_append_fill(call, (uint8_t)p->fill, padded - size) != KP_OK)
        return KP_FAILED;
    return pad_traits(call, p, padded - size);
}

/* A place that may be counted from the end. */
static int32_t find_place(struct kp_call *call, const int64_t *field, const char *name,
                          uint64_t size, uint64_t *place)
{
    const uint64_t distance = *field < 0 ? 0 - (uint64_t)*field : (uint64_t)*field;

    if (distance > size)
        return kp_fail_at(call, field, NULL, "%s: %lld: the image has %llu bytes", name,
                          (long long)*field, (unsigned long long)size);
    *place = *field < 0 ? size - distance : distance;
    return KP_OK;
}

static int32_t slice_run(struct kp_call *call)
{
    static const char *const addresses[] = {KP_TRAIT_LOAD, KP_TRAIT_ENTRY, KP_TRAIT_BSS, NULL};
    const struct slice_params *p = (const struct slice_params *)call->params;
    const uint64_t size = kp_size(call, call->input);
    uint64_t from = 0, to = size;

    if (p->has_end && p->has_length)
        return kp_fail_at(call, &p->end, "leave one of them out",
                          "length and end: both given: they say the same");
    if (find_place(call, &p->offset, "offset", size, &from) != KP_OK ||
        (p->has_end && find_place(call, &p->end, "end", size, &to) != KP_OK))
        return KP_FAILED;
    if (from > to)
        return kp_fail_at(call, &p->end, NULL, "end: %lld: before the offset, %llu",
                          (long long)p->end, (unsigned long long)from);
    if (p->has_length && p->length > size - from)
        return kp_fail_at(call, &p->length, NULL,
                          "length: %llu bytes from offset %llu: the image has %llu bytes, %llu of "
                          "them from there",
                          (unsigned long long)p->length, (unsigned long long)from,
                          (unsigned long long)size, (unsigned long long)(size - from));
    if (p->has_length)
        to = from + p->length;
    if (from == 0 && to == size)
        return kp_append_image(call, call->input);
    if (clear(call, addresses) != KP_OK)
        return KP_FAILED;
    return call->host->output_image(call, call->output, call->input, from, to - from);
}

static const char *const pad_sets[] = {KP_TRAIT_LOAD, KP_TRAIT_BSS, NULL};

static const struct kp_operation concat_operation = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "put images behind each other",
    .help = "The list names everything: `{concat: [_, dtb]}` appends dtb to the main input, and "
            "`{concat: [stub, _]}` puts stub before it.",
    .params = concat_table,
    .params_size = sizeof(struct concat_params),
    .run = concat_run,
};

static const struct kp_operation pad_operation = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "make an image longer",
    .params = pad_table,
    .params_size = sizeof(struct pad_params),
    .sets = pad_sets,
    .run = pad_run,
};

static const struct kp_operation slice_operation = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "take a part of an image",
    .help = "A part knows no addresses: what was to be loaded was the whole.",
    .params = slice_table,
    .params_size = sizeof(struct slice_params),
    .run = slice_run,
};

static const struct kp_format concat = {
    .size = sizeof(struct kp_format),
    .name = "concat",
    .summary = "several images behind each other",
    .pack = &concat_operation,
};

static const struct kp_format pad = {
    .size = sizeof(struct kp_format),
    .name = "pad",
    .summary = "an image and padding",
    .pack = &pad_operation,
};

static const struct kp_format slice = {
    .size = sizeof(struct kp_format),
    .name = "slice",
    .summary = "a part of an image",
    .pack = &slice_operation,
};

static const struct kp_format *const formats[] = {&concat, &pad, &slice, NULL};

KP_PLUGIN("org.kpipe.bytes", "bytes", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "images joined, padded and cut",
          KP_OFFERS_FORMAT("concat") KP_OFFERS_STAGE("concat") KP_OFFERS_FORMAT("pad")
              KP_OFFERS_STAGE("pad") KP_OFFERS_FORMAT("slice") KP_OFFERS_STAGE("slice"),
          .formats = formats)
