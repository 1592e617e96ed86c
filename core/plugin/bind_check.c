/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/bind_check.c - the recipe's nodes against a plugin's table: the checks that
 * need no run. Single values are bind_scalar.c, stages bind_stage.c, filling the struct is
 * bind_fill.c; what a name of an image means is asked of the binder.
 */
#include <string.h>

#include "plugin/bind_private.h"

static bool check_value(const struct kp_bind_position *at, const struct kp_param *row,
                        const struct kp_node *node, struct kp_value *value);
static struct kp_value *check_table(const struct kp_bind_position *at,
                                    const struct kp_param *const *table,
                                    const struct kp_node *params, size_t *count);

static size_t table_length(const struct kp_param *const *table)
{
    size_t length = 0;

    while (table != NULL && table[length] != NULL)
        length++;
    return length;
}

bool kp_bind_wrong_kind(const struct kp_bind_position *at, const struct kp_node *node,
                        const char *expected)
{
    return kp_error(at->binder->diags, node->place, KP1306, KP_BIND_OWNER(at->binder), at->path,
                    kp_node_what(node), expected);
}

const struct kp_param *kp_bind_short_row(const struct kp_param *const *table)
{
    for (size_t i = 0; table != NULL && table[i] != NULL; i++)
        if ((table[i]->flags & KP_PARAM_SHORT) != 0)
            return table[i];
    return NULL;
}

static void unknown_parameter(const struct kp_bind_position *at,
                              const struct kp_param *const *table, const struct kp_node *key)
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
                  count == 0 ? "it takes no parameters"
                             : kp_bind_suggest(arena, key->text, names, count),
                  KP1301, KP_BIND_OWNER(at->binder), name);
}

/* One value that is not a list. */
static bool check_value(const struct kp_bind_position *at, const struct kp_param *row,
                        const struct kp_node *node, struct kp_value *value)
{
    value->row = row;
    value->source = KP_VALUE_GIVEN;
    value->place = node->place;
    if (row->type == KP_TYPE_STAGE)
        return kp_bind_stage(at, row, node, value);
    if (row->type == KP_TYPE_RECORD) {
        /* What is missing in it is reported where the record stands. */
        const struct kp_bind_position inside = {at->binder, at->path, node->place, NULL, NULL};

        value->items = check_table(&inside, row->fields, node, &value->count);
        return value->items != NULL;
    }
    if (node->kind != KP_NODE_SCALAR)
        return kp_bind_wrong_kind(at, node, kp_bind_type_text(row));
    return kp_bind_scalar(at, row, node->text, node->place, node, value);
}

static bool wrong_count(const struct kp_bind_position *at, const struct kp_param *row,
                        struct kp_place place, size_t count)
{
    const struct kp_binder *binder = at->binder;

    if (count >= row->min_items && (row->max_items == 0 || count <= row->max_items))
        return false;
    kp_error(binder->diags, place, KP1308, KP_BIND_OWNER(binder), at->path, count,
             kp_bind_items_text(binder->arena, row));
    return true;
}

/* A list of images, in which one name may stand for several. */
static bool check_images(const struct kp_bind_position *at, const struct kp_param *row,
                         struct kp_node *const *items, size_t count, struct kp_value *value)
{
    const struct kp_binder *binder = at->binder;
    KP_AUTO(vector) struct kp_vector indices = {0}; /* of size_t */
    KP_AUTO(vector) struct kp_vector owners = {0};  /* of const struct kp_node *, one each */
    bool good = true;

    for (size_t i = 0; i < count; i++) {
        if (items[i]->kind != KP_NODE_SCALAR)
            good = kp_bind_wrong_kind(at, items[i], kp_bind_type_text(row));
        else
            good = binder->images(binder->data, row, items[i], &indices) && good;
        while (owners.count < indices.count) {
            const struct kp_node **slot = KP_PUSH(&owners, const struct kp_node *);

            if (slot == NULL)
                return kp_out_of_memory(binder->diags);
            *slot = items[i];
        }
    }
    if (!good || wrong_count(at, row, value->place, indices.count))
        return false;
    value->count = indices.count;
    value->items = kp_arena_array(binder->arena, indices.count + 1, sizeof(*value->items));
    if (value->items == NULL)
        return kp_out_of_memory(binder->diags);
    for (size_t i = 0; i < indices.count; i++)
        value->items[i] =
            (struct kp_value){.row = row,
                              .source = KP_VALUE_GIVEN,
                              .place = KP_ITEM(&owners, const struct kp_node *, i)->place,
                              .image = KP_ITEM(&indices, size_t, i)};
    return true;
}

static bool check_list(const struct kp_bind_position *at, const struct kp_param *row,
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
    if (row->type == KP_TYPE_IMAGE && binder->images != NULL)
        return check_images(at, row, items, count, value);
    if (wrong_count(at, row, node->place, count))
        return false;
    value->items = kp_arena_array(binder->arena, count + 1, sizeof(*value->items));
    if (value->items == NULL)
        return kp_out_of_memory(binder->diags);
    value->count = count;
    for (size_t i = 0; i < count; i++) {
        struct kp_bind_position inner = *at;

        inner.path = kp_arena_printf(binder->arena, "%s[%zu]", at->path, i);
        if (inner.path == NULL)
            return kp_out_of_memory(binder->diags);
        good = check_value(&inner, row, items[i], &value->items[i]) && good;
    }
    return good;
}

/* A default, written as in a recipe: "9", or "[a, b]" for a list of scalars. The
 * registry has checked that it parses (verify.h). */
