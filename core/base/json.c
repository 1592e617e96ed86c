/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/json.c - the JSON writer (RFC 8259), two spaces a level. It does not check
 * that brackets match or that names differ.
 */
#include "base/json.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

/* The letter of a short escape (RFC 8259, section 7), or 0. */
static char short_escape(uint32_t point)
{
    switch (point) {
    case '"':
        return '"';
    case '\\':
        return '\\';
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return 0;
    }
}

/* Also escapes DEL and the C1 controls, which JSON would allow but which drive
 * some terminals. */
static void write_text(FILE *to, const char *text, size_t length)
{
    fputc('"', to);
    for (size_t at = 0; at < length;) {
        uint32_t point = 0;
        const size_t size = kp_text_decode(text + at, length - at, &point);

        if (size == 0)
            fputs("\xef\xbf\xbd", to);
        else if (short_escape(point) != 0)
            fprintf(to, "\\%c", short_escape(point));
        else if (point < 0x20 || (point >= 0x7f && point <= 0x9f))
            fprintf(to, "\\u%04x", (unsigned)point);
        else
            fwrite(text + at, 1, size, to);
        at += size > 0 ? size : 1;
    }
    fputc('"', to);
}

static void new_line(struct kp_json *json)
{
    fputc('\n', json->to);
    for (unsigned i = 0; i < json->depth; i++)
        fputs("  ", json->to);
}

/* What stands before each value: comma, line, name. */
static void begin_value(struct kp_json *json, const char *name)
{
    if (json->more)
        fputc(',', json->to);
    if (json->depth > 0)
        new_line(json);
    if (name != NULL) {
        write_text(json->to, name, strlen(name));
        fputs(": ", json->to);
    }
}

/* A value that is a document of its own ends with the line. */
static void end_value(struct kp_json *json)
{
    json->more = json->depth > 0;
    if (json->depth == 0)
        fputc('\n', json->to);
}

void kp_json_begin(struct kp_json *json, const char *name, char bracket)
{
    begin_value(json, name);
    fputc(bracket, json->to);
    json->depth++;
    json->more = false;
}

void kp_json_end(struct kp_json *json, char bracket)
{
    if (json->depth > 0)
        json->depth--;
    if (json->more)
        new_line(json);
    fputc(bracket, json->to);
    end_value(json);
}

void kp_json_text(struct kp_json *json, const char *name, const char *text)
{
    begin_value(json, name);
    if (text != NULL)
        write_text(json->to, text, strlen(text));
    else
        fputs("null", json->to);
    end_value(json);
}

void kp_json_bytes(struct kp_json *json, const char *name, const char *text, size_t length)
{
    begin_value(json, name);
    write_text(json->to, text, length);
    end_value(json);
}

void kp_json_number(struct kp_json *json, const char *name, uint64_t number)
{
    begin_value(json, name);
    fprintf(json->to, "%" PRIu64, number);
    end_value(json);
}

void kp_json_integer(struct kp_json *json, const char *name, int64_t number)
{
    begin_value(json, name);
    fprintf(json->to, "%" PRId64, number);
    end_value(json);
}

void kp_json_boolean(struct kp_json *json, const char *name, bool value)
{
    begin_value(json, name);
    fputs(value ? "true" : "false", json->to);
    end_value(json);
}
