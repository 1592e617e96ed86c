/* SPDX-License-Identifier: BSD-3-Clause
 *
 * common/elf_flat.h - a boot binary beside the ELF file that objcopy made it of: the symbols that
 * its header is computed from, and whether the two belong together.
 *
 * A part of each plugin that names it among its sources (plugins/CMakeLists.txt), as elf.h is.
 * Nothing is written; which words the header has is each plugin's own matter.
 */
#ifndef KPIPE_COMMON_ELF_FLAT_H
#define KPIPE_COMMON_ELF_FLAT_H

#include "elf.h"

/* Bytes of the binary. */
struct elf_span {
    uint64_t offset, length;
};

/* As elf_find_symbols, but all must be there: false after reporting those that are not. `what`
 * names the file in messages, `hint` tells which one to give. */
bool elf_need_symbols(const struct elf_file *file, const char *what, const char *hint,
                      struct elf_symbol *symbols, size_t count);

/* `length` bytes that a section has for the addresses from `address`; NULL, without an error, if
 * none has them all. False in *whole after reporting that the file is damaged. */
const uint8_t *elf_bytes_at(const struct elf_file *file, uint64_t address, uint64_t length,
                            bool *whole);

/* True if the `size` bytes at `flat`, which are loaded at `base`, are those of the file's
 * sections, but for the spans (NULL-terminated by a length of 0): there a header stands that is
 * about to be filled in. False after reporting the first difference. */
bool elf_same_flat(struct elf_file *file, const char *what, const uint8_t *flat, uint64_t size,
                   uint64_t base, const struct elf_span *spans);

#endif
