/* SPDX-License-Identifier: BSD-3-Clause
 *
 * hex/text.c - lines of hexadecimal digits, written and read. What they mean is told by the
 * files of each format.
 */
#include <string.h>

#include "hex.h"

int32_t hex_begin(struct kp_call *call, struct hex_writer *writer)
{
    writer->call = call;
    writer->used = 0;
    writer->buffer = call->host->alloc(call, HEX_BUFFER);
    return writer->buffer != NULL ? KP_OK : KP_FAILED;
}

int32_t hex_end(struct hex_writer *writer)
{
    const uint64_t used = writer->used;

    writer->used = 0;
    return kp_append(writer->call, writer->buffer, used);
}

int32_t hex_line(struct hex_writer *writer, const char *mark, const uint8_t *bytes, uint64_t count)
{
    static const char digits[] = "0123456789ABCDEF";
    const uint64_t longest = UINT64_C(2) * (HEX_RECORD_MAX + 4);
    uint64_t i;
    char *to;

    if (HEX_BUFFER - writer->used < longest && hex_end(writer) != KP_OK)
        return KP_FAILED;
    to = writer->buffer + writer->used;
    for (; *mark != '\0'; mark++)
        *to++ = *mark;
    for (i = 0; i < count; i++) {
        *to++ = digits[bytes[i] >> 4];
        *to++ = digits[bytes[i] & 0xf];
    }
    *to++ = '\r';
    *to++ = '\n';
    writer->used = (uint64_t)(to - writer->buffer);
    return KP_OK;
}

int32_t hex_open(struct kp_call *call, struct hex_reader *reader)
{
    memset(reader, 0, sizeof(*reader));
    reader->call = call;
    reader->size = kp_size(call, call->input);
    reader->text = (const char *)kp_view(call, call->input);
    return reader->text != NULL ? KP_OK : KP_FAILED;
}

static int is_end(char c)
{
    return c == '\n' || c == '\r';
}

static int is_blank(char c)
{
    return c == ' ' || c == '\t';
}

int32_t hex_next(struct hex_reader *reader)
{
    do {
        uint64_t end = reader->at, next;

        if (reader->at == reader->size)
            return 0;
        while (end < reader->size && !is_end(reader->text[end]))
            end++;
        next = end;
        if (next < reader->size && reader->text[next] == '\r')
            next++;
        if (next < reader->size && reader->text[next] == '\n')
            next++;
        while (end > reader->at && is_blank(reader->text[end - 1]))
            end--;
        reader->from = reader->text + reader->at;
        reader->length = end - reader->at;
        reader->at = next;
        reader->line++;
        if (reader->line % 4096 == 0) {
            if (reader->call->host->cancelled(reader->call))
                return KP_FAILED;
            reader->call->host->progress(reader->call, reader->at, reader->size);
        }
    } while (reader->length == 0);
    return 1;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int32_t hex_bytes(const struct hex_reader *reader, uint64_t at, uint8_t *bytes, uint64_t *count)
{
    const uint64_t digits = reader->length > at ? reader->length - at : 0;
    uint64_t i;

    for (i = 0; i < digits; i++) {
        if (digit(reader->from[at + i]) < 0)
            return kp_fail(reader->call, "line %llu: character %llu: not a hexadecimal digit",
                           (unsigned long long)reader->line, (unsigned long long)(at + i + 1));
    }
    if (digits % 2 != 0 || digits / 2 > HEX_RECORD_MAX)
        return kp_fail(reader->call, "line %llu: %llu digits: no record has that many",
                       (unsigned long long)reader->line, (unsigned long long)digits);
    *count = digits / 2;
    for (i = 0; i < *count; i++)
        bytes[i] =
            (uint8_t)(digit(reader->from[at + 2 * i]) * 16 + digit(reader->from[at + 2 * i + 1]));
    return KP_OK;
}
