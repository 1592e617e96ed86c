/* SPDX-License-Identifier: BSD-3-Clause
 *
 * dtb/pack.c - the stage `dtb`: checks a device tree, applies overlays, changes it, and
 * writes it as tight, or as roomy, as is wished.
 *
 * Overlays first, as fdtoverlay does; then delete, set, and /chosen. All happens in scratch
 * memory; what comes out of it is checked like what went in.
 */
#include <string.h>

#include "dtb.h"

/* The buffer, in times of all trees together: as a rule FIRST will do; only the symbols of
 * overlays, which get their targets' paths, can take more. */
#define FIRST 2u
#define SECOND 16u
/* Bytes beside: for /chosen, and what fdt_open_into takes. */
#define SPARE 65536u

static const struct kp_image *overlay_image(const struct dtb_params *p, uint64_t index)
{
    const struct kp_image *const *images = p->overlays.items;

    return images[index];
}

static int32_t load_overlay(struct kp_call *call, const struct dtb_params *p, uint64_t index,
                            char *name, size_t name_size, struct dtb_blob *overlay)
{
    const struct kp_image *const *images = p->overlays.items;

    snprintf(name, name_size, "overlays[%u]", (unsigned)index);
    *overlay = (struct dtb_blob){.name = name, .field = &images[index]};
    if (dtb_load(call, images[index], overlay) != KP_OK)
        return KP_FAILED;
    return dtb_check(call, overlay);
}

/* libfdt found no target: the one that was missing from the start. */
static int32_t no_target(struct kp_call *call, const struct dtb_blob *overlay,
                         const struct dtb_missing *missing)
{
    const char *const hint = "is it the overlay of another board?";

    if (missing->path != NULL)
        return kp_fail_at(call, overlay->field, hint,
                          "%s: %s: target-path: %s: the base tree has no such node", overlay->name,
                          missing->fragment, missing->path);
    return kp_fail_at(call, overlay->field, hint,
                      "%s: %s: target: the base tree has no node of phandle %u", overlay->name,
                      missing->fragment, (unsigned)missing->phandle);
}

/* Nothing stops libfdt once it has begun. */
static int32_t check_work(struct kp_call *call, const void *tree, const struct dtb_blob *overlay)
{
    const uint64_t steps = overlay->nodes + overlay->properties + overlay->references;
    const uint64_t bytes = (uint64_t)fdt_size_dt_struct(tree) + overlay->struct_size;

    if (steps <= DTB_WORK / bytes)
        return KP_OK;
    return kp_fail_at(call, overlay->field, "put what it adds into the tree's source",
                      "%s: %llu nodes, properties and references, for trees of %llu bytes: too "
                      "many to be applied in reasonable time",
                      overlay->name, (unsigned long long)steps, (unsigned long long)bytes);
}

static int32_t apply_overlay(struct kp_call *call, void *tree, const struct dtb_params *p,
                             uint64_t index)
{
    struct dtb_missing missing = {NULL, NULL, 0};
    struct dtb_blob overlay;
    char name[32];
    int code;

    if (load_overlay(call, p, index, name, sizeof(name), &overlay) != KP_OK ||
        check_work(call, tree, &overlay) != KP_OK ||
        dtb_check_overlay(call, tree, &overlay, &missing) != KP_OK)
        return KP_FAILED;
    code = fdt_overlay_apply(tree, overlay.bytes);
    if (code < 0 && code != -FDT_ERR_NOSPACE && missing.fragment != NULL)
        return no_target(call, &overlay, &missing);
    return tree_result(call, overlay.field, name, code);
}

/* All changes, in a buffer of `capacity` bytes. */
static int32_t change(struct kp_call *call, const struct dtb_params *p, const struct dtb_blob *base,
                      void *tree, uint64_t capacity)
{
    int32_t result;
    uint64_t i;

    result = tree_result(call, NULL, "dtb", fdt_open_into(base->bytes, tree, (int)capacity));
    for (i = 0; result == KP_OK && i < p->overlays.count; i++)
        result = call->host->cancelled(call) ? KP_FAILED : apply_overlay(call, tree, p, i);
    if (result == KP_OK)
        result = tree_apply_edits(call, tree, &p->delete, &p->set);
    if (result == KP_OK)
        result = dtb_choose(call, tree, p);
    if (result == KP_OK)
        result = tree_result(call, NULL, "pack", fdt_pack(tree));
    return result;
}

static int32_t change_with_room(struct kp_call *call, const struct dtb_params *p,
                                const struct dtb_blob *base, struct dtb_blob *out)
{
    const uint64_t needs =
        SPARE + p->bootargs.length + p->append_bootargs.length + tree_edits_need(call, &p->set);
    uint64_t trees = base->totalsize, i;
    int32_t result = TREE_NO_SPACE;
    unsigned try;

    for (i = 0; i < p->overlays.count; i++)
        trees += kp_size(call, overlay_image(p, i));
    for (try = 0; try < 2 && result == TREE_NO_SPACE; try++) {
        out->file_size = needs + (try == 0 ? FIRST : SECOND) * trees;
        if (out->file_size > DTB_LIMIT)
            return kp_fail(call, "dtb: room for %llu bytes: more than a device tree may have",
                           (unsigned long long)out->file_size);
        out->bytes = call->host->alloc(call, out->file_size);
        if (out->bytes == NULL)
            return KP_FAILED;
        result = change(call, p, base, out->bytes, out->file_size);
    }
    if (result == TREE_NO_SPACE)
        return kp_fail(call, "dtb: more than %llu bytes: overlays do not make a tree that large",
                       (unsigned long long)out->file_size);
    return result;
}

