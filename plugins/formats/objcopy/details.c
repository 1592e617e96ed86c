/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/objcopy/details.c - tells the sections of an ELF file and the symbols of its table, one by
 * one, so that files can be compared by their names.
 */
#include <string.h>

#include "../../common/symbol_stem.h"
#include "objcopy.h"

/* Longer names are told as they are. */
#define STEM_SIZE 512u

#define ULL(x) ((unsigned long long)(x))

/* ".text": "progbits 0xffffffff81000000, 12582912 bytes, alloc exec" */
static bool tell_section(struct elf_file *file, size_t index)
{
    static const struct {
        uint32_t type;
        const char *name;
    } types[] = {{SHT_PROGBITS, "progbits"},
                 {SHT_SYMTAB, "symtab"},
                 {SHT_STRTAB, "strtab"},
                 {SHT_RELA, "rela"},
                 {SHT_NOTE, "note"},
                 {SHT_NOBITS, "nobits"},
                 {SHT_REL, "rel"}};
    const char *type = "other";
    GElf_Shdr section;
    const char *name;
    char text[160];

    if (!elf_section(file, index, &section))
        return false;
    if (section.sh_type == SHT_NULL)
        return true;
    name = elf_section_name(file, &section);
    if (name == NULL)
        return false;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (types[i].type == section.sh_type)
            type = types[i].name;
    snprintf(text, sizeof(text), "%s 0x%llx, %llu bytes%s%s%s%s", type, ULL(section.sh_addr),
             ULL(section.sh_size),
             (section.sh_flags & (SHF_ALLOC | SHF_WRITE | SHF_EXECINSTR)) != 0 ? "," : "",
             (section.sh_flags & SHF_ALLOC) != 0 ? " alloc" : "",
             (section.sh_flags & SHF_WRITE) != 0 ? " write" : "",
             (section.sh_flags & SHF_EXECINSTR) != 0 ? " exec" : "");
    return kp_detail_text(file->call, name, 0, 0, text) == KP_OK;
}

struct telling {
    struct kp_call *call;
    bool failed;
};

/* Marks without a size, and what other files have, are left out. */
static bool tell_symbol(void *data, const char *name, const GElf_Sym *symbol)
{
    struct telling *const telling = data;
    const size_t length = symbol_stem(name);
    char stem[STEM_SIZE];

    if (symbol->st_size == 0 || symbol->st_shndx == SHN_UNDEF || *name == '\0')
        return true;
    if (name[length] != '\0' && length < sizeof(stem)) {
        memcpy(stem, name, length);
        stem[length] = '\0';
        name = stem;
    }
    telling->failed = kp_field_number(telling->call, name, 0, 0, symbol->st_size,
                                      KP_FIELD_BYTES | KP_FIELD_DETAIL, NULL) != KP_OK;
    return !telling->failed;
}

bool elf_tell_details(struct elf_file *file)
{
    struct telling telling = {file->call, false};

    if (file->section_count > 0 && !elf_find_names(file))
        return false;
    for (size_t i = 0; i < file->section_count; i++)
        if (!tell_section(file, i))
            return false;
    return elf_each_symbol(file, tell_symbol, &telling, NULL) && !telling.failed;
}
