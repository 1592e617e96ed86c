/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/diag.c - collecting findings and finding lines of sources. How findings
 * look is diag_render.c's matter.
 *
 * All texts live in one arena under one lock. Findings never move, so that a
 * reader may hold on to them while others are added.
 */
#include "base/diag.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/codes.h"
#include "base/diag_private.h"

/* Room for one more finding and, at any time, for no_memory. */
static bool make_room(struct kp_diags *diags)
{
    struct kp_finding **findings;
    size_t capacity;

    if (diags->count + 2 <= diags->capacity)
        return true;
    capacity = diags->capacity == 0 ? 16 : diags->capacity * 2;
    findings = reallocarray(diags->findings, capacity, sizeof(struct kp_finding *));
    if (findings == NULL)
        return false;
    diags->findings = findings;
    diags->capacity = capacity;
    return true;
}

struct kp_diags *kp_diags_new(void)
{
    struct kp_diags *diags = calloc(1, sizeof(*diags));

    if (diags == NULL)
        return NULL;
    pthread_mutex_init(&diags->lock, NULL);
    diags->arena = kp_arena_new();
    if (diags->arena == NULL || !make_room(diags)) {
        kp_diags_free(diags);
        return NULL;
    }
    return diags;
}

void kp_diags_free(struct kp_diags *diags)
{
    if (diags == NULL)
        return;
    kp_arena_free(diags->arena);
    free(diags->findings);
    pthread_mutex_destroy(&diags->lock);
    free(diags);
}

/* Lines are shown, and what no recipe may hold is not shown with them: a PIN in a URI of PKCS#11
 * (RFC 7512, 2.3). */
static void hide_pins(char *text, size_t length)
{
    static const char pin[] = "pin-value=";
    char *const end = text + length;

    for (char *at = text; (at = memmem(at, (size_t)(end - at), pin, sizeof(pin) - 1)) != NULL;) {
        at += sizeof(pin) - 1;
        while (at < end && *at != '\0' && strchr("&;,\"' \t\r\n]}", *at) == NULL)
            *at++ = '*';
    }
}

const char *kp_diags_add_source(struct kp_diags *diags, const char *file, const char *text,
                                size_t length)
{
    struct kp_source *source;
    const char *name = NULL;
    char *copy;

    pthread_mutex_lock(&diags->lock);
    source = KP_ARENA_NEW(diags->arena, struct kp_source);
    if (source != NULL) {
        source->file = kp_arena_strdup(diags->arena, file);
        source->text = copy = kp_arena_strndup(diags->arena, text, length);
        if (copy != NULL)
            hide_pins(copy, length);
        source->length = length;
        source->line = 1;
        if (source->file != NULL && source->text != NULL) {
            source->next = diags->sources;
            diags->sources = source;
            name = source->file;
        }
    }
    pthread_mutex_unlock(&diags->lock);
    return name;
}

/* The place at which a new line begins if the byte at `at` ends one, else `at`.
 * YAML 1.1, section 5.4, which libyaml counts lines by: LF, CR, CR LF, NEL, LS
 * and PS. */
static size_t after_break(const struct kp_source *source, size_t at)
{
    const unsigned char *bytes = (const unsigned char *)source->text + at;
    const size_t rest = source->length - at;

    if (bytes[0] == '\n')
        return at + 1;
    if (bytes[0] == '\r')
        return at + (rest > 1 && bytes[1] == '\n' ? 2 : 1);
    if (bytes[0] == 0xc2 && rest > 1 && bytes[1] == 0x85)
        return at + 2;
    if (bytes[0] == 0xe2 && rest > 2 && bytes[1] == 0x80 && (bytes[2] == 0xa8 || bytes[2] == 0xa9))
        return at + 3;
    return at;
}

static size_t line_end(const struct kp_source *source, size_t begin)
{
    size_t end = begin;

    while (end < source->length && after_break(source, end) == end)
        end++;
    return end;
}

/* Moves source->line, begin and end to a line; false if there is none such. */
static bool seek_line(struct kp_source *source, uint32_t line)
{
    if (line < source->line) {
        source->line = 1;
        source->begin = 0;
        source->end = 0;
    }
    if (source->end <= source->begin)
        source->end = line_end(source, source->begin);
    while (source->line < line) {
        if (source->end >= source->length)
            return false;
        source->begin = after_break(source, source->end);
        source->end = line_end(source, source->begin);
        source->line++;
    }
    return true;
}

struct kp_source_line kp_diags_line(struct kp_diags *diags, struct kp_place place)
{
    struct kp_source_line found = {NULL, 0};
    struct kp_source *source;

