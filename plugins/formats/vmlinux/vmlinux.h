/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/vmlinux/vmlinux.h - what the vmlinux plugin's files share: a kernel, flat or in an ELF
 * file, of which an ELF file with symbols is made.
 */
#ifndef KPIPE_VMLINUX_H
#define KPIPE_VMLINUX_H

#include "../../common/elf.h"
#include "../../common/kallsyms.h"

#define ULL(x) ((unsigned long long)(x))

#define SYMBOLS_AUTO 0u
#define SYMBOLS_REQUIRED 1u
#define SYMBOLS_NONE 2u

/* A symbol takes 6 bytes in the kernel at least, and sizeof(struct vm_symbol) here. */
#define VMLINUX_PER_BYTE 3u
#define VMLINUX_SCRATCH (UINT64_C(32) << 20)

struct vmlinux_params {
    struct kp_text arch;
    uint64_t base;
    uint32_t symbols;
    uint8_t has_arch;
    uint8_t has_base;
};

/* Symbols of the kernel's linker script that tell where something begins, or ends. */
enum mark {
    MARK_TEXT,
    MARK_START,
    MARK_STEXT,
    MARK_ETEXT,
    MARK_SINITTEXT,
    MARK_EINITTEXT,
    MARK_END,
    MARK_BANNER,
    MARK_ARM_ENTRY,
    MARK_KERNEL_ENTRY,
    MARK_STARTUP_64,
    MARK_STARTUP_32,
    MARK_COUNT
};

/* A section that symbols lie in. */
struct area {
    const char *name; /* of one that is made here */
    uint64_t address, size;
    uint64_t flags; /* SHF_* */
    uint32_t type;  /* SHT_* */
    uint32_t index; /* in the output */
};
#define FLAT_AREAS_MAX 8u

struct vm_symbol {
    uint64_t address;
    uint32_t name; /* in the table of names */
    char letter;
};

struct vmlinux {
    struct kp_call *call;
    const struct vmlinux_params *params;
    const uint8_t *bytes;
    uint64_t size;
    const char *arch; /* kpipe's name; NULL: not known, only with an ELF file */
    uint32_t machine;
    uint32_t word; /* 4 or 8 */
    bool big_endian;
    struct kallsyms tables;
    bool has_tables, has_symbols;
    uint64_t base; /* address of offset 0, where that is in the same segment as the tables */
    bool has_mark[MARK_COUNT];
    uint32_t mark_numbers[MARK_COUNT]; /* of their symbols */
    uint64_t marks[MARK_COUNT];        /* their addresses, once these are known */
    struct area *areas;                /* by address */
    size_t area_count;
};

/* symbols.c: finds the tables; false after reporting (and never with symbols: auto). */
bool vmlinux_find_tables(struct vmlinux *kernel);
void vmlinux_find_marks(struct vmlinux *kernel);
/* Their addresses again, by another base. */
void vmlinux_place_marks(struct vmlinux *kernel);
/* Appends .strtab, then .symtab, aligned, with an offset and a size each; false after reporting. */
struct symbol_sections {
    uint64_t names_at, names_size, symbols_at, symbols_size;
    uint32_t locals; /* sh_info */
};
bool vmlinux_append_symbols(struct vmlinux *kernel, struct symbol_sections *sections);
uint64_t vmlinux_symbol_address(const struct vmlinux *kernel, uint32_t index);

/* base.c: the address of a flat kernel's first byte; relative_base, if the kernel finds it only
 * when it relocates itself. False after reporting. */
bool vmlinux_find_base(struct vmlinux *kernel);
bool vmlinux_find_relative_base(struct vmlinux *kernel);

/* flat.c, elf.c: the whole work. */
int32_t vmlinux_from_flat(struct vmlinux *kernel);
int32_t vmlinux_from_elf(struct vmlinux *kernel);

/* write.c: headers as both need them, in the kernel's width and byte order. */
void vmlinux_put(const struct vmlinux *kernel, uint8_t *at, uint32_t width, uint64_t value);
uint32_t vmlinux_section_size(const struct vmlinux *kernel);
void vmlinux_put_section(const struct vmlinux *kernel, uint8_t *at, const GElf_Shdr *section);
bool vmlinux_align(struct vmlinux *kernel, uint64_t alignment, uint64_t *at);

#endif
