/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/vmlinux/from_elf.c - adds the kernel's own symbols to an ELF file that was stripped of
 * its own, as x86's bzImage has it.
 *
 * Program headers, sections and all bytes stay where they are, also those behind the ELF file
 * (relocations for KASLR). Behind them follow symbols, the names of sections with two more, and
 * a new table of section headers; the old ones are left unused. A file without sections gets one
 * for each segment that is loaded. A file that has symbols passes unchanged.
 */
#include <stdlib.h>
#include <string.h>

#include "vmlinux.h"

#define NEW_SECTIONS 2u /* .symtab and .strtab */

struct stripped {
    struct elf_file elf;
    GElf_Shdr *sections; /* of the output */
    uint32_t count;
    uint32_t names_index;
};

static int by_address(const void *left, const void *right)
{
    const struct area *const a = left, *const b = right;

    if (a->address != b->address)
        return a->address < b->address ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

/* The segment that an offset of the file is loaded by gives addresses to all offsets. */
static bool find_delta(struct vmlinux *kernel, const struct elf_file *file)
{
    const uint64_t place = kernel->tables.token_table;

    for (size_t i = 0; i < file->segment_count; i++) {
        const GElf_Phdr *const segment = &file->segments[i];

        if (segment->p_type == PT_LOAD && place >= segment->p_offset &&
            place - segment->p_offset < segment->p_filesz) {
            kernel->base = segment->p_vaddr - segment->p_offset;
            return true;
        }
    }
    kp_fail_at(kernel->call, &kernel->params->symbols, "symbols: none does without",
               "kallsyms: tables at 0x%llx: in no segment that is loaded", ULL(place));
    return false;
}

/* The names that are added: offsets behind those that were there. */
static const char names[] = "\0.symtab\0.strtab\0.shstrtab\0.kernel\0.bss";
#define NAME_SYMTAB 1u
#define NAME_STRTAB 9u
#define NAME_SHSTRTAB 17u
#define NAME_KERNEL 27u
#define NAME_BSS 35u

static bool has_text(const struct vmlinux *kernel, const GElf_Phdr *segment)
{
    static const enum mark marks[] = {MARK_STEXT, MARK_SINITTEXT};

    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
        if (kernel->has_mark[marks[i]] &&
            kernel->marks[marks[i]] - segment->p_vaddr < segment->p_filesz)
            return true;
    return false;
}

/* One section for each segment that is loaded, and one for what it needs behind the file. x86's
 * segment of data has init text. */
static void sections_of_segments(const struct vmlinux *kernel, struct stripped *file)
{
    file->count = 1;
    for (size_t i = 0; i < file->elf.segment_count; i++) {
        const GElf_Phdr *const segment = &file->elf.segments[i];
        GElf_Shdr section = {
            .sh_name = NAME_KERNEL,
            .sh_type = SHT_PROGBITS,
            .sh_flags = SHF_ALLOC | (segment->p_flags & PF_W ? SHF_WRITE : 0u),
            .sh_addr = segment->p_vaddr,
            .sh_offset = segment->p_offset,
            .sh_size = segment->p_filesz,
            .sh_addralign = 1,
        };

        if (segment->p_type != PT_LOAD)
            continue;
        if ((segment->p_flags & PF_X) != 0 || has_text(kernel, segment))
            section.sh_flags |= SHF_EXECINSTR;
        if (segment->p_filesz != 0)
            file->sections[file->count++] = section;
        if (segment->p_memsz <= segment->p_filesz)
            continue;
        section.sh_name = NAME_BSS;
        section.sh_type = SHT_NOBITS;
        section.sh_flags = SHF_ALLOC | SHF_WRITE;
        section.sh_addr += segment->p_filesz;
        section.sh_offset += segment->p_filesz;
        section.sh_size = segment->p_memsz - segment->p_filesz;
        file->sections[file->count++] = section;
    }
    file->names_index = file->count++;
    file->sections[file->names_index] =
        (GElf_Shdr){.sh_name = NAME_SHSTRTAB, .sh_type = SHT_STRTAB, .sh_addralign = 1};
}

static bool read_sections(struct vmlinux *kernel, struct stripped *file)
{
    const size_t most = file->elf.section_count + 2 * file->elf.segment_count + 2 + NEW_SECTIONS;
    size_t index;

    file->sections = kernel->call->host->alloc(kernel->call, most * sizeof(*file->sections));
    if (file->sections == NULL)
        return false;
    if (file->elf.section_count == 0) {
        sections_of_segments(kernel, file);
        return true;
    }
    if (file->elf.section_count + NEW_SECTIONS >= SHN_LORESERVE) {
        kp_fail(kernel->call, "section headers: %zu: too many", file->elf.section_count);
        return false;
    }
    if (!elf_find_names(&file->elf))
        return false;
    for (size_t i = 0; i < file->elf.section_count; i++)
        if (!elf_section(&file->elf, i, &file->sections[i]))
            return false;
    file->count = (uint32_t)file->elf.section_count;
    elf_getshdrstrndx(file->elf.elf, &index); /* elf_find_names knows it is right */
    file->names_index = (uint32_t)index;
    return true;
}

/* Sections that are loaded and not empty. */
static bool find_areas(struct vmlinux *kernel, const struct stripped *file)
{
    kernel->areas = kernel->call->host->alloc(kernel->call, file->count * sizeof(struct area));
    if (kernel->areas == NULL)
        return false;
    for (uint32_t i = 1; i < file->count; i++) {
        const GElf_Shdr *const section = &file->sections[i];

        if ((section->sh_flags & SHF_ALLOC) != 0 && (section->sh_flags & SHF_TLS) == 0 &&
            section->sh_size != 0)
            kernel->areas[kernel->area_count++] = (struct area){.address = section->sh_addr,
                                                                .size = section->sh_size,
                                                                .flags = section->sh_flags,
                                                                .index = i};
    }
    qsort(kernel->areas, kernel->area_count, sizeof(*kernel->areas), by_address);
    return true;
}

/* The names of sections, and behind them the new ones. */
static bool append_names(struct vmlinux *kernel, struct stripped *file)
{
    struct kp_call *const call = kernel->call;
    GElf_Shdr *const section = &file->sections[file->names_index];
    const uint64_t old = file->elf.names_size;

    section->sh_offset = call->host->output_size(call, call->output);
    section->sh_size = old + sizeof(names);
    return (old == 0 || kp_append(call, file->elf.names, old) == KP_OK) &&
           kp_append(call, names, sizeof(names)) == KP_OK;
}

static bool append_sections(struct vmlinux *kernel, struct stripped *file, uint64_t *at)
{
    const uint32_t width = vmlinux_section_size(kernel);
    uint8_t *table;

    if (!vmlinux_align(kernel, 8, at))
        return false;
    table = kp_reserve(kernel->call, file->count * (uint64_t)width);
    for (uint32_t i = 0; table != NULL && i < file->count; i++)
        vmlinux_put_section(kernel, table + i * (uint64_t)width, &file->sections[i]);
    return table != NULL;
}

static bool add_symbols(struct vmlinux *kernel, struct stripped *file)
{
    struct symbol_sections symbols;

    if (!vmlinux_append_symbols(kernel, &symbols))
        return false;
    file->sections[file->count] = (GElf_Shdr){
        .sh_name = (uint32_t)file->elf.names_size + NAME_SYMTAB,
        .sh_type = SHT_SYMTAB,
        .sh_offset = symbols.symbols_at,
        .sh_size = symbols.symbols_size,
        .sh_link = file->count + 1,
        .sh_info = symbols.locals,
        .sh_addralign = kernel->word,
        .sh_entsize = kernel->word == 8 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym),
    };
    file->sections[file->count + 1] =
        (GElf_Shdr){.sh_name = (uint32_t)file->elf.names_size + NAME_STRTAB,
                    .sh_type = SHT_STRTAB,
                    .sh_offset = symbols.names_at,
                    .sh_size = symbols.names_size,
                    .sh_addralign = 1};
    file->count += NEW_SECTIONS;
    return append_names(kernel, file);
}

