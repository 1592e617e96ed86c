/* SPDX-License-Identifier: BSD-3-Clause
 *
 * common/elf_symbols.c - the table of symbols of an ELF file (ELF specification, "Symbol Table").
 *
 * Symbols are read from the file one by one. Nothing here sorts them or tells what they are for.
 */
#include <string.h>

#include "elf.h"

#define ULL(x) ((unsigned long long)(x))

#define fail(file, ...) kp_fail_at((file)->call, (file)->field, NULL, __VA_ARGS__)

static bool corrupt(const struct elf_file *file, const char *why)
{
    fail(file, "symbols: damaged: %s", why);
    return false;
}

static uint64_t symbol_size(const struct elf_file *file)
{
    return file->class == ELFCLASS64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
}

static bool find_names(const struct elf_file *file, const GElf_Shdr *symbols,
                       struct elf_symbol_table *table)
{
    GElf_Shdr names;

    if (symbols->sh_link >= file->section_count || !elf_section(file, symbols->sh_link, &names))
        return corrupt(file, "they have no table of names");
    if (names.sh_type != SHT_STRTAB || names.sh_size == 0 ||
        !kp_inside(file->size, names.sh_offset, names.sh_size) ||
        file->bytes[names.sh_offset + names.sh_size - 1] != '\0')
        return corrupt(file, "the table of their names is not in the file");
    table->names = (const char *)file->bytes + names.sh_offset;
    table->names_size = names.sh_size;
    return true;
}

static bool take_table(const struct elf_file *file, size_t index, const GElf_Shdr *section,
                       struct elf_symbol_table *table)
{
    const uint64_t entry = symbol_size(file);

    if (section->sh_entsize != entry || section->sh_size % entry != 0 ||
        section->sh_size / entry > INT32_MAX)
        return corrupt(file, "their size is wrong");
    if (!kp_inside(file->size, section->sh_offset, section->sh_size))
        return corrupt(file, "they reach beyond the end of the file");
    table->section = index;
    table->offset = section->sh_offset;
    table->count = (size_t)(section->sh_size / entry);
    return find_names(file, section, table);
}

/* The table of section numbers that goes with it has one of 4 bytes for each symbol. */
static bool take_sections(const struct elf_file *file, const GElf_Shdr *section,
                          struct elf_symbol_table *table)
{
    if (section->sh_size / 4 < table->count ||
        !kp_inside(file->size, section->sh_offset, section->sh_size))
        return corrupt(file, "the numbers of their sections are not in the file");
    table->sections = section->sh_offset;
    return true;
}

bool elf_open_symbols(const struct elf_file *file, struct elf_symbol_table *table)
{
    GElf_Shdr section;

    memset(table, 0, sizeof(*table));
    for (size_t i = 1; i < file->section_count && table->section == 0; i++)
        if (!elf_section(file, i, &section) ||
            (section.sh_type == SHT_SYMTAB && !take_table(file, i, &section, table)))
            return false;
    for (size_t i = 1; i < file->section_count && table->section != 0; i++)
        if (!elf_section(file, i, &section) ||
            (section.sh_type == SHT_SYMTAB_SHNDX && section.sh_link == table->section &&
             !take_sections(file, &section, table)))
            return false;
    return true;
}

/* Their fields stand in another order in each class: Elf32_Sym and Elf64_Sym of <elf.h>. */
static bool read_wide(const struct elf_file *file, uint64_t at, GElf_Sym *symbol)
{
    return elf_read32(file, at, &symbol->st_name) && elf_read16(file, at + 6, &symbol->st_shndx) &&
           elf_read64(file, at + 8, &symbol->st_value) &&
           elf_read64(file, at + 16, &symbol->st_size);
}

static bool read_narrow(const struct elf_file *file, uint64_t at, GElf_Sym *symbol)
{
    uint32_t value, size;

    if (!elf_read32(file, at, &symbol->st_name) || !elf_read32(file, at + 4, &value) ||
        !elf_read32(file, at + 8, &size) || !elf_read16(file, at + 14, &symbol->st_shndx))
        return false;
    symbol->st_value = value;
    symbol->st_size = size;
    return true;
}

bool elf_read_symbol(const struct elf_file *file, const struct elf_symbol_table *table,
                     size_t index, GElf_Sym *symbol, const char **name)
{
    const bool wide = file->class == ELFCLASS64;
    const uint64_t at = table->offset + index * symbol_size(file);

    if (index >= table->count ||
        !(wide ? read_wide(file, at, symbol) : read_narrow(file, at, symbol))) {
        fail(file, "symbols: number %zu: there are %zu", index, table->count);
        return false;
    }
    symbol->st_info = file->bytes[at + (wide ? 4 : 12)];
    symbol->st_other = file->bytes[at + (wide ? 5 : 13)];
    if (symbol->st_name >= table->names_size) {
        fail(file, "symbols: number %zu: its name at 0x%llx: beyond the table of names", index,
             ULL(symbol->st_name));
        return false;
    }
    *name = table->names + symbol->st_name;
    return true;
}

uint32_t elf_symbol_section(const struct elf_file *file, const struct elf_symbol_table *table,
                            size_t index, const GElf_Sym *symbol)
{
    uint32_t section;

    if (symbol->st_shndx != SHN_XINDEX || table->sections == 0 ||
        !elf_read32(file, table->sections + 4 * index, &section))
        return symbol->st_shndx;
    return section;
}

bool elf_each_symbol(const struct elf_file *file,
                     bool (*visit)(void *data, const char *name, const GElf_Sym *symbol),
                     void *data, bool *has_table)
{
    struct elf_symbol_table table;
    const char *name;
    GElf_Sym symbol;

    if (!elf_open_symbols(file, &table))
        return false;
    if (has_table != NULL)
        *has_table = table.section != 0;
    for (size_t i = 1; i < table.count; i++) {
        if (!elf_read_symbol(file, &table, i, &symbol, &name))
            return false;
        if (!visit(data, name, &symbol))
            break;
    }
    return true;
}

struct search {
    struct elf_symbol *symbols;
    size_t count;
};

/* Whether no symbol that is still to come can be meant. */
static bool is_settled(const struct search *search)
{
    for (size_t i = 0; i < search->count; i++)
        if (!search->symbols[i].found || search->symbols[i].bind != STB_GLOBAL)
            return false;
    return true;
}

static bool compare(void *data, const char *name, const GElf_Sym *symbol)
{
    const struct search *const search = data;
    bool settled = false;

    if (symbol->st_shndx == SHN_UNDEF)
        return true;
    for (size_t i = 0; i < search->count; i++) {
        struct elf_symbol *const wanted = &search->symbols[i];
        const unsigned char bind = GELF_ST_BIND(symbol->st_info);

        if ((wanted->found && (wanted->bind == STB_GLOBAL || bind != STB_GLOBAL)) ||
            strcmp(wanted->name, name) != 0)
            continue;
        wanted->found = true;
        wanted->value = symbol->st_value;
        wanted->size = symbol->st_size;
        wanted->section = symbol->st_shndx;
        wanted->type = GELF_ST_TYPE(symbol->st_info);
        wanted->bind = bind;
        settled = is_settled(search);
    }
    return !settled;
}

bool elf_find_symbols(const struct elf_file *file, struct elf_symbol *symbols, size_t count,
                      bool *has_table)
{
    struct search search = {symbols, count};

    for (size_t i = 0; i < count; i++)
        symbols[i].found = false;
    return elf_each_symbol(file, compare, &search, has_table);
}
