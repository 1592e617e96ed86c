/* SPDX-License-Identifier: BSD-3-Clause
 *
 * common/elf_flat.c - compares a boot binary with the ELF file that it was made of, and looks up
 * what the ELF file says about it (ELF specification: "Sections", "Symbol Table").
 */
#include "elf_flat.h"

#include <string.h>

#define ULL(x) ((unsigned long long)(x))

bool elf_need_symbols(const struct elf_file *file, const char *what, const char *hint,
                      struct elf_symbol *symbols, size_t count)
{
    char names[256] = "";
    size_t length = 0;

    if (!elf_find_symbols(file, symbols, count, NULL))
        return false;
    for (size_t i = 0; i < count && length < sizeof(names); i++)
        if (!symbols[i].found)
            length += (size_t)snprintf(names + length, sizeof(names) - length, "%s%s",
                                       length == 0 ? "" : ", ", symbols[i].name);
    if (length == 0)
        return true;
    kp_fail_at(file->call, file->field, hint, "%s: symbols %s: not in this ELF file", what, names);
    return false;
}

/* A section whose bytes objcopy puts into a flat image. */
static bool is_loaded(const GElf_Shdr *section)
{
    return (section->sh_flags & SHF_ALLOC) != 0 && section->sh_type != SHT_NOBITS &&
           section->sh_type != SHT_NULL && section->sh_size != 0;
}

const uint8_t *elf_bytes_at(const struct elf_file *file, uint64_t address, uint64_t length,
                            bool *whole)
{
    GElf_Shdr section;

    *whole = true;
    for (size_t i = 1; i < file->section_count; i++) {
        if (!elf_section(file, i, &section)) {
            *whole = false;
            return NULL;
        }
        if (is_loaded(&section) && address >= section.sh_addr &&
            kp_inside(section.sh_size, address - section.sh_addr, length) &&
            kp_inside(file->size, section.sh_offset, section.sh_size))
            return file->bytes + section.sh_offset + (address - section.sh_addr);
    }
    return NULL;
}

/* The end of the span that has `offset`; `offset` if there is none. */
static uint64_t skip(const struct elf_span *spans, uint64_t offset)
{
    for (; spans->length != 0; spans++)
        if (offset >= spans->offset && offset - spans->offset < spans->length)
            return spans->offset + spans->length;
    return offset;
}

/* The nearest span's begin behind `offset`, at most `end`. */
static uint64_t next(const struct elf_span *spans, uint64_t offset, uint64_t end)
{
    for (; spans->length != 0; spans++)
        if (spans->offset > offset && spans->offset < end)
            end = spans->offset;
    return end;
}

/* The first offset of the binary, from `at` to `end`, where it differs from `bytes`, which are
 * those from `at` on; `end` if it does not. */
static uint64_t difference(const uint8_t *flat, const uint8_t *bytes, uint64_t at, uint64_t end,
                           const struct elf_span *spans)
{
    const uint64_t first = at;

    while (at < end) {
        const uint64_t stop = next(spans, at, end);

        if (skip(spans, at) != at) {
            at = skip(spans, at);
            continue;
        }
        if (memcmp(flat + at, bytes + (at - first), (size_t)(stop - at)) != 0) {
            while (flat[at] == bytes[at - first])
                at++;
            return at;
        }
        at = stop;
    }
    return end;
}

bool elf_same_flat(struct elf_file *file, const char *what, const uint8_t *flat, uint64_t size,
                   uint64_t base, const struct elf_span *spans)
{
    static const char hint[] = "give the ELF file that the main input was made of by objcopy";
    char shown[ELF_NAME_SHOWN + 1];
    const uint8_t *bytes;
    const char *name;
    GElf_Shdr section;
    uint64_t at, end;

    if (!elf_find_names(file))
        return false;
    for (size_t i = 1; i < file->section_count; i++) {
        if (!elf_section(file, i, &section))
            return false;
        if (!is_loaded(&section))
            continue;
        name = elf_section_name(file, &section);
        bytes =
            name == NULL ? NULL : elf_section_bytes(file, name, section.sh_offset, section.sh_size);
        if (bytes == NULL)
            return false;
        at = section.sh_addr - base;
        if (section.sh_addr < base || !kp_inside(size, at, section.sh_size)) {
            kp_fail_at(
                file->call, file->field, hint,
                "%s: section '%s': %llu bytes at 0x%llx: the main input has 0x%llx to 0x%llx", what,
                elf_shown_name(name, shown), ULL(section.sh_size), ULL(section.sh_addr), ULL(base),
                ULL(base + size));
            return false;
        }
        end = at + section.sh_size;
        at = difference(flat, bytes, at, end, spans);
        if (at < end) {
            kp_fail_at(file->call, file->field, hint,
                       "%s: section '%s': the main input has 0x%02x at offset 0x%llx, this ELF "
                       "file 0x%02x",
                       what, elf_shown_name(name, shown), flat[at], ULL(at),
                       bytes[at - (section.sh_addr - base)]);
            return false;
        }
    }
    return true;
}
