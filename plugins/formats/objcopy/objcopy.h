/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/objcopy/objcopy.h - what the objcopy plugin's files share: an ELF file
 * reduced to what a flat image of it needs.
 */
#ifndef KPIPE_OBJCOPY_H
#define KPIPE_OBJCOPY_H

#include <gelf.h>
#include <stdbool.h>

#include <kpipe/kpipe.h>

/* More would be no kernel; keeps scratch memory below OBJCOPY_SCRATCH. */
#define OBJCOPY_HEADERS_MAX 131072u
/* Each section looks for its segment among them. */
#define OBJCOPY_SEGMENTS_MAX 4096u
#define OBJCOPY_SCRATCH (UINT64_C(16) << 20)
#define SECTION_NAME_SHOWN 64u
#define SECTION_NAME_MAX 4096u
#define VERSION_MAX 64u

/* A section that takes room in memory: SHF_ALLOC and not empty. */
struct section {
    const char *name; /* in the file, at most SECTION_NAME_MAX bytes */
    uint64_t lma;     /* load address, as BFD computes it */
    uint64_t size;
    uint64_t offset; /* in the file, if it has contents */
    uint32_t type;   /* SHT_* */
    bool has_contents;
    bool thread_local_data;
    bool keep; /* chosen by the parameters; true at first */
};

struct elf_file {
    struct kp_call *call;
    const uint8_t *bytes;
    uint64_t size;
    Elf *elf;
    GElf_Ehdr header;
    int class;         /* ELFCLASS32 or ELFCLASS64 */
    const char *names; /* of the sections, in the file */
    uint64_t names_size;
    size_t section_headers;
    struct section *sections;
    size_t section_count;
    GElf_Phdr *segments;
    size_t segment_count;
    bool no_paddr; /* the segments' p_paddr are not filled in */
};

/* Reads the main input. Must be closed, also after it failed. */
bool elf_file_open(struct elf_file *file, struct kp_call *call);
void elf_file_close(struct elf_file *file);
/* The bytes of a section with contents; NULL after reporting that the file is too
 * short for them. */
const uint8_t *section_bytes(const struct elf_file *file, const struct section *section);
/* The name without what could upset a terminal, cut to SECTION_NAME_SHOWN. */
const char *shown_name(const struct section *section, char text[SECTION_NAME_SHOWN + 1]);
/* 32 bits of the file in its byte order; false if they lie outside. */
bool elf_read32(const struct elf_file *file, uint64_t offset, uint32_t *value);

/* What is known of the kernel inside. */
/* kpipe's name of the architecture; NULL: it has none. */
const char *elf_arch_name(const struct elf_file *file);
/* Set on the output what the kept sections tell: architecture and version; the
 * addresses of their flat image, and the size of what lies behind it. */
int32_t elf_set_content(const struct elf_file *file);
int32_t elf_set_addresses(const struct elf_file *file);
/* The release in the "Linux version" banner, and the offset of its first byte. */
bool elf_find_version(const struct elf_file *file, char version[VERSION_MAX + 1], uint64_t *offset);

int32_t objcopy_inspect(struct kp_call *call);

#endif
