/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/note_text.c - parses a note's text by the grammar of kpipe/note.h.
 *
 * The grammar is closed: a word that grammar 1 does not have is an error, so that
 * nothing a plugin says is silently not heard. Newer words come with a newer
 * grammar number, and that is told apart from a mistake.
 */
#include "plugin/note.h"

#include <stdlib.h>
#include <string.h>

#include "base/vector.h"
#include "kpipe/bytes.h"
#include "kpipe/note.h"
#include "kpipe/traits.h"
#include "plugin/names.h"

/* Rows of one word; descriptors' tables are bounded likewise (check.h). */
#define MAX_ROWS 512
#define MAX_WORDS 64

struct parser {
    struct kp_arena *arena;
    struct kp_note *note;
    const char **why;
    unsigned line;
    bool api_seen;
    struct kp_vector codecs, formats, sources, stages, archs, magic, described, tools;
    char *words[MAX_WORDS]; /* of the line, without its first */
    size_t word_count;
};

/* A word at the beginning of a line, and who understands the rest. */
struct rule {
    const char *word;
    bool (*parse)(struct parser *parser, const struct rule *rule, char *rest);
    size_t member;                   /* of struct kp_note (single) or struct parser (repeated) */
    bool (*valid)(const char *rest); /* or NULL: any text */
};

#define FAIL(parser, ...)                                                                          \
    (*(parser)->why = kp_arena_printf((parser)->arena, __VA_ARGS__), (void)0, false)

/* Lines that stand exactly once. */
static bool parse_single(struct parser *parser, const struct rule *rule, char *rest)
{
    const char **member = (const char **)(void *)((char *)parser->note + rule->member);

    if (*member != NULL)
        return FAIL(parser, "line %u: '%s' twice", parser->line, rule->word);
    if (*rest == '\0')
        return FAIL(parser, "line %u: '%s' without text", parser->line, rule->word);
    if (rule->valid != NULL && !rule->valid(rest))
        return FAIL(parser, "line %u: %s: '%s': not well-formed", parser->line, rule->word, rest);
    *member = rest;
    return true;
}

/* A decimal number that fits into 64 bits. */
static bool parse_decimal(const char *text, uint64_t *value)
{
    *value = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++)
        if (*text < '0' || *text > '9' || !kp_mul(*value, 10, value) ||
            !kp_add(*value, (uint64_t)(*text - '0'), value))
            return false;
    return true;
}

static bool parse_api(struct parser *parser, const struct rule *rule, char *rest)
{
    uint64_t level;

    if (parser->api_seen)
        return FAIL(parser, "line %u: '%s' twice", parser->line, rule->word);
    if (!parse_decimal(rest, &level) || level > UINT32_MAX)
        return FAIL(parser, "line %u: api: '%s': no API level", parser->line, rest);
    parser->api_seen = true;
    parser->note->api_level = (uint32_t)level;
    return true;
}

/* "*" and the end of a name, which begins with a dash. */
static bool is_ending(const char *text)
{
    return text[0] == '*' && text[1] == '-' && kp_is_word(text + 2);
}

static bool is_tool(const char *rest)
{
    return strcmp(rest, "*") == 0 || is_ending(rest) || kp_is_word(rest);
}

/* Lines that may be repeated and carry one name, which is new each time. */
static bool parse_name(struct parser *parser, const struct rule *rule, char *rest)
{
    struct kp_vector *names = (struct kp_vector *)(void *)((char *)parser + rule->member);
    const char **name;

    if (!rule->valid(rest))
        return FAIL(parser, "line %u: %s: '%s': not well-formed", parser->line, rule->word, rest);
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(KP_ITEM(names, const char *, i), rest) == 0)
            return FAIL(parser, "line %u: %s '%s' twice", parser->line, rule->word, rest);
    if (names->count == MAX_ROWS)
        return FAIL(parser, "line %u: more than %d lines of '%s'", parser->line, MAX_ROWS,
                    rule->word);
    name = KP_PUSH(names, const char *);
    if (name == NULL)
        return false;
    *name = rest;
    return true;
}

