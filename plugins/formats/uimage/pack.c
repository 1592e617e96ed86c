/* SPDX-License-Identifier: BSD-3-Clause
 *
 * uimage/pack.c - the stage `uimage`: puts U-Boot's legacy header before an image.
 *
 * Byte for byte what `mkimage -A -O -T -C -a -e -n -d` writes for the same time,
 * with three differences of behaviour: the compression's label is found from the
 * payload, and for what U-Boot would unpack a wrong one is refused; a kernel needs
 * a load address; a name that does not fit is refused, not cut. Payloads are
 * neither copied nor joined.
 */
#include <string.h>
#include <zlib.h>

#include "uimage.h"

struct pack_params {
    uint64_t load;
    uint64_t entry;
    uint64_t time;
    struct kp_text name;
    struct kp_text arch;
    struct kp_list parts;
    uint32_t os;
    uint32_t type;
    uint32_t compression;
    uint8_t has_load;
    uint8_t has_entry;
    uint8_t has_time;
    uint8_t has_arch;
    uint8_t has_compression;
};

static const struct kp_param *const table[] = {
    KP_UINT(struct pack_params, load, .flags = KP_PARAM_HEX | KP_PARAM_SHORT, .maximum = UINT32_MAX,
            .presence = offsetof(struct pack_params, has_load), .trait = KP_TRAIT_LOAD,
            .summary = "address that U-Boot copies or unpacks the data to",
            .needed_if = "type=kernel,standalone,firmware,multi",
            .help = "0 for the other types if nothing tells it."),
    KP_UINT(struct pack_params, entry, .flags = KP_PARAM_HEX, .maximum = UINT32_MAX,
            .presence = offsetof(struct pack_params, has_entry), .trait = KP_TRAIT_ENTRY,
            .computed = "the same as load", .summary = "address of the first instruction"),
    KP_TEXT(struct pack_params, name, .flags = KP_PARAM_TRAITS, .maximum = UIMAGE_NAME_SIZE,
            .summary = "name that U-Boot shows; empty if not given"),
    KP_TEXT(struct pack_params, arch, .presence = offsetof(struct pack_params, has_arch),
            .trait = KP_TRAIT_ARCH, .summary = "architecture; U-Boot refuses to boot another",
            .needed_if = "type=kernel,kernel_noload,standalone,ramdisk,multi"),
    KP_CHOICE(struct pack_params, os, .choices = uimage_systems, .fallback = "linux",
              .summary = "operating system that the data belongs to"),
    KP_CHOICE(struct pack_params, type, .choices = uimage_types, .fallback = "kernel",
              .summary = "what the data is"),
    KP_CHOICE(struct pack_params, compression, .choices = uboot_compressions,
              .presence = offsetof(struct pack_params, has_compression),
              .computed = "found from the payload for the types kernel, kernel_noload, standalone "
                          "and multi (its first part); none for all others",
              .summary = "label: how U-Boot is to unpack the data",
              .help = "Nothing is compressed here. For a kernel the payload must be what the label "
                      "says. A compressed ramdisk is labelled none: Linux unpacks it, not U-Boot."),
    KP_UINT(struct pack_params, time, .maximum = UINT32_MAX,
            .presence = offsetof(struct pack_params, has_time),
            .computed = "SOURCE_DATE_EPOCH, or 0",
            .summary = "when it was made, in seconds since 1970-01-01 UTC"),
    KP_IMAGE_LIST(struct pack_params, parts,
                  .summary = "with type multi or script: the images behind the main input",
                  .help = "The main input is always the first part, the one that U-Boot boots."),
    NULL,
};

/* What U-Boot copies to the load address; with a wrong one it overwrites itself. */
static int needs_load(uint32_t type)
{
    return type == UIMAGE_KERNEL || type == UIMAGE_STANDALONE || type == UIMAGE_FIRMWARE ||
           type == UIMAGE_MULTI;
}

/* What U-Boot boots, or passes on, only if the architecture is its own. */
static int needs_arch(uint32_t type)
{
    return type == UIMAGE_KERNEL || type == UIMAGE_KERNEL_NOLOAD || type == UIMAGE_STANDALONE ||
           type == UIMAGE_RAMDISK || type == UIMAGE_MULTI;
}

/* What U-Boot itself unpacks. */
static int is_unpacked(uint32_t type)
{
    return type == UIMAGE_KERNEL || type == UIMAGE_KERNEL_NOLOAD || type == UIMAGE_STANDALONE ||
           type == UIMAGE_MULTI;
}

/* The parts are the main input and then `parts`. */
static const struct kp_image *part(const struct kp_call *call, const struct pack_params *p,
                                   uint64_t index)
{
    const struct kp_image *const *images = (const struct kp_image *const *)p->parts.items;

    return index == 0 ? call->input : images[index - 1];
}

