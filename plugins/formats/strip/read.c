/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/strip/read.c - opens an ELF file and has take.c list its sections, in BFD's order
 * (binutils 2.40, elf_object_p of bfd/elfcode.h). What BFD takes for damage is an error here, too,
 * as far as it is seen without reading contents.
 */
#include <string.h>

#include "strip.h"

#define fail(strip, ...) kp_fail((strip)->call, __VA_ARGS__)

#define SHT_AARCH64_ATTRIBUTES_ 0x70000003u
#define SHF_GNU_MBIND_ 0x01000000u
#define SHF_ARM_PURECODE_ 0x20000000u
#define PT_RISCV_ATTRIBUTES_ 0x70000003u

/* ELF_MINPAGESIZE, ELF_MAXPAGESIZE, elf_backend_section_from_shdr and
 * elf_backend_modify_segment_map in bfd/elf64-x86-64.c, elf32-i386.c, elf32-arm.c,
 * elfnn-aarch64.c, elfnn-riscv.c, elf64-s390.c. */
static const struct machine machines[] = {
    {EM_X86_64, ELFCLASS64, false, 0x1000, 0x1000, {SHT_X86_64_UNWIND}, 0, NULL},
    {EM_X86_64, ELFCLASS32, false, 0x1000, 0x1000, {SHT_X86_64_UNWIND}, 0, NULL},
    {EM_386, ELFCLASS32, true, 0x1000, 0x1000, {0}, 0, NULL},
    {EM_ARM,
     ELFCLASS32,
     true,
     0x1000,
     0x1000,
     {SHT_ARM_EXIDX, SHT_ARM_ATTRIBUTES},
     PT_ARM_EXIDX,
     ".ARM.exidx"},
    {EM_AARCH64, ELFCLASS64, false, 0x1000, 0x10000, {SHT_AARCH64_ATTRIBUTES_}, 0, NULL},
    {EM_RISCV,
     ELFCLASS64,
     false,
     0x1000,
     0x1000,
     {SHT_RISCV_ATTRIBUTES},
     PT_RISCV_ATTRIBUTES_,
     ".riscv.attributes"},
    {EM_RISCV,
     ELFCLASS32,
     false,
     0x1000,
     0x1000,
     {SHT_RISCV_ATTRIBUTES},
     PT_RISCV_ATTRIBUTES_,
     ".riscv.attributes"},
    {EM_S390, ELFCLASS64, false, 0x1000, 0x1000, {0}, 0, NULL},
};

bool strip_refuse(struct strip *strip, const struct section *section, const char *why)
{
    char shown[ELF_NAME_SHOWN + 1];

    fail(strip, "section '%s': %s", elf_shown_name(section->name, shown), why);
    return false;
}

bool strip_refuse_header(struct strip *strip, size_t index, const char *what, uint64_t value,
                         const char *reason)
{
    kp_fail(strip->call, "section header %zu: %s 0x%llx: %s", index, what, ULL(value), reason);
    return false;
}

bool is_loaded(const GElf_Shdr *section)
{
    return (section->sh_flags & SHF_ALLOC) != 0 && section->sh_type != SHT_NOBITS;
}

static bool is_power(uint64_t value)
{
    return (value & (value - 1)) == 0;
}

/* --- the file as a whole --- */

static bool find_machine(struct strip *strip)
{
    const GElf_Ehdr *const header = &strip->elf.header;

    for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
        if (machines[i].number == header->e_machine && machines[i].class == strip->elf.class)
            strip->machine = &machines[i];
    if (strip->machine == NULL)
        fail(strip, "ELF header: e_machine %u, %s: not known how objcopy strips these",
             header->e_machine, strip->elf.class == ELFCLASS64 ? "64-bit" : "32-bit");
    else if (header->e_ident[EI_OSABI] != ELFOSABI_NONE &&
             header->e_ident[EI_OSABI] != ELFOSABI_GNU)
        fail(strip, "ELF header: EI_OSABI %u: not known how objcopy strips these",
             header->e_ident[EI_OSABI]);
    else
        return true;
    return false;
}

static bool check_header(struct strip *strip)
{
    const GElf_Ehdr *const header = &strip->elf.header;
    const size_t size = strip->elf.class == ELFCLASS64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
    const size_t segments = strip->elf.segment_count;

    strip->object = header->e_type == ET_REL;
    if (!strip->object && header->e_type != ET_EXEC && header->e_type != ET_DYN)
        fail(strip, "ELF header: e_type %u: not an executable, shared object or object file",
             header->e_type);
    else if (strip->object != (segments == 0))
        fail(strip, "ELF header: e_type %u with %zu program headers: not handled", header->e_type,
             segments);
    else if (header->e_ehsize != size || (header->e_shoff != 0 && header->e_shoff < size))
        fail(strip, "ELF header: e_ehsize %u, e_shoff 0x%llx: wrong", header->e_ehsize,
             ULL(header->e_shoff));
    else if (strip->elf.section_count < 2 || header->e_shnum == 0)
        fail(strip, "section headers: %zu: nothing to strip, or more than 65279",
             strip->elf.section_count);
    else if (header->e_shnum > STRIP_SECTIONS_MAX || header->e_phnum == PN_XNUM)
        fail(strip, "ELF header: %u sections, %u segments: more than objcopy writes",
             header->e_shnum, header->e_phnum);
    else
        return true;
    return false;
}

