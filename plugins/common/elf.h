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

/* That table, to read symbols by their number. */
struct elf_symbol_table {
    size_t section; /* its index; 0: the file has none */
    size_t count;   /* of symbols, with the empty one at 0 */
    uint64_t offset;
    const char *names; /* in the file; they end with NUL */
    uint64_t names_size;
    uint64_t sections; /* offset of the sections' numbers that do not fit in 16 bits; 0: none */
};

/* Finds the first one and checks that it and its names are in the file. A file without has
 * `section` 0 and `count` 0. False after reporting that it is damaged. */
bool elf_open_symbols(const struct elf_file *file, struct elf_symbol_table *table);
/* Symbol `index`, and its name, which is never NULL; false after reporting. */
bool elf_read_symbol(const struct elf_file *file, const struct elf_symbol_table *table,
                     size_t index, GElf_Sym *symbol, const char **name);
/* The number of the section of that symbol, or SHN_ABS and the like, also if it is one of those
 * beyond 0xff00 (ELF specification, SHN_XINDEX). */
uint32_t elf_symbol_section(const struct elf_file *file, const struct elf_symbol_table *table,
                            size_t index, const GElf_Sym *symbol);

/* Calls `visit` for every symbol of that table, undefined and nameless ones too, in the file's
 * order, until it returns false. `name` is never NULL. False after reporting damage; what
 * `visit` returned does not matter. */
bool elf_each_symbol(const struct elf_file *file,
                     bool (*visit)(void *data, const char *name, const GElf_Sym *symbol),
                     void *data, bool *has_table);

/* What objcopy of binutils does with sections, where several plugins must do the same. */

/* Whether objcopy -R takes a section of that name: `patterns` is a list of texts, as fnmatch
 * reads them, and one that begins with '!' saves what it matches. */
bool elf_matches(const struct kp_list *patterns, const char *name);
/* Whether BFD takes a section for a part of a segment. */
bool elf_in_segment(const GElf_Shdr *section, const GElf_Phdr *segment);
/* The address that an allocated section is loaded to, as BFD computes it. `segments` are
 * believed unless elf_paddr_unset: all of several have p_paddr 0. */
bool elf_paddr_unset(const struct elf_file *file);
uint64_t elf_load_address(const struct elf_file *file, const GElf_Shdr *section);

/* The kernel's release in the "Linux version" banner among `size` bytes at `offset`, and the
 * offset of its first byte in the file; false if there is none, or the bytes are not there. */
#define ELF_VERSION_MAX 64u
bool elf_search_version(const struct elf_file *file, uint64_t offset, uint64_t size,
                        char version[ELF_VERSION_MAX + 1], uint64_t *found);
/* The section where it stands: to be searched first, since copies are least likely there. */
bool elf_has_banner(const char *section_name);

/* A kernel's release as one number, for comparisons: KERNEL_RELEASE(6, 15). */
#define KERNEL_RELEASE(version, patchlevel) ((uint32_t)(version) << 16 | (patchlevel))

/* The release in the kernel's banner, the text at the symbol `linux_banner`; 0: the file has
 * none. False after reporting that it is damaged. */
bool elf_kernel_release(const struct elf_file *file, uint32_t *release);

#endif
