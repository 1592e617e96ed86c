/* SPDX-License-Identifier: BSD-3-Clause
 *
 * dtb/fixups.c - checks what an overlay asks of its base tree, and what its lists of
 * references say about itself.
 *
 * fdt_overlay_apply would fail on most of this too, but with a number only, and it trusts
 * the offsets in __fixups__ and __local_fixups__. How dtc writes these: section "-@" of its
 * Documentation/manual.txt, and dt-object-internal.txt. Nothing is changed here.
 */
#include <stdlib.h>
#include <string.h>

#include "dtb.h"

struct check {
    struct kp_call *call;
    const struct dtb_blob *overlay;
    const void *base;
    struct dtb_missing *missing;
    int base_symbols; /* the base tree's /__symbols__, or negative */
};

static const char *const symbols_hint =
    "build the base tree with `dtc -@` (Kbuild: DTC_FLAGS += -@), which keeps its labels";
static const char *const broken_hint = "compile the overlay with dtc again";

#define FAIL(c, hint, format, ...)                                                                 \
    kp_fail_at((c)->call, (c)->overlay->field, (hint), "%s: " format, (c)->overlay->name,          \
               __VA_ARGS__)

/* A label that the overlay refers to and does not have itself. */
static int32_t check_label(const struct check *c, const char *label)
{
    const char *path;
    int found = 0, node;

    if (c->base_symbols < 0)
        return FAIL(c, symbols_hint, "label %s: the base tree has no symbols", label);
    path = tree_text(c->base, c->base_symbols, label, &found);
    if (!found)
        return FAIL(c, "is it the overlay of another board?",
                    "label %s: not among the base tree's symbols", label);
    node = path == NULL || path[0] != '/' ? -FDT_ERR_BADPATH : fdt_path_offset(c->base, path);
    if (node < 0)
        return FAIL(c, NULL, "label %s: the base tree's symbol leads to no node: %s", label,
                    path == NULL ? "no text" : path);
    if (fdt_get_phandle(c->base, node) == 0)
        return FAIL(c, symbols_hint, "label %s: the base tree's node %s has no phandle", label,
                    path);
    return KP_OK;
}

/* What libfdt has yet to read as a text must not change under its hands. */
static int is_read_later(const char *property, uint64_t length)
{
    return length == strlen("target-path") && memcmp(property, "target-path", length) == 0;
}

/* "/fragment@0/__overlay__/node:property:12": a place in the overlay that gets the label's
 * phandle. libfdt writes there, so it must be there, and not in a list of references: those
 * have names with two underscores. */
static int32_t check_place(const struct check *c, const char *label, const char *place)
{
    const void *tree = c->overlay->bytes;
    const char *property = strchr(place, ':');
    const char *number = property == NULL ? NULL : strchr(property + 1, ':');
    unsigned long offset;
    char *end = NULL;
    int node, length = 0;

    if (number == NULL || number == property + 1 || number[1] < '0' || number[1] > '9')
        return FAIL(c, broken_hint, "__fixups__: %s: %s: not PATH:PROPERTY:OFFSET", label, place);
    offset = strtoul(number + 1, &end, 10);
    node = place[0] != '/' || strncmp(place, "/__", 3) == 0 || strstr(place, "//") != NULL
               ? -FDT_ERR_BADPATH
               : fdt_path_offset_namelen(tree, place, (int)(property - place));
    if (node < 0 || *end != 0 ||
        fdt_getprop_namelen(tree, node, property + 1, (int)(number - property - 1), &length) ==
            NULL ||
        length < 4 || offset > (unsigned long)length - 4 ||
        is_read_later(property + 1, (uint64_t)(number - property - 1)))
        return FAIL(c, broken_hint, "__fixups__: %s: %s: the overlay has no such place", label,
                    place);
    return KP_OK;
}

/* Neither may the phandles of nodes that hold lists be counted up: the lists would change. */
static int32_t check_no_phandle(const struct check *c, const char *list, int node)
{
    const void *tree = c->overlay->bytes;

    if (fdt_getprop(tree, node, "phandle", NULL) != NULL ||
        fdt_getprop(tree, node, "linux,phandle", NULL) != NULL)
        return FAIL(c, broken_hint, "%s: has a phandle: no list of references has", list);
    return KP_OK;
}

static int32_t check_fixups(const struct check *c)
{
    const void *tree = c->overlay->bytes;
    const int list = fdt_subnode_offset(tree, 0, "__fixups__");
    const char *label, *places;
    int property, length = 0;

    if (list < 0)
        return KP_OK;
    if (check_no_phandle(c, "__fixups__", list) != KP_OK)
        return KP_FAILED;
    fdt_for_each_property_offset(property, tree, list) {
        places = fdt_getprop_by_offset(tree, property, &label, &length);
        if (places == NULL || length < 1 || places[length - 1] != 0)
            return FAIL(c, broken_hint, "__fixups__: %s: no list of texts", label);
        if (check_label(c, label) != KP_OK)
            return KP_FAILED;
        for (const char *end = places + length; places < end; places += strlen(places) + 1)
            if (check_place(c, label, places) != KP_OK)
                return KP_FAILED;
    }
    return KP_OK;
}

