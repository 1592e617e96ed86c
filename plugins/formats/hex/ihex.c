/* SPDX-License-Identifier: BSD-3-Clause
 *
 * hex/ihex.c - the stage `ihex`: an image as text in Intel's hexadecimal object file format,
 * byte for byte as `objcopy -I binary -O ihex --change-addresses ADDRESS` writes it.
 *
 * The format: Intel, "Hexadecimal Object File Format Specification", revision A, 1988. A
 * record is a colon, the count of its data bytes, 16 bits of address, its type, the data and
 * a checksum that makes the sum of all bytes 0. Types:
 *   00 data    01 end    02 bits 4 to 19 of a base address    03 CS and IP to start with
 *   04 bits 16 to 31 of a base address                        05 address to start at
 */
#include <string.h>

#include "hex.h"

#define EXTENDED_AUTO 0u
#define EXTENDED_LINEAR 1u

#define SEGMENT_REACH UINT64_C(0x100000) /* what 02 and 16 bits of address can tell */

struct ihex_params {
    uint64_t address;
    uint64_t entry;
    uint64_t length;
    uint32_t extended;
    uint8_t has_entry;
};

struct ihex_writer {
    struct hex_writer text;
    const struct ihex_params *params;
    uint64_t base;      /* what the latest 02 or 04 said */
    uint8_t in_segment; /* it was 02 */
};

static const struct kp_choice *const extensions[] = {
    KP_ONE_OF(EXTENDED_AUTO, "auto", "below 1 MiB type 02, above it 04, as binutils does"),
    KP_ONE_OF(EXTENDED_LINEAR, "linear", "type 04 always"),
    NULL,
};

static const struct kp_param *const table[] = {
    KP_UINT(struct ihex_params, address, .flags = KP_PARAM_HEX | KP_PARAM_SHORT,
            .maximum = UINT32_MAX, .trait = KP_TRAIT_LOAD, .fallback = "0",
            .summary = "address of the image's first byte"),
    KP_UINT(struct ihex_params, entry, .flags = KP_PARAM_HEX, .maximum = UINT32_MAX,
            .presence = offsetof(struct ihex_params, has_entry), .trait = KP_TRAIT_ENTRY,
            .computed = "the same as address", .summary = "address to start at",
            .help = "0 leaves its record out."),
    KP_UINT(struct ihex_params, length, .minimum = 1, .maximum = 255, .fallback = "16",
            .unit = "bytes", .summary = "data of a record"),
    KP_CHOICE(struct ihex_params, extended, .choices = extensions, .fallback = "auto",
              .summary = "how addresses of more than 16 bits are written"),
    NULL,
};

static int32_t put_record(struct ihex_writer *writer, uint8_t type, uint16_t address,
                          const uint8_t *data, uint64_t length)
{
    uint8_t record[HEX_RECORD_MAX + 4], sum = 0;
    uint64_t i;

    record[0] = (uint8_t)length;
    kp_put_be16(record + 1, address);
    record[3] = type;
    if (length > 0)
        memcpy(record + 4, data, (size_t)length);
    for (i = 0; i < length + 4; i++)
        sum = (uint8_t)(sum + record[i]);
    record[length + 4] = (uint8_t)(0 - sum);
    return hex_line(&writer->text, ":", record, length + 5);
}

/* Makes `address` one that 16 bits behind the base can tell. */
static int32_t set_base(struct ihex_writer *writer, uint64_t address)
{
    uint8_t bytes[2];

    if (address >= writer->base && address - writer->base <= UINT16_MAX)
        return KP_OK;
    if (writer->params->extended == EXTENDED_AUTO && address < SEGMENT_REACH) {
        writer->base = address & 0xf0000;
        writer->in_segment = 1;
        kp_put_be16(bytes, (uint16_t)(writer->base >> 4));
        return put_record(writer, 2, 0, bytes, sizeof(bytes));
    }
    /* Some readers add both bases; binutils takes the other one back for them. */
    kp_put_be16(bytes, 0);
    if (writer->in_segment && put_record(writer, 2, 0, bytes, sizeof(bytes)) != KP_OK)
        return KP_FAILED;
    writer->in_segment = 0;
    writer->base = address & 0xffff0000;
    kp_put_be16(bytes, (uint16_t)(writer->base >> 16));
    return put_record(writer, 4, 0, bytes, sizeof(bytes));
}

