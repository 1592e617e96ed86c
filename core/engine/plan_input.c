/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/plan_input.c - input files as steps: opened, identified by their first bytes,
 * with the facts that the recipe knows about them; and folders, held open. Two names for one
 * file with the same facts are one step.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "engine/plan_private.h"
#include "kpipe/traits.h"

const char *kp_plan_arch(struct kp_planner *planner, const struct kp_node *node)
{
    const char *name = kp_registry_arch_name(planner->registry, node->text);
    const char *const *names;
    const char *near;
    size_t count;

    if (name != NULL)
        return name;
    names = kp_registry_arch_names(planner->registry, &count);
    near = kp_nearest(node->text, names, count);
    kp_error_hint(planner->diags, node->place,
                  near != NULL
                      ? kp_arena_printf(planner->arena, "did you mean '%s'?", near)
                      : "`kpipe plugins` lists the architectures that the plugins here know",
                  KP1210, node->text);
    return NULL;
}

static bool bad_fact(struct kp_planner *planner, const struct kp_recipe_input *input,
                     const struct kp_recipe_fact *fact, const char *why)
{
    return kp_error(planner->diags, fact->value->place, KP1212, input->name, fact->name->text,
                    fact->value->text, why);
}

static bool set_fact(struct kp_planner *planner, const struct kp_recipe_input *input,
                     const struct kp_recipe_fact *fact, struct kp_traits *facts)
{
    const char *name = fact->name->text;
    const char *value = fact->value->text;
    unsigned long long number;
    const char *why;

    if (!kp_trait_is_name(name))
        return kp_error_hint(planner->diags, fact->name->place,
                             "facts are arch, entry, load, bss, version, kind, codec, size, or a "
                             "vendor's own (com.example.name)",
                             KP1213, input->name, name);
    if (strcmp(name, KP_TRAIT_ARCH) == 0) {
        value = kp_plan_arch(planner, fact->value);
        if (value == NULL)
            return false;
    }
    if (kp_trait_type(name) != KP_TRAIT_IS_NUMBER)
        return kp_traits_set_text(facts, name, value) || kp_out_of_memory(planner->diags);
    why = kp_scalar_uint(value, &number);
    if (why != NULL)
        return bad_fact(planner, input, fact, why);
    return kp_traits_set_number(facts, name, number) || kp_out_of_memory(planner->diags);
}

static bool collect_facts(struct kp_planner *planner, const struct kp_recipe_input *input,
                          struct kp_traits *facts)
{
    const char *arch = planner->arch;
    bool good = true;

    if (input->arch != NULL) {
        arch = kp_plan_arch(planner, input->arch);
        good = arch != NULL;
    }
    if (arch != NULL && !kp_traits_set_text(facts, KP_TRAIT_ARCH, arch))
        return kp_out_of_memory(planner->diags);
    for (size_t i = 0; i < input->fact_count; i++)
        good = set_fact(planner, input, &input->facts[i], facts) && good;
    return good;
}

/* What the bytes look like, where the recipe's facts do not say. */
static bool identify(struct kp_planner *planner, struct kp_range *range, struct kp_traits *facts)
{
    const char *kind = NULL;
    const char *codec = NULL;

    if (kp_traits_get(facts, KP_TRAIT_KIND) != NULL ||
        !kp_registry_identify(planner->registry, range, &kind, &codec))
        return true;
    if (kind != NULL && !kp_traits_set_text(facts, KP_TRAIT_KIND, kind))
        return kp_out_of_memory(planner->diags);
    if (codec != NULL && !kp_traits_set_text(facts, KP_TRAIT_CODEC, codec))
        return kp_out_of_memory(planner->diags);
    return true;
}

/* What the file is called, unless the recipe says so. */
static bool name_file(struct kp_planner *planner, const struct kp_recipe_input *input,
                      struct kp_traits *facts)
{
    const char *slash = strrchr(input->file, '/');
    const char *name = slash == NULL ? input->file : slash + 1;

    return strcmp(name, "-") == 0 || kp_traits_get(facts, KP_TRAIT_FILE) != NULL ||
           kp_traits_set_text(facts, KP_TRAIT_FILE, name) || kp_out_of_memory(planner->diags);
}

