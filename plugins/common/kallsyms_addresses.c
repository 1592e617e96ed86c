/* SPDX-License-Identifier: BSD-3-Clause
 *
 * common/kallsyms_addresses.c - finds the addresses, before the number of symbols or behind the
 * index of tokens, and what their entries mean.
 *
 * scripts/kallsyms.c sorts symbols by address, and relative_base is that of the first one
 * that counts from it. So a reading is the right one if its addresses never fall and its first
 * offset is 0; and, behind the index, if seqs_of_names, in which each number occurs once, follows.
 */
#include "kallsyms.h"

#define INDEX_SIZE 512u
#define SEQ 3u

static uint64_t align(const struct kallsyms *tables, uint64_t at, uint32_t to)
{
    return at + (tables->token_table - at) % to;
}

static uint64_t entry_size(const struct kallsyms *tables)
{
    return tables->form == KALLSYMS_ABSOLUTE ? tables->word : 4;
}

uint64_t kallsyms_address(const struct kallsyms *tables, uint32_t index)
{
    const uint64_t at = tables->addresses + index * entry_size(tables);
    const uint64_t mask = tables->word == 4 ? UINT32_MAX : UINT64_MAX;
    uint32_t entry;

    if (tables->form == KALLSYMS_ABSOLUTE)
        return kallsyms_word(tables, at, tables->word);
    entry = (uint32_t)kallsyms_word(tables, at, 4);
    if (tables->form == KALLSYMS_PLACE)
        return at + (uint64_t)(int64_t)(int32_t)entry;
    if (tables->form == KALLSYMS_OFFSET)
        return (tables->relative_base + entry) & mask;
    return entry <= INT32_MAX ? entry : (tables->relative_base + ~entry) & mask;
}

/* Addresses before relocation, and offsets from a place before them, count from 0 or below: they
 * are compared as numbers with a sign, those that come from a base without it. */
static uint64_t ordinal(const struct kallsyms *tables, uint32_t index)
{
    const uint64_t at = tables->addresses + index * entry_size(tables);
    const uint64_t sign = UINT64_C(1) << 63;
    uint32_t entry;

    if (tables->form == KALLSYMS_ABSOLUTE)
        return kallsyms_word(tables, at, tables->word);
    if (tables->form == KALLSYMS_PLACE)
        return kallsyms_address(tables, index) ^ sign;
    entry = (uint32_t)kallsyms_word(tables, at, 4);
    if (tables->form == KALLSYMS_PERCPU)
        return entry <= INT32_MAX ? entry : sign + ~entry;
    return entry;
}

/* The first entry that counts from relative_base must be that symbol. */
static bool begins(const struct kallsyms *tables)
{
    uint32_t i = 0;

    if (tables->form == KALLSYMS_OFFSET)
        return kallsyms_word(tables, tables->addresses, 4) == 0;
    if (tables->form != KALLSYMS_PERCPU)
        return true;
    while (i < tables->count &&
           kallsyms_word(tables, tables->addresses + 4 * (uint64_t)i, 4) <= INT32_MAX)
        i++;
    return i < tables->count &&
           kallsyms_word(tables, tables->addresses + 4 * (uint64_t)i, 4) == UINT32_MAX;
}

static bool in_order(const struct kallsyms *tables)
{
    uint64_t previous = ordinal(tables, 0);
    uint32_t steps = 1;

    for (uint32_t i = 1; i < tables->count; i++) {
        const uint64_t next = ordinal(tables, i);

        if (next < previous)
            return false;
        steps += next != previous;
        previous = next;
    }
    return steps > tables->count / 8 && (steps > 1 || tables->count == 1);
}

/* Whether the entries are there and can be read as `form`. */
static bool reads(struct kallsyms *tables, enum kallsyms_form form, uint64_t at, uint64_t end)
{
    tables->form = form;
    tables->addresses = at;
    return at <= end && kp_inside(tables->size, at, tables->count * entry_size(tables)) &&
           at + tables->count * entry_size(tables) <= end && begins(tables) && in_order(tables);
}

static bool set_base(struct kallsyms *tables, uint64_t at)
{
    tables->relative_base_at = at;
    tables->relative_base =
        kp_inside(tables->size, at, tables->word) ? kallsyms_word(tables, at, tables->word) : 0;
    return kp_inside(tables->size, at, tables->word);
}

/* Whether these can be the numbers below count, each once: by their sum and that of their squares,
 * since there is no memory to mark them in. */
