/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/man.c - mdoc's own rules: what has to be escaped, where lines end, and what may
 * stand between paragraphs. What pages say is man_command.c's and man_plugin.c's matter.
 */
#include "cli/man.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

/* Lines are ended behind this column. */
#define FILL_COLUMN 72

/* The escape of a character that roff would take for something else, or show as another
 * (groff_char(7)); NULL if it stands for itself. */
static const char *escape_of(uint32_t point, bool option)
{
    switch (point) {
    case '\\':
        return "\\e";
    case '"':
        return "\\(dq";
    case '\'':
        return "\\(aq";
    case '`':
        return "\\(ga";
    case '^':
        return "\\(ha";
    case '~':
        return "\\(ti";
    case '-':
        return option ? "\\-" : NULL;
    default:
        return NULL;
    }
}

/* Writes `length` bytes. The dashes of an option are such that can be copied. */
static void put(FILE *to, const char *text, size_t length, bool option)
{
    for (size_t at = 0; at < length;) {
        uint32_t point = 0;
        const size_t size = kp_text_decode(text + at, length - at, &point);
        const char *escape = escape_of(point, option);

        if (size == 0 || point > 0x7f)
            fprintf(to, "\\[u%04X]", size == 0 ? 0xfffdu : (unsigned)point);
        else if (escape != NULL)
            fputs(escape, to);
        else
            fwrite(text + at, 1, size, to);
        at += size > 0 ? size : 1;
    }
}

/* A word that begins or goes on a line of text. */
static void put_word(FILE *to, const char *word, size_t length, bool first)
{
    if (first && word[0] == '.')
        fputs("\\&", to);
    put(to, word, length, word[0] == '-' || memchr(word, '=', length) != NULL);
}

/* mdoc wants each sentence to begin a line. */
static bool ends_sentence(const char *word, size_t length)
{
    while (length > 0 && strchr(")\"'", word[length - 1]) != NULL)
        length--;
    return length > 1 && strchr(".!?", word[length - 1]) != NULL;
}

/* `length` bytes of running text. */
static void fill(FILE *to, const char *text, size_t length)
{
    const char *end = text + length;
    size_t column = 0;

    while (text < end) {
        size_t word = 0;

        while (text + word < end && text[word] != ' ' && text[word] != '\n')
            word++;
        if (word > 0 && column > 0 && column + 1 + word > FILL_COLUMN) {
            fputc('\n', to);
            column = 0;
        }
        if (word > 0) {
            if (column > 0)
                fputc(' ', to);
            put_word(to, text, word, column == 0);
            column += word + 1;
            if (ends_sentence(text, word) && text + word < end) {
                fputc('\n', to);
                column = 0;
            }
        }
        text += word;
        text += text < end ? 1 : 0;
    }
    if (column > 0)
        fputc('\n', to);
}

void kp_man_text(FILE *to, const char *text)
{
    fill(to, text, strlen(text));
}

/* Lines that are moved in, up to the first that is not. Returns what they took. */
static size_t put_literal(FILE *to, const char *text)
{
    const char *at = text;

    fputs(".Bd -literal -offset indent\n", to);
    while (*at == ' ') {
        size_t length;

        at += strspn(at, " ");
        length = strcspn(at, "\n");
        if (*at == '.')
            fputs("\\&", to);
        put(to, at, length, true);
        fputc('\n', to);
        at += length;
        at += *at == '\n' ? 1 : 0;
    }
    fputs(".Ed\n", to);
    return (size_t)(at - text);
}

/* Bytes up to an empty line, a line that is moved in, or the end. */
static size_t paragraph_length(const char *text)
{
    const char *end = text;

    while (*end != '\0' && !(end[0] == '\n' && (end[1] == '\n' || end[1] == ' ')))
        end++;
    return (size_t)(end - text);
}

void kp_man_paragraphs(FILE *to, const char *text)
{
    bool first = true;

    for (text += strspn(text, "\n"); *text != '\0'; text += strspn(text, "\n")) {
        size_t length;

        if (*text == ' ') {
            text += put_literal(to, text);
        } else {
            length = paragraph_length(text);
            fputs(first ? "" : ".Pp\n", to);
            fill(to, text, length);
            text += length;
        }
        first = false;
    }
}

/* What mdoc would take for a macro or for punctuation of its own. */
static bool needs_guard(const char *argument)
{
    const size_t length = strlen(argument);

    return (length == 1 && strchr(".,:;()[]?!|", argument[0]) != NULL) ||
           ((length == 2 || length == 3) && isupper((unsigned char)argument[0]) != 0);
}

void kp_man_argument(FILE *to, const char *argument)
{
    const char *quote = argument[0] == '\0' || strchr(argument, ' ') != NULL ? "\"" : "";

    fprintf(to, " %s%s", quote, needs_guard(argument) ? "\\&" : "");
    put(to, argument, strlen(argument), true);
    fputs(quote, to);
}

void kp_man_line(FILE *to, const char *macro, const char *argument)
{
    fprintf(to, ".%s", macro);
    kp_man_argument(to, argument);
    fputc('\n', to);
}

void kp_man_begin(FILE *to, const char *name, unsigned section, const char *summary)
{
    fputs(".\\\" Made by kpipe from its tables.\n.Dd " KPIPE_MANUAL_DATE "\n.Dt ", to);
    for (const char *at = name; *at != '\0'; at++)
        fputc(toupper((unsigned char)*at), to);
    fprintf(to, " %u\n.Os kpipe " KPIPE_VERSION "\n.Sh NAME\n", section);
    kp_man_line(to, "Nm", name);
    fputs(".Nd ", to);
    put(to, summary, strlen(summary), false);
    fputc('\n', to);
}
