/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/remake.c - how a FIT is made again: the stage `fit` with an item for each image and
 * configuration. Hashes follow the contents; a signature, whose key nobody has here, stays as it
 * is. What the stage has no words for is not reported; then the image is laid out as it is.
 */
#include <string.h>

#include "remake.h"

static const struct fit_known of_images[] = {
    {"description", TEXT, NULL},
    {"type", CHOICE, fit_types},
    {"arch", TEXT, NULL},
    {"os", CHOICE, fit_systems},
    {"compression", CHOICE, uboot_compressions},
    {"load", ADDRESS, NULL},
    {"entry", ADDRESS, NULL},
    {"compatible", TEXTS, NULL},
    {NULL, TEXT, NULL},
};

static const struct fit_known of_configurations[] = {
    {"description", TEXT, NULL}, {"compatible", TEXTS, NULL}, {"kernel", TEXT, NULL},
    {"firmware", TEXT, NULL},    {"fdt", TEXTS, NULL},        {"ramdisk", TEXT, NULL},
    {"loadables", TEXTS, NULL},  {"fpga", TEXT, NULL},        {"script", TEXT, NULL},
    {NULL, TEXT, NULL},
};

/* --- nodes within --- */

/* A hash that has what mkimage gives it, and nothing else. */
static int is_plain_hash(const struct fit_text_writer *t, int node)
{
    const char *algo = fit_text(t->frame, node, "algo");
    int property, count = 0;

    fdt_for_each_property_offset(property, t->frame->tree, node)
        count++;
    return fit_is(t->frame, node, "hash") && count == 2 && algo != NULL &&
           uboot_choice(fit_hashes, algo) != NULL &&
           fdt_getprop(t->frame->tree, node, "value", NULL) != NULL;
}

static void add_hashes(struct fit_text_writer *t, int image)
{
    const void *tree = t->frame->tree;
    int node, count = 0;

    fit_text_add(t, ", hashes: [");
    fdt_for_each_subnode(node, tree, image)
        if (is_plain_hash(t, node))
            fit_text_add(t, "%s%s", count++ == 0 ? "" : ", ", fit_text(t->frame, node, "algo"));
    fit_text_add(t, "]");
    if (count == 0)
        return;
    fit_text_add(t, ", hash_nodes: [");
    count = 0;
    fdt_for_each_subnode(node, tree, image) {
        if (!is_plain_hash(t, node))
            continue;
        fit_text_add(t, "%s", count++ == 0 ? "" : ", ");
        fit_text_quote(t, fdt_get_name(tree, node, NULL));
    }
    fit_text_add(t, "]");
}

/* All others, as they are. */
static void add_nodes(struct fit_text_writer *t, int parent)
{
    const void *tree = t->frame->tree;
    int node, property, length, nodes = 0;
    const char *name, *value;

    fdt_for_each_subnode(node, tree, parent) {
        int count = 0;

        if (is_plain_hash(t, node) || fit_is_plain_signature(t, node))
            continue;
        t->failed = t->failed || fdt_first_subnode(tree, node) >= 0;
        fit_text_add(t, "%s{name: ", nodes++ == 0 ? ", nodes: [" : ", ");
        fit_text_quote(t, fdt_get_name(tree, node, NULL));
        fit_text_add(t, ", properties: [");
        fdt_for_each_property_offset(property, tree, node) {
            value = fdt_getprop_by_offset(tree, property, &name, &length);
            fit_text_add(t, "%s", count++ == 0 ? "" : ", ");
            fit_text_more(t, name, value, length);
        }
        fit_text_add(t, "]}");
    }
    if (nodes > 0)
        fit_text_add(t, "]");
}

/* --- the whole --- */

static void add_images(struct fit_text_writer *t)
{
    const void *tree = t->frame->tree;
    int image, count = 0;

    t->failed = t->failed || fit_images(t->frame) < 0;
    fit_text_add(t, "images: [");
    fit_for_each_image(image, t->frame) {
        const char *name = fdt_get_name(tree, image, NULL);
        char part[TREE_NAME + 8];

        t->failed = t->failed || fit_data_of(t->frame, image) == NULL;
        fit_part_name(name, part, sizeof(part));
        fit_text_add(t, "%s{name: ", count++ == 0 ? "" : ", ");
        fit_text_quote(t, name);
        fit_text_add(t, ", image: @%s", part);
        fit_text_properties(t, of_images, image);
        fit_text_order(t, image);
        add_hashes(t, image);
        fit_text_signatures(t, image, 0);
        add_nodes(t, image);
        fit_text_add(t, "}");
    }
    fit_text_add(t, "]");
}

