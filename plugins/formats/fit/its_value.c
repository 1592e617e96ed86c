/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/its_value.c - the values of properties: texts, cells, bytes, files, references.
 *
 * Bytes are gathered in the reader and become one piece of the value; a file and a reference are
 * pieces of their own, so that no file is read and a reference can be filled in later.
 */
#include <string.h>

#include "its_private.h"

/* Makes the bytes gathered so far a piece. */
static int32_t flush(struct its_reader *reader, struct its_property *property)
{
    const uint64_t length = reader->used;
    uint8_t *bytes;

    if (length == 0)
        return KP_OK;
    bytes = reader->call->host->alloc(reader->call, length);
    if (bytes == NULL)
        return KP_FAILED;
    memcpy(bytes, reader->bytes, length);
    reader->used = 0;
    return fit_put_bytes(reader->call, &property->fit, bytes, length);
}

/* A piece that its_finish.c fills in: a path, or a cell with a phandle. */
static int32_t read_reference(struct its_reader *reader, struct its_property *property, int cell)
{
    struct its_reference *reference = reader->call->host->alloc(reader->call, sizeof(*reference));
    const void *bytes = "";

    if (reference == NULL)
        return KP_FAILED;
    reference->place = its_here(reader);
    if (cell)
        bytes = reference->cell = reader->call->host->alloc(reader->call, 4);
    if (bytes == NULL)
        return KP_FAILED;
    if (its_take_reference(reader, &reference->to) != KP_OK || flush(reader, property) != KP_OK ||
        fit_put_bytes(reader->call, &property->fit, bytes, cell ? 4 : 0) != KP_OK)
        return KP_FAILED;
    reference->piece = property->fit.last;
    if (property->last_reference == NULL)
        property->references = reference;
    else
        property->last_reference->next = reference;
    property->last_reference = reference;
    return KP_OK;
}

static int32_t read_bits(struct its_reader *reader, uint64_t *bits)
{
    struct its_place place;

    if (its_skip(reader) != KP_OK)
        return KP_FAILED;
    place = its_here(reader);
    if (its_digit(its_byte(reader)) > 9)
        return its_unexpected(reader, "8, 16, 32 or 64", "write /bits/ 16 <...>");
    if (its_take_literal(reader, bits) != KP_OK)
        return KP_FAILED;
    if (*bits != 8 && *bits != 16 && *bits != 32 && *bits != 64)
        return its_fail(reader, place, "write 8, 16, 32 or 64",
                        "/bits/: %llu: no such size of numbers", (unsigned long long)*bits);
    return its_expect(reader, "<", "'<'", "write /bits/ 16 <...>");
}

/* Numbers of so many bits, to the '>'. */
static int32_t read_cells(struct its_reader *reader, struct its_property *property, uint64_t bits)
{
    const uint64_t mask = UINT64_MAX >> (64 - bits);
    uint8_t bytes[8];

    for (;;) {
        struct its_place place;
        uint64_t value;

        if (its_skip_labels(reader) != KP_OK)
            return KP_FAILED;
        if (its_take(reader, ">"))
            return KP_OK;
        place = its_here(reader);
        if (its_byte(reader) == '&') {
            if (bits != 32)
                return its_fail(reader, place, "take /bits/ away",
                                "a reference: it has 32 bits, not %u", (unsigned)bits);
            if (read_reference(reader, property, 1) != KP_OK)
                return KP_FAILED;
            continue;
        }
        if (its_read_number(reader, &value) != KP_OK)
            return KP_FAILED;
        /* What is left out must be nothing, or the sign. */
        if (value > mask && (value | mask) != UINT64_MAX)
            return its_fail(reader, place, "write /bits/ 64 <...> for larger ones",
                            "0x%llx: it does not fit into %u bits", (unsigned long long)value,
                            (unsigned)bits);
        kp_put_be64(bytes, value);
        if (its_append(reader, bytes + 8 - bits / 8, bits / 8) != KP_OK)
            return KP_FAILED;
    }
}

