/* SPDX-License-Identifier: BSD-3-Clause
 *
 * hex/ihex_read.c - the stage `ihex.unpack`, and the description of such files. ihex.c tells
 * of the format.
 *
 * Records may stand in any order and leave gaps. Refused is what no good file has: wrong
 * checksums and counts, unknown types, a byte given twice, anything behind the end record,
 * a file without one, and data that would wrap around in its segment, which readers
 * treat differently.
 */
#include "hex.h"

#define HEADER 4u /* count, address, type; a checksum follows the data */

struct ihex_state {
    struct hex_reader reader;
    struct hex_memory *memory;
    uint64_t base;
    int in_segment; /* the base is from 02: addresses have 16 bits behind it */
    int ended;
};

struct ihex_record {
    uint8_t bytes[HEX_RECORD_MAX];
    const uint8_t *data;
    uint64_t length;
    uint16_t address;
    uint8_t type;
};

static int32_t read_record(const struct ihex_state *state, struct ihex_record *record)
{
    const struct hex_reader *reader = &state->reader;
    const unsigned long long line = reader->line;
    struct kp_call *call = reader->call;
    uint64_t count, i;
    uint8_t sum = 0;

    if (reader->from[0] != ':')
        return kp_fail(call, "line %llu: a record begins with ':'", line);
    if (hex_bytes(reader, 1, record->bytes, &count) != KP_OK)
        return KP_FAILED;
    if (count < HEADER + 1 || count != record->bytes[0] + HEADER + 1)
        return kp_fail(call, "line %llu: %llu bytes: a record with count %u has %u", line,
                       (unsigned long long)count, count == 0 ? 0u : record->bytes[0],
                       (count == 0 ? 0u : record->bytes[0]) + HEADER + 1);
    for (i = 0; i + 1 < count; i++)
        sum = (uint8_t)(sum + record->bytes[i]);
    sum = (uint8_t)(0 - sum);
    if (record->bytes[count - 1] != sum)
        return kp_fail(call, "line %llu: checksum 0x%02X: the record's bytes give 0x%02X", line,
                       record->bytes[count - 1], sum);
    record->length = count - HEADER - 1;
    record->address = kp_be16(record->bytes + 1);
    record->type = record->bytes[3];
    record->data = record->bytes + HEADER;
    return KP_OK;
}

static int32_t take_data(struct ihex_state *state, const struct ihex_record *record)
{
    if (state->in_segment && record->address + record->length > 0x10000)
        return kp_fail(state->reader.call,
                       "line %llu: %llu bytes at 0x%04x: they would wrap around in their segment",
                       (unsigned long long)state->reader.line, (unsigned long long)record->length,
                       (unsigned)record->address);
    return hex_add(state->memory, state->base + record->address, record->data, record->length,
                   state->reader.line);
}

/* Types 01 to 05 with the length that each must have. */
static int32_t take_other(struct ihex_state *state, const struct ihex_record *record)
{
    static const uint8_t lengths[] = {0, 0, 2, 4, 2, 4};
    struct hex_memory *memory = state->memory;

    if (record->type >= sizeof(lengths))
        return kp_fail(state->reader.call, "line %llu: type %02X: unknown",
                       (unsigned long long)state->reader.line, record->type);
    if (record->length != lengths[record->type])
        return kp_fail(state->reader.call, "line %llu: %llu bytes of data: type %02X has %u",
                       (unsigned long long)state->reader.line, (unsigned long long)record->length,
                       record->type, lengths[record->type]);
    if (record->type == 1) {
        state->ended = 1;
    } else if (record->type == 2 || record->type == 4) {
        state->in_segment = record->type == 2;
        state->base = (uint64_t)kp_be16(record->data) << (state->in_segment ? 4 : 16);
    } else {
        memory->has_entry = 1;
        memory->entry = record->type == 5
                            ? kp_be32(record->data)
                            : ((uint64_t)kp_be16(record->data) << 4) + kp_be16(record->data + 2);
    }
    return KP_OK;
}

static int32_t read_all(struct kp_call *call, struct hex_memory *memory, int keep_bytes)
{
    struct ihex_state state = {.memory = memory};
    struct ihex_record record = {0};
    int32_t more;

    if (hex_open(call, &state.reader) != KP_OK ||
        hex_memory_init(call, memory, state.reader.size, keep_bytes) != KP_OK)
        return KP_FAILED;
    while ((more = hex_next(&state.reader)) == 1) {
        if (state.ended)
            return kp_fail(call, "line %llu: something behind the end record",
                           (unsigned long long)state.reader.line);
        if (read_record(&state, &record) != KP_OK ||
            (record.type == 0 ? take_data : take_other)(&state, &record) != KP_OK)
            return KP_FAILED;
    }
    if (more == 0 && !state.ended)
        return kp_fail_at(call, NULL, "the file was cut short: get it again",
                          "line %llu: no end record behind it",
                          (unsigned long long)state.reader.line);
    return more;
}

static int32_t run(struct kp_call *call)
{
    struct hex_memory memory;

    if (read_all(call, &memory, 1) != KP_OK || hex_sort(&memory) != KP_OK)
        return KP_FAILED;
    return hex_emit(&memory, (const struct hex_unpack_params *)call->params);
}

int32_t hex_ihex_inspect(struct kp_call *call)
{
    struct hex_memory memory;

    if (read_all(call, &memory, 0) != KP_OK)
        return KP_FAILED;
    return hex_show(&memory);
}

static const char *const kinds[] = {KP_KIND_IHEX, NULL};

const struct kp_operation hex_ihex_unpack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "make an image of Intel hexadecimal text",
    .help = "The image begins at the lowest address that a record gives, and ends at the highest.",
    .input_kinds = kinds,
    .output_kind = KP_KIND_RAW,
    .params = hex_unpack_table,
    .params_size = sizeof(struct hex_unpack_params),
    .sets = hex_sets,
    .memory_base = HEX_MEMORY_BASE,
    .memory_per_byte = HEX_MEMORY_PER_BYTE,
    .run = run,
};
