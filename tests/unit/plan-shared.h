/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/plan-shared.h - recipes as text, planned with the stages of probe.c, over a few
 * small input files. Included by tests/unit/engine-plan*.c and engine-run*.c only.
 */
#ifndef KP_TEST_PLAN_SHARED_H
#define KP_TEST_PLAN_SHARED_H

#define KP_STATIC_NAME probe
#include "../plugins/probe.c"

#include "engine-shared.h"
#include "engine/plan.h"
#include "recipe/recipe.h"

static const struct kp_static_row compiled_in[] = {
    {"probe", kpipe_note_probe, kpipe_plugin_probe},
    {NULL, NULL, NULL},
};

static struct kp_registry *registry;
static struct kp_plan *plan;

/* The files: kernel ("the kernel"), other ("another"), elf (magic bytes only), rotted. */
static void begin(void)
{
    set_up();
    put_file("kernel", "the kernel");
    put_file("other", "another");
    put_file("elf", "\x7f"
                    "ELF and more");
    put_file("rotted", "rot1bcd");
    registry = registry_of(compiled_in);
}

static void end(void)
{
    kp_plan_free(plan);
    plan = NULL;
    kp_registry_free(registry);
    tear_down();
}

/* Reads a recipe, "kpipe: 1" and what is given; NULL after findings. */
UNUSED static struct kp_recipe *read_recipe(const char *text, bool find_references)
{
    const struct kp_reference_finder finder = {registry, kp_bind_find_references};
    const struct kp_recipe_options options = {.file = "r.yml",
                                              .finder = find_references ? &finder : NULL};
    FILE *file = fopen("r.yml", "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_gt(fprintf(file, "kpipe: 1\n%s", text), 0);
    ck_assert_int_eq(fclose(file), 0);
    return kp_recipe_read(arena, diags, &options);
}

/* Plans a recipe into `plan`; false after findings. Without `find_references` its reader
 * did not look into parameters, as that of a program that does not know the plugins. */
UNUSED static bool make_plan_of(const char *text, bool find_references)
{
    const struct kp_recipe *recipe = read_recipe(text, find_references);

    if (recipe == NULL)
        kp_diags_render(diags, 0, stderr, (struct kp_diag_style){0});
    ck_assert_ptr_nonnull(recipe);
    kp_plan_free(plan);
    plan = kp_plan_new(arena, diags, registry, recipe, NULL, NULL);
    return plan != NULL;
}

UNUSED static bool make_plan(const char *text)
{
    return make_plan_of(text, true);
}

#endif
