/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/update.c - the stage `fit-update`: a FIT that is there is changed in place, whoever made it.
 * Contents are exchanged, properties set; hashes follow, signatures are made anew with the keys
 * that are given. A signature whose key is not given stays, if what it covers does; else that is an
 * error, as U-Boot would find out only on the board.
 */
#include <string.h>

#include "its.h"
#include "table.h"

struct replace_params {
    struct kp_text name;
    const struct kp_image *image;
};

struct update_params {
    struct kp_list replace, set, delete, keys; /* the middle two: common/tree_edit.h */
    uint64_t time;
    struct fit_out_params out;
    uint8_t has_time, has_external, has_align;
};

/* A signature that nobody here can make again. */
struct kept {
    const char *parent, *name;
    int is_configuration;
    uint8_t digest[FIT_DIGEST];
    uint32_t length; /* of it */
    struct kept *next;
};

struct updater {
    struct kp_call *call;
    const struct update_params *p;
    struct fit_frame frame;
    struct fit_protection protection;
    struct kept *kept;
};

/* --- changes --- */

/* The label of new contents, if the node has one. */
static int32_t relabel(struct updater *u, const struct replace_params *r, int image)
{
    const struct kp_choice *type = uboot_choice(fit_types, fit_text(&u->frame, image, "type"));
    const char *before = fit_text(&u->frame, image, "compression"), *now;

    if (before == NULL)
        return KP_OK;
    now = fit_find_compression(u->call, r->image, type == NULL ? FIT_TYPE_LOADABLE : type->value,
                               NULL, &r->image);
    if (now == NULL)
        return KP_FAILED;
    if (strcmp(now, before) == 0)
        return KP_OK;
    return fit_result(&u->frame, "compression",
                      fdt_setprop(u->frame.tree, image, "compression", now, (int)strlen(now) + 1));
}

static int32_t replace(struct updater *u, const struct replace_params *r)
{
    const int image = fit_find_image(&u->frame, r->name.bytes);
    struct fit_data *data = image < 0 ? NULL : fit_data_of(&u->frame, image);
    struct fit_piece *piece = u->call->host->alloc(u->call, sizeof(*piece));

    if (piece == NULL)
        return KP_FAILED;
    if (data == NULL)
        return kp_fail_at(u->call, &r->name, "`kpipe inspect` lists them",
                          "replace: %s: there is no image of that name", r->name.bytes);
    *piece = (struct fit_piece){.image = r->image, .length = kp_size(u->call, r->image)};
    *data = (struct fit_data){.first = piece, .length = piece->length};
    if (fdt_getprop(u->frame.tree, image, "data-size-unciphered", NULL) != NULL) {
        if (u->protection.key_count == 0)
            return kp_fail_at(u->call, &r->name, "give its key in keys",
                              "replace: %s: its contents are encrypted", r->name.bytes);
        fdt_delprop(u->frame.tree, image, "data-size-unciphered");
    }
    return relabel(u, r, image);
}

/* What stands for contents in a frame is nobody's to set. */
static int32_t check_sets(struct updater *u)
{
    const struct tree_set *sets = u->p->set.items;
    uint64_t i;

    for (i = 0; i < u->p->set.count; i++)
        if (strncmp(sets[i].node.bytes, "/" FIT_IMAGES "/", strlen("/" FIT_IMAGES "/")) == 0 &&
            sets[i].has_property && fit_is_contents(sets[i].property.bytes))
            return kp_fail_at(u->call, &sets[i].property, "replace gives an image other contents",
                              "set: %s: %s: where contents are is not set", sets[i].node.bytes,
                              sets[i].property.bytes);
    return KP_OK;
}

static int32_t change(struct updater *u)
{
    const struct update_params *p = u->p;
    const struct replace_params *replaced = p->replace.items;
    int32_t result;
    uint64_t i;

    if (tree_check_edits(u->call, &p->delete, &p->set) != KP_OK || check_sets(u) != KP_OK ||
        fit_make_room(&u->frame, 64 * (p->replace.count + 1) + tree_edits_need(u->call, &p->set)) !=
            KP_OK)
        return KP_FAILED;
    for (i = 0; i < p->replace.count; i++)
        if (replace(u, &replaced[i]) != KP_OK)
            return KP_FAILED;
    result = tree_apply_edits(u->call, u->frame.tree, &p->delete, &p->set);
    fdt_pack(u->frame.tree);
    return result == TREE_NO_SPACE ? kp_fail(u->call, "set: the tree has no room for it") : result;
}

