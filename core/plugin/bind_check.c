/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/bind_check.c - the recipe's nodes against a plugin's table: the checks that
 * need no run. Filling the struct is bind_fill.c; what a name of an image means is
 * asked of the binder.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/codes.h"
#include "base/vector.h"
#include "plugin/bind.h"
#include "plugin/bind_text.h"

/* What is being checked: the row, and its path for messages ("parts[1].load"). */
struct position {
    const struct kp_binder *binder;
    const char *path;
    struct kp_place stage_place;
};

static bool check_value(const struct position *at, const struct kp_param *row,
                        const struct kp_node *node, struct kp_value *value);
static struct kp_value *check_table(const struct position *at, const struct kp_param *const *table,
                                    const struct kp_node *params, size_t *count);

static size_t table_length(const struct kp_param *const *table)
{
    size_t length = 0;

    while (table != NULL && table[length] != NULL)
        length++;
    return length;
}

/* "a, b, c" of the names in a table or of choices, for hints. */
static const char *list_names(struct kp_arena *arena, const char *before, const char *const *names,
                              size_t count)
{
    KP_AUTO(string) struct kp_string text = {0};

    kp_string_add(&text, before);
    for (size_t i = 0; i < count; i++)
        kp_string_printf(&text, "%s%s", i > 0 ? ", " : "", names[i]);
    return text.failed || text.text == NULL ? NULL : kp_arena_strdup(arena, text.text);
}

/* The hint under an unknown name: the nearest known one, or all of them. */
static const char *suggest(struct kp_arena *arena, const char *name, const char *const *names,
                           size_t count)
{
    const char *nearest = kp_nearest(name, names, count);

    if (nearest != NULL)
        return kp_arena_printf(arena, "did you mean '%s'?", nearest);
    return list_names(arena, "known are: ", names, count);
}

static void unknown_parameter(const struct position *at, const struct kp_param *const *table,
                              const struct kp_node *key)
{
    const size_t count = table_length(table);
    struct kp_arena *arena = at->binder->arena;
    const char **names = kp_arena_array(arena, count + 1, sizeof(*names));
    const char *name =
        at->path[0] == '\0' ? key->text : kp_arena_printf(arena, "%s.%s", at->path, key->text);

    if (names == NULL || name == NULL) {
        kp_out_of_memory(at->binder->diags);
        return;
    }
    for (size_t i = 0; i < count; i++)
        names[i] = table[i]->name;
    kp_error_hint(at->binder->diags, key->place,
                  count == 0 ? "it takes no parameters" : suggest(arena, key->text, names, count),
                  KP1301, at->binder->stage, name);
}

static bool wrong_kind(const struct position *at, const struct kp_node *node, const char *expected)
{
    return kp_error(at->binder->diags, node->place, KP1306, at->binder->stage, at->path,
                    kp_node_what(node), expected);
}

static bool check_uint(const struct position *at, const struct kp_param *row, const char *text,
                       struct kp_place place, struct kp_value *value)
{
    unsigned long long number;
    const char *why = kp_scalar_uint(text, &number);

    if (why != NULL)
        return kp_error_hint(at->binder->diags, place,
                             "write a number as 4096, 4K, 0x1000 or 0o10000", KP1303,
                             at->binder->stage, at->path, text, why);
    value->number = number;
    if (kp_bind_in_range(row, number))
        return true;
    return kp_error(at->binder->diags, place, KP1304, at->binder->stage, at->path, text,
                    kp_bind_range_text(at->binder->arena, row));
}

static bool check_int(const struct position *at, const struct kp_param *row, const char *text,
                      struct kp_place place, struct kp_value *value)
{
    long long number;
    const char *why = kp_scalar_int(text, &number);

    if (why != NULL)
        return kp_error_hint(at->binder->diags, place, "write a number as -16, 4K or 0x1000",
                             KP1303, at->binder->stage, at->path, text, why);
    value->integer = number;
    if ((row->low == 0 && row->high == 0) || (number >= row->low && number <= row->high))
        return true;
    return kp_error(at->binder->diags, place, KP1304, at->binder->stage, at->path, text,
                    kp_bind_range_text(at->binder->arena, row));
}

