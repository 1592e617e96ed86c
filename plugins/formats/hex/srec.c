/* SPDX-License-Identifier: BSD-3-Clause
 *
 * hex/srec.c - the stage `srec`: an image as text in Motorola's S-record format, byte for byte
 * as `objcopy -I binary -O srec --change-addresses ADDRESS` writes it, where the entry fits
 * the addresses' width; binutils cuts one that does not, here all get wider.
 *
 * The format: Motorola, "M68000 Family Programmer's Reference Manual", appendix C. A record is
 * S, its type, the count of the bytes that follow, an address of 16, 24 or 32 bits, data and
 * a checksum: the complement of the sum of the bytes from the count on. Types:
 *   S0 a title    S1 S2 S3 data, by width of address    S9 S8 S7 the end, and where to start
 *   S5 S6 the count of data records, in 16 or 24 bits
 */
#include <string.h>

#include "hex.h"

#define WIDTH_AUTO 0u
#define DATA_MAX 250u  /* with an address of 32 bits */
#define TITLE_MAX 252u /* with one of 16 */

struct srec_params {
    uint64_t address;
    uint64_t entry;
    uint64_t length;
    struct kp_text title;
    uint32_t width; /* of addresses, in bytes */
    uint8_t has_entry;
    uint8_t count;
};

static const struct kp_choice *const widths[] = {
    KP_ONE_OF(WIDTH_AUTO, "auto", "as narrow as all addresses allow"),
    KP_ONE_OF(2, "16", "S1"),
    KP_ONE_OF(3, "24", "S2"),
    KP_ONE_OF(4, "32", "S3"),
    NULL,
};

static const struct kp_param *const table[] = {
    KP_UINT(struct srec_params, address, .flags = KP_PARAM_HEX | KP_PARAM_SHORT,
            .maximum = UINT32_MAX, .trait = KP_TRAIT_LOAD, .fallback = "0",
            .summary = "address of the image's first byte"),
    KP_UINT(struct srec_params, entry, .flags = KP_PARAM_HEX, .maximum = UINT32_MAX,
            .presence = offsetof(struct srec_params, has_entry), .trait = KP_TRAIT_ENTRY,
            .computed = "the same as address", .summary = "address to start at"),
    KP_TEXT(struct srec_params, title, .flags = KP_PARAM_TRAITS, .maximum = TITLE_MAX,
            .summary = "text of the first record; objcopy writes the file's name"),
    KP_UINT(struct srec_params, length, .minimum = 1, .maximum = DATA_MAX, .fallback = "16",
            .unit = "bytes", .summary = "data of a record"),
    KP_CHOICE(struct srec_params, width, .choices = widths, .fallback = "auto", .unit = "bits",
              .summary = "width of addresses"),
    KP_BOOL(struct srec_params, count, .fallback = "no",
            .summary = "write a record with the number of data records"),
    NULL,
};

static int32_t put_record(struct hex_writer *writer, unsigned type, uint64_t address,
                          unsigned width, const uint8_t *data, uint64_t length)
{
    const char mark[3] = {'S', (char)('0' + type), '\0'};
    uint8_t record[HEX_RECORD_MAX + 4], sum = 0;
    unsigned i;
    uint64_t j;

    record[0] = (uint8_t)(width + length + 1);
    for (i = 0; i < width; i++)
        record[1 + i] = (uint8_t)(address >> (8 * (width - 1 - i)));
    if (length > 0)
        memcpy(record + 1 + width, data, (size_t)length);
    for (j = 0; j < 1 + width + length; j++)
        sum = (uint8_t)(sum + record[j]);
    record[1 + width + length] = (uint8_t)~sum;
    return hex_line(writer, mark, record, 2 + width + length);
}

/* The width that the largest address needs, unless the recipe wants a larger one. */
static int32_t find_width(struct kp_call *call, const struct srec_params *p, uint64_t largest,
                          unsigned *width)
{
    const unsigned needed = largest <= 0xffff ? 2 : largest <= 0xffffff ? 3 : 4;

    *width = p->width == WIDTH_AUTO ? needed : p->width;
    if (needed > *width)
        return kp_fail_at(call, &p->width, "leave 'width' out",
                          "width: %u bits: address 0x%llx does not fit them", 8 * *width,
                          (unsigned long long)largest);
    return KP_OK;
}

