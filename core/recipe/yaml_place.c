/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/yaml_place.c - where something stands in YAML text, and libyaml's errors as
 * findings. libyaml counts characters from the begin of the text and of the line, and
 * all line breaks of YAML 1.1 (section 5.4); places count bytes.
 */
#include <string.h>

#include "base/codes.h"
#include "recipe/yaml_private.h"

/* Bytes of the character at `at`. */
static size_t width_at(const struct kp_yaml_reader *reader, size_t at)
{
    const unsigned char lead = (unsigned char)reader->text[at];
    const size_t width = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

    return width <= reader->length - at ? width : reader->length - at;
}

/* The offset behind a line break at `at`, or `at` if there is none. */
static size_t after_break(const struct kp_yaml_reader *reader, size_t at)
{
    const unsigned char *bytes = (const unsigned char *)reader->text + at;
    const size_t rest = reader->length - at;

    if (rest > 0 && bytes[0] == '\n')
        return at + 1;
    if (rest > 0 && bytes[0] == '\r')
        return at + (rest > 1 && bytes[1] == '\n' ? 2 : 1);
    if (rest > 1 && bytes[0] == 0xc2 && bytes[1] == 0x85)
        return at + 2;
    if (rest > 2 && bytes[0] == 0xe2 && bytes[1] == 0x80 && (bytes[2] == 0xa8 || bytes[2] == 0xa9))
        return at + 3;
    return at;
}

/* The offset of a mark. Fast for marks in ascending order. */
static size_t seek(struct kp_yaml_reader *reader, const yaml_mark_t *mark)
{
    if (mark->index < reader->index) {
        reader->index = 0;
        reader->byte = 0;
    }
    while (reader->index < mark->index && reader->byte < reader->length) {
        reader->byte += width_at(reader, reader->byte);
        reader->index++;
    }
    return reader->byte;
}

/* The offset of the character `count` characters before `at`. */
static size_t step_back(const struct kp_yaml_reader *reader, size_t at, size_t count)
{
    while (count > 0 && at > 0) {
        at--;
        if (((unsigned char)reader->text[at] & 0xc0) != 0x80)
            count--;
    }
    return at;
}

struct kp_place kp_yaml_place(struct kp_yaml_reader *reader, const yaml_mark_t *mark)
{
    const size_t byte = seek(reader, mark);

    if (mark->line != reader->line || reader->line_byte > byte) {
        reader->line = mark->line;
        reader->line_byte = step_back(reader, byte, mark->column);
    }
    return (struct kp_place){reader->name, (uint32_t)mark->line + 1,
                             (uint32_t)(byte - reader->line_byte) + 1, 1};
}

/* What stands before the node itself: `&anchor` and `!tag`, then blanks and comments,
 * over the ends of lines if need be. Moves `place` and returns the node's offset. */
static size_t skip_properties(const struct kp_yaml_reader *reader, size_t at,
                              struct kp_place *place)
{
    while (at < reader->length) {
        const size_t begin = at;
        const size_t after = after_break(reader, at);

        if (after > at) {
            at = after;
            place->line++;
            place->column = 1;
            continue;
        }
        if (strchr("&!#", reader->text[at]) != NULL) {
            const bool comment = reader->text[at] == '#';

            while (at < reader->length && after_break(reader, at) == at &&
                   (comment || strchr(" \t", reader->text[at]) == NULL))
                at++;
        } else if (strchr(" \t", reader->text[at]) != NULL) {
            at++;
        } else {
            break;
        }
        place->column += (uint32_t)(at - begin);
    }
    return at;
}

/* Bytes of `characters` characters from `at`, at most to the end of the line. */
static uint32_t written_length(const struct kp_yaml_reader *reader, size_t at, size_t characters)
{
    const size_t begin = at;

    while (characters > 0 && at < reader->length && after_break(reader, at) == at) {
        at += width_at(reader, at);
        characters--;
    }
    return (uint32_t)(at - begin);
}