/* Allowed, but hardly meant: parts: [_, ramdisk] in the belief that the list is complete. */
static void warn_of_repetition(struct kp_call *call, const struct pack_params *p)
{
    uint64_t i;

    for (i = 1; i <= p->parts.count; i++) {
        if (part(call, p, i) == call->input)
            kp_message(call, KP_WARNING,
                       "parts: the main input is the first part in any case, and now part %llu too",
                       (unsigned long long)i);
    }
}

static int32_t check_params(struct kp_call *call, const struct pack_params *p)
{
    const char *type = uboot_choice_name(uimage_types, p->type);

    if (p->name.length > UIMAGE_NAME_SIZE)
        return kp_fail_at(call, &p->name, "shorten it",
                          "name: %llu bytes: the header has room for %u",
                          (unsigned long long)p->name.length, UIMAGE_NAME_SIZE);
    if (!p->has_load && needs_load(p->type))
        return kp_fail_at(call, &p->load,
                          "give load: ADDRESS here, or load: among the facts of the input's file",
                          "load: no value: type %s needs a load address", type);
    if (p->load > UINT32_MAX)
        return kp_fail_at(call, &p->load, "U-Boot's FIT has 64-bit addresses, a uImage has not",
                          "load: 0x%llx: does not fit the header's 32 bits",
                          (unsigned long long)p->load);
    if (p->entry > UINT32_MAX)
        return kp_fail_at(call, &p->entry, "U-Boot's FIT has 64-bit addresses, a uImage has not",
                          "entry: 0x%llx: does not fit the header's 32 bits",
                          (unsigned long long)p->entry);
    if (!p->has_arch && needs_arch(p->type))
        return kp_fail_at(call, &p->arch, "give arch: NAME here or in the recipe",
                          "arch: no value: type %s needs an architecture", type);
    if (p->parts.count > 0 && !uimage_has_parts(p->type))
        return kp_fail_at(call, &p->parts, "several images need type: multi",
                          "parts: %llu images: type %s holds only the main input",
                          (unsigned long long)p->parts.count, type);
    return KP_OK;
}

static int32_t find_arch(struct kp_call *call, const struct pack_params *p, uint8_t *number)
{
    uint32_t found;

    *number = 0;
    if (!p->has_arch)
        return KP_OK;
    found = uboot_arch_number(call, &p->arch);
    *number = (uint8_t)found;
    if (found == 0)
        return KP_FAILED;
    return call->host->set_text(call, call->output, KP_TRAIT_ARCH,
                                call->host->arch(call, p->arch.bytes)->name);
}

/* The label, if the recipe says nothing about it. */
static int32_t compute_label(struct kp_call *call, const struct uboot_codec *found, uint8_t *label)
{
    if (found->number == UBOOT_COMP_UNNAMED)
        return kp_fail_at(call, NULL, UBOOT_UNPACKS,
                          "compression: the payload is compressed with %s: U-Boot cannot unpack it",
                          found->name);
    *label = (uint8_t)found->number;
    return KP_OK;
}

/* The label that the recipe gives, if the payload is what it says. */
static int32_t check_label(struct kp_call *call, const struct pack_params *p,
                           const struct uboot_codec *found)
{
    const char *label = uboot_choice_name(uboot_compressions, p->compression);
    int maybe = 0;

    if (p->compression == found->number)
        return KP_OK;
    if (p->compression == UBOOT_COMP_NONE && p->type == UIMAGE_MULTI)
        return KP_OK; /* a first part that is no kernel: like a ramdisk */
    if (found->name != NULL)
        return kp_fail_at(call, &p->compression,
                          found->number == UBOOT_COMP_UNNAMED
                              ? UBOOT_UNPACKS
                              : "leave compression out: it is found from the payload",
                          "compression: %s: the payload is compressed with %s", label, found->name);
    if (p->compression == UBOOT_COMP_LZMA &&
        uboot_maybe_lzma(call, part(call, p, 0), &maybe) != KP_OK)
        return KP_FAILED;
    if (maybe)
        return KP_OK;
    return kp_fail_at(call, &p->compression, "this is only a label: compress in a stage before",
                      "compression: %s: the payload is not compressed with %s", label, label);
}

static int32_t find_label(struct kp_call *call, const struct pack_params *p, uint8_t *label)
{
    struct uboot_codec found;

    *label = (uint8_t)p->compression; /* none, if not given */
    if (!is_unpacked(p->type))
        return KP_OK;
    if (uboot_find_codec(call, part(call, p, 0), &found) != KP_OK)
        return KP_FAILED;
    if (!p->has_compression)
        return compute_label(call, &found, label);
    return check_label(call, p, &found);
}

/* Appends bytes of our own and counts them into the data's checksum. */
static int32_t append_counted(struct kp_call *call, const uint8_t *bytes, uint64_t length,
                              uint32_t *crc)
{
    *crc = (uint32_t)crc32_z(*crc, bytes, (z_size_t)length);
    return kp_append(call, bytes, length);
}

