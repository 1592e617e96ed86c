/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/regions.c - which bytes a configuration's signature covers.
 *
 * Of the structure: of each covered node its tokens and its properties, but for those that tell
 * where contents lie; of nodes directly in a covered one their begin and end; the end of all. Then
 * strings. Contents are covered by the hashes. Since a frame differs from its FIT only in
 * `data`, which is left out, both give the same digest.
 *
 * Which nodes: those that the configuration itself leads to, whatever `hashed-nodes` says
 * (U-Boot of 2026, boot/image-fit-sig.c).
 */
#include <string.h>

#include "protect.h"

/* Deepest tree that U-Boot finds regions in (boot/fdt_region.c). */
#define REGION_DEPTH 32

static int32_t add_node(struct fit_covered *covered, int node, const char **why)
{
    uint32_t i;

    for (i = 0; i < covered->count; i++)
        if (covered->nodes[i] == node)
            return KP_OK;
    *why = "it leads to more than 100 nodes";
    if (covered->count == FIT_SIGNED_NODES)
        return KP_FAILED;
    covered->nodes[covered->count++] = node;
    return KP_OK;
}

/* An image with what vouches for it. */
static int32_t add_image(const struct fit_frame *frame, int image, struct fit_covered *covered,
                         const char **why)
{
    static const char *const more[] = {"cipher", "dm-verity"};
    int node, hashes = 0;
    size_t i;

    if (add_node(covered, image, why) != KP_OK)
        return KP_FAILED;
    fdt_for_each_subnode(node, frame->tree, image)
        if (fit_is(frame, node, "hash")) {
            hashes++;
            if (add_node(covered, node, why) != KP_OK)
                return KP_FAILED;
        }
    *why = "an image that it names has no hash node: nothing would vouch for its contents";
    if (hashes == 0)
        return KP_FAILED;
    for (i = 0; i < 2; i++) {
        node = fdt_subnode_offset(frame->tree, image, more[i]);
        if (node >= 0 && add_node(covered, node, why) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

/* All images that a property of the configuration names. */
static int32_t add_property(const struct fit_frame *frame, const char *value, int length,
                            struct fit_covered *covered, const char **why)
{
    int at = 0;

    if (length <= 0 || value[length - 1] != 0)
        return KP_OK; /* no texts */
    for (; at < length; at += (int)strlen(value + at) + 1) {
        const int image = fit_find_image(frame, value + at);

        if (image >= 0 && add_image(frame, image, covered, why) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

static int is_reference(const char *name)
{
    return strcmp(name, "description") != 0 && strcmp(name, "compatible") != 0 &&
           strcmp(name, "default") != 0;
}

/* The properties that `only` lists, in its order. */
static int32_t add_listed(const struct fit_frame *frame, int configuration, const char *only,
                          uint32_t only_length, struct fit_covered *covered, const char **why)
{
    uint32_t at = 0;

    for (; at < only_length; at += (uint32_t)strlen(only + at) + 1) {
        int length;
        const char *value = fdt_getprop(frame->tree, configuration, only + at, &length);

        if (value != NULL && add_property(frame, value, length, covered, why) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

static int32_t add_all(const struct fit_frame *frame, int configuration,
                       struct fit_covered *covered, const char **why)
{
    /* mkimage begins with these two, and writes down the order, which matters to nobody. */
    static const char first[] = "kernel\0fdt";
    int property;

    if (add_listed(frame, configuration, first, sizeof(first), covered, why) != KP_OK)
        return KP_FAILED;
    fdt_for_each_property_offset(property, frame->tree, configuration) {
        const char *name;
        int length;
        const char *value = fdt_getprop_by_offset(frame->tree, property, &name, &length);

        if (value != NULL && is_reference(name) &&
            add_property(frame, value, length, covered, why) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

int32_t fit_cover(const struct fit_frame *frame, int configuration, const char *only,
                  uint32_t only_length, struct fit_covered *covered, const char **why)
{
    int32_t result;

    covered->count = 0;
    *why = "sign-images: not a list of texts";
    if (only != NULL && (only_length == 0 || only[only_length - 1] != 0))
        return KP_FAILED;
    if (add_node(covered, 0, why) != KP_OK || add_node(covered, configuration, why) != KP_OK)
        return KP_FAILED;
    result = only != NULL ? add_listed(frame, configuration, only, only_length, covered, why)
                          : add_all(frame, configuration, covered, why);
    if (result != KP_OK)
        return KP_FAILED;
    *why = "it names no image that is in the FIT";
    return covered->count > 2 ? KP_OK : KP_FAILED;
}

/* --- the bytes --- */

struct gatherer {
    const struct fit_frame *frame;
    const struct fit_covered *covered;
    EVP_MD_CTX *context;
    int wanted[REGION_DEPTH]; /* how much of each open node: 2 all, 1 its begin and end */
    int depth;
};

static int is_covered(const struct fit_covered *covered, int node)
{
    uint32_t i;

    for (i = 0; i < covered->count; i++)
        if (covered->nodes[i] == node)
            return 1;
    return 0;
}

/* Whether a token is covered. */
static int wants(struct gatherer *g, uint32_t token, int offset)
{
    const int outer = g->depth == 0 ? 0 : g->wanted[g->depth - 1];
    const char *name;

    switch (token) {
    case FDT_BEGIN_NODE:
        g->wanted[g->depth++] = is_covered(g->covered, offset) ? 2 : outer > 0 ? outer - 1 : 0;
        return g->wanted[g->depth - 1] > 0;
    case FDT_END_NODE:
        g->depth--;
        return outer > 0;
    case FDT_PROP:
        return outer == 2 && fdt_getprop_by_offset(g->frame->tree, offset, &name, NULL) != NULL &&
               !fit_is_contents(name);
    case FDT_NOP:
        return outer == 2;
    default:
        return 1;
    }
}

static int32_t gather(struct gatherer *g, const char **why)
{
    const uint8_t *tree = g->frame->tree, *structure = tree + fdt_off_dt_struct(tree);
    int offset, next = 0;
    uint32_t token;

    do {
        offset = next;
        token = fdt_next_tag(tree, offset, &next);
        *why = "nodes nested deeper than 32, which U-Boot refuses";
        if (next < 0 || (token == FDT_BEGIN_NODE && g->depth == REGION_DEPTH))
            return KP_FAILED;
        *why = "libcrypto failed";
        if (wants(g, token, offset) &&
            EVP_DigestUpdate(g->context, structure + offset, (size_t)(next - offset)) != 1)
            return KP_FAILED;
    } while (token != FDT_END);
    return KP_OK;
}

int32_t fit_digest_covered(const struct fit_frame *frame, const struct fit_covered *covered,
                           uint32_t strings, const struct fit_algorithm *algorithm,
                           uint8_t digest[FIT_DIGEST], const char **why)
{
    struct gatherer g = {.frame = frame, .covered = covered};
    const uint8_t *tree = frame->tree;
    int32_t result = KP_FAILED;

    *why = "too much work";
    if (!fit_may_look(frame, fdt_size_dt_struct(tree)))
        return KP_FAILED;
    *why = "libcrypto failed";
    g.context = EVP_MD_CTX_new();
    if (g.context != NULL && EVP_DigestInit_ex(g.context, algorithm->digest(), NULL) == 1 &&
        gather(&g, why) == KP_OK &&
        EVP_DigestUpdate(g.context, tree + fdt_off_dt_strings(tree), strings) == 1 &&
        EVP_DigestFinal_ex(g.context, digest, NULL) == 1)
        result = KP_OK;
    EVP_MD_CTX_free(g.context);
    return result;
}

int fit_digest_signed(const struct fit_frame *frame, const struct fit_digests *digests, int parent,
                      int node, int is_configuration, uint8_t digest[FIT_DIGEST], uint32_t *length)
{
    int size = 0, only_length = 0;
    const uint8_t *range = fdt_getprop(frame->tree, node, "hashed-strings", &size);
    const char *only = fdt_getprop(frame->tree, node, "sign-images", &only_length), *why;
    struct fit_signature_kind kind;
    struct fit_covered covered;
    const uint8_t *found;

    if (fit_signature_kind(frame, node, &kind, &why) != KP_OK)
        return 0;
    *length = kind.hash->length;
    if (is_configuration)
        return range != NULL && size == 8 &&
               kp_be32(range + 4) <= fdt_size_dt_strings(frame->tree) &&
               fit_cover(frame, parent, only, only == NULL ? 0 : (uint32_t)only_length, &covered,
                         &why) == KP_OK &&
               fit_digest_covered(frame, &covered, kp_be32(range + 4), kind.hash, digest, &why) ==
                   KP_OK;
    found = fit_digest_of(digests, fit_data_of(frame, parent), kind.hash);
    if (found != NULL)
        memcpy(digest, found, kind.hash->length);
    return found != NULL;
}
