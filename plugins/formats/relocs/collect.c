/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/relocs/collect.c - reads the relocations that the linker left in a kernel (ld
 * --emit-relocs) and tells which of them the boot code must apply when it moves the kernel.
 *
 * The rules are those of arch/x86/tools/relocs.c, Linux 6.1 (walk_relocs, do_reloc64, do_reloc32,
 * print_absolute_relocs) and 7.2. Only sections that are loaded count, and notes do not: boot
 * loaders read them before. What is relative to the instruction stays right when all moves;
 * up to Linux 6.14 per-CPU data does not move, so that there it is the other way round.
 *
 * Where that tool would read beyond its tables, files are refused here.
 */
#include <string.h>

#include "relocs.h"

#define ULL(x) ((unsigned long long)(x))

#define fail(relocs, hint, ...) kp_fail_at((relocs)->elf.call, NULL, hint, __VA_ARGS__)

/* One relocation, and its symbol. */
struct relocation {
    uint64_t at; /* r_offset */
    uint32_t type;
    size_t index;
    GElf_Sym symbol;
    const char *name;
    size_t place; /* the section that it is in */
};

/* What is to be done with it: a list, or why it cannot be. */
#define UNSUPPORTED 4u
#define ABSOLUTE 5u
#define TOO_FAR 6u
#define PER_CPU 7u

static const char *const reasons[] = {
    [UNSUPPORTED] = "the kernel cannot apply relocations of this type",
    [ABSOLUTE] = "the symbol is absolute, and none that may be",
    [TOO_FAR] = "the address does not fit in 32 bits with sign",
    [PER_CPU] = "not against a per-CPU symbol",
};

static const char *type_name(const struct relocs *relocs, uint32_t type)
{
    static const char *const wide[] = {
        [R_X86_64_NONE] = "R_X86_64_NONE",
        [R_X86_64_64] = "R_X86_64_64",
        [R_X86_64_PC32] = "R_X86_64_PC32",
        [R_X86_64_GOT32] = "R_X86_64_GOT32",
        [R_X86_64_PLT32] = "R_X86_64_PLT32",
        [R_X86_64_GOTPCREL] = "R_X86_64_GOTPCREL",
        [R_X86_64_32] = "R_X86_64_32",
        [R_X86_64_32S] = "R_X86_64_32S",
        [R_X86_64_16] = "R_X86_64_16",
        [R_X86_64_PC16] = "R_X86_64_PC16",
        [R_X86_64_8] = "R_X86_64_8",
        [R_X86_64_PC8] = "R_X86_64_PC8",
        [R_X86_64_PC64] = "R_X86_64_PC64",
        [R_X86_64_GOTPCRELX] = "R_X86_64_GOTPCRELX",
        [R_X86_64_REX_GOTPCRELX] = "R_X86_64_REX_GOTPCRELX",
    };
    static const char *const narrow[] = {
        [R_386_NONE] = "R_386_NONE",   [R_386_32] = "R_386_32",
        [R_386_PC32] = "R_386_PC32",   [R_386_GOT32] = "R_386_GOT32",
        [R_386_PLT32] = "R_386_PLT32", [R_386_GOTOFF] = "R_386_GOTOFF",
        [R_386_GOTPC] = "R_386_GOTPC", [R_386_16] = "R_386_16",
        [R_386_PC16] = "R_386_PC16",   [R_386_8] = "R_386_8",
        [R_386_PC8] = "R_386_PC8",     [R_386_GOT32X] = "R_386_GOT32X",
    };
    const size_t count =
        relocs->wide ? sizeof(wide) / sizeof(wide[0]) : sizeof(narrow) / sizeof(narrow[0]);
    const char *const *const names = relocs->wide ? wide : narrow;

    return type < count && names[type] != NULL ? names[type] : "of unknown type";
}

/* Linkers count some symbols to that section which stand for addresses in the image. */
static bool is_per_cpu(const struct relocs *relocs, const struct relocation *relocation)
{
    return relocs->per_cpu != 0 &&
           elf_symbol_section(&relocs->elf, &relocs->symbols, relocation->index,
                              &relocation->symbol) == relocs->per_cpu &&
           strcmp(relocation->name, "__init_begin") != 0 &&
           strcmp(relocation->name, "__per_cpu_load") != 0 &&
           strncmp(relocation->name, "init_per_cpu_", strlen("init_per_cpu_")) != 0;
}

static bool is_absolute(const struct relocs *relocs, const struct relocation *relocation)
{
    return relocation->symbol.st_shndx == SHN_ABS &&
           !relocs_name_is_address(relocs, relocation->name);
}

/* A field with an address, for `list`. */
static uint32_t judge_field(const struct relocs *relocs, const struct relocation *relocation,
                            uint32_t list)
{
    if (is_absolute(relocs, relocation))
        return relocs_name_is_constant(relocation->name) ? LIST_NONE : ABSOLUTE;
    /* The boot code extends the 32 bits again. */
    if (relocs->wide && relocation->at + UINT64_C(0x80000000) > UINT32_MAX)
        return TOO_FAR;
    return list;
}

