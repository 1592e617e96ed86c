/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/protect.c - what mkimage does to a FIT when all is in it: time, ciphers, hashes, signatures.
 *
 * The order of the edits is mkimage's, and so is the room: as much as is needed, in steps of 1024
 * bytes, of which the rest stays as zeros (U-Boot 2025.01, tools/fit_image.c, fit_handle_file, and
 * tools/image-host.c). So the bytes are its bytes. A first round, with zeros for values, finds out
 * how much room that is; hashes are made by all threads before the second. How one signature or
 * cipher is made is sign.c and cipher.c.
 */
#include <string.h>

#include "protect_private.h"

#define STEP 1024u
#define MOST_ROOM (1u << 24)

/* A hash's value, once it is known. */
static int32_t put_hash(struct fit_protector *p, struct fit_data *data, int node)
{
    const char *algo = fit_text(p->frame, node, "algo");
    const struct fit_algorithm *algorithm =
        algo == NULL ? NULL : fit_find_algorithm(algo, strlen(algo));
    static const uint8_t zeros[FIT_DIGEST];
    const uint8_t *value = zeros;

    if (algorithm == NULL)
        return kp_fail(p->frame->call, "%s: algo: %s: not a hash that is known",
                       fdt_get_name(p->frame->tree, node, NULL), algo == NULL ? "missing" : algo);
    if (p->real)
        value = fit_digest_of(&p->digests, data, algorithm);
    else if (fit_want_digest(p->frame->call, &p->digests, data, algorithm) != KP_OK)
        return KP_FAILED;
    return fit_result(p->frame, "hash",
                      fdt_setprop(p->frame->tree, node, "value", value, (int)algorithm->length));
}

static int32_t protect_image(struct fit_protector *p, int image)
{
    struct fit_data *data = fit_data_of(p->frame, image);
    int32_t result = KP_OK;
    int node;

    if (data == NULL)
        return kp_fail(p->frame->call, "/images/%s: data: missing: an image has contents",
                       fdt_get_name(p->frame->tree, image, NULL));
    fdt_for_each_subnode(node, p->frame->tree, image) {
        if (fit_is(p->frame, node, "hash"))
            result = put_hash(p, data, node);
        else if (fit_is(p->frame, node, "signature"))
            result = fit_sign_image(p, data, image, node);
        if (result != KP_OK)
            return result;
    }
    return KP_OK;
}

static int32_t protect_images(struct fit_protector *p)
{
    int32_t result = KP_OK;
    int image;

    if (fit_images(p->frame) < 0)
        return kp_fail(p->frame->call, "/images: missing: a FIT has images");
    fit_for_each_image(image, p->frame) {
        result = fit_mark_encrypted(p, image);
        if (result != KP_OK)
            return result;
    }
    fit_for_each_image(image, p->frame) {
        if (p->frame->call->host->cancelled(p->frame->call))
            return KP_FAILED;
        result = protect_image(p, image);
        if (result != KP_OK)
            return result;
    }
    return result;
}

static int32_t protect_configurations(struct fit_protector *p)
{
    int configuration, node;
    int32_t result = KP_OK;

    /* There may be none, as firmware has it that is all loaded. */
    fit_for_each_configuration(configuration, p->frame)
        fdt_for_each_subnode(node, p->frame->tree, configuration) {
            if (fit_is(p->frame, node, "signature"))
                result = fit_sign_configuration(p, configuration, node);
            if (result != KP_OK)
                return result;
        }
    return KP_OK;
}

/* One round, in the room that there is. */
static int32_t make_round(struct fit_protector *p)
{
    const struct fit_protection *what = p->what;
    int32_t result = KP_OK;

    if (what->has_time)
        result = fit_result(p->frame, "timestamp",
                            fdt_setprop_u32(p->frame->tree, 0, "timestamp", what->signer.time));
    if (result == KP_OK)
        result = protect_images(p);
    if (result == KP_OK)
        result = protect_configurations(p);
    return result;
}

/* Back to what it was, with other room. */
static int32_t begin_round(struct fit_protector *p, const uint8_t *tree, uint64_t room)
{
    memcpy(p->frame->tree, tree, fdt_totalsize(tree));
    p->digests.count = p->real ? p->digests.count : 0;
    return fit_make_room(p->frame, room);
}

int32_t fit_protect(struct fit_frame *frame, const struct fit_protection *what)
{
    struct fit_protector p = {.frame = frame, .what = what};
    const uint32_t size = fdt_totalsize(frame->tree);
    uint8_t *tree = frame->call->host->alloc(frame->call, size);
    int32_t result = TREE_NO_SPACE;
    uint64_t room;

    if (tree == NULL || fit_open_keys(&p) != KP_OK || fit_encrypt(&p) != KP_OK)
        return KP_FAILED;
    memcpy(tree, frame->tree, size);
    for (room = 0; room < MOST_ROOM; room += STEP) {
        if (begin_round(&p, tree, room) != KP_OK)
            return KP_FAILED;
        result = make_round(&p);
        if (result != TREE_NO_SPACE)
            break;
    }
    if (result == TREE_NO_SPACE)
        return kp_fail(frame->call, "fit: hashes and signatures of more than %u bytes", MOST_ROOM);
    p.real = 1;
    if (result != KP_OK || fit_make_digests(frame->call, &p.digests) != KP_OK ||
        begin_round(&p, tree, room) != KP_OK)
        return KP_FAILED;
    return make_round(&p);
}