static bool check_bool(const struct position *at, const char *text, struct kp_place place,
                       struct kp_value *value)
{
    bool truth;
    const char *why = kp_scalar_bool(text, &truth);

    if (why != NULL)
        return kp_error_hint(at->binder->diags, place, "write true, false, yes or no", KP1303,
                             at->binder->stage, at->path, text, why);
    value->number = truth ? 1 : 0;
    return true;
}

static bool check_choice(const struct position *at, const struct kp_param *row, const char *text,
                         struct kp_place place, struct kp_value *value)
{
    const char **names;
    size_t count = 0;

    for (; row->choices[count] != NULL; count++) {
        if (strcmp(row->choices[count]->name, text) == 0) {
            value->number = row->choices[count]->value;
            return true;
        }
    }
    names = kp_arena_array(at->binder->arena, count + 1, sizeof(*names));
    if (names == NULL)
        return kp_out_of_memory(at->binder->diags);
    for (size_t i = 0; i < count; i++)
        names[i] = row->choices[i]->name;
    return kp_error_hint(at->binder->diags, place, suggest(at->binder->arena, text, names, count),
                         KP1305, at->binder->stage, at->path, text);
}

/* Checks the %(traits) in a text: each must be a trait's name, and possible. */
static bool check_traits_in_text(const struct position *at, const char *text, struct kp_place place)
{
    const struct kp_binder *binder = at->binder;
    struct kp_text_piece piece;

    for (const char *rest = text; kp_bind_next_piece(&rest, &piece);) {
        const char *name;

        if (piece.type == KP_PIECE_BROKEN)
            return kp_error_hint(binder->diags, place, "write %(NAME), or %% for the character",
                                 KP1311, binder->stage, at->path, piece.text);
        if (piece.type != KP_PIECE_TRAIT)
            continue;
        name = kp_arena_strndup(binder->arena, piece.text, piece.length);
        if (name == NULL)
            return kp_out_of_memory(binder->diags);
        if (!kp_trait_is_name(name))
            return kp_error_hint(binder->diags, place,
                                 "traits are arch, entry, load, bss, version, kind, codec, size",
                                 KP1310, binder->stage, at->path, name);
        if (!binder->trait_possible(binder->data, name))
            return kp_error_hint(binder->diags, place, kp_bind_trait_hint(binder->arena, name),
                                 KP1314, binder->stage, at->path, name);
    }
    return true;
}

static bool check_text(const struct position *at, const struct kp_param *row, const char *text,
                       struct kp_place place, struct kp_value *value)
{
    const size_t length = strlen(text);
    const bool limited = row->minimum != 0 || row->maximum != 0;

    value->text = text;
    if ((row->flags & KP_PARAM_TRAITS) != 0 && strchr(text, '%') != NULL)
        return check_traits_in_text(at, text, place);
    if (limited && (length < row->minimum || length > row->maximum))
        return kp_error(at->binder->diags, place, KP1307, at->binder->stage, at->path, length,
                        kp_bind_range_text(at->binder->arena, row));
    return true;
}

/* A scalar of the row's type; `node` is NULL for a default. */
static bool check_scalar(const struct position *at, const struct kp_param *row, const char *text,
                         struct kp_place place, const struct kp_node *node, struct kp_value *value)
{
    switch (row->type) {
    case KP_TYPE_UINT:
        return check_uint(at, row, text, place, value);
    case KP_TYPE_INT:
        return check_int(at, row, text, place, value);
    case KP_TYPE_BOOL:
        return check_bool(at, text, place, value);
    case KP_TYPE_CHOICE:
        return check_choice(at, row, text, place, value);
    case KP_TYPE_TEXT:
        return check_text(at, row, text, place, value);
    case KP_TYPE_IMAGE:
        return at->binder->image(at->binder->data, row, node, &value->image);
    default:
        return false;
    }
}

/* A stage given as a parameter: {name: parameters}, or the name alone. */
static bool check_stage(const struct position *at, const struct kp_node *node,
                        struct kp_value *value)
{
    const struct kp_binder *binder = at->binder;
    const struct kp_node *name =
        node->kind == KP_NODE_MAP && node->count == 1 ? node->keys[0] : node;
    const struct kp_node *params = name == node ? NULL : node->items[0];
    struct kp_binder inner = *binder;
    struct kp_stage_value *stage = KP_ARENA_NEW(binder->arena, struct kp_stage_value);

