/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/plan.c - from a recipe's names to a graph: builds chains and finds what is made
 * from itself. What a name means is plan_name.c; stages are checked in plan_step.c, input files in plan_input.c; what
 * outputs need is worked out in plan_share.c.
 */
#include "engine/plan.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/plan_private.h"

struct kp_step *kp_plan_step(struct kp_planner *planner, const char *key, bool *is_new)
{
    struct kp_step *step = kp_map_get(&planner->keys, key);
    struct kp_step **slot;

    *is_new = step == NULL;
    if (step != NULL)
        return step;
    step = KP_ARENA_NEW(planner->arena, struct kp_step);
    slot = KP_PUSH(&planner->steps, struct kp_step *);
    if (step == NULL || slot == NULL || !kp_map_put(&planner->keys, key, step)) {
        if (slot != NULL)
            planner->steps.count--;
        kp_out_of_memory(planner->diags);
        return NULL;
    }
    *slot = step;
    step->key = key;
    step->number = planner->steps.count;
    return step;
}

bool kp_plan_add_name(struct kp_arena *arena, struct kp_step *step, const char *image)
{
    const char **names;

    for (size_t i = 0; i < step->image_count; i++)
        if (strcmp(step->images[i], image) == 0)
            return true;
    names = step->images;
    if ((step->image_count & (step->image_count - 1)) == 0) { /* 0, 1, 2, 4...: full */
        names = kp_arena_array(arena, 2 * step->image_count + 1, sizeof(*names));
        if (names == NULL)
            return false;
        if (step->image_count > 0)
            memcpy(names, step->images, step->image_count * sizeof(*names));
        step->images = names;
    }
    names[step->image_count++] = image;
    return true;
}

/* "a -> b -> a", of the names that are being resolved. */
bool kp_plan_cycle(struct kp_planner *planner, const char *name, struct kp_place place)
{
    KP_AUTO(string) struct kp_string text = {0};
    size_t first = 0;

    while (first < planner->open_names.count &&
           strcmp(KP_ITEM(&planner->open_names, const char *, first), name) != 0)
        first++;
    for (size_t i = first; i < planner->open_names.count; i++)
        kp_string_printf(&text, "%s -> ", KP_ITEM(&planner->open_names, const char *, i));
    kp_string_add(&text, name);
    if (text.failed)
        return kp_out_of_memory(planner->diags);
    return kp_error(planner->diags, place, KP1206, name, text.text);
}

static bool build_element(struct kp_planner *planner, const struct kp_recipe_image *image,
                          const struct kp_recipe_element *element, struct kp_edge main,
                          struct kp_edge *edge)
{
    if (element->reference != NULL)
        return kp_plan_resolve(planner, element->reference, element->place, NULL, NULL, edge);
    *edge = (struct kp_edge){kp_plan_stage(planner, element, main), NULL};
    if (edge->step == NULL)
        return false;
    return kp_plan_add_name(planner->arena, edge->step, image->name) ||
           kp_out_of_memory(planner->diags);
}

/* A chain: its first element, then each stage behind the one before. What follows an
 * error is checked as far as it can be. */
static bool build_chain(struct kp_planner *planner, const struct kp_recipe_image *image,
                        struct kp_edge *edge)
{
    struct kp_edge main = {0};
    bool good = image->element_count > 0;

    for (size_t i = 0; i < image->element_count; i++) {
        if (!build_element(planner, image, &image->elements[i], main, edge)) {
            *edge = (struct kp_edge){planner->unknown, NULL};
            good = false;
        }
        main = *edge;
    }
    return good;
}

static bool resolve_image(struct kp_planner *planner, struct kp_plan_name *name)
{
    const char **slot = KP_PUSH(&planner->open_names, const char *);
    bool good;

    if (slot == NULL)
        return kp_out_of_memory(planner->diags);
    *slot = name->image->name;
    name->state = KP_NAME_OPEN;
    good = build_chain(planner, name->image, &name->edge);
    planner->open_names.count--;
    return good;
}

bool kp_plan_build(struct kp_planner *planner, struct kp_plan_name *name)
{
    if (name->input != NULL)
        name->edge = (struct kp_edge){kp_plan_input(planner, name->input), NULL};
    else if (!resolve_image(planner, name))
        name->edge.step = NULL;
    name->state = name->edge.step != NULL ? KP_NAME_DONE : KP_NAME_FAILED;
    return name->state == KP_NAME_DONE;
}

static bool add_name(struct kp_planner *planner, const char *text,
                     const struct kp_recipe_input *input, const struct kp_recipe_image *image)
{
    struct kp_plan_name *name = KP_ARENA_NEW(planner->arena, struct kp_plan_name);

    if (name == NULL)
        return false;
    name->input = input;
    name->image = image;
    planner->all_names[planner->name_count++] = text;
    return kp_map_put(&planner->names, text, name);
}

static bool collect_names(struct kp_planner *planner)
{
    const struct kp_recipe *recipe = planner->recipe;

    planner->all_names = kp_arena_array(
        planner->arena, recipe->input_count + recipe->image_count + 1, sizeof(*planner->all_names));
    if (planner->all_names == NULL)
        return kp_out_of_memory(planner->diags);
    for (size_t i = 0; i < recipe->input_count; i++)
        if (!add_name(planner, recipe->inputs[i].name, &recipe->inputs[i], NULL))
            return kp_out_of_memory(planner->diags);
    for (size_t i = 0; i < recipe->image_count; i++)
        if (!add_name(planner, recipe->images[i].name, NULL, &recipe->images[i]))
            return kp_out_of_memory(planner->diags);
    return true;
}

