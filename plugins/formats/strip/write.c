/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/strip/write.c - the result: the ELF header, program headers, slices of the input, the
 * names of the sections and their headers, with zeros between (binutils 2.40,
 * _bfd_elf_assign_file_positions_for_non_load of bfd/elf.c, elf_swap_*_out of bfd/elfcode.h).
 */
#include <stdlib.h>
#include <string.h>

#include "strip.h"

/* Headers in the file's class and byte order, field by field. */
struct writer {
    uint8_t *at;
    bool wide;
    bool big_endian;
};

static void put16(struct writer *writer, uint64_t value)
{
    (writer->big_endian ? kp_put_be16 : kp_put_le16)(writer->at, (uint16_t)value);
    writer->at += 2;
}

static void put32(struct writer *writer, uint64_t value)
{
    (writer->big_endian ? kp_put_be32 : kp_put_le32)(writer->at, (uint32_t)value);
    writer->at += 4;
}

/* An address, an offset or a size; in 32-bit files it is cut, as BFD does. */
static void put(struct writer *writer, uint64_t value)
{
    if (!writer->wide) {
        put32(writer, value);
        return;
    }
    (writer->big_endian ? kp_put_be64 : kp_put_le64)(writer->at, value);
    writer->at += 8;
}

static uint64_t section_header_size(const struct strip *strip)
{
    return strip->elf.class == ELFCLASS64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
}

static void put_file_header(const struct strip *strip, struct writer *writer)
{
    const GElf_Ehdr *const in = &strip->elf.header;

    memcpy(writer->at, in->e_ident, EI_PAD);
    writer->at[EI_VERSION] = EV_CURRENT;
    writer->at += EI_NIDENT;
    put16(writer, in->e_type);
    put16(writer, in->e_machine);
    put32(writer, EV_CURRENT);
    put(writer, in->e_entry);
    put(writer, strip->object ? 0 : strip->headers_at);
    put(writer, strip->end);
    put32(writer, in->e_flags);
    put16(writer, in->e_ehsize);
    put16(writer, strip->object ? 0 : in->e_phentsize);
    put16(writer, strip->elf.segment_count);
    put16(writer, section_header_size(strip));
    put16(writer, strip->kept_count + 2);
    put16(writer, strip->kept_count + 1);
}

static void put_segment(struct writer *writer, const GElf_Phdr *segment)
{
    put32(writer, segment->p_type);
    if (writer->wide)
        put32(writer, segment->p_flags);
    put(writer, segment->p_offset);
    put(writer, segment->p_vaddr);
    put(writer, segment->p_paddr);
    put(writer, segment->p_filesz);
    put(writer, segment->p_memsz);
    if (!writer->wide)
        put32(writer, segment->p_flags);
    put(writer, segment->p_align);
}

static void put_section(struct writer *writer, const GElf_Shdr *section)
{
    put32(writer, section->sh_name);
    put32(writer, section->sh_type);
    put(writer, section->sh_flags);
    put(writer, section->sh_addr);
    put(writer, section->sh_offset);
    put(writer, section->sh_size);
    put32(writer, section->sh_link);
    put32(writer, section->sh_info);
    put(writer, section->sh_addralign);
    put(writer, section->sh_entsize);
}

/* A writer on `size` new bytes of the output; false after reporting. */
static bool reserve(const struct strip *strip, struct writer *writer, uint64_t size)
{
    writer->at = kp_reserve(strip->call, size);
    writer->wide = strip->elf.class == ELFCLASS64;
    writer->big_endian = strip->elf.big_endian;
    return writer->at != NULL;
}

static bool write_segments(const struct strip *strip, uint64_t size)
{
    struct writer writer;

    if (!reserve(strip, &writer, size))
        return false;
    for (size_t i = 0; i < strip->elf.segment_count; i++)
        put_segment(&writer, &strip->segments[i].out);
    return true;
}

