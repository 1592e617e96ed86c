/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/configuration.c - nodes of /configurations from what a recipe says.
 */
#include <string.h>

#include "fit.h"

/* Names of images, as a property has them. */
static int32_t add_references(struct fit_maker *maker, struct fit_node *node, const char *name,
                              const struct kp_list *images)
{
    const struct kp_text *texts = images->items;
    uint64_t i;

    for (i = 0; i < images->count; i++)
        if (fit_find_node(maker->images, texts[i].bytes) == NULL)
            return kp_fail_at(maker->call, &texts[i], "images: gives each its name",
                              "%s: %s: there is no image of that name", name, texts[i].bytes);
    return fit_add_texts(maker->call, node, name, images);
}

static int32_t add_reference(struct fit_maker *maker, struct fit_node *node, const char *name,
                             uint8_t given, const struct kp_text *image)
{
    const struct kp_list one = {image, 1};

    return given ? add_references(maker, node, name, &one) : KP_OK;
}

/* The name of a property that the tree gives: unless the recipe does, or has an order without it. */
static const char *takes(const struct fit_configuration_params *c, uint8_t given, const char *name)
{
    return given || (c->order.count > 0 && !fit_has_text(&c->order, name)) ? NULL : name;
}

/* A tree's model and compatible, from the image that a configuration names first. */
static int32_t describe_by_tree(struct fit_maker *maker, struct fit_node *node,
                                const struct fit_configuration_params *c)
{
    const struct kp_text *trees = c->fdt.items;
    const struct fit_node *image =
        c->fdt.count == 0 ? NULL : fit_find_node(maker->images, trees[0].bytes);
    const struct fit_property *data = image == NULL ? NULL : fit_find_property(image, "data");
    struct fit_tree_facts facts = {0};

    if (data != NULL && data->first != NULL &&
        fit_read_tree(maker->call, data->first->image, "fdt", &trees[0], &facts) != KP_OK)
        return KP_FAILED;
    return fit_describe(maker->call, node, &facts, takes(c, c->has_description, "description"),
                        takes(c, c->has_compatible, "compatible"));
}

/* The properties that name images, in the order of the specification. */
static int32_t make_references(struct fit_maker *maker, struct fit_node *node,
                               const struct fit_configuration_params *c)
{
    if (add_reference(maker, node, "kernel", c->has_kernel, &c->kernel) != KP_OK ||
        add_reference(maker, node, "firmware", c->has_firmware, &c->firmware) != KP_OK ||
        (c->has_fdt && add_references(maker, node, "fdt", &c->fdt) != KP_OK) ||
        add_reference(maker, node, "ramdisk", c->has_ramdisk, &c->ramdisk) != KP_OK ||
        (c->has_loadables && add_references(maker, node, "loadables", &c->loadables) != KP_OK) ||
        add_reference(maker, node, "fpga", c->has_fpga, &c->fpga) != KP_OK)
        return KP_FAILED;
    return add_reference(maker, node, "script", c->has_script, &c->script);
}

int32_t fit_make_configuration(struct fit_maker *maker, const struct fit_configuration_params *c)
{
    struct kp_call *call = maker->call;
    struct fit_node *node;

    if (fit_find_node(maker->configurations, c->name.bytes) != NULL)
        return kp_fail_at(call, &c->name, "give each its own name",
                          "name: %s: a second configuration", c->name.bytes);
    node = fit_add_node(call, maker->configurations, c->name.bytes);
    if (node == NULL ||
        (c->has_description &&
         fit_add_text(call, node, "description", c->description.bytes) != KP_OK) ||
        (c->has_compatible && fit_add_texts(call, node, "compatible", &c->compatible) != KP_OK))
        return KP_FAILED;
    if (make_references(maker, node, c) != KP_OK || describe_by_tree(maker, node, c) != KP_OK ||
        fit_make_more(call, node, &c->properties) != KP_OK ||
        fit_reorder(call, node, &c->order) != KP_OK)
        return KP_FAILED;
    if (fit_make_signatures(maker, node, c->has_signatures ? &c->signatures : &maker->p->signatures,
                            1) != KP_OK)
        return KP_FAILED;
    return fit_make_nodes(call, node, &c->nodes);
}
