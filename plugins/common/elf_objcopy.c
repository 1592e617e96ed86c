/* SPDX-License-Identifier: BSD-3-Clause
 *
 * common/elf_objcopy.c - rules of objcopy of GNU binutils 2.40 that several plugins follow: which
 * sections a pattern means (its binutils/objcopy.c), which segment a section belongs to
 * (include/elf/internal.h) and to which address it is loaded (bfd/elf.c).
 *
 * Sums wrap here as they do in BFD: kernels' addresses lie at the top of the address space.
 */
#include <fnmatch.h>

#include "elf.h"

/* The segment types that hold allocated sections only. */
#define MBIND_LOW 0x6474e555u
#define MBIND_HIGH 0x6474f554u
#define GNU_SFRAME 0x6474e554u

bool elf_matches(const struct kp_list *patterns, const char *name)
{
    const struct kp_text *const items = patterns->items;
    bool found = false;

    for (uint64_t i = 0; i < patterns->count; i++) {
        const char *const pattern = items[i].bytes;

        if (pattern[0] == '!' && fnmatch(pattern + 1, name, 0) == 0)
            return false;
        found = found || (pattern[0] != '!' && fnmatch(pattern, name, 0) == 0);
    }
    return found;
}

/* Thread-local data is in PT_TLS and may be in what covers it; nothing else is in PT_TLS. */
static bool type_fits(const GElf_Shdr *section, const GElf_Phdr *segment)
{
    const uint32_t type = segment->p_type;

    if ((section->sh_flags & SHF_TLS) != 0) {
        if (type != PT_TLS && type != PT_GNU_RELRO && type != PT_LOAD)
            return false;
    } else if (type == PT_TLS || type == PT_PHDR) {
        return false;
    }
    if ((section->sh_flags & SHF_ALLOC) != 0)
        return true;
    return type != PT_LOAD && type != PT_DYNAMIC && type != PT_GNU_EH_FRAME &&
           type != PT_GNU_STACK && type != PT_GNU_RELRO && type != GNU_SFRAME &&
           !(type >= MBIND_LOW && type <= MBIND_HIGH);
}

/* `size` bytes at `start` end within the `room` bytes from `base`. */
static bool within(uint64_t base, uint64_t room, uint64_t start, uint64_t size)
{
    return start >= base && start - base + size <= room;
}

/* `start` lies behind the first of the `room` bytes from `base`. */
static bool inside(uint64_t base, uint64_t room, uint64_t start)
{
    return start > base && start - base < room;
}

bool elf_in_segment(const GElf_Shdr *section, const GElf_Phdr *segment)
{
    const bool contents = section->sh_type != SHT_NOBITS;
    const bool allocated = (section->sh_flags & SHF_ALLOC) != 0;
    /* .tbss takes no room outside of its PT_TLS. */
    const bool tbss = (section->sh_flags & SHF_TLS) != 0 && !contents && segment->p_type != PT_TLS;
    const uint64_t size = tbss ? 0 : section->sh_size;

    if (!type_fits(section, segment))
        return false;
    if (contents && !within(segment->p_offset, segment->p_filesz, section->sh_offset, size))
        return false;
    if (allocated && !within(segment->p_vaddr, segment->p_memsz, section->sh_addr, size))
        return false;
    if ((segment->p_type != PT_DYNAMIC && segment->p_type != PT_NOTE) || section->sh_size != 0 ||
        segment->p_memsz == 0)
        return true;
    /* An empty section at one of their borders belongs to what is next to them. */
    return (!contents || inside(segment->p_offset, segment->p_filesz, section->sh_offset)) &&
           (!allocated || inside(segment->p_vaddr, segment->p_memsz, section->sh_addr));
}

bool elf_paddr_unset(const struct elf_file *file)
{
    size_t loads = 0;

    for (size_t i = 0; i < file->segment_count; i++) {
        const GElf_Phdr *const segment = &file->segments[i];

        if (segment->p_paddr != 0)
            return false;
        loads += segment->p_type == PT_LOAD && segment->p_memsz != 0;
    }
    return loads > 1; /* one at 0 is believed; several cannot all be there */
}

uint64_t elf_load_address(const struct elf_file *file, const GElf_Shdr *section)
{
    const bool tls = (section->sh_flags & SHF_TLS) != 0;
    uint64_t address = section->sh_addr;

    for (size_t i = 0; i < file->segment_count; i++) {
        const GElf_Phdr *const segment = &file->segments[i];

        if (!(segment->p_type == PT_TLS || (segment->p_type == PT_LOAD && !tls)) ||
            !elf_in_segment(section, segment))
            continue;
        address = section->sh_type == SHT_NOBITS
                      ? segment->p_paddr + (section->sh_addr - segment->p_vaddr)
                      : segment->p_paddr + (section->sh_offset - segment->p_offset);
        if (section->sh_addr >= segment->p_vaddr &&
            section->sh_addr + section->sh_size <= segment->p_vaddr + segment->p_memsz)
            break;
    }
    return address;
}