static bool check_segments(struct strip *strip)
{
    for (size_t i = 0; i < strip->elf.segment_count; i++) {
        const GElf_Phdr *const segment = &strip->elf.segments[i];

        if (!is_power(segment->p_align)) {
            fail(strip, "program header %zu: p_align 0x%llx: not a power of 2", i,
                 ULL(segment->p_align));
            return false;
        }
    }
    return true;
}

/* --- one header --- */

/* sh_flags whose meaning to BFD is not followed here. */
static bool check_flags(struct strip *strip, size_t index, const GElf_Shdr *header)
{
    const uint64_t flags = header->sh_flags;

    if ((flags & SHF_GNU_MBIND_) != 0 ||
        ((flags & SHF_ARM_PURECODE_) != 0 && strip->machine->number == EM_ARM))
        return strip_refuse_header(strip, index, "sh_flags", flags,
                                   "not known how objcopy strips these");
    if ((flags & SHF_GROUP) != 0 && !strip->object)
        return strip_refuse_header(strip, index, "sh_flags", flags,
                                   "a section of a group in an executable");
    return true;
}

static bool check_section(struct strip *strip, size_t index, const GElf_Shdr *header)
{
    const size_t count = strip->elf.section_count;

    if (header->sh_link >= count)
        return strip_refuse_header(strip, index, "sh_link", header->sh_link, "no such section");
    if (header->sh_info >= count && ((header->sh_flags & SHF_INFO_LINK) != 0 ||
                                     header->sh_type == SHT_REL || header->sh_type == SHT_RELA))
        return strip_refuse_header(strip, index, "sh_info", header->sh_info, "no such section");
    if ((header->sh_addralign & -header->sh_addralign) > UINT64_C(1) << 62)
        return strip_refuse_header(strip, index, "sh_addralign", header->sh_addralign, "too large");
    if (header->sh_type != SHT_NOBITS &&
        !kp_inside(strip->elf.size, header->sh_offset, header->sh_size))
        return strip_refuse_header(strip, index, "sh_offset", header->sh_offset,
                                   "beyond the end of the file");
    if (header->sh_size != 0 && is_loaded(header) &&
        (header->sh_addr - header->sh_offset) % strip->machine->least_page != 0)
        strip->paged = false;
    return check_flags(strip, index, header);
}

static bool check_groups(struct strip *strip)
{
    for (size_t i = 0; i < strip->count && strip->groups == 0; i++)
        if ((strip->sections[i].in.sh_flags & SHF_GROUP) != 0)
            return strip_refuse(strip, &strip->sections[i], "of a group, but there is none");
    return true;
}

bool strip_read(struct strip *strip)
{
    const struct kp_host *const host = strip->call->host;
    GElf_Shdr header;
    size_t count;

    if (!elf_file_open(&strip->elf, strip->call, strip->call->input, NULL) ||
        !find_machine(strip) || !check_header(strip) || !check_segments(strip) ||
        !elf_find_names(&strip->elf))
        return false;
    count = strip->elf.section_count;
    strip->sections = host->alloc(strip->call, count * sizeof(*strip->sections));
    strip->found = host->alloc(strip->call, count * sizeof(*strip->found));
    strip->first_link = host->alloc(strip->call, count * sizeof(*strip->first_link));
    strip->next_link = host->alloc(strip->call, count * sizeof(*strip->next_link));
    if (strip->sections == NULL || strip->found == NULL || strip->first_link == NULL ||
        strip->next_link == NULL)
        return false;
    strip->paged = strip->elf.segment_count > 0;
    strip->paddr_unset = elf_paddr_unset(&strip->elf);
    if (!elf_section(&strip->elf, 0, &header))
        return false;
    if (header.sh_link != 0)
        return strip_refuse_header(strip, 0, "sh_link", header.sh_link, "not 0");
    for (size_t i = count - 1; i > 0; i--) {
        if (!elf_section(&strip->elf, i, &header) || !check_section(strip, i, &header))
            return false;
        strip->next_link[i] = strip->first_link[header.sh_link];
        strip->first_link[header.sh_link] = (uint32_t)i;
    }
    for (size_t i = 1; i < count; i++)
        if (!strip_take(strip, i))
            return false;
    return check_groups(strip);
}
