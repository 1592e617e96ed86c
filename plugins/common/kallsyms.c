/* SPDX-License-Identifier: BSD-3-Clause
 *
 * common/kallsyms.c - finds the table of tokens, by which all begins, and reads names once all
 * tables are known.
 *
 * Sought are the ten digits, each a token for itself, one after the other: every kernel has names
 * with all of them. What follows must be the index of the very strings around them, all 256, in
 * one of the two byte orders.
 */
#include "kallsyms.h"

#include <string.h>

/* The search may look at so many places more than there are bytes. */
#define STEPS_BASE (UINT64_C(32) << 20)
#define DIGIT_ZERO 48u
#define TOKENS 256u
#define INDEX_SIZE UINT64_C(512)
/* Names in the kernel are half as long as their texts; a hostile table shall not blow them up. */
#define EXPANSION_MAX 16u

bool kallsyms_spend(struct kallsyms *tables, uint64_t steps)
{
    if (steps >= tables->steps) {
        tables->steps = 0;
        return false;
    }
    tables->steps -= steps;
    return true;
}

static uint16_t index_entry(const uint8_t *index, bool big_endian, size_t number)
{
    return big_endian ? kp_be16(index + 2 * number) : kp_le16(index + 2 * number);
}

/* Whether `index` is that of the strings from `start` to `end`; fills in where tokens are. */
static bool index_fits(struct kallsyms *tables, uint64_t start, uint64_t end, const uint8_t *index)
{
    uint64_t at = start;

    for (uint32_t i = 0; i < TOKENS; i++) {
        const uint8_t *nul;

        if (at >= end || index_entry(index, tables->big_endian, i) != at - start)
            return false;
        nul = memchr(tables->bytes + at, '\0', (size_t)(end - at));
        if (nul == NULL)
            return false;
        tables->token_at[i] = (uint16_t)(at - start);
        tables->token_length[i] = (uint16_t)(nul - (tables->bytes + at));
        at += tables->token_length[i] + 1u;
    }
    return at == end;
}

/* The end of the strings from token `0` at `digits` on, or 0. */
static uint64_t tokens_end(struct kallsyms *tables, uint64_t digits)
{
    const uint64_t left = tables->size - digits;
    const uint64_t most = digits + (left < 0x10000 ? left : 0x10000);
    uint64_t at = digits;

    for (uint32_t i = DIGIT_ZERO; i < TOKENS; i++) {
        const uint8_t *const nul = memchr(tables->bytes + at, '\0', (size_t)(most - at));

        if (nul == NULL)
            return 0;
        at = (uint64_t)(nul - tables->bytes) + 1;
    }
    return kallsyms_spend(tables, at - digits) ? at : 0;
}

static bool tokens_at(struct kallsyms *tables, uint64_t digits)
{
    const uint64_t end = tokens_end(tables, digits);

    if (end == 0)
        return false;
    for (uint64_t at = end; at < end + 8 && kp_inside(tables->size, at, INDEX_SIZE); at++) {
        for (int order = 0; order < 2; order++) {
            const uint64_t before = index_entry(tables->bytes + at, order != 0, DIGIT_ZERO);

            tables->big_endian = order != 0;
            tables->token_table = digits - before;
            tables->token_index = at;
            if (before >= DIGIT_ZERO && before <= digits && kallsyms_spend(tables, before) &&
                index_fits(tables, digits - before, end, tables->bytes + at))
                return true;
        }
        if (tables->bytes[at] != 0)
            break;
    }
    return false;
}

/* Whether each name can be read: the tokens' texts are not too long, and none is without a type. */
static bool measure_names(struct kallsyms *tables)
{
    const uint64_t compressed = tables->markers - tables->names;
    const uint8_t *at = tables->bytes + tables->names;

    tables->names_length = 0;
    for (uint32_t i = 0; i < tables->count; i++) {
        uint32_t tokens = *at++, length = 0;

        if (tables->wide_lengths && (tokens & 0x80) != 0)
            tokens = (tokens & 0x7f) | (uint32_t)*at++ << 7;
        for (; tokens > 0; tokens--)
            length += tables->token_length[*at++];
        if (length < 2 || length > KALLSYMS_NAME_MAX)
            return false;
        tables->names_length += length;
    }
    return tables->names_length / EXPANSION_MAX <= compressed;
}

static enum kallsyms_result rest(struct kallsyms *tables)
{
    if (!kallsyms_find_names(tables))
        return KALLSYMS_NAMES;
    if (!measure_names(tables))
        return KALLSYMS_EXCESS;
    return kallsyms_find_addresses(tables);
}

enum kallsyms_result kallsyms_find(struct kallsyms *tables, const uint8_t *bytes, uint64_t size)
{
    static const char digits[] = "0\0001\0002\0003\0004\0005\0006\0007\0008\0009";
    enum kallsyms_result result = KALLSYMS_NONE;
    uint64_t from = 0;

    memset(tables, 0, sizeof(*tables));
    tables->bytes = bytes;
    tables->size = size;
    tables->steps = STEPS_BASE + size;
    while (from < size && tables->steps > 0) {
        const uint8_t *const hit =
            memmem(bytes + from, (size_t)(size - from), digits, sizeof(digits));

        if (hit == NULL)
            return result;
        from = (uint64_t)(hit - bytes) + 1;
        if (tokens_at(tables, from - 1)) {
            const enum kallsyms_result found = rest(tables);

            if (found == KALLSYMS_FOUND)
                return found;
            if (found > result)
                result = found;
        }
    }
    return tables->steps == 0 ? KALLSYMS_EXCESS : result;
}

char kallsyms_next(const struct kallsyms *tables, uint64_t *at, char *name, uint32_t *length)
{
    const uint8_t *from = tables->bytes + tables->names + *at;
    const char *const tokens = (const char *)tables->bytes + tables->token_table;
    uint32_t count = *from++, used = 0;
    char type = '\0';

    if (tables->wide_lengths && (count & 0x80) != 0)
        count = (count & 0x7f) | (uint32_t)*from++ << 7;
    for (; count > 0; count--) {
        const uint8_t token = *from++;
        const char *text = tokens + tables->token_at[token];
        uint32_t more = tables->token_length[token];

        if (more > 0 && type == '\0') {
            type = *text++;
            more--;
        }
        memcpy(name + used, text, more);
        used += more;
    }
    name[used] = '\0';
    *length = used;
    *at = (uint64_t)(from - (tables->bytes + tables->names));
    return type;
}
