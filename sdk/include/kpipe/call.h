/* SPDX-License-Identifier: MIT
 *
 * kpipe/call.h - short names for the services of host.h, and printf-style
 * reports. Everything here is inline in the plugin and uses only host.h, so it
 * may grow without changing the contract.
 */
#ifndef KPIPE_CALL_H
#define KPIPE_CALL_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base.h"
#include "host.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Longest text of a formatted report; a longer one is cut. */
#define KP_REPORT_MAX 512

static inline uint64_t kp_size(struct kp_call *call, const struct kp_image *image)
{
    return call->host->image_size(call, image);
}

static inline const uint8_t *kp_view(struct kp_call *call, const struct kp_image *image)
{
    return call->host->image_view(call, image);
}

static inline int32_t kp_append(struct kp_call *call, const void *bytes, uint64_t length)
{
    return call->host->output_append(call, call->output, bytes, length);
}

static inline int32_t kp_append_fill(struct kp_call *call, uint8_t byte, uint64_t length)
{
    return call->host->output_fill(call, call->output, byte, length);
}

/* Appends a whole image. */
static inline int32_t kp_append_image(struct kp_call *call, const struct kp_image *image)
{
    return call->host->output_image(call, call->output, image, 0, kp_size(call, image));
}

static inline uint8_t *kp_reserve(struct kp_call *call, uint64_t length)
{
    return call->host->output_reserve(call, call->output, length);
}

/* Fails because of the parameter at `field` (an address inside *call->params, or
 * NULL), with a hint (or NULL) and a formatted text "what: value: reason". */
KP_PRINTF(4, 5)
static inline int32_t kp_fail_at(struct kp_call *call, const void *field, const char *hint,
                                 const char *format, ...)
{
    char text[KP_REPORT_MAX];
    struct kp_problem problem = {sizeof(struct kp_problem), field, text, hint, NULL};
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    return call->host->fail(call, &problem);
}

/* Fails because of the input. */
#define kp_fail(call, ...) kp_fail_at((call), NULL, NULL, __VA_ARGS__)

/* A formatted message of severity KP_NOTE or KP_WARNING. */
KP_PRINTF(3, 4)
static inline void kp_message(struct kp_call *call, uint32_t severity, const char *format, ...)
{
    char text[KP_REPORT_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    call->host->message(call, severity, text, NULL);
}

/* Writes text as kp_host.remake wants it: a scalar of YAML in double quotes. Returns how many
 * characters that are, without the NUL; 0 if it does not fit, or is not all ASCII. */
static inline size_t kp_quote(char *to, size_t size, const char *bytes, uint64_t length)
{
    static const char digits[] = "0123456789abcdef";
    size_t at = 0;

    if (size < 3)
        return 0;
    to[at++] = '"';
    for (uint64_t i = 0; i < length; i++) {
        const unsigned char c = (unsigned char)bytes[i];

        if (size - at < 6 || c >= 0x80)
            return 0;
        if (c < 0x20 || c == 0x7f) {
            to[at++] = '\\';
            to[at++] = 'x';
            to[at++] = digits[c >> 4];
            to[at++] = digits[c & 15];
            continue;
        }
        if (c == '"' || c == '\\')
            to[at++] = '\\';
        if (c == '$') /* which begins a variable */
            to[at++] = '$';
        to[at++] = (char)c;
    }
    to[at++] = '"';
    to[at] = '\0';
    return at;
}

/* Reports a number found at `offset`; `meaning` may be NULL. */
static inline int32_t kp_field_number(struct kp_call *call, const char *name, uint64_t offset,
                                      uint64_t length, uint64_t number, uint32_t flags,
                                      const char *meaning)
{
    const struct kp_field field = {sizeof(struct kp_field),
                                   KP_FIELD_NUMBER,
                                   flags,
                                   name,
                                   offset,
                                   length,
                                   number,
                                   {"", 0},
                                   meaning,
                                   NULL,
                                   0,
                                   0};

    return call->host->field(call, &field);
}

/* Reports text found at `offset`. It need not end with NUL. */
static inline int32_t kp_field_text(struct kp_call *call, const char *name, uint64_t offset,
                                    uint64_t length, const char *bytes, uint64_t bytes_length)
{
    const struct kp_field field = {
        sizeof(struct kp_field), KP_FIELD_TEXT, 0,    name, offset, length, 0,
        {bytes, bytes_length},   NULL,          NULL, 0,    0};

    return call->host->field(call, &field);
}

/* Reports a text that is too fine for most readers (KP_FIELD_DETAIL); it ends with NUL. */
static inline int32_t kp_detail_text(struct kp_call *call, const char *name, uint64_t offset,
                                     uint64_t length, const char *text)
{
    struct kp_field field;

    memset(&field, 0, sizeof(field));
    field.size = sizeof(field);
    field.type = KP_FIELD_TEXT;
    field.flags = KP_FIELD_DETAIL;
    field.name = name;
    field.offset = offset;
    field.length = length;
    field.text.bytes = text;
    field.text.length = strlen(text);
    return call->host->field(call, &field);
}

/* Reports a part of the main input; `role` (KP_ROLE_*) and `meaning` may be NULL. */
static inline int32_t kp_part_at(struct kp_call *call, const char *name, const char *role,
                                 uint64_t offset, uint64_t length, const char *meaning)
{
    const struct kp_part part = {
        sizeof(struct kp_part), name, role, NULL, offset, length, meaning, 0, 0};

    return call->host->part(call, &part);
}

#ifdef __cplusplus
}
#endif

#endif
