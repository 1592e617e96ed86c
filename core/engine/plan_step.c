/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/plan_step.c - one stage of a chain: its parameters checked, its kind and
 * traits worked out, its derivation keyed. What its parameters name is plan_take.c's.
 */
#include <string.h>

#include "engine/plan_private.h"
#include "kpipe/traits.h"

static bool has_trait(const struct kp_step *step, const char *name)
{
    for (size_t i = 0; i < step->trait_count; i++)
        if (strcmp(step->traits[i], name) == 0)
            return true;
    return false;
}

/* Content traits pass along the chain and are known by name beforehand; encoding
 * traits are set at run by whoever knows them. */
static bool trait_possible(void *data, const char *trait)
{
    const struct kp_stage_context *context = data;

    if (context->main.step == NULL)
        return false;
    return context->main.step == context->planner->unknown || !kp_trait_is_content(trait) ||
           has_trait(context->main.step, trait);
}

/* Where p_paddr is no physical address the stage cannot know it. */
static bool physical(const struct kp_stage_context *context, const char *arch)
{
    const struct kp_arch *facts =
        arch == NULL ? NULL : kp_registry_arch(context->planner->registry, arch);

    return facts == NULL || (facts->flags & KP_ARCH_PADDR_PHYSICAL) != 0;
}

static size_t count_names(const char *const *names)
{
    size_t count = 0;

    while (names != NULL && names[count] != NULL)
        count++;
    return count;
}

static void add_traits(struct kp_step *step, const char *const *names)
{
    for (; names != NULL && *names != NULL; names++)
        if (kp_trait_is_content(*names) && !has_trait(step, *names))
            step->traits[step->trait_count++] = *names;
}

static bool work_out_traits(const struct kp_stage_context *context, struct kp_step *step)
{
    const struct kp_operation *operation = &context->stage->operation;
    const struct kp_step *main = context->main.step;
    const size_t most = (main == NULL ? 0 : main->trait_count) + count_names(operation->sets) +
                        count_names(operation->sets_if_physical) + 2;

    step->traits = kp_arena_array(context->planner->arena, most, sizeof(*step->traits));
    if (step->traits == NULL)
        return kp_out_of_memory(context->planner->diags);
    for (size_t i = 0; main != NULL && i < main->trait_count; i++)
        if (kp_trait_is_content(main->traits[i]))
            step->traits[step->trait_count++] = main->traits[i];
    if (main == NULL && step->arch != NULL)
        add_traits(step, (const char *const[]){KP_TRAIT_ARCH, NULL});
    add_traits(step, operation->sets);
    if (physical(context, step->arch))
        add_traits(step, operation->sets_if_physical);
    return true;
}

static void work_out_kind(const struct kp_stage_context *context, struct kp_step *step)
{
    const char *kind = context->stage->operation.output_kind;
    const bool same = kind != NULL && strcmp(kind, KP_KIND_SAME) == 0;

    step->kind = same ? kp_plan_kind_of(context->main) : kind;
    step->codec = same && context->main.step != NULL && context->main.part == NULL
                      ? context->main.step->codec
                      : context->stage->codec;
}

static void print_edge(struct kp_string *to, struct kp_edge edge)
{
    kp_string_printf(to, "#%zu%s%s", edge.step->number, edge.part == NULL ? "" : ".",
                     edge.part == NULL ? "" : edge.part);
}

static struct kp_edge edge_of(const struct kp_stage_context *context, const struct kp_value *value)
{
    if (value->row->type == KP_TYPE_TREE)
        return (struct kp_edge){KP_ITEM(&context->trees, struct kp_step *, value->image), NULL};
    return KP_ITEM(&context->inputs, struct kp_edge, value->image);
}

static const struct kp_plan_key *key_of(const struct kp_stage_context *context,
                                        const struct kp_value *value)
{
    return KP_ITEM(&context->keys, const struct kp_plan_key *, value->image);
}

