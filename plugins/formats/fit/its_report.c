/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/its_report.c - errors of the reader of image tree source: where a place is, and what
 * stands there. Lines are counted only here.
 */
#include "its_private.h"

struct shown_place {
    const char *file;
    uint64_t line, column; /* both from 1; a column is a byte, as dtc counts */
    uint64_t begin, end;   /* of the line's text in the file */
};

static struct shown_place find_place(struct its_place place)
{
    const struct its_source *source = place.source;
    const struct its_mark *mark = source->marks;
    struct shown_place shown = {.file = source->path, .line = 1};
    uint64_t from = 0;

    while (mark != NULL && mark->at > place.at)
        mark = mark->before;
    if (mark != NULL) {
        shown.file = mark->file;
        shown.line = mark->line;
        from = mark->at;
    }
    for (; from < place.at; from++) {
        if (source->text[from] != '\n')
            continue;
        shown.line++;
        shown.begin = from + 1;
    }
    shown.column = place.at - shown.begin + 1;
    for (shown.end = place.at; shown.end < source->size && source->text[shown.end] != '\n';)
        shown.end++;
    return shown;
}

/* The hint with the line behind it, if that is short and can be shown. */
static void add_line(char *to, size_t size, const char *hint, const struct its_source *source,
                     const struct shown_place *shown)
{
    const char *line = source->text + shown->begin;
    uint64_t length = shown->end - shown->begin;
    int printable = 1;

    for (; length > 0 && (*line == ' ' || *line == '\t'); line++)
        length--;
    while (length > 0 && (line[length - 1] == '\r' || line[length - 1] == ' '))
        length--;
    for (uint64_t i = 0; i < length && i <= ITS_SHOWN; i++)
        printable &= line[i] >= ' ' && line[i] <= '~';
    if (length > 0 && length <= ITS_SHOWN && printable)
        snprintf(to, size, "%s; the line is: %.*s", hint, (int)length, line);
    else
        snprintf(to, size, "%s", hint);
}

int32_t its_fail(struct its_reader *reader, struct its_place place, const char *hint,
                 const char *format, ...)
{
    char text[KP_REPORT_MAX], with_line[KP_REPORT_MAX];
    struct shown_place shown;
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (place.source == NULL) /* the source itself */
        return kp_fail_at(reader->call, reader->name, hint, "its: %s", text);
    shown = find_place(place);
    add_line(with_line, sizeof(with_line), hint, place.source, &shown);
    return kp_fail_at(reader->call, reader->name, with_line, "its: %.200s:%llu:%llu: %s",
                      shown.file, (unsigned long long)shown.line, (unsigned long long)shown.column,
                      text);
}

void its_warn(struct its_reader *reader, struct its_place place, const char *format, ...)
{
    const struct shown_place shown = find_place(place);
    char text[KP_REPORT_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    kp_message(reader->call, KP_WARNING, "its: %.200s:%llu:%llu: %s", shown.file,
               (unsigned long long)shown.line, (unsigned long long)shown.column, text);
}

int32_t its_unexpected(struct its_reader *reader, const char *expected, const char *hint)
{
    const struct its_place here = its_here(reader);
    const char *at = reader->source->text + here.at;
    const int byte = its_byte(reader);
    const char *word;
    uint64_t length;

    if (byte < 0)
        return its_fail(reader, here, hint, "the source ends: %s was expected", expected);
    if (byte < ' ' || byte > '~')
        return its_fail(reader, here, hint, "byte 0x%02x: %s was expected", (unsigned)byte,
                        expected);
    its_take_name(reader, &word, &length);
    reader->source->at = here.at;
    if (length == 0)
        return its_fail(reader, here, hint, "'%c': %s was expected", *at, expected);
    return its_fail(reader, here, hint, "'%.*s': %s was expected",
                    (int)(length > ITS_SHOWN ? ITS_SHOWN : length), word, expected);
}
