/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/extract.c - see extract.h.
 */
#include "engine/extract.h"

#include <string.h>

#include "base/auto.h"
#include "engine/search.h"
#include "kpipe/traits.h"
#include "plugin/bind.h"

static bool has_role(const struct kp_layer *layer, const char *role)
{
    return layer->role != NULL && strcmp(layer->role, role) == 0;
}

/* What carries on from a layer to the kernel: what came out of it, or the part that it carries. */
static const struct kp_layer *step(const struct kp_layer *layer)
{
    for (size_t i = 0; i < layer->children.count; i++) {
        const struct kp_layer *child = KP_ITEM(&layer->children, struct kp_layer *, i);

        if (child->decompressed || has_role(child, KP_ROLE_PAYLOAD))
            return child;
    }
    return NULL;
}

static const struct kp_layer *find_payload(const struct kp_layers *layers)
{
    const struct kp_layer *layer = layers->top, *next;

    while ((next = step(layer)) != NULL)
        layer = next;
    /* A compressed layer without contents could not be decompressed. */
    if (layer->inspection.codec != NULL)
        return NULL;
    return layer != layers->top || kp_extract_is_kernel(layer) ? layer : NULL;
}

static const struct kp_layer *find_role(const struct kp_layers *layers, const char *role)
{
    for (const struct kp_layer *layer = layers->top; layer != NULL;
         layer = kp_layers_next(layers->top, layer))
        if (has_role(layer, role))
            return layer;
    return NULL;
}

static const struct kp_layer *find_path(const struct kp_layers *layers, const char *path)
{
    for (const struct kp_layer *layer = layers->top; layer != NULL;
         layer = kp_layers_next(layers->top, layer))
        if (strcmp(layer->path, path) == 0)
            return layer;
    return NULL;
}

const struct kp_layer *kp_extract_find(const struct kp_layers *layers, const char *what)
{
    static const char *const roles[] = {KP_ROLE_CONFIG, KP_ROLE_DTB, KP_ROLE_INITRD,
                                        KP_ROLE_CMDLINE};
    const struct kp_layer *layer = NULL;

    if (*what == '/')
        return find_path(layers, what + 1);
    if (strcmp(what, KP_ROLE_PAYLOAD) == 0)
        return find_payload(layers);
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
        if (strcmp(what, roles[i]) == 0)
            layer = find_role(layers, what);
    if (layer == NULL)
        return find_path(layers, what);
    /* A configuration is wanted as text. */
    if (strcmp(what, KP_ROLE_CONFIG) == 0 && layer->inspection.codec != NULL)
        return layer->children.count > 0 ? KP_ITEM(&layer->children, struct kp_layer *, 0) : NULL;
    return layer;
}

bool kp_extract_is_kernel(const struct kp_layer *layer)
{
    const char *kind = layer->inspection.kind;

    return (kind != NULL && (strcmp(kind, KP_KIND_ELF) == 0 || strcmp(kind, KP_KIND_IMAGE) == 0)) ||
           kp_search_banner(layer->range);
}

/* What the layer's own header says, or that of the nearest container: the first is inside. */
static const char *arch_of(const struct kp_layer *layer)
{
    for (; layer != NULL; layer = layer->parent) {
        const struct kp_trait *trait = kp_traits_get(&layer->inspection.traits, KP_TRAIT_ARCH);

        if (trait != NULL && trait->text != NULL)
            return trait->text;
    }
    return NULL;
}

static bool set_traits(struct kp_image *image, const struct kp_layer *layer)
{
    const char *arch = arch_of(layer), *kind = layer->inspection.kind;

    return (arch == NULL || kp_traits_set_text(&image->traits, KP_TRAIT_ARCH, arch)) &&
           (kind == NULL || kp_traits_set_text(&image->traits, KP_TRAIT_KIND, kind));
}

/* Any: what the layer has is known when the stage runs. */
static bool trait_possible(void *data, const char *name)
{
    (void)data, (void)name;
    return true;
}

struct kp_range *kp_extract_convert(const struct kp_layers *layers, const struct kp_layer *layer,
                                    struct kp_diags *diags, const char *stage)
{
    const struct kp_layers_options *options = &layers->options;
    KP_AUTO(arena) struct kp_arena *arena = kp_arena_new();
    const struct kp_call_context context = {.registry = options->registry,
                                            .diags = diags,
                                            .output_limit = options->limit,
                                            .data = options->data,
                                            .cancelled = options->cancelled,
                                            .parallel = options->parallel};
    const struct kp_binder binder = {.arena = arena,
                                     .diags = diags,
                                     .registry = options->registry,
                                     .stage = stage,
                                     .trait_possible = trait_possible};
    struct kp_image image = {.range = layer->range};
    struct kp_call_request request = {.main = &image};
    struct kp_call_result result = {0};
    struct kp_range *made = NULL;

    if (arena == NULL || !set_traits(&image, layer)) {
        kp_out_of_memory(diags);
    } else if ((request.stage = kp_registry_stage(options->registry, diags, KP_NOWHERE, stage)) !=
               NULL) {
        request.values = kp_bind_check(&binder, request.stage->operation.params, NULL, KP_NOWHERE,
                                       &request.value_count);
        if (request.values != NULL && kp_call_run(&context, &request, &result))
            made = kp_range_ref(result.output.range);
    }
    kp_call_result_clear(&result);
    kp_traits_free(&image.traits);
    return made;
}
