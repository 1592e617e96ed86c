/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/objcopy/elf_load.c - reads an ELF file's headers with libelf, checks
 * that they lie inside the file, and gives each section its load address.
 *
 * The contents of sections are never read through libelf, which may copy or
 * convert them. The rules for load addresses are those that objcopy of binutils
 * 2.40 follows, established by comparing outputs.
 */
#include <string.h>

#include "objcopy.h"

#define ULL(x) ((unsigned long long)(x))

const char *shown_name(const struct section *section, char text[SECTION_NAME_SHOWN + 1])
{
    size_t i;

    for (i = 0; i < SECTION_NAME_SHOWN && section->name[i] != '\0'; i++)
        text[i] = section->name[i] < 0x20 || section->name[i] > 0x7e ? '?' : section->name[i];
    text[i] = '\0';
    return text;
}

const uint8_t *section_bytes(const struct elf_file *file, const struct section *section)
{
    char name[SECTION_NAME_SHOWN + 1];

    if (kp_inside(file->size, section->offset, section->size))
        return file->bytes + section->offset;
    kp_fail(file->call,
            "section '%s': %llu bytes at offset 0x%llx: beyond the end of the file (%llu bytes)",
            shown_name(section, name), ULL(section->size), ULL(section->offset), ULL(file->size));
    return NULL;
}

bool elf_read32(const struct elf_file *file, uint64_t offset, uint32_t *value)
{
    if (file->header.e_ident[EI_DATA] == ELFDATA2MSB)
        return kp_read_be32(file->bytes, file->size, offset, value);
    return kp_read_le32(file->bytes, file->size, offset, value);
}

/* One of the two header tables: `count` headers of `entry` bytes at `offset`. */
static bool check_table(const struct elf_file *file, const char *what, uint64_t offset,
                        uint64_t count, uint64_t most, uint64_t entry, uint64_t wanted)
{
    if (count == 0)
        return true;
    if (entry != wanted)
        kp_fail(file->call, "ELF header: size of a %s header: %llu: must be %llu", what, ULL(entry),
                ULL(wanted));
    else if (count > most)
        kp_fail(file->call, "ELF header: number of %s headers: %llu: more than %llu", what,
                ULL(count), ULL(most));
    else if (!kp_inside(file->size, offset, count * entry))
        kp_fail(file->call,
                "%s headers: %llu bytes at offset 0x%llx: beyond the end of the file (%llu bytes)",
                what, ULL(count * entry), ULL(offset), ULL(file->size));
    else
        return true;
    return false;
}

static bool corrupt(const struct elf_file *file, const char *what)
{
    const char *reason = elf_errmsg(-1);

    kp_fail(file->call, "%s: corrupt: %s", what, reason != NULL ? reason : "unknown error");
    return false;
}

