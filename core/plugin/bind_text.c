/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/bind_text.c - see bind_text.h. Also kp_bind_print: values in one canonical
 * form, from which steps get their keys and `--dry-run` its labels.
 */
#include "plugin/bind_text.h"

#include <inttypes.h>
#include <string.h>

bool kp_bind_in_range(const struct kp_param *row, uint64_t number)
{
    if (row->minimum == 0 && row->maximum == 0)
        return true;
    return number >= row->minimum && number <= row->maximum;
}

const char *kp_bind_range_text(struct kp_arena *arena, const struct kp_param *row)
{
    const char *text;

    if (row->type == KP_TYPE_INT)
        text = kp_arena_printf(arena, "%" PRId64 "..%" PRId64, row->low, row->high);
    else if ((row->flags & KP_PARAM_HEX) != 0)
        text = kp_arena_printf(arena, "0x%" PRIx64 "..0x%" PRIx64, row->minimum, row->maximum);
    else
        text = kp_arena_printf(arena, "%" PRIu64 "..%" PRIu64, row->minimum, row->maximum);
    return text != NULL ? text : "?";
}

const char *kp_bind_items_text(struct kp_arena *arena, const struct kp_param *row)
{
    const char *text;

    if (row->max_items == 0)
        text = kp_arena_printf(arena, "at least %" PRIu64, row->min_items);
    else
        text = kp_arena_printf(arena, "%" PRIu64 "..%" PRIu64, row->min_items, row->max_items);
    return text != NULL ? text : "?";
}

const char *kp_bind_type_text(const struct kp_param *row)
{
    switch (row->type) {
    case KP_TYPE_UINT:
    case KP_TYPE_INT:
        return "a number";
    case KP_TYPE_BOOL:
        return "true or false";
    case KP_TYPE_CHOICE:
        return "one of its choices";
    case KP_TYPE_IMAGE:
        return "the name of an image";
    case KP_TYPE_TREE:
        return "the name of a tree";
    case KP_TYPE_KEY:
        return "the name of a key";
    case KP_TYPE_STAGE:
        return "a stage";
    case KP_TYPE_RECORD:
        return "a map of its fields";
    default:
        return "text";
    }
}

const char *kp_bind_trait_hint(struct kp_arena *arena, const char *trait)
{
    return kp_arena_printf(arena,
                           "nothing before this stage tells it: give it in the facts of the input, "
                           "{file: {path: ..., %s: ...}}",
                           trait);
}

bool kp_bind_next_piece(const char **rest, struct kp_text_piece *piece)
{
    const char *at = *rest;
    const char *end;

    if (*at == '\0')
        return false;
    piece->type = KP_PIECE_TEXT;
    piece->text = at;
    if (*at != '%') {
        piece->length = strcspn(at, "%");
        *rest = at + piece->length;
        return true;
    }
    if (at[1] == '%') {
        piece->length = 1;
        *rest = at + 2;
        return true;
    }
    end = at[1] == '(' ? strchr(at, ')') : NULL;
    if (end == NULL) {
        piece->type = KP_PIECE_BROKEN;
        piece->length = strlen(at);
        *rest = at + piece->length;
        return true;
    }
    piece->type = KP_PIECE_TRAIT;
    piece->text = at + 2;
    piece->length = (size_t)(end - at) - 2;
    *rest = end + 1;
    return true;
}

struct kp_value *kp_bind_split_list(struct kp_arena *arena, const char *text, size_t *count)
{
    const bool brackets = text[0] == '[';
    size_t items = 1;
    struct kp_value *values;
    char *copy = kp_arena_strdup(arena, brackets ? text + 1 : text);
    char *save = NULL;

    *count = 0;
    for (const char *at = text; *at != '\0'; at++)
        items += *at == ',' ? 1 : 0;
    values = kp_arena_array(arena, items + 1, sizeof(*values));
    if (copy == NULL || values == NULL)
        return NULL;
    for (char *item = strtok_r(copy, brackets ? ",]" : "", &save); item != NULL;
         item = strtok_r(NULL, brackets ? ",]" : "", &save)) {
        item += strspn(item, " ");
        for (size_t end = strlen(item); end > 0 && item[end - 1] == ' '; end--)
            item[end - 1] = '\0';
        if (*item != '\0')
            values[(*count)++].text = item;
    }
    return values;
}

const char *kp_bind_choice_name(const struct kp_param *row, uint64_t choice)
{
    for (size_t i = 0; row->choices[i] != NULL; i++)
        if (row->choices[i]->value == choice)
            return row->choices[i]->name;
    return "?";
}

/* The next word of a list "a,b", which moves on; false at the end. */
static bool next_word(const char **rest, const char **word, size_t *length)
{
    if (**rest == '\0')
        return false;
    *word = *rest;
    *length = strcspn(*rest, ",");
    *rest += *length + ((*rest)[*length] == ',' ? 1 : 0);
    return true;
}