/* Splits at single blanks. */
static bool split(struct parser *parser, const char *word, char *rest)
{
    parser->word_count = 0;
    for (char *at = rest; at != NULL;) {
        char *blank = strchr(at, ' ');

        if (parser->word_count == MAX_WORDS)
            return FAIL(parser, "line %u: %s: more than %d words", parser->line, word, MAX_WORDS);
        if (blank != NULL)
            *blank++ = '\0';
        if (*at == '\0')
            return FAIL(parser, "line %u: %s: a word is missing", parser->line, word);
        parser->words[parser->word_count++] = at;
        at = blank;
    }
    return true;
}

/* Whether an architecture of this note has the name already. */
static bool arch_taken(const struct parser *parser, const char *name)
{
    for (size_t i = 0; i < parser->archs.count; i++) {
        const struct kp_note_arch *arch = &KP_ITEM(&parser->archs, struct kp_note_arch, i);

        for (size_t j = 0; j < arch->count; j++)
            if (strcmp(arch->names[j], name) == 0)
                return true;
    }
    return false;
}

static bool parse_arch(struct parser *parser, const struct rule *rule, char *rest)
{
    struct kp_note_arch *arch;

    if (!split(parser, rule->word, rest))
        return false;
    if (parser->archs.count == MAX_ROWS)
        return FAIL(parser, "line %u: more than %d lines of 'arch'", parser->line, MAX_ROWS);
    arch = KP_PUSH(&parser->archs, struct kp_note_arch);
    if (arch == NULL)
        return false;
    arch->names = kp_arena_array(parser->arena, parser->word_count, sizeof(*arch->names));
    if (arch->names == NULL)
        return false;
    for (size_t i = 0; i < parser->word_count; i++) {
        const char *name = parser->words[i];

        if (!(i == 0 ? kp_is_arch_name(name) : kp_is_word(name)))
            return FAIL(parser, "line %u: arch: '%s': not well-formed", parser->line, name);
        if (arch_taken(parser, name))
            return FAIL(parser, "line %u: arch '%s' twice", parser->line, name);
        arch->names[arch->count++] = name;
    }
    return true;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Lower-case hexadecimal digits, two a byte, at least one byte; else NULL. */
static uint8_t *parse_hex(struct parser *parser, const char *text, size_t *length)
{
    const size_t digits = strlen(text);
    uint8_t *bytes = kp_arena_alloc(parser->arena, digits / 2 + 1);

    *length = digits / 2;
    if (bytes == NULL || digits == 0 || digits % 2 != 0)
        return NULL;
    for (size_t i = 0; i < digits; i++) {
        const int value = hex_digit(text[i]);

        if (value < 0)
            return NULL;
        bytes[i / 2] = (uint8_t)(bytes[i / 2] << 4 | value);
    }
    return bytes;
}

/* magic KIND CODEC OFFSET BYTES MASK [NEAR] */
static bool parse_magic(struct parser *parser, const struct rule *rule, char *rest)
{
    struct kp_magic_row *row;
    uint8_t *bytes, *mask;
    size_t mask_length;
    uint64_t end;
    bool compressed;

    if (!split(parser, rule->word, rest))
        return false;
    if (parser->word_count < 5 || parser->word_count > 6 || parser->magic.count == MAX_ROWS)
        return FAIL(parser, "line %u: magic: five or six words, and at most %d such lines",
                    parser->line, MAX_ROWS);
    row = KP_PUSH(&parser->magic, struct kp_magic_row);
    if (row == NULL)
        return false;
    row->kind = parser->words[0];
    compressed = strcmp(row->kind, KP_KIND_COMPRESSED) == 0;
    if (!kp_is_kind(row->kind))
        return FAIL(parser, "line %u: magic: '%s': no kind", parser->line, row->kind);
    if (compressed ? !kp_is_format_name(parser->words[1]) : strcmp(parser->words[1], "-") != 0)
        return FAIL(parser, "line %u: magic: '%s': no codec of kind '%s'", parser->line,
                    parser->words[1], row->kind);
    row->codec = compressed ? parser->words[1] : NULL;
    bytes = parse_hex(parser, parser->words[3], &row->length);
    mask = parse_hex(parser, parser->words[4], &mask_length);
    if (!parse_decimal(parser->words[2], &row->offset) || bytes == NULL || mask == NULL ||
        mask_length != row->length || !kp_add(row->offset, row->length, &end))
        return FAIL(parser, "line %u: magic: '%s %s %s': no offset, bytes and mask of one length",
                    parser->line, parser->words[2], parser->words[3], parser->words[4]);
    for (size_t i = 0; i < row->length; i++) {
        bytes[i] &= mask[i];
        row->bits += (unsigned)__builtin_popcount(mask[i]);
    }
    row->bytes = bytes;
    row->mask = mask;
    if (parser->word_count == 6) {
        row->near = parse_hex(parser, parser->words[5], &row->near_length);
        if (row->near == NULL)
            return FAIL(parser, "line %u: magic: '%s': no bytes", parser->line, parser->words[5]);
        row->bits += 8 * (unsigned)row->near_length;
    }
    if (row->bits == 0)
        return FAIL(parser, "line %u: magic: a mask without ones", parser->line);
    return true;
}

#define SINGLE(member, valid)                                                                      \
    {                                                                                              \
#member, parse_single, offsetof(struct kp_note, member), valid                             \
    }
#define NAME(word, member, valid)                                                                  \
    {                                                                                              \
        word, parse_name, offsetof(struct parser, member), valid                                   \
    }
static const struct rule rules[] = {
    SINGLE(id, NULL), /* its grammar is the loader's to check: the file is then named */
    SINGLE(name, NULL),
    SINGLE(version, NULL),
    SINGLE(license, NULL),
    SINGLE(vendor, NULL),
    SINGLE(url, NULL),
    SINGLE(summary, NULL),
    {"sdk", parse_single, offsetof(struct kp_note, sdk_hash), kp_is_word},
    {"host", parse_single, offsetof(struct kp_note, host_version), kp_is_version},
    {"api", parse_api, 0, NULL},
    NAME("codec", codecs, kp_is_format_name),
    NAME("format", formats, kp_is_format_name),
    NAME("source", sources, kp_is_format_name),
    NAME("stage", stages, kp_is_stage_name),
    NAME("describes", described, kp_is_kind),
    NAME("tool", tools, is_tool),
    {"arch", parse_arch, 0, NULL},
    {"magic", parse_magic, 0, NULL},
};
#define RULE_COUNT (sizeof(rules) / sizeof(rules[0]))

static bool parse_line(struct parser *parser, char *line)
{
    char *blank = strchr(line, ' ');
    char *rest = line + strlen(line);

    if (blank != NULL) {
        *blank = '\0';
        rest = blank + 1;
    }
    if (parser->line == 1) {
        if (strcmp(line, "kpipe-note") != 0)
            return FAIL(parser, "line 1: no 'kpipe-note 1'");
        if (strcmp(rest, "1") != 0)
            return FAIL(parser, "note grammar %.20s: made by a newer SDK", rest);
        return true;
    }
    for (size_t i = 0; i < RULE_COUNT; i++)
        if (strcmp(rules[i].word, line) == 0)
            return rules[i].parse(parser, &rules[i], rest);
    return FAIL(parser, "line %u: unknown word '%s'", parser->line, line);
}

static bool all_there(struct parser *parser)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        const char *const *member =
            (const char *const *)(const void *)((char *)parser->note + rules[i].member);

        if (rules[i].parse == parse_single && *member == NULL)
            return FAIL(parser, "no line '%s'", rules[i].word);
    }
    if (!parser->api_seen)
        return FAIL(parser, "no line 'api'");
    return true;
}