static uint32_t judge_64(const struct relocs *relocs, const struct relocation *relocation)
{
    if (relocation->symbol.st_shndx == SHN_UNDEF)
        return LIST_NONE;
    switch (relocation->type) {
    case R_X86_64_NONE:
        return LIST_NONE;
    case R_X86_64_PC32:
    case R_X86_64_PLT32:
        return is_per_cpu(relocs, relocation) ? LIST_INVERSE : LIST_NONE;
    case R_X86_64_REX_GOTPCRELX: /* since 6.15 */
        return relocs->before_6_15 ? UNSUPPORTED : LIST_NONE;
    case R_X86_64_PC64:
        return is_per_cpu(relocs, relocation) ? PER_CPU : LIST_NONE;
    case R_X86_64_32:
    case R_X86_64_32S:
    case R_X86_64_64:
        if (is_per_cpu(relocs, relocation))
            return LIST_NONE;
        return judge_field(relocs, relocation, relocation->type == R_X86_64_64 ? LIST_64 : LIST_32);
    default:
        return UNSUPPORTED;
    }
}

static uint32_t judge_32(const struct relocs *relocs, const struct relocation *relocation)
{
    switch (relocation->type) {
    case R_386_NONE:
    case R_386_PC32:
    case R_386_PC16:
    case R_386_PC8:
    case R_386_PLT32:
        return LIST_NONE;
    case R_386_32:
        return judge_field(relocs, relocation, LIST_32);
    default:
        return UNSUPPORTED;
    }
}

/* The names of a relocation's place and symbol: a section's symbol has none of its own. */
static bool names_of(const struct relocs *relocs, const struct relocation *relocation,
                     char place[ELF_NAME_SHOWN + 1], char symbol[ELF_NAME_SHOWN + 1])
{
    const struct elf_file *const elf = &relocs->elf;
    const uint32_t home =
        elf_symbol_section(elf, &relocs->symbols, relocation->index, &relocation->symbol);
    const char *name = relocation->name, *place_name;
    GElf_Shdr section;

    if (!elf_section(elf, relocation->place, &section) ||
        (place_name = elf_section_name(elf, &section)) == NULL)
        return false;
    if (name[0] == '\0' && home < elf->section_count &&
        (!elf_section(elf, home, &section) || (name = elf_section_name(elf, &section)) == NULL))
        return false;
    elf_shown_name(place_name, place);
    elf_shown_name(name, symbol);
    return true;
}

static bool refuse(const struct relocs *relocs, const struct relocation *relocation,
                   uint32_t verdict)
{
    char place[ELF_NAME_SHOWN + 1], symbol[ELF_NAME_SHOWN + 1];

    if (names_of(relocs, relocation, place, symbol))
        fail(relocs, NULL, "section '%s': relocation at 0x%llx against '%s': %s (%u): %s", place,
             ULL(relocation->at), symbol, type_name(relocs, relocation->type), relocation->type,
             reasons[verdict]);
    return false;
}

/* What Kbuild prints at the end of a build, by the tool's --abs-relocs: of any type. */
static bool note_absolute(struct relocs *relocs, const struct relocation *relocation)
{
    char place[ELF_NAME_SHOWN + 1], symbol[ELF_NAME_SHOWN + 1];

    if (!is_absolute(relocs, relocation) || relocs_name_is_constant(relocation->name))
        return true;
    if (relocs->absolute++ != 0)
        return true;
    if (!names_of(relocs, relocation, place, symbol))
        return false;
    kp_message(relocs->elf.call, KP_WARNING,
               "section '%s': relocation at 0x%llx against '%s': %s: the symbol is absolute and "
               "will not move with the kernel",
               place, ULL(relocation->at), symbol, type_name(relocs, relocation->type));
    return true;
}

static bool take(struct relocs *relocs, struct relocation *relocation)
{
    uint32_t verdict;

    if (relocs->per_cpu != 0 && relocation->place == relocs->per_cpu)
        relocation->at += relocs->per_cpu_load;
    verdict = relocs->wide ? judge_64(relocs, relocation) : judge_32(relocs, relocation);
    if (verdict > LIST_NONE)
        return refuse(relocs, relocation, verdict);
    if (verdict != LIST_NONE)
        relocs->found[relocs->count++] = (uint64_t)verdict << 32 | (uint32_t)relocation->at;
    return note_absolute(relocs, relocation);
}

