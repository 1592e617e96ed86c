/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/system-map/letters.c - symbols as GNU nm shows them: their letters, their values, and
 * those that it leaves out.
 *
 * The rules are those of binutils 2.40: bfd/syms.c (bfd_decode_symclass) for the letters,
 * bfd/elf.c (_bfd_elf_make_section_from_shdr) for what a section is, bfd/elfcode.h
 * (elf_slurp_symbol_table) for what a symbol is, binutils/nm.c (filter_symbols), and of each
 * architecture bfd_is_target_special_symbol and its reading of symbols. Not here: the letters of
 * short data, which Alpha and IA-64 mark by flags of their own, and symbols that other binutils
 * than the GNU ones would show.
 */
#include <ctype.h>
#include <string.h>

#include "system-map.h"

static bool begins(const char *name, const char *with)
{
    return strncmp(name, with, strlen(with)) == 0;
}

/* Sections of Windows' object files keep their letters in ELF files. */
static char letter_by_name(const char *name)
{
    static const struct {
        const char *name;
        char letter;
    } names[] = {{".drectve", 'i'}, {".edata", 'e'}, {".idata", 'i'}, {".pdata", 'p'}};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const size_t length = strlen(names[i].name);

        /* The name may go on with a number, a '.' or a '$'. */
        if (begins(name, names[i].name) &&
            (name[length] == '\0' || strchr(".$0123456789", name[length]) != NULL))
            return names[i].letter;
    }
    return '\0';
}

static bool is_debug(const char *name)
{
    static const char *const begin[] = {
        ".debug", ".gnu.debuglto_.debug_", ".gnu.linkonce.wi.", ".zdebug", ".line", ".stab"};

    for (size_t i = 0; i < sizeof(begin) / sizeof(begin[0]); i++)
        if (begins(name, begin[i]))
            return true;
    return strcmp(name, ".gdb_index") == 0;
}

static char section_letter(const GElf_Shdr *section, const char *name)
{
    const bool has_contents = section->sh_type != SHT_NOBITS;
    const bool is_loaded = has_contents && (section->sh_flags & SHF_ALLOC) != 0;
    const bool read_only = (section->sh_flags & SHF_WRITE) == 0;
    const char letter = letter_by_name(name);

    if (letter != '\0')
        return letter;
    if ((section->sh_flags & SHF_EXECINSTR) != 0)
        return 't';
    if (is_loaded)
        return read_only ? 'r' : 'd';
    if (!has_contents)
        return 'b';
    if (is_debug(name))
        return 'N';
    return read_only ? 'n' : '?';
}

char *map_section_letters(struct elf_file *file)
{
    char *const letters = file->call->host->alloc(file->call, file->section_count + 1);
    GElf_Shdr section;
    const char *name;

    if (letters == NULL || !elf_find_names(file))
        return NULL;
    for (size_t i = 0; i < file->section_count; i++) {
        if (!elf_section(file, i, &section) || (name = elf_section_name(file, &section)) == NULL)
            return NULL;
        letters[i] = section.sh_type == SHT_NULL || section.sh_type == SHT_SYMTAB
                         ? 'a'
                         : section_letter(&section, name);
    }
    return letters;
}

/* Of assemblers and compilers. Those of numbers that end with a control character are not here:
 * no assembler leaves them in a file. */
static bool is_local_label(const char *name)
{
    return begins(name, ".L") || begins(name, "..") || begins(name, "_.L_");
}

/* Labels of compilers and assemblers that nm does not show unless asked. */
static bool is_special(uint16_t machine, const char *name)
{
    switch (machine) {
    case EM_ARM:
        return name[0] == '$' && name[1] >= 'a' && name[1] <= 'z' &&
               (name[2] == '\0' || name[2] == '.');
    case EM_AARCH64:
        return name[0] == '$' && name[1] != '\0' && strchr("xdmfp", name[1]) != NULL &&
               (name[2] == '\0' || name[2] == '.');
    case EM_RISCV:
        return name[0] == '\0' || is_local_label(name) || begins(name, "$x") || begins(name, "$d");
    case EM_MIPS:
        return is_local_label(name);
    default:
        return false;
    }
}

static char symbol_letter(const struct elf_file *file, const char *letters, const GElf_Sym *symbol,
                          uint32_t section)
{
    const unsigned char bind = GELF_ST_BIND(symbol->st_info), type = GELF_ST_TYPE(symbol->st_info);
    const bool is_object = type == STT_OBJECT || type == STT_COMMON;
    char letter = 'a';

    if (symbol->st_shndx == SHN_COMMON)
        return 'C';
    if (symbol->st_shndx == SHN_UNDEF)
        return bind != STB_WEAK ? 'U' : is_object ? 'v' : 'w';
    if (type == STT_GNU_IFUNC)
        return 'i';
    if (bind == STB_WEAK)
        return is_object ? 'V' : 'W';
    if (bind == STB_GNU_UNIQUE)
        return 'u';
    if (bind != STB_LOCAL && bind != STB_GLOBAL)
        return '?';
    if (section < file->section_count && symbol->st_shndx != SHN_ABS)
        letter = letters[section];
    return bind == STB_GLOBAL ? (char)toupper((unsigned char)letter) : letter;
}

/* The lowest bit of a function's address says which instructions it is made of: Thumb, MIPS16. */
static uint64_t symbol_value(const struct elf_file *file, const GElf_Sym *symbol)
{
    const unsigned char type = GELF_ST_TYPE(symbol->st_info);
    uint64_t value = symbol->st_shndx == SHN_COMMON ? symbol->st_size : symbol->st_value;

    if ((file->header.e_machine == EM_ARM && (type == STT_FUNC || type == STT_GNU_IFUNC)) ||
        (file->header.e_machine == EM_MIPS && type == STT_FUNC))
        value &= ~UINT64_C(1);
    /* Addresses of MIPS are signed numbers. */
    if (file->header.e_machine == EM_MIPS && file->class == ELFCLASS32)
        value = (uint64_t)(int64_t)(int32_t)(uint32_t)value;
    return value;
}

bool map_show(const struct elf_file *file, const char *letters, const GElf_Sym *symbol,
              uint32_t section, const char *name, struct map_symbol *shown)
{
    const unsigned char type = GELF_ST_TYPE(symbol->st_info);

    if (type == STT_SECTION || type == STT_FILE || is_special(file->header.e_machine, name))
        return false;
    shown->name = name;
    shown->letter = symbol_letter(file, letters, symbol, section);
    shown->undefined = symbol->st_shndx == SHN_UNDEF;
    shown->value = shown->undefined ? 0 : symbol_value(file, symbol);
    return true;
}