/* Moves a vector's items to the arena. */
static bool keep(struct parser *parser, struct kp_vector *vector, size_t item_size, void *items,
                 size_t *count)
{
    void *copy;

    *count = vector->count;
    if (vector->count == 0)
        return true;
    copy = kp_arena_array(parser->arena, vector->count, item_size);
    if (copy == NULL)
        return false;
    memcpy(copy, vector->items, vector->count * item_size);
    memcpy(items, &copy, sizeof(copy)); /* a pointer of whatever type */
    return true;
}

static bool parse_all(struct parser *parser, char *text)
{
    struct kp_note *note = parser->note;

    for (char *line = text, *end; *line != '\0'; line = end) {
        end = strchr(line, '\n');
        parser->line++;
        if (end == NULL)
            return FAIL(parser, "line %u: cut off", parser->line);
        *end++ = '\0';
        if (!parse_line(parser, line))
            return false;
    }
    if (parser->line == 0)
        return FAIL(parser, "line 1: no 'kpipe-note 1'");
    return all_there(parser) &&
           keep(parser, &parser->codecs, sizeof(char *), &note->codecs, &note->codec_count) &&
           keep(parser, &parser->formats, sizeof(char *), &note->formats, &note->format_count) &&
           keep(parser, &parser->sources, sizeof(char *), &note->sources, &note->source_count) &&
           keep(parser, &parser->stages, sizeof(char *), &note->stages, &note->stage_count) &&
           keep(parser, &parser->tools, sizeof(char *), &note->tools, &note->tool_count) &&
           keep(parser, &parser->described, sizeof(char *), &note->described,
                &note->described_count) &&
           keep(parser, &parser->archs, sizeof(*note->archs), &note->archs, &note->arch_count) &&
           keep(parser, &parser->magic, sizeof(*note->magic), &note->magic, &note->magic_count);
}

