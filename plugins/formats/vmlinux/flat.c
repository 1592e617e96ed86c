/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/vmlinux/flat.c - an ELF file around a flat kernel: one segment with all its bytes and what
 * it needs behind them, and sections over it as far as symbols tell where text is.
 *
 * Addresses are those of the kernel's own linker scripts, arch/.../kernel/vmlinux.lds.S: entry and
 * physical addresses differ between architectures.
 */
#include <string.h>

#include "vmlinux.h"

#define PAGE 4096u
#define NAMES_MAX 256u
/* More would be no kernel. */
#define BSS_MAX (UINT64_C(1) << 30)
#define ARM_EABI5 0x05000200u
#define ARM_BE8 0x00800000u

/* Where there is no arch: the header of an Image tells (formats/image.c has its facts). */
static const char *arch_of_image(const struct vmlinux *kernel)
{
    uint32_t magic;

    if (!kp_read_le32(kernel->bytes, kernel->size, 0x38, &magic))
        return NULL;
    if (magic == 0x644d5241u)
        return "arm64";
    if (magic == 0x05435352u)
        return kernel->has_tables && kernel->tables.word == 4 ? "riscv32" : "riscv64";
    return NULL;
}

static bool find_arch(struct vmlinux *kernel)
{
    const struct vmlinux_params *const params = kernel->params;
    const char *const name = params->has_arch ? params->arch.bytes : arch_of_image(kernel);
    const struct kp_arch *const arch =
        name != NULL ? kernel->call->host->arch(kernel->call, name) : NULL;

    if (name == NULL) {
        kp_fail_at(kernel->call, &params->arch, "arch: arm, mips, ...",
                   "arch: not given: a flat kernel does not tell it");
        return false;
    }
    if (arch == NULL) {
        kp_fail_at(kernel->call, &params->arch, "`kpipe plugins` lists the architectures",
                   "arch: %s: not known", name);
        return false;
    }
    kernel->arch = arch->name;
    kernel->machine = arch->elf_machine;
    kernel->word = arch->flags & KP_ARCH_64BIT ? 8 : 4;
    kernel->big_endian =
        kernel->has_tables ? kernel->tables.big_endian : (arch->flags & KP_ARCH_LITTLE_ENDIAN) == 0;
    if (kernel->has_tables && kernel->tables.word != 0 && kernel->tables.word != kernel->word) {
        kp_fail_at(kernel->call, &params->arch, NULL,
                   "arch: %s: the kernel's symbols are of %u bits", arch->name,
                   (unsigned)(8 * kernel->tables.word));
        return false;
    }
    if ((arch->flags & (kernel->big_endian ? KP_ARCH_BIG_ENDIAN : KP_ARCH_LITTLE_ENDIAN)) == 0) {
        kp_fail_at(kernel->call, &params->arch, NULL,
                   "arch: %s: the kernel's symbols are %s endian", arch->name,
                   kernel->big_endian ? "big" : "little");
        return false;
    }
    return kernel->call->host->set_text(kernel->call, kernel->call->output, KP_TRAIT_ARCH,
                                        arch->name) == KP_OK;
}

/* What is taken from virtual addresses to get those in p_paddr. */
static uint64_t load_offset(const struct vmlinux *kernel)
{
    switch (kernel->machine) {
    case EM_X86_64:
        return UINT64_C(0xffffffff80000000);
    case EM_386: /* PAGE_OFFSET, which is configured */
    case EM_PPC:
        return kernel->base & 0xf0000000;
    case EM_PPC64:
        return kernel->base & UINT64_C(0xf000000000000000);
    case EM_RISCV:
        return kernel->base;
    default:
        return 0;
    }
}

