/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/strip/links.c - sh_link and sh_info of the result, which BFD does not take from the
 * input but finds anew by names (binutils 2.40, assign_section_numbers,
 * _bfd_elf_copy_private_bfd_data and copy_special_section_fields of bfd/elf.c;
 * elf32_arm_copy_special_section_fields of bfd/elf32-arm.c).
 */
#include <string.h>

#include "strip.h"

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

/* --- what is taken over from the input after all --- */

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

/* With ARM, unlike others, BFD looks for what another type of section links to, and for a section
 * that looks like one that links to nothing: by likeness. Here these must be out of the question. */
static bool link_arm(struct strip *strip, struct section *section)
{
    const GElf_Shdr *const in = &section->in;

    if (in->sh_type == SHT_ARM_EXIDX)
        return link_exidx(strip, section);
    if (in->sh_info != 0 || (in->sh_link != 0 && in->sh_link != strip->dynamic_symbols))
        return strip_refuse(strip, section, "sh_link, sh_info: not known what objcopy writes");
    if (in->sh_link != 0 && section->out.sh_link != 0)
        return true;
    for (size_t i = 0; i < strip->count; i++)
        if (&strip->sections[i] != section && strip->sections[i].in.sh_type == in->sh_type)
            return strip_refuse(strip, section, "sh_link: not known what objcopy writes");
    return true;
}

bool strip_link_special(struct strip *strip)
{
    for (size_t i = 0; i < strip->kept_count; i++) {
        struct section *const section = strip->kept[i];
        GElf_Shdr *const out = &section->out;

        if (out->sh_size == 0 || (out->sh_info != 0 && out->sh_link != 0))
            continue;
        if (out->sh_type == SHT_NOBITS) { /* the input's own numbers, whatever they mean now */
            out->sh_link = out->sh_link != 0 ? out->sh_link : section->in.sh_link;
            out->sh_info = out->sh_info != 0 ? out->sh_info : section->in.sh_info;
        } else if (out->sh_type >= SHT_LOOS && strip->machine->number == EM_ARM &&
                   !link_arm(strip, section)) {
            return false;
        }
    }
    return true;
}