/* The header, with new places of the section headers; all else as it was. */
static int32_t write_file(struct vmlinux *kernel, struct stripped *file)
{
    struct kp_call *const call = kernel->call;
    const uint64_t size = kernel->word == 8 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
    uint8_t *const header = kp_reserve(call, size);
    uint64_t at;

    if (header == NULL)
        return KP_FAILED;
    memcpy(header, kernel->bytes, size);
    if (call->host->output_image(call, call->output, call->input, size, kernel->size - size) !=
            KP_OK ||
        !add_symbols(kernel, file) || !append_sections(kernel, file, &at))
        return KP_FAILED;
    vmlinux_put(kernel, header + (kernel->word == 8 ? 40 : 32), kernel->word, at);
    vmlinux_put(kernel, header + size - 6, 2, vmlinux_section_size(kernel));
    vmlinux_put(kernel, header + size - 4, 2, file->count);
    vmlinux_put(kernel, header + size - 2, 2, file->names_index);
    return KP_OK;
}

static int32_t pass_on(struct vmlinux *kernel)
{
    return kp_append_image(kernel->call, kernel->call->input);
}

static bool tables_fit(struct vmlinux *kernel)
{
    if ((kernel->tables.word == 0 || kernel->tables.word == kernel->word) &&
        kernel->tables.big_endian == kernel->big_endian)
        return true;
    kp_fail_at(kernel->call, &kernel->params->symbols, "symbols: none does without",
               "kallsyms: %u bits, %s endian: not what the ELF file is",
               (unsigned)(8 * kernel->tables.word), kernel->tables.big_endian ? "big" : "little");
    return false;
}

static int32_t add_found(struct vmlinux *kernel, struct stripped *file)
{
    if (!tables_fit(kernel) || !find_delta(kernel, &file->elf))
        return KP_FAILED;
    vmlinux_find_marks(kernel);
    if (!vmlinux_find_relative_base(kernel) || !read_sections(kernel, file) ||
        !find_areas(kernel, file))
        return KP_FAILED;
    return write_file(kernel, file);
}

int32_t vmlinux_from_elf(struct vmlinux *kernel)
{
    struct stripped file = {0};
    struct elf_symbol_table table;
    int32_t result = KP_FAILED;

    if (!elf_file_open(&file.elf, kernel->call, kernel->call->input, NULL) ||
        !elf_open_symbols(&file.elf, &table))
        goto out;
    kernel->word = file.elf.class == ELFCLASS64 ? 8 : 4;
    kernel->big_endian = file.elf.big_endian;
    kernel->machine = file.elf.header.e_machine;
    kernel->arch = elf_arch_name(&file.elf);
    if (kernel->arch != NULL && kernel->call->host->set_text(kernel->call, kernel->call->output,
                                                             KP_TRAIT_ARCH, kernel->arch) != KP_OK)
        goto out;
    if (table.section != 0) {
        kp_message(kernel->call, KP_NOTE, "the ELF file has %zu symbols: it is passed on as it is",
                   table.count);
        result = pass_on(kernel);
    } else if (vmlinux_find_tables(kernel)) {
        result = kernel->has_symbols ? add_found(kernel, &file) : pass_on(kernel);
    }
out:
    elf_file_close(&file.elf);
    return result;
}