/* The entry, ENTRY() of the linker scripts: x86's is a physical address. */
static uint64_t find_entry(const struct vmlinux *kernel)
{
    static const struct {
        uint32_t machine;
        enum mark mark;
        bool physical;
    } entries[] = {
        {EM_ARM, MARK_ARM_ENTRY, false},          {EM_MIPS, MARK_KERNEL_ENTRY, false},
        {EM_LOONGARCH, MARK_KERNEL_ENTRY, false}, {EM_X86_64, MARK_STARTUP_64, true},
        {EM_386, MARK_STARTUP_32, true},
    };

    for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
        if (entries[i].machine == kernel->machine)
            return (kernel->has_mark[entries[i].mark] ? kernel->marks[entries[i].mark]
                                                      : kernel->base) -
                   (entries[i].physical ? load_offset(kernel) : 0);
    return kernel->base;
}

/* Arm's code is little endian in big endian kernels from ARMv6 on (BE-8): most instructions have
 * the condition "always", 0xe, in their highest byte. */
static bool is_be8(const struct vmlinux *kernel)
{
    uint32_t first = 0, last = 0;

    for (uint64_t at = 0; at < PAGE && kp_inside(kernel->size, at, 4); at += 4) {
        first += kernel->bytes[at] >> 4 == 0xe;
        last += kernel->bytes[at + 3] >> 4 == 0xe;
    }
    return last > first;
}

/* e_flags, as linked kernels have them. */
static uint32_t machine_flags(const struct vmlinux *kernel)
{
    switch (kernel->machine) {
    case EM_ARM:
        return kernel->big_endian && is_be8(kernel) ? ARM_EABI5 | ARM_BE8 : ARM_EABI5;
    case EM_RISCV:
        return EF_RISCV_RVC;
    case EM_PPC64:
        return kernel->big_endian ? 1 : 2; /* the version of its ABI */
    default:
        return 0;
    }
}

/* A section from where the last one ends to `end`. */
static void add_area(struct vmlinux *kernel, const char *name, uint64_t end, uint64_t flags)
{
    struct area *const area = &kernel->areas[kernel->area_count];
    const uint64_t start =
        kernel->area_count != 0 ? area[-1].address + area[-1].size : kernel->base;

    if (end <= start)
        return;
    *area = (struct area){.name = name,
                          .address = start,
                          .size = end - start,
                          .flags = flags,
                          .type = SHT_PROGBITS,
                          .index = (uint32_t)kernel->area_count + 1};
    kernel->area_count++;
}

/* Text and init text where symbols tell them, in either order. */
static void add_text(struct vmlinux *kernel, uint64_t end)
{
    const uint64_t *const at = kernel->marks;
    const bool init_first = at[MARK_SINITTEXT] < at[MARK_STEXT];
    const enum mark first = init_first ? MARK_SINITTEXT : MARK_STEXT;
    const enum mark second = init_first ? MARK_STEXT : MARK_SINITTEXT;
    const char *const names[] = {init_first ? ".init.text" : ".text",
                                 init_first ? ".text" : ".init.text"};
    bool told = true;

    for (int mark = MARK_STEXT; mark <= MARK_EINITTEXT; mark++)
        told = told && kernel->has_mark[mark] && at[mark] >= kernel->base && at[mark] <= end;
    /* Each end of a range follows its beginning in the list of marks. */
    if (!told || at[first] > at[first + 1] || at[first + 1] > at[second] ||
        at[second] > at[second + 1]) {
        add_area(kernel, ".kernel", end, SHF_ALLOC | SHF_WRITE | SHF_EXECINSTR);
        return;
    }
    add_area(kernel, ".head.text", at[first], SHF_ALLOC | SHF_EXECINSTR);
    add_area(kernel, names[0], at[first + 1], SHF_ALLOC | SHF_EXECINSTR);
    add_area(kernel, ".kernel", at[second], SHF_ALLOC | SHF_WRITE);
    add_area(kernel, names[1], at[second + 1], SHF_ALLOC | SHF_EXECINSTR);
    add_area(kernel, ".data", end, SHF_ALLOC | SHF_WRITE);
}

