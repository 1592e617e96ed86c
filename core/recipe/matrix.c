/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/matrix.c - the values of matrix variables, and counting through them. Which
 * items carry which variables is instance.c's matter.
 */
#include "recipe/matrix.h"

#include <string.h>

#include "base/auto.h"
#include "base/codes.h"
#include "base/vector.h"

/* One value: its name and its cell. False after reporting. */
static bool read_value(struct kp_expander *expander, const struct kp_variable *variable,
                       const struct kp_node *node, const char **name, struct kp_cell *cell)
{
    struct kp_variables *variables = expander->variables;
    const struct kp_node *name_node = kp_node_get(node, "name");
    const char *what = kp_arena_printf(variables->arena, "matrix: a value of '%s'", variable->name);
    struct kp_node *text;

    if (what == NULL)
        return kp_out_of_memory(variables->diags);
    if (node->kind == KP_NODE_LIST || kp_node_is_empty(node))
        return kp_item_wrong_type(variables->diags, node, what, "text or a map with 'name'");
    if (node->kind == KP_NODE_MAP &&
        (name_node == NULL || name_node->kind != KP_NODE_SCALAR || kp_node_is_empty(name_node)))
        return kp_error(variables->diags, node->place, KP1151, variable->name);
    text = kp_expand_shared(expander, node->kind == KP_NODE_MAP ? name_node : node, what);
    if (text == NULL)
        return false;
    *name = text->text;
    if (!kp_cell_init(cell, variables->arena, node->kind == KP_NODE_MAP ? node : text))
        return kp_out_of_memory(variables->diags);
    cell->literal = node->kind == KP_NODE_SCALAR;
    return true;
}

static bool check_twice(struct kp_variables *variables, const struct kp_variable *variable,
                        const struct kp_node *node)
{
    const size_t last = variable->value_count - 1;

    for (size_t i = 0; i < last; i++) {
        if (strcmp(variable->names[i], variable->names[last]) == 0)
            return kp_error(variables->diags, node->place, KP1152, variable->name,
                            variable->names[last]);
    }
    return true;
}

/* Keeps the one value that --set names. */
static bool restrict_to(struct kp_expander *expander, struct kp_variable *variable)
{
    struct kp_variables *variables = expander->variables;
    struct kp_string list KP_AUTO(string) = {0};
    struct kp_node *set = kp_expand_shared(expander, variable->set, "the value of --set");

    if (set == NULL)
        return false;
    for (size_t i = 0; i < variable->value_count; i++) {
        if (strcmp(variable->names[i], set->text) == 0) {
            variable->values += i;
            variable->names += i;
            variable->value_count = 1;
            return true;
        }
        kp_string_printf(&list, "%s%s", i == 0 ? "" : ", ", variable->names[i]);
    }
    if (list.failed)
        return kp_out_of_memory(variables->diags);
    return kp_error_hint(
        variables->diags, variable->set->place,
        kp_index_hint(variables->arena, set->text, variable->names, variable->value_count), KP1154,
        variable->name, set->text, list.text);
}

static bool read_variable(struct kp_expander *expander, struct kp_variable *variable)
{
    struct kp_variables *variables = expander->variables;
    struct kp_vector items KP_AUTO(vector) = {0};
    bool ok = kp_expand_list(expander, variable->node, &items);

    if (ok && (items.count == 0 || kp_node_is_empty(variable->node)))
        return kp_error(variables->diags, variable->place, KP1150, variable->name);
    if (items.count > KP_MATRIX_MAX_INSTANCES)
        return kp_error(variables->diags, variable->place, KP1156, KP_MATRIX_MAX_INSTANCES);
    variable->values = kp_arena_array(variables->arena, items.count, sizeof(struct kp_cell));
    variable->names = kp_arena_array(variables->arena, items.count, sizeof(char *));
    if (variable->values == NULL || variable->names == NULL)
        return kp_out_of_memory(variables->diags);
    for (size_t i = 0; i < items.count; i++) {
        const struct kp_node *node = KP_ITEM(&items, const struct kp_node *, i);
        const size_t at = variable->value_count;

        if (!read_value(expander, variable, node, &variable->names[at], &variable->values[at])) {
            ok = false;
            continue;
        }
        variable->value_count++;
        ok = check_twice(variables, variable, node) && ok;
    }
    return ok && (variable->set == NULL || restrict_to(expander, variable));
}

void kp_matrix_read(struct kp_expander *expander)
{
    for (size_t i = 0; i < expander->variables->matrix_count; i++) {
        struct kp_variable *variable = &expander->variables->items[i];

        if (!read_variable(expander, variable))
            variable->failed = true;
    }
}

size_t kp_matrix_count(const struct kp_variables *variables, uint32_t set)
{
    size_t count = 1;

    /* Neither factor exceeds the limit, so that this cannot overflow. */
    for (size_t i = 0; i < variables->matrix_count && count <= KP_MATRIX_MAX_INSTANCES; i++) {
        if ((set >> i & 1) != 0)
            count *= variables->items[i].value_count;
    }
    return count <= KP_MATRIX_MAX_INSTANCES ? count : KP_MATRIX_MAX_INSTANCES + 1;
}

bool kp_matrix_next(const struct kp_variables *variables, uint32_t set, size_t *binding)
{
    for (size_t i = variables->matrix_count; i > 0; i--) {
        if ((set >> (i - 1) & 1) == 0)
            continue;
        if (++binding[i - 1] < variables->items[i - 1].value_count)
            return true;
        binding[i - 1] = 0;
    }
    return false;
}

const char *kp_matrix_name(const struct kp_variables *variables, const char *name, uint32_t set,
                           const size_t *binding, const char *part)
{
    struct kp_string text KP_AUTO(string) = {0};
    const char *before = "(";

    kp_string_add(&text, name);
    for (size_t i = 0; i < variables->matrix_count; i++) {
        const struct kp_variable *variable = &variables->items[i];

        if ((set >> i & 1) == 0)
            continue;
        kp_string_printf(&text, "%s%s=%s", before, variable->name, variable->names[binding[i]]);
        before = ",";
    }
    kp_string_add(&text, set != 0 ? ")" : "");
    kp_string_add(&text, part);
    return text.failed ? NULL : kp_arena_strndup(variables->arena, text.text, text.length);
}
