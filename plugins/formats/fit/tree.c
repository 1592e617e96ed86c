/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/tree.c - what a board's device tree says of itself, for the configuration that it is in:
 * `model` and `compatible` of its root (Devicetree Specification 0.4, section 2.3). The tree
 * is checked as a FIT is, and may be compressed by any codec that kpipe knows.
 */
#include <string.h>

#include "fit.h"

/* Most bytes of a device tree that is compressed. */
#define TREE_LIMIT (UINT64_C(64) << 20)

static const char *root_property(const struct fit_frame *frame, const char *name, uint64_t *length)
{
    int found;
    const char *value = fdt_getprop(frame->tree, 0, name, &found);

    *length = value != NULL && found > 0 && value[found - 1] == 0 ? (uint64_t)found : 0;
    return value;
}

int32_t fit_read_tree(struct kp_call *call, const struct kp_image *image, const char *what,
                      const void *field, struct fit_tree_facts *facts)
{
    struct kp_identity identity = {.size = sizeof(identity)};
    uint8_t magic[4] = {0};
    struct fit_frame frame;
    uint64_t end;

    if (call->host->identify(call, image, &identity) != KP_OK)
        return KP_FAILED;
    if (identity.codec != NULL) {
        image = call->host->decode(call, image, TREE_LIMIT, &end);
        if (image == NULL)
            return KP_FAILED;
    }
    if (kp_size(call, image) >= sizeof(magic) &&
        call->host->image_read(call, image, 0, magic, sizeof(magic)) != KP_OK)
        return KP_FAILED;
    if (kp_be32(magic) != FDT_MAGIC)
        return kp_fail_at(call, field, "compile device tree source with dtc first",
                          "%s: not a device tree", what);
    if (fit_read(call, image, &frame) != KP_OK)
        return KP_FAILED;
    facts->model = root_property(&frame, "model", &facts->model_length);
    facts->compatible = root_property(&frame, "compatible", &facts->compatible_length);
    return KP_OK;
}

static int32_t add(struct kp_call *call, struct fit_node *node, const char *name, const char *value,
                   uint64_t length)
{
    struct fit_property *property;

    if (name == NULL || length == 0)
        return KP_OK;
    property = fit_add_property(call, node, name);
    return property == NULL ? KP_FAILED : fit_put_bytes(call, property, value, length);
}

int32_t fit_describe(struct kp_call *call, struct fit_node *node,
                     const struct fit_tree_facts *facts, const char *model, const char *compatible)
{
    if (add(call, node, model, facts->model, facts->model_length) != KP_OK)
        return KP_FAILED;
    return add(call, node, compatible, facts->compatible, facts->compatible_length);
}
