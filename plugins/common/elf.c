/* SPDX-License-Identifier: BSD-3-Clause
 *
 * common/elf.c - reads an ELF file's headers with libelf and checks that they lie inside of the
 * file (ELF specification: "ELF Header", "Sections", "Program Header").
 */
#include "elf.h"

#include <string.h>

#define ULL(x) ((unsigned long long)(x))

#define fail(file, ...) kp_fail_at((file)->call, (file)->field, NULL, __VA_ARGS__)

const char *elf_shown_name(const char *name, char text[ELF_NAME_SHOWN + 1])
{
    size_t i;

    for (i = 0; i < ELF_NAME_SHOWN && name[i] != '\0'; i++)
        text[i] = name[i] < 0x20 || name[i] > 0x7e ? '?' : name[i];
    text[i] = '\0';
    return text;
}

const uint8_t *elf_section_bytes(const struct elf_file *file, const char *name, uint64_t offset,
                                 uint64_t size)
{
    char shown[ELF_NAME_SHOWN + 1];

    if (kp_inside(file->size, offset, size))
        return file->bytes + offset;
    fail(file, "section '%s': %llu bytes at offset 0x%llx: beyond the end of the file (%llu bytes)",
         elf_shown_name(name, shown), ULL(size), ULL(offset), ULL(file->size));
    return NULL;
}

bool elf_read16(const struct elf_file *file, uint64_t offset, uint16_t *value)
{
    return file->big_endian ? kp_read_be16(file->bytes, file->size, offset, value)
                            : kp_read_le16(file->bytes, file->size, offset, value);
}

bool elf_read32(const struct elf_file *file, uint64_t offset, uint32_t *value)
{
    return file->big_endian ? kp_read_be32(file->bytes, file->size, offset, value)
                            : kp_read_le32(file->bytes, file->size, offset, value);
}

bool elf_read64(const struct elf_file *file, uint64_t offset, uint64_t *value)
{
    return file->big_endian ? kp_read_be64(file->bytes, file->size, offset, value)
                            : kp_read_le64(file->bytes, file->size, offset, value);
}

/* One of the two header tables: `count` headers of `entry` bytes at `offset`. */
static bool check_table(const struct elf_file *file, const char *what, uint64_t offset,
                        uint64_t count, uint64_t most, uint64_t entry, uint64_t wanted)
{
    if (count == 0)
        return true;
    if (entry != wanted)
        fail(file, "ELF header: size of a %s header: %llu: must be %llu", what, ULL(entry),
             ULL(wanted));
    else if (count > most)
        fail(file, "ELF header: number of %s headers: %llu: more than %llu", what, ULL(count),
             ULL(most));
    else if (!kp_inside(file->size, offset, count * entry))
        fail(file,
             "%s headers: %llu bytes at offset 0x%llx: beyond the end of the file (%llu bytes)",
             what, ULL(count * entry), ULL(offset), ULL(file->size));
    else
        return true;
    return false;
}

static bool corrupt(const struct elf_file *file, const char *what)
{
    const char *reason = elf_errmsg(-1);

    fail(file, "%s: corrupt: %s", what, reason != NULL ? reason : "unknown error");
    return false;
}