static bool take_fallback(const struct kp_bind_position *at, const struct kp_param *row,
                          struct kp_value *value)
{
    const char *text = row->fallback;
    struct kp_arena *arena = at->binder->arena;

    value->source = KP_VALUE_FALLBACK;
    if ((row->list & KP_PARAM_LIST) == 0)
        return kp_bind_scalar(at, row, text, at->stage_place, NULL, value);
    value->items = kp_bind_split_list(arena, text, &value->count);
    if (value->items == NULL)
        return kp_out_of_memory(at->binder->diags);
    for (size_t i = 0; i < value->count; i++) {
        value->items[i].row = row;
        value->items[i].source = KP_VALUE_FALLBACK;
        if (!kp_bind_scalar(at, row, value->items[i].text, at->stage_place, NULL, &value->items[i]))
            return false;
    }
    return true;
}

/* A row that must have a value and has none. `why` begins the hint. */
static bool report_missing(const struct kp_bind_position *at, const struct kp_param *row,
                           const char *why)
{
    const struct kp_binder *binder = at->binder;
    const char *hint =
        row->trait == NULL
            ? kp_arena_printf(binder->arena, "%s%s: %s", why, row->name, row->summary)
            : kp_arena_printf(binder->arena,
                              "%sgive '%s:' here, or '%s:' in the facts of the input file", why,
                              row->name, row->trait);

    return kp_error_hint(binder->diags, at->stage_place, hint, KP1302, KP_BIND_OWNER(binder),
                         at->path);
}

/* A row that the recipe does not mention. */
static bool take_default(const struct kp_bind_position *at, const struct kp_param *row,
                         struct kp_value *value)
{
    const struct kp_binder *binder = at->binder;
    const bool possible = row->trait != NULL && binder->trait_possible != NULL &&
                          binder->trait_possible(binder->data, row->trait);

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
    return report_missing(at, row, "");
}

/* Rows that some choice of another row asks for, once all values are known. */
static bool check_needed(const struct kp_bind_position *at, const struct kp_param *const *table,
                         const struct kp_value *values, size_t count)
{
    struct kp_bind_position inner = *at;
    bool good = true;

    for (size_t i = 0; i < count; i++) {
        const char *condition = table[i]->needed_if;
        const char *why;
        size_t index;

        if (condition == NULL || values[i].row == NULL || values[i].source != KP_VALUE_NONE ||
            !kp_bind_condition(table, condition, &index) || values[index].source == KP_VALUE_NONE ||
            !kp_bind_condition_holds(condition, table[index], values[index].number))
            continue;
        inner.path = at->path[0] == '\0'
                         ? table[i]->name
                         : kp_arena_printf(at->binder->arena, "%s.%s", at->path, table[i]->name);
        why = kp_arena_printf(at->binder->arena, "%s %s needs it: ", table[index]->name,
                              kp_bind_choice_name(table[index], values[index].number));
        if (inner.path == NULL || why == NULL)
            return kp_out_of_memory(at->binder->diags);
        good = report_missing(&inner, table[i], why);
    }
    return good;
}

static bool check_row(const struct kp_bind_position *at, const struct kp_param *row,
                      const struct kp_node *node, struct kp_value *value)
{
    struct kp_bind_position inner = *at;

    inner.path = at->path[0] == '\0'
                     ? row->name
                     : kp_arena_printf(at->binder->arena, "%s.%s", at->path, row->name);
    if (inner.path == NULL)
        return kp_out_of_memory(at->binder->diags);
    if (node == NULL || kp_node_is_empty(node))
        return take_default(&inner, row, value);
    if (row->deprecated != NULL)
        kp_finding_add(at->binder->diags, KP_SEVERITY_WARNING, node->place, row->deprecated, NULL,
                       KP1315, KP_BIND_OWNER(at->binder), inner.path);
    if ((row->list & KP_PARAM_LIST) != 0)
        return check_list(&inner, row, node, value);
    return check_value(&inner, row, node, value);
}

/* All rows of a table against a map (or the short form, or nothing). */
static struct kp_value *check_table(const struct kp_bind_position *at,
                                    const struct kp_param *const *table,
                                    const struct kp_node *params, size_t *count)
{
    const size_t length = table_length(table);
    const struct kp_param *brief = kp_bind_short_row(table);
    struct kp_value *values = kp_arena_array(at->binder->arena, length + 1, sizeof(*values));
    const bool none = params == NULL || kp_node_is_empty(params);
    const bool is_map = !none && params->kind == KP_NODE_MAP;
    const struct kp_bind_position beside = {at->binder, at->path, at->stage_place, table, params};
    bool good = true;

    *count = length;
    if (values == NULL) {
        kp_out_of_memory(at->binder->diags);
        return NULL;
    }
    if (!none && !is_map && brief == NULL && at->path[0] != '\0') {
        kp_bind_wrong_kind(at, params, "a map of its fields");
        return NULL;
    }
    if (!none && !is_map && brief == NULL) {
        kp_error_hint(at->binder->diags, params->place,
                      length == 0 ? "it takes no parameters"
                                  : "name the parameter: {PARAMETER: VALUE}",
                      KP1309, KP_BIND_OWNER(at->binder), kp_node_what(params));
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

        good = check_row(&beside, table[i], node, &values[i]) && good;
    }
    good = good && check_needed(at, table, values, length);
    return good ? values : NULL;
}

struct kp_value *kp_bind_check(const struct kp_binder *binder, const struct kp_param *const *table,
                               const struct kp_node *params, struct kp_place place, size_t *count)
{
    const struct kp_bind_position top = {binder, "", place, NULL, NULL};

    return check_table(&top, table, params, count);
}
