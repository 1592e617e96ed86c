/* SPDX-License-Identifier: BSD-3-Clause
 *
 * hex/srec_read.c - the stage `srec.unpack`, and the description of such files. srec.c tells
 * of the format.
 *
 * Records may stand in any order and leave gaps. Refused is what no good file has: wrong
 * checksums and counts, S4, a byte given twice, anything behind the end record, a file
 * without one.
 */
#include <string.h>

#include "hex.h"

struct srec_state {
    struct hex_reader reader;
    struct hex_memory *memory;
    int ended;
    uint8_t title[HEX_RECORD_MAX];
    uint64_t title_length;
    uint64_t title_offset; /* of its record in the file */
    int has_title;
};

struct srec_record {
    uint8_t bytes[HEX_RECORD_MAX];
    uint64_t data; /* where its data stand in the bytes */
    uint64_t length;
    uint64_t address;
    unsigned type;
};

static int32_t check_sum(const struct srec_state *state, const uint8_t *bytes, uint64_t count)
{
    uint8_t sum = 0;
    uint64_t i;

    for (i = 0; i + 1 < count; i++)
        sum = (uint8_t)(sum + bytes[i]);
    sum = (uint8_t)~sum;
    if (bytes[count - 1] == sum)
        return KP_OK;
    return kp_fail(state->reader.call, "line %llu: checksum 0x%02X: the record's bytes give 0x%02X",
                   (unsigned long long)state->reader.line, bytes[count - 1], sum);
}

static int32_t read_record(const struct srec_state *state, struct srec_record *record)
{
    static const uint8_t widths[] = {2, 2, 3, 4, 0, 2, 3, 4, 3, 2}; /* of addresses, by type */
    const struct hex_reader *reader = &state->reader;
    const unsigned long long line = reader->line;
    struct kp_call *call = reader->call;
    unsigned width, i;
    uint64_t count;

    if (reader->length < 2 || reader->from[0] != 'S' || reader->from[1] < '0' ||
        reader->from[1] > '9' || reader->from[1] == '4')
        return kp_fail(call, "line %llu: a record begins with S and one of 0 to 3 and 5 to 9",
                       line);
    record->type = (unsigned)(reader->from[1] - '0');
    width = widths[record->type];
    if (hex_bytes(reader, 2, record->bytes, &count) != KP_OK)
        return KP_FAILED;
    if (count < width + 2 || count != 1u + record->bytes[0])
        return kp_fail(call, "line %llu: %llu bytes: S%u with count %u has %u, and at least %u",
                       line, (unsigned long long)count, record->type,
                       count == 0 ? 0u : record->bytes[0], 1 + (count == 0 ? 0u : record->bytes[0]),
                       width + 2);
    if (check_sum(state, record->bytes, count) != KP_OK)
        return KP_FAILED;
    record->address = 0;
    for (i = 0; i < width; i++)
        record->address = record->address << 8 | record->bytes[1 + i];
    record->data = 1 + width;
    record->length = count - width - 2;
    return KP_OK;
}

/* The type of a record is in no checksum: a damaged S1 looks so. */
static int32_t take_title(struct srec_state *state, const struct srec_record *record)
{
    if (state->has_title || state->memory->records > 0)
        return kp_fail(state->reader.call, "line %llu: S0 is for the first record",
                       (unsigned long long)state->reader.line);
    memcpy(state->title, record->bytes + record->data, (size_t)record->length);
    state->title_length = record->length;
    state->title_offset = (uint64_t)(state->reader.from - state->reader.text);
    state->has_title = 1;
    return KP_OK;
}

/* The count is modulo what its record holds. */
static int32_t take_count(struct srec_state *state, const struct srec_record *record)
{
    const uint64_t mask = record->type == 5 ? 0xffff : 0xffffff;

    if (record->address == (state->memory->records & mask))
        return KP_OK;
    return kp_fail(state->reader.call, "line %llu: S%u counts %llu data records: there are %llu",
                   (unsigned long long)state->reader.line, record->type,
                   (unsigned long long)record->address, (unsigned long long)state->memory->records);
}

static int32_t take_record(struct srec_state *state, const struct srec_record *record)
{
    const uint64_t line = state->reader.line;

    if (record->type >= 1 && record->type <= 3)
        return hex_add(state->memory, record->address, record->bytes + record->data, record->length,
                       line);
    if (record->type == 0)
        return take_title(state, record);
    if (record->length != 0)
        return kp_fail(state->reader.call, "line %llu: %llu bytes of data: S%u has none",
                       (unsigned long long)line, (unsigned long long)record->length, record->type);
    if (record->type <= 6)
        return take_count(state, record);
    /* Who knows no address to start at writes 0. */
    state->memory->has_entry = record->address != 0;
    state->memory->entry = record->address;
    state->ended = 1;
    return KP_OK;
}

static int32_t read_all(struct kp_call *call, struct srec_state *state, struct hex_memory *memory,
                        int keep_bytes)
{
    struct srec_record record = {0};
    int32_t more;

    memset(state, 0, sizeof(*state));
    state->memory = memory;
    if (hex_open(call, &state->reader) != KP_OK ||
        hex_memory_init(call, memory, state->reader.size, keep_bytes) != KP_OK)
        return KP_FAILED;
    while ((more = hex_next(&state->reader)) == 1) {
        if (state->ended)
            return kp_fail(call, "line %llu: something behind the end record",
                           (unsigned long long)state->reader.line);
        if (read_record(state, &record) != KP_OK || take_record(state, &record) != KP_OK)
            return KP_FAILED;
    }
    if (more == 0 && !state->ended)
        return kp_fail_at(call, NULL, "the file was cut short: get it again",
                          "line %llu: no end record behind it",
                          (unsigned long long)state->reader.line);
    return more;
}

static int32_t run(struct kp_call *call)
{
    struct srec_state state;
    struct hex_memory memory;

    if (read_all(call, &state, &memory, 1) != KP_OK || hex_sort(&memory) != KP_OK)
        return KP_FAILED;
    return hex_emit(&memory, (const struct hex_unpack_params *)call->params);
}

int32_t hex_srec_inspect(struct kp_call *call)
{
    struct srec_state state;
    struct hex_memory memory;

    if (read_all(call, &state, &memory, 0) != KP_OK)
        return KP_FAILED;
    if (state.has_title && kp_field_text(call, "title", state.title_offset, 0,
                                         (const char *)state.title, state.title_length) != KP_OK)
        return KP_FAILED;
    return hex_show(&memory);
}

static const char *const kinds[] = {KP_KIND_SREC, NULL};

const struct kp_operation hex_srec_unpack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "make an image of Motorola S-records",
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
