/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/strip/links.c - sh_link and sh_info of the result, which BFD does not take from the
 * input but finds anew, by names and by likeness (binutils 2.40, assign_section_numbers,
 * _bfd_elf_copy_private_bfd_data, copy_special_section_fields and find_link of bfd/elf.c;
 * elf32_arm_copy_special_section_fields of bfd/elf32-arm.c).
 */
#include <string.h>

#include "strip.h"

/* Each looks at all sections: no file has that many. */
#define SPECIAL_MAX 4096u

static uint32_t number_of(const struct strip *strip, const char *name)
{
    const struct section *const section = strip_find(strip, name);

    return section != NULL ? section->number : 0;
}

/* The section that relocations are for, by their name: ".rela.plt" is for ".got.plt". */
static uint32_t relocated(const struct strip *strip, const struct section *section)
{
    const char *const prefix = section->out.sh_type == SHT_RELA ? ".rela" : ".rel";
    const char *const name = section->name + strlen(prefix);
    uint32_t number = 0;

    if (strncmp(section->name, prefix, strlen(prefix)) != 0)
        return 0;
    if (strcmp(name, ".plt") != 0)
        return number_of(strip, name);
    number = number_of(strip, ".got.plt");
    return number != 0 ? number : number_of(strip, ".got");
}

static bool link_in_order(struct strip *strip, struct section *section)
{
    const uint32_t found = strip->found[section->in.sh_link];

    if (section->in.sh_link == 0)
        return true;
    if (found == 0)
        return strip_refuse(strip, section, "sh_link: not a section");
    section->out.sh_link = strip->sections[found - 1].number;
    return section->out.sh_link != 0 ||
           strip_refuse(strip, section, "sh_link: to a section that is removed");
}

static void link_relocations(struct strip *strip, struct section *section)
{
    const uint32_t target = relocated(strip, section);

    if (section->out.sh_link == 0 && (section->out.sh_flags & SHF_ALLOC) != 0)
        section->out.sh_link = number_of(strip, ".dynsym");
    if (target == 0)
        return;
    section->out.sh_info = target;
    section->out.sh_flags |= SHF_INFO_LINK;
}

static void link_named(struct strip *strip, struct section *section, const char *name)
{
    const uint32_t number = number_of(strip, name);

    if (number != 0)
        section->out.sh_link = number;
}

static bool link_section(struct strip *strip, struct section *section)
{
    const size_t length = strlen(section->name);

    if ((section->out.sh_flags & SHF_LINK_ORDER) != 0 && !link_in_order(strip, section))
        return false;
    switch (section->out.sh_type) {
    case SHT_REL:
    case SHT_RELA:
        link_relocations(strip, section);
        break;
    case SHT_STRTAB:
        if (strncmp(section->name, ".stab", 5) == 0 && length > 7 &&
            strcmp(section->name + length - 3, "str") == 0)
            return strip_refuse(strip, section, "names of stabs that are loaded: not handled");
        break;
    case SHT_DYNAMIC:
    case SHT_DYNSYM:
    case SHT_GNU_verneed:
    case SHT_GNU_verdef:
        link_named(strip, section, ".dynstr");
        break;
    case SHT_GNU_LIBLIST:
        link_named(strip, section,
                   (section->out.sh_flags & SHF_ALLOC) != 0 ? ".dynstr" : ".gnu.libstr");
        break;
    case SHT_HASH:
    case SHT_GNU_HASH:
    case SHT_GNU_versym:
        link_named(strip, section, ".dynsym");
        break;
    default:
        break;
    }
    return true;
}

bool strip_link(struct strip *strip)
{
    for (size_t i = 0; i < strip->kept_count; i++)
        if (!link_section(strip, strip->kept[i]))
            return false;
    return true;
}

/* --- types of systems and processors --- */

static bool alike(const GElf_Shdr *a, const GElf_Shdr *b)
{
    if (a->sh_type != b->sh_type || ((a->sh_flags ^ b->sh_flags) & ~(uint64_t)SHF_INFO_LINK) != 0 ||
        a->sh_addralign != b->sh_addralign || a->sh_entsize != b->sh_entsize)
        return false;
    return a->sh_type == SHT_SYMTAB || a->sh_type == SHT_STRTAB || a->sh_size == b->sh_size;
}

