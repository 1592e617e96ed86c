/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/expand.c - making the text in which every $(name) is replaced. What can be
 * wrong with it was found by uses.c, so that only size is looked at here.
 *
 * Nothing is kept between texts: a value is put together anew wherever it is used,
 * because matrix variables may differ. All work is counted, so that variables that
 * double each other end in an error and not in the machine's memory.
 */
#include "recipe/expand.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/codes.h"
#include "base/vector.h"
#include "recipe/facts.h"
#include "recipe/piece.h"

#define ENVIRONMENT "env:"

/* A text in the making. */
struct draft {
    struct kp_string text;
    const char *folder;    /* of the first character; NULL: none yet */
    struct kp_place place; /* of the value */
    const size_t *binding;
};

static bool expand_items(struct kp_expander *expander, const struct kp_node *node,
                         const size_t *binding, struct kp_vector *items);

bool kp_expand_is_used(const char *text)
{
    for (const char *at = strchr(text, '$'); at != NULL; at = strchr(at, '$')) {
        if (at[1] == '(')
            return true;
        at += at[1] == '$' ? 2 : 1;
    }
    return false;
}

bool kp_expand_work(struct kp_expander *expander, struct kp_place place, size_t amount)
{
    expander->work += amount;
    if (expander->work <= KP_EXPAND_MAX_WORK)
        return true;
    if (!expander->exhausted)
        kp_error(expander->variables->diags, place, KP1135, KP_EXPAND_MAX_WORK >> 20);
    expander->exhausted = true;
    return false;
}

struct kp_found kp_expand_follow(struct kp_arena *arena, struct kp_cell *value, const char *keys)
{
    struct kp_found found = {value, value, keys, 0};
    char *rest = keys != NULL ? kp_arena_strdup(arena, keys) : NULL;

    while (rest != NULL && found.cell != NULL) {
        const char *key = strsep(&rest, ".");

        if (found.holder != found.cell)
            found.followed += strlen(found.key) + 1;
        found.key = key;
        found.holder = found.cell;
        found.cell = kp_cell_get(found.holder, key);
    }
    if (found.cell != NULL && found.cell->node->kind == KP_NODE_MAP) {
        if (found.holder != found.cell)
            found.followed += strlen(found.key) + 1;
        found.key = "name";
        found.holder = found.cell;
        found.cell = kp_cell_get(found.holder, found.key);
    }
    return found;
}

/* The cell that a name stands for under a binding. */
static struct kp_cell *find_cell(struct kp_expander *expander, const char *name,
                                 const size_t *binding)
{
    struct kp_arena *arena = expander->variables->arena;
    const char *dot = strchr(name, '.');
    const char *base = kp_arena_strndup(arena, name, strcspn(name, "."));
    const struct kp_variable *variable =
        base != NULL ? kp_variables_find(expander->variables, base) : NULL;
    struct kp_fact_input *input;
    struct kp_cell *value;

    if (variable == NULL) {
        input = base != NULL && dot != NULL ? kp_facts_find(expander->facts, base) : NULL;
        return input == NULL ? NULL
                             : kp_facts_get(expander, input, dot + 1, binding, KP_NOWHERE, false);
    }
    value = &variable->values[variable->matrix ? binding[variable->bit] : 0];
    return kp_expand_follow(arena, value, dot != NULL ? dot + 1 : NULL).cell;
}

static char *piece_name(struct kp_expander *expander, const struct kp_node *node,
                        struct kp_piece piece)
{
    char *name = kp_arena_strndup(expander->variables->arena, node->text + piece.begin + 2,
                                  piece.end - piece.begin - 3);

    if (name == NULL)
        kp_out_of_memory(expander->variables->diags);
    return name;
}