/* What a plugin learns of a key is part of the derivation: its name, its public part. */
static void print_key(struct kp_string *to, const struct kp_plan_key *key)
{
    kp_string_printf(to, "%s (%s)", key->title, key->key == NULL ? "?" : key->key->identity);
}

static void print_input(struct kp_string *to, void *data, const struct kp_value *value)
{
    if (value->row->type == KP_TYPE_KEY)
        print_key(to, key_of(data, value));
    else if (value->image == KP_VALUE_MAIN)
        kp_string_add(to, "_");
    else
        print_edge(to, edge_of(data, value));
}

/* The derivation: stage type, plugin build, host tools, parameters with their defaults,
 * inputs. A plugin's path stands for its build: it does not change within a run. */
static const char *make_key(struct kp_stage_context *context, const struct kp_value *values,
                            size_t count)
{
    KP_AUTO(string) struct kp_string key = {0};

    kp_string_printf(&key, "stage %s %s %s ", context->stage->name, context->stage->plugin->note.id,
                     context->stage->plugin->path);
    if (context->main.step != NULL)
        print_edge(&key, context->main);
    else
        kp_string_add(&key, context->planner->arch == NULL ? "-" : context->planner->arch);
    kp_string_add(&key, " ");
    for (size_t i = 0; i < context->tools.count; i++) {
        const struct kp_tool *tool = KP_ITEM(&context->tools, const struct kp_tool *, i);

        kp_string_printf(&key, "%s=%s (%s) ", tool->name, tool->path,
                         tool->version == NULL ? "?" : tool->version);
    }
    kp_bind_print(&key, values, count, true, print_input, context);
    return key.failed ? NULL : kp_arena_strdup(context->planner->arena, key.text);
}

static const char *input_name(const struct kp_step *step)
{
    return step->image_count > 0 ? step->images[0] : step->label;
}

static void print_input_name(struct kp_string *to, void *data, const struct kp_value *value)
{
    struct kp_edge edge;

    if (value->row->type == KP_TYPE_KEY) {
        kp_string_add(to, key_of(data, value)->title);
        return;
    }
    if (value->image == KP_VALUE_MAIN) {
        kp_string_add(to, "_");
        return;
    }
    edge = edge_of(data, value);
    kp_string_printf(to, "%s%s%s", input_name(edge.step), edge.part == NULL ? "" : ".",
                     edge.part == NULL ? "" : edge.part);
}

static const char *make_label(struct kp_stage_context *context, const struct kp_value *values,
                              size_t count)
{
    KP_AUTO(string) struct kp_string label = {0};
    size_t bare;

    kp_string_printf(&label, "%s ", context->stage->name);
    bare = label.length;
    kp_bind_print(&label, values, count, false, print_input_name, context);
    if (label.failed)
        return NULL;
    if (label.length == bare)
        label.text[bare - 1] = '\0';
    return kp_arena_strdup(context->planner->arena, label.text);
}

static bool fill_step(struct kp_stage_context *context, struct kp_step *step,
                      const struct kp_recipe_element *element, struct kp_value *values,
                      size_t count)
{
    struct kp_planner *planner = context->planner;

    step->stage = context->stage;
    step->place = element->place;
    step->main = context->main;
    step->values = values;
    step->value_count = count;
    step->input_count = context->inputs.count;
    step->inputs = kp_arena_array(planner->arena, step->input_count + 1, sizeof(*step->inputs));
    step->tree_count = context->trees.count;
    step->trees = kp_arena_array(planner->arena, step->tree_count + 1, sizeof(struct kp_step *));
    step->key_count = context->keys.count;
    step->keys = kp_arena_array(planner->arena, step->key_count + 1, sizeof(*step->keys));
    step->label = make_label(context, values, count);
    step->tool_count = context->tools.count;
    step->tools = kp_arena_array(planner->arena, step->tool_count + 1, sizeof(*step->tools));
    if (step->inputs == NULL || step->trees == NULL || step->keys == NULL || step->tools == NULL ||
        step->label == NULL)
        return kp_out_of_memory(planner->diags);
    for (size_t i = 0; i < step->key_count; i++)
        step->keys[i] = KP_ITEM(&context->keys, const struct kp_plan_key *, i)->key;
    if (step->tree_count > 0)
        memcpy(step->trees, context->trees.items, step->tree_count * sizeof(struct kp_step *));
    if (step->tool_count > 0)
        memcpy(step->tools, context->tools.items, step->tool_count * sizeof(*step->tools));
    if (step->input_count > 0)
        memcpy(step->inputs, context->inputs.items, step->input_count * sizeof(*step->inputs));
    step->arch = context->main.step != NULL ? context->main.step->arch : planner->arch;
    step->arch_place = context->main.step != NULL ? context->main.step->arch_place : element->place;
    work_out_kind(context, step);
    return work_out_traits(context, step);
}