static int32_t put_data(struct hex_writer *writer, const struct srec_params *p, unsigned width,
                        uint64_t *records)
{
    struct kp_call *call = writer->call;
    const uint64_t size = kp_size(call, call->input);
    uint8_t data[HEX_RECORD_MAX];
    uint64_t at, length;

    for (at = 0; at < size; at += length) {
        length = size - at < p->length ? size - at : p->length;
        if (at % (1 << 20) < length) {
            if (call->host->cancelled(call))
                return KP_FAILED;
            call->host->progress(call, at, size);
        }
        if (call->host->image_read(call, call->input, at, data, length) != KP_OK ||
            put_record(writer, width - 1, p->address + at, width, data, length) != KP_OK)
            return KP_FAILED;
        ++*records;
    }
    return KP_OK;
}

/* S5, or S6 for what does not fit it; a larger number cannot be written. */
static int32_t put_count(struct hex_writer *writer, const struct srec_params *p, uint64_t records)
{
    if (!p->count)
        return KP_OK;
    if (records > 0xffffff)
        return kp_fail_at(writer->call, &p->count, "make records longer, by 'length'",
                          "count: %llu records: their number does not fit 24 bits",
                          (unsigned long long)records);
    return put_record(writer, records <= 0xffff ? 5 : 6, records, records <= 0xffff ? 2 : 3, NULL,
                      0);
}

static int32_t run(struct kp_call *call)
{
    const struct srec_params *p = (const struct srec_params *)call->params;
    const uint64_t size = kp_size(call, call->input);
    const uint64_t entry = p->has_entry ? p->entry : p->address;
    const uint64_t last = p->address + size - 1;
    struct hex_writer writer;
    uint64_t records = 0;
    unsigned width;

    if (size == 0)
        return kp_fail(call, "image: 0 bytes: there is nothing to write");
    if (size > (UINT64_C(1) << 32) - p->address)
        return kp_fail_at(call, &p->address, NULL,
                          "address: 0x%llx: %llu bytes from there pass "
                          "the 32 bits of an address",
                          (unsigned long long)p->address, (unsigned long long)size);
    if (p->title.length > TITLE_MAX)
        return kp_fail_at(call, &p->title, "shorten it", "title: %llu bytes: a record holds %u",
                          (unsigned long long)p->title.length, TITLE_MAX);
    if (find_width(call, p, last > entry ? last : entry, &width) != KP_OK ||
        hex_begin(call, &writer) != KP_OK ||
        put_record(&writer, 0, 0, 2, (const uint8_t *)p->title.bytes, p->title.length) != KP_OK ||
        put_data(&writer, p, width, &records) != KP_OK || put_count(&writer, p, records) != KP_OK ||
        put_record(&writer, 11 - width, entry, width, NULL, 0) != KP_OK ||
        hex_end(&writer) != KP_OK ||
        call->host->set_number(call, call->output, KP_TRAIT_LOAD, p->address) != KP_OK)
        return KP_FAILED;
    return call->host->set_number(call, call->output, KP_TRAIT_ENTRY, entry);
}

static const struct kp_operation pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "write an image as Motorola S-records",
    .help = "Byte for byte as `objcopy -I binary -O srec` does it, if `title` is the name of its "
            "output. An ELF file is made an image by `objcopy` first.",
    .output_kind = KP_KIND_SREC,
    .params = table,
    .params_size = sizeof(struct srec_params),
    .sets = hex_sets,
    .memory_base = HEX_BUFFER,
    .run = run,
};

static const char *const kinds[] = {KP_KIND_SREC, NULL};

const struct kp_format hex_srec = {
    .size = sizeof(struct kp_format),
    .name = "srec",
    .summary = "Motorola's S-record format",
    .kinds = kinds,
    .pack = &pack,
    .unpack = &hex_srec_unpack,
    .inspect = hex_srec_inspect,
};
