/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sources/kbuild/command.c - the command by which Kbuild made a file, as words; and names of files
 * in commands.
 *
 * Facts from Linux 5.10, 6.1, 6.12, 7.2, scripts/Kbuild.include (make-cmd, if_changed): beside
 * FOLDER/NAME stands FOLDER/.NAME.cmd, whose first line is "cmd_FOLDER/NAME := COMMAND" ("savedcmd_"
 * since 6.6). Make has '$' as "$$" there and '#' as "$(pound)"; the rest is the shell's: blanks,
 * quotes, backslashes, operators. Only that much of the shell is known here as such commands use:
 * words that it would compute are marked as such.
 */
#include "kbuild.h"

#include <string.h>

/* The longest of the commands that are read has a few KiB; files of objects have lines more. */
#define COMMAND_MAX 131072u
#define POUND "$(pound)"

static int is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static int is_operator(char c)
{
    return c != '\0' && strchr("|&;<>()", c) != NULL;
}

bool kbuild_is_plain(const char *word)
{
    size_t i = 0;

    while (word[i] > ' ' && word[i] <= '~')
        i++;
    return i > 0 && word[i] == '\0';
}

bool kbuild_resolve(const char *folder, const char *name, char resolved[KBUILD_NAME_MAX])
{
    const char *const parts[] = {folder, name};
    size_t length = 0;

    if (name[0] == '/' || name[0] == '\0')
        return false;
    for (size_t i = 0; i < 2; i++) {
        for (const char *at = parts[i]; *at != '\0'; at += *at == '/' ? 1 : 0) {
            const size_t size = strcspn(at, "/");

            if (size == 2 && memcmp(at, "..", 2) == 0) {
                if (length == 0)
                    return false;
                while (length > 0 && resolved[--length] != '/')
                    ;
            } else if (size > 0 && !(size == 1 && at[0] == '.')) {
                if (length + size + 2 > KBUILD_NAME_MAX)
                    return false;
                if (length > 0)
                    resolved[length++] = '/';
                memcpy(resolved + length, at, size);
                length += size;
            }
            at += size;
        }
    }
    resolved[length] = '\0';
    return length > 0;
}

/* Where a command is taken apart. */
struct parser {
    const struct kbuild *kbuild;
    const char *file;
    const char *at; /* what is left, up to a NUL */
    char *to;       /* where the next character of a word goes */
    int kind;       /* of the word */
    bool damaged;   /* what it says is no command */
};

void kbuild_command_file(const char *target, char name[KBUILD_NAME_MAX])
{
    const char *slash = strrchr(target, '/');
    const int folder = slash == NULL ? 0 : (int)(slash - target) + 1;

    snprintf(name, KBUILD_NAME_MAX, "%.*s.%s.cmd", folder, target, target + folder);
}

/* Undoes what make would read as its own, in place. False if it would expand anything else. */
static bool undo_make(char *text)
{
    char *to = text;

    for (const char *from = text; *from != '\0'; to++) {
        if (from[0] != '$') {
            *to = *from++;
        } else if (from[1] == '$') {
            *to = '$';
            from += 2;
        } else if (strncmp(from, POUND, sizeof(POUND) - 1) == 0) {
            *to = '#';
            from += sizeof(POUND) - 1;
        } else {
            return false;
        }
    }
    *to = '\0';
    return true;
}

/* Up to the closing quote. */
static void take_single_quotes(struct parser *parser)
{
    const char *end = strchr(parser->at, '\'');

    if (end == NULL) {
        parser->damaged = true;
        return;
    }
    while (parser->at < end)
        *parser->to++ = *parser->at++;
    parser->at++;
}

static void take_double_quotes(struct parser *parser)
{
    for (; *parser->at != '"'; parser->at++) {
        if (parser->at[0] == '\\' && parser->at[1] != '\0' &&
            strchr("\"\\$`", parser->at[1]) != NULL)
            parser->at++;
        else if (*parser->at == '$' || *parser->at == '`')
            parser->kind = WORD_COMPUTED;
        if (*parser->at == '\0') {
            parser->damaged = true;
            return;
        }
        *parser->to++ = *parser->at;
    }
    parser->at++;
}

static void take_operator(struct parser *parser)
{
    const char first = *parser->at;

    parser->kind = WORD_OPERATOR;
    *parser->to++ = *parser->at++;
    if (*parser->at == first && strchr("|&>", first) != NULL)
        *parser->to++ = *parser->at++;
}

