/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/its_scan.c - the words of an image tree source, and what stands between them. Which word may
 * stand where is up to those who call: dtc's scanner has states for it, as a name may look like a number.
 */
#include <string.h>

#include "its_private.h"

static int is_digit(int byte)
{
    return byte >= '0' && byte <= '9';
}

static int is_letter(int byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}

/* dtc-lexer.l, PROPNODECHAR. */
static int is_name(int byte)
{
    return is_letter(byte) || is_digit(byte) || (byte > 0 && strchr(",.+*#?@-", byte) != NULL);
}

/* As isspace() has it in dtc's locale. */
static int is_space(int byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* The byte `ahead` of the current file, or -1 behind its end. */
static int look(const struct its_reader *reader, uint64_t ahead)
{
    const struct its_source *source = reader->source;

    return ahead < source->size - source->at ? (uint8_t)source->text[source->at + ahead] : -1;
}

int its_byte(const struct its_reader *reader)
{
    return look(reader, 0);
}

int its_take(struct its_reader *reader, const char *word)
{
    struct its_source *source = reader->source;
    const size_t length = strlen(word);

    if (length > source->size - source->at || memcmp(source->text + source->at, word, length) != 0)
        return 0;
    source->at += length;
    return 1;
}

/* --- what stands between words --- */

static uint64_t after(const struct its_reader *reader, uint64_t ahead, int (*belongs)(int))
{
    while (belongs(look(reader, ahead)))
        ahead++;
    return ahead;
}

static int is_blank(int byte)
{
    return byte == ' ' || byte == '\t';
}

/* Behind a text in quotes that begins at `ahead`; `ahead` itself if it does not end. */
static uint64_t after_text(const struct its_reader *reader, uint64_t ahead)
{
    for (uint64_t end = ahead + 1;; end++) {
        const int byte = look(reader, end);

        if (byte == '"')
            return end + 1;
        if (byte < 0)
            return ahead;
        if (byte == '\\')
            end++;
    }
}

/* A line `# 12 "file" 1` or `#line 12 "file"`. Anything else that begins with # is a name. */
static int32_t take_mark(struct its_reader *reader, int *taken)
{
    struct its_source *source = reader->source;
    const uint64_t word = look(reader, 1) == 'l' && source->size - source->at > 5 &&
                                  memcmp(source->text + source->at, "#line", 5) == 0
                              ? 5
                              : 1;
    const uint64_t number = after(reader, word, is_blank);
    const uint64_t number_end = after(reader, number, is_digit);
    const uint64_t file = after(reader, number_end, is_blank);
    uint64_t end = look(reader, file) == '"' ? after_text(reader, file) : file, line = 0;
    struct its_mark *mark;

    *taken = number > word && number_end > number && file > number_end && end > file;
    if (!*taken)
        return KP_OK;
    for (uint64_t i = number; i < number_end && line < UINT32_MAX; i++)
        line = 10 * line + (uint64_t)(look(reader, i) - '0');
    mark = reader->call->host->alloc(reader->call, sizeof(*mark));
    if (mark == NULL)
        return KP_FAILED;
    mark->file = its_copy(reader, source->text + source->at + file + 1, end - file - 2);
    if (mark->file == NULL)
        return KP_FAILED;
    while (look(reader, end) >= 0 && look(reader, end) != '\n')
        end++; /* the preprocessor's flags */
    source->at += end;
    mark->at = source->at;
    mark->line = line == 0 ? 0 : line - 1; /* of the directive: the next line has that number */
    mark->before = source->marks;
    source->marks = mark;
    return KP_OK;
}

static int32_t skip_comment(struct its_reader *reader)
{
    struct its_source *source = reader->source;
    const struct its_place begin = its_here(reader);

    if (look(reader, 1) == '/') {
        while (source->at < source->size && source->text[source->at] != '\n')
            source->at++;
        return KP_OK;
    }
    for (source->at += 2; !its_take(reader, "*/"); source->at++)
        if (source->at == source->size)
            return its_fail(reader, begin, "close it with */", "/*: a comment that does not end");
    return KP_OK;
}

static int32_t take_include(struct its_reader *reader)
{
    struct its_source *source = reader->source;
    struct its_place place;
    uint64_t end;

    while (is_space(look(reader, 0)))
        source->at++;
    place = its_here(reader);
    end = look(reader, 0) == '"' ? after_text(reader, 0) : 0;
    if (end == 0)
        return its_unexpected(reader, "a file's name in quotes", "write /include/ \"file\"");
    source->at += end;
    return its_include(reader, place, source->text + place.at + 1, end - 2);
}

/* Passes over one thing that is no word; *passed: there was one. */
static int32_t skip_one(struct its_reader *reader, int *passed)
{
    struct its_source *source = reader->source;
    const int byte = look(reader, 0), next = look(reader, 1);

    *passed = 1;
    if (is_space(byte)) {
        source->at += after(reader, 0, is_space);
        return KP_OK;
    }
    if (byte < 0 && source->includer != NULL) {
        reader->source = source->includer;
        return KP_OK;
    }
    if (byte == '/' && (next == '/' || next == '*'))
        return skip_comment(reader);
    if (byte == '/' && its_take(reader, "/include/"))
        return take_include(reader);
    if (byte == '#' && (source->at == 0 || source->text[source->at - 1] == '\n'))
        return take_mark(reader, passed);
    *passed = 0;
    return KP_OK;
}

int32_t its_skip(struct its_reader *reader)
{
    const struct its_place from = its_here(reader);
    int passed;

    if (from.source != reader->skipped.source || from.at != reader->skipped.at)
        reader->behind = from;
    do {
        if (skip_one(reader, &passed) != KP_OK)
            return KP_FAILED;
    } while (passed);
    reader->skipped = its_here(reader);
    return KP_OK;
}

/* --- words --- */

int32_t its_expect(struct its_reader *reader, const char *word, const char *expected,
                   const char *hint)
{
    if (its_skip(reader) != KP_OK)
        return KP_FAILED;
    return its_take(reader, word) ? KP_OK : its_unexpected(reader, expected, hint);
}

void its_take_name(struct its_reader *reader, const char **name, uint64_t *length)
{
    const uint64_t begin = look(reader, 0) == '\\' && is_name(look(reader, 1)) ? 1 : 0;

    *name = reader->source->text + reader->source->at + begin;
    *length = after(reader, begin, is_name) - begin;
    reader->source->at += *length == 0 ? 0 : begin + *length;
}

static int is_label(int byte)
{
    return is_letter(byte) || is_digit(byte);
}

int its_take_label(struct its_reader *reader, const char **label, uint64_t *length)
{
    if (!is_letter(look(reader, 0)))
        return 0;
    *label = reader->source->text + reader->source->at;
    *length = after(reader, 0, is_label);
    if (look(reader, *length) != ':')
        return 0;
    reader->source->at += *length + 1;
    return 1;
}

int32_t its_skip_labels(struct its_reader *reader)
{
    const char *label;
    uint64_t length;

    do {
        if (its_skip(reader) != KP_OK)
            return KP_FAILED;
    } while (its_take_label(reader, &label, &length));
    return KP_OK;
}

static int is_path(int byte)
{
    return byte == '/' || is_name(byte);
}

int32_t its_take_reference(struct its_reader *reader, const char **to)
{
    struct its_source *source = reader->source;
    const int braces = look(reader, 1) == '{';
    const uint64_t begin = braces ? 2 : 1;
    const uint64_t end = after(reader, begin, braces ? is_path : is_label);

    if (end == begin || (braces ? look(reader, end) != '}' : is_digit(look(reader, begin))))
        return its_fail(reader, its_here(reader), "write &label or &{/path}",
                        "'&': no label and no path behind it");
    *to = its_copy(reader, source->text + source->at + begin, end - begin);
    source->at += braces ? end + 1 : end;
    return *to == NULL ? KP_FAILED : KP_OK;
}

uint64_t its_digit(int byte)
{
    if (is_digit(byte))
        return (uint64_t)(byte - '0');
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? (uint64_t)(byte - 'a' + 10) : 99;
}

int32_t its_take_literal(struct its_reader *reader, uint64_t *value)
{
    static const char *const suffixes[] = {"ULL", "UL", "LL", "U", "L", NULL};
    struct its_source *source = reader->source;
    const struct its_place place = its_here(reader);
    const int hex = look(reader, 0) == '0' && (look(reader, 1) | 0x20) == 'x' &&
                    its_digit(look(reader, 2)) < 16;
    const uint64_t base = hex ? 16 : look(reader, 0) == '0' ? 8 : 10;
    uint64_t digit;

    *value = 0;
    for (source->at += hex ? 2 : 0; (digit = its_digit(look(reader, 0))) < (hex ? 16 : 10);
         source->at++)
        if (digit >= base)
            return its_fail(reader, place, "numbers that begin with 0 are octal",
                            "a number: digit %u: it is not octal", (unsigned)digit);
        else if (!kp_mul(*value, base, value) || !kp_add(*value, digit, value))
            return its_fail(reader, place, "write one that fits into 64 bits",
                            "a number: it is larger than 64 bits");
    for (int i = 0; suffixes[i] != NULL; i++)
        if (its_take(reader, suffixes[i]))
            break;
    return KP_OK;
}

/* --- texts --- */

int32_t its_append(struct its_reader *reader, const void *bytes, uint64_t length)
{
    uint64_t room = reader->room == 0 ? 256 : reader->room;
    uint8_t *larger;

    while (room - reader->used < length)
        room *= 2; /* no overflow: lengths are bounded by the source's */
    if (room != reader->room) {
        larger = reader->call->host->alloc(reader->call, room);
        if (larger == NULL)
            return KP_FAILED;
        if (reader->used > 0)
            memcpy(larger, reader->bytes, reader->used);
        reader->bytes = larger;
        reader->room = room;
    }
    if (length > 0)
        memcpy(reader->bytes + reader->used, bytes, length);
    reader->used += length;
    return KP_OK;
}

/* An octal number of up to three digits, or a hexadecimal one of up to two. */
static uint8_t take_digits(struct its_reader *reader, uint64_t base, int most)
{
    uint64_t value = 0, digit;

    while (most-- > 0 && (digit = its_digit(look(reader, 0))) < base) {
        value = base * value + digit;
        reader->source->at++;
    }
    return (uint8_t)value;
}

/* What stands behind a backslash: dtc, util.c, get_escape_char. */
static int32_t take_escape(struct its_reader *reader)
{
    static const char letters[] = "abtnvfr", meant[] = "\a\b\t\n\v\f\r";
    const int byte = look(reader, 0);
    const char *letter = byte > 0 ? strchr(letters, byte) : NULL;
    uint8_t value = (uint8_t)byte;

    if (byte < 0 || byte == '\n')
        return its_fail(reader, its_here(reader), "write \\n for the end of a line",
                        "a text: a backslash at the end of a line");
    if (byte == 'x' && its_digit(look(reader, 1)) >= 16)
        return its_fail(reader, its_here(reader), "write \\x and two hexadecimal digits",
                        "a text: \\x: no hexadecimal digit behind it");
    if (its_digit(byte) < 8) {
        value = take_digits(reader, 8, 3);
    } else {
        reader->source->at++;
        if (byte == 'x')
            value = take_digits(reader, 16, 2);
        else if (letter != NULL)
            value = (uint8_t)meant[letter - letters];
    }
    return its_append(reader, &value, 1);
}

int32_t its_take_text(struct its_reader *reader, char quote)
{
    struct its_source *source = reader->source;
    const struct its_place place = its_here(reader);

    source->at++;
    for (;;) {
        const char *from = source->text + source->at;
        uint64_t length = 0;
        int byte;

        while ((byte = look(reader, length)) >= 0 && byte != (uint8_t)quote && byte != '\\')
            length++;
        if (byte < 0)
            return its_fail(reader, place, "close it with the quote that it begins with",
                            "a text: it does not end");
        if (its_append(reader, from, length) != KP_OK)
            return KP_FAILED;
        source->at += length + 1;
        if (byte == (uint8_t)quote)
            return KP_OK;
        if (take_escape(reader) != KP_OK)
            return KP_FAILED;
    }
}
