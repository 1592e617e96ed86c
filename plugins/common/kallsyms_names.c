/* SPDX-License-Identifier: BSD-3-Clause
 *
 * common/kallsyms_names.c - finds names, their number and their markers in front of the table of
 * tokens.
 *
 * From that table backwards, each place that could begin markers (0, then numbers that grow by
 * what 256 names may take) is tried. How far it is from the tokens tells how many markers there
 * are, with seqs_of_names between or without; the last marker, where names begin; and the number
 * in front of these, how many there are. All the names are then walked: each 256th must be where
 * its marker says, and the last must end where markers begin.
 */
#include "kallsyms.h"

/* What is between two markers: 256 names with a length and a token at least. */
#define BLOCK 256u
#define BLOCK_MIN UINT64_C(512)
#define BLOCK_MAX (UINT64_C(256) * (KALLSYMS_NAME_MAX + 2u))
/* A number of seqs_of_names has 3 bytes. */
#define COUNT_MAX (1u << 24)
#define SEQ 3u
#define PADDING_MAX 8u

/* The place of the name behind that at `at`, at most `end`; 0 if it is beyond, or empty. */
static uint64_t step(const struct kallsyms *tables, uint64_t at, uint64_t end)
{
    uint32_t length;

    if (end - at < 2)
        return 0;
    length = tables->bytes[at++];
    if (tables->wide_lengths && (length & 0x80) != 0)
        length = (length & 0x7f) | (uint32_t)tables->bytes[at++] << 7;
    return length != 0 && length <= end - at ? at + length : 0;
}

static bool walk(struct kallsyms *tables)
{
    uint64_t at = tables->names;

    if (!kallsyms_spend(tables, tables->count))
        return false;
    for (uint32_t i = 0; i < tables->count; i++) {
        if (i % BLOCK == 0 &&
            kallsyms_word(tables, tables->markers + (uint64_t)tables->marker_size * (i / BLOCK),
                          tables->marker_size) != at - tables->names)
            return false;
        at = step(tables, at, tables->markers);
        if (at == 0)
            return false;
    }
    return tables->markers - at < PADDING_MAX;
}

/* Whether between the last marker and the tokens there is no more than there must be. */
static bool space_fits(struct kallsyms *tables, uint64_t marker_count)
{
    const uint64_t end = tables->markers + marker_count * tables->marker_size;
    const uint64_t seqs = SEQ * (uint64_t)tables->count;
    uint64_t space;

    if (end > tables->token_table)
        return false;
    space = tables->token_table - end;
    tables->has_seqs = space >= PADDING_MAX;
    if (!tables->has_seqs)
        return true;
    /* Padding before them, where longs have 8 bytes and an odd number of markers 4 each; and after. */
    return space >= seqs && space - seqs < 4 + PADDING_MAX;
}

/* Names may have all lengths in one byte, or long ones in two; most kernels have no long ones. */
static bool names_fit(struct kallsyms *tables, uint64_t count, uint64_t marker_count)
{
    if (count == 0 || count > COUNT_MAX || (count + BLOCK - 1) / BLOCK != marker_count)
        return false;
    tables->count = (uint32_t)count;
    if (!space_fits(tables, marker_count))
        return false;
    tables->wide_lengths = true;
    if (walk(tables))
        return true;
    tables->wide_lengths = false;
    return walk(tables);
}

/* With so many markers: looks for names that end where they begin. */
static bool try_count(struct kallsyms *tables, uint64_t marker_count)
{
    const uint32_t width = tables->marker_size;
    const uint64_t last =
        kallsyms_word(tables, tables->markers + (marker_count - 1) * width, width);
    uint64_t first;

    if (last > tables->markers || tables->markers - last < 12)
        return false;
    first = tables->markers - last; /* names begin here at the latest */
    for (uint64_t back = 0; back < BLOCK_MAX && first - back >= 8; back += 4) {
        tables->names = first - back;
        tables->names -= (tables->names - tables->token_table) % 4;
        if (!kallsyms_spend(tables, 1) || tables->names < 8)
            return false;
        tables->num_syms = tables->names - 4;
        if (names_fit(tables, kallsyms_word(tables, tables->num_syms, 4), marker_count))
            return true;
        tables->num_syms = tables->names - 8;
        if (names_fit(tables, kallsyms_word(tables, tables->num_syms, 4), marker_count))
            return true;
    }
    return false;
}

/* How many words from the place of markers on could be ones. */
static uint64_t marker_run(struct kallsyms *tables, uint64_t most)
{
    const uint32_t width = tables->marker_size;
    uint64_t previous = 0, count = 1;

    for (; count < most; count++) {
        const uint64_t next = kallsyms_word(tables, tables->markers + count * width, width);

        if (next < previous || next - previous < BLOCK_MIN || next - previous > BLOCK_MAX)
            break;
        previous = next;
    }
    return count;
}

/* Markers may begin here: the space up to the tokens says how many there are, to one more or
 * less. */
static bool try_markers(struct kallsyms *tables)
{
    const uint32_t width = tables->marker_size;
    const uint64_t space = tables->token_table - tables->markers;
    const uint64_t without = space / width, with = space / (width + SEQ * (uint64_t)BLOCK);
    const uint64_t run = marker_run(tables, without);

    if (!kallsyms_spend(tables, run))
        return false;
    for (uint64_t count = without; count > 0 && count + 2 > without; count--)
        if (count <= run && try_count(tables, count))
            return true;
    for (uint64_t count = with + 1; count > 0 && count + 1 > with; count--)
        if (count <= run && try_count(tables, count))
            return true;
    return false;
}

bool kallsyms_find_names(struct kallsyms *tables)
{
    const uint64_t space_max = COUNT_MAX * (SEQ + 1ull);
    const uint64_t most = tables->token_table < space_max ? tables->token_table : space_max;

    for (uint64_t back = 4; back <= most && kallsyms_spend(tables, 1); back += 4) {
        tables->markers = tables->token_table - back;
        if (kallsyms_word(tables, tables->markers, 4) != 0)
            continue;
        tables->marker_size = 4;
        if (try_markers(tables))
            return true;
        tables->marker_size = 8;
        if (back >= 8 && kallsyms_word(tables, tables->markers, 8) == 0 && try_markers(tables))
            return true;
    }
    return false;
}
