/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/strip/read.c - lists an ELF file's sections as BFD does (binutils 2.40, elf_object_p of
 * bfd/elfcode.h; bfd_section_from_shdr and _bfd_elf_make_section_from_shdr of bfd/elf.c): which
 * headers make a section, and in which order. What BFD takes for damage is an error here, too, as
 * far as it is seen without reading contents.
 */
#include <string.h>

#include "strip.h"

#define fail(strip, ...) kp_fail((strip)->call, __VA_ARGS__)

#define SHT_RELR_ 19u
#define SHT_AARCH64_ATTRIBUTES_ 0x70000003u
#define SHF_OS_NONCONFORMING_ 0x100u
#define SHF_GNU_MBIND_ 0x01000000u
#define SHF_ARM_PURECODE_ 0x20000000u
#define PT_RISCV_ATTRIBUTES_ 0x70000003u
#define EM_LOONGARCH_ 258

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

static bool bad(struct strip *strip, size_t index, const char *what, uint64_t value,
                const char *reason)
{
    fail(strip, "section header %zu: %s 0x%llx: %s", index, what, ULL(value), reason);
    return false;
}

/* sh_flags whose meaning to BFD is not followed here. */
static bool check_flags(struct strip *strip, size_t index, const GElf_Shdr *header)
{
    const uint64_t flags = header->sh_flags;

    if ((flags & SHF_GNU_MBIND_) != 0 ||
        ((flags & SHF_ARM_PURECODE_) != 0 && strip->machine->number == EM_ARM))
        return bad(strip, index, "sh_flags", flags, "not known how objcopy strips these");
    if ((flags & SHF_GROUP) != 0 && !strip->object)
        return bad(strip, index, "sh_flags", flags, "a section of a group in an executable");
    return true;
}

static bool check_section(struct strip *strip, size_t index, const GElf_Shdr *header)
{
    const size_t count = strip->elf.section_count;

    if (header->sh_link >= count)
        return bad(strip, index, "sh_link", header->sh_link, "no such section");
    if (header->sh_info >= count && ((header->sh_flags & SHF_INFO_LINK) != 0 ||
                                     header->sh_type == SHT_REL || header->sh_type == SHT_RELA))
        return bad(strip, index, "sh_info", header->sh_info, "no such section");
    if ((header->sh_addralign & -header->sh_addralign) > UINT64_C(1) << 62)
        return bad(strip, index, "sh_addralign", header->sh_addralign, "too large");
    if (header->sh_type != SHT_NOBITS &&
        !kp_inside(strip->elf.size, header->sh_offset, header->sh_size))
        return bad(strip, index, "sh_offset", header->sh_offset, "beyond the end of the file");
    if (header->sh_size != 0 && is_loaded(header) &&
        (header->sh_addr - header->sh_offset) % strip->machine->least_page != 0)
        strip->paged = false;
    return check_flags(strip, index, header);
}

static bool add(struct strip *strip, size_t index, const GElf_Shdr *header, const char *name)
{
    struct section *const section = &strip->sections[strip->count];
    const uint64_t lowest = header->sh_addralign & -header->sh_addralign;

    if (strip->found[index] != 0)
        return true;
    section->name = name;
    section->in = *header;
    section->alignment = lowest != 0 ? lowest : 1;
    section->lma = header->sh_addr;
    if ((header->sh_flags & SHF_ALLOC) != 0 && !strip->paddr_unset)
        section->lma = elf_load_address(&strip->elf, header);
    strip->found[index] = (uint32_t)++strip->count;
    return true;
}

/* --- headers by type --- */

static bool take(struct strip *strip, size_t index);