/* The image; no record passes a multiple of 64 KiB. */
static int32_t put_data(struct ihex_writer *writer, const struct kp_image *image, uint64_t size)
{
    struct kp_call *call = writer->text.call;
    uint8_t data[HEX_RECORD_MAX];
    uint64_t at, length;

    for (at = 0; at < size; at += length) {
        const uint64_t address = writer->params->address + at;
        const uint64_t room = 0x10000 - address % 0x10000;

        length = size - at < writer->params->length ? size - at : writer->params->length;
        if (length > room)
            length = room;
        if (at % (1 << 20) < length) {
            if (call->host->cancelled(call))
                return KP_FAILED;
            call->host->progress(call, at, size);
        }
        if (set_base(writer, address) != KP_OK ||
            call->host->image_read(call, image, at, data, length) != KP_OK ||
            put_record(writer, 0, (uint16_t)(address - writer->base), data, length) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

static int32_t put_entry(struct ihex_writer *writer, uint64_t entry)
{
    uint8_t bytes[4];

    if (entry == 0)
        return KP_OK;
    if (writer->params->extended == EXTENDED_LINEAR || entry >= SEGMENT_REACH) {
        kp_put_be32(bytes, (uint32_t)entry);
        return put_record(writer, 5, 0, bytes, sizeof(bytes));
    }
    kp_put_be16(bytes, (uint16_t)((entry & 0xf0000) >> 4)); /* CS, in units of 16 bytes */
    kp_put_be16(bytes + 2, (uint16_t)entry);                /* IP */
    return put_record(writer, 3, 0, bytes, sizeof(bytes));
}

static int32_t run(struct kp_call *call)
{
    const struct ihex_params *p = (const struct ihex_params *)call->params;
    const uint64_t size = kp_size(call, call->input);
    const uint64_t entry = p->has_entry ? p->entry : p->address;
    struct ihex_writer writer = {.params = p};

    if (size == 0)
        return kp_fail(call, "image: 0 bytes: there is nothing to write");
    if (size > (UINT64_C(1) << 32) - p->address)
        return kp_fail_at(call, &p->address, NULL,
                          "address: 0x%llx: %llu bytes from there pass "
                          "the 32 bits of an address",
                          (unsigned long long)p->address, (unsigned long long)size);
    if (hex_begin(call, &writer.text) != KP_OK || put_data(&writer, call->input, size) != KP_OK ||
        put_entry(&writer, entry) != KP_OK || put_record(&writer, 1, 0, NULL, 0) != KP_OK ||
        hex_end(&writer.text) != KP_OK ||
        call->host->set_number(call, call->output, KP_TRAIT_LOAD, p->address) != KP_OK)
        return KP_FAILED;
    if (entry == 0)
        return call->host->clear_trait(call, call->output, KP_TRAIT_ENTRY);
    return call->host->set_number(call, call->output, KP_TRAIT_ENTRY, entry);
}

static const struct kp_operation pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "write an image as Intel hexadecimal text",
    .help = "Byte for byte as `objcopy -I binary -O ihex` does it. An ELF file is made an image by "
            "`objcopy` first.",
    .output_kind = KP_KIND_IHEX,
    .params = table,
    .params_size = sizeof(struct ihex_params),
    .sets = hex_sets,
    .memory_base = HEX_BUFFER,
    .run = run,
};

static const char *const kinds[] = {KP_KIND_IHEX, NULL};

const struct kp_format hex_ihex = {
    .size = sizeof(struct kp_format),
    .name = "ihex",
    .summary = "Intel's hexadecimal object file format",
    .kinds = kinds,
    .pack = &pack,
    .unpack = &hex_ihex_unpack,
    .inspect = hex_ihex_inspect,
};