    if (name->kind != KP_NODE_SCALAR)
        return wrong_kind(at, node, "a stage, {NAME: {PARAMETERS}}");
    if (stage == NULL)
        return kp_out_of_memory(binder->diags);
    stage->place = name->place;
    stage->stage = kp_registry_stage(binder->registry, binder->diags, name->place, name->text);
    if (stage->stage == NULL)
        return false;
    if ((stage->stage->operation.flags & KP_OP_NO_INPUT) != 0)
        return kp_error(binder->diags, name->place, KP1202, stage->stage->name);
    inner.stage = stage->stage->name;
    stage->values =
        kp_bind_check(&inner, stage->stage->operation.params, params, name->place, &stage->count);
    value->stage = stage;
    return stage->values != NULL;
}

/* One value that is not a list. */
static bool check_value(const struct position *at, const struct kp_param *row,
                        const struct kp_node *node, struct kp_value *value)
{
    value->row = row;
    value->source = KP_VALUE_GIVEN;
    value->place = node->place;
    if (row->type == KP_TYPE_STAGE)
        return check_stage(at, node, value);
    if (row->type == KP_TYPE_RECORD) {
        /* What is missing in it is reported where the record stands. */
        const struct position inside = {at->binder, at->path, node->place};

        value->items = check_table(&inside, row->fields, node, &value->count);
        return value->items != NULL;
    }
    if (node->kind != KP_NODE_SCALAR)
        return wrong_kind(at, node, kp_bind_type_text(row));
    return check_scalar(at, row, node->text, node->place, node, value);
}

static bool check_list(const struct position *at, const struct kp_param *row,
                       const struct kp_node *node, struct kp_value *value)
{
    struct kp_node *single[1] = {(struct kp_node *)(uintptr_t)node};
    struct kp_node *const *items = node->kind == KP_NODE_LIST ? node->items : single;
    const size_t count = node->kind == KP_NODE_LIST ? node->count : 1;
    const struct kp_binder *binder = at->binder;
    bool good = true;

    value->row = row;
    value->source = KP_VALUE_GIVEN;
    value->place = node->place;
    if (count < row->min_items || (row->max_items != 0 && count > row->max_items))
        return kp_error(binder->diags, node->place, KP1308, binder->stage, at->path, count,
                        kp_bind_items_text(binder->arena, row));
    value->items = kp_arena_array(binder->arena, count + 1, sizeof(*value->items));
    if (value->items == NULL)
        return kp_out_of_memory(binder->diags);
    value->count = count;
    for (size_t i = 0; i < count; i++) {
        struct position inner = *at;

        inner.path = kp_arena_printf(binder->arena, "%s[%zu]", at->path, i);
        if (inner.path == NULL)
            return kp_out_of_memory(binder->diags);
        good = check_value(&inner, row, items[i], &value->items[i]) && good;
    }
    return good;
}

/* A default, written as in a recipe: "9", or "[a, b]" for a list of scalars. The
 * registry has checked that it parses (verify.h). */
static bool take_fallback(const struct position *at, const struct kp_param *row,
                          struct kp_value *value)
{
    const char *text = row->fallback;
    struct kp_arena *arena = at->binder->arena;

    value->source = KP_VALUE_FALLBACK;
    if ((row->list & KP_PARAM_LIST) == 0)
        return check_scalar(at, row, text, at->stage_place, NULL, value);
    value->items = kp_bind_split_list(arena, text, &value->count);
    if (value->items == NULL)
        return kp_out_of_memory(at->binder->diags);
    for (size_t i = 0; i < value->count; i++) {
        value->items[i].row = row;
        value->items[i].source = KP_VALUE_FALLBACK;
        if (!check_scalar(at, row, value->items[i].text, at->stage_place, NULL, &value->items[i]))
            return false;
    }
    return true;
}

/* A row that the recipe does not mention. */
static bool take_default(const struct position *at, const struct kp_param *row,
                         struct kp_value *value)
{
    const struct kp_binder *binder = at->binder;
    const bool possible = row->trait != NULL && binder->trait_possible(binder->data, row->trait);
    const char *hint;

