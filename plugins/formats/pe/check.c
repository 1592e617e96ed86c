/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/pe/check.c - whether a loader can do what the headers say: sections inside of the file,
 * at their alignment, in order and apart, all within SizeOfImage, the entry point in one of them,
 * certificates at the end.
 *
 * Microsoft, "PE Format": "Optional Header", "Section Table", "The Attribute Certificate Table".
 * What it says of the least alignments and of SizeOfCode and the like is not asked for: kernels
 * use smaller ones, and no loader looks at those sizes.
 */
#include <string.h>

#include "pe_format.h"

#define SECTIONS_MAX 1024u
#define CERTIFICATE_ALIGNMENT 8u

#define fail(file, hint, ...)                                                                      \
    kp_fail_at((file)->call, (file)->field, hint, "pe header: " __VA_ARGS__)

/* What the specification forbids and objcopy --add-section makes of EFI stubs: in an inspection it
 * is worth a word. */
#define deviates(file, ...)                                                                        \
    ((file)->lenient ? (kp_message((file)->call, KP_WARNING, "pe header: " __VA_ARGS__), KP_OK)    \
                     : fail(file, NULL, __VA_ARGS__))

static int32_t check_alignments(const struct pe_file *file)
{
    const uint32_t memory = kp_le32(pe_optional(file, PE_SECTION_ALIGNMENT));
    const uint32_t bytes = kp_le32(pe_optional(file, PE_FILE_ALIGNMENT));

    if (bytes == 0 || (bytes & (bytes - 1)) != 0)
        return fail(file, NULL, "FileAlignment 0x%x: must be a power of two", (unsigned)bytes);
    if (memory < bytes || (memory & (memory - 1)) != 0)
        return fail(file, NULL,
                    "SectionAlignment 0x%x: must be a power of two, and not below "
                    "FileAlignment 0x%x",
                    (unsigned)memory, (unsigned)bytes);
    return KP_OK;
}

int32_t pe_check_headers(const struct pe_file *file)
{
    uint32_t size;

    if (file->optional_size == 0)
        return fail(file, NULL, "SizeOfOptionalHeader 0: an object file, which nothing boots");
    size = kp_le32(pe_optional(file, PE_SIZE_OF_HEADERS));
    if (file->section_count == 0 || file->section_count > SECTIONS_MAX)
        return fail(file, NULL, "NumberOfSections %u: must be 1 to %u", file->section_count,
                    SECTIONS_MAX);
    if (size < file->head_size || size > file->size)
        return fail(file, NULL, "SizeOfHeaders %lu: the headers take %llu, the file %llu bytes",
                    (unsigned long)size, ULL(file->head_size), ULL(file->size));
    return check_alignments(file);
}

/* A section's place, in memory and in the file, and that it follows the one before. */
static int32_t check_section(const struct pe_file *file, uint16_t index, uint64_t *end)
{
    const uint32_t memory = kp_le32(pe_optional(file, PE_SECTION_ALIGNMENT));
    const uint32_t bytes = kp_le32(pe_optional(file, PE_FILE_ALIGNMENT));
    struct pe_section section;

    pe_section(file, index, &section);
    if (section.virtual_address % memory != 0 &&
        deviates(file, "section %u '%s': VirtualAddress 0x%x: SectionAlignment is 0x%x", index,
                 section.name, (unsigned)section.virtual_address, (unsigned)memory) != KP_OK)
        return KP_FAILED;
    if (section.raw_size != 0 && section.raw_offset % bytes != 0)
        return fail(file, NULL, "section %u '%s': PointerToRawData 0x%x: FileAlignment is 0x%x",
                    index, section.name, (unsigned)section.raw_offset, (unsigned)bytes);
    if (section.virtual_address < *end &&
        deviates(file, "section %u '%s': VirtualAddress 0x%x: what is before it ends at 0x%llx",
                 index, section.name, (unsigned)section.virtual_address, ULL(*end)) != KP_OK)
        return KP_FAILED;
    *end = (uint64_t)section.virtual_address +
           (section.virtual_size != 0 ? section.virtual_size : section.raw_size);
    return KP_OK;
}