/* The result's section that looks like the input's section `index`, first at the same number;
 * the last one is .shstrtab. */
static uint32_t find_alike(const struct strip *strip, uint32_t index)
{
    static const GElf_Shdr names = {.sh_type = SHT_STRTAB, .sh_addralign = 1};
    const size_t count = strip->kept_count;
    GElf_Shdr wanted;

    if (gelf_getshdr(elf_getscn(strip->elf.elf, index), &wanted) == NULL)
        return 0;
    if (index != 0 && index <= count && alike(&strip->kept[index - 1]->out, &wanted))
        return index;
    if (index == count + 1 && alike(&names, &wanted))
        return index;
    for (size_t i = 0; i < count; i++)
        if (alike(&strip->kept[i]->out, &wanted))
            return (uint32_t)(i + 1);
    return alike(&names, &wanted) ? (uint32_t)(count + 1) : 0;
}

/* Whether anything could be taken over from the input's header. */
static bool copy_links(struct strip *strip, const GElf_Shdr *in, GElf_Shdr *out)
{
    bool changed = false;
    uint32_t number;

    if (in->sh_link != 0 && (number = find_alike(strip, in->sh_link)) != 0) {
        out->sh_link = number;
        changed = true;
    }
    if (in->sh_info == 0)
        return changed;
    number = in->sh_info; /* anything, without that flag */
    if ((in->sh_flags & SHF_INFO_LINK) != 0) {
        number = find_alike(strip, in->sh_info);
        out->sh_flags |= number != 0 ? SHF_INFO_LINK : 0;
    }
    if (number != 0)
        out->sh_info = number;
    return changed || number != 0;
}

/* A section of the input that could be the one whose own header tells nothing. */
static bool copy_from_another(struct strip *strip, GElf_Shdr *out)
{
    const uint64_t all = ~(uint64_t)SHF_INFO_LINK;
    GElf_Shdr in;

    for (size_t i = 1; i < strip->elf.section_count; i++) {
        if (!elf_section(&strip->elf, i, &in))
            return false;
        if (in.sh_type == out->sh_type && (in.sh_flags & all) == (out->sh_flags & all) &&
            in.sh_addralign == out->sh_addralign && in.sh_entsize == out->sh_entsize &&
            in.sh_size == out->sh_size && in.sh_addr == out->sh_addr &&
            (in.sh_info != out->sh_info || in.sh_link != out->sh_link) &&
            copy_links(strip, &in, out))
            break;
    }
    return true;
}

/* An index of ARM's unwind tables links to its code. */
static bool link_exidx(struct strip *strip, struct section *section)
{
    const uint32_t found = strip->found[section->in.sh_link];

    section->out.sh_flags = SHF_ALLOC | SHF_LINK_ORDER;
    section->out.sh_info = 0;
    if (found == 0 || strip->sections[found - 1].number == 0)
        return strip_refuse(strip, section, "sh_link: not to its code");
    section->out.sh_link = strip->sections[found - 1].number;
    return true;
}

static bool link_special(struct strip *strip, struct section *section)
{
    GElf_Shdr *const out = &section->out;

    if (out->sh_type == SHT_NOBITS) { /* the input's own numbers, whatever they mean now */
        out->sh_link = out->sh_link != 0 ? out->sh_link : section->in.sh_link;
        out->sh_info = out->sh_info != 0 ? out->sh_info : section->in.sh_info;
        return true;
    }
    if (strip->machine->number == EM_ARM && out->sh_type == SHT_ARM_EXIDX)
        return link_exidx(strip, section);
    return copy_links(strip, &section->in, out) || copy_from_another(strip, out);
}

bool strip_link_special(struct strip *strip)
{
    size_t special = 0;

    for (size_t i = 0; i < strip->kept_count; i++) {
        const GElf_Shdr *const out = &strip->kept[i]->out;

        if ((out->sh_type != SHT_NOBITS && out->sh_type < SHT_LOOS) || out->sh_size == 0 ||
            (out->sh_info != 0 && out->sh_link != 0))
            continue;
        if (out->sh_type != SHT_NOBITS && ++special > SPECIAL_MAX)
            return strip_refuse(strip, strip->kept[i], "too many sections of unusual types");
        if (!link_special(strip, strip->kept[i]))
            return false;
    }
    return true;
}
