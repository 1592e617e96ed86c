/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/plan_name.c - what a name in a recipe means: an image, a part of one, a tree, or an
 * item of a source (plan_item.c). How an image is built is plan.c's.
 */
#include <string.h>

#include "engine/plan_private.h"

static bool unknown_name(struct kp_planner *planner, const char *name, struct kp_place place,
                         const char *stage, const char *param)
{
    const char *near = kp_nearest(name, planner->all_names, planner->name_count);
    const char *hint = near == NULL
                           ? "name an input or an image of this recipe; files stand under `inputs:`"
                           : kp_arena_printf(planner->arena, "did you mean '%s'?", near);

    if (stage == NULL)
        return kp_error_hint(planner->diags, place, hint, KP1209, name);
    return kp_error_hint(planner->diags, place, hint, KP1207, stage, param, name);
}

/* What is wrong with a part: that it is one of something without parts, or its name. */
static bool no_part(struct kp_planner *planner, struct kp_edge edge, const char *name,
                    const char *part, struct kp_place place)
{
    KP_AUTO(string) struct kp_string hint = {0};
    const char *const *parts = edge.step->stage == NULL ? NULL : edge.step->stage->operation.parts;

    if (edge.step->stage == NULL || edge.part != NULL)
        return kp_error_hint(planner->diags, place,
                             "parts are made by stages that take an image apart", KP1215, name,
                             edge.part != NULL    ? "a part"
                             : edge.step->is_tree ? "a tree"
                                                  : "an input");
    for (size_t i = 0; parts != NULL && parts[i] != NULL; i++)
        kp_string_printf(&hint, "%s%s", i == 0 ? "its parts are: " : ", ", parts[i]);
    return kp_error_hint(planner->diags, place, hint.text, KP1208, name, edge.step->stage->name,
                         part);
}

/* Notes that somebody reads a part, which the last stage must offer. */
static bool want_part(struct kp_planner *planner, struct kp_edge *edge, const char *name,
                      const char *part, struct kp_place place)
{
    struct kp_step *step = edge->step;
    const char *const *parts = step->stage == NULL ? NULL : step->stage->operation.parts;
    const char **wanted;

    while (parts != NULL && *parts != NULL && strcmp(*parts, part) != 0)
        parts++;
    if (parts == NULL || *parts == NULL || edge->part != NULL)
        return no_part(planner, *edge, name, part, place);
    edge->part = *parts;
    for (size_t i = 0; i < step->wanted_count; i++)
        if (strcmp(step->wanted_parts[i], part) == 0)
            return true;
    wanted = kp_arena_array(planner->arena, step->wanted_count + 1, sizeof(*wanted));
    if (wanted == NULL)
        return kp_out_of_memory(planner->diags);
    if (step->wanted_count > 0)
        memcpy(wanted, step->wanted_parts, step->wanted_count * sizeof(*wanted));
    wanted[step->wanted_count++] = *parts;
    step->wanted_parts = wanted;
    return true;
}

/* The dot before a part; those inside an instance's name, "k(version=6.1)", are none. */
static const char *find_part(const char *name)
{
    const char *values = strrchr(name, ')');

    return strchr(values != NULL ? values : name, '.');
}

static bool resolve(struct kp_planner *planner, const char *name, struct kp_place place,
                    const char *stage, const char *param, struct kp_edge *edge)
{
    const char *dot = find_part(name);
    const char *plain =
        dot == NULL ? name : kp_arena_strndup(planner->arena, name, (size_t)(dot - name));
    struct kp_plan_name *found;

    *edge = (struct kp_edge){0};
    if (plain == NULL)
        return kp_out_of_memory(planner->diags);
    found = kp_map_get(&planner->names, plain);
    if (found == NULL)
        return unknown_name(planner, name, place, stage, param);
    if (found->input != NULL && found->input->type == KP_INPUT_SOURCE)
        return kp_plan_item(planner, found, name, dot == NULL ? NULL : dot + 1, place, edge);
    if (found->state == KP_NAME_OPEN)
        return kp_plan_cycle(planner, plain, place);
    if (found->state == KP_NAME_FAILED)
        return false;
    if (found->state == KP_NAME_NEW && planner->open_names.count >= KP_PLAN_MAX_DEPTH)
        return kp_error(planner->diags, place, KP1214, name, KP_PLAN_MAX_DEPTH);
    if (found->state == KP_NAME_NEW && !kp_plan_build(planner, found))
        return false;
    *edge = found->edge;
    return dot == NULL || want_part(planner, edge, name, dot + 1, place);
}

bool kp_plan_resolve(struct kp_planner *planner, const char *name, struct kp_place place,
                     const char *stage, const char *param, struct kp_edge *edge)
{
    if (!resolve(planner, name, place, stage, param, edge) || edge->step == NULL)
        return false;
    if (!edge->step->is_tree)
        return true;
    if (stage != NULL)
        return kp_error(planner->diags, place, KP1231, stage, param, name);
    return kp_error_hint(planner->diags, place, "a stage that reads trees takes it in a parameter",
                         KP1230, name);
}

bool kp_plan_resolve_tree(struct kp_planner *planner, const char *name, struct kp_place place,
                          const char *stage, const char *param, struct kp_step **step)
{
    struct kp_edge edge;

    if (!resolve(planner, name, place, stage, param, &edge) || edge.step == NULL)
        return false;
    *step = edge.step;
    if (edge.step->is_tree)
        return true;
    return kp_error_hint(planner->diags, place, "a tree is an input {tree: PATH}", KP1232, stage,
                         param, name);
}

bool kp_plan_resolve_list(struct kp_planner *planner, const char *name, struct kp_place place,
                          const char *stage, const char *param, struct kp_vector *edges)
{
    const char *dot = find_part(name);
    const char *plain =
        dot == NULL ? name : kp_arena_strndup(planner->arena, name, (size_t)(dot - name));
    struct kp_plan_name *found = plain == NULL ? NULL : kp_map_get(&planner->names, plain);
    struct kp_edge edge;
    struct kp_edge *slot;
    bool is_list = false;

    if (found != NULL && dot != NULL && found->input != NULL &&
        found->input->type == KP_INPUT_SOURCE &&
        !kp_plan_item_list(planner, found, dot + 1, place, edges, &is_list))
        return false;
    if (is_list)
        return true;
    if (!kp_plan_resolve(planner, name, place, stage, param, &edge))
        return false;
    slot = KP_PUSH(edges, struct kp_edge);
    if (slot == NULL)
        return kp_out_of_memory(planner->diags);
    *slot = edge;
    return true;
}