static bool add_text(struct kp_expander *expander, struct draft *draft, const char *text,
                     size_t length, const char *folder)
{
    struct kp_diags *diags = expander->variables->diags;

    if (draft->folder == NULL && length > 0)
        draft->folder = folder;
    if (!kp_expand_work(expander, draft->place, length + 1))
        return false;
    kp_string_append(&draft->text, text, length);
    if (draft->text.failed)
        return kp_out_of_memory(diags);
    if (draft->text.length > KP_EXPAND_MAX_BYTES)
        return kp_error(diags, draft->place, KP1134, KP_EXPAND_MAX_BYTES >> 20);
    return true;
}

static bool add_scalar(struct kp_expander *expander, struct draft *draft,
                       const struct kp_node *node);

static bool add_reference(struct kp_expander *expander, struct draft *draft,
                          const struct kp_node *node, struct kp_piece piece)
{
    const char *name = piece_name(expander, node, piece);
    const struct kp_cell *cell;
    const char *value;

    if (name == NULL || !kp_expand_work(expander, draft->place, KP_EXPAND_WORK_NAME))
        return false;
    if (strncmp(name, ENVIRONMENT, strlen(ENVIRONMENT)) == 0) {
        value = getenv(name + strlen(ENVIRONMENT));
        return value != NULL && add_text(expander, draft, value, strlen(value), ".");
    }
    cell = find_cell(expander, name, draft->binding);
    if (cell == NULL || cell->node->kind != KP_NODE_SCALAR)
        return false;
    if (cell->literal)
        return add_text(expander, draft, cell->node->text, cell->node->length, cell->node->folder);
    return add_scalar(expander, draft, cell->node);
}

static bool add_scalar(struct kp_expander *expander, struct draft *draft,
                       const struct kp_node *node)
{
    bool ok = true;

    for (struct kp_piece piece = kp_piece_at(node, 0); ok && piece.kind != KP_PIECE_END;
         piece = kp_piece_at(node, piece.end)) {
        if (piece.kind == KP_PIECE_REFERENCE)
            ok = add_reference(expander, draft, node, piece);
        else if (piece.kind == KP_PIECE_DOLLAR)
            ok = add_text(expander, draft, "$", 1, node->folder);
        else
            ok = add_text(expander, draft, node->text + piece.begin, piece.end - piece.begin,
                          node->folder);
    }
    return ok;
}

/* The list that a scalar stands for, if it is one $(name) of a list; else NULL. */
static const struct kp_node *named_list(struct kp_expander *expander, const struct kp_node *node,
                                        const size_t *binding)
{
    const struct kp_piece piece = kp_piece_at(node, 0);
    const struct kp_cell *cell = NULL;
    const char *name = NULL;

    if (node->kind == KP_NODE_SCALAR && kp_piece_alone(node, piece))
        name = piece_name(expander, node, piece);
    if (name != NULL)
        cell = find_cell(expander, name, binding);
    return cell != NULL && cell->node->kind == KP_NODE_LIST ? cell->node : NULL;
}

static struct kp_node *expand_scalar(struct kp_expander *expander, const struct kp_node *node,
                                     const size_t *binding, struct kp_node *result)
{
    struct draft draft = {.place = node->place, .binding = binding};
    bool ok = add_scalar(expander, &draft, node);

    if (ok) {
        result->plain = node->plain && strchr(node->text, '$') == NULL;
        result->folder = draft.folder != NULL ? draft.folder : node->folder;
        result->length = draft.text.length;
        result->text =
            kp_arena_strndup(expander->variables->arena,
                             draft.text.text != NULL ? draft.text.text : "", draft.text.length);
        ok = result->text != NULL || kp_out_of_memory(expander->variables->diags);
    }
    kp_string_free(&draft.text);
    return ok ? result : NULL;
}

static bool push(struct kp_expander *expander, struct kp_vector *items, const struct kp_node *item)
{
    const struct kp_node **slot = KP_PUSH(items, const struct kp_node *);

    if (slot == NULL)
        return kp_out_of_memory(expander->variables->diags);
    *slot = item;
    return true;
}

