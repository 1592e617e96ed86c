/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/fuzz/kallsyms.c - a kernel's table of its own symbols, as plugins read it: found among
 * any bytes, and all names and addresses read (plugins/common/kallsyms.h).
 *
 * The inputs to begin with are one small kernel's tables in several layouts; each must be found as
 * what it is. tests/golden/vmlinux.sh has all layouts, with many symbols.
 */
#include <string.h>

#include "../../plugins/common/kallsyms.h"
#include "fuzz.h"

#define MOST 8192u

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    uint8_t *const copy = fuzz_copy(bytes, size);
    char name[KALLSYMS_NAME_MAX];
    struct kallsyms tables;
    uint64_t at = 0, length_of_all = 0;
    uint32_t length;

    if (kallsyms_find(&tables, copy, size) == KALLSYMS_FOUND) {
        FUZZ_CHECK(tables.count != 0 && tables.count <= size / 6);
        for (uint32_t i = 0; i < tables.count; i++) {
            FUZZ_CHECK(kallsyms_next(&tables, &at, name, &length) != '\0');
            FUZZ_CHECK(length > 0 && length < sizeof(name) && strlen(name) == length);
            length_of_all += length + 1;
            kallsyms_address(&tables, i);
        }
        FUZZ_CHECK(length_of_all == tables.names_length);
        FUZZ_CHECK(tables.names + at <= tables.markers);
    }
    free(copy);
    return 0;
}

/* --- inputs to begin with --- */

struct writer {
    uint8_t bytes[MOST];
    uint32_t used;
    uint32_t word; /* to which all is aligned */
    bool big_endian;
};

static void put(struct writer *to, uint64_t value, uint32_t width)
{
    FUZZ_CHECK(to->used + width <= MOST);
    for (uint32_t i = 0; i < width; i++)
        to->bytes[to->used + (to->big_endian ? width - 1 - i : i)] = (uint8_t)(value >> (8 * i));
    to->used += width;
}

static void put_text(struct writer *to, const char *text)
{
    for (; *text != '\0'; text++)
        put(to, (uint8_t)*text, 1);
}

static void align(struct writer *to)
{
    while (to->used % to->word != 0)
        put(to, 0, 1);
}

static const char *const names[] = {"T_text", "Tstart_0123456789", "tlocal", "tlocal", "D_end"};
enum { COUNT = sizeof(names) / sizeof(names[0]) };
#define BASE 0x80008000u

/* Token 1 stands for what a name has instead, and so does none for itself. */
static void put_names(struct writer *to, uint32_t width)
{
    align(to);
    put(to, COUNT, width);
    align(to);
    for (uint32_t i = 0; i < COUNT; i++) {
        const bool local = strcmp(names[i], "tlocal") == 0;

        put(to, local ? 1 : strlen(names[i]), 1);
        if (local)
            put(to, 1, 1);
        else
            put_text(to, names[i]);
    }
    align(to);
    put(to, 0, width); /* the only marker */
    align(to);
}

static void put_tokens(struct writer *to)
{
    const uint32_t start = to->used;
    uint16_t index[256];

    for (uint32_t i = 0; i < 256; i++) {
        index[i] = (uint16_t)(to->used - start);
        if (i == 1)
            put_text(to, "tlocal");
        else if (i >= '0' && i <= 'z')
            put(to, i, 1);
        put(to, 0, 1);
    }
    align(to);
    for (uint32_t i = 0; i < 256; i++)
        put(to, index[i], 2);
    align(to);
}

static void put_sequence(struct writer *to)
{
    for (uint32_t i = 0; i < COUNT; i++) {
        put(to, 0, 2);
        put(to, i, 1);
    }
    align(to);
}

static void put_offsets(struct writer *to)
{
    align(to);
    for (uint64_t i = 0; i < COUNT; i++)
        put(to, 16 * i, 4);
    align(to);
    put(to, BASE, to->word);
}

/* As percpu data of x86 makes it: the first is an address, the others count from the second. */
static void put_percpu(struct writer *to)
{
    align(to);
    put(to, 0x20, 4);
    for (uint64_t i = 1; i < COUNT; i++)
        put(to, ~UINT64_C(0) - 16 * (i - 1), 4);
    align(to);
    put(to, BASE, to->word);
}

static void put_places(struct writer *to)
{
    for (uint64_t i = 0; i < COUNT; i++)
        put(to, UINT64_C(0) - to->used + 64 * (i / 3), 4);
}

static void give(struct writer *to, enum kallsyms_form form, fuzz_seed *seed, void *data)
{
    struct kallsyms tables;

    put(to, ~UINT64_C(0), 8);
    FUZZ_CHECK(kallsyms_find(&tables, to->bytes, to->used) == KALLSYMS_FOUND);
    FUZZ_CHECK(tables.count == COUNT && tables.form == form && tables.big_endian == to->big_endian);
    if (form != KALLSYMS_PLACE)
        FUZZ_CHECK(tables.word == to->word &&
                   kallsyms_address(&tables, COUNT - 1) >= BASE + 16 * (COUNT - 2));
    seed(data, to->bytes, to->used);
}

static void begin(struct writer *to, uint32_t word, bool big_endian)
{
    *to = (struct writer){.word = word, .big_endian = big_endian};
    put(to, ~UINT64_C(0), 8);
}

void fuzz_seeds(fuzz_seed *seed, void *data)
{
    struct writer to;

    for (int big_endian = 0; big_endian < 2; big_endian++)
        for (uint32_t word = 4; word <= 8; word += 4) {
            begin(&to, word, big_endian != 0); /* 5.10 */
            put_offsets(&to);
            put_names(&to, 4);
            put_tokens(&to);
            give(&to, KALLSYMS_OFFSET, seed, data);
            begin(&to, word, big_endian != 0); /* 6.3 */
            put_percpu(&to);
            put_names(&to, 4);
            put_sequence(&to);
            put_tokens(&to);
            give(&to, KALLSYMS_PERCPU, seed, data);
            begin(&to, word, big_endian != 0); /* 6.12 */
            put_names(&to, 4);
            put_tokens(&to);
            put_offsets(&to);
            put_sequence(&to);
            give(&to, KALLSYMS_OFFSET, seed, data);
        }
    begin(&to, 4, false); /* 7.2 */
    put_names(&to, 4);
    put_tokens(&to);
    put_places(&to);
    put_sequence(&to);
    give(&to, KALLSYMS_PLACE, seed, data);
    begin(&to, 8, false); /* 2.6 */
    for (uint64_t i = 0; i < COUNT; i++)
        put(&to, BASE + 16 * i, 8);
    put_names(&to, 8);
    put_tokens(&to);
    give(&to, KALLSYMS_ABSOLUTE, seed, data);
}
