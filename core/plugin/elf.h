/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/elf.h - the little that the loader wants to know of an ELF file before it
 * lets ld.so have it: its machine, its segments, whether it carries a run path.
 *
 * Reads both classes and both byte orders out of a buffer, and trusts no field.
 * It reads no sections (strip removes them) and is not what the format plugins use.
 */
#ifndef KP_PLUGIN_ELF_H
#define KP_PLUGIN_ELF_H

#include <stdbool.h>
#include <stdint.h>

/* Sizes of the ELF header (e_ehsize) by class. */
#define KP_ELF_HEADER_32 52
#define KP_ELF_HEADER_64 64

struct kp_elf {
    const uint8_t *bytes;
    uint64_t size;
    bool wide; /* ELFCLASS64 */
    bool big;  /* ELFDATA2MSB */
    uint16_t type;
    uint16_t machine;
    uint64_t program_offset; /* e_phoff */
    uint64_t program_size;   /* bytes of the whole table of program headers */
    uint16_t program_count;
};

/* A program header. */
struct kp_elf_segment {
    uint32_t type;
    uint64_t offset;
    uint64_t file_size;
    uint64_t alignment;
};

/* Reads the header. The table of program headers lies inside the file if this
 * returns true; otherwise *why is a phrase. */
bool kp_elf_open(struct kp_elf *elf, const uint8_t *bytes, uint64_t size, const char **why);

/* Program header `index` (below program_count). False, and a phrase in *why, if the
 * segment does not lie inside the file. */
bool kp_elf_segment(const struct kp_elf *elf, unsigned index, struct kp_elf_segment *segment,
                    const char **why);

/* True if this process could load it: same class, byte order and machine. */
bool kp_elf_is_native(const struct kp_elf *elf);

/* True if its dynamic section holds DT_RPATH or DT_RUNPATH. */
bool kp_elf_has_run_path(const struct kp_elf *elf);

#endif
