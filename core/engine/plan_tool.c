/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/plan_tool.c - which host tools a stage may run, whether its plugin may, and where they
 * are: all of it before anything runs.
 *
 * A stage runs what its operation always needs, what chosen values need, what a parameter names,
 * and what stages in its parameters run. A bundled plugin may run what its note announces
 * by name, or by the end of a name. Any other needs the user's word for each tool, in `tools:` or --tool; and a tool
 * that only the recipe names, by a plugin that announces "*", needs --allow-exec. So does a path
 * that only the recipe gives, unless it is that of one of the system's own programs: a recipe may
 * choose among these, and bring none along.
 */
#include <string.h>

#include "engine/plan_private.h"
#include "plugin/names.h"

/* Whose tools are being looked for. */
struct search {
    struct kp_planner *planner;
    const struct kp_stage *stage;
    struct kp_vector *tools;
};

static const struct kp_recipe_tool *recipe_tool(const struct kp_recipe *recipe, const char *name)
{
    for (size_t i = 0; i < recipe->tool_count; i++)
        if (strcmp(recipe->tools[i].name, name) == 0)
            return &recipe->tools[i];
    return NULL;
}

/* False after reporting. */
static bool may_run(const struct search *search, struct kp_place place, const char *name)
{
    struct kp_planner *planner = search->planner;
    struct kp_plugin_file *plugin = search->stage->plugin;
    struct kp_toolbox *box = planner->plan->toolbox;
    const char *hint;

    if (!kp_note_wants(&plugin->note, name, true))
        return kp_error(planner->diags, place, KP1510, search->stage->name, name);
    if (!kp_note_wants(&plugin->note, name, false) && (box == NULL || !kp_toolbox_any_tool(box)))
        return kp_error_hint(planner->diags, place,
                             "if you trust this recipe, say --allow-exec on the command line",
                             KP1512, search->stage->name, name);
    kp_registry_find_origin(planner->registry, plugin);
    if (plugin->origin != KP_FOREIGN || recipe_tool(planner->recipe, name) != NULL ||
        (box != NULL && kp_toolbox_given(box, name) != NULL))
        return true;
    hint = kp_arena_printf(planner->arena,
                           "if you trust the plugin, put `tools: [%s]` into the recipe, or say "
                           "--tool %s",
                           name, name);
    return kp_error_hint(planner->diags, place, hint, KP1511, search->stage->name, name,
                         plugin->note.id);
}

/* Whether the program at a path of the recipe's may be run. It is even asked for its version. */
static bool may_run_at(const struct search *search, struct kp_place place, const char *name,
                       const char *path)
{
    struct kp_planner *planner = search->planner;
    struct kp_toolbox *box = planner->plan->toolbox;
    const struct kp_tool_given *given = kp_toolbox_given(box, name);
    const char *why, *hint;

    if ((given != NULL && given->path != NULL) || kp_toolbox_any_tool(box))
        return true;
    why = kp_tool_check(path);
    if (why != NULL || kp_tool_is_system(planner->arena, path))
        return true; /* what is not there is reported as such */
    hint = kp_arena_printf(planner->arena,
                           "if you trust that program, say --tool %s=%s on the command line, or "
                           "--allow-exec for all that recipes name",
                           name, path);
    return kp_error_hint(planner->diags, place, hint, KP1616, search->stage->name, name, path);
}

static bool not_found(const struct search *search, struct kp_place place, const char *name,
                      const char *path, const char *why)
{
    struct kp_planner *planner = search->planner;
    struct kp_toolbox *box = planner->plan->toolbox;
    const struct kp_tool_given *given = box == NULL ? NULL : kp_toolbox_given(box, name);

    if (given != NULL && given->path != NULL)
        return kp_error(planner->diags, place, KP1514, search->stage->name, name, given->path, why);
    if (path != NULL)
        return kp_error_hint(planner->diags, place, "its path is given under `tools:`", KP1514,
                             search->stage->name, name, path, why);
    return kp_error_hint(planner->diags, place,
                         box == NULL ? NULL : kp_toolbox_hint(box, planner->arena, name), KP1513,
                         search->stage->name, name, why);
}

static bool need(const struct search *search, struct kp_place place, const char *name)
{
    struct kp_planner *planner = search->planner;
    const struct kp_recipe_tool *from_recipe = recipe_tool(planner->recipe, name);
    const char *path = from_recipe == NULL ? NULL : from_recipe->path;
    const char *why = "this kpipe runs no tools";
    const struct kp_tool *tool = NULL;
    const struct kp_tool **slot;

    if (!kp_is_word(name))
        return kp_error_hint(planner->diags, place,
                             "tools have names; a path stands under `tools:` in the recipe, or "
                             "behind --tool NAME=",
                             KP1513, search->stage->name, name, "not a name");
    if (!may_run(search, place, name))
        return false;
    if (path != NULL && planner->plan->toolbox != NULL && !may_run_at(search, place, name, path))
        return false;
    if (planner->plan->toolbox != NULL)
        tool = kp_toolbox_find(planner->plan->toolbox, name, path, &why);
    if (tool == NULL)
        return not_found(search, place, name, path, why);
    for (size_t i = 0; i < search->tools->count; i++)
        if (KP_ITEM(search->tools, const struct kp_tool *, i) == tool)
            return true;
    slot = KP_PUSH(search->tools, const struct kp_tool *);
    if (slot == NULL)
        return kp_out_of_memory(planner->diags);
    *slot = tool;
    return true;
}

static bool need_value(const struct search *search, const struct kp_value *value);

static bool need_values(const struct search *search, const struct kp_value *values, size_t count)
{
    bool good = true;

    for (size_t i = 0; i < count; i++)
        good = need_value(search, &values[i]) && good;
    return good;
}

static bool need_choice(const struct search *search, const struct kp_value *value)
{
    const struct kp_choice *const *choices = value->row->choices;

    while (*choices != NULL && (*choices)->value != value->number)
        choices++;
    return *choices == NULL || (*choices)->tool == NULL ||
           need(search, value->place, (*choices)->tool);
}

static bool need_value(const struct search *search, const struct kp_value *value)
{
    if (value->row == NULL || value->source == KP_VALUE_NONE)
        return true;
    if (value->items != NULL)
        return need_values(search, value->items, value->count);
    if (value->stage != NULL)
        return kp_plan_tools(search->planner, value->stage->stage, value->stage->place,
                             value->stage->values, value->stage->count, search->tools);
    if (value->row->type == KP_TYPE_CHOICE)
        return need_choice(search, value);
    if ((value->row->flags & KP_PARAM_TOOL) != 0 && value->text != NULL)
        return need(search, value->place, value->text);
    return true;
}

bool kp_plan_tools(struct kp_planner *planner, const struct kp_stage *stage, struct kp_place place,
                   const struct kp_value *values, size_t count, struct kp_vector *tools)
{
    const struct search search = {planner, stage, tools};
    const char *const *names = stage->operation.tools;
    bool good = true;

    for (; names != NULL && *names != NULL; names++)
        good = need(&search, place, *names) && good;
    return need_values(&search, values, count) && good;
}
