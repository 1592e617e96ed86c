/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/system-map/system-map.h - what the parts of the format share: the symbols of a kernel
 * as nm(1) shows them, and which of them the kernel's build leaves out.
 */
#ifndef KPIPE_SYSTEM_MAP_H
#define KPIPE_SYSTEM_MAP_H

#include "../../common/elf.h"

/* The kernels whose scripts/mksysmap differ, in order. */
#define FORM_5_10 0u
#define FORM_6_1 1u
#define FORM_6_12 2u
#define FORM_7_2 3u

/* A symbol as nm prints it. */
struct map_symbol {
    uint64_t value;
    const char *name; /* in the file */
    uint32_t number;  /* in the table */
    char letter;
    bool undefined; /* has no value: 0 */
};

/* What nm tells of sections: scratch memory of the call, a letter for each; NULL after
 * reporting. */
char *map_section_letters(struct elf_file *file);

/* Symbol `number` as nm shows it, in *shown; false if nm leaves it out. `section` is the number
 * of its section. */
bool map_show(const struct elf_file *file, const char *letters, const GElf_Sym *symbol,
              uint32_t section, const char *name, struct map_symbol *shown);

/* Whether the build keeps it in System.map. */
bool map_keeps(uint32_t form, const struct map_symbol *symbol);

#endif
