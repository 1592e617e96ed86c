/* SPDX-License-Identifier: BSD-3-Clause
 *
 * hex/memory.c - bytes at addresses, as records tell them in any order: kept, checked for
 * overlaps, and made one image or a description.
 */
#include <stdlib.h>
#include <string.h>

#include "hex.h"

/* The shortest line with a byte of data has 12 characters and an end. */
#define LINE_MIN 13u
/* Where only places are kept, at most this many. */
#define BLOCKS_MAX (UINT64_C(1) << 20)

const char *const hex_sets[] = {KP_TRAIT_LOAD, KP_TRAIT_ENTRY, NULL};

const struct kp_param *const hex_unpack_table[] = {
    KP_UINT(struct hex_unpack_params, fill, .flags = KP_PARAM_HEX, .maximum = UINT8_MAX,
            .fallback = "0", .summary = "byte where no record gives one"),
    KP_UINT(struct hex_unpack_params, limit, .minimum = 1, .maximum = UINT64_MAX, .fallback = "1G",
            .unit = "bytes", .summary = "most that may come out, gaps included"),
    NULL,
};

int32_t hex_memory_init(struct kp_call *call, struct hex_memory *memory, uint64_t size,
                        int keep_bytes)
{
    memset(memory, 0, sizeof(*memory));
    memory->call = call;
    memory->count_max = size / LINE_MIN + 1;
    if (!keep_bytes && memory->count_max > BLOCKS_MAX)
        memory->count_max = BLOCKS_MAX;
    memory->blocks = call->host->alloc(call, memory->count_max * sizeof(*memory->blocks));
    if (keep_bytes)
        memory->bytes = call->host->alloc(call, size / 2 + 1);
    return memory->blocks != NULL && (memory->bytes != NULL || !keep_bytes) ? KP_OK : KP_FAILED;
}

int32_t hex_add(struct hex_memory *memory, uint64_t address, const uint8_t *bytes, uint64_t length,
                uint64_t line)
{
    struct hex_block *last;

    memory->records++;
    if (length == 0)
        return KP_OK;
    if (address + length > UINT64_C(1) << 32)
        return kp_fail(memory->call, "line %llu: %llu bytes at 0x%llx: beyond 32 bits",
                       (unsigned long long)line, (unsigned long long)length,
                       (unsigned long long)address);
    if (memory->bytes != NULL)
        memcpy(memory->bytes + memory->used, bytes, (size_t)length);
    memory->used += length;
    if (memory->count > 0) {
        last = &memory->blocks[memory->count - 1];
        if (last->address + last->length == address) {
            last->length += length;
            return KP_OK;
        }
    }
    if (memory->count == memory->count_max)
        return kp_fail(memory->call, "line %llu: more than %llu separate ranges",
                       (unsigned long long)line, (unsigned long long)memory->count_max);
    memory->blocks[memory->count++] =
        (struct hex_block){address, length, memory->used - length, line};
    return KP_OK;
}

static int by_address(const void *left, const void *right)
{
    const struct hex_block *a = (const struct hex_block *)left,
                           *b = (const struct hex_block *)right;

    if (a->address != b->address)
        return a->address < b->address ? -1 : 1;
    return a->line < b->line ? -1 : a->line > b->line;
}

int32_t hex_sort(struct hex_memory *memory)
{
    uint64_t i;

    if (memory->count == 0)
        return kp_fail(memory->call, "no record holds data");
    qsort(memory->blocks, (size_t)memory->count, sizeof(*memory->blocks), by_address);
    for (i = 0; i + 1 < memory->count; i++) {
        const struct hex_block *a = &memory->blocks[i], *b = a + 1;

        if (a->address + a->length > b->address)
            return kp_fail(memory->call,
                           "address 0x%llx: given twice, by what begins at line %llu and at line "
                           "%llu",
                           (unsigned long long)b->address,
                           (unsigned long long)(a->line < b->line ? a->line : b->line),
                           (unsigned long long)(a->line < b->line ? b->line : a->line));
    }
    return KP_OK;
}

/* The address of the first byte is where all are to be loaded. */
static int32_t set_traits(const struct hex_memory *memory)
{
    struct kp_call *call = memory->call;

    if (call->host->set_number(call, call->output, KP_TRAIT_LOAD, memory->blocks[0].address) !=
        KP_OK)
        return KP_FAILED;
    if (!memory->has_entry)
        return call->host->clear_trait(call, call->output, KP_TRAIT_ENTRY);
    return call->host->set_number(call, call->output, KP_TRAIT_ENTRY, memory->entry);
}

int32_t hex_emit(struct hex_memory *memory, const struct hex_unpack_params *params)
{
    struct kp_call *call = memory->call;
    const struct hex_block *last = &memory->blocks[memory->count - 1];
    const uint64_t first = memory->blocks[0].address;
    const uint64_t end = last->address + last->length, size = end - first;
    uint64_t i, at = first;

    if (size > params->limit)
        return kp_fail_at(call, &params->limit,
                          "raise 'limit' if the input is to be trusted: gaps count too",
                          "output: 0x%llx to 0x%llx are %llu bytes: beyond the limit, %llu",
                          (unsigned long long)first, (unsigned long long)end,
                          (unsigned long long)size, (unsigned long long)params->limit);
    for (i = 0; i < memory->count; i++) {
        const struct hex_block *block = &memory->blocks[i];

        if (kp_append_fill(call, (uint8_t)params->fill, block->address - at) != KP_OK ||
            kp_append(call, memory->bytes + block->at, block->length) != KP_OK)
            return KP_FAILED;
        at = block->address + block->length;
    }
    return set_traits(memory);
}

/* A derived number: it stands at no single place of the text. */
static int32_t number(struct kp_call *call, const char *name, uint64_t value, uint32_t flags,
                      const char *meaning)
{
    return kp_field_number(call, name, 0, 0, value, flags, meaning);
}

int32_t hex_show(struct hex_memory *memory)
{
    struct kp_call *call = memory->call;
    uint64_t i, ranges = 0, end = 0;
    char name[32], meaning[64];

    if (number(call, "records", memory->records, 0, NULL) != KP_OK ||
        number(call, "data", memory->used, KP_FIELD_BYTES, NULL) != KP_OK ||
        hex_sort(memory) != KP_OK)
        return KP_FAILED;
    for (i = 0; i < memory->count; i++) {
        const struct hex_block *block = &memory->blocks[i];
        uint64_t length = block->length;

        end = block->address + length;
        while (i + 1 < memory->count && memory->blocks[i + 1].address == end) {
            length += memory->blocks[++i].length;
            end = block->address + length;
        }
        snprintf(name, sizeof(name), "range[%llu]", (unsigned long long)ranges);
        snprintf(meaning, sizeof(meaning), "%llu bytes", (unsigned long long)length);
        if (ranges++ < HEX_BLOCKS_SHOWN &&
            number(call, name, block->address, KP_FIELD_HEX, meaning) != KP_OK)
            return KP_FAILED;
    }
    if (number(call, "ranges", ranges, 0, NULL) != KP_OK ||
        (memory->has_entry && number(call, "entry", memory->entry, KP_FIELD_HEX, NULL) != KP_OK))
        return KP_FAILED;
    return set_traits(memory);
}
