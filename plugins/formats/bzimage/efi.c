/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/bzimage/efi.c - fills in those fields of the PE header that depend on the boot stub, the
 * kernel or sizes, and the contents of .reloc and .compat. Everything else in it is the setup
 * code's own and stays: Machine, the numbers and names of sections, characteristics, versions,
 * alignments.
 *
 * SizeOfCode, SizeOfInitializedData, AddressOfEntryPoint, BaseOfCode, SizeOfImage, SizeOfHeaders
 * and each section's two sizes and two places:
 *   Linux 5.10, arch/x86/boot/tools/build.c: update_pecoff_*(); ImageBase is from header.S
 *   Linux 6.1, 6.12 and 7.2, arch/x86/boot/header.S: "coff_header" and what follows
 */
#include <string.h>

#include "bzimage.h"

#define OLD_HEADERS 0x200u
#define OLD_BASE_ALIGNMENT 0x10000u
#define RELOC_ENTRY 10u /* in .reloc, of two bytes, which it relocates itself */
#define COMPAT_SIZE 9u

/* What a section gets; its address is its place in the file, too. */
struct extent {
    const char *name;
    uint64_t address;
    uint64_t memory;
    uint64_t file;
};

static void put(const struct setup *setup, uint32_t field, uint64_t value)
{
    kp_put_le32(setup->bytes + setup->pe.optional + field, (uint32_t)value);
}

static void put_header(const struct setup *setup, uint64_t code, uint64_t data, uint64_t base,
                       uint64_t image, uint64_t headers, uint64_t entry)
{
    put(setup, PE_SIZE_OF_CODE, code);
    put(setup, PE_SIZE_OF_DATA, data);
    put(setup, PE_ENTRY, setup->padded + entry);
    put(setup, PE_BASE_OF_CODE, base);
    put(setup, PE_SIZE_OF_IMAGE, image);
    put(setup, PE_SIZE_OF_HEADERS, headers);
}

static int32_t put_sections(const struct setup *setup, const struct extent *extents, size_t count)
{
    struct pe_section section;
    uint8_t *entry;
    size_t k;

    for (uint16_t i = 0; i < setup->pe.section_count; i++) {
        pe_section(&setup->pe, i, &section);
        for (k = 0; k < count && strcmp(section.name, extents[k].name) != 0; k++)
            ;
        if (k == count)
            return kp_fail_at(
                setup->call, &setup->params->setup, "give 'layout' if another one fits",
                "setup: section '%s': this layout has none of that name", section.name);
        entry = setup->bytes + section.at;
        kp_put_le32(entry + PE_SECTION_VIRTUAL_SIZE, (uint32_t)extents[k].memory);
        kp_put_le32(entry + PE_SECTION_VIRTUAL_ADDRESS, (uint32_t)extents[k].address);
        kp_put_le32(entry + PE_SECTION_RAW_SIZE, (uint32_t)extents[k].file);
        kp_put_le32(entry + PE_SECTION_RAW_OFFSET, (uint32_t)extents[k].address);
    }
    return KP_OK;
}

/* Version, size, machine, entry point and an end mark of the IA-32 entry point. */
static void put_compat(const struct setup *setup, uint64_t at, uint64_t entry)
{
    uint8_t *const bytes = setup->bytes + at;

    bytes[0] = 1;
    bytes[1] = 8;
    kp_put_le16(bytes + 2, 0x14c);
    kp_put_le32(bytes + 4, (uint32_t)(setup->padded + entry));
    bytes[8] = 0;
}

static int32_t check_image(const struct setup *setup, uint64_t size)
{
    if (size <= UINT32_MAX)
        return KP_OK;
    return kp_fail_at(setup->call, &setup->params->boot, NULL,
                      "SizeOfImage: 0x%llx bytes: does not fit into 32 bits", ULL(size));
}

/* The setup code's header must lie where it is filled in. */
static int32_t check_place(const struct setup *setup)
{
    if (setup->pe.head_size <= AT_SETUP_SECTS)
        return KP_OK;
    return kp_fail_at(setup->call, &setup->params->setup, NULL,
                      "setup: pe header: ends at 0x%llx: reaches into the setup header at 0x%x",
                      ULL(setup->pe.head_size), AT_SETUP_SECTS);
}

