/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/plan_key.c - keys that parameters of stages name: found in the recipe, and opened when
 * an output needs them, before anything runs. How a key is opened is keys/'s.
 */
#include <string.h>

#include "engine/plan_private.h"

static bool unknown_key(const struct kp_stage_context *context, const struct kp_param *row,
                        const struct kp_node *scalar)
{
    struct kp_planner *planner = context->planner;
    const struct kp_recipe *recipe = planner->recipe;
    const char **names = kp_arena_array(planner->arena, recipe->key_count + 1, sizeof(*names));
    const char *near;

    if (names == NULL)
        return kp_out_of_memory(planner->diags);
    for (size_t i = 0; i < recipe->key_count; i++)
        names[i] = recipe->keys[i].name;
    near = kp_nearest(scalar->text, names, recipe->key_count);
    return kp_error_hint(planner->diags, scalar->place,
                         near == NULL ? "keys are named under 'keys'"
                                      : kp_arena_printf(planner->arena, "did you mean '%s'?", near),
                         KP1238, context->stage->name, row->name, kp_key_shown(scalar->text),
                         scalar->text);
}

/* Opens a key once; NULL after reporting, which is done once. */
static const struct kp_key *open_key(struct kp_planner *planner, const struct kp_recipe_key *key,
                                     struct kp_plan_key *planned)
{
    const struct kp_key_source source = {.name = key->title,
                                         .place = key->place,
                                         .file = key->file,
                                         .uri = key->uri,
                                         .folder = key->folder,
                                         .given = planner->recipe->file == NULL,
                                         .secret_file = key->secret_file,
                                         .secret_place = key->secret_place};

    if (planned->tried)
        return planned->key;
    planned->tried = true;
    if (planner->keyring == NULL)
        kp_error(planner->diags, key->place, KP1420, key->title,
                 key->file == NULL ? "pkcs11:" : key->file, "no keys are opened here");
    else
        planned->key = kp_keyring_open(planner->keyring, planner->diags, &source);
    return planned->key;
}

bool kp_plan_take_key(struct kp_stage_context *context, const struct kp_param *row,
                      const struct kp_node *scalar, size_t *index)
{
    struct kp_planner *planner = context->planner;
    const struct kp_recipe *recipe = planner->recipe;
    struct kp_plan_key *planned;
    const struct kp_plan_key **slot;
    size_t at = 0;

    while (at < recipe->key_count && strcmp(recipe->keys[at].name, scalar->text) != 0)
        at++;
    if (at == recipe->key_count)
        return unknown_key(context, row, scalar);
    planned = &planner->recipe_keys[at];
    planned->title = recipe->keys[at].title;
    if (!planner->spare && open_key(planner, &recipe->keys[at], planned) == NULL)
        return false;
    for (*index = 0; *index < context->keys.count; ++*index)
        if (KP_ITEM(&context->keys, const struct kp_plan_key *, *index) == planned)
            return true;
    slot = KP_PUSH(&context->keys, const struct kp_plan_key *);
    if (slot == NULL)
        return kp_out_of_memory(planner->diags);
    *slot = planned;
    return true;
}
