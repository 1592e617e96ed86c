/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/bzimage/update.c - the stage `bzimage-update`: what in a bzImage depends on the payload and
 * its contents other than by a size or a place, of which the stage `layout` takes care. It adds
 * nothing, and moves nothing: the boot program was linked for where its parts lie.
 *
 * Facts from Linux 6.1: arch/x86/boot/header.S (INIT_SIZE), arch/x86/boot/compressed/misc.c (what the
 * boot program expects of the payload), Documentation/arch/x86/boot.rst.
 */
#include <string.h>

#include "bzimage.h"

#define CONTENTS_MAX (UINT64_C(1) << 31) /* the sizes have 32 bits, and the kernel 2 GiB */
#define LENGTHS_SIZE 8u

const struct kp_param *const update_table[] = {
    KP_UINT(struct update_params, lengths, .flags = KP_PARAM_HEX, .minimum = 1,
            .maximum = UINT32_MAX, .presence = offsetof(struct update_params, has_lengths),
            .computed = "not written", .unit = "bytes",
            .summary = "where the boot program has the payload's size and its contents'",
            .help =
                "Two words of 32 bits, input_len and output_len: an offset in the image, behind "
                "the payload. Without them a payload of another size does not boot."),
    KP_UINT(struct update_params, boot_memory, .flags = KP_PARAM_HEX, .maximum = UINT32_MAX,
            .presence = offsetof(struct update_params, has_boot_memory), .computed = "not known",
            .unit = "bytes", .summary = "memory that the boot program takes, for init_size",
            .help = "Without it init_size stays."),
    KP_BOOL(struct update_params, efi_memory, .fallback = "no",
            .summary = "the PE header asks for all of init_size, as up to Linux 6.6",
            .help = "SizeOfImage, SizeOfCode and the size of the section .text follow it."),
    KP_BOOL(struct update_params, crc, .fallback = "no",
            .summary = "the image ends with a checksum, as up to Linux 6.14"),
    NULL,
};

/* The payload and what it gives. */
struct payload {
    uint64_t at, length;
    uint64_t contents; /* bytes */
    uint64_t memory;   /* of the kernel in it */
};

static const struct update_params *params_of(const struct view *view)
{
    return (const struct update_params *)view->call->params;
}

/* What the kernel occupies once it was put where its segments say, which counts from pref_address:
 * misc.c, parse_elf. Contents that are no ELF file are taken to be the kernel as it runs. */
static int32_t measure(const struct view *view, const struct elf_file *file,
                       struct payload *payload)
{
    const GElf_Phdr *const segments = file->segments;
    const uint64_t wanted = kp_le64(view->setup + AT_PREF_ADDRESS);
    uint64_t begin = UINT64_MAX, end = 0, behind;

    for (size_t i = 0; i < file->segment_count; i++) {
        if (segments[i].p_type != PT_LOAD)
            continue;
        if (!kp_add(segments[i].p_paddr, segments[i].p_memsz, &behind))
            return kp_fail(view->call,
                           "payload: contents: segment %zu: 0x%llx bytes at 0x%llx: beyond 2^64", i,
                           ULL(segments[i].p_memsz), ULL(segments[i].p_paddr));
        begin = segments[i].p_paddr < begin ? segments[i].p_paddr : begin;
        end = behind > end ? behind : end;
    }
    if (begin >= end)
        return kp_fail(view->call, "payload: contents: an ELF file that loads nothing");
    if (view->version >= VERSION_INIT_SIZE && begin != wanted)
        return kp_fail_at(view->call, NULL, "take a kernel of the same CONFIG_PHYSICAL_START",
                          "payload: contents: loaded to 0x%llx: the boot program expects 0x%llx, "
                          "its pref_address",
                          ULL(begin), ULL(wanted));
    payload->memory = end - begin;
    return KP_OK;
}

static int32_t check_kernel(const struct view *view, const struct kp_image *contents,
                            struct payload *payload)
{
    const uint16_t machine = view_is_wide(view) ? EM_X86_64 : EM_386;
    struct elf_file file;
    uint8_t magic[SELFMAG];
    int32_t result = KP_FAILED;