/* What the kernel needs of memory behind the file: up to _end, or as its trait tells. */
static uint64_t memory_end(const struct vmlinux *kernel, uint64_t file_end)
{
    const uint64_t most = (kernel->word == 8 ? UINT64_MAX : UINT32_MAX) - file_end;
    uint64_t bss = kernel->marks[MARK_END] - file_end;

    if (kernel->has_mark[MARK_END] && bss <= BSS_MAX)
        return file_end + bss;
    if (kernel->call->host->trait_number(kernel->call, kernel->call->input, KP_TRAIT_BSS, &bss) &&
        bss <= BSS_MAX && bss <= most)
        return file_end + bss;
    return file_end;
}

static bool make_areas(struct vmlinux *kernel)
{
    const uint64_t most = kernel->word == 8 ? UINT64_MAX : UINT32_MAX;
    const uint64_t end = kernel->base + kernel->size;

    if (kernel->base > most || kernel->size > most - kernel->base) {
        kp_fail_at(kernel->call, &kernel->params->base, NULL,
                   "base: 0x%llx: with %llu bytes it ends beyond the highest address",
                   ULL(kernel->base), ULL(kernel->size));
        return false;
    }
    kernel->areas = kernel->call->host->alloc(kernel->call, FLAT_AREAS_MAX * sizeof(struct area));
    if (kernel->areas == NULL)
        return false;
    add_text(kernel, end);
    add_area(kernel, ".bss", memory_end(kernel, end), SHF_ALLOC | SHF_WRITE);
    if (kernel->area_count > 1 && kernel->areas[kernel->area_count - 1].address >= end)
        kernel->areas[kernel->area_count - 1].type = SHT_NOBITS;
    return true;
}

struct layout {
    uint64_t content;  /* offset of the kernel's bytes */
    uint64_t sections; /* of the section headers */
    uint64_t names, names_size;
    uint32_t section_count, names_index;
    struct symbol_sections symbols;
};

static void put_header(const struct vmlinux *kernel, uint8_t *at, const struct layout *layout)
{
    const uint32_t word = kernel->word;
    const uint8_t ident[EI_NIDENT] = {0x7f,
                                      'E',
                                      'L',
                                      'F',
                                      word == 8 ? ELFCLASS64 : ELFCLASS32,
                                      kernel->big_endian ? ELFDATA2MSB : ELFDATA2LSB,
                                      EV_CURRENT};
    const struct {
        uint64_t value;
        uint32_t width;
    } fields[] = {
        {ET_EXEC, 2},
        {kernel->machine, 2},
        {EV_CURRENT, 4},
        {find_entry(kernel), word},
        {word == 8 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr), word}, /* e_phoff */
        {layout->sections, word},
        {machine_flags(kernel), 4},
        {word == 8 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr), 2},
        {word == 8 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr), 2},
        {1, 2},
        {vmlinux_section_size(kernel), 2},
        {layout->section_count, 2},
        {layout->names_index, 2},
    };

    memcpy(at, ident, sizeof(ident));
    at += sizeof(ident);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        vmlinux_put(kernel, at, fields[i].width, fields[i].value);
        at += fields[i].width;
    }
}

static void put_segment(const struct vmlinux *kernel, uint8_t *at, const struct layout *layout)
{
    const struct area *const last = &kernel->areas[kernel->area_count - 1];
    const uint32_t word = kernel->word;
    const struct {
        uint64_t value;
        uint32_t place[2]; /* in a header of 32, of 64 bits */
        uint32_t width;
    } fields[] = {
        {PT_LOAD, {0, 0}, 4},
        {PF_R | PF_W | PF_X, {24, 4}, 4},
        {layout->content, {4, 8}, word},
        {kernel->base, {8, 16}, word},
        {kernel->base - load_offset(kernel), {12, 24}, word},
        {kernel->size, {16, 32}, word},
        {last->address + last->size - kernel->base, {20, 40}, word},
        {PAGE, {28, 48}, word},
    };

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        vmlinux_put(kernel, at + fields[i].place[word == 8], fields[i].width, fields[i].value);
}

