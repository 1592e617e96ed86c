/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/verify.c - see verify.h. Nothing here knows a format: a stage KIND-verify takes public keys
 * as `keys` and, maybe, the name of what is meant as `configuration`.
 */
#include "engine/verify.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/codes.h"
#include "kpipe/traits.h"
#include "plugin/bind.h"
#include "plugin/call.h"

/* Most bytes of a report. */
#define REPORT_LIMIT (UINT64_C(64) << 20)

struct verifier {
    const struct kp_verify_options *options;
    struct kp_diags *diags;
    struct kp_arena *arena;
    struct kp_image *keys; /* as many as the options have, and pointers to them: */
    const struct kp_image **images;
};

/* The keys' names in the parameters made here are numbers. */
static bool find_key(void *data, const struct kp_param *row, const struct kp_node *scalar,
                     size_t *index)
{
    const struct verifier *v = data;

    (void)row;
    *index = strtoul(scalar->text, NULL, 10);
    return *index < v->options->key_count;
}

static bool trait_possible(void *data, const char *name)
{
    (void)data, (void)name;
    return false;
}

static struct kp_node *text_node(struct verifier *v, const char *text)
{
    return text == NULL ? NULL : kp_node_scalar(v->arena, KP_NOWHERE, "", text);
}

static bool put(struct verifier *v, struct kp_node *map, const char *key, struct kp_node *value)
{
    struct kp_node *name = text_node(v, key);

    if (name == NULL || value == NULL)
        return false;
    map->keys[map->count] = name;
    map->items[map->count++] = value;
    return true;
}

/* {keys: [0, 1], configuration: NAME}; NULL when memory runs out. */
static struct kp_node *make_params(struct verifier *v)
{
    const size_t count = v->options->key_count;
    struct kp_node *map = KP_ARENA_NEW(v->arena, struct kp_node);
    struct kp_node *list = KP_ARENA_NEW(v->arena, struct kp_node);

    if (map == NULL || list == NULL)
        return NULL;
    map->kind = KP_NODE_MAP;
    map->keys = kp_arena_array(v->arena, 2, sizeof(*map->keys));
    map->items = kp_arena_array(v->arena, 2, sizeof(*map->items));
    list->kind = KP_NODE_LIST;
    list->items = kp_arena_array(v->arena, count + 1, sizeof(*list->items));
    if (map->keys == NULL || map->items == NULL || list->items == NULL)
        return NULL;
    for (; list->count < count; list->count++) {
        list->items[list->count] = text_node(v, kp_arena_printf(v->arena, "%zu", list->count));
        if (list->items[list->count] == NULL)
            return NULL;
    }
    if (count > 0 && !put(v, map, "keys", list))
        return NULL;
    if (v->options->configuration != NULL &&
        !put(v, map, "configuration", text_node(v, v->options->configuration)))
        return NULL;
    return map;
}

/* The keys as images that know what their files are called. */
static bool make_images(struct verifier *v)
{
    const struct kp_verify_options *options = v->options;

    v->keys = kp_arena_array(v->arena, options->key_count + 1, sizeof(*v->keys));
    v->images = kp_arena_array(v->arena, options->key_count + 1, sizeof(*v->images));
    if (v->keys == NULL || v->images == NULL)
        return false;
    for (size_t i = 0; i < options->key_count; i++) {
        const char *slash = strrchr(options->key_names[i], '/');

        v->keys[i].range = options->keys[i];
        v->images[i] = &v->keys[i];
        if (!kp_traits_set_text(&v->keys[i].traits, KP_TRAIT_FILE,
                                slash == NULL ? options->key_names[i] : slash + 1))
            return false;
    }
    return true;
}

static void free_images(struct verifier *v)
{
    for (size_t i = 0; v->keys != NULL && i < v->options->key_count; i++)
        kp_traits_free(&v->keys[i].traits);
}

/* The stage that verifies such images; NULL after reporting. */
static const struct kp_stage *find_stage(struct verifier *v, struct kp_range *image)
{
    const char *kind = NULL, *codec = NULL, *name;
    const struct kp_stage *stage;

    kp_registry_identify(v->options->registry, image, &kind, &codec);
    name = kp_arena_printf(v->arena, "%s-verify", kind == NULL ? KP_KIND_RAW : kind);
    stage = name == NULL ? NULL : kp_registry_find_stage(v->options->registry, name);
    if (name == NULL)
        kp_out_of_memory(v->diags);
    else if (stage == NULL)
        kp_error_hint(v->diags, KP_NOWHERE,
                      "`kpipe inspect --verify` checks the sums that other formats have", KP1755,
                      v->options->name, kind == NULL ? "bytes that nobody recognises" : kind);
    return stage;
}

static struct kp_range *run(struct verifier *v, const struct kp_stage *stage,
                            struct kp_range *image)
{
    const struct kp_call_context context = {
        .registry = v->options->registry, .diags = v->diags, .output_limit = REPORT_LIMIT};
    const struct kp_binder binder = {.arena = v->arena,
                                     .diags = v->diags,
                                     .registry = v->options->registry,
                                     .stage = stage->name,
                                     .data = v,
                                     .image = find_key,
                                     .trait_possible = trait_possible};
    struct kp_node *params = make_params(v);
    struct kp_image main = {.range = image};
    struct kp_call_request request = {
        .stage = stage, .main = &main, .images = v->images, .image_count = v->options->key_count};
    struct kp_call_result result = {0};
    struct kp_range *report = NULL;

    if (params == NULL) {
        kp_out_of_memory(v->diags);
        return NULL;
    }
    request.values =
        kp_bind_check(&binder, stage->operation.params, params, KP_NOWHERE, &request.value_count);
    if (request.values != NULL && kp_call_run(&context, &request, &result))
        report = kp_range_ref(result.output.range);
    kp_call_result_clear(&result);
    return report;
}

struct kp_range *kp_verify(const struct kp_verify_options *options, struct kp_range *image,
                           struct kp_diags *diags)
{
    KP_AUTO(arena) struct kp_arena *arena = kp_arena_new();
    struct verifier v = {.options = options, .diags = diags, .arena = arena};
    const struct kp_stage *stage;
    struct kp_range *report = NULL;

    if (arena == NULL || !make_images(&v))
        kp_out_of_memory(diags);
    else if ((stage = find_stage(&v, image)) != NULL &&
             (stage = kp_registry_stage(options->registry, diags, KP_NOWHERE, stage->name)) != NULL)
        report = run(&v, stage, image);
    free_images(&v);
    return report;
}
