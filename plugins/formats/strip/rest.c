/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/strip/rest.c - places for the sections that no PT_LOAD has (all of an object file), and
 * the program headers that follow from where sections are: PT_GNU_RELRO, PT_NOTE and others
 * (binutils 2.40, assign_file_positions_for_non_load_sections and
 * assign_file_positions_except_relocs of bfd/elf.c).
 */
#include <string.h>

#include "strip.h"

/* --- sections in no PT_LOAD --- */

static void place_sections(struct strip *strip, uint64_t at)
{
    for (size_t i = 0; i < strip->kept_count; i++) {
        struct section *const section = strip->kept[i];
        GElf_Shdr *const out = &section->out;
        uint64_t alignment = out->sh_addralign;

        if (!strip->object && (out->sh_offset != 0 || is_nobits(section)))
            continue;
        if (!strip->object && is_allocated(section)) {
            if (strip->paged && out->sh_size != 0)
                alignment = strip->machine->most_page;
            at += bias(out->sh_addr, at, alignment);
        } else {
            at += bias(0, at, alignment);
        }
        out->sh_offset = at;
        if (!is_nobits(section))
            at += out->sh_size;
    }
    strip->end = at;
}

/* --- segments that follow from others --- */

static uint64_t last_address(const struct segment *map)
{
    const struct section *const last = map->sections[map->count - 1];
    const bool tbss = is_tls(last) && !is_loaded(&last->in);

    return last->in.sh_addr + (tbss ? 0 : last->in.sh_size);
}

/* From the first section in it to its old end, but not beyond what the file has. */
static bool place_relro_in(struct segment *map, const struct segment *load, uint64_t start,
                           uint64_t end)
{
    GElf_Phdr *const out = &map->out;
    const uint64_t loaded = load->out.p_vaddr + load->out.p_filesz;

    for (size_t i = 0; i < load->count; i++) {
        const struct section *const section = load->sections[i];

        if (section->in.sh_addr < start || section->in.sh_addr >= end || section->in.sh_size == 0)
            continue;
        out->p_vaddr = section->in.sh_addr;
        out->p_paddr = section->lma;
        out->p_offset = section->out.sh_offset;
        out->p_memsz = end - out->p_vaddr;
        out->p_filesz = out->p_memsz;
        if (out->p_filesz > loaded - out->p_vaddr)
            out->p_filesz = loaded - out->p_vaddr;
        return true;
    }
    return false;
}

static void place_relro(struct strip *strip, struct segment *map)
{
    const uint64_t start = map->count != 0 ? map->sections[0]->in.sh_addr : 0;
    const uint64_t end = map->count != 0 ? start + map->in->p_memsz : 0;

    for (size_t i = 0; start < end && i < strip->elf.segment_count; i++) {
        const struct segment *const load = &strip->segments[i];

        if (load->in->p_type != PT_LOAD || load->count == 0 || last_address(load) <= start ||
            load->sections[0]->in.sh_addr >= end)
            continue;
        if (place_relro_in(map, load, start, end))
            return;
        break;
    }
    memset(&map->out, 0, sizeof(map->out));
}

static bool place_other(struct strip *strip, struct segment *map)
{
    GElf_Phdr *const out = &map->out;

    if (map->has_file_header || map->has_headers)
        return strip_refuse_segment(strip, map,
                                    "it covers headers and sections, but is not loaded");
    out->p_filesz = 0;
    out->p_offset = map->sections[0]->out.sh_offset;
    for (size_t i = map->count; i-- > 0;) {
        const struct section *const section = map->sections[i];

        if (is_nobits(section))
            continue;
        out->p_filesz = section->out.sh_offset - out->p_offset + section->out.sh_size;
        if (out->p_type == PT_NOTE && is_allocated(section))
            out->p_memsz = out->p_filesz;
        break;
    }
    return true;
}

bool strip_place_rest(struct strip *strip, uint64_t at)
{
    place_sections(strip, at);
    for (size_t i = 0; i < strip->elf.segment_count && !strip->object; i++) {
        struct segment *const map = &strip->segments[i];

        if (map->out.p_type == PT_GNU_RELRO)
            place_relro(strip, map);
        else if (map->out.p_type == PT_GNU_STACK)
            map->out.p_memsz = map->in->p_memsz;
        else if (map->out.p_type != PT_LOAD && map->out.p_type != PT_PHDR && map->count != 0 &&
                 !place_other(strip, map))
            return false;
    }
    return true;
}