/* totalsize: that of the packed tree, and what `size` or `space` add to it. */
static int32_t find_size(struct kp_call *call, const struct dtb_params *p, uint64_t packed,
                         uint64_t *size)
{
    *size = p->has_size ? p->size : packed + p->space;
    if (p->has_size && p->has_space)
        return kp_fail_at(call, &p->space, NULL, "space: the size is given");
    if (*size < packed)
        return kp_fail_at(call, &p->size, NULL, "size: %llu bytes: the tree has %llu",
                          (unsigned long long)*size, (unsigned long long)packed);
    return KP_OK;
}

static int32_t write_tree(struct kp_call *call, const struct dtb_params *p, struct dtb_blob *tree)
{
    uint64_t size;

    if (dtb_read_header(call, tree) != KP_OK || dtb_check(call, tree) != KP_OK ||
        find_size(call, p, tree->totalsize, &size) != KP_OK)
        return KP_FAILED;
    kp_put_be32(tree->bytes + DTB_AT_TOTALSIZE, (uint32_t)size);
    if (kp_append(call, tree->bytes, tree->totalsize) != KP_OK)
        return KP_FAILED;
    return kp_append_fill(call, 0, size - tree->totalsize);
}

static int32_t run(struct kp_call *call)
{
    const struct dtb_params *p = call->params;
    struct dtb_blob base = {.name = "dtb"}, out = {.name = "the changed tree"};

    if (tree_check_edits(call, &p->delete, &p->set) != KP_OK ||
        dtb_load(call, call->input, &base) != KP_OK || dtb_check(call, &base) != KP_OK)
        return KP_FAILED;
    if (base.file_size > base.totalsize)
        kp_message(call, KP_WARNING, "%llu bytes behind the device tree are left out",
                   (unsigned long long)(base.file_size - base.totalsize));
    if (change_with_room(call, p, &base, &out) != KP_OK)
        return KP_FAILED;
    return write_tree(call, p, &out);
}

static const char *const kinds[] = {KP_KIND_DTB, NULL};

static const struct kp_param *const initrd_table[] = {
    KP_UINT(struct dtb_initrd, load, .flags = KP_PARAM_HEX | KP_PARAM_REQUIRED,
            .summary = "address of its first byte"),
    KP_UINT(struct dtb_initrd, end, .flags = KP_PARAM_HEX,
            .presence = offsetof(struct dtb_initrd, has_end),
            .summary = "address behind its last byte"),
    KP_IMAGE(struct dtb_initrd, image,
             .summary = "in place of end: the image that will lie there, for its size"),
    NULL,
};

static const struct kp_param *const table[] = {
    KP_IMAGE_LIST(struct dtb_params, overlays, .flags = KP_PARAM_SHORT, .kinds = kinds,
                  .summary = "overlays to be applied, in this order",
                  .help = "Those that refer to labels need a tree with symbols (dtc -@)."),
    KP_RECORD_LIST(struct dtb_params, delete, struct tree_delete, .fields = tree_delete_table,
                   .summary = "nodes and properties to take out"),
    KP_RECORD_LIST(struct dtb_params, set, struct tree_set, .fields = tree_set_table,
                   .summary = "properties to put in"),
    KP_TEXT(struct dtb_params, bootargs, .presence = offsetof(struct dtb_params, has_bootargs),
            .summary = "the kernel's command line, in /chosen"),
    KP_TEXT(struct dtb_params, append_bootargs,
            .presence = offsetof(struct dtb_params, has_append_bootargs),
            .summary = "what is added to the command line, behind a blank"),
    KP_RECORD(struct dtb_params, initrd, .presence = offsetof(struct dtb_params, has_initrd),
              .fields = initrd_table,
              .summary = "where the boot loader puts the initramfs, in /chosen"),
    KP_UINT(struct dtb_params, size, .presence = offsetof(struct dtb_params, has_size),
            .maximum = DTB_LIMIT, .unit = "bytes",
            .summary = "size of the whole tree, filled up with free space",
            .computed = "no more than it needs"),
    KP_UINT(struct dtb_params, space, .presence = offsetof(struct dtb_params, has_space),
            .maximum = DTB_LIMIT, .unit = "bytes",
            .summary = "free space behind the tree, for a boot loader that adds to it"),
    NULL,
};

/* The base once, each overlay once a try, and FIRST and SECOND times all. What a recipe sets
 * counts twice; it is no larger than a recipe can be. */
const struct kp_operation dtb_pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "check a device tree, apply overlays, set its properties",
    .help = "Overlays come first, then delete, set, bootargs and initrd.",
    .input_kinds = kinds,
    .output_kind = KP_KIND_DTB,
    .params = table,
    .params_size = sizeof(struct dtb_params),
    .memory_base = 256u << 20,
    .memory_per_byte = 24,
    .run = run,
};
