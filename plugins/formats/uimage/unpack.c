/* SPDX-License-Identifier: BSD-3-Clause
 *
 * uimage/unpack.c - the stage `uimage.unpack`: gives back what a uImage wraps.
 *
 * Header and data must match their checksums. The data stays as compressed as it
 * is: `decompress` or the codec's own stage goes on from there.
 */
#include "uimage.h"

struct unpack_params {
    uint64_t index;
};

static const struct kp_param *const table[] = {
    KP_UINT(struct unpack_params, index, .maximum = UINT32_MAX, .fallback = "0",
            .flags = KP_PARAM_SHORT,
            .summary = "which part of a multi-file image or script, counted from 0"),
    NULL,
};

/* Where the data lies; warns of what is behind it and will get lost. */
static int32_t check_size(struct kp_call *call, const struct uimage_header *header)
{
    const uint64_t rest = kp_size(call, call->input) - UIMAGE_HEADER_SIZE;

    if (header->size > rest)
        return kp_fail_at(call, NULL, "the file was cut short: get it again",
                          "ih_size: %u bytes: only %llu follow the header", (unsigned)header->size,
                          (unsigned long long)rest);
    if (header->size < rest)
        kp_message(call, KP_WARNING, "%llu bytes behind the data are left out",
                   (unsigned long long)(rest - header->size));
    return KP_OK;
}

static int32_t check_checksums(struct kp_call *call, const struct uimage_header *header)
{
    uint32_t crc = 0;

    if (header->hcrc != header->computed_hcrc)
        return kp_fail(call, "ih_hcrc: 0x%08x: the header's checksum is 0x%08x",
                       (unsigned)header->hcrc, (unsigned)header->computed_hcrc);
    if (check_size(call, header) != KP_OK ||
        uimage_checksum(call, call->input, UIMAGE_HEADER_SIZE, header->size, &crc) != KP_OK)
        return KP_FAILED;
    if (crc != header->dcrc)
        return kp_fail(call, "ih_dcrc: 0x%08x: the data's checksum is 0x%08x",
                       (unsigned)header->dcrc, (unsigned)crc);
    return KP_OK;
}

static int32_t choose_part(struct kp_call *call, const struct uimage_header *header,
                           struct uimage_part *part)
{
    const struct unpack_params *p = (const struct unpack_params *)call->params;
    uint64_t count = 1;

    part->offset = UIMAGE_HEADER_SIZE;
    part->size = header->size;
    if (uimage_has_parts(header->type) &&
        uimage_find_part(call, header, p->index, &count, part) != KP_OK)
        return KP_FAILED;
    if (p->index >= count)
        return kp_fail_at(call, &p->index, "the first part is 0",
                          "index: %llu: the image has %llu part%s", (unsigned long long)p->index,
                          (unsigned long long)count, count == 1 ? "" : "s");
    return KP_OK;
}

static int32_t run(struct kp_call *call)
{
    const struct unpack_params *p = (const struct unpack_params *)call->params;
    struct uimage_header header;
    struct uimage_part part;

    if (uimage_read_header(call, &header) != KP_OK || check_checksums(call, &header) != KP_OK ||
        choose_part(call, &header, &part) != KP_OK || uimage_set_traits(call, &header) != KP_OK)
        return KP_FAILED;
    /* The addresses are those of the first part. */
    if (p->index > 0 && (call->host->clear_trait(call, call->output, KP_TRAIT_LOAD) != KP_OK ||
                         call->host->clear_trait(call, call->output, KP_TRAIT_ENTRY) != KP_OK))
        return KP_FAILED;
    return call->host->output_image(call, call->output, call->input, part.offset, part.size);
}

static const char *const input_kinds[] = {KP_KIND_UIMAGE, NULL};
static const char *const sets[] = {KP_TRAIT_ARCH, KP_TRAIT_LOAD, KP_TRAIT_ENTRY, NULL};

const struct kp_operation uimage_unpack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "take the data, or one part of it, out of a uImage",
    .input_kinds = input_kinds,
    .params = table,
    .params_size = sizeof(struct unpack_params),
    .sets = sets,
    .run = run,
};
