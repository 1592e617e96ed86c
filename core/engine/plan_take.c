/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/plan_take.c - the images and trees that the parameters of a stage name, which become
 * inputs of its step: the binder's questions. Also whether kinds can meet.
 */
#include <string.h>

#include "engine/plan_private.h"

static const char *list_kinds(struct kp_arena *arena, const char *const *kinds)
{
    KP_AUTO(string) struct kp_string text = {0};

    for (size_t i = 0; kinds[i] != NULL; i++)
        kp_string_printf(&text, "%s'%s'", i > 0 ? ", " : "", kinds[i]);
    return text.failed || text.text == NULL ? "nothing" : kp_arena_strdup(arena, text.text);
}

bool kp_plan_kind_fits(struct kp_planner *planner, struct kp_place place, const char *stage,
                       const char *param, const char *name, const char *kind,
                       const char *const *kinds)
{
    const char *taken;

    /* An unknown kind meets everything and is checked by the stage itself. */
    if (kind == NULL || kinds == NULL)
        return true;
    for (size_t i = 0; kinds[i] != NULL; i++)
        if (strcmp(kinds[i], kind) == 0)
            return true;
    taken = list_kinds(planner->arena, kinds);
    if (param == NULL)
        return kp_error(planner->diags, place, KP1204, stage, kind, taken);
    return kp_error(planner->diags, place, KP1205, stage, param, name, kind, taken);
}

const char *kp_plan_kind_of(struct kp_edge edge)
{
    return edge.part == NULL && edge.step != NULL ? edge.step->kind : NULL;
}

static bool same_edge(struct kp_edge a, struct kp_edge b)
{
    if (a.step != b.step || (a.part == NULL) != (b.part == NULL))
        return false;
    return a.part == NULL || strcmp(a.part, b.part) == 0;
}

/* A tree that a parameter names becomes one of the step's. */
static bool take_tree(struct kp_stage_context *context, const struct kp_param *row,
                      const struct kp_node *scalar, size_t *index)
{
    struct kp_step *step;
    struct kp_step **slot;

    if (!kp_plan_resolve_tree(context->planner, scalar->text, scalar->place, context->stage->name,
                              row->name, &step))
        return false;
    for (*index = 0; *index < context->trees.count; ++*index)
        if (KP_ITEM(&context->trees, struct kp_step *, *index) == step)
            return true;
    slot = KP_PUSH(&context->trees, struct kp_step *);
    if (slot == NULL)
        return kp_out_of_memory(context->planner->diags);
    *slot = step;
    return true;
}

/* A further input of the step. */
static bool take_edge(struct kp_stage_context *context, const struct kp_param *row,
                      const struct kp_node *scalar, struct kp_edge edge, size_t *index)
{
    struct kp_edge *slot;

    if (!kp_plan_kind_fits(context->planner, scalar->place, context->stage->name, row->name,
                           scalar->text, kp_plan_kind_of(edge), row->kinds))
        return false;
    for (*index = 0; *index < context->inputs.count; ++*index)
        if (same_edge(KP_ITEM(&context->inputs, struct kp_edge, *index), edge))
            return true;
    slot = KP_PUSH(&context->inputs, struct kp_edge);
    if (slot == NULL)
        return kp_out_of_memory(context->planner->diags);
    *slot = edge;
    return true;
}

bool kp_plan_take_input(void *data, const struct kp_param *row, const struct kp_node *scalar,
                        size_t *index)
{
    struct kp_stage_context *context = data;
    struct kp_planner *planner = context->planner;
    const char *stage = context->stage->name;
    struct kp_edge edge;

    if (row->type == KP_TYPE_TREE)
        return take_tree(context, row, scalar, index);
    if (row->type == KP_TYPE_KEY)
        return kp_plan_take_key(context, row, scalar, index);
    if (strcmp(scalar->text, "_") == 0) {
        *index = KP_VALUE_MAIN;
        if (context->main.step == NULL)
            return kp_error(planner->diags, scalar->place, KP1317, stage, row->name);
        return kp_plan_kind_fits(planner, scalar->place, stage, row->name, "_",
                                 kp_plan_kind_of(context->main), row->kinds);
    }
    return kp_plan_resolve(planner, scalar->text, scalar->place, stage, row->name, &edge) &&
           take_edge(context, row, scalar, edge, index);
}

bool kp_plan_take_images(void *data, const struct kp_param *row, const struct kp_node *scalar,
                         struct kp_vector *indices)
{
    struct kp_stage_context *context = data;
    struct kp_planner *planner = context->planner;
    KP_AUTO(vector) struct kp_vector edges = {0};
    const bool is_main = strcmp(scalar->text, "_") == 0;

    if (!is_main && !kp_plan_resolve_list(planner, scalar->text, scalar->place,
                                          context->stage->name, row->name, &edges))
        return false;
    for (size_t i = 0; i < (is_main ? 1 : edges.count); i++) {
        size_t index;
        size_t *slot;

        if (is_main ? !kp_plan_take_input(data, row, scalar, &index)
                    : !take_edge(context, row, scalar, KP_ITEM(&edges, struct kp_edge, i), &index))
            return false;
        slot = KP_PUSH(indices, size_t);
        if (slot == NULL)
            return kp_out_of_memory(planner->diags);
        *slot = index;
    }
    return true;
}
