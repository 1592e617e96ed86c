/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/objcopy/elf_load.c - gives each section of an ELF file its load address.
 *
 * The file itself is read by common/elf.c; the rules for load addresses are those of
 * common/elf_objcopy.c.
 */
#include <string.h>

#include "objcopy.h"

const char *shown_name(const struct section *section, char text[ELF_NAME_SHOWN + 1])
{
    return elf_shown_name(section->name, text);
}

const uint8_t *section_bytes(const struct elf_load *file, const struct section *section)
{
    return elf_section_bytes(&file->elf, section->name, section->offset, section->size);
}

static bool add_section(struct elf_load *file, const GElf_Shdr *header)
{
    struct section *const section = &file->sections[file->section_count];

    section->name = elf_section_name(&file->elf, header);
    if (section->name == NULL)
        return false;
    section->lma = file->no_paddr ? header->sh_addr : elf_load_address(&file->elf, header);
    section->size = header->sh_size;
    section->offset = header->sh_offset;
    section->type = header->sh_type;
    section->has_contents = header->sh_type != SHT_NOBITS;
    section->thread_local_data = (header->sh_flags & SHF_TLS) != 0;
    section->keep = true;
    file->section_count++;
    return true;
}

static bool takes_memory(const GElf_Shdr *header)
{
    return (header->sh_flags & SHF_ALLOC) != 0 && header->sh_size != 0 &&
           header->sh_type != SHT_NULL;
}

static bool read_sections(struct elf_load *file)
{
    struct elf_file *const elf = &file->elf;
    GElf_Shdr section;
    size_t used = 0;

    for (size_t i = 0; i < elf->section_count; i++) {
        if (!elf_section(elf, i, &section))
            return false;
        used += takes_memory(&section);
    }
    file->sections = elf->call->host->alloc(elf->call, (used + 1) * sizeof(*file->sections));
    if (file->sections == NULL || (used != 0 && !elf_find_names(elf)))
        return false;
    for (size_t i = 0; i < elf->section_count; i++)
        if (!elf_section(elf, i, &section) ||
            (takes_memory(&section) && !add_section(file, &section)))
            return false;
    return true;
}

bool elf_load_open(struct elf_load *file, struct kp_call *call)
{
    memset(file, 0, sizeof(*file));
    if (!elf_file_open(&file->elf, call, call->input, NULL))
        return false;
    file->no_paddr = elf_paddr_unset(&file->elf);
    return read_sections(file);
}

void elf_load_close(struct elf_load *file)
{
    elf_file_close(&file->elf);
}
