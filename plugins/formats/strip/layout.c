/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/strip/layout.c - where the sections of loaded segments stand in the result, and these
 * segments' program headers (binutils 2.40, assign_file_positions_for_load_sections of bfd/elf.c,
 * for segments that were taken over from an input).
 *
 * Segments are laid out in the order of their load addresses, each at an offset that fits its
 * address. Sums wrap as BFD's do, and what comes out at a place that no file has is refused at the
 * end.
 */
#include <stdlib.h>
#include <string.h>

#include "strip.h"

struct layout {
    struct strip *strip;
    struct segment **order;
    size_t count;
    const struct segment *with_headers; /* the PT_LOAD that holds the program headers */
    uint64_t headers_size;              /* of the program headers */
    uint64_t file_header_size;
    uint64_t page; /* the latest PT_LOAD's alignment */
    uint64_t at;   /* the next free offset */
};

bool strip_refuse_segment(struct strip *strip, const struct segment *map, const char *why)
{
    kp_fail(strip->call, "program header %zu: %s: objcopy does not write it",
            (size_t)(map - strip->segments), why);
    return false;
}

/* --- the order of segments: elf_sort_segments --- */

static uint64_t lowest_lma(const struct segment *map)
{
    if (map->keep_paddr)
        return map->in->p_paddr;
    return map->count != 0 ? map->sections[0]->lma + map->before : 0;
}

static int by_lma(const void *left, const void *right)
{
    const struct segment *const a = *(const struct segment *const *)left;
    const struct segment *const b = *(const struct segment *const *)right;

    if (a->in->p_type != b->in->p_type) {
        if (a->in->p_type == PT_NULL || b->in->p_type == PT_NULL)
            return a->in->p_type == PT_NULL ? 1 : -1;
        return a->in->p_type < b->in->p_type ? -1 : 1;
    }
    if (a->has_file_header != b->has_file_header)
        return a->has_file_header ? -1 : 1;
    if (a->in->p_type == PT_LOAD && lowest_lma(a) != lowest_lma(b))
        return lowest_lma(a) < lowest_lma(b) ? -1 : 1;
    return a < b ? -1 : a > b;
}

static bool sort(struct layout *layout)
{
    struct strip *const strip = layout->strip;
    const bool wide = strip->elf.class == ELFCLASS64;

    layout->count = strip->elf.segment_count;
    layout->order =
        strip->call->host->alloc(strip->call, (layout->count + 1) * sizeof(*layout->order));
    if (layout->order == NULL)
        return false;
    for (size_t i = 0; i < layout->count; i++)
        layout->order[i] = &strip->segments[i];
    qsort(layout->order, layout->count, sizeof(*layout->order), by_lma);
    for (size_t i = 0; i < layout->count && layout->with_headers == NULL; i++) {
        if (layout->order[i]->in->p_type != PT_LOAD)
            break;
        if (layout->order[i]->has_headers)
            layout->with_headers = layout->order[i];
    }
    layout->file_header_size = strip->elf.header.e_ehsize;
    layout->headers_size = layout->count * (wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr));
    layout->page = strip->paged ? strip->machine->most_page : 1;
    layout->at = layout->file_header_size;
    if (layout->with_headers == NULL)
        layout->at += layout->headers_size;
    strip->headers_at = layout->file_header_size;
    return true;
}

/* --- one segment --- */

static void begin(struct layout *layout, struct segment *map)
{
    GElf_Phdr *const out = &map->out;

    out->p_type = map->in->p_type;
    out->p_flags = map->in->p_flags;
    out->p_align = map->in->p_align;
    out->p_vaddr = map->before;
    out->p_paddr = 0;
    if (map->count != 0) {
        out->p_vaddr += map->sections[0]->in.sh_addr;
        out->p_paddr = map->sections[0]->lma + map->before;
    }
    if (map->keep_paddr)
        out->p_paddr = map->in->p_paddr;
    if (out->p_type == PT_LOAD && layout->strip->paged)
        layout->page = out->p_align;
    if (map != layout->with_headers)
        return;
    if (!map->has_file_header)
        out->p_offset = layout->at;
    layout->at += layout->headers_size;
}

/* A PT_LOAD begins at an offset that fits its address. One without contents takes no room: what
 * is added for it is returned, to be taken back behind it. */
static uint64_t align_load(struct layout *layout, struct segment *map, bool *empty)
{
    const uint64_t gap = bias(map->out.p_vaddr, layout->at, map->out.p_align);

    *empty = true;
    for (size_t i = 0; i < map->count; i++)
        *empty = *empty && is_nobits(map->sections[i]);
    layout->at += gap;
    return *empty ? gap : 0;
}

static bool place_file_header(struct layout *layout, struct segment *map)
{
    GElf_Phdr *const out = &map->out;

    out->p_filesz = layout->file_header_size;
    out->p_memsz = layout->file_header_size;
    if (out->p_type == PT_LOAD) {
        if (map->count == 0)
            return true;
        if (out->p_vaddr < layout->at || (!map->keep_paddr && out->p_paddr < layout->at))
            return strip_refuse_segment(layout->strip, map, "no room for the headers");
        out->p_vaddr -= layout->at;
        if (!map->keep_paddr)
            out->p_paddr -= layout->at;
    } else if (layout->order[0]->has_file_header) {
        out->p_vaddr = layout->order[0]->out.p_vaddr;
        if (!map->keep_paddr)
            out->p_paddr = layout->order[0]->out.p_paddr;
    }
    return true;
}