static bool write_sections(const struct strip *strip)
{
    const uint64_t size = (strip->kept_count + 2) * section_header_size(strip);
    const GElf_Shdr names = {.sh_name = strip->names_name,
                             .sh_type = SHT_STRTAB,
                             .sh_offset = strip->names_at,
                             .sh_size = strip->names_size,
                             .sh_addralign = 1};
    struct writer writer;

    if (!reserve(strip, &writer, size))
        return false;
    writer.at += section_header_size(strip); /* the first one is empty */
    for (size_t i = 0; i < strip->kept_count; i++)
        put_section(&writer, &strip->kept[i]->out);
    put_section(&writer, &names);
    return true;
}

/* --- pieces by their offsets --- */

/* Of the result: a slice of the input, or the program headers. */
struct piece {
    uint64_t at;
    uint64_t size;
    const struct section *section; /* NULL: the program headers */
};

static int by_offset(const void *left, const void *right)
{
    const struct piece *const a = left;
    const struct piece *const b = right;

    return (a->at > b->at) - (a->at < b->at);
}

static struct piece *list_pieces(const struct strip *strip, size_t *count)
{
    struct piece *const pieces =
        strip->call->host->alloc(strip->call, (strip->kept_count + 1) * sizeof(*pieces));

    *count = 0;
    if (pieces == NULL)
        return NULL;
    if (strip->elf.segment_count != 0)
        pieces[(*count)++] = (struct piece){
            strip->headers_at,
            strip->elf.segment_count *
                (strip->elf.class == ELFCLASS64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr)),
            NULL};
    for (size_t i = 0; i < strip->kept_count; i++) {
        const struct section *const section = strip->kept[i];

        if (section->in.sh_type != SHT_NOBITS && section->out.sh_size != 0)
            pieces[(*count)++] =
                (struct piece){section->out.sh_offset, section->out.sh_size, section};
    }
    qsort(pieces, *count, sizeof(*pieces), by_offset);
    return pieces;
}

static bool fill_to(const struct strip *strip, uint64_t at)
{
    const uint64_t done = strip->call->host->output_size(strip->call, strip->call->output);

    if (at < done) {
        kp_fail(strip->call, "sections: at 0x%llx of the result: they would overlap", ULL(at));
        return false;
    }
    return at == done || kp_append_fill(strip->call, 0, at - done) == KP_OK;
}

static bool write_piece(const struct strip *strip, const struct piece *piece)
{
    struct kp_call *const call = strip->call;

    if (!fill_to(strip, piece->at))
        return false;
    if (piece->section == NULL)
        return write_segments(strip, piece->size);
    return call->host->output_image(call, call->output, call->input, piece->section->in.sh_offset,
                                    piece->size) == KP_OK;
}

/* The names follow the last section, and the headers them. */
static bool place_tables(struct strip *strip)
{
    const bool wide = strip->elf.class == ELFCLASS64;
    uint64_t size;

    strip->names_at = strip->end;
    if (!kp_add(strip->end, strip->names_size, &size) ||
        !kp_align(size, wide ? 8 : 4, &strip->end) ||
        !kp_add(strip->end, (strip->kept_count + 2) * section_header_size(strip), &size))
        size = UINT64_MAX;
    if (size <= strip->elf.size + STRIP_GROWTH_MAX && (wide || size <= UINT32_MAX))
        return true;
    kp_fail(strip->call,
            "program headers: offsets that fit their addresses: the result would be %llu bytes, "
            "of %llu",
            ULL(size), ULL(strip->elf.size));
    return false;
}

int32_t strip_write(struct strip *strip)
{
    const struct piece *pieces;
    struct writer writer;
    size_t count;

    if (!place_tables(strip) || !reserve(strip, &writer, strip->elf.header.e_ehsize))
        return KP_FAILED;
    put_file_header(strip, &writer);
    pieces = list_pieces(strip, &count);
    if (pieces == NULL)
        return KP_FAILED;
    for (size_t i = 0; i < count; i++)
        if (!write_piece(strip, &pieces[i]))
            return KP_FAILED;
    if (!fill_to(strip, strip->names_at) ||
        kp_append(strip->call, strip->names, strip->names_size) != KP_OK ||
        !fill_to(strip, strip->end) || !write_sections(strip))
        return KP_FAILED;
    return KP_OK;
}
