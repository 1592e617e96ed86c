/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/objcopy/elf_load.c - gives each section of an ELF file its load address.
 *
 * The file itself is read by common/elf.c. The rules for load addresses are those that
 * objcopy of binutils 2.40 follows, established by comparing outputs.
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

/* One segment at 0 is believed; several cannot all be there. */
static void judge_addresses(struct elf_load *file)
{
    size_t loads = 0;

    file->no_paddr = true;
    for (size_t i = 0; i < file->elf.segment_count; i++) {
        const GElf_Phdr *const segment = &file->elf.segments[i];

        if (segment->p_paddr != 0)
            file->no_paddr = false;
        else if (segment->p_type == PT_LOAD && segment->p_memsz != 0)
            loads++;
    }
    file->no_paddr = file->no_paddr && loads > 1;
}

/* `length` bytes from `start` lie in the `room` bytes from `base`. */
static bool within(uint64_t base, uint64_t room, uint64_t start, uint64_t length)
{
    return start >= base && kp_inside(room, start - base, length);
}

/* Whether BFD takes an allocated section for a part of that segment. */
static bool in_segment(const GElf_Shdr *section, const GElf_Phdr *segment)
{
    const bool tls = (section->sh_flags & SHF_TLS) != 0;
    const bool contents = section->sh_type != SHT_NOBITS;
    /* .tbss takes no room outside its PT_TLS. */
    const uint64_t size = tls && !contents && segment->p_type != PT_TLS ? 0 : section->sh_size;

    if (tls ? segment->p_type != PT_TLS : segment->p_type != PT_LOAD)
        return false;
    if (contents && !within(segment->p_offset, segment->p_filesz, section->sh_offset, size))
        return false;
    return within(segment->p_vaddr, segment->p_memsz, section->sh_addr, size);
}

/* Unsigned arithmetic that wraps is meant: kernels' addresses lie at its top. */
static uint64_t load_address(const struct elf_load *file, const GElf_Shdr *section)
{
    for (size_t i = 0; i < file->elf.segment_count && !file->no_paddr; i++) {
        const GElf_Phdr *const segment = &file->elf.segments[i];

        if (!in_segment(section, segment))
            continue;
        if (section->sh_type == SHT_NOBITS)
            return segment->p_paddr + (section->sh_addr - segment->p_vaddr);
        return segment->p_paddr + (section->sh_offset - segment->p_offset);
    }
    return section->sh_addr;
}

static bool add_section(struct elf_load *file, const GElf_Shdr *header)
{
    struct section *const section = &file->sections[file->section_count];

    section->name = elf_section_name(&file->elf, header);
    if (section->name == NULL)
        return false;
    section->lma = load_address(file, header);
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
    judge_addresses(file);
    return read_sections(file);
}

void elf_load_close(struct elf_load *file)
{
    elf_file_close(&file->elf);
}