/* Adds a name to those of the sections. */
static uint32_t add_name(char *names, uint64_t *size, const char *name)
{
    const uint64_t at = *size;

    memcpy(names + at, name, strlen(name) + 1);
    *size += strlen(name) + 1;
    return (uint32_t)at;
}

static bool append_sections(struct vmlinux *kernel, struct layout *layout)
{
    struct kp_call *const call = kernel->call;
    GElf_Shdr headers[FLAT_AREAS_MAX + 4];
    char names[NAMES_MAX] = "";
    const uint32_t width = vmlinux_section_size(kernel);
    uint32_t count = 1;
    uint8_t *table;

    memset(headers, 0, sizeof(headers));
    layout->names_size = 1;
    for (size_t i = 0; i < kernel->area_count; i++) {
        const struct area *const area = &kernel->areas[i];

        headers[count++] =
            (GElf_Shdr){.sh_name = add_name(names, &layout->names_size, area->name),
                        .sh_type = area->type,
                        .sh_flags = area->flags,
                        .sh_addr = area->address,
                        .sh_offset = layout->content + (area->address - kernel->base),
                        .sh_size = area->size,
                        .sh_addralign = 1};
    }
    if (kernel->has_symbols) {
        headers[count] =
            (GElf_Shdr){.sh_name = add_name(names, &layout->names_size, ".symtab"),
                        .sh_type = SHT_SYMTAB,
                        .sh_offset = layout->symbols.symbols_at,
                        .sh_size = layout->symbols.symbols_size,
                        .sh_link = count + 1,
                        .sh_info = layout->symbols.locals,
                        .sh_addralign = kernel->word,
                        .sh_entsize = kernel->word == 8 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym)};
        headers[count + 1] = (GElf_Shdr){.sh_name = add_name(names, &layout->names_size, ".strtab"),
                                         .sh_type = SHT_STRTAB,
                                         .sh_offset = layout->symbols.names_at,
                                         .sh_size = layout->symbols.names_size,
                                         .sh_addralign = 1};
        count += 2;
    }
    layout->names_index = count;
    layout->names = call->host->output_size(call, call->output);
    headers[count].sh_name = add_name(names, &layout->names_size, ".shstrtab");
    headers[count].sh_type = SHT_STRTAB;
    headers[count].sh_offset = layout->names;
    headers[count].sh_size = layout->names_size;
    headers[count].sh_addralign = 1;
    layout->section_count = count + 1;
    if (kp_append(call, names, layout->names_size) != KP_OK ||
        !vmlinux_align(kernel, 8, &layout->sections))
        return false;
    table = kp_reserve(call, layout->section_count * (uint64_t)width);
    for (uint32_t i = 0; table != NULL && i < layout->section_count; i++)
        vmlinux_put_section(kernel, table + i * (uint64_t)width, &headers[i]);
    return table != NULL;
}

int32_t vmlinux_from_flat(struct vmlinux *kernel)
{
    struct kp_call *const call = kernel->call;
    struct layout layout = {0};
    uint8_t *head;

    if (!vmlinux_find_tables(kernel) || !find_arch(kernel))
        return KP_FAILED;
    if (kernel->has_tables)
        vmlinux_find_marks(kernel);
    if (!vmlinux_find_base(kernel))
        return KP_FAILED;
    vmlinux_place_marks(kernel);
    if (!make_areas(kernel))
        return KP_FAILED;
    layout.content = PAGE + kernel->base % PAGE;
    head = kp_reserve(call, layout.content);
    if (head == NULL || kp_append_image(call, call->input) != KP_OK ||
        (kernel->has_symbols && !vmlinux_append_symbols(kernel, &layout.symbols)) ||
        !append_sections(kernel, &layout))
        return KP_FAILED;
    put_header(kernel, head, &layout);
    put_segment(kernel, head + (kernel->word == 8 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr)),
                &layout);
    return KP_OK;
}
