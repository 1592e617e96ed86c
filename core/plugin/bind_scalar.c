/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/bind_scalar.c - single values against the row that declares them: numbers, truth
 * values, choices, texts with %(traits). Tables, lists and records are bind_check.c.
 */
#include <string.h>

#include "plugin/bind_private.h"

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
const char *kp_bind_suggest(struct kp_arena *arena, const char *name, const char *const *names,
                            size_t count)
{
    const char *nearest = kp_nearest(name, names, count);

    if (nearest != NULL)
        return kp_arena_printf(arena, "did you mean '%s'?", nearest);
    return list_names(arena, "known are: ", names, count);
}

static bool check_uint(const struct kp_bind_position *at, const struct kp_param *row,
                       const char *text, struct kp_place place, struct kp_value *value)
{
    unsigned long long number;
    const char *why = kp_scalar_uint(text, &number);

    if (why != NULL)
        return kp_error_hint(at->binder->diags, place,
                             "write a number as 4096, 4K, 0x1000 or 0o10000", KP1303,
                             KP_BIND_OWNER(at->binder), at->path, text, why);
    value->number = number;
    if (kp_bind_in_range(row, number))
        return true;
    return kp_error(at->binder->diags, place, KP1304, KP_BIND_OWNER(at->binder), at->path, text,
                    kp_bind_range_text(at->binder->arena, row));
}

static bool check_int(const struct kp_bind_position *at, const struct kp_param *row,
                      const char *text, struct kp_place place, struct kp_value *value)
{
    long long number;
    const char *why = kp_scalar_int(text, &number);

    if (why != NULL)
        return kp_error_hint(at->binder->diags, place, "write a number as -16, 4K or 0x1000",
                             KP1303, KP_BIND_OWNER(at->binder), at->path, text, why);
    value->integer = number;
    if ((row->low == 0 && row->high == 0) || (number >= row->low && number <= row->high))
        return true;
    return kp_error(at->binder->diags, place, KP1304, KP_BIND_OWNER(at->binder), at->path, text,
                    kp_bind_range_text(at->binder->arena, row));
}

static bool check_bool(const struct kp_bind_position *at, const char *text, struct kp_place place,
                       struct kp_value *value)
{
    bool truth;
    const char *why = kp_scalar_bool(text, &truth);

    if (why != NULL)
        return kp_error_hint(at->binder->diags, place, "write true, false, yes or no", KP1303,
                             KP_BIND_OWNER(at->binder), at->path, text, why);
    value->number = truth ? 1 : 0;
    return true;
}

static bool check_choice(const struct kp_bind_position *at, const struct kp_param *row,
                         const char *text, struct kp_place place, struct kp_value *value)
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
    return kp_error_hint(at->binder->diags, place,
                         kp_bind_suggest(at->binder->arena, text, names, count), KP1305,
                         KP_BIND_OWNER(at->binder), at->path, text);
}

/* Checks the %(traits) in a text: each must be a trait's name, and possible. */
static bool check_traits_in_text(const struct kp_bind_position *at, const char *text,
                                 struct kp_place place)
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

static bool check_text(const struct kp_bind_position *at, const struct kp_param *row,
                       const char *text, struct kp_place place, struct kp_value *value)
{
    const size_t length = strlen(text);
    const bool limited = row->minimum != 0 || row->maximum != 0;

    value->text = text;
    if ((row->flags & KP_PARAM_TRAITS) != 0 && strchr(text, '%') != NULL)
        return check_traits_in_text(at, text, place);
    if (limited && (length < row->minimum || length > row->maximum))
        return kp_error(at->binder->diags, place, KP1307, KP_BIND_OWNER(at->binder), at->path,
                        length, kp_bind_range_text(at->binder->arena, row));
    return true;
}

/* What is missing, and may be, is as if nobody had named it. */
static bool check_reference(const struct kp_bind_position *at, const struct kp_param *row,
                            const struct kp_node *node, struct kp_value *value)
{
    if (!at->binder->image(at->binder->data, row, node, &value->image))
        return false;
    if (value->image == KP_VALUE_MISSING)
        value->source = KP_VALUE_NONE;
    return true;
}

/* A scalar of the row's type; `node` is NULL for a default. */
bool kp_bind_scalar(const struct kp_bind_position *at, const struct kp_param *row, const char *text,
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
    case KP_TYPE_TREE:
    case KP_TYPE_KEY:
        return check_reference(at, row, node, value);
    default:
        return false;
    }
}
