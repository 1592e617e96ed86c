/* SPDX-License-Identifier: BSD-3-Clause
 *
 * hex/hex.h - what Intel's and Motorola's hexadecimal files have in common: lines of
 * hexadecimal digits, and bytes at addresses that are gathered from them.
 *
 * The records themselves are ihex*.c and srec*.c.
 */
#ifndef KPIPE_HEX_H
#define KPIPE_HEX_H

#include <kpipe/kpipe.h>

#define HEX_RECORD_MAX 256u  /* bytes of a record: its count is one of them */
#define HEX_BLOCKS_SHOWN 64u /* ranges that an inspection shows one by one */
#define HEX_BUFFER 65536u    /* text that is written at a time */
/* What reading takes: 2.5 bytes for a block, half a byte for what two digits say. */
#define HEX_MEMORY_BASE 4096u
#define HEX_MEMORY_PER_BYTE 4u

/* --- writing: text.c ---------------------------------------------------- */

struct hex_writer {
    struct kp_call *call;
    char *buffer;
    uint64_t used;
};

int32_t hex_begin(struct kp_call *call, struct hex_writer *writer);
/* Appends a line: `mark`, then `count` bytes in digits, then CR and LF, as binutils ends it. */
int32_t hex_line(struct hex_writer *writer, const char *mark, const uint8_t *bytes, uint64_t count);
int32_t hex_end(struct hex_writer *writer);

/* --- reading: text.c ---------------------------------------------------- */

struct hex_reader {
    struct kp_call *call;
    const char *text;
    uint64_t size;
    uint64_t at;      /* offset of the next line */
    uint64_t line;    /* number of the line, from 1 */
    const char *from; /* the line, without what ends it */
    uint64_t length;
};

int32_t hex_open(struct kp_call *call, struct hex_reader *reader);
/* The next line that is not blank: 1, or 0 at the end, or KP_FAILED. */
int32_t hex_next(struct hex_reader *reader);
/* The bytes whose digits begin at character `at` of the line; fails if there are other
 * characters, or more than HEX_RECORD_MAX bytes. */
int32_t hex_bytes(const struct hex_reader *reader, uint64_t at, uint8_t *bytes, uint64_t *count);

/* --- bytes at addresses: memory.c ---------------------------------------- */

/* Bytes that follow each other, in the file and in memory. */
struct hex_block {
    uint64_t address;
    uint64_t length;
    uint64_t at;   /* where they stand in hex_memory.bytes */
    uint64_t line; /* the line that began it */
};

struct hex_memory {
    struct kp_call *call;
    uint8_t *bytes; /* NULL: only places are kept */
    uint64_t used;
    struct hex_block *blocks;
    uint64_t count;
    uint64_t count_max;
    uint64_t records; /* those with data */
    uint64_t entry;
    uint8_t has_entry;
};

/* Parameters of both ways back. */
struct hex_unpack_params {
    uint64_t fill;
    uint64_t limit;
};

extern const struct kp_param *const hex_unpack_table[];
extern const char *const hex_sets[]; /* load and entry */

/* Room for what a text of `size` bytes can tell. */
int32_t hex_memory_init(struct kp_call *call, struct hex_memory *memory, uint64_t size,
                        int keep_bytes);
/* Adds bytes that the line `line` gives. The addresses do not pass 2^32. */
int32_t hex_add(struct hex_memory *memory, uint64_t address, const uint8_t *bytes, uint64_t length,
                uint64_t line);
/* Sorts the blocks and fails if there are none, or if two of them overlap. */
int32_t hex_sort(struct hex_memory *memory);
/* Appends all bytes, from the lowest address to the highest, and sets load and entry. */
int32_t hex_emit(struct hex_memory *memory, const struct hex_unpack_params *params);
/* Describes them, and sets load and entry. */
int32_t hex_show(struct hex_memory *memory);

extern const struct kp_format hex_ihex, hex_srec;
extern const struct kp_operation hex_ihex_unpack, hex_srec_unpack;
int32_t hex_ihex_inspect(struct kp_call *call);
int32_t hex_srec_inspect(struct kp_call *call);

#endif
