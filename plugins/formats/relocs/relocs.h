/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/relocs/relocs.h - the relocations of an x86 kernel that its own boot code applies:
 * what relocs.c, collect.c and names.c have in common.
 */
#ifndef KPIPE_RELOCS_H
#define KPIPE_RELOCS_H

#include "../../common/elf.h"

/* The lists, in the order in which they are written. */
#define LIST_64 0u      /* of 64-bit kernels: fields of 64 bits */
#define LIST_INVERSE 1u /* of 64-bit kernels up to 6.14: fields that the distance is taken from */
#define LIST_32 2u      /* fields of 32 bits */
#define LIST_NONE 3u

struct relocs {
    struct elf_file elf;
    struct elf_symbol_table symbols;
    bool wide;             /* a 64-bit kernel */
    bool before_6_15;      /* the form of Linux up to 6.14 */
    bool of_code;          /* some are for places in code */
    uint32_t per_cpu;      /* the section of per-CPU data, linked at address 0; 0: none */
    uint64_t per_cpu_load; /* where it is loaded */
    uint64_t *found;       /* scratch memory: the list, above the lower 32 bits of the address */
    size_t count;
    size_t room;
    size_t absolute; /* relocations against absolute symbols that are not known to be right */
};

/* Collects all relocations that have to be applied, in the file's order; false after reporting. */
bool relocs_collect(struct relocs *relocs);

/* What the kernel knows of symbols that the linker made absolute: that they keep their value
 * wherever the kernel is loaded, or that they are addresses all the same. */
bool relocs_name_is_constant(const char *name);
bool relocs_name_is_address(const struct relocs *relocs, const char *name);

#endif
