/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/strip/segments.c - which sections are in which segment, and what of the program headers
 * is taken over (binutils 2.40, copy_private_bfd_data and copy_elf_program_header of bfd/elf.c).
 *
 * Only where no section that a segment covers is removed: BFD then makes the program headers anew
 * (rewrite_elf_program_header), which is not done here.
 */
#include <stdlib.h>
#include <string.h>

#include "strip.h"

static bool check_removed(struct strip *strip)
{
    for (size_t i = 0; i < strip->elf.segment_count; i++) {
        const GElf_Phdr *const segment = &strip->elf.segments[i];

        if (segment->p_paddr == 0 && segment->p_memsz == 0 &&
            (segment->p_type == PT_INTERP || segment->p_type == PT_DYNAMIC)) {
            kp_fail(strip->call,
                    "program header %zu: without an address, as of Solaris: not handled", i);
            return false;
        }
        for (size_t k = 0; k < strip->count; k++)
            if (strip->sections[k].number == 0 && elf_in_segment(&strip->sections[k].in, segment))
                return strip_refuse(strip, &strip->sections[k],
                                    "part of a segment: removing such is not handled");
    }
    return true;
}

/* BFD adds a segment for some sections, here where there is none. */
static bool check_needed(struct strip *strip)
{
    const struct machine *const machine = strip->machine;
    struct section *const section =
        machine->needs_by != NULL ? strip_find(strip, machine->needs_by) : NULL;

    if (section == NULL || (machine->number == EM_ARM && !is_loaded(&section->in)))
        return true;
    for (size_t i = 0; i < strip->elf.segment_count; i++)
        if (strip->elf.segments[i].p_type == machine->needs_type)
            return true;
    return strip_refuse(strip, section, "without a segment of its own: not handled");
}

/* Not in memory, with contents, last among those at an address. */
static bool comes_last(const struct section *section)
{
    return !is_loaded(&section->in) && (section->in.sh_flags & SHF_TLS) == 0 &&
           section->in.sh_size != 0;
}

static uint64_t loaded_size(const struct section *section)
{
    return is_loaded(&section->in) ? section->in.sh_size : 0;
}

/* elf_sort_sections */
static int by_address(const void *left, const void *right)
{
    const struct section *const a = *(const struct section *const *)left;
    const struct section *const b = *(const struct section *const *)right;

    if (a->lma != b->lma)
        return a->lma < b->lma ? -1 : 1;
    if (a->in.sh_addr != b->in.sh_addr)
        return a->in.sh_addr < b->in.sh_addr ? -1 : 1;
    if (comes_last(a) != comes_last(b))
        return comes_last(a) ? 1 : -1;
    if (loaded_size(a) != loaded_size(b))
        return loaded_size(a) < loaded_size(b) ? -1 : 1;
    return a < b ? -1 : a > b;
}

/* p_paddr is believed as long as it agrees with the sections' load addresses. */
static bool agrees(const struct segment *map, const struct section *section)
{
    const uint64_t offset = is_loaded(&section->in) ? section->in.sh_offset - map->in->p_offset
                                                    : section->in.sh_addr - map->in->p_vaddr;

    return section->lma - map->in->p_paddr == offset;
}

/* How far the segment begins before its first section, which the headers in it are not. */
static void measure(const struct strip *strip, struct segment *map)
{
    const GElf_Ehdr *const header = &strip->elf.header;
    const struct section *lowest = NULL;
    uint64_t size = 0;

    for (size_t i = 0; i < map->count; i++) {
        const struct section *const section = map->sections[i];

        if ((section->in.sh_flags & SHF_ALLOC) == 0)
            continue;
        if (lowest == NULL || section->lma < lowest->lma)
            lowest = section;
        map->keep_paddr = map->keep_paddr && agrees(map, section);
    }
    if (map->count == 0)
        map->before = map->in->p_vaddr;
    if (map->count == 0 || !map->keep_paddr)
        return;
    if (map->has_file_header)
        size += header->e_ehsize;
    if (map->has_headers)
        size += (uint64_t)header->e_phnum * header->e_phentsize;
    map->before = map->in->p_paddr + size - (lowest != NULL ? lowest->lma : 0);
}

/* Which of the headers the segment covers; only one PT_LOAD is credited with the program's. */
static void find_headers(const struct strip *strip, struct segment *map, bool *credited)
{
    const GElf_Ehdr *const header = &strip->elf.header;
    const GElf_Phdr *const in = map->in;
    const uint64_t end = header->e_phoff + (uint64_t)header->e_phnum * header->e_phentsize;

    map->has_file_header = in->p_offset == 0 && in->p_filesz >= header->e_ehsize;
    if (*credited && in->p_type == PT_LOAD)
        return;
    map->has_headers = in->p_offset <= header->e_phoff && in->p_offset + in->p_filesz >= end;
    *credited = *credited || (in->p_type == PT_LOAD && map->has_headers);
}

/* BFD does not let sections into PT_LOAD that are not loaded, nor those that a linker leaves out. */
static bool may_stay(const struct segment *map, const struct section *section)
{
    return (section->in.sh_flags & SHF_EXCLUDE) == 0 &&
           ((section->in.sh_flags & SHF_ALLOC) != 0 || map->in->p_type != PT_LOAD);
}

static void settle(struct segment *map)
{
    size_t count = 0;

    for (size_t i = 0; i < map->count; i++)
        if (may_stay(map, map->sections[i]))
            map->sections[count++] = map->sections[i];
    map->count = count;
    if (count > 1)
        qsort(map->sections, count, sizeof(*map->sections), by_address);
}

static bool fill(struct strip *strip, struct segment *map, size_t *used)
{
    map->sections = strip->members + *used;
    for (size_t i = 0; i < strip->kept_count; i++) {
        if (!elf_in_segment(&strip->kept[i]->in, map->in))
            continue;
        if (*used == STRIP_MEMBERS_MAX)
            return strip_refuse(strip, strip->kept[i], "in too many segments");
        strip->members[(*used)++] = strip->kept[i];
        map->count++;
    }
    return true;
}

/* At most that many members, without a pass to count them where they are few. */
static bool make_room(struct strip *strip)
{
    const uint64_t most = (uint64_t)strip->kept_count * strip->elf.segment_count;
    const uint64_t room = most < STRIP_MEMBERS_MAX ? most : STRIP_MEMBERS_MAX;
    const struct kp_host *const host = strip->call->host;

    strip->members = host->alloc(strip->call, (room + 1) * sizeof(*strip->members));
    strip->segments =
        host->alloc(strip->call, (strip->elf.segment_count + 1) * sizeof(*strip->segments));
    return strip->members != NULL && strip->segments != NULL;
}

bool strip_map(struct strip *strip)
{
    bool credited = false, any_paddr = false;
    size_t used = 0;

    if (strip->object)
        return true;
    if (!check_removed(strip) || !check_needed(strip) || !make_room(strip))
        return false;
    for (size_t i = 0; i < strip->elf.segment_count; i++)
        any_paddr = any_paddr || strip->elf.segments[i].p_paddr != 0;
    for (size_t i = 0; i < strip->elf.segment_count; i++) {
        struct segment *const map = &strip->segments[i];

        map->in = &strip->elf.segments[i];
        map->keep_paddr = any_paddr;
        find_headers(strip, map, &credited);
        if (!fill(strip, map, &used))
            return false;
        measure(strip, map);
        settle(map);
    }
    return true;
}
