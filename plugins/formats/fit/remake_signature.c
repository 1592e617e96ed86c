/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/remake_signature.c - signatures of a FIT as a recipe says them: with their value, since nobody
 * has the key here, and the digest that they are of.
 */
#include <string.h>

#include "remake.h"

/* What mkimage puts before the properties of a signature's node, in this order. */
static const char *const signed_properties[] = {"hashed-strings", "hashed-nodes",   "timestamp",
                                                "comment",        "signer-version", "signer-name",
                                                "value"};

static int find_signed(const char *name)
{
    int i;

    for (i = 0; i < 7; i++)
        if (strcmp(name, signed_properties[i]) == 0)
            return i;
    return -1;
}

/* A signature as mkimage leaves it: those properties first, then what it is to be. */
int fit_is_plain_signature(const struct fit_text_writer *t, int node)
{
    static const char *const rest[] = {"algo", "key-name-hint", "padding", "sign-images"};
    int property, last = -1, seen = 0, known = 0;
    size_t i;

    if (!fit_is(t->frame, node, "signature") || fit_text(t->frame, node, "algo") == NULL ||
        fit_text(t->frame, node, "key-name-hint") == NULL)
        return 0;
    fdt_for_each_property_offset(property, t->frame->tree, node) {
        const char *name;
        int at, is_rest = 0;

        fdt_getprop_by_offset(t->frame->tree, property, &name, NULL);
        at = find_signed(name);
        for (i = 0; i < 4; i++)
            is_rest = is_rest || strcmp(name, rest[i]) == 0;
        if (at >= 0 ? known || at <= last : !is_rest)
            return 0;
        known = known || is_rest;
        last = at >= 0 ? at : last;
        seen += at >= 2; /* the time and who signed; without regions it is an image's */
    }
    return seen > 0 && fdt_getprop(t->frame->tree, node, "value", NULL) != NULL;
}

static void add_signature(struct fit_text_writer *t, int parent, int node, int configuration)
{
    static const char *const texts[][2] = {{"algo", "algo"},
                                           {"key-name-hint", "hint"},
                                           {"padding", "padding"},
                                           {"comment", "comment"},
                                           {"signer-name", "signer_name"},
                                           {"signer-version", "signer_version"}};
    const void *tree = t->frame->tree;
    int length, property, count = 0;
    const uint8_t *value = fdt_getprop(tree, node, "value", &length);
    const uint8_t *time, *images, *strings;
    uint8_t digest[FIT_DIGEST];
    uint32_t digest_length;
    const char *name;
    size_t i;

    fit_text_add(t, "{name: ");
    fit_text_quote(t, fdt_get_name(tree, node, NULL));
    for (i = 0; i < 6; i++)
        if (fit_text(t->frame, node, texts[i][0]) != NULL) {
            fit_text_add(t, ", %s: ", texts[i][1]);
            fit_text_quote(t, fit_text(t->frame, node, texts[i][0]));
        }
    fit_text_add(t, ", value: ");
    fit_text_hex(t, value, length);
    if (fit_digest_signed(t->frame, t->digests, parent, node, configuration, digest,
                          &digest_length)) {
        fit_text_add(t, ", digest: ");
        fit_text_hex(t, digest, (int)digest_length);
    }
    strings = fdt_getprop(tree, node, "hashed-strings", &length);
    if (strings != NULL && length == 8)
        fit_text_add(t, ", hashed_strings: %u", (unsigned)kp_be32(strings + 4));
    time = fdt_getprop(tree, node, "timestamp", &length);
    if (time != NULL && length == 4)
        fit_text_add(t, ", time: %u", (unsigned)kp_be32(time));
    images = fdt_getprop(tree, node, "sign-images", &length);
    if (images != NULL) {
        fit_text_add(t, ", sign_images: ");
        fit_text_list(t, (const char *)images, length);
    }
    fit_text_add(t, ", order: [");
    fdt_for_each_property_offset(property, tree, node) {
        fdt_getprop_by_offset(tree, property, &name, NULL);
        if (find_signed(name) >= 0)
            continue;
        fit_text_add(t, "%s", count++ == 0 ? "" : ", ");
        fit_text_quote(t, name);
    }
    fit_text_add(t, "]}");
}

void fit_text_signatures(struct fit_text_writer *t, int parent, int configuration)
{
    int node, count = 0;

    fit_text_add(t, ", signatures: [");
    fdt_for_each_subnode(node, t->frame->tree, parent) {
        if (!fit_is_plain_signature(t, node))
            continue;
        fit_text_add(t, "%s", count++ == 0 ? "" : ", ");
        add_signature(t, parent, node, configuration);
    }
    fit_text_add(t, "]");
}