/* Bytes as two digits each, to the ']'. */
static int32_t read_bytes(struct its_reader *reader)
{
    for (;;) {
        const char *at;
        uint8_t byte;

        if (its_skip_labels(reader) != KP_OK)
            return KP_FAILED;
        if (its_take(reader, "]"))
            return KP_OK;
        at = reader->source->text + reader->source->at;
        if (its_digit(its_byte(reader)) > 15 || reader->source->size - reader->source->at < 2 ||
            its_digit((uint8_t)at[1]) > 15)
            return its_unexpected(reader, "a byte of two hexadecimal digits, or ']'",
                                  "write bytes as [00 1f]");
        byte = (uint8_t)(16 * its_digit((uint8_t)at[0]) + its_digit((uint8_t)at[1]));
        reader->source->at += 2;
        if (its_append(reader, &byte, 1) != KP_OK)
            return KP_FAILED;
    }
}

/* The name of a file: what is gathered for the value before it stays as it is. */
static int32_t open_file(struct its_reader *reader, const struct kp_image **image)
{
    const struct its_place place = its_here(reader);
    const uint64_t used = reader->used;
    int32_t result;

    if (its_byte(reader) != '"')
        return its_unexpected(reader, "a file's name in quotes", "write /incbin/(\"file\")");
    if (its_take_text(reader, '"') != KP_OK)
        return KP_FAILED;
    result = its_open_image(reader, place, (const char *)reader->bytes + used, reader->used - used,
                            image);
    reader->used = used;
    return result;
}

/* /incbin/("file") or /incbin/("file", offset, length). */
static int32_t read_file(struct its_reader *reader, struct its_property *property)
{
    static const char hint[] = "write /incbin/(\"file\", offset, length)";
    const struct kp_image *image = NULL;
    uint64_t offset = 0, length, size;
    struct its_place place;

    if (its_expect(reader, "(", "'('", hint) != KP_OK || its_skip(reader) != KP_OK)
        return KP_FAILED;
    place = its_here(reader);
    if (open_file(reader, &image) != KP_OK || its_skip(reader) != KP_OK)
        return KP_FAILED;
    size = length = kp_size(reader->call, image);
    if (its_take(reader, ",")) {
        if (its_read_number(reader, &offset) != KP_OK ||
            its_expect(reader, ",", "',' and a length", hint) != KP_OK ||
            its_read_number(reader, &length) != KP_OK)
            return KP_FAILED;
        if (length == UINT64_MAX && offset <= size)
            length = size - offset; /* dtc: -1 is all that follows */
    }
    if (!kp_inside(size, offset, length))
        return its_fail(reader, place, "take an offset and a length that lie in the file",
                        "/incbin/: %llu bytes from %llu: the file has %llu",
                        (unsigned long long)length, (unsigned long long)offset,
                        (unsigned long long)size);
    if (its_expect(reader, ")", "')'", hint) != KP_OK || flush(reader, property) != KP_OK)
        return KP_FAILED;
    return fit_put_image(reader->call, &property->fit, image, offset, length);
}

static int32_t read_one(struct its_reader *reader, struct its_property *property)
{
    uint64_t bits = 32;

    switch (its_byte(reader)) {
    case '"':
        return its_take_text(reader, '"') != KP_OK ? KP_FAILED : its_append(reader, "", 1);
    case '&':
        return read_reference(reader, property, 0);
    default:
        break;
    }
    if (its_take(reader, "["))
        return read_bytes(reader);
    if (its_take(reader, "<"))
        return read_cells(reader, property, bits);
    if (its_take(reader, "/bits/"))
        return read_bits(reader, &bits) != KP_OK ? KP_FAILED : read_cells(reader, property, bits);
    if (its_take(reader, "/incbin/"))
        return read_file(reader, property);
    return its_unexpected(reader, "a value",
                          "a value is \"text\", <numbers>, [bytes], /incbin/(\"file\") or &label");
}

int32_t its_read_value(struct its_reader *reader, struct its_property *property)
{
    do {
        if (its_skip_labels(reader) != KP_OK || read_one(reader, property) != KP_OK ||
            its_skip_labels(reader) != KP_OK)
            return KP_FAILED;
    } while (its_take(reader, ","));
    return flush(reader, property);
}