static bool is_choice(const struct kp_param *row, const char *word, size_t length)
{
    for (size_t i = 0; row->choices[i] != NULL; i++)
        if (strlen(row->choices[i]->name) == length &&
            memcmp(row->choices[i]->name, word, length) == 0)
            return true;
    return false;
}

bool kp_bind_condition(const struct kp_param *const *table, const char *condition, size_t *index)
{
    const size_t name = strcspn(condition, "=");
    const char *rest = condition + name + (condition[name] == '=' ? 1 : 0);
    const char *word;
    size_t length;

    for (*index = 0; table[*index] != NULL; ++*index)
        if (strlen(table[*index]->name) == name &&
            memcmp(table[*index]->name, condition, name) == 0)
            break;
    if (table[*index] == NULL || table[*index]->type != KP_TYPE_CHOICE ||
        (table[*index]->list & KP_PARAM_LIST) != 0 || *rest == '\0')
        return false;
    while (next_word(&rest, &word, &length))
        if (!is_choice(table[*index], word, length))
            return false;
    return true;
}

bool kp_bind_condition_holds(const char *condition, const struct kp_param *row, uint64_t choice)
{
    const char *name = kp_bind_choice_name(row, choice);
    const char *rest = strchr(condition, '=') + 1;
    const char *word;
    size_t length;

    while (next_word(&rest, &word, &length))
        if (strlen(name) == length && memcmp(name, word, length) == 0)
            return true;
    return false;
}

/* Text is quoted with its length in sight, so that no two values print alike. */
static void print_text(struct kp_string *to, const char *text)
{
    const bool plain = text[0] != '\0' && text[strcspn(text, ",=[]{}\"\\ \t\n")] == '\0';

    if (plain) {
        kp_string_add(to, text);
        return;
    }
    kp_string_add(to, "\"");
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            kp_string_add(to, "\\");
        kp_string_append(to, text, 1);
    }
    kp_string_add(to, "\"");
}

struct printer {
    struct kp_string *to;
    bool all;
    void (*reference)(struct kp_string *to, void *data, const struct kp_value *value);
    void *data;
};

static void print_table(const struct printer *printer, const struct kp_value *values, size_t count,
                        const char *separator);

static void print_scalar(const struct printer *printer, const struct kp_value *value)
{
    struct kp_string *to = printer->to;

    switch (value->row->type) {
    case KP_TYPE_INT:
        kp_string_printf(to, "%" PRId64, value->integer);
        break;
    case KP_TYPE_BOOL:
        kp_string_add(to, value->number != 0 ? "true" : "false");
        break;
    case KP_TYPE_CHOICE:
        kp_string_add(to, kp_bind_choice_name(value->row, value->number));
        break;
    case KP_TYPE_TEXT:
        print_text(to, value->text);
        break;
    case KP_TYPE_IMAGE:
    case KP_TYPE_TREE:
    case KP_TYPE_KEY:
        printer->reference(to, printer->data, value);
        break;
    case KP_TYPE_RECORD:
        kp_string_add(to, "{");
        print_table(printer, value->items, value->count, ", ");
        kp_string_add(to, "}");
        break;
    case KP_TYPE_STAGE:
        kp_string_printf(to, "{%s: {", value->stage->stage->name);
        print_table(printer, value->stage->values, value->stage->count, ", ");
        kp_string_add(to, "}}");
        break;
    default:
        kp_string_printf(to, (value->row->flags & KP_PARAM_HEX) != 0 ? "0x%" PRIx64 : "%" PRIu64,
                         value->number);
    }
}

static void print_table(const struct printer *printer, const struct kp_value *values, size_t count,
                        const char *separator)
{
    bool more = false;

    for (size_t i = 0; i < count; i++) {
        const struct kp_value *value = &values[i];

        if (value->source == KP_VALUE_NONE || value->source == KP_VALUE_TRAIT ||
            (value->source == KP_VALUE_FALLBACK && !printer->all))
            continue;
        kp_string_printf(printer->to, "%s%s=", more ? separator : "", value->row->name);
        more = true;
        if ((value->row->list & KP_PARAM_LIST) == 0) {
            print_scalar(printer, value);
            continue;
        }
        kp_string_add(printer->to, "[");
        for (size_t item = 0; item < value->count; item++) {
            kp_string_add(printer->to, item > 0 ? ", " : "");
            print_scalar(printer, &value->items[item]);
        }
        kp_string_add(printer->to, "]");
    }
}

void kp_bind_print(struct kp_string *to, const struct kp_value *values, size_t count, bool all,
                   void (*reference)(struct kp_string *to, void *data,
                                     const struct kp_value *value),
                   void *data)
{
    const struct printer printer = {to, all, reference, data};

    print_table(&printer, values, count, ",");
}
