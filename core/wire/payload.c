/* SPDX-License-Identifier: BSD-3-Clause
 *
 * wire/payload.c - what is in a message: numbers in little endian, bytes and texts with their
 * length in front. See wire.h.
 */
#include <stdlib.h>
#include <string.h>

#include "kpipe/bytes.h"
#include "wire/wire.h"

#define FIRST 256u

/* Room for `size` more bytes; NULL when memory runs out. */
static uint8_t *grow(struct kp_wire_writer *to, size_t size)
{
    size_t capacity = to->capacity == 0 ? FIRST : to->capacity;
    uint8_t *bytes;

    if (to->failed || size > KP_WIRE_MOST || to->size > KP_WIRE_MOST) {
        to->failed = true;
        return NULL;
    }
    while (capacity - to->size < size)
        capacity *= 2;
    if (capacity != to->capacity) {
        bytes = realloc(to->bytes, capacity);
        if (bytes == NULL) {
            to->failed = true;
            return NULL;
        }
        to->bytes = bytes;
        to->capacity = capacity;
    }
    to->size += size;
    return to->bytes + to->size - size;
}

void kp_wire_writer_free(struct kp_wire_writer *writer)
{
    free(writer->bytes);
    *writer = (struct kp_wire_writer){0};
}

void kp_put_u8(struct kp_wire_writer *to, uint8_t value)
{
    uint8_t *at = grow(to, 1);

    if (at != NULL)
        *at = value;
}

void kp_put_u32(struct kp_wire_writer *to, uint32_t value)
{
    uint8_t *at = grow(to, 4);

    if (at != NULL)
        kp_put_le32(at, value);
}

void kp_put_u64(struct kp_wire_writer *to, uint64_t value)
{
    uint8_t *at = grow(to, 8);

    if (at != NULL)
        kp_put_le64(at, value);
}

void kp_put_bytes(struct kp_wire_writer *to, const void *bytes, size_t size)
{
    uint8_t *at;

    if (size > KP_WIRE_MOST) {
        to->failed = true;
        return;
    }
    kp_put_u32(to, (uint32_t)size);
    at = grow(to, size);
    if (at != NULL && size > 0)
        memcpy(at, bytes, size);
}

/* With its NUL, so that the reader need not copy it; NULL has no bytes at all. */
void kp_put_text(struct kp_wire_writer *to, const char *text)
{
    kp_put_bytes(to, text, text == NULL ? 0 : strlen(text) + 1);
}

void kp_put_texts(struct kp_wire_writer *to, const char *const *texts)
{
    size_t count = 0;

    kp_put_u8(to, texts != NULL);
    if (texts == NULL)
        return;
    while (texts[count] != NULL)
        count++;
    kp_put_u32(to, count < KP_WIRE_MOST ? (uint32_t)count : KP_WIRE_MOST);
    for (size_t i = 0; i < count; i++)
        kp_put_text(to, texts[i]);
}

/* --- reading --- */

static const uint8_t *take(struct kp_wire_reader *from, size_t size)
{
    if (from->bad || size > from->size - from->at) {
        from->bad = true;
        return NULL;
    }
    from->at += size;
    return from->bytes + from->at - size;
}

uint8_t kp_take_u8(struct kp_wire_reader *from)
{
    const uint8_t *at = take(from, 1);

    return at == NULL ? 0 : *at;
}

uint32_t kp_take_u32(struct kp_wire_reader *from)
{
    const uint8_t *at = take(from, 4);

    return at == NULL ? 0 : kp_le32(at);
}

uint64_t kp_take_u64(struct kp_wire_reader *from)
{
    const uint8_t *at = take(from, 8);

    return at == NULL ? 0 : kp_le64(at);
}

const uint8_t *kp_take_bytes(struct kp_wire_reader *from, size_t *size)
{
    const uint8_t *at;

    *size = kp_take_u32(from);
    at = take(from, *size);
    if (at == NULL)
        *size = 0;
    return at;
}

const char *kp_take_text(struct kp_wire_reader *from)
{
    size_t size;
    const uint8_t *text = kp_take_bytes(from, &size);

    if (text == NULL || size == 0)
        return NULL;
    if (memchr(text, '\0', size) != text + size - 1) {
        from->bad = true;
        return NULL;
    }
    return (const char *)text;
}

uint32_t kp_take_count(struct kp_wire_reader *from, size_t least)
{
    const uint32_t count = kp_take_u32(from);

    if (from->bad || count > (from->size - from->at) / least) {
        from->bad = true;
        return 0;
    }
    return count;
}

bool kp_take_end(const struct kp_wire_reader *from)
{
    return !from->bad && from->at == from->size;
}
