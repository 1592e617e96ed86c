/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/vector.c - growable arrays and text. Capacity doubles; it never shrinks.
 */
#include "base/vector.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *kp_vector_push(struct kp_vector *vector, size_t item_size)
{
    unsigned char *item;

    if (vector->count == vector->capacity) {
        size_t capacity;
        size_t size;
        void *items;

        if (__builtin_mul_overflow(vector->capacity, (size_t)2, &capacity))
            return NULL;
        if (capacity == 0)
            capacity = 8;
        if (__builtin_mul_overflow(capacity, item_size, &size) || size > PTRDIFF_MAX)
            return NULL;
        items = realloc(vector->items, size);
        if (items == NULL)
            return NULL;
        vector->items = items;
        vector->capacity = capacity;
    }
    item = (unsigned char *)vector->items + vector->count * item_size;
    memset(item, 0, item_size);
    vector->count++;
    return item;
}

void kp_vector_free(struct kp_vector *vector)
{
    free(vector->items);
    *vector = (struct kp_vector){0};
}

/* Makes room for `length` more bytes and the final NUL. */
static bool reserve(struct kp_string *string, size_t length)
{
    size_t needed;
    size_t capacity = string->capacity > 0 ? string->capacity : 64;
    char *text;

    if (string->failed || __builtin_add_overflow(string->length, length, &needed) ||
        __builtin_add_overflow(needed, (size_t)1, &needed) || needed > PTRDIFF_MAX) {
        string->failed = true;
        return false;
    }
    if (needed <= string->capacity)
        return true;
    while (capacity < needed)
        capacity *= 2;
    text = realloc(string->text, capacity);
    if (text == NULL) {
        string->failed = true;
        return false;
    }
    string->text = text;
    string->capacity = capacity;
    return true;
}

void kp_string_append(struct kp_string *string, const char *text, size_t length)
{
    if (!reserve(string, length))
        return;
    if (length > 0)
        memcpy(string->text + string->length, text, length);
    string->length += length;
    string->text[string->length] = '\0';
}

void kp_string_add(struct kp_string *string, const char *text)
{
    kp_string_append(string, text, strlen(text));
}

void kp_string_printf(struct kp_string *string, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0) {
        string->failed = true;
        return;
    }
    if (!reserve(string, (size_t)length))
        return;
    va_start(arguments, format);
    vsnprintf(string->text + string->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    string->length += (size_t)length;
}

void kp_string_free(struct kp_string *string)
{
    free(string->text);
    *string = (struct kp_string){0};
}