static bool resolve_all(struct kp_planner *planner)
{
    const struct kp_recipe *recipe = planner->recipe;
    struct kp_plan *plan = planner->plan;
    const size_t before = kp_diags_errors(planner->diags);
    struct kp_edge edge;

    plan->outputs =
        kp_arena_array(planner->arena, recipe->output_count + 1, sizeof(*plan->outputs));
    if (plan->outputs == NULL)
        return kp_out_of_memory(planner->diags);
    for (size_t i = 0; i < recipe->output_count; i++) {
        const struct kp_recipe_output *output = &recipe->outputs[i];
        struct kp_plan_output *planned = &plan->outputs[plan->output_count];

        *planned = (struct kp_plan_output){{0}, output->image, output->file, output->place};
        if (kp_plan_resolve(planner, output->image, output->place, NULL, NULL, &planned->from))
            plan->output_count++;
    }
    planner->named_steps = planner->steps.count;
    planner->spare = true;
    /* The others are checked all the same. */
    for (size_t i = 0; i < recipe->image_count; i++) {
        const struct kp_plan_name *name = kp_map_get(&planner->names, recipe->images[i].name);

        if (name->state == KP_NAME_NEW)
            kp_plan_resolve(planner, recipe->images[i].name, recipe->images[i].place, NULL, NULL,
                            &edge);
    }
    return kp_diags_errors(planner->diags) == before;
}

static bool report_unopened(struct kp_planner *planner, const struct kp_step *step)
{
    const int error = step->open_error;
    const char *reason = strerror(error);
    const char *hint = NULL;
    struct stat status;

    if (error == ENOMEM)
        return kp_out_of_memory(planner->diags);
    if (error == ENOENT && planner->recipe->file != NULL)
        hint = "a relative path counts from the folder of the recipe that says it";
    if (error == EISDIR && planner->recipe->file != NULL)
        hint = "a folder of files is an input {tree: PATH}, for stages that take trees";
    if (error == ENOTDIR && step->is_tree && stat(step->file, &status) == 0)
        reason = "It is a file, not a folder";
    return kp_error_hint(planner->diags, step->place, hint, KP1401, step->label, step->file,
                         reason);
}

/* Files are opened when an input is first named; that some of them could not be matters
 * only if an output needs them. */
static bool check_files(struct kp_planner *planner)
{
    bool good = true;

    for (size_t i = 0; i < planner->named_steps; i++) {
        const struct kp_step *step = KP_ITEM(&planner->steps, struct kp_step *, i);

        if (step->open_error != 0)
            good = report_unopened(planner, step);
    }
    return good;
}

/* A recipe may shut plugins in, and not let them out: that is its user's to say. */
static bool settle_isolation(struct kp_planner *planner)
{
    const struct kp_recipe *recipe = planner->recipe;

    planner->plan->isolate = recipe->isolation == KP_RECIPE_ISOLATION_PROCESS;
    if (planner->plan->isolate && kp_registry_is_static(planner->registry))
        return kp_error(planner->diags, recipe->isolation_place, KP1160);
    if (recipe->isolation != KP_RECIPE_ISOLATION_NONE ||
        kp_registry_isolation(planner->registry) == KP_ISOLATION_NONE)
        return true;
    return kp_error_hint(planner->diags, recipe->isolation_place,
                         "if you trust all plugins that it uses, say --isolation none on the "
                         "command line",
                         KP1159);
}

static bool make_plan(struct kp_planner *planner)
{
    bool good = settle_isolation(planner);

    planner->unknown = KP_ARENA_NEW(planner->arena, struct kp_step);
    planner->recipe_keys = kp_arena_array(planner->arena, planner->recipe->key_count + 1,
                                          sizeof(*planner->recipe_keys));
    if (planner->unknown == NULL || planner->recipe_keys == NULL)
        return kp_out_of_memory(planner->diags);
    if (planner->recipe->arch != NULL) {
        planner->arch = kp_plan_arch(planner, planner->recipe->arch);
        good = planner->arch != NULL && good;
    }
    if (!collect_names(planner))
        return false;
    good = resolve_all(planner) && good;
    good = check_files(planner) && good;
    return good && !planner->recipe->faulty && kp_plan_keep_needed(planner) &&
           kp_plan_count_sharing(planner);
}

struct kp_plan *kp_plan_new(struct kp_arena *arena, struct kp_diags *diags,
                            struct kp_registry *registry, const struct kp_recipe *recipe,
                            struct kp_toolbox *toolbox, struct kp_keyring *keyring)
{
    struct kp_plan *plan = KP_ARENA_NEW(arena, struct kp_plan);
    struct kp_planner planner = {.plan = plan,
                                 .arena = arena,
                                 .diags = diags,
                                 .registry = registry,
                                 .recipe = recipe,
                                 .keyring = keyring,
                                 .names = {.arena = arena},
                                 .keys = {.arena = arena}};
    bool good;

    if (plan == NULL) {
        kp_out_of_memory(diags);
        return NULL;
    }
    plan->arena = arena;
    plan->name = recipe->name;
    plan->toolbox = toolbox;
    good = make_plan(&planner);
    if (!good) {
        for (size_t i = 0; i < planner.steps.count; i++)
            kp_plan_close(KP_ITEM(&planner.steps, struct kp_step *, i));
    }
    kp_vector_free(&planner.steps);
    kp_vector_free(&planner.open_names);
    return good ? plan : NULL;
}

void kp_plan_close(struct kp_step *step)
{
    kp_range_unref(step->range);
    step->range = NULL;
    kp_folder_free(step->tree.folder);
    step->tree.folder = NULL;
    kp_traits_free(&step->facts);
}

void kp_plan_free(struct kp_plan *plan)
{
    if (plan == NULL)
        return;
    for (size_t i = 0; i < plan->step_count; i++)
        kp_plan_close(plan->steps[i]);
    plan->step_count = 0;
}