/* Whether `name` ends so, and with more before it than nothing. */
static bool ends_so(const char *name, const char *ending)
{
    const size_t length = strlen(name), end = strlen(ending);

    return length > end && strcmp(name + length - end, ending) == 0;
}

bool kp_note_wants(const struct kp_note *note, const char *tool, bool any)
{
    for (size_t i = 0; i < note->tool_count; i++) {
        const char *announced = note->tools[i];

        if (strcmp(announced, tool) == 0 || (any && strcmp(announced, "*") == 0) ||
            (is_ending(announced) && ends_so(tool, announced + 1)))
            return true;
    }
    return false;
}

bool kp_magic_equal(const struct kp_magic_row *row, const uint8_t *at, size_t begin, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((at[i] & row->mask[begin + i]) != row->bytes[begin + i])
            return false;
    return true;
}

bool kp_note_parse(struct kp_arena *arena, const char *text, size_t length, struct kp_note *note,
                   const char **why)
{
    const size_t used = strnlen(text, length);
    struct parser parser = {.arena = arena, .note = note, .why = why};
    char *copy;
    bool fine;

    memset(note, 0, sizeof(*note));
    *why = "its note holds control characters, or is no UTF-8";
    if (!kp_text_is_clean(text, used, true))
        return false;
    *why = NULL;
    copy = kp_arena_strndup(arena, text, used);
    fine = copy != NULL && parse_all(&parser, copy);
    kp_vector_free(&parser.codecs);
    kp_vector_free(&parser.formats);
    kp_vector_free(&parser.sources);
    kp_vector_free(&parser.stages);
    kp_vector_free(&parser.archs);
    kp_vector_free(&parser.magic);
    kp_vector_free(&parser.described);
    kp_vector_free(&parser.tools);
    if (!fine && *why == NULL)
        *why = "out of memory";
    return fine;
}
