/* SPDX-License-Identifier: BSD-3-Clause
 *
 * common/kallsyms.h - the symbols that a Linux kernel carries in itself (CONFIG_KALLSYMS): finds
 * their tables in the kernel's bytes, and reads them.
 *
 * A part of each plugin that names it among its sources. It knows bytes alone: no host, no
 * memory of its own, no ELF. Byte order, width and layout are never asked for: the tables tell.
 *
 * The tables, from scripts/kallsyms.c and kernel/kallsyms.c of Linux 5.10, 6.1, 6.12 and 7.2, and
 * what those of earlier releases are known to differ in. All stand one after the other in
 * .rodata, each aligned to the size of a long (from 7.0 on to 4 bytes):
 *
 *   addresses      a long for each symbol; or (4.6 and later, as a rule) offsets of 32 bits,
 *   relative_base  a long, which they count from
 *   num_syms       how many; a long before 5.0, then 32 bits
 *   names          for each a length and so many tokens, the first of which begins with the letter
 *                  of its type as nm has it; a length above 127 has two bytes from 6.1 on
 *   markers        where each 256th of these is; longs before 5.0, then 32 bits
 *   seqs_of_names  6.2 and later: numbers of 3 bytes, the order of the names
 *   token_table    256 texts that end with NUL; characters that names use stand for themselves
 *   token_index    where these are, 16 bits each
 *
 * From 6.4 on addresses, relative_base and seqs_of_names follow token_index, in this order; from
 * 7.0 on there is no relative_base: offsets count from the place where they themselves stand
 * (64 bits, or relocatable), or are addresses (32 bits).
 *
 * Kernels before 2.6.10 have no tokens and are not read.
 */
#ifndef KPIPE_COMMON_KALLSYMS_H
#define KPIPE_COMMON_KALLSYMS_H

#include <stdbool.h>

#include <kpipe/bytes.h>

/* KSYM_NAME_LEN, which counts the NUL, is 128 and from 6.1 on 512; here with the type's letter. */
#define KALLSYMS_NAME_MAX 512u

/* How an address is made of its entry. */
enum kallsyms_form {
    KALLSYMS_ABSOLUTE, /* it is the address */
    KALLSYMS_OFFSET,   /* unsigned, from relative_base */
    KALLSYMS_PERCPU,   /* an address if not negative; else ~entry from relative_base */
    KALLSYMS_PLACE     /* signed, from the entry's own place */
};

enum kallsyms_result {
    KALLSYMS_FOUND,
    KALLSYMS_NONE,      /* no table of tokens */
    KALLSYMS_NAMES,     /* tokens, but no names that belong to them */
    KALLSYMS_ADDRESSES, /* names, but no addresses that are in order */
    KALLSYMS_AMBIGUOUS, /* addresses or offsets: both are possible */
    KALLSYMS_EXCESS     /* the search took too long, or names too long */
};

struct kallsyms {
    const uint8_t *bytes;
    uint64_t size;
    uint64_t steps; /* left of what the search may take */
    /* Offsets in the bytes. */
    uint64_t token_table, token_index;
    uint64_t num_syms, names, markers;
    uint64_t addresses;
    uint64_t relative_base_at; /* 0: there is none */
    uint64_t relative_base;    /* its value; 0 in a kernel that relocates itself first */
    uint64_t names_length;     /* of all names, with a NUL each and without types */
    uint32_t count;
    uint32_t word; /* size of a long: 4 or 8; 0 if the tables do not tell (KALLSYMS_PLACE) */
    uint32_t marker_size;
    enum kallsyms_form form;
    bool big_endian;
    bool wide_lengths; /* lengths may have two bytes */
    bool has_seqs;     /* seqs_of_names before the tokens; false: behind, or there are none */
    uint16_t token_at[256];
    uint16_t token_length[256];
};

/* Finds the tables among `size` bytes. Takes a time that grows with `size` alone, whatever they
 * are. */
enum kallsyms_result kallsyms_find(struct kallsyms *tables, const uint8_t *bytes, uint64_t size);

/* Entry `index`, below count, as its form says: an address; or, where the form is KALLSYMS_PLACE,
 * an offset in the bytes, which may be outside of them (modulo 2 to the 64). */
uint64_t kallsyms_address(const struct kallsyms *tables, uint32_t index);

/* A walk along the names, from *at = 0 on: the letter of the next one's type, and its text with a
 * NUL in `name`, which is KALLSYMS_NAME_MAX bytes at most (names_length for all); *length is
 * without the NUL. */
char kallsyms_next(const struct kallsyms *tables, uint64_t *at, char *name, uint32_t *length);

/* The number of 4 or 8 bytes at `at`, which must be there, in the byte order that was found. */
static inline uint64_t kallsyms_word(const struct kallsyms *tables, uint64_t at, uint32_t width)
{
    const uint8_t *const p = tables->bytes + at;

    if (width == 8)
        return tables->big_endian ? kp_be64(p) : kp_le64(p);
    return tables->big_endian ? kp_be32(p) : kp_le32(p);
}

/* What the files of this reader share. */
bool kallsyms_spend(struct kallsyms *tables, uint64_t steps);
bool kallsyms_find_names(struct kallsyms *tables);
enum kallsyms_result kallsyms_find_addresses(struct kallsyms *tables);

#endif