    if (place.file == NULL || place.line == 0)
        return found;
    pthread_mutex_lock(&diags->lock);
    source = diags->sources;
    while (source != NULL && strcmp(source->file, place.file) != 0)
        source = source->next;
    if (source != NULL && seek_line(source, place.line)) {
        found.text = source->text + source->begin;
        found.length = source->end - source->begin;
    }
    pthread_mutex_unlock(&diags->lock);
    return found;
}

/* With the lock held. */
static void add_no_memory(struct kp_diags *diags)
{
    const struct kp_code row = {KP1801, NULL};

    if (diags->has_no_memory)
        return;
    diags->no_memory =
        (struct kp_finding){.severity = KP_SEVERITY_ERROR, .code = row.number, .text = row.message};
    diags->has_no_memory = true;
    diags->findings[diags->count++] = &diags->no_memory;
    diags->errors++;
}

/* The text of a finding, in the arena. */
__attribute__((format(printf, 2, 0))) static char *print(struct kp_arena *arena, const char *format,
                                                         va_list arguments)
{
    va_list again;
    char *text = NULL;
    int length;

    va_copy(again, arguments);
    length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length >= 0)
        text = kp_arena_alloc(arena, (size_t)length + 1);
    if (text != NULL)
        vsnprintf(text, (size_t)length + 1, format, arguments);
    return text;
}

/* A copy of a text that may be NULL; false when memory runs out. */
static bool keep(struct kp_arena *arena, const char **text)
{
    if (*text == NULL)
        return true;
    *text = kp_arena_strdup(arena, *text);
    return *text != NULL;
}

__attribute__((format(printf, 3, 0))) static bool
add(struct kp_diags *diags, struct kp_finding finding, const char *format, va_list arguments)
{
    struct kp_finding *copy;

    pthread_mutex_lock(&diags->lock);
    copy = KP_ARENA_NEW(diags->arena, struct kp_finding);
    finding.text = print(diags->arena, format, arguments);
    if (copy != NULL && finding.text != NULL && keep(diags->arena, &finding.hint) &&
        keep(diags->arena, &finding.detail) && make_room(diags)) {
        *copy = finding;
        diags->findings[diags->count++] = copy;
        if (finding.severity == KP_SEVERITY_ERROR)
            diags->errors++;
    } else {
        add_no_memory(diags);
    }
    pthread_mutex_unlock(&diags->lock);
    return false;
}

bool kp_error(struct kp_diags *diags, struct kp_place place, uint32_t code, const char *format, ...)
{
    const struct kp_finding finding = {.severity = KP_SEVERITY_ERROR, .code = code, .place = place};
    va_list arguments;

    va_start(arguments, format);
    add(diags, finding, format, arguments);
    va_end(arguments);
    return false;
}

void kp_warning(struct kp_diags *diags, struct kp_place place, uint32_t code, const char *format,
                ...)
{
    const struct kp_finding finding = {
        .severity = KP_SEVERITY_WARNING, .code = code, .place = place};
    va_list arguments;

    va_start(arguments, format);
    add(diags, finding, format, arguments);
    va_end(arguments);
}

bool kp_finding_add(struct kp_diags *diags, enum kp_severity severity, struct kp_place place,
                    const char *hint, const char *detail, uint32_t code, const char *format, ...)
{
    const struct kp_finding finding = {
        .severity = severity, .code = code, .place = place, .hint = hint, .detail = detail};
    va_list arguments;

    va_start(arguments, format);
    add(diags, finding, format, arguments);
    va_end(arguments);
    return false;
}

void kp_finding_copy(struct kp_diags *diags, const struct kp_finding *finding, const char *hint)
{
    const struct kp_code memory = {KP1801, NULL};

    if (finding->code == memory.number)
        kp_out_of_memory(diags);
    else
        kp_finding_add(diags, finding->severity, finding->place, hint, finding->detail,
                       finding->code, "%s", finding->text);
}

bool kp_out_of_memory(struct kp_diags *diags)
{
    pthread_mutex_lock(&diags->lock);
    add_no_memory(diags);
    pthread_mutex_unlock(&diags->lock);
    return false;
}

size_t kp_diags_errors(struct kp_diags *diags)
{
    size_t errors;

    pthread_mutex_lock(&diags->lock);
    errors = diags->errors;
    pthread_mutex_unlock(&diags->lock);
    return errors;
}

size_t kp_diags_count(struct kp_diags *diags)
{
    size_t count;

    pthread_mutex_lock(&diags->lock);
    count = diags->count;
    pthread_mutex_unlock(&diags->lock);
    return count;
}

const struct kp_finding *kp_diags_get(struct kp_diags *diags, size_t index)
{
    const struct kp_finding *finding;

    pthread_mutex_lock(&diags->lock);
    finding = index < diags->count ? diags->findings[index] : NULL;
    pthread_mutex_unlock(&diags->lock);
    return finding;
}