/* No two sections share bytes of the file, nor does one with the headers. */
static int32_t check_bytes(const struct pe_file *file)
{
    struct pe_section one, other;

    for (uint16_t i = 0; i < file->section_count; i++) {
        pe_section(file, i, &one);
        if (one.raw_size == 0)
            continue;
        if (one.raw_offset < file->head_size)
            return fail(file, NULL,
                        "section %u '%s': PointerToRawData 0x%x: the headers end at "
                        "0x%llx",
                        i, one.name, (unsigned)one.raw_offset, ULL(file->head_size));
        for (uint16_t k = 0; k < i; k++) {
            pe_section(file, k, &other);
            if (other.raw_size != 0 &&
                one.raw_offset < (uint64_t)other.raw_offset + other.raw_size &&
                other.raw_offset < (uint64_t)one.raw_offset + one.raw_size)
                return fail(file, NULL, "sections %u '%s' and %u '%s': share bytes of the file", k,
                            other.name, i, one.name);
        }
    }
    return KP_OK;
}

/* 0 is allowed: a file without entry point. */
static int32_t check_entry(const struct pe_file *file)
{
    const uint32_t entry = kp_le32(pe_optional(file, PE_ENTRY));
    struct pe_section section;

    for (uint16_t i = 0; i < file->section_count; i++) {
        pe_section(file, i, &section);
        if (entry == 0 || (entry >= section.virtual_address &&
                           entry - section.virtual_address < section.raw_size))
            return KP_OK;
    }
    return fail(file, NULL, "AddressOfEntryPoint 0x%x: in none of %u sections", (unsigned)entry,
                file->section_count);
}

static int32_t check_certificates(const struct pe_file *file)
{
    struct pe_section section;
    uint64_t at, size;

    if (!pe_certificates(file, &at, &size))
        return KP_FAILED;
    if (size == 0)
        return KP_OK;
    if (at % CERTIFICATE_ALIGNMENT != 0)
        return fail(file, NULL, "certificate table at 0x%llx: must be a multiple of %u", ULL(at),
                    CERTIFICATE_ALIGNMENT);
    if (at + size != file->size)
        return fail(file, "a signature covers no bytes behind it: cut them off, and sign again",
                    "certificate table ends at byte %llu: the file has %llu", ULL(at + size),
                    ULL(file->size));
    for (uint16_t i = 0; i < file->section_count; i++) {
        pe_section(file, i, &section);
        if ((uint64_t)section.raw_offset + section.raw_size > at && section.raw_size != 0)
            return fail(file, NULL, "certificate table at 0x%llx: section %u '%s' reaches into it",
                        ULL(at), i, section.name);
    }
    return KP_OK;
}

int32_t pe_check(const struct pe_file *file)
{
    uint64_t end, image;

    if (!pe_sections_inside(file))
        return KP_FAILED;
    end = file->head_size;
    for (uint16_t i = 0; i < file->section_count; i++)
        if (check_section(file, i, &end) != KP_OK)
            return KP_FAILED;
    image = kp_le32(pe_optional(file, PE_SIZE_OF_IMAGE));
    if (image < end)
        return fail(file, "'sizes: compute' sets it right",
                    "SizeOfImage %llu: the sections end at %llu", ULL(image), ULL(end));
    if (check_bytes(file) != KP_OK || check_entry(file) != KP_OK)
        return KP_FAILED;
    return check_certificates(file);
}

int32_t pe_set_arch(const struct pe_file *file)
{
    static const char *const names[] = {"i386",    "x86_64",  "arm",         "arm64",
                                        "riscv32", "riscv64", "loongarch32", "loongarch64"};
    struct kp_call *const call = file->call;
    const struct kp_arch *arch;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        arch = call->host->arch(call, names[i]);
        if (arch != NULL && arch->efi_machine == file->machine)
            return call->host->set_text(call, call->output, KP_TRAIT_ARCH, names[i]);
    }
    return KP_OK;
}