/* --- signatures that are kept --- */

static int has_key(const struct updater *u, int node)
{
    const char *hint = fit_text(&u->frame, node, "key-name-hint");
    uint64_t i;

    for (i = 0; hint != NULL && i < u->protection.key_count; i++)
        if (strcmp(u->protection.keys[i].hint, hint) == 0)
            return 1;
    return 0;
}

static int32_t keep(struct updater *u, const struct fit_digests *digests, int parent, int node,
                    int is_configuration)
{
    struct kept *kept = u->call->host->alloc(u->call, sizeof(*kept));

    if (kept == NULL)
        return KP_FAILED;
    if (!fit_digest_signed(&u->frame, digests, parent, node, is_configuration, kept->digest,
                           &kept->length))
        return fit_check_work(&u->frame);
    kept->parent = fit_copy_text(u->call, fdt_get_name(u->frame.tree, parent, NULL));
    kept->name = fit_copy_text(u->call, fdt_get_name(u->frame.tree, node, NULL));
    kept->is_configuration = is_configuration;
    kept->next = u->kept;
    u->kept = kept;
    return kept->parent == NULL || kept->name == NULL ? KP_FAILED : KP_OK;
}

/* The signatures of an image or a configuration for which there is no key, with what they are of. */
static int32_t keep_all(struct updater *u, const struct fit_digests *digests, int parent,
                        int is_configuration)
{
    int node;

    fdt_for_each_subnode(node, u->frame.tree, parent)
        if (fit_is(&u->frame, node, "signature") && !has_key(u, node) &&
            fdt_getprop(u->frame.tree, node, "value", NULL) != NULL &&
            keep(u, digests, parent, node, is_configuration) != KP_OK)
            return KP_FAILED;
    return KP_OK;
}

static int32_t want_all(struct updater *u, struct fit_digests *digests)
{
    int image;

    fit_for_each_image(image, &u->frame)
        if (fit_want_digests(&u->frame, image, digests) != KP_OK)
            return KP_FAILED;
    return fit_make_digests(u->call, digests);
}

static int32_t keep_signatures(struct updater *u)
{
    struct fit_digests digests = {0};
    int parent;

    if (want_all(u, &digests) != KP_OK)
        return KP_FAILED;
    fit_for_each_image(parent, &u->frame)
        if (keep_all(u, &digests, parent, 0) != KP_OK)
            return KP_FAILED;
    fit_for_each_configuration(parent, &u->frame)
        if (keep_all(u, &digests, parent, 1) != KP_OK)
            return KP_FAILED;
    return KP_OK;
}

static int32_t is_broken(const struct updater *u, const struct kept *kept, int node)
{
    const char *hint = fit_text(&u->frame, node, "key-name-hint");

    if (fit_check_work(&u->frame) != KP_OK)
        return KP_FAILED;
    return kp_fail_at(u->call, &u->p->keys, "give the key by this name in keys, or delete the node",
                      "/%s/%s: %s: key-name-hint: %s: it was signed, and what is signed changes",
                      kept->is_configuration ? FIT_CONFIGURATIONS : FIT_IMAGES, kept->parent,
                      kept->name, hint == NULL ? "missing" : hint);
}

static int32_t check_kept(struct updater *u)
{
    struct fit_digests digests = {0};
    const struct kept *kept;
    uint8_t digest[FIT_DIGEST];
    uint32_t length;

    if (u->kept != NULL && want_all(u, &digests) != KP_OK)
        return KP_FAILED;
    for (kept = u->kept; kept != NULL; kept = kept->next) {
        const int top =
            kept->is_configuration ? fit_configurations(&u->frame) : fit_images(&u->frame);
        const int parent = fdt_subnode_offset(u->frame.tree, top, kept->parent);
        const int node = fdt_subnode_offset(u->frame.tree, parent, kept->name);

        if (node < 0)
            continue; /* it was deleted */
        if (!fit_digest_signed(&u->frame, &digests, parent, node, kept->is_configuration, digest,
                               &length) ||
            length != kept->length || memcmp(digest, kept->digest, length) != 0)
            return is_broken(u, kept, node);
    }
    return KP_OK;
}

