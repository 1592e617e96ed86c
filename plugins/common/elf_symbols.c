/* SPDX-License-Identifier: BSD-3-Clause
 *
 * common/elf_symbols.c - the table of symbols of an ELF file (ELF specification, "Symbol Table").
 *
 * libelf converts a table whose byte order is not this machine's, which takes as much memory as
 * the table. Nothing here sorts symbols or tells what they are for.
 */
#include <string.h>

#include "elf.h"

#define ULL(x) ((unsigned long long)(x))

#define fail(file, ...) kp_fail_at((file)->call, (file)->field, NULL, __VA_ARGS__)

/* The table itself and that of its names, found and inside of the file. */
struct table {
    Elf_Data *symbols;
    size_t count;
    const char *names;
    uint64_t names_size;
};

static bool corrupt(const struct elf_file *file, const char *why)
{
    fail(file, "symbols: damaged: %s", why);
    return false;
}

static bool read_names(const struct elf_file *file, const GElf_Shdr *symbols, struct table *table)
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

/* table->symbols stays NULL if there is none. */
static bool read_table(const struct elf_file *file, struct table *table)
{
    const uint64_t entry = file->class == ELFCLASS64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
    GElf_Shdr section;

    memset(table, 0, sizeof(*table));
    for (size_t i = 1; i < file->section_count; i++) {
        if (!elf_section(file, i, &section))
            return false;
        if (section.sh_type != SHT_SYMTAB)
            continue;
        if (section.sh_entsize != entry || section.sh_size % entry != 0 ||
            section.sh_size / entry > INT32_MAX)
            return corrupt(file, "their size is wrong");
        if (!kp_inside(file->size, section.sh_offset, section.sh_size))
            return corrupt(file, "they reach beyond the end of the file");
        table->symbols = elf_getdata(elf_getscn(file->elf, i), NULL);
        table->count = (size_t)(section.sh_size / entry);
        if (table->symbols == NULL)
            return corrupt(file, elf_errmsg(-1));
        return read_names(file, &section, table);
    }
    return true;
}

bool elf_each_symbol(const struct elf_file *file,
                     bool (*visit)(void *data, const char *name, const GElf_Sym *symbol),
                     void *data, bool *has_table)
{
    struct table table;
    GElf_Sym symbol;

    if (!read_table(file, &table))
        return false;
    if (has_table != NULL)
        *has_table = table.symbols != NULL;
    for (size_t i = 1; i < table.count; i++) {
        if (gelf_getsym(table.symbols, (int)i, &symbol) == NULL)
            return corrupt(file, elf_errmsg(-1));
        if (symbol.st_name >= table.names_size) {
            fail(file, "symbols: number %zu: its name at 0x%llx: beyond the table of names", i,
                 ULL(symbol.st_name));
            return false;
        }
        if (!visit(data, table.names + symbol.st_name, &symbol))
            break;
    }
    return true;
}

struct search {
    struct elf_symbol *symbols;
    size_t count;
};

static bool compare(void *data, const char *name, const GElf_Sym *symbol)
{
    const struct search *const search = data;

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
    }
    return true;
}

bool elf_find_symbols(const struct elf_file *file, struct elf_symbol *symbols, size_t count,
                      bool *has_table)
{
    struct search search = {symbols, count};

    for (size_t i = 0; i < count; i++)
        symbols[i].found = false;
    return elf_each_symbol(file, compare, &search, has_table);
}
