/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/strip/take.c - what BFD makes of a section header, by its type (binutils 2.40,
 * bfd_section_from_shdr and _bfd_elf_make_section_from_shdr of bfd/elf.c): a section, or something
 * that goes with the symbols and relocations.
 */
#include "strip.h"

#define SHT_RELR_ 19u
#define SHF_OS_NONCONFORMING_ 0x100u

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
        return strip_refuse_header(strip, index, "sh_type", header->sh_type,
                                   "a second table of symbols");
    if (header->sh_entsize != entry)
        return strip_refuse_header(strip, index, "sh_entsize", header->sh_entsize,
                                   "not that of a symbol");
    if (header->sh_info * entry > header->sh_size)
        return strip_refuse_header(strip, index, "sh_info", header->sh_info,
                                   "beyond the table of symbols");
    if (!dynamic && !strip->object && (header->sh_flags & SHF_ALLOC) != 0)
        return strip_refuse_header(strip, index, "sh_flags", header->sh_flags,
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
            return strip_refuse_header(strip, i, "sh_link", index,
                                       "its type does not link to names");
        if (!strip_take(strip, i))
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
        return strip_refuse_header(strip, index, "sh_info", header->sh_info,
                                   "relocations that stand before what they are for");
    if (strip->found[header->sh_info] == 0)
        return strip_refuse_header(strip, index, "sh_info", header->sh_info,
                                   "not a section with relocations");
    target = &strip->sections[strip->found[header->sh_info] - 1];
    if ((target->relocations & kind) != 0)
        return strip_refuse_header(strip, index, "sh_info", header->sh_info,
                                   "has further relocations");
    target->relocations |= kind;
    return true;
}

/* Relocations that are loaded, or do not use the table of symbols, are sections as others. */
static bool take_relocations(struct strip *strip, size_t index, const GElf_Shdr *header,
                             const char *name)
{
    GElf_Shdr other;

    if (header->sh_entsize != relocation_size(strip, header->sh_type))
        return strip_refuse_header(strip, index, "sh_entsize", header->sh_entsize,
                                   "not that of a relocation");
    if (!elf_section(&strip->elf, header->sh_link, &other))
        return false;
    if ((other.sh_type == SHT_SYMTAB || other.sh_type == SHT_DYNSYM) &&
        !strip_take(strip, header->sh_link))
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
        return strip_refuse_header(strip, index, "sh_entsize", header->sh_entsize,
                                   "not that of a version");
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
    return strip_refuse_header(strip, index, "sh_type", type, "unknown to objcopy");
}

/* bfd_section_from_shdr. It calls itself for tables of symbols and, once, for what links to a
 * table of names: these call no further. */
bool strip_take(struct strip *strip, size_t index)
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
        return strip->object || strip_refuse_header(strip, index, "sh_type", header.sh_type,
                                                    "a group of sections in an executable");
    case SHT_GNU_versym:
        return take_versions(strip, index, &header, name);
    default:
        return take_special(strip, index, &header, name);
    }
}