static int32_t fill_old(struct setup *setup, const struct facts *facts)
{
    uint8_t *const bytes = setup->bytes;
    const uint64_t compat = setup->padded - (setup->mixed ? OLD_RESERVE : 0);
    const uint64_t reloc = compat - OLD_RESERVE;
    const uint64_t text = kp_le32(bytes + AT_SYSSIZE) * UINT64_C(16);
    /* Room for a loader that does not align it as the kernel wants. */
    const uint64_t image =
        (uint64_t)kp_le32(bytes + AT_INIT_SIZE) + kp_le32(bytes + AT_KERNEL_ALIGNMENT);
    const uint64_t base =
        (facts->load + OLD_BASE_ALIGNMENT - 1) / OLD_BASE_ALIGNMENT * OLD_BASE_ALIGNMENT;
    const struct extent extents[] = {
        {".setup", OLD_HEADERS, reloc - OLD_HEADERS, reloc - OLD_HEADERS},
        {".reloc", reloc, OLD_RESERVE, OLD_RESERVE},
        {".compat", compat, OLD_RESERVE, OLD_RESERVE},
        {".text", setup->padded, image - setup->padded, text},
    };

    if (check_image(setup, image) != KP_OK)
        return KP_FAILED;
    put_header(setup, image - SECTOR, 0, OLD_HEADERS, image, OLD_HEADERS,
               facts->boot[EFI_PE_ENTRY]);
    if (setup->wide)
        kp_put_le64(bytes + setup->pe.optional + PE_IMAGE_BASE_PLUS, base);
    else
        put(setup, PE_IMAGE_BASE, base);
    kp_put_le32(bytes + reloc, (uint32_t)(reloc + RELOC_ENTRY));
    kp_put_le32(bytes + reloc + 4, RELOC_ENTRY);
    if (setup->mixed)
        put_compat(setup, compat, facts->boot[EFI32_PE_ENTRY]);
    return put_sections(setup, extents, sizeof(extents) / sizeof(extents[0]));
}

/* Where the linker put .compat: at a page. What it begins with stands there; if that was
 * overwritten, its section header must tell. (A fix of February 2024 put it there: kernels of the
 * few weeks before have it elsewhere, and are refused.) 0 after reporting. */
static uint64_t find_compat(const struct setup *setup)
{
    static const uint8_t begin[] = {1, 8, 0x4c, 0x01};
    struct pe_section section = {0};
    uint64_t found = 0, count = 0;

    for (uint64_t at = PAGE; at + COMPAT_SIZE <= setup->size; at += PAGE)
        if (memcmp(setup->bytes + at, begin, sizeof(begin)) == 0) {
            found = at;
            count++;
        }
    if (count == 1)
        return found;
    for (uint16_t i = 0; i < setup->pe.section_count && strcmp(section.name, ".compat") != 0; i++)
        pe_section(&setup->pe, i, &section);
    if (section.virtual_address >= PAGE && section.virtual_address % PAGE == 0 &&
        kp_inside(setup->size, section.virtual_address, COMPAT_SIZE))
        return section.virtual_address;
    kp_fail_at(setup->call, &setup->params->setup, NULL,
               "setup: section '.compat': its entry for 32-bit firmware is at no page of the file");
    return 0;
}

static int32_t fill_new(struct setup *setup, const struct facts *facts)
{
    const uint64_t *const boot = facts->boot;
    const uint64_t begin = setup->padded, data = boot[END] - boot[DATA];
    const uint64_t compat = setup->mixed ? find_compat(setup) : begin;
    const uint64_t text = setup->sbat ? boot[SBAT] : boot[DATA];
    const struct extent extents[] = {
        {".setup", PAGE, compat - PAGE, compat - PAGE},
        {".compat", compat, begin - compat, begin - compat},
        {".text", begin, text, text},
        {".sbat", begin + boot[SBAT], boot[ESBAT] - boot[SBAT], boot[ESBAT] - boot[SBAT]},
        {".data", begin + boot[DATA], data, boot[EDATA] - boot[DATA]},
    };

    if (compat == 0 || check_image(setup, begin + boot[END]) != KP_OK)
        return KP_FAILED;
    put_header(setup, boot[DATA], data, begin, begin + boot[END], PAGE, boot[EFI_PE_ENTRY]);
    if (setup->mixed)
        put_compat(setup, compat, boot[EFI32_PE_ENTRY]);
    return put_sections(setup, extents, sizeof(extents) / sizeof(extents[0]));
}

int32_t efi_fill(struct setup *setup, const struct facts *facts)
{
    if (!setup->efi)
        return KP_OK;
    if (check_place(setup) != KP_OK)
        return KP_FAILED;
    return setup->layout == LAYOUT_5_10 ? fill_old(setup, facts) : fill_new(setup, facts);
}
