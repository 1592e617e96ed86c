/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/load.c - see load.h.
 */
#include "cli/load.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/codes.h"
#include "cli/interrupt.h"
#include "engine/source.h"
#include "plugin/bind.h"
#include "plugin/names.h"

/* --set NAME=VALUE, taken apart. NULL after reporting. */
static struct kp_recipe_set *split_sets(struct kp_session *session)
{
    const struct kp_vector *given = &session->arguments.sets;
    struct kp_recipe_set *sets = kp_arena_array(session->arena, given->count, sizeof(*sets));

    if (sets == NULL) {
        kp_out_of_memory(session->diags);
        return NULL;
    }
    for (size_t i = 0; i < given->count; i++) {
        const char *text = KP_ITEM(given, const char *, i);
        const char *equals = strchr(text, '=');

        if (equals == NULL || equals == text) {
            kp_error_hint(session->diags, KP_NOWHERE, "write --set NAME=VALUE", KP1704,
                          session->command->name, "--set", text,
                          equals == NULL ? "'=' is missing" : "its name is missing");
            return NULL;
        }
        sets[i].name = kp_arena_strndup(session->arena, text, (size_t)(equals - text));
        sets[i].value = equals + 1;
        if (sets[i].name == NULL) {
            kp_out_of_memory(session->diags);
            return NULL;
        }
    }
    return sets;
}

/* --tool NAME[=PATH], taken apart. NULL after reporting. */
static struct kp_tool_given *split_tools(struct kp_session *session)
{
    const struct kp_vector *given = &session->arguments.tools;
    struct kp_tool_given *tools = kp_arena_array(session->arena, given->count + 1, sizeof(*tools));

    for (size_t i = 0; tools != NULL && i < given->count; i++) {
        const char *text = KP_ITEM(given, const char *, i);
        const size_t length = strcspn(text, "=");

        tools[i].name = kp_arena_strndup(session->arena, text, length);
        tools[i].path = text[length] == '=' ? text + length + 1 : NULL;
        if (tools[i].name == NULL)
            tools = NULL;
        else if (!kp_is_word(tools[i].name) ||
                 (tools[i].path != NULL && tools[i].path[0] == '\0')) {
            kp_error_hint(session->diags, KP_NOWHERE, "write --tool NAME, or --tool NAME=PATH",
                          KP1704, session->command->name, "--tool", text,
                          kp_is_word(tools[i].name) ? "its path is missing" : "not a name");
            return NULL;
        }
    }
    if (tools == NULL)
        kp_out_of_memory(session->diags);
    return tools;
}

bool kp_load_toolbox(struct kp_session *session, bool only_check, int *code)
{
    const struct kp_arguments *arguments = &session->arguments;
    const struct kp_toolbox_options options = {
        .given = split_tools(session),
        .given_count = arguments->tools.count,
        .search = secure_getenv("PATH"),
        .cross_compile = secure_getenv("CROSS_COMPILE"),
        .temporary = secure_getenv("TMPDIR"),
        .any_tool = arguments->allow_exec,
        /* To ask takes as long as a small tool's work: only where they are told. Within a run the
         * path tells programs apart as well. */
        .no_versions = only_check || !(arguments->verbose || arguments->json || arguments->dry_run),
        .watch = kp_interrupt_watch,
        .cancelled = kp_interrupt_came,
    };

    *code = KP_EXIT_USAGE;
    if (options.given == NULL)
        return false;
    *code = KP_EXIT_INTERNAL;
    session->toolbox = kp_toolbox_new(&options);
    return session->toolbox != NULL || kp_out_of_memory(session->diags);
}

bool kp_load_keyring(struct kp_session *session, int *code)
{
    const struct kp_keyring_options options = {.pin = &session->pin,
                                               .any_module = session->arguments.allow_exec};

    *code = KP_EXIT_INTERNAL;
    session->keyring = kp_keyring_new(&options);
    return session->keyring != NULL || kp_out_of_memory(session->diags);
}

static bool find_references(void *data, const char *stage, struct kp_node *params,
                            kp_visit_reference visit, void *context)
{
    return kp_bind_find_references(data, stage, params, visit, context);
}

struct kp_reference_finder kp_load_finder(struct kp_session *session)
{
    return (struct kp_reference_finder){session->registry, find_references};
}

static void plan_one(struct kp_session *session, struct kp_loaded *loaded,
                     const struct kp_recipe_options *options, uint64_t build_time)
{
    struct kp_recipe_options with_sources = *options;
    const struct kp_recipe *recipe;
    KP_AUTO(sources)
    struct kp_sources *sources =
        kp_sources_new(session->arena, session->diags, session->registry, build_time);

    if (sources == NULL)
        return;
    kp_sources_record(sources, session->recorder);
    with_sources.sources = kp_sources_runner(sources);
    recipe = kp_recipe_read(session->arena, session->diags, &with_sources);
    if (recipe != NULL)
        loaded->plan = kp_plan_new(session->arena, session->diags, session->registry, recipe,
                                   session->toolbox, session->keyring);
}

struct kp_loaded *kp_load_all(struct kp_session *session, int *code, bool only_check)
{
    const struct kp_vector *files = &session->arguments.operands;
    const struct kp_recipe_set *sets = split_sets(session);
    struct kp_reference_finder finder;
    struct kp_recipe_options options;
    struct kp_loaded *loaded;
    uint64_t build_time;

    *code = KP_EXIT_USAGE;
    if (sets == NULL || !kp_session_build_time(session, &build_time) ||
        !kp_load_recorder(session) || !kp_load_toolbox(session, only_check, code) ||
        !kp_load_keyring(session, code) || !kp_session_open(session, code))
        return NULL;
    loaded = kp_arena_array(session->arena, files->count, sizeof(*loaded));
    if (loaded == NULL) {
        kp_out_of_memory(session->diags);
        return NULL;
    }
    finder = kp_load_finder(session);
    options = (struct kp_recipe_options){
        .sets = sets,
        .set_count = session->arguments.sets.count,
        .installed_recipes = session->folders.recipes,
        .finder = &finder,
    };
    for (size_t i = 0; i < files->count; i++) {
        loaded[i].file = options.file = KP_ITEM(files, const char *, i);
        plan_one(session, &loaded[i], &options, build_time);
    }
    return loaded;
}

static void compare_files(struct kp_session *session, const struct kp_loaded *a,
                          const struct kp_loaded *b)
{
    for (size_t i = 0; i < a->plan->output_count; i++) {
        for (size_t j = 0; j < b->plan->output_count; j++) {
            const struct kp_plan_output *output = &b->plan->outputs[j];

            if (strcmp(a->plan->outputs[i].file, output->file) == 0)
                kp_error(session->diags, output->place, KP1714, output->file, a->file, b->file);
        }
    }
}

void kp_load_compare(struct kp_session *session, const struct kp_loaded *loaded, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        for (size_t before = 0; before < i; before++) {
            if (loaded[i].plan != NULL && loaded[before].plan != NULL)
                compare_files(session, &loaded[before], &loaded[i]);
        }
    }
}

void kp_load_free(struct kp_loaded *loaded, size_t count)
{
    for (size_t i = 0; loaded != NULL && i < count; i++)
        kp_plan_free(loaded[i].plan);
}

size_t kp_load_stages(const struct kp_plan *plan)
{
    size_t count = 0;

    for (size_t i = 0; i < plan->step_count; i++)
        count += plan->steps[i]->stage != NULL ? 1 : 0;
    return count;
}