static void add_configurations(struct fit_text_writer *t)
{
    const void *tree = t->frame->tree;
    const int configurations = fit_configurations(t->frame);
    const char *first = configurations < 0 ? NULL : fit_text(t->frame, configurations, "default");
    int configuration, count = 0;

    t->failed = t->failed || configurations < 0; /* the stage makes that node always */

    if (first != NULL) {
        fit_text_add(t, ", default_configuration: ");
        fit_text_quote(t, first);
    }
    fit_text_add(t, ", configurations: [");
    fit_for_each_configuration(configuration, t->frame) {
        fit_text_add(t, "%s{name: ", count++ == 0 ? "" : ", ");
        fit_text_quote(t, fdt_get_name(tree, configuration, NULL));
        fit_text_properties(t, of_configurations, configuration);
        fit_text_order(t, configuration);
        fit_text_signatures(t, configuration, 1);
        add_nodes(t, configuration);
        fit_text_add(t, "}");
    }
    fit_text_add(t, "]");
}

static void add_root(struct fit_text_writer *t)
{
    static const struct fit_known known[] = {
        {"description", TEXT, NULL}, {"creator", TEXT, NULL}, {NULL, TEXT, NULL}};
    const void *tree = t->frame->tree;
    int length, property, count = 0;
    const uint8_t *cells = fdt_getprop(tree, 0, "#address-cells", &length);
    const uint32_t address_cells = cells == NULL || length != 4 ? 0 : kp_be32(cells);
    const uint8_t *time = fdt_getprop(tree, 0, "timestamp", &length);

    fit_text_add(t, ", address_cells: %u", (unsigned)address_cells);
    if (time != NULL && length == 4)
        fit_text_add(t, ", time: %u", (unsigned)kp_be32(time));
    fdt_for_each_property_offset(property, tree, 0) {
        const char *name, *value = fdt_getprop_by_offset(tree, property, &name, &length);

        if (strcmp(name, "#address-cells") == 0 || strcmp(name, "timestamp") == 0 ||
            fit_text_known(t, known, name, value, length))
            continue;
        fit_text_add(t, "%s", count++ == 0 ? ", properties: [" : ", ");
        fit_text_more(t, name, value, length);
    }
    if (count > 0)
        fit_text_add(t, "]");
    fit_text_order(t, 0);
}

static void add_place(struct fit_text_writer *t)
{
    struct fit_place place;

    if (!fit_find_place(t->frame, &place))
        t->failed = 1;
    t->external = place.external;
    if (place.external)
        fit_text_add(t, ", external: true, align: %llu", (unsigned long long)place.align);
    if (place.has_position)
        fit_text_add(t, ", position: 0x%llx", (unsigned long long)place.position);
}

/* All names of the strings block, in its order, and what is free behind it. */
static void add_strings(struct fit_text_writer *t)
{
    const uint8_t *tree = t->frame->tree;
    const char *strings = (const char *)tree + fdt_off_dt_strings(tree);

    fit_text_add(t, ", strings: ");
    t->failed =
        t->failed || t->frame->strings_read == 0 || strings[t->frame->strings_read - 1] != 0;
    if (!t->failed)
        fit_text_list(t, strings, (int)t->frame->strings_read);
    if (fdt_last_comp_version(tree) == 2)
        fit_text_add(t, ", version_2: yes");
    if (!t->external)
        fit_text_add(t, ", space: %u", (unsigned)t->frame->space_read);
}

int32_t fit_remake(struct kp_call *call, const struct fit_frame *frame,
                   const struct fit_digests *digests)
{
    struct fit_text_writer t = {.call = call, .frame = frame, .digests = digests};

    t.bytes = call->host->alloc(call, KP_REMAKE_MAX);
    t.spare = call->host->alloc(call, KP_REMAKE_MAX);
    if (t.bytes == NULL || t.spare == NULL)
        return KP_FAILED;
    fit_text_add(&t, "[{fit: {");
    add_images(&t);
    add_configurations(&t);
    add_root(&t);
    add_place(&t);
    add_strings(&t);
    fit_text_add(&t, "}}]");
    t.failed = t.failed || !fit_may_look(frame, 0);
    return t.failed ? KP_OK : call->host->remake(call, t.bytes);
}