/* Pushes the items of a list, expanded, those of lists that it names among them. */
static bool expand_items(struct kp_expander *expander, const struct kp_node *node,
                         const size_t *binding, struct kp_vector *items)
{
    bool ok = true;

    for (size_t i = 0; ok && i < node->count; i++) {
        const struct kp_node *item = node->items[i];
        const struct kp_node *list = named_list(expander, item, binding);

        if (list != NULL) {
            ok = kp_expand_work(expander, item->place, KP_EXPAND_WORK_LIST) &&
                 expand_items(expander, list, binding, items);
        } else {
            item = kp_expand_node(expander, item, binding);
            ok = item != NULL && push(expander, items, item);
        }
    }
    return ok;
}

/* The items of a list, or values of a map, into the result. */
static struct kp_node *expand_collection(struct kp_expander *expander, const struct kp_node *node,
                                         const size_t *binding, struct kp_node *result)
{
    struct kp_vector items KP_AUTO(vector) = {0};
    struct kp_node map = *node;

    if (node->kind == KP_NODE_LIST) {
        if (!expand_items(expander, node, binding, &items))
            return NULL;
    } else {
        for (size_t i = 0; i < map.count; i++) {
            const struct kp_node *item = kp_expand_node(expander, map.items[i], binding);

            if (item == NULL || !push(expander, &items, item))
                return NULL;
        }
    }
    result->count = items.count;
    result->items =
        kp_arena_array(expander->variables->arena, items.count, sizeof(struct kp_node *));
    if (result->items == NULL) {
        kp_out_of_memory(expander->variables->diags);
        return NULL;
    }
    if (items.count > 0)
        memcpy(result->items, items.items, items.count * sizeof(struct kp_node *));
    return result;
}

struct kp_node *kp_expand_node(struct kp_expander *expander, const struct kp_node *node,
                               const size_t *binding)
{
    const struct kp_node *list = named_list(expander, node, binding);
    struct kp_node *result = KP_ARENA_NEW(expander->variables->arena, struct kp_node);

    if (result == NULL) {
        kp_out_of_memory(expander->variables->diags);
        return NULL;
    }
    if (!kp_expand_work(expander, node->place, sizeof(struct kp_node)))
        return NULL;
    *result = list != NULL ? *list : *node;
    result->place = node->place;
    if (result->kind == KP_NODE_SCALAR)
        return expand_scalar(expander, node, binding, result);
    return expand_collection(expander, list != NULL ? list : node, binding, result);
}

struct kp_node *kp_expand_shared(struct kp_expander *expander, const struct kp_node *node,
                                 const char *what)
{
    const size_t binding[KP_MATRIX_MAX_VARIABLES] = {0};
    uint32_t uses = 0;

    if (!kp_expand_uses(expander, node, false, &uses))
        return NULL;
    if (uses != 0) {
        const struct kp_variable *variable =
            &expander->variables->items[(unsigned)__builtin_ctz(uses)];

        kp_error(expander->variables->diags, node->place, KP1155, what, variable->name);
        return NULL;
    }
    return kp_expand_node(expander, node, binding);
}

bool kp_expand_list(struct kp_expander *expander, const struct kp_node *node,
                    struct kp_vector *items)
{
    const size_t binding[KP_MATRIX_MAX_VARIABLES] = {0};
    const bool is_list = node->kind == KP_NODE_LIST;
    const size_t count = is_list ? node->count : 1;
    bool ok = true;

    for (size_t i = 0; i < count; i++) {
        const struct kp_node *item = is_list ? node->items[i] : node;
        const struct kp_node *list = NULL;
        uint32_t uses = 0;

        if (item->kind == KP_NODE_SCALAR && kp_piece_alone(item, kp_piece_at(item, 0))) {
            if (!kp_expand_uses(expander, item, false, &uses)) {
                ok = false;
                continue;
            }
            list = uses == 0 ? named_list(expander, item, binding) : NULL;
        }
        if (list != NULL)
            ok = kp_expand_work(expander, item->place, KP_EXPAND_WORK_LIST) &&
                 kp_expand_list(expander, list, items) && ok;
        else
            ok = push(expander, items, item) && ok;
    }
    return ok;
}