/* The list before the parts of a multi-file image or script (image.h, Image Types). */
static int32_t append_sizes(struct kp_call *call, const struct pack_params *p, uint64_t count,
                            uint32_t *crc)
{
    uint8_t word[4];
    uint64_t i, size;

    for (i = 0; i < count; i++) {
        size = kp_size(call, part(call, p, i));
        if (size > UINT32_MAX)
            return kp_fail(call, "part %llu: %llu bytes: a uImage holds less than 4 GiB",
                           (unsigned long long)i, (unsigned long long)size);
        if (size == 0) /* it would end the list */
            return kp_fail(call, "part %llu: 0 bytes: an empty part cannot be listed",
                           (unsigned long long)i);
        kp_put_be32(word, (uint32_t)size);
        if (append_counted(call, word, sizeof(word), crc) != KP_OK)
            return KP_FAILED;
    }
    kp_put_be32(word, 0);
    return append_counted(call, word, sizeof(word), crc);
}

static int32_t append_data(struct kp_call *call, const struct pack_params *p, uint32_t *crc)
{
    static const uint8_t padding[4] = {0, 0, 0, 0};
    const uint64_t count = 1 + p->parts.count;
    const struct kp_image *image;
    uint64_t i, size;

    warn_of_repetition(call, p);
    if (uimage_has_parts(p->type) && append_sizes(call, p, count, crc) != KP_OK)
        return KP_FAILED;
    for (i = 0; i < count; i++) {
        image = part(call, p, i);
        size = kp_size(call, image);
        if (size == 0)
            return kp_fail(call, "payload: 0 bytes: there is nothing to wrap");
        if (uimage_checksum(call, image, 0, size, crc) != KP_OK ||
            kp_append_image(call, image) != KP_OK)
            return KP_FAILED;
        if (i + 1 < count && size % 4 != 0 &&
            append_counted(call, padding, 4 - size % 4, crc) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

static int32_t set_addresses(struct kp_call *call, const struct pack_params *p, uint64_t entry)
{
    if (!p->has_load)
        return KP_OK;
    if (call->host->set_number(call, call->output, KP_TRAIT_LOAD, p->load) != KP_OK)
        return KP_FAILED;
    return call->host->set_number(call, call->output, KP_TRAIT_ENTRY, entry);
}

static int32_t run(struct kp_call *call)
{
    const struct pack_params *p = (const struct pack_params *)call->params;
    const uint64_t time = p->has_time ? p->time : call->host->build_time(call);
    const uint64_t entry = p->has_entry ? p->entry : p->load;
    uint8_t arch = 0, label = 0, *header;
    uint32_t crc = 0;
    uint64_t size;

    if (check_params(call, p) != KP_OK || find_arch(call, p, &arch) != KP_OK ||
        find_label(call, p, &label) != KP_OK)
        return KP_FAILED;
    if (time > UINT32_MAX)
        return kp_fail(call, "time: %llu: does not fit the header's 32 bits",
                       (unsigned long long)time);
    header = kp_reserve(call, UIMAGE_HEADER_SIZE);
    if (header == NULL || append_data(call, p, &crc) != KP_OK)
        return KP_FAILED;
    size = call->host->output_size(call, call->output) - UIMAGE_HEADER_SIZE;
    if (size > UINT32_MAX)
        return kp_fail(call, "payload: %llu bytes: a uImage holds less than 4 GiB",
                       (unsigned long long)size);
    kp_put_be32(header + UIMAGE_AT_MAGIC, UIMAGE_MAGIC);
    kp_put_be32(header + UIMAGE_AT_TIME, (uint32_t)time);
    kp_put_be32(header + UIMAGE_AT_SIZE, (uint32_t)size);
    kp_put_be32(header + UIMAGE_AT_LOAD, (uint32_t)p->load);
    kp_put_be32(header + UIMAGE_AT_EP, (uint32_t)entry);
    kp_put_be32(header + UIMAGE_AT_DCRC, crc);
    header[UIMAGE_AT_OS] = (uint8_t)p->os;
    header[UIMAGE_AT_ARCH] = arch;
    header[UIMAGE_AT_TYPE] = (uint8_t)p->type;
    header[UIMAGE_AT_COMP] = label;
    if (p->name.length > 0)
        memcpy(header + UIMAGE_AT_NAME, p->name.bytes, (size_t)p->name.length);
    /* Last, with its own field still 0. */
    kp_put_be32(header + UIMAGE_AT_HCRC, (uint32_t)crc32_z(0, header, UIMAGE_HEADER_SIZE));
    return set_addresses(call, p, entry);
}

static const char *const sets[] = {KP_TRAIT_ARCH, KP_TRAIT_LOAD, KP_TRAIT_ENTRY, NULL};

const struct kp_operation uimage_pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "wrap an image for U-Boot's bootm",
    .output_kind = KP_KIND_UIMAGE,
    .params = table,
    .params_size = sizeof(struct pack_params),
    .sets = sets,
    .run = run,
};