void kp_yaml_refuse_tag(struct kp_yaml_reader *reader, const yaml_mark_t *mark)
{
    struct kp_place place = kp_yaml_place(reader, mark);
    size_t begin = reader->byte;
    size_t end;

    while (begin < reader->length && reader->text[begin] != '!')
        begin++;
    place.column += (uint32_t)(begin - reader->byte);
    for (end = begin; end < reader->length && strchr(" \t\r\n", reader->text[end]) == NULL;)
        end++;
    place.length = (uint32_t)(end - begin);
    reader->failed = true;
    kp_error_hint(reader->diags, place,
                  "leave it out: what a value means is decided by the parameter's type", KP1008,
                  (int)(end - begin), reader->text + begin);
}

struct kp_place kp_yaml_node_place(struct kp_yaml_reader *reader, const yaml_event_t *event,
                                   bool properties)
{
    struct kp_place place = kp_yaml_place(reader, &event->start_mark);
    size_t characters = event->end_mark.index - event->start_mark.index;
    const size_t first = reader->byte;
    size_t at = first;

    if (properties)
        at = skip_properties(reader, at, &place);
    if (event->type != YAML_SCALAR_EVENT)
        return place;
    for (size_t passed = first; passed < at && characters > 0; characters--)
        passed += width_at(reader, passed);
    place.length = written_length(reader, at, characters);
    return place;
}

/* The place of an offset: slow, for the one error that ends reading. */
static struct kp_place place_at(const struct kp_yaml_reader *reader, size_t offset)
{
    struct kp_place place = {reader->name, 1, 1, 1};
    size_t begin = 0;

    for (size_t at = 0; at < offset;) {
        const size_t after = after_break(reader, at);

        if (after > at && after <= offset) {
            place.line++;
            begin = after;
        }
        at = after > at ? after : at + 1;
    }
    place.column = (uint32_t)(offset - begin) + 1;
    return place;
}

static void report_bytes(struct kp_yaml_reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    const size_t offset =
        parser->problem_offset < reader->length ? parser->problem_offset : reader->length;
    struct kp_place place = place_at(reader, offset);

    if (parser->problem_value >= 0)
        kp_error_hint(reader->diags, place, "a recipe is text in UTF-8", KP1004, parser->problem,
                      (unsigned)parser->problem_value);
    else
        kp_error_hint(reader->diags, place, "a recipe is text in UTF-8", KP1003, parser->problem,
                      "");
}

/* What to do about the errors that people meet most. `at` is where libyaml stopped. */
static const char *hint_for(const struct kp_yaml_reader *reader, const char *problem, size_t at)
{
    const char found = at < reader->length ? reader->text[at] : '\0';

    if (strstr(problem, "cannot start any token") != NULL) {
        if (found == '\t')
            return "indent with spaces";
        if (found == '%')
            return "put a value that begins with % into quotes, as in \"%(version)\"";
        return "put the value into quotes";
    }
    if (strstr(problem, "tab character") != NULL)
        return "indent with spaces";
    if (strstr(problem, "mapping values are not allowed") != NULL)
        return "look at the indentation, and put a value that contains ': ' into quotes";
    return NULL;
}

void kp_yaml_report(struct kp_yaml_reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    const char *context = "";
    struct kp_place place;
    size_t at;

    if (parser->error == YAML_MEMORY_ERROR) {
        kp_out_of_memory(reader->diags);
        return;
    }
    if (parser->error == YAML_READER_ERROR) {
        report_bytes(reader);
        return;
    }
    place = kp_yaml_place(reader, &parser->problem_mark);
    at = reader->byte;
    if (at >= reader->length) {
        /* It is the end that is wrong: show the last thing before it. */
        while (at > 0 && strchr(" \t\r\n", reader->text[at - 1]) != NULL)
            at--;
        place = place_at(reader, at > 0 ? step_back(reader, at, 1) : 0);
    }
    if (parser->context != NULL && parser->context_mark.line + 1 < place.line)
        context = kp_arena_printf(reader->arena, ", %s from line %zu", parser->context,
                                  parser->context_mark.line + 1);
    else if (parser->context != NULL)
        context = kp_arena_printf(reader->arena, ", %s", parser->context);
    kp_error_hint(reader->diags, place, hint_for(reader, parser->problem, at), KP1003,
                  parser->problem, context != NULL ? context : "");
}