    payload->memory = payload->contents;
    if (payload->contents < SELFMAG)
        return kp_fail(view->call, "payload: contents: %llu bytes: no kernel",
                       ULL(payload->contents));
    if (view->call->host->image_read(view->call, contents, 0, magic, sizeof(magic)) != KP_OK)
        return KP_FAILED;
    if (memcmp(magic, ELFMAG, SELFMAG) != 0)
        return KP_OK;
    if (elf_file_open(&file, view->call, contents, NULL)) {
        if (view->version < VERSION_XLOADFLAGS || file.header.e_machine == machine)
            result = measure(view, &file, payload);
        else
            kp_fail(view->call,
                    "payload: contents: ELF file of machine %u: the boot program is for %u",
                    file.header.e_machine, machine);
    }
    elf_file_close(&file);
    return result;
}

/* The last word: boot loaders of Xen's kind believe it, and Kbuild the same. */
static int32_t check_last_word(const struct view *view, const struct payload *payload)
{
    uint8_t word[PAYLOAD_SIZE_WORD];

    if (view->call->host->image_read(view->call, view->call->input,
                                     payload->at + payload->length - sizeof(word), word,
                                     sizeof(word)) != KP_OK)
        return KP_FAILED;
    if (kp_le32(word) == payload->contents)
        return KP_OK;
    return kp_fail_at(view->call, NULL,
                      "it must end with their size: compress with gzip, or put size-append behind "
                      "another codec",
                      "payload: its last word says %lu bytes: its contents have %llu",
                      (unsigned long)kp_le32(word), ULL(payload->contents));
}

static int32_t open_payload(const struct view *view, struct payload *payload)
{
    struct kp_call *const call = view->call;
    struct kp_identity identity = {.size = sizeof(identity)};
    const struct kp_image *packed, *contents;
    uint64_t end;

    if (!view_payload(view, &payload->at, &payload->length))
        return kp_fail(call, "payload: %lu bytes at 0x%lx: not inside of the boot program's %llu",
                       (unsigned long)kp_le32(view->setup + AT_PAYLOAD_LENGTH),
                       (unsigned long)kp_le32(view->setup + AT_PAYLOAD_OFFSET),
                       ULL(view->system_size));
    packed = call->host->image_slice(call, call->input, payload->at, payload->length);
    if (packed == NULL || call->host->identify(call, packed, &identity) != KP_OK)
        return KP_FAILED;
    if (identity.codec == NULL)
        return kp_fail(call, "payload: compressed by no codec that is installed");
    contents = call->host->decode(call, packed, CONTENTS_MAX, &end);
    if (contents == NULL)
        return KP_FAILED;
    payload->contents = kp_size(call, contents);
    if (check_last_word(view, payload) != KP_OK)
        return KP_FAILED;
    return check_kernel(view, contents, payload);
}

/* header.S, INIT_SIZE: what the kernel takes when it runs, or what unpacking it takes. */
static int32_t update_init_size(struct view *view, const struct payload *payload)
{
    const uint64_t stored = kp_le32(view->setup + AT_INIT_SIZE);
    uint64_t size;

    if (view->version < VERSION_INIT_SIZE || !params_of(view)->has_boot_memory)
        return KP_OK;
    size = params_of(view)->boot_memory + extract_offset(payload->length, payload->contents,
                                                         kp_le32(view->setup + AT_PAYLOAD_OFFSET));
    size = payload->memory > size ? payload->memory : size;
    if (size <= stored)
        return KP_OK;
    if (size > UINT32_MAX)
        return kp_fail(view->call, "init_size: 0x%llx bytes: does not fit into 32 bits", ULL(size));
    if (payload->memory > stored)
        kp_message(
            view->call, KP_WARNING,
            "init_size: 0x%llx instead of 0x%llx: the kernel takes more memory than the boot "
            "program knows of: boot with nokaslr",
            ULL(size), ULL(stored));
    else
        kp_message(view->call, KP_NOTE, "init_size: 0x%llx instead of 0x%llx: to unpack the kernel",
                   ULL(size), ULL(stored));
    kp_put_le32(view->setup + AT_INIT_SIZE, (uint32_t)size);
    return KP_OK;
}