static bool read_segments(struct elf_file *file)
{
    const GElf_Ehdr *const header = &file->header;
    const uint64_t wanted = file->class == ELFCLASS64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
    size_t count;

    if (header->e_phnum != PN_XNUM && /* else the first section header has the number */
        !check_table(file, "program", header->e_phoff, header->e_phnum, ELF_SEGMENTS_MAX,
                     header->e_phentsize, wanted))
        return false;
    if (elf_getphdrnum(file->elf, &count) != 0)
        return corrupt(file, "program headers");
    if (!check_table(file, "program", header->e_phoff, count, ELF_SEGMENTS_MAX, header->e_phentsize,
                     wanted))
        return false;
    file->segments = file->call->host->alloc(file->call, (count + 1) * sizeof(*file->segments));
    if (file->segments == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        if (gelf_getphdr(file->elf, (int)i, &file->segments[i]) == NULL)
            return corrupt(file, "program headers");
    file->segment_count = count;
    return true;
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
    if (!check_table(file, "section", header->e_shoff, least, ELF_SECTIONS_MAX, header->e_shentsize,
                     wanted))
        return false;
    if (elf_getshdrnum(file->elf, &file->section_count) != 0)
        return corrupt(file, "section headers");
    return check_table(file, "section", header->e_shoff, file->section_count, ELF_SECTIONS_MAX,
                       header->e_shentsize, wanted);
}

bool elf_section(const struct elf_file *file, size_t index, GElf_Shdr *section)
{
    return gelf_getshdr(elf_getscn(file->elf, index), section) != NULL ||
           corrupt(file, "section headers");
}

bool elf_find_names(struct elf_file *file)
{
    GElf_Shdr names;
    size_t index;

    if (file->names != NULL)
        return true;
    if (elf_getshdrstrndx(file->elf, &index) != 0 ||
        gelf_getshdr(elf_getscn(file->elf, index), &names) == NULL)
        return corrupt(file, "names of the sections");
    if (names.sh_type != SHT_STRTAB || !kp_inside(file->size, names.sh_offset, names.sh_size)) {
        fail(file, "names of the sections: section %zu: no table of names in the file", index);
        return false;
    }
    file->names = (const char *)file->bytes + names.sh_offset;
    file->names_size = names.sh_size;
    return true;
}

const char *elf_section_name(const struct elf_file *file, const GElf_Shdr *section)
{
    const uint64_t at = section->sh_name;
    const uint64_t left = at < file->names_size ? file->names_size - at : 0;
    const size_t most = left < ELF_NAME_MAX ? (size_t)left : ELF_NAME_MAX;

    if (memchr(file->names + (left != 0 ? at : 0), '\0', most) != NULL)
        return file->names + at;
    fail(file, "names of the sections: name at 0x%llx: %s", ULL(at),
         left > most ? "too long" : "beyond the end of the table");
    return NULL;
}

const char *elf_arch_name(const struct elf_file *file)
{
    static const struct {
        uint16_t machine;
        uint8_t class;
        const char *name;
    } names[] = {
        {EM_386, ELFCLASS32, "i386"},
        {EM_X86_64, ELFCLASS64, "x86_64"},
        {EM_ARM, ELFCLASS32, "arm"},
        {EM_AARCH64, ELFCLASS64, "arm64"},
        {EM_RISCV, ELFCLASS32, "riscv32"},
        {EM_RISCV, ELFCLASS64, "riscv64"},
        {EM_MIPS, ELFCLASS32, "mips"},
        {EM_MIPS, ELFCLASS64, "mips64"},
        {EM_PPC, ELFCLASS32, "powerpc"},
        {EM_PPC64, ELFCLASS64, "ppc64"},
        {EM_SPARC, ELFCLASS32, "sparc"},
        {EM_SPARCV9, ELFCLASS64, "sparc64"},
        {EM_S390, ELFCLASS64, "s390x"},
        {EM_LOONGARCH, ELFCLASS64, "loongarch64"},
        {EM_LOONGARCH, ELFCLASS32, "loongarch32"},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].machine == file->header.e_machine && names[i].class == file->class)
            return names[i].name;
    return NULL;
}

bool elf_file_open(struct elf_file *file, struct kp_call *call, const struct kp_image *image,
                   const void *field)
{
    memset(file, 0, sizeof(*file));
    file->call = call;
    file->field = field;
    file->size = kp_size(call, image);
    file->bytes = kp_view(call, image);
    if (file->bytes == NULL)
        return false;
    elf_version(EV_CURRENT);
    /* Opened so, libelf reads the memory but never writes to it. */
    file->elf = elf_memory((char *)(uintptr_t)file->bytes, (size_t)file->size);
    if (file->elf == NULL || elf_kind(file->elf) != ELF_K_ELF ||
        gelf_getehdr(file->elf, &file->header) == NULL) {
        fail(file, "input: %llu bytes: not an ELF file, or cut short", ULL(file->size));
        return false;
    }
    file->class = gelf_getclass(file->elf);
    file->big_endian = file->header.e_ident[EI_DATA] == ELFDATA2MSB;
    return read_segments(file) && count_sections(file);
}

void elf_file_close(struct elf_file *file)
{
    elf_end(file->elf);
    file->elf = NULL;
}