/* A stage with a main input stands behind something, one without begins a chain; some do both. */
static bool check_position(struct kp_planner *planner, const struct kp_stage *stage,
                           const struct kp_recipe_element *element, struct kp_edge main)
{
    const struct kp_operation *operation = &stage->operation;
    const bool takes = (operation->flags & KP_OP_NO_INPUT) == 0;
    const bool needs = takes && (operation->flags & KP_OP_MAY_BEGIN) == 0;

    if (needs && main.step == NULL)
        return kp_error_hint(planner->diags, element->place, "put an input or an image before it",
                             KP1203, stage->name);
    if (!takes && main.step != NULL)
        return kp_error(planner->diags, element->place, KP1202, stage->name);
    return kp_plan_kind_fits(planner, element->place, stage->name, NULL, NULL,
                             kp_plan_kind_of(main), operation->input_kinds);
}

/* The stage type that an element names. NULL after reporting. */
static const struct kp_stage *find_stage(struct kp_planner *planner,
                                         const struct kp_recipe_element *element)
{
    const struct kp_stage *stage = kp_registry_find_stage(planner->registry, element->stage);

    if (stage == NULL && kp_map_get(&planner->names, element->stage) != NULL) {
        kp_error(planner->diags, element->place, KP1216, element->stage);
        return NULL;
    }
    return stage != NULL ? stage
                         : kp_registry_stage(planner->registry, planner->diags, element->place,
                                             element->stage);
}

struct kp_step *kp_plan_stage(struct kp_planner *planner, const struct kp_recipe_element *element,
                              struct kp_edge main)
{
    const struct kp_stage *stage = find_stage(planner, element);
    struct kp_stage_context context = {.planner = planner, .stage = stage, .main = main};
    const struct kp_binder binder = {.arena = planner->arena,
                                     .diags = planner->diags,
                                     .registry = planner->registry,
                                     .stage = element->stage,
                                     .data = &context,
                                     .image = kp_plan_take_input,
                                     .trait_possible = trait_possible,
                                     .images = kp_plan_take_images};
    struct kp_step *step = NULL;
    struct kp_value *values;
    const char *key;
    size_t count = 0;
    bool is_new = false;
    bool good;

    if (stage == NULL)
        return NULL;
    good = check_position(planner, stage, element, main);
    values =
        kp_bind_check(&binder, stage->operation.params, element->params, element->place, &count);
    good = values != NULL &&
           kp_plan_tools(planner, stage, element->place, values, count, &context.tools) && good;
    if (good) {
        key = make_key(&context, values, count);
        if (key == NULL)
            kp_out_of_memory(planner->diags);
        else
            step = kp_plan_step(planner, key, &is_new);
    }
    if (step != NULL && is_new && !fill_step(&context, step, element, values, count))
        step = NULL;
    kp_vector_free(&context.inputs);
    kp_vector_free(&context.trees);
    kp_vector_free(&context.keys);
    kp_vector_free(&context.tools);
    return step;
}