/* SHT_SYMTAB, SHT_DYNSYM: one of each. */
static bool take_symbols(struct strip *strip, size_t index, const GElf_Shdr *header,
                         const char *name)
{
    const bool dynamic = header->sh_type == SHT_DYNSYM;
    size_t *const table = dynamic ? &strip->dynamic_symbols : &strip->symbols;
    const uint64_t entry = strip->elf.class == ELFCLASS64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);

    if (*table == index)
        return true;
    if (*table != 0)
        return bad(strip, index, "sh_type", header->sh_type, "a second table of symbols");
    if (header->sh_entsize != entry)
        return bad(strip, index, "sh_entsize", header->sh_entsize, "not that of a symbol");
    if (header->sh_info * entry > header->sh_size)
        return bad(strip, index, "sh_info", header->sh_info, "beyond the table of symbols");
    if (!dynamic && !strip->object && (header->sh_flags & SHF_ALLOC) != 0)
        return bad(strip, index, "sh_flags", header->sh_flags,
                   "a table of symbols that is loaded, but not the dynamic one");
    *table = index;
    return !dynamic || add(strip, index, header, name);
}

static bool links_to(const struct strip *strip, size_t table, size_t index)
{
    GElf_Shdr header;

    return table != 0 && gelf_getshdr(elf_getscn(strip->elf.elf, table), &header) != NULL &&
           header.sh_link == index;
}

/* The names of sections and of symbols are no sections. BFD learns what a table of names is for
 * from the headers that link to it, and takes those that stand behind it first. */
static bool take_strings(struct strip *strip, size_t index, const GElf_Shdr *header,
                         const char *name)
{
    GElf_Shdr other;

    if (index == strip->elf.header.e_shstrndx || links_to(strip, strip->symbols, index))
        return true;
    if (links_to(strip, strip->dynamic_symbols, index) ||
        (strip->symbols != 0 && strip->dynamic_symbols != 0))
        return add(strip, index, header, name);
    for (size_t i = strip->first_link[index]; i != 0; i = strip->next_link[i]) {
        if (i < index)
            continue;
        if (!elf_section(&strip->elf, i, &other))
            return false;
        if (i == index || other.sh_type == SHT_STRTAB || other.sh_type == SHT_REL ||
            other.sh_type == SHT_RELA || other.sh_type == SHT_GROUP)
            return bad(strip, i, "sh_link", index, "its type does not link to names");
        if (!take(strip, i))
            return false;
        if (i == strip->symbols)
            return true;
        if (i == strip->dynamic_symbols)
            break;
    }
    return add(strip, index, header, name);
}

static uint64_t relocation_size(const struct strip *strip, uint32_t type)
{
    const bool wide = strip->elf.class == ELFCLASS64;

    if (type == SHT_REL)
        return wide ? sizeof(Elf64_Rel) : sizeof(Elf32_Rel);
    if (type == SHT_RELA)
        return wide ? sizeof(Elf64_Rela) : sizeof(Elf32_Rela);
    return wide ? 8 : 4;
}

/* Relocations that belong to the section sh_info: they go. */
static bool take_relocations_of(struct strip *strip, size_t index, const GElf_Shdr *header)
{
    const uint8_t kind = header->sh_type == SHT_REL ? HAS_REL : HAS_RELA;
    struct section *target;

    if (header->sh_info > index)
        return bad(strip, index, "sh_info", header->sh_info,
                   "relocations that stand before what they are for");
    if (strip->found[header->sh_info] == 0)
        return bad(strip, index, "sh_info", header->sh_info, "not a section with relocations");
    target = &strip->sections[strip->found[header->sh_info] - 1];
    if ((target->relocations & kind) != 0)
        return bad(strip, index, "sh_info", header->sh_info, "has further relocations");
    target->relocations |= kind;
    return true;
}