static void take_word(struct parser *parser)
{
    parser->kind = WORD_PLAIN;
    if (is_operator(*parser->at)) {
        take_operator(parser);
        return;
    }
    while (*parser->at != '\0' && !is_blank(*parser->at) && !is_operator(*parser->at) &&
           !parser->damaged) {
        const char c = *parser->at++;

        if (c == '\'') {
            take_single_quotes(parser);
        } else if (c == '"') {
            take_double_quotes(parser);
        } else if (c == '\\') {
            parser->damaged = *parser->at == '\0';
            if (!parser->damaged)
                *parser->to++ = *parser->at++;
        } else {
            if (c == '$' || c == '`' || c == '*' || c == '?' || c == '[')
                parser->kind = WORD_COMPUTED;
            *parser->to++ = c;
        }
    }
}

/* All words. `text` is the command, NUL at its end. */
static int32_t split(struct parser *parser, char *text, struct kbuild_command *command)
{
    struct kp_call *call = parser->kbuild->call;
    const size_t length = strlen(text);
    /* Each word has a character or two quotes, and needs one for its end: twice is enough. */
    struct kbuild_word *words = call->host->alloc(call, (length + 1) * sizeof(*words));
    char *buffer = call->host->alloc(call, 2 * length + 2);

    if (words == NULL || buffer == NULL)
        return KP_FAILED;
    parser->at = text;
    parser->to = buffer;
    *command = (struct kbuild_command){words, 0};
    for (;;) {
        while (is_blank(*parser->at))
            parser->at++;
        if (*parser->at == '\0' || parser->damaged)
            break;
        words[command->count].text = parser->to;
        take_word(parser);
        words[command->count++].kind = parser->kind;
        *parser->to++ = '\0';
    }
    if (parser->damaged || command->count == 0)
        return kbuild_fail(
            parser->kbuild, "run make once more", "%s: %s: damaged, or cut short", parser->file,
            command->count == 0 ? "no command" : "a quote or a backslash without end");
    return KP_OK;
}

/* The first line of the file, without its end, as a copy; NULL after reporting. */
static char *read_line(const struct kbuild *kbuild, const char *name, const struct kp_image *image)
{
    struct kp_call *call = kbuild->call;
    const uint64_t size = kp_size(call, image);
    const size_t read = size < COMMAND_MAX ? (size_t)size : COMMAND_MAX;
    const char *bytes = size == 0 ? "" : (const char *)kp_view(call, image);
    const char *end = bytes == NULL ? NULL : memchr(bytes, '\n', read);
    char *line;

    if (bytes == NULL)
        return NULL;
    if (end == NULL || memchr(bytes, '\0', (size_t)(end - bytes)) != NULL) {
        kbuild_fail(kbuild, "run make once more", "%s: %s", name,
                    end != NULL           ? "not text: damaged"
                    : read == COMMAND_MAX ? "a command of more than 128 KiB: damaged"
                                          : "the line has no end: cut short");
        return NULL;
    }
    line = call->host->alloc(call, (uint64_t)(end - bytes) + 1);
    if (line != NULL)
        memcpy(line, bytes, (size_t)(end - bytes));
    return line;
}

static int32_t parse(const struct kbuild *kbuild, const char *target, const char *name,
                     const struct kp_image *image, struct kbuild_command *command)
{
    struct parser parser = {.kbuild = kbuild, .file = name};
    char *line = read_line(kbuild, name, image);
    char *text = line;
    const size_t length = strlen(target);

    if (line == NULL)
        return KP_FAILED;
    if (strncmp(text, "saved", 5) == 0)
        text += 5;
    if (strncmp(text, "cmd_", 4) != 0 || strncmp(text + 4, target, length) != 0 ||
        strncmp(text + 4 + length, " := ", 4) != 0)
        return kbuild_fail(kbuild, "run make once more",
                           "%s: does not say how %s was made: damaged", name, target);
    text += 4 + length + 4;
    if (!undo_make(text))
        return kbuild_fail(kbuild, "run make once more",
                           "%s: a '$' that Kbuild does not write: damaged", name);
    return split(&parser, text, command);
}

int32_t kbuild_read_command(const struct kbuild *kbuild, const char *target, const char *makes,
                            struct kbuild_command *command)
{
    char name[KBUILD_NAME_MAX];
    const struct kp_image *image;

    kbuild_command_file(target, name);
    image = kbuild_open(kbuild, name, makes);
    return image == NULL ? KP_FAILED : parse(kbuild, target, name, image, command);
}

int32_t kbuild_find_command(const struct kbuild *kbuild, const char *target,
                            struct kbuild_command *command, bool *found)
{
    char name[KBUILD_NAME_MAX];
    int32_t has;

    kbuild_command_file(target, name);
    has = kbuild_has(kbuild, name);
    *found = has == 1;
    if (has != 1)
        return has == 0 ? KP_OK : KP_FAILED;
    return kbuild_read_command(kbuild, target, "all", command);
}
