/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/objcopy/objcopy.h - what the objcopy plugin's files share: an ELF file
 * reduced to what a flat image of it needs.
 */
#ifndef KPIPE_OBJCOPY_H
#define KPIPE_OBJCOPY_H

#include "../../common/elf.h"

/* At most ELF_SECTIONS_MAX and ELF_SEGMENTS_MAX of them. */
#define OBJCOPY_SCRATCH (UINT64_C(16) << 20)
#define VERSION_MAX ELF_VERSION_MAX

/* A section that takes room in memory: SHF_ALLOC and not empty. */
struct section {
    const char *name; /* in the file, at most ELF_NAME_MAX bytes */
    uint64_t lma;     /* load address, as BFD computes it */
    uint64_t size;
    uint64_t offset; /* in the file, if it has contents */
    uint32_t type;   /* SHT_* */
    bool has_contents;
    bool thread_local_data;
    bool keep; /* chosen by the parameters; true at first */
};

/* The main input. */
struct elf_load {
    struct elf_file elf;
    struct section *sections;
    size_t section_count;
    bool no_paddr; /* the segments' p_paddr are not filled in */
};

/* Reads the main input. Must be closed, also after it failed. */
bool elf_load_open(struct elf_load *file, struct kp_call *call);
void elf_load_close(struct elf_load *file);
/* The bytes of a section with contents; NULL after reporting that the file is too
 * short for them. */
const uint8_t *section_bytes(const struct elf_load *file, const struct section *section);
/* Its name for messages. */
const char *shown_name(const struct section *section, char text[ELF_NAME_SHOWN + 1]);

/* What is known of the kernel inside. */
/* Set on the output what the kept sections tell: architecture and version; the
 * addresses of their flat image, and the size of what lies behind it. */
int32_t elf_set_content(const struct elf_load *file);
int32_t elf_set_addresses(const struct elf_load *file);
/* The release in the "Linux version" banner, and the offset of its first byte. */
bool elf_find_version(const struct elf_load *file, char version[VERSION_MAX + 1], uint64_t *offset);

int32_t objcopy_inspect(struct kp_call *call);
/* details.c: tells each section and symbol; false after reporting. */
bool elf_tell_details(struct elf_file *file);

#endif