static int32_t check_offsets(const struct check *c, int list, int node)
{
    const void *tree = c->overlay->bytes;
    const char *name;
    const fdt32_t *offsets;
    int property, count = 0, length = 0, i;

    fdt_for_each_property_offset(property, tree, list) {
        offsets = fdt_getprop_by_offset(tree, property, &name, &count);
        if (offsets == NULL || count % 4 != 0 || is_read_later(name, strlen(name)) ||
            fdt_getprop(tree, node, name, &length) == NULL)
            return FAIL(c, broken_hint,
                        "__local_fixups__: property %s: the overlay does not have it", name);
        for (i = 0; i < count / 4; i++)
            if (!kp_inside((uint64_t)length, fdt32_to_cpu(offsets[i]), 4))
                return FAIL(c, broken_hint, "__local_fixups__: property %s: offset %u of %d bytes",
                            name, (unsigned)fdt32_to_cpu(offsets[i]), length);
    }
    return KP_OK;
}

/* __local_fixups__ mirrors the overlay's nodes. As deep as a tree may be, and no deeper. */
static int32_t check_local_fixups(const struct check *c, int list, int node, int is_top)
{
    const void *tree = c->overlay->bytes;
    const char *name;
    int child, mirrored;

    if (check_no_phandle(c, "__local_fixups__", list) != KP_OK ||
        check_offsets(c, list, node) != KP_OK)
        return KP_FAILED;
    fdt_for_each_subnode(child, tree, list) {
        name = fdt_get_name(tree, child, NULL);
        mirrored = is_top && strncmp(name, "__", 2) == 0 ? -FDT_ERR_NOTFOUND
                                                         : fdt_subnode_offset(tree, node, name);
        if (mirrored < 0)
            return FAIL(c, broken_hint, "__local_fixups__: node %s: the overlay does not have it",
                        name);
        if (check_local_fixups(c, child, mirrored, 0) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

/* A target that the base tree does not have may come from a fragment before, or be a node of
 * the overlay itself: only when libfdt does not find it either is it the reason. */
static int32_t check_target(const struct check *c, int fragment)
{
    const void *tree = c->overlay->bytes;
    const char *name = fdt_get_name(tree, fragment, NULL), *path;
    int found = 0, length = 0;
    const fdt32_t *target = fdt_getprop(tree, fragment, "target", &length);
    const uint32_t phandle = target != NULL && length == 4 ? fdt32_to_cpu(*target) : 0;

    if (phandle != 0) { /* all ones: __fixups__ says which */
        if (phandle != 0xffffffffu && fdt_node_offset_by_phandle(c->base, phandle) < 0)
            *c->missing = (struct dtb_missing){.fragment = name, .phandle = phandle};
        return KP_OK;
    }
    path = tree_text(tree, fragment, "target-path", &found);
    if (path == NULL)
        return FAIL(c, broken_hint, "%s: %s", name,
                    found ? "target-path: no text" : "neither target nor target-path");
    if (path[0] != '/')
        return FAIL(c, "give the whole path", "%s: target-path: %s: does not begin with /", name,
                    path);
    if (fdt_path_offset(c->base, path) < 0)
        *c->missing = (struct dtb_missing){.fragment = name, .path = path};
    return KP_OK;
}

static int32_t check_fragments(const struct check *c)
{
    const void *tree = c->overlay->bytes;
    int fragment, count = 0;

    fdt_for_each_subnode(fragment, tree, 0) {
        if (fdt_subnode_offset(tree, fragment, "__overlay__") < 0)
            continue;
        count++;
        if (check_target(c, fragment) != KP_OK)
            return KP_FAILED;
    }
    if (count == 0)
        return FAIL(c, "its source begins with /dts-v1/; /plugin/;", "%s",
                    "no node __overlay__: not an overlay");
    return KP_OK;
}

int32_t dtb_check_overlay(struct kp_call *call, const void *base, const struct dtb_blob *overlay,
                          struct dtb_missing *missing)
{
    const struct check c = {.call = call,
                            .overlay = overlay,
                            .base = base,
                            .missing = missing,
                            .base_symbols = fdt_subnode_offset(base, 0, "__symbols__")};
    const int local = fdt_subnode_offset(overlay->bytes, 0, "__local_fixups__");

    if (check_fragments(&c) != KP_OK || check_fixups(&c) != KP_OK)
        return KP_FAILED;
    return local < 0 ? KP_OK : check_local_fixups(&c, local, 0, 1);
}