/* --- the stage --- */

/* Where contents lie: where they did, unless the recipe says something else. */
static int32_t find_out(struct updater *u, struct fit_out_params *out)
{
    struct fit_place place = {.align = 4};
    const int found = fit_find_place(&u->frame, &place);

    *out = u->p->out;
    if (!u->p->has_external)
        out->external = place.external;
    if (!u->p->has_external && place.external && !found && !u->p->has_align)
        return kp_fail_at(u->call, &u->p->out.align, "give align, and position if it has one",
                          "align: contents lie behind the tree in a way that is not known");
    if (!u->p->has_align)
        out->align = place.align;
    if (!out->has_position && !u->p->has_external && place.has_position) {
        out->has_position = 1;
        out->position = place.position;
    }
    if (!out->has_space && !out->external) {
        out->has_space = 1;
        out->space = u->frame.space_read;
    }
    return KP_OK;
}

static int32_t run(struct kp_call *call)
{
    const struct update_params *p = call->params;
    struct updater u = {.call = call, .p = p};
    struct fit_out_params out;

    if (fit_take_keys(call, &p->keys, &u.protection) != KP_OK ||
        fit_read(call, call->input, &u.frame) != KP_OK || find_out(&u, &out) != KP_OK ||
        keep_signatures(&u) != KP_OK || change(&u) != KP_OK)
        return KP_FAILED;
    u.protection.only_known = 1;
    u.protection.has_time = p->has_time;
    u.protection.signer.time = (uint32_t)(p->has_time ? p->time : call->host->build_time(call));
    if (fit_protect_checked(call, &u.frame, &out, &u.protection) != KP_OK ||
        check_kept(&u) != KP_OK)
        return KP_FAILED;
    return fit_write_out(&u.frame, &out);
}

static const char *const kinds[] = {KP_KIND_FIT, KP_KIND_DTB, NULL};

static const struct kp_param *const replace_table[] = {
    KP_TEXT(struct replace_params, name, .flags = KP_PARAM_REQUIRED, .summary = "an image's node"),
    KP_IMAGE(struct replace_params, image, .flags = KP_PARAM_REQUIRED, .summary = "new contents"),
    NULL,
};

static const struct kp_param *const table[] = {
    KP_RECORD_LIST(struct update_params, replace, struct replace_params, .fields = replace_table,
                   .summary = "images that get new contents"),
    KP_RECORD_LIST(struct update_params, set, struct tree_set, .fields = tree_set_table,
                   .summary = "properties that are set"),
    KP_RECORD_LIST(struct update_params, delete, struct tree_delete, .fields = tree_delete_table,
                   .summary = "properties and nodes that go, before others are set"),
    KP_KEY_LIST(struct update_params, keys,
                .summary = "keys: what is signed under their names is signed anew"),
    KP_UINT(struct update_params, time, .maximum = UINT32_MAX,
            .presence = offsetof(struct update_params, has_time),
            .computed = "the FIT keeps its own; signatures get SOURCE_DATE_EPOCH, or 0",
            .summary = "timestamp, in seconds since 1970-01-01 UTC"),
    FIT_UPDATE_ROWS(struct update_params),
    NULL,
};

const struct kp_operation fit_update = {
    .size = sizeof(struct kp_operation),
    .threading = KP_THREADS_ANY,
    .summary = "change a FIT in place: contents, properties, signatures",
    .help = "Hashes are made anew, and signatures under the names of the keys given. A signature "
            "without its key stays if it still holds; else nothing is written.",
    .input_kinds = kinds,
    .output_kind = KP_KIND_FIT,
    .params = table,
    .params_size = sizeof(struct update_params),
    .memory_base = 256u << 20,
    .memory_per_byte = 4,
    .run = run,
};
