/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/configuration.c - nodes of /configurations from what a recipe says.
 */
#include <string.h>

#include "fit.h"

/* Names of images, as a property has them. */
static int32_t add_references(struct fit_maker *maker, struct fit_node *node, const char *name,
                              const struct kp_text *texts, uint64_t count)
{
    struct fit_property *property = fit_add_property(maker->call, node, name);
    uint64_t i;

    if (property == NULL)
        return KP_FAILED;
    for (i = 0; i < count; i++) {
        if (fit_find_node(maker->images, texts[i].bytes) == NULL)
            return kp_fail_at(maker->call, &texts[i], "images: gives each its name",
                              "%s: %s: there is no image of that name", name, texts[i].bytes);
        if (fit_put_bytes(maker->call, property, texts[i].bytes, texts[i].length + 1) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
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
    if ((c->has_kernel && add_references(maker, node, "kernel", &c->kernel, 1) != KP_OK) ||
        (c->has_firmware && add_references(maker, node, "firmware", &c->firmware, 1) != KP_OK) ||
        (c->has_fdt && add_references(maker, node, "fdt", c->fdt.items, c->fdt.count) != KP_OK) ||
        (c->has_ramdisk && add_references(maker, node, "ramdisk", &c->ramdisk, 1) != KP_OK) ||
        (c->has_loadables && add_references(maker, node, "loadables", c->loadables.items,
                                            c->loadables.count) != KP_OK) ||
        (c->has_fpga && add_references(maker, node, "fpga", &c->fpga, 1) != KP_OK) ||
        (c->has_script && add_references(maker, node, "script", &c->script, 1) != KP_OK))
        return KP_FAILED;
    return KP_OK;
}

int32_t fit_make_configuration(struct fit_maker *maker, const struct fit_configuration_params *c)
{
    struct kp_call *call = maker->call;
    const struct kp_text *compatible = c->compatible.items;
    struct fit_property *property;
    struct fit_node *node;
    uint64_t i;

    if (fit_find_node(maker->configurations, c->name.bytes) != NULL)
        return kp_fail_at(call, &c->name, "give each its own name",
                          "name: %s: a second configuration", c->name.bytes);
    node = fit_add_node(call, maker->configurations, c->name.bytes);
    if (node == NULL || (c->has_description &&
                         fit_add_text(call, node, "description", c->description.bytes) != KP_OK))
        return KP_FAILED;
    if (c->has_compatible) {
        property = fit_add_property(call, node, "compatible");
        for (i = 0; property != NULL && i < c->compatible.count; i++)
            if (fit_put_bytes(call, property, compatible[i].bytes, compatible[i].length + 1) !=
                KP_OK)
                return KP_FAILED;
    }
    if (make_references(maker, node, c) != KP_OK || describe_by_tree(maker, node, c) != KP_OK ||
        fit_make_more(call, node, &c->properties) != KP_OK ||
        fit_reorder(call, node, &c->order) != KP_OK)
        return KP_FAILED;
    if (fit_make_signatures(maker, node, c->has_signatures ? &c->signatures : &maker->p->signatures,
                            1) != KP_OK)
        return KP_FAILED;
    return fit_make_nodes(call, node, &c->nodes);
}
