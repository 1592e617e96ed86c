/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/text.c - decoding UTF-8 and escaping what must not reach a terminal.
 *
 * The width of a character is one column here; wide characters of East Asian
 * scripts are not known.
 */
#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* RFC 3629, section 3 and 4. */
size_t kp_text_decode(const char *text, size_t length, uint32_t *point)
{
    const unsigned char *bytes = (const unsigned char *)text;
    uint32_t value = bytes[0];
    uint32_t least;
    size_t size;

    if (value < 0x80) {
        *point = value;
        return 1;
    }
    if (value >= 0xc2 && value <= 0xdf) {
        size = 2;
        least = 0x80;
        value &= 0x1f;
    } else if (value >= 0xe0 && value <= 0xef) {
        size = 3;
        least = 0x800;
        value &= 0x0f;
    } else if (value >= 0xf0 && value <= 0xf4) {
        size = 4;
        least = 0x10000;
        value &= 0x07;
    } else {
        return 0;
    }
    if (size > length)
        return 0;
    for (size_t i = 1; i < size; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (bytes[i] & 0x3f);
    }
    if (value < least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 0;
    *point = value;
    return size;
}

bool kp_text_is_control(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point <= 0x9f) || point == 0xad ||
           point == 0x61c ||                       /* Arabic letter mark */
           (point >= 0x200b && point <= 0x200f) || /* zero width, direction marks */
           (point >= 0x2028 && point <= 0x202e) || /* separators, direction */
           (point >= 0x2060 && point <= 0x206f) || /* word joiner, direction */
           point == 0xfeff || (point >= 0xfff9 && point <= 0xfffb) ||
           (point >= 0xe0000 && point <= 0xe007f); /* tags */
}

size_t kp_text_escape_one(struct kp_string *to, const char *text, size_t length, size_t *columns)
{
    char escape[16];
    uint32_t point;
    const size_t size = kp_text_decode(text, length, &point);
    int width;

    if (size > 0 && !kp_text_is_control(point)) {
        kp_string_append(to, text, size);
        if (columns != NULL)
            *columns = 1;
        return size;
    }
    if (size == 0 || point < 0x80)
        width = snprintf(escape, sizeof(escape), "\\x%02x", (unsigned char)text[0]);
    else
        width = snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)point);
    kp_string_append(to, escape, (size_t)width);
    if (columns != NULL)
        *columns = (size_t)width;
    return size > 0 ? size : 1;
}

void kp_text_escape(struct kp_string *to, const char *text, size_t length)
{
    kp_string_append(to, "", 0);
    while (length > 0) {
        const size_t taken = kp_text_escape_one(to, text, length, NULL);

        text += taken;
        length -= taken;
    }
}
