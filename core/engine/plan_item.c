/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/plan_item.c - images that sources give, as steps: like input files they are there
 * before the run. The source runs here if nobody asked for a fact of it before.
 */
#include <string.h>

#include "engine/plan_private.h"
#include "kpipe/traits.h"
#include "plugin/bind_text.h"
#include "plugin/source.h"

/* What the source gave; NULL after reporting, which is done once, or if no output needs it. */
static const struct kp_source_items *items_of(struct kp_planner *planner,
                                              struct kp_plan_name *source)
{
    const struct kp_source_runner *runner = planner->recipe->sources;

    if (source->state == KP_NAME_NEW && !planner->spare) {
        source->items = runner->run(runner->data, source->input);
        source->state = source->items != NULL ? KP_NAME_DONE : KP_NAME_FAILED;
    }
    return source->items;
}

static bool no_item(struct kp_planner *planner, const struct kp_plan_name *source, const char *name,
                    const char *item, struct kp_place place)
{
    const struct kp_source_items *items = source->items;
    const char **names = kp_arena_array(planner->arena, items->names.count + 1, sizeof(*names));

    if (names == NULL)
        return kp_out_of_memory(planner->diags);
    for (size_t i = 0; i < items->names.count; i++)
        names[i] = KP_ITEM(&items->names, struct kp_source_name *, i)->name;
    return kp_error_hint(planner->diags, place,
                         items->names.count == 0
                             ? "it has none"
                             : kp_bind_suggest(planner->arena, item, names, items->names.count),
                         KP1234, name, source->input->name, item);
}

/* The traits of an item. The recipe's architecture is the default where the source is
 * silent, and an error where they disagree. */
static bool collect_traits(struct kp_planner *planner, const char *label, struct kp_place place,
                           const struct kp_image *image, struct kp_traits *traits)
{
    const struct kp_trait *arch = kp_traits_get(&image->traits, KP_TRAIT_ARCH);

    if (arch != NULL && planner->arch != NULL && strcmp(arch->text, planner->arch) != 0)
        return kp_error_hint(planner->diags, place, "correct `arch:`, or leave it out", KP1236,
                             label, arch->text, planner->arch);
    if (!kp_traits_copy(traits, &image->traits, false) ||
        (arch == NULL && planner->arch != NULL &&
         !kp_traits_set_text(traits, KP_TRAIT_ARCH, planner->arch)))
        return kp_out_of_memory(planner->diags);
    return true;
}

/* One image as a step; `index` is its place in a list. */
static struct kp_step *plan_image(struct kp_planner *planner, const struct kp_plan_name *source,
                                  const struct kp_source_name *name, size_t index,
                                  struct kp_place place)
{
    const struct kp_source_image *item = KP_ITEM(&name->images, struct kp_source_image *, index);
    const char *key =
        kp_arena_printf(planner->arena, "item %s %zu %s", name->name, index, source->items->key);
    const char *label =
        kp_arena_printf(planner->arena, "%s.%s%s%s", source->input->name, name->name,
                        item->label == NULL ? "" : ": ", item->label == NULL ? "" : item->label);
    bool is_new = false;
    struct kp_traits traits = {0};
    struct kp_step *step;

    if (key == NULL || label == NULL) {
        kp_out_of_memory(planner->diags);
        return NULL;
    }
    if (!collect_traits(planner, label, place, &item->image, &traits) ||
        (item->label != NULL && kp_traits_get(&traits, KP_TRAIT_FILE) == NULL &&
         !kp_traits_set_text(&traits, KP_TRAIT_FILE, item->label))) {
        kp_traits_free(&traits);
        return NULL;
    }
    step = kp_plan_step(planner, key, &is_new);
    if (step != NULL && is_new) {
        step->label = label;
        step->place = step->arch_place = place;
        step->source = source->input->path->text;
        step->range = kp_range_ref(item->image.range);
        if (!kp_plan_take_facts(planner, step, &traits) ||
            !kp_plan_add_name(planner->arena, step, label)) {
            kp_out_of_memory(planner->diags);
            step = NULL;
        }
    }
    kp_traits_free(&traits);
    return step;
}

bool kp_plan_item(struct kp_planner *planner, struct kp_plan_name *source, const char *name,
                  const char *item, struct kp_place place, struct kp_edge *edge)
{
    const struct kp_source_items *items = items_of(planner, source);
    const struct kp_source_name *found;

    if (items == NULL)
        return false;
    if (item == NULL)
        return kp_error_hint(planner->diags, place,
                             kp_arena_printf(planner->arena, "name an image of it, as in %s.NAME",
                                             source->input->name),
                             KP1233, name);
    if (strchr(item, '.') != NULL)
        return kp_error_hint(planner->diags, place,
                             "parts are made by stages that take an image apart", KP1237, name);
    found = kp_map_get(&items->names_by_name, item);
    if (found == NULL)
        return no_item(planner, source, name, item, place);
    if (found->is_list)
        return kp_error_hint(planner->diags, place, "name it where a list of images is taken",
                             KP1235, name);
    *edge = (struct kp_edge){plan_image(planner, source, found, 0, place), NULL};
    return edge->step != NULL;
}

bool kp_plan_item_list(struct kp_planner *planner, struct kp_plan_name *source, const char *item,
                       struct kp_place place, struct kp_vector *edges, bool *is_list)
{
    const struct kp_source_items *items = items_of(planner, source);
    const struct kp_source_name *found;

    if (items == NULL)
        return false;
    found = kp_map_get(&items->names_by_name, item);
    *is_list = found != NULL && found->is_list;
    for (size_t i = 0; *is_list && i < found->images.count; i++) {
        struct kp_edge *slot = KP_PUSH(edges, struct kp_edge);

        if (slot == NULL)
            return kp_out_of_memory(planner->diags);
        slot->step = plan_image(planner, source, found, i, place);
        if (slot->step == NULL) {
            edges->count--;
            return false;
        }
    }
    return true;
}
