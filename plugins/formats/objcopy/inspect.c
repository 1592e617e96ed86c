/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/objcopy/inspect.c - describes an ELF file for `kpipe inspect`: the
 * header's fields that tell files apart, the GNU build id and the kernel's
 * release. Sections and symbols are details: details.c.
 */
#include <string.h>

#include "objcopy.h"

#define BUILD_ID_MAX 64u
#define NOTES_MAX 65536u     /* searched in one section */
#define NOTE_HEADER_SIZE 12u /* n_namesz, n_descsz, n_type */

static const char *machine_name(const struct elf_load *file)
{
    static const struct {
        uint16_t machine;
        const char *name;
    } names[] = {
        {EM_386, "Intel 80386"},  {EM_X86_64, "x86-64"},        {EM_ARM, "ARM"},
        {EM_AARCH64, "AArch64"},  {EM_RISCV, "RISC-V"},         {EM_MIPS, "MIPS"},
        {EM_PPC, "PowerPC"},      {EM_PPC64, "64-bit PowerPC"}, {EM_S390, "S/390"},
        {EM_SPARCV9, "SPARC v9"}, {EM_PARISC, "PA-RISC"},       {EM_SH, "SuperH"},
        {258, "LoongArch"},
    };
    const char *const name = elf_arch_name(&file->elf);

    for (size_t i = 0; name == NULL && i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].machine == file->elf.header.e_machine)
            return names[i].name;
    return name;
}

static const char *type_name(uint16_t type)
{
    static const char *const names[] = {"none", "relocatable", "executable", "shared object",
                                        "core dump"};

    return type < sizeof(names) / sizeof(names[0]) ? names[type] : NULL;
}

/* Field by field of the ELF header (ELF specification, "ELF Header"). */
static int32_t header_fields(const struct elf_load *file)
{
    struct kp_call *const call = file->elf.call;
    const GElf_Ehdr *const header = &file->elf.header;
    const bool wide = file->elf.class == ELFCLASS64;
    const uint64_t word = wide ? 8 : 4;

    if (kp_field_number(call, "ei_class", EI_CLASS, 1, header->e_ident[EI_CLASS], 0,
                        wide ? "64-bit" : "32-bit") != KP_OK ||
        kp_field_number(call, "ei_data", EI_DATA, 1, header->e_ident[EI_DATA], 0,
                        header->e_ident[EI_DATA] == ELFDATA2MSB ? "big endian" : "little endian") !=
            KP_OK ||
        kp_field_number(call, "e_type", 16, 2, header->e_type, 0, type_name(header->e_type)) !=
            KP_OK ||
        kp_field_number(call, "e_machine", 18, 2, header->e_machine, 0, machine_name(file)) !=
            KP_OK ||
        kp_field_number(call, "e_entry", 24, word, header->e_entry, KP_FIELD_HEX, NULL) != KP_OK ||
        kp_field_number(call, "e_phnum", wide ? 56 : 44, 2, file->elf.segment_count, 0, NULL) !=
            KP_OK)
        return KP_FAILED;
    return kp_field_number(call, "e_shnum", wide ? 60 : 48, 2, file->elf.section_count, 0, NULL);
}

static int32_t build_id_field(const struct elf_load *file, uint64_t offset, uint64_t length)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * BUILD_ID_MAX];

    for (uint64_t i = 0; i < length; i++) {
        text[2 * i] = digits[file->elf.bytes[offset + i] >> 4];
        text[2 * i + 1] = digits[file->elf.bytes[offset + i] & 15];
    }
    return kp_field_text(file->elf.call, "build-id", offset, length, text, 2 * length);
}

/* Looks through a section of notes; name and contents of each are padded to 4
 * bytes. Notes that do not make sense end the search, without an error. */