static void place_headers(struct layout *layout, struct segment *map)
{
    const struct segment *const load = layout->with_headers;
    GElf_Phdr *const out = &map->out;
    uint64_t behind = 0;

    out->p_filesz += layout->headers_size;
    out->p_memsz += layout->headers_size;
    if (map->has_file_header)
        return;
    if (out->p_type == PT_LOAD) {
        layout->strip->headers_at = out->p_offset;
        if (map->count == 0)
            return;
        out->p_vaddr -= layout->at - out->p_offset;
        if (!map->keep_paddr)
            out->p_paddr -= layout->at - out->p_offset;
    } else if (load != NULL) {
        behind = load->has_file_header ? layout->file_header_size : 0;
        out->p_vaddr = load->out.p_vaddr + behind;
        if (!map->keep_paddr)
            out->p_paddr = load->out.p_paddr + behind;
        out->p_offset = load->out.p_offset + behind;
    } else {
        out->p_offset = layout->file_header_size;
    }
}

static void place_load(struct layout *layout, struct segment *map, bool empty)
{
    GElf_Phdr *const out = &map->out;
    uint64_t page = layout->page > out->p_align ? layout->page : out->p_align;
    uint64_t gap;

    if (map->has_file_header || map->has_headers) {
        gap = layout->at - (out->p_offset + out->p_filesz);
        out->p_filesz += empty ? 0 : gap;
        out->p_memsz += gap;
        return;
    }
    page = page != 0 ? page : 1;
    out->p_offset = empty ? layout->at % page : layout->at;
}

/* A section's distance from what is before it in the segment, in memory and in the file.
 * *spare is what an empty segment's sections took of the file. */
static void add_gap(struct layout *layout, struct segment *map, struct section *section, bool first,
                    uint64_t *spare)
{
    GElf_Phdr *const out = &map->out;
    const uint64_t end = out->p_paddr + out->p_memsz;
    uint64_t gap = section->lma - end;

    if (gap != 0 && (section->lma < end || end < out->p_paddr)) {
        section->lma = end;
        gap = 0;
    }
    out->p_memsz += gap;
    if (out->p_type == PT_LOAD) {
        if (!is_nobits(section)) {
            *spare = 0;
            if (out->p_filesz + gap < out->p_memsz) /* sections without contents come before */
                gap = out->p_memsz - out->p_filesz;
        }
        if (!is_nobits(section) || first) {
            layout->at += gap;
            *spare += is_nobits(section) ? gap : 0;
        }
    }
    if (!is_nobits(section))
        out->p_filesz += gap;
}

static void place_section(struct layout *layout, struct segment *map, struct section *section)
{
    GElf_Phdr *const out = &map->out;

    if (out->p_type == PT_LOAD) {
        section->out.sh_offset = layout->at;
        if (!is_nobits(section))
            layout->at += section->out.sh_size;
    } else if (is_nobits(section) && is_tls(section) && section->out.sh_offset == 0) {
        section->out.sh_offset =
            layout->at + bias(section->out.sh_addr, layout->at, section->alignment);
    }
    if (!is_nobits(section))
        out->p_filesz += section->out.sh_size;
    /* .tbss takes room in PT_TLS alone. */
    if (is_allocated(section) && (!is_nobits(section) || out->p_type == PT_TLS || !is_tls(section)))
        out->p_memsz += section->out.sh_size;
}

static bool prepare(struct layout *layout, struct segment *map)
{
    if (map->out.p_type == PT_DYNAMIC && map->count > 1 &&
        strcmp(map->sections[0]->name, ".dynamic") != 0)
        return strip_refuse_segment(layout->strip, map, "its first section is not '.dynamic'");
    for (size_t i = 0; i < map->count && map->out.p_type == PT_NOTE; i++)
        map->sections[i]->out.sh_type = SHT_NOTE;
    return true;
}

static bool place_segment(struct layout *layout, struct segment *map)
{
    const uint32_t type = map->in->p_type;
    uint64_t spare = 0;
    bool empty = false;

    begin(layout, map);
    if (type == PT_LOAD && map->count > 0)
        spare = align_load(layout, map, &empty);
    else if (!prepare(layout, map))
        return false;
    if (map->has_file_header && !place_file_header(layout, map))
        return false;
    if (map->has_headers)
        place_headers(layout, map);
    if (type == PT_LOAD)
        place_load(layout, map, empty);
    for (size_t i = 0; i < map->count; i++) {
        struct section *const section = map->sections[i];
        const bool in_memory =
            !is_nobits(section) || (is_allocated(section) && (!is_tls(section) || type == PT_TLS));

        if ((type == PT_LOAD || type == PT_TLS) && in_memory)
            add_gap(layout, map, section, i == 0, &spare);
        place_section(layout, map, section);
    }
    layout->at -= spare;
    if (type == PT_PHDR && layout->with_headers == NULL)
        return strip_refuse_segment(layout->strip, map, "the program headers are not loaded");
    return true;
}

bool strip_place(struct strip *strip)
{
    struct layout layout = {.strip = strip};

    if (strip->object)
        return strip_place_rest(strip, strip->elf.header.e_ehsize);
    if (!sort(&layout))
        return false;
    for (size_t i = 0; i < layout.count; i++)
        if (!place_segment(&layout, layout.order[i]))
            return false;
    return strip_place_rest(strip, layout.at);
}
