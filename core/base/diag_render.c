/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/diag_render.c - findings as people read them, with the line and a caret.
 *
 * Whatever a finding quotes may be hostile: all of it is escaped (text.h), so
 * that the only control sequences that leave here are the colours. Which
 * findings are shown and in what order is for the caller to say.
 */
#include <string.h>

#include "base/auto.h"
#include "base/diag_private.h"
#include "base/text.h"

/* A line with more columns than this is shown in part, with some of what stands
 * before the caret. */
#define COLUMNS_MOST ((size_t)160)
#define COLUMNS_BEFORE ((size_t)80)
#define ELLIPSIS "..."

struct palette {
    const char *reset, *place, *error, *warning, *note, *code, *caret, *hint;
};

static const struct palette no_colours = {"", "", "", "", "", "", "", ""};
static const struct palette colours = {"\x1b[0m",    "\x1b[1m", "\x1b[1;31m", "\x1b[1;35m",
                                       "\x1b[1;36m", "\x1b[2m", "\x1b[1;32m", "\x1b[36m"};

/* A line of a source, ready to be shown. */
struct excerpt {
    struct kp_string text;
    size_t caret; /* columns before it */
    size_t width; /* columns under it */
};

/* Appends one character of a source's line; tabs are shown as one space, so that
 * the caret stands under its place whatever a terminal does to tabs. */
static size_t show_one(struct kp_string *to, const char *text, size_t length, size_t *columns)
{
    if (text[0] != '\t')
        return kp_text_escape_one(to, text, length, columns);
    kp_string_append(to, " ", 1);
    *columns = 1;
    return 1;
}

/* The columns of a piece of a line, up to `most` and no more than one character
 * beyond. */
static size_t count_columns(const char *text, size_t length, size_t most)
{
    struct kp_string scratch KP_AUTO(string) = {0};
    size_t total = 0;

    for (size_t at = 0, columns; at < length && total <= most; total += columns) {
        scratch.length = 0;
        at += show_one(&scratch, text + at, length - at, &columns);
    }
    return total;
}

/* Where to begin showing a line so that `caret` is seen: at its begin, or some
 * characters before the caret (not in the middle of one). */
static size_t window_begin(struct kp_source_line line, size_t caret)
{
    size_t begin = caret;
    size_t columns = 0;

    if (count_columns(line.text, line.length, COLUMNS_MOST) <= COLUMNS_MOST ||
        count_columns(line.text, caret, COLUMNS_BEFORE) <= COLUMNS_BEFORE)
        return 0;
    while (columns < COLUMNS_BEFORE && begin > 0) {
        size_t bytes = 1;

        while (bytes < 4 && bytes < begin &&
               ((unsigned char)line.text[begin - bytes] & 0xc0) == 0x80)
            bytes++;
        begin -= bytes;
        columns += count_columns(line.text + begin, bytes, COLUMNS_BEFORE);
    }
    return begin;
}

static void make_excerpt(struct excerpt *excerpt, struct kp_source_line line, struct kp_place place)
{
    size_t first = place.column > 0 ? place.column - 1 : 0;
    size_t last;
    size_t at;
    size_t columns = 0;

    if (first > line.length)
        first = line.length;
    last = place.length <= line.length - first ? first + place.length : line.length;
    at = window_begin(line, first);
    if (at > 0) {
        kp_string_add(&excerpt->text, ELLIPSIS);
        columns = strlen(ELLIPSIS);
    }
    excerpt->caret = columns;
    while (at < line.length && columns < COLUMNS_MOST) {
        const size_t begin = at;
        size_t wide;

        at += show_one(&excerpt->text, line.text + at, line.length - at, &wide);
        columns += wide;
        if (begin < first)
            excerpt->caret = columns;
        else if (begin < last)
            excerpt->width += wide;
    }
    if (at < line.length)
        kp_string_add(&excerpt->text, ELLIPSIS);
    kp_string_append(&excerpt->text, "", 0);
    if (excerpt->width == 0)
        excerpt->width = 1;
}

static void add_line(struct kp_string *to, struct kp_diags *diags, struct kp_place place,
                     const struct palette *palette)
{
    const struct kp_source_line line = kp_diags_line(diags, place);
    struct excerpt excerpt = {0};

    if (line.text == NULL)
        return;
    make_excerpt(&excerpt, line, place);
    if (!excerpt.text.failed)
        kp_string_printf(to, "%5u |%s%s\n", (unsigned)place.line,
                         excerpt.text.length > 0 ? " " : "", excerpt.text.text);
    if (!excerpt.text.failed && place.column > 0) {
        kp_string_printf(to, "      | %*s%s^", (int)excerpt.caret, "", palette->caret);
        for (size_t i = 1; i < excerpt.width; i++)
            kp_string_append(to, "~", 1);
        kp_string_printf(to, "%s\n", palette->reset);
    }
    kp_string_free(&excerpt.text);
}

static void add_place(struct kp_string *to, struct kp_place place)
{
    if (place.file == NULL) {
        kp_string_add(to, "kpipe:");
        return;
    }
    kp_text_escape(to, place.file, strlen(place.file));
    kp_string_append(to, ":", 1);
    if (place.line > 0) {
        kp_string_printf(to, "%u:", (unsigned)place.line);
        if (place.column > 0)
            kp_string_printf(to, "%u:", (unsigned)place.column);
    }
}

static void add_severity(struct kp_string *to, enum kp_severity severity,
                         const struct palette *palette)
{
    switch (severity) {
    case KP_SEVERITY_ERROR:
        kp_string_printf(to, " %serror:%s ", palette->error, palette->reset);
        break;
    case KP_SEVERITY_WARNING:
        kp_string_printf(to, " %swarning:%s ", palette->warning, palette->reset);
        break;
    case KP_SEVERITY_NOTE:
        kp_string_printf(to, " %snote:%s ", palette->note, palette->reset);
        break;
    }
}

/* A line "  hint: ..." below a finding. */
static void add_remark(struct kp_string *to, const char *label, const char *text,
                       const struct palette *palette)
{
    kp_string_printf(to, "  %s%s:%s ", palette->hint, label, palette->reset);
    kp_text_escape(to, text, strlen(text));
    kp_string_append(to, "\n", 1);
}

static void add_finding(struct kp_string *to, struct kp_diags *diags,
                        const struct kp_finding *finding, struct kp_diag_style style)
{
    const struct palette *palette = style.colour ? &colours : &no_colours;

    kp_string_add(to, palette->place);
    add_place(to, finding->place);
    kp_string_add(to, palette->reset);
    add_severity(to, finding->severity, palette);
    kp_text_escape(to, finding->text, strlen(finding->text));
    if (finding->code != 0)
        kp_string_printf(to, " %s[KP%04u]%s", palette->code, (unsigned)finding->code,
                         palette->reset);
    kp_string_append(to, "\n", 1);
    add_line(to, diags, finding->place, palette);
    if (finding->hint != NULL)
        add_remark(to, "hint", finding->hint, palette);
    if (finding->detail != NULL && style.detail)
        add_remark(to, "detail", finding->detail, palette);
}

void kp_diags_render(struct kp_diags *diags, size_t first, FILE *to, struct kp_diag_style style)
{
    const size_t count = kp_diags_count(diags);

    for (size_t i = first; i < count; i++) {
        struct kp_string text KP_AUTO(string) = {0};

        add_finding(&text, diags, kp_diags_get(diags, i), style);
        if (text.failed)
            fputs("kpipe: error: out of memory\n", to);
        else
            fwrite(text.text, 1, text.length, to);
    }
}
