/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/unpack_try.c - proves a way of making an image: it is run as any recipe, and what comes out
 * compared.
 */
#include <unistd.h>

#include "base/auto.h"
#include "engine/run.h"
#include "engine/unpack_private.h"
#include "engine/write.h"

/* Runs the recipe at `path`; images go below the folder. False if it fails, with why in the diags. */
static bool run(const struct kp_unpack *unpack, struct kp_diags *diags, const char *path)
{
    const struct kp_unpack_options *options = unpack->options;
    KP_AUTO(arena) struct kp_arena *arena = kp_arena_new();
    KP_AUTO(plan) struct kp_plan *plan = NULL;
    const struct kp_recipe_options read = {.file = path, .finder = options->finder};
    const struct kp_run_options run_options = {.registry = unpack->layers->options.registry,
                                               .out_folder = unpack->folder,
                                               .threads = options->threads};
    const struct kp_recipe *recipe;

    if (arena == NULL)
        return false;
    recipe = kp_recipe_read(arena, diags, &read);
    if (recipe != NULL)
        plan = kp_plan_new(arena, diags, run_options.registry, recipe, options->toolbox, NULL);
    return plan != NULL && kp_run(plan, diags, &run_options) == KP_RUN_OK;
}

bool kp_unpack_try(struct kp_unpack *unpack, const struct kp_unpack_item *added, size_t added_count,
                   const struct kp_range *expected)
{
    const char *image = added[added_count - 1].name;
    const char *path = kp_arena_printf(unpack->arena, "%s/recipe.yml", unpack->folder);
    const char *made =
        kp_arena_printf(unpack->arena, "%s/" KP_UNPACK_MADE "/%s", unpack->folder, image);
    KP_AUTO(diags) struct kp_diags *diags = kp_diags_new();
    struct kp_string text KP_AUTO(string) = {0};
    struct kp_range *recipe KP_AUTO(range) = NULL, *result KP_AUTO(range) = NULL;
    const struct kp_write_options written = {0};

    if (path == NULL || made == NULL || diags == NULL ||
        !kp_unpack_text(unpack, &text, image, added, added_count))
        return false;
    recipe = kp_range_copy(text.text, text.length);
    if (recipe == NULL || !kp_write_file(diags, KP_NOWHERE, path, recipe, &written) ||
        !run(unpack, diags, path))
        return false;
    result = kp_range_open(made, made, NULL);
    if (result != NULL && kp_range_equal(result, expected))
        return true;
    unlink(made);
    return false;
}
