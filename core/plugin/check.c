/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/check.c - see check.h.
 */
#include "plugin/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "plugin/names.h"

static const char no_memory[] = "out of memory";

bool kp_check_fail(struct kp_checker *checker, const char *format, ...)
{
    char text[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    checker->why = kp_arena_strdup(checker->arena, text);
    if (checker->why == NULL)
        checker->why = no_memory;
    return false;
}

bool kp_check_inside(struct kp_checker *checker, const char *format, ...)
{
    char text[512];
    va_list arguments;
    const char *whole;

    if (checker->why == NULL || checker->why == no_memory) {
        checker->why = no_memory;
        return false;
    }
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    whole = kp_arena_printf(checker->arena, "%s: %s", text, checker->why);
    checker->why = whole != NULL ? whole : no_memory;
    return false;
}

bool kp_check_copy(struct kp_checker *checker, void *to, size_t to_size, const void *from,
                   size_t least)
{
    const uint64_t own_size = to_size;
    uint64_t size;

    memcpy(&size, from, sizeof(size));
    if (size < least || size > KP_CHECK_MAX_STRUCT)
        return kp_check_fail(checker, "size: %" PRIu64 ": the struct has at least %zu bytes", size,
                             least);
    memcpy(to, from, size < own_size ? size : own_size);
    memcpy(to, &own_size, sizeof(own_size));
    return true;
}

bool kp_check_text(struct kp_checker *checker, const char *what, unsigned rules, const char **text)
{
    size_t length;

    if (*text == NULL || **text == '\0') {
        if ((rules & KP_TEXT_NEEDED) != 0)
            return kp_check_fail(checker, "%s: missing", what);
        if (*text == NULL)
            return true;
    }
    length = strnlen(*text, KP_CHECK_MAX_TEXT);
    if (length == KP_CHECK_MAX_TEXT)
        return kp_check_fail(checker, "%s: a text of %d bytes or more", what, KP_CHECK_MAX_TEXT);
    if (!kp_text_is_clean(*text, length, (rules & KP_TEXT_LINES) != 0))
        return kp_check_fail(checker, "%s: holds control characters, or is no UTF-8", what);
    *text = kp_arena_strndup(checker->arena, *text, length);
    return *text != NULL || kp_check_fail(checker, "%s", no_memory);
}

bool kp_check_name(struct kp_checker *checker, const char *what, bool (*valid)(const char *name),
                   const char **name)
{
    if (!kp_check_text(checker, what, KP_TEXT_NEEDED, name))
        return false;
    return valid(*name) || kp_check_fail(checker, "%s: '%s': not well-formed", what, *name);
}

const void *kp_check_row(const void *table, size_t index)
{
    const void *row;

    /* By memcpy: the table's rows are pointers of some other type. */
    memcpy(&row, (const char *)table + index * sizeof(row), sizeof(row));
    return row;
}

bool kp_check_count(struct kp_checker *checker, const char *what, const void *table, size_t *count)
{
    *count = 0;
    while (table != NULL && kp_check_row(table, *count) != NULL)
        if (++*count > KP_CHECK_MAX_ROWS)
            return kp_check_fail(checker, "%s: more than %d rows, or no NULL at its end", what,
                                 KP_CHECK_MAX_ROWS);
    return true;
}

bool kp_check_names(struct kp_checker *checker, const char *what, bool (*valid)(const char *name),
                    const char *const **names)
{
    const char *const *from = *names;
    const char **copy;
    size_t count;

    if (from == NULL)
        return true;
    if (!kp_check_count(checker, what, from, &count))
        return false;
    if (count == 0)
        return kp_check_fail(checker, "%s: an empty table", what);
    copy = kp_arena_array(checker->arena, count + 1, sizeof(*copy));
    if (copy == NULL)
        return kp_check_fail(checker, "%s", no_memory);
    for (size_t i = 0; i < count; i++) {
        copy[i] = from[i];
        if (!kp_check_name(checker, what, valid, &copy[i]))
            return false;
        for (size_t j = 0; j < i; j++)
            if (strcmp(copy[i], copy[j]) == 0)
                return kp_check_fail(checker, "%s: '%s' twice", what, copy[i]);
    }
    *names = copy;
    return true;
}