    value->row = row;
    value->place = at->stage_place;
    value->source = KP_VALUE_NONE;
    if (row->fallback != NULL && !take_fallback(at, row, value))
        return false;
    if (possible)
        value->source = KP_VALUE_TRAIT;
    if (row->type == KP_TYPE_RECORD && (row->list & KP_PARAM_LIST) == 0 &&
        (row->flags & KP_PARAM_REQUIRED) == 0 && row->presence == 0) {
        /* An embedded record without presence byte always exists: its own defaults apply. */
        value->source = KP_VALUE_FALLBACK;
        value->items = check_table(at, row->fields, NULL, &value->count);
        return value->items != NULL;
    }
    if ((row->flags & KP_PARAM_REQUIRED) == 0 || value->source != KP_VALUE_NONE)
        return true;
    hint = row->trait == NULL
               ? kp_arena_printf(binder->arena, "%s: %s", row->name, row->summary)
               : kp_arena_printf(binder->arena,
                                 "give '%s:' here, or '%s:' in the facts of the input file",
                                 row->name, row->trait);
    return kp_error_hint(binder->diags, at->stage_place, hint, KP1302, binder->stage, at->path);
}

static bool check_row(const struct position *at, const struct kp_param *row,
                      const struct kp_node *node, struct kp_value *value)
{
    struct position inner = *at;

    inner.path = at->path[0] == '\0'
                     ? row->name
                     : kp_arena_printf(at->binder->arena, "%s.%s", at->path, row->name);
    if (inner.path == NULL)
        return kp_out_of_memory(at->binder->diags);
    if (node == NULL || kp_node_is_empty(node))
        return take_default(&inner, row, value);
    if (row->deprecated != NULL)
        kp_finding_add(at->binder->diags, KP_SEVERITY_WARNING, node->place, row->deprecated, NULL,
                       KP1315, at->binder->stage, inner.path);
    if ((row->list & KP_PARAM_LIST) != 0)
        return check_list(&inner, row, node, value);
    return check_value(&inner, row, node, value);
}

static const struct kp_param *short_row(const struct kp_param *const *table)
{
    for (size_t i = 0; table != NULL && table[i] != NULL; i++)
        if ((table[i]->flags & KP_PARAM_SHORT) != 0)
            return table[i];
    return NULL;
}

/* All rows of a table against a map (or the short form, or nothing). */
static struct kp_value *check_table(const struct position *at, const struct kp_param *const *table,
                                    const struct kp_node *params, size_t *count)
{
    const size_t length = table_length(table);
    const struct kp_param *brief = short_row(table);
    struct kp_value *values = kp_arena_array(at->binder->arena, length + 1, sizeof(*values));
    const bool none = params == NULL || kp_node_is_empty(params);
    const bool is_map = !none && params->kind == KP_NODE_MAP;
    bool good = true;

    *count = length;
    if (values == NULL) {
        kp_out_of_memory(at->binder->diags);
        return NULL;
    }
    if (!none && !is_map && brief == NULL && at->path[0] != '\0') {
        wrong_kind(at, params, "a map of its fields");
        return NULL;
    }
    if (!none && !is_map && brief == NULL) {
        kp_error_hint(at->binder->diags, params->place,
                      length == 0 ? "it takes no parameters"
                                  : "name the parameter: {PARAMETER: VALUE}",
                      KP1309, at->binder->stage, kp_node_what(params));
        return NULL;
    }
    for (size_t i = 0; is_map && i < params->count; i++) {
        size_t row = 0;

        while (row < length && strcmp(table[row]->name, params->keys[i]->text) != 0)
            row++;
        if (row == length) {
            unknown_parameter(at, table, params->keys[i]);
            good = false;
        }
    }
    for (size_t i = 0; i < length; i++) {
        const struct kp_node *node = is_map ? kp_node_get(params, table[i]->name)
                                     : !none && table[i] == brief ? params
                                                                  : NULL;

        good = check_row(at, table[i], node, &values[i]) && good;
    }
    return good ? values : NULL;
}

struct kp_value *kp_bind_check(const struct kp_binder *binder, const struct kp_param *const *table,
                               const struct kp_node *params, struct kp_place place, size_t *count)
{
    const struct position top = {binder, "", place};

    return check_table(&top, table, params, count);
}