/* tools/build.c of 5.10, update_pecoff_text: .text is the last section, and has all that follows. */
static int32_t update_efi_memory(struct view *view)
{
    const uint64_t image =
        (uint64_t)kp_le32(view->setup + AT_INIT_SIZE) + kp_le32(view->setup + AT_KERNEL_ALIGNMENT);
    struct pe_section section;

    if (!params_of(view)->efi_memory)
        return KP_OK;
    if (!view_has_pe(view) || view->pe.section_count == 0)
        return kp_fail_at(view->call, &params_of(view)->efi_memory, NULL,
                          "efi_memory: the image has no PE header in its setup code");
    pe_section(&view->pe, (uint16_t)(view->pe.section_count - 1), &section);
    if (image > UINT32_MAX || image < section.virtual_address || image < SECTOR)
        return kp_fail(view->call, "SizeOfImage: 0x%llx bytes: no size of this image", ULL(image));
    kp_put_le32(view->setup + view->pe.optional + PE_SIZE_OF_IMAGE, (uint32_t)image);
    kp_put_le32(view->setup + view->pe.optional + PE_SIZE_OF_CODE, (uint32_t)(image - SECTOR));
    kp_put_le32(view->setup + section.at + PE_SECTION_VIRTUAL_SIZE,
                (uint32_t)(image - section.virtual_address));
    return KP_OK;
}

/* An empty certificate table is none. */
static int32_t update_signature(struct view *view)
{
    uint32_t address, size;
    uint64_t at, length;

    if (!view_has_pe(view))
        return KP_OK;
    pe_directory(&view->pe, PE_DIRECTORY_CERTIFICATES, &address, &size);
    if (size != 0)
        return pe_certificates(&view->pe, &at, &length) ? KP_OK : KP_FAILED;
    if (address != 0)
        memset(view->setup + view->pe.directories + CERTIFICATES_AT, 0, 8);
    return KP_OK;
}

/* Where the two words go: among the constants behind the payload. */
static int32_t check_lengths(const struct view *view, const struct payload *payload)
{
    const struct update_params *const params = params_of(view);
    const uint64_t end = view->end - (params->crc ? CRC_SIZE : 0);

    if (params->crc && view->system_size < CRC_SIZE)
        return kp_fail_at(view->call, &params->crc, NULL, "crc: the image has no room for it");
    if (!params->has_lengths || (params->lengths >= payload->at + payload->length &&
                                 kp_inside(end, params->lengths, LENGTHS_SIZE)))
        return KP_OK;
    return kp_fail_at(view->call, &params->lengths, NULL,
                      "lengths: 0x%llx: not between the payload's end, 0x%llx, and the boot "
                      "program's, 0x%llx",
                      ULL(params->lengths), ULL(payload->at + payload->length), ULL(end));
}

/* Appends bytes of the input, which go into the CRC. */
static int32_t copy(const struct view *view, uint64_t from, uint64_t to, uint32_t *crc)
{
    struct kp_call *const call = view->call;

    if (params_of(view)->crc && !crc_image(call, call->input, from, to, crc))
        return KP_FAILED;
    return call->host->output_image(call, call->output, call->input, from, to - from);
}

static int32_t write_system(const struct view *view, const struct payload *payload)
{
    const struct update_params *const params = params_of(view);
    const uint64_t end = view->end - (params->crc ? CRC_SIZE : 0);
    uint64_t from = view->setup_size;
    uint8_t bytes[LENGTHS_SIZE];
    uint32_t crc;

    if (!view_setup_crc(view, &crc))
        return KP_FAILED;
    if (params->has_lengths) {
        kp_put_le32(bytes, (uint32_t)payload->length);
        kp_put_le32(bytes + 4, (uint32_t)payload->contents);
        if (copy(view, from, params->lengths, &crc) != KP_OK ||
            kp_append(view->call, bytes, LENGTHS_SIZE) != KP_OK)
            return KP_FAILED;
        crc_bytes(bytes, LENGTHS_SIZE, &crc);
        from = params->lengths + LENGTHS_SIZE;
    }
    if (copy(view, from, end, &crc) != KP_OK)
        return KP_FAILED;
    kp_put_le32(bytes, crc);
    return params->crc ? kp_append(view->call, bytes, CRC_SIZE) : KP_OK;
}

int32_t bzimage_update(struct kp_call *call)
{
    struct payload payload = {0};
    struct view view;

    if (view_read(&view, call) != KP_OK || view_open(&view) != KP_OK ||
        open_payload(&view, &payload) != KP_OK || update_init_size(&view, &payload) != KP_OK ||
        update_efi_memory(&view) != KP_OK || update_signature(&view) != KP_OK ||
        check_lengths(&view, &payload) != KP_OK ||
        kp_append(call, view.setup, view.setup_size) != KP_OK ||
        write_system(&view, &payload) != KP_OK ||
        call->host->output_image(call, call->output, call->input, view.end,
                                 view.file_size - view.end) != KP_OK)
        return KP_FAILED;
    return view_set_traits(&view);
}