static int32_t find_build_id(const struct elf_load *file, const struct section *section,
                             bool *found)
{
    uint64_t at = section->offset, end;

    if (!kp_inside(file->elf.size, section->offset, section->size))
        return KP_OK;
    end = section->offset + (section->size < NOTES_MAX ? section->size : NOTES_MAX);
    while (kp_inside(end, at, NOTE_HEADER_SIZE)) {
        uint32_t name_size, contents_size, type;
        uint64_t contents, next;

        if (!elf_read32(&file->elf, at, &name_size) ||
            !elf_read32(&file->elf, at + 4, &contents_size) ||
            !elf_read32(&file->elf, at + 8, &type))
            return KP_OK;
        at += NOTE_HEADER_SIZE;
        contents = at + (((uint64_t)name_size + 3) & ~UINT64_C(3));
        next = contents + (((uint64_t)contents_size + 3) & ~UINT64_C(3));
        if (!kp_inside(end, contents, contents_size))
            return KP_OK;
        if (type == NT_GNU_BUILD_ID && name_size == 4 && contents_size <= BUILD_ID_MAX &&
            memcmp(file->elf.bytes + at, "GNU", 4) == 0) {
            *found = true;
            return build_id_field(file, contents, contents_size);
        }
        at = next;
    }
    return KP_OK;
}

/* Sections that hold what a boot program carries: powerpc's wrapper (Linux 6.1,
 * arch/powerpc/boot/wrapper), x86's and s390's compressed/vmlinux. */
static int32_t hold_section(const struct elf_load *file, const struct section *section)
{
    static const struct {
        const char *section, *name, *role;
    } held[] = {
        {".kernel:vmlinux.strip", "payload", KP_ROLE_PAYLOAD},
        {".kernel:dtb", "dtb", KP_ROLE_DTB},
        {".kernel:initrd", "initrd", KP_ROLE_INITRD},
        {".rodata..compressed", "payload", KP_ROLE_PAYLOAD},
        {".rodata.compressed", "payload", KP_ROLE_PAYLOAD},
    };

    for (size_t i = 0; i < sizeof(held) / sizeof(held[0]); i++) {
        const struct kp_part part = {.size = sizeof(part),
                                     .name = held[i].name,
                                     .role = held[i].role,
                                     .offset = section->offset,
                                     .length = section->size,
                                     .meaning = section->name,
                                     .flags = KP_PART_AMONG};

        if (section->has_contents && section->name != NULL &&
            strcmp(section->name, held[i].section) == 0 &&
            kp_inside(file->elf.size, section->offset, section->size))
            return file->elf.call->host->part(file->elf.call, &part);
    }
    return KP_OK;
}

/* The decompressor of mips has its payload in .data, where nothing tells its place (Linux 6.1,
 * arch/mips/boot/compressed/ld.script); a kernel itself has a banner. */
static int32_t hold_mips(const struct elf_load *file, bool has_banner)
{
    for (size_t i = 0;
         !has_banner && file->elf.header.e_machine == EM_MIPS && i < file->section_count; i++) {
        const struct section *const section = &file->sections[i];
        const struct kp_part part = {.size = sizeof(part),
                                     .name = "payload",
                                     .role = KP_ROLE_PAYLOAD,
                                     .offset = section->offset,
                                     .length = section->size,
                                     .flags = KP_PART_SEARCH | KP_PART_AMONG};

        if (section->has_contents && section->name != NULL && strcmp(section->name, ".data") == 0 &&
            kp_inside(file->elf.size, section->offset, section->size))
            return file->elf.call->host->part(file->elf.call, &part);
    }
    return KP_OK;
}

static int32_t hold_sections(const struct elf_load *file, bool has_banner)
{
    for (size_t i = 0; i < file->section_count; i++)
        if (hold_section(file, &file->sections[i]) != KP_OK)
            return KP_FAILED;
    return hold_mips(file, has_banner);
}

int32_t objcopy_inspect(struct kp_call *call)
{
    char version[VERSION_MAX + 1];
    struct elf_load file;
    uint64_t offset;
    int32_t result = KP_FAILED;
    bool found = false, has_banner;

    if (!elf_load_open(&file, call) || header_fields(&file) != KP_OK)
        goto out;
    for (size_t i = 0; i < file.section_count && !found; i++)
        if (file.sections[i].type == SHT_NOTE &&
            find_build_id(&file, &file.sections[i], &found) != KP_OK)
            goto out;
    has_banner = elf_find_version(&file, version, &offset);
    if (hold_sections(&file, has_banner) != KP_OK)
        goto out;
    if (has_banner && kp_field_text(call, "linux_banner", offset, strlen(version), version,
                                    strlen(version)) != KP_OK)
        goto out;
    if (call->host->details(call) == 1 && !elf_tell_details(&file.elf))
        goto out;
    if (elf_set_content(&file) == KP_OK)
        result = elf_set_addresses(&file);
out:
    elf_load_close(&file);
    return result;
}