/* Relocations that are loaded, or do not use the table of symbols, are sections as others. */
static bool take_relocations(struct strip *strip, size_t index, const GElf_Shdr *header,
                             const char *name)
{
    GElf_Shdr other;

    if (header->sh_entsize != relocation_size(strip, header->sh_type))
        return bad(strip, index, "sh_entsize", header->sh_entsize, "not that of a relocation");
    if (!elf_section(&strip->elf, header->sh_link, &other))
        return false;
    if ((other.sh_type == SHT_SYMTAB || other.sh_type == SHT_DYNSYM) &&
        !take(strip, header->sh_link))
        return false;
    if ((!strip->object && (header->sh_flags & SHF_ALLOC) != 0) || header->sh_type == SHT_RELR_ ||
        header->sh_link == 0 || header->sh_link != strip->symbols || header->sh_info == 0)
        return add(strip, index, header, name);
    if (!elf_section(&strip->elf, header->sh_info, &other))
        return false;
    if (other.sh_type == SHT_REL || other.sh_type == SHT_RELA)
        return add(strip, index, header, name);
    return take_relocations_of(strip, index, header);
}

static bool take_versions(struct strip *strip, size_t index, const GElf_Shdr *header,
                          const char *name)
{
    if (header->sh_entsize != sizeof(GElf_Versym))
        return bad(strip, index, "sh_entsize", header->sh_entsize, "not that of a version");
    return add(strip, index, header, name);
}

/* Types that only an operating system, a processor or an application knows. */
static bool take_special(struct strip *strip, size_t index, const GElf_Shdr *header,
                         const char *name)
{
    const uint32_t type = header->sh_type;
    const struct machine *const machine = strip->machine;

    if (type >= SHT_LOOS && type <= SHT_HIOS) {
        if ((header->sh_flags & SHF_OS_NONCONFORMING_) == 0)
            return add(strip, index, header, name);
    } else if (type >= SHT_LOUSER) {
        if ((header->sh_flags & SHF_ALLOC) == 0 && type <= SHT_HIUSER)
            return add(strip, index, header, name);
    } else if (type >= SHT_LOPROC) {
        for (size_t i = 0; i < sizeof(machine->types) / sizeof(machine->types[0]); i++)
            if (type == machine->types[i])
                return add(strip, index, header, name);
    }
    return bad(strip, index, "sh_type", type, "unknown to objcopy");
}

/* bfd_section_from_shdr. It calls itself for tables of symbols and, once, for what links to a
 * table of names: these call no further. */
static bool take(struct strip *strip, size_t index)
{
    GElf_Shdr header;
    const char *name;

    if (!elf_section(&strip->elf, index, &header))
        return false;
    name = elf_section_name(&strip->elf, &header);
    if (name == NULL)
        return false;
    switch (header.sh_type) {
    case SHT_NULL:
    case SHT_SHLIB:
    case SHT_SYMTAB_SHNDX:
        return true;
    case SHT_PROGBITS:
    case SHT_NOBITS:
    case SHT_HASH:
    case SHT_NOTE:
    case SHT_DYNAMIC:
    case SHT_INIT_ARRAY:
    case SHT_FINI_ARRAY:
    case SHT_PREINIT_ARRAY:
        return add(strip, index, &header, name);
    case SHT_SYMTAB:
    case SHT_DYNSYM:
        return take_symbols(strip, index, &header, name);
    case SHT_STRTAB:
        return take_strings(strip, index, &header, name);
    case SHT_REL:
    case SHT_RELA:
    case SHT_RELR_:
        return take_relocations(strip, index, &header, name);
    case SHT_GROUP: /* BFD's section, but one that always goes with the symbols */
        strip->groups++;
        return strip->object ||
               bad(strip, index, "sh_type", header.sh_type, "a group of sections in an executable");
    case SHT_GNU_versym:
        return take_versions(strip, index, &header, name);
    default:
        return take_special(strip, index, &header, name);
    }
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
        return bad(strip, 0, "sh_link", header.sh_link, "not 0");
    for (size_t i = count - 1; i > 0; i--) {
        if (!elf_section(&strip->elf, i, &header) || !check_section(strip, i, &header))
            return false;
        strip->next_link[i] = strip->first_link[header.sh_link];
        strip->first_link[header.sh_link] = (uint32_t)i;
    }
    for (size_t i = 1; i < count; i++)
        if (!take(strip, i))
            return false;
    return check_groups(strip);
}