static bool is_permutation(const struct kallsyms *tables, uint64_t at)
{
    const uint64_t count = tables->count;
    uint64_t sum = 0, squares = 0, right_sum = 0, right_squares = 0;

    if (!kp_inside(tables->size, at, SEQ * count))
        return false;
    for (uint64_t i = 0; i < count; i++) {
        const uint8_t *const p = tables->bytes + at + SEQ * i;
        const uint64_t number = (uint64_t)p[0] << 16 | (uint64_t)p[1] << 8 | p[2];

        if (number >= count)
            return false;
        sum += number;
        squares += number * number;
        right_sum += i;
        right_squares += i * i;
    }
    return sum == right_sum && squares == right_squares;
}

static bool reads_offsets(struct kallsyms *tables, uint64_t at, uint64_t end)
{
    return reads(tables, KALLSYMS_OFFSET, at, end) || reads(tables, KALLSYMS_PERCPU, at, end);
}

/* 6.4 and later. */
static enum kallsyms_result behind_index(struct kallsyms *tables)
{
    const uint64_t index_end = tables->token_index + INDEX_SIZE;
    const uint64_t size = 4 * (uint64_t)tables->count;
    uint64_t at = align(tables, index_end, tables->word);
    const uint64_t base = align(tables, at + size, tables->word);

    if (set_base(tables, base) && is_permutation(tables, base + tables->word) &&
        reads_offsets(tables, at, base))
        return KALLSYMS_FOUND;
    /* 7.0 and later: all is aligned to 4 bytes, and a long's size shows nowhere. */
    tables->relative_base_at = tables->relative_base = 0;
    at = align(tables, index_end, 4);
    if (!is_permutation(tables, at + size))
        return KALLSYMS_ADDRESSES;
    tables->word = 4;
    if (reads(tables, KALLSYMS_ABSOLUTE, at, at + size))
        return KALLSYMS_FOUND;
    tables->word = 0;
    return reads(tables, KALLSYMS_PLACE, at, at + size) ? KALLSYMS_FOUND : KALLSYMS_ADDRESSES;
}

/* The difference between entries `index` and the next. */
static uint64_t gap(const struct kallsyms *tables, uint32_t index)
{
    return index + 1 < tables->count ? ordinal(tables, index + 1) - ordinal(tables, index) : 0;
}

static bool absolute_before(struct kallsyms *tables)
{
    const uint64_t size = tables->word * (uint64_t)tables->count;

    return size <= tables->num_syms &&
           reads(tables, KALLSYMS_ABSOLUTE, tables->num_syms - size, tables->num_syms);
}

static bool offsets_before(struct kallsyms *tables)
{
    uint64_t size = 4 * (uint64_t)tables->count;

    size += size % tables->word;
    return size + tables->word <= tables->num_syms &&
           set_base(tables, tables->num_syms - tables->word) &&
           reads_offsets(tables, tables->relative_base_at - size, tables->relative_base_at);
}

/* Up to 6.3. With 32 bits, relative_base can pass for the last address, and a zero in front of
 * addresses for the first offset. Either is then far from its neighbour, while in the right
 * reading that one is near. */
static enum kallsyms_result before_number(struct kallsyms *tables)
{
    const bool absolute = absolute_before(tables);
    const uint64_t last = absolute && tables->count > 1 ? gap(tables, tables->count - 2) : 0;
    const bool offsets = offsets_before(tables);
    const uint64_t first = offsets ? gap(tables, 0) : 0;

    if (offsets && absolute && first == last)
        return KALLSYMS_AMBIGUOUS;
    if (offsets && (!absolute || first < last))
        return KALLSYMS_FOUND;
    tables->relative_base_at = tables->relative_base = 0;
    return absolute_before(tables) ? KALLSYMS_FOUND : KALLSYMS_ADDRESSES;
}

enum kallsyms_result kallsyms_find_addresses(struct kallsyms *tables)
{
    enum kallsyms_result result;

    /* Before 5.0 number and markers are longs; later there is padding behind the number. In big
     * endian the number is a long's second half. */
    if (tables->marker_size == 8)
        tables->num_syms = tables->names - 8;
    tables->word = tables->num_syms == tables->names - 8 ? 8 : 4;
    result = before_number(tables);
    if (result != KALLSYMS_ADDRESSES || tables->has_seqs)
        return result;
    return behind_index(tables);
}