/* The derivation of an input: the open file and all that is known of it. */
static const char *input_key(struct kp_planner *planner, const struct kp_recipe_input *input,
                             const struct kp_range *range, const struct kp_file_identity *identity,
                             const struct kp_traits *facts)
{
    KP_AUTO(string) struct kp_string key = {0};

    if (range == NULL || strcmp(input->file, "-") == 0)
        kp_string_printf(&key, "name %s", input->file);
    else
        kp_string_printf(&key, "file %" PRIu64 ":%" PRIu64 ":%" PRIu64 ":%" PRId64 ".%" PRId64,
                         identity->device, identity->inode, identity->size, identity->seconds,
                         identity->nanoseconds);
    for (size_t i = 0; i < facts->count; i++) {
        if (strcmp(facts->items[i].name, KP_TRAIT_FILE) == 0)
            continue; /* one file under two names is one file */
        if (facts->items[i].text != NULL)
            kp_string_printf(&key, " %s=%zu:%s", facts->items[i].name, strlen(facts->items[i].text),
                             facts->items[i].text);
        else
            kp_string_printf(&key, " %s=%" PRIu64, facts->items[i].name, facts->items[i].number);
    }
    return key.failed ? NULL : kp_arena_strdup(planner->arena, key.text);
}

static const char *text_of(const struct kp_traits *facts, const char *name)
{
    const struct kp_trait *trait = kp_traits_get(facts, name);

    return trait == NULL ? NULL : trait->text;
}

bool kp_plan_take_facts(struct kp_planner *planner, struct kp_step *step, struct kp_traits *facts)
{
    step->facts = *facts;
    *facts = (struct kp_traits){0};
    step->kind = text_of(&step->facts, KP_TRAIT_KIND);
    step->codec = text_of(&step->facts, KP_TRAIT_CODEC);
    step->arch = text_of(&step->facts, KP_TRAIT_ARCH);
    step->traits = kp_arena_array(planner->arena, step->facts.count + 1, sizeof(*step->traits));
    if (step->traits == NULL)
        return false;
    for (size_t i = 0; i < step->facts.count; i++)
        step->traits[step->trait_count++] = step->facts.items[i].name;
    return true;
}

/* Fills a new step; its facts and range are handed over. */
static bool describe(struct kp_planner *planner, struct kp_step *step,
                     const struct kp_recipe_input *input, struct kp_range *range, int error,
                     struct kp_traits *facts)
{
    step->label = input->name;
    step->place = input->path->place;
    step->file = input->file;
    step->range = range;
    step->open_error = error;
    step->arch_place = input->arch != NULL ? input->arch->place : step->place;
    return kp_plan_take_facts(planner, step, facts);
}

/* A folder as a step: the open folder is its identity. */
static struct kp_step *plan_tree(struct kp_planner *planner, const struct kp_recipe_input *input)
{
    struct kp_file_identity identity = {0};
    struct kp_folder *folder = kp_folder_open(input->file, input->name, &identity);
    const int error = folder == NULL ? errno : 0;
    const char *key = folder == NULL ? kp_arena_printf(planner->arena, "tree %s", input->file)
                                     : kp_arena_printf(planner->arena, "tree %" PRIu64 ":%" PRIu64,
                                                       identity.device, identity.inode);
    bool is_new = false;
    struct kp_step *step = key == NULL ? NULL : kp_plan_step(planner, key, &is_new);

    if (step != NULL && is_new) {
        step->label = input->name;
        step->place = input->path->place;
        step->file = input->file;
        step->is_tree = true;
        step->tree.folder = folder;
        step->open_error = error;
        folder = NULL;
    }
    kp_folder_free(folder);
    if (step != NULL && kp_plan_add_name(planner->arena, step, input->name))
        return step;
    kp_out_of_memory(planner->diags);
    return NULL;
}

static struct kp_step *plan_file(struct kp_planner *planner, const struct kp_recipe_input *input)
{
    struct kp_file_identity identity = {0};
    struct kp_traits facts = {0};
    struct kp_range *range = kp_range_open(input->file, input->name, &identity);
    const int error = range == NULL ? errno : 0;
    struct kp_step *step = NULL;
    const char *key;
    bool is_new = false;

    if (!collect_facts(planner, input, &facts) ||
        (range != NULL &&
         (!identify(planner, range, &facts) || !name_file(planner, input, &facts))))
        goto out;
    key = input_key(planner, input, range, &identity, &facts);
    step = key == NULL ? NULL : kp_plan_step(planner, key, &is_new);
    if (step != NULL && is_new) {
        struct kp_range *owned = range;

        range = NULL;
        if (!describe(planner, step, input, owned, error, &facts))
            step = NULL;
    }
    if (step == NULL || !kp_plan_add_name(planner->arena, step, input->name)) {
        kp_out_of_memory(planner->diags);
        step = NULL;
    }
out:
    kp_traits_free(&facts);
    kp_range_unref(range);
    return step;
}

struct kp_step *kp_plan_input(struct kp_planner *planner, const struct kp_recipe_input *input)
{
    return input->type == KP_INPUT_TREE ? plan_tree(planner, input) : plan_file(planner, input);
}