static bool read_segments(struct elf_file *file)
{
    const GElf_Ehdr *const header = &file->header;
    const uint64_t wanted = file->class == ELFCLASS64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
    size_t count, loads = 0;

    if (header->e_phnum != PN_XNUM && /* else the first section header has the number */
        !check_table(file, "program", header->e_phoff, header->e_phnum, OBJCOPY_SEGMENTS_MAX,
                     header->e_phentsize, wanted))
        return false;
    if (elf_getphdrnum(file->elf, &count) != 0)
        return corrupt(file, "program headers");
    if (!check_table(file, "program", header->e_phoff, count, OBJCOPY_SEGMENTS_MAX,
                     header->e_phentsize, wanted))
        return false;
    file->segments = file->call->host->alloc(file->call, (count + 1) * sizeof(*file->segments));
    if (file->segments == NULL)
        return false;
    file->no_paddr = true;
    for (size_t i = 0; i < count; i++) {
        const GElf_Phdr *const segment = &file->segments[i];

        if (gelf_getphdr(file->elf, (int)i, &file->segments[i]) == NULL)
            return corrupt(file, "program headers");
        if (segment->p_paddr != 0)
            file->no_paddr = false;
        else if (segment->p_type == PT_LOAD && segment->p_memsz != 0)
            loads++;
    }
    file->segment_count = count;
    /* One segment at 0 is believed; several cannot all be there. */
    file->no_paddr = file->no_paddr && loads > 1;
    return true;
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
static uint64_t load_address(const struct elf_file *file, const GElf_Shdr *section)
{
    for (size_t i = 0; i < file->segment_count && !file->no_paddr; i++) {
        const GElf_Phdr *const segment = &file->segments[i];

        if (!in_segment(section, segment))
            continue;
        if (section->sh_type == SHT_NOBITS)
            return segment->p_paddr + (section->sh_addr - segment->p_vaddr);
        return segment->p_paddr + (section->sh_offset - segment->p_offset);
    }
    return section->sh_addr;
}

/* The table of the sections' names. */
static bool find_names(struct elf_file *file)
{
    GElf_Shdr names;
    size_t index;

    if (elf_getshdrstrndx(file->elf, &index) != 0 ||
        gelf_getshdr(elf_getscn(file->elf, index), &names) == NULL)
        return corrupt(file, "names of the sections");
    if (names.sh_type != SHT_STRTAB || !kp_inside(file->size, names.sh_offset, names.sh_size)) {
        kp_fail(file->call, "names of the sections: section %zu: no table of names in the file",
                index);
        return false;
    }
    file->names = (const char *)file->bytes + names.sh_offset;
    file->names_size = names.sh_size;
    return true;
}

static const char *section_name(const struct elf_file *file, uint64_t at)
{
    const uint64_t left = at < file->names_size ? file->names_size - at : 0;
    const size_t most = left < SECTION_NAME_MAX ? (size_t)left : SECTION_NAME_MAX;

    if (memchr(file->names + (left != 0 ? at : 0), '\0', most) != NULL)
        return file->names + at;
    kp_fail(file->call, "names of the sections: name at 0x%llx: %s", ULL(at),
            left > most ? "too long" : "beyond the end of the table");
    return NULL;
}

static bool add_section(struct elf_file *file, const GElf_Shdr *header)
{
    struct section *const section = &file->sections[file->section_count];

    section->name = section_name(file, header->sh_name);
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

/* The number of section headers, which are all in the file. */
static bool count_sections(struct elf_file *file)
{
    const GElf_Ehdr *const header = &file->header;
    const uint64_t wanted = file->class == ELFCLASS64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
    /* With e_shnum 0 the number stands in the first header (extended numbering). */
    const uint64_t least = header->e_shnum != 0 ? header->e_shnum : 1;

    if (header->e_shoff == 0)
        return true;
    if (!check_table(file, "section", header->e_shoff, least, OBJCOPY_HEADERS_MAX,
                     header->e_shentsize, wanted))
        return false;
    if (elf_getshdrnum(file->elf, &file->section_headers) != 0)
        return corrupt(file, "section headers");
    return check_table(file, "section", header->e_shoff, file->section_headers, OBJCOPY_HEADERS_MAX,
                       header->e_shentsize, wanted);
}

static bool read_sections(struct elf_file *file)
{
    GElf_Shdr section;
    size_t used = 0;

    if (!count_sections(file))
        return false;
    for (size_t i = 0; i < file->section_headers; i++) {
        if (gelf_getshdr(elf_getscn(file->elf, i), &section) == NULL)
            return corrupt(file, "section headers");
        used += takes_memory(&section);
    }
    file->sections = file->call->host->alloc(file->call, (used + 1) * sizeof(*file->sections));
    if (file->sections == NULL || (used != 0 && !find_names(file)))
        return false;
    for (size_t i = 0; i < file->section_headers; i++)
        if (gelf_getshdr(elf_getscn(file->elf, i), &section) != NULL && takes_memory(&section) &&
            !add_section(file, &section))
            return false;
    return true;
}

bool elf_file_open(struct elf_file *file, struct kp_call *call)
{
    memset(file, 0, sizeof(*file));
    file->call = call;
    file->size = kp_size(call, call->input);
    file->bytes = kp_view(call, call->input);
    if (file->bytes == NULL)
        return false;
    elf_version(EV_CURRENT);
    /* Opened so, libelf reads the memory but never writes to it. */
    file->elf = elf_memory((char *)(uintptr_t)file->bytes, (size_t)file->size);
    if (file->elf == NULL || elf_kind(file->elf) != ELF_K_ELF ||
        gelf_getehdr(file->elf, &file->header) == NULL) {
        kp_fail(call, "input: %llu bytes: not an ELF file, or cut short", ULL(file->size));
        return false;
    }
    file->class = gelf_getclass(file->elf);
    return read_segments(file) && read_sections(file);
}

void elf_file_close(struct elf_file *file)
{
    elf_end(file->elf);
    file->elf = NULL;
}
