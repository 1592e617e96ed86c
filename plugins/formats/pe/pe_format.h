/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/pe/pe_format.h - what the pe plugin's files share.
 */
#ifndef KPIPE_PE_FORMAT_H
#define KPIPE_PE_FORMAT_H

#include "../../common/pe.h"

#define ULL(x) ((unsigned long long)(x))

#define PE_DLL_NX_COMPAT 0x100u

#define CHECKSUM_KEEP 0u
#define CHECKSUM_ZERO 1u
#define CHECKSUM_COMPUTE 2u
#define SIZES_KEEP 0u
#define SIZES_COMPUTE 1u
#define SIZES_IMAGE 2u
#define ADDRESSES_KEEP 0u
#define ADDRESSES_FIT 1u
#define NX_KEEP 0u
#define NX_YES 1u
#define NX_NO 2u

struct pe_params {
    uint32_t checksum;
    uint32_t sizes;
    uint32_t nx;
    uint32_t addresses;
    uint8_t tolerant;
};

/* A section that a unified kernel image holds something in. */
struct pe_held {
    const char *section, *name, *role;
};

/* Names of the bits of a number. */
struct pe_bit {
    uint32_t mask;
    const char *name;
};
#define PE_MEANING_MAX 160u

/* uki.c: NULL if none of the bits is set; else `text`. */
const char *pe_name_bits(uint64_t value, const struct pe_bit *bits, char text[PE_MEANING_MAX]);

/* uki.c: what such a section is; NULL: another one. */
const struct pe_held *pe_held(const struct pe_section *section);
/* How many of its bytes in the file are what it holds: behind its virtual size they are padding. */
uint64_t pe_held_size(const struct pe_section *section);
/* Reports the fields of the section table, and the sections and certificates as parts. */
int32_t pe_show_sections(const struct pe_file *file);
int32_t pe_hold_all(const struct pe_file *file);
/* Where the symbols for debuggers are; false: there are none. */
bool pe_symbols(const struct pe_file *file, uint64_t *offset, uint64_t *size);
/* Moves such sections up in memory where the one before reaches into them. */
int32_t pe_fit_addresses(const struct pe_file *file);

/* check.c: what a loader goes by. Both fail at the first thing that is wrong. First that there is
 * an optional header, and its alignments; then all the rest. */
int32_t pe_check_headers(const struct pe_file *file);
int32_t pe_check(const struct pe_file *file);
/* The trait of the architecture that Machine names, if it is one that kpipe knows. */
int32_t pe_set_arch(const struct pe_file *file);

/* checksum.c: CheckSum of the file with `file->head` for its headers. False after reporting. */
bool pe_checksum(const struct pe_file *file, uint32_t *checksum);

/* fill.c: puts the sizes that the section table tells into the headers, all or SizeOfImage alone. */
int32_t pe_compute_sizes(const struct pe_file *file, uint32_t which);

int32_t pe_pack(struct kp_call *call);    /* fill.c */
int32_t pe_inspect(struct kp_call *call); /* inspect.c */

#endif