/* Entry of a section: Elf64_Rela or Elf32_Rel of <elf.h>. */
static bool read_entry(const struct relocs *relocs, uint64_t offset, struct relocation *relocation)
{
    uint32_t at, info;
    uint64_t wide_info;

    if (relocs->wide) {
        if (!elf_read64(&relocs->elf, offset, &relocation->at) ||
            !elf_read64(&relocs->elf, offset + 8, &wide_info))
            return false;
        relocation->type = (uint32_t)ELF64_R_TYPE(wide_info);
        relocation->index = (size_t)ELF64_R_SYM(wide_info);
        return true;
    }
    if (!elf_read32(&relocs->elf, offset, &at) || !elf_read32(&relocs->elf, offset + 4, &info))
        return false;
    relocation->at = at;
    relocation->type = ELF32_R_TYPE(info);
    relocation->index = ELF32_R_SYM(info);
    return true;
}

static uint64_t entry_size(const struct relocs *relocs)
{
    return relocs->wide ? sizeof(Elf64_Rela) : sizeof(Elf32_Rel);
}

static bool collect_section(struct relocs *relocs, const GElf_Shdr *section)
{
    struct relocation relocation = {.place = section->sh_info};

    for (uint64_t at = 0; at < section->sh_size; at += entry_size(relocs))
        if (!read_entry(relocs, section->sh_offset + at, &relocation) ||
            !elf_read_symbol(&relocs->elf, &relocs->symbols, relocation.index, &relocation.symbol,
                             &relocation.name) ||
            !take(relocs, &relocation))
            return false;
    return true;
}

/* Whether section `index` holds relocations that count, in *counts. */
static bool check_section(struct relocs *relocs, size_t index, GElf_Shdr *section, bool *counts)
{
    const struct elf_file *const elf = &relocs->elf;
    GElf_Shdr place;

    *counts = false;
    if (!elf_section(elf, index, section))
        return false;
    if (section->sh_type != (relocs->wide ? SHT_RELA : SHT_REL))
        return true;
    if (section->sh_info >= elf->section_count) {
        fail(relocs, NULL, "relocations: section %zu: for section %u: there are %zu", index,
             section->sh_info, elf->section_count);
        return false;
    }
    if (!elf_section(elf, section->sh_info, &place))
        return false;
    if ((place.sh_flags & SHF_ALLOC) == 0 || place.sh_type == SHT_NOTE)
        return true;
    if (section->sh_link != relocs->symbols.section || relocs->symbols.section == 0)
        fail(relocs, NULL, "relocations: section %zu: its symbols are in section %u, not in %zu",
             index, section->sh_link, relocs->symbols.section);
    else if (section->sh_size % entry_size(relocs) != 0)
        fail(relocs, NULL, "relocations: section %zu: %llu bytes: not a multiple of %llu", index,
             ULL(section->sh_size), ULL(entry_size(relocs)));
    else if (!kp_inside(elf->size, section->sh_offset, section->sh_size))
        fail(relocs, NULL,
             "relocations: section %zu: %llu bytes at offset 0x%llx: beyond the end of the file "
             "(%llu bytes)",
             index, ULL(section->sh_size), ULL(section->sh_offset), ULL(elf->size));
    else
        *counts = true;
    relocs->of_code = relocs->of_code || (*counts && (place.sh_flags & SHF_EXECINSTR) != 0);
    return *counts;
}

/* Room for all of them. Sections that lie on top of each other could ask for any amount. What
 * 6.12's build leaves in vmlinux are those of some sections with names that it does not expect. */
static bool make_room(struct relocs *relocs)
{
    struct kp_call *const call = relocs->elf.call;
    GElf_Shdr section;
    uint64_t size = 0;
    bool counts;

    for (size_t i = 0; i < relocs->elf.section_count; i++) {
        if (!check_section(relocs, i, &section, &counts))
            return false;
        if (counts && !kp_add(size, section.sh_size, &size))
            size = UINT64_MAX;
    }
    if (size > relocs->elf.size) {
        fail(relocs, NULL, "relocations: %llu bytes: more than the file has (%llu)", ULL(size),
             ULL(relocs->elf.size));
        return false;
    }
    if (!relocs->of_code) {
        fail(relocs,
             "take vmlinux.unstripped of Linux 6.15 and later; where the build takes them out of "
             "vmlinux, as 6.12 does, they are in arch/x86/boot/compressed/vmlinux.relocs; a kernel "
             "without CONFIG_X86_NEED_RELOCS wants 'form: none'",
             "relocations: none of code: not linked with --emit-relocs, or stripped");
        return false;
    }
    relocs->room = (size_t)(size / entry_size(relocs));
    relocs->found = call->host->alloc(call, relocs->room * sizeof(*relocs->found));
    return relocs->found != NULL;
}

bool relocs_collect(struct relocs *relocs)
{
    struct kp_call *const call = relocs->elf.call;
    GElf_Shdr section;
    bool counts;

    if (!make_room(relocs))
        return false;
    for (size_t i = 0; i < relocs->elf.section_count; i++)
        if (call->host->cancelled(call) || !check_section(relocs, i, &section, &counts) ||
            (counts && !collect_section(relocs, &section)))
            return false;
    if (relocs->absolute > 1)
        kp_message(call, KP_WARNING, "%zu further relocations are against such symbols",
                   relocs->absolute - 1);
    return true;
}
