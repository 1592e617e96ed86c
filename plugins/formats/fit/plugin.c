/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/plugin.c - for now: a stage that reads an image tree source and flattens it as libfdt does,
 * so that the reader can be tested.
 */
#include <libfdt.h>

#include "its.h"

struct params {
    const struct kp_tree *source;
    struct kp_text file;
};

static int32_t check(struct kp_call *call, int code)
{
    return code >= 0 ? KP_OK : kp_fail(call, "libfdt: %s", fdt_strerror(code));
}

static int32_t put_property(struct kp_call *call, void *tree, const struct fit_property *property)
{
    void *value;
    uint8_t *to;

    if (check(call, fdt_property_placeholder(tree, property->name, (int)property->length,
                                             &value)) != KP_OK)
        return KP_FAILED;
    to = value;
    for (const struct fit_piece *piece = property->first; piece != NULL; piece = piece->next) {
        if (piece->image == NULL && piece->length > 0)
            memcpy(to, piece->bytes, piece->length);
        else if (piece->image != NULL && call->host->image_read(call, piece->image, piece->offset,
                                                                to, piece->length) != KP_OK)
            return KP_FAILED;
        to += piece->length;
    }
    return KP_OK;
}

static int32_t put_node(struct kp_call *call, void *tree, const struct fit_node *node)
{
    if (check(call, fdt_begin_node(tree, node->name)) != KP_OK)
        return KP_FAILED;
    for (const struct fit_property *p = node->properties; p != NULL; p = p->next)
        if (put_property(call, tree, p) != KP_OK)
            return KP_FAILED;
    for (const struct fit_node *child = node->children; child != NULL; child = child->next)
        if (put_node(call, tree, child) != KP_OK)
            return KP_FAILED;
    return check(call, fdt_end_node(tree));
}

static int32_t run(struct kp_call *call)
{
    const struct params *p = call->params;
    const int size = 64 << 20;
    struct fit_reservation *reservation;
    struct fit_node *root;
    void *tree;

    if (fit_read_its(call, p->source, &p->file, &root, &reservation) != KP_OK)
        return KP_FAILED;
    tree = kp_reserve(call, (uint64_t)size);
    if (tree == NULL || check(call, fdt_create(tree, size)) != KP_OK)
        return KP_FAILED;
    for (; reservation != NULL; reservation = reservation->next)
        if (check(call, fdt_add_reservemap_entry(tree, reservation->address, reservation->size)) !=
            KP_OK)
            return KP_FAILED;
    if (check(call, fdt_finish_reservemap(tree)) != KP_OK || put_node(call, tree, root) != KP_OK ||
        check(call, fdt_finish(tree)) != KP_OK)
        return KP_FAILED;
    return call->host->output_give_back(call, call->output, (uint64_t)size - fdt_totalsize(tree));
}

static const struct kp_param *const table[] = {
    KP_TREE(struct params, source, .flags = KP_PARAM_REQUIRED, .summary = "the folder"),
    KP_TEXT(struct params, file, .flags = KP_PARAM_REQUIRED, .summary = "the source in it"),
    NULL,
};

static const struct kp_operation pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC | KP_OP_NO_INPUT,
    .threading = KP_THREADS_ANY,
    .summary = "read an image tree source",
    .output_kind = KP_KIND_DTB,
    .params = table,
    .params_size = sizeof(struct params),
    .memory_base = FIT_ITS_MEMORY,
    .run = run,
};

static const struct kp_format format = {
    .size = sizeof(struct kp_format),
    .name = "fit-its",
    .summary = "an image tree source",
    .pack = &pack,
};

static const struct kp_format *const formats[] = {&format, NULL};

KP_PLUGIN("org.kpipe.fit", "fit", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "flattened image trees",
          KP_OFFERS_FORMAT("fit-its") KP_OFFERS_STAGE("fit-its"), .formats = formats)
