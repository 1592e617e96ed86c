/* SPDX-License-Identifier: BSD-3-Clause
 *
 * common/elf.h - ELF files as several plugins read them: headers by libelf, all checked to lie
 * inside of the file, names of sections, and symbols by name.
 *
 * A part of each plugin that names it among its sources (plugins/CMakeLists.txt), not a plugin
 * and not of the SDK. What a section means is each plugin's own matter. The contents of sections
 * are not read through libelf, which may copy or convert them; symbols are.
 */
#ifndef KPIPE_COMMON_ELF_H
#define KPIPE_COMMON_ELF_H

#include <gelf.h>
#include <stdbool.h>

#include <kpipe/kpipe.h>

/* More would be no kernel: keeps what libelf allocates small, 16 MiB at most. */
#define ELF_SECTIONS_MAX 131072u
/* Sections look for their segments among them. */
#define ELF_SEGMENTS_MAX 4096u
#define ELF_NAME_MAX 4096u
/* Characters of a name that messages show. */
#define ELF_NAME_SHOWN 64u

struct elf_file {
    struct kp_call *call;
    const void *field; /* the parameter that faults are pinned to; NULL: the main input */
    const uint8_t *bytes;
    uint64_t size;
    Elf *elf;
    GElf_Ehdr header;
    int class; /* ELFCLASS32 or ELFCLASS64 */
    bool big_endian;
    const char *names; /* of the sections, in the file; NULL until elf_find_names */
    uint64_t names_size;
    size_t section_count; /* section headers, with the empty one at 0 */
    GElf_Phdr *segments;  /* scratch memory of the call */
    size_t segment_count;
};

/* Opens an image of this call. `field` is the address of the parameter that it comes from, NULL
 * for the main input. Must be closed, also after it failed; false after reporting. */
bool elf_file_open(struct elf_file *file, struct kp_call *call, const struct kp_image *image,
                   const void *field);
void elf_file_close(struct elf_file *file);

/* Finds the table of the sections' names, which elf_section_name needs. Twice does no harm. */
bool elf_find_names(struct elf_file *file);
/* The header of section `index`, which is below section_count; false after reporting. */
bool elf_section(const struct elf_file *file, size_t index, GElf_Shdr *section);
/* Its name, in the file, at most ELF_NAME_MAX bytes; NULL after reporting. */
const char *elf_section_name(const struct elf_file *file, const GElf_Shdr *section);
/* A name without what could upset a terminal, cut to ELF_NAME_SHOWN. */
const char *elf_shown_name(const char *name, char text[ELF_NAME_SHOWN + 1]);
/* `size` bytes at `offset` that the section `name` has in the file; NULL after reporting. */
const uint8_t *elf_section_bytes(const struct elf_file *file, const char *name, uint64_t offset,
                                 uint64_t size);

/* Numbers of the file in its byte order; false if they lie outside of it. */
bool elf_read16(const struct elf_file *file, uint64_t offset, uint16_t *value);
bool elf_read32(const struct elf_file *file, uint64_t offset, uint32_t *value);
bool elf_read64(const struct elf_file *file, uint64_t offset, uint64_t *value);

/* kpipe's name of the architecture, as in KP_TRAIT_ARCH; NULL: it has none. */
const char *elf_arch_name(const struct elf_file *file);

/* A symbol that is looked for. */
struct elf_symbol {
    const char *name; /* set by the caller */
    uint64_t value;   /* st_value */
    uint64_t size;    /* st_size */
    uint16_t section; /* st_shndx; SHN_ABS and the like as they are */
    bool found;
    unsigned char type; /* STT_* */
    unsigned char bind; /* STB_* */
};

/* Looks for `count` symbols by name in the table of symbols (SHT_SYMTAB), in one pass; undefined
 * ones do not count, and of several with a name a global one wins, then the first. Those that are
 * not there have `found` false, which is no error, and neither is a file without such a table:
 * *has_table tells (NULL: never mind). False after reporting that the table is damaged. */
bool elf_find_symbols(const struct elf_file *file, struct elf_symbol *symbols, size_t count,
                      bool *has_table);

/* Calls `visit` for every symbol of that table, undefined and nameless ones too, in the file's
 * order, until it returns false. `name` is never NULL. False after reporting damage; what
 * `visit` returned does not matter. */
bool elf_each_symbol(const struct elf_file *file,
                     bool (*visit)(void *data, const char *name, const GElf_Sym *symbol),
                     void *data, bool *has_table);

#endif
