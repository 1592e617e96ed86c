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

struct set_params {
    struct kp_text node;
    struct kp_list properties; /* struct fit_more */
};

struct delete_params {
    struct kp_text node, property;
    uint8_t has_property;
};

struct update_params {
    struct kp_list replace, set, delete, keys;
    uint64_t time;
    struct fit_out_params out;
    uint8_t has_time, has_external, has_align;
};

/* A signature that nobody here can make again. */
struct kept {
    const char *parent, *name;
    int is_configuration;
    uint8_t digest[FIT_DIGEST];
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

static int find_image(const struct updater *u, const char *name)
{
    return fdt_subnode_offset(u->frame.tree, fdt_path_offset(u->frame.tree, "/" FIT_IMAGES), name);
}

/* The label of new contents, if the node has one. */
static int32_t relabel(struct updater *u, const struct replace_params *r, int image)
{
    const char *type = fit_text(&u->frame, image, "type");
    const char *before = fit_text(&u->frame, image, "compression"), *now;
    uint32_t number = type != NULL && strcmp(type, "ramdisk") == 0  ? FIT_TYPE_RAMDISK
                      : type != NULL && strcmp(type, "kernel") == 0 ? FIT_TYPE_KERNEL
                                                                    : FIT_TYPE_FLAT_DT;

    if (before == NULL || number == FIT_TYPE_RAMDISK)
        return KP_OK;
    now = fit_find_compression(u->call, r->image, number, NULL, &r->image);
    if (now == NULL)
        return KP_FAILED;
    if (strcmp(now, before) == 0)
        return KP_OK;
    return fit_result(&u->frame, "compression",
                      fdt_setprop(u->frame.tree, image, "compression", now, (int)strlen(now) + 1));
}

static int32_t replace(struct updater *u, const struct replace_params *r)
{
    const int image = find_image(u, r->name.bytes);
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

/* The bytes of a value in one piece. */
static int32_t join(struct kp_call *call, const struct fit_property *property, uint8_t **bytes)
{
    const struct fit_piece *piece;
    uint64_t at = 0;

    *bytes = call->host->alloc(call, property->length + 1);
    for (piece = property->first; *bytes != NULL && piece != NULL; piece = piece->next) {
        memcpy(*bytes + at, piece->bytes, (size_t)piece->length);
        at += piece->length;
    }
    return *bytes == NULL ? KP_FAILED : KP_OK;
}

static int32_t set(struct updater *u, const struct set_params *s)
{
    struct fit_node *values = fit_add_node(u->call, NULL, "");
    const int node = fdt_path_offset(u->frame.tree, s->node.bytes);
    const struct fit_property *property;
    uint8_t *bytes;

    if (values == NULL || fit_make_more(u->call, values, &s->properties) != KP_OK)
        return KP_FAILED;
    if (node < 0)
        return kp_fail_at(u->call, &s->node, "as in /configurations/conf-1",
                          "set: %s: there is no such node", s->node.bytes);
    for (property = values->properties; property != NULL; property = property->next) {
        if (join(u->call, property, &bytes) != KP_OK ||
            fit_make_room(&u->frame, property->length + strlen(property->name) + 32) != KP_OK)
            return KP_FAILED;
        if (fit_result(&u->frame, "set",
                       fdt_setprop(u->frame.tree, node, property->name, bytes,
                                   (int)property->length)) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

static int32_t delete (struct updater *u, const struct delete_params *d)
{
    const int node = fdt_path_offset(u->frame.tree, d->node.bytes);
    int code;

    if (node <= 0 && !(node == 0 && d->has_property))
        return kp_fail_at(u->call, &d->node, NULL, "delete: %s: there is no such node",
                          d->node.bytes);
    code = d->has_property ? fdt_delprop(u->frame.tree, node, d->property.bytes)
                           : fdt_del_node(u->frame.tree, node);
    if (code == -FDT_ERR_NOTFOUND)
        return kp_fail_at(u->call, &d->property, NULL, "delete: %s: %s has no such property",
                          d->property.bytes, d->node.bytes);
    return fit_result(&u->frame, "delete", code);
}

static int32_t change(struct updater *u)
{
    const struct replace_params *replaced = u->p->replace.items;
    const struct set_params *changed = u->p->set.items;
    const struct delete_params *removed = u->p->delete.items;
    uint64_t i;

    if (fit_make_room(&u->frame, 64 * (u->p->replace.count + 1)) != KP_OK)
        return KP_FAILED;
    for (i = 0; i < u->p->replace.count; i++)
        if (replace(u, &replaced[i]) != KP_OK)
            return KP_FAILED;
    for (i = 0; i < u->p->delete.count; i++)
        if (delete (u, &removed[i]) != KP_OK)
            return KP_FAILED;
    for (i = 0; i < u->p->set.count; i++)
        if (set(u, &changed[i]) != KP_OK)
            return KP_FAILED;
    fdt_pack(u->frame.tree);
    return KP_OK;
}

/* --- signatures that are kept --- */

/* What the signature is of now; 0: that cannot be told. */
static int find_digest(const struct updater *u, const struct fit_digests *digests, int parent,
                       int node, int is_configuration, uint8_t digest[FIT_DIGEST])
{
    uint32_t length;

    memset(digest, 0, FIT_DIGEST);
    return fit_digest_signed(&u->frame, digests, parent, node, is_configuration, digest, &length);
}

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
    const char *parent_name = fdt_get_name(u->frame.tree, parent, NULL);
    const char *name = fdt_get_name(u->frame.tree, node, NULL);

    if (kept == NULL)
        return KP_FAILED;
    if (!find_digest(u, digests, parent, node, is_configuration, kept->digest))
        return KP_OK;
    kept->parent = fit_copy_text(u->call, parent_name);
    kept->name = fit_copy_text(u->call, name);
    kept->is_configuration = is_configuration;
    kept->next = u->kept;
    u->kept = kept;
    return kept->parent == NULL || kept->name == NULL ? KP_FAILED : KP_OK;
}

static int32_t want_all(struct updater *u, struct fit_digests *digests)
{
    int image;

    fdt_for_each_subnode(
        image, u->frame.tree,
        fdt_path_offset(u->frame.tree, "/" FIT_IMAGES)) if (fit_want_digests(&u->frame, image,
                                                                             digests) !=
                                                            KP_OK) return KP_FAILED;
    return fit_make_digests(u->call, digests);
}

/* All signatures for which there is no key, with what they are of. */
static int32_t keep_signatures(struct updater *u)
{
    static const char *const parents[] = {"/" FIT_IMAGES, "/" FIT_CONFIGURATIONS};
    struct fit_digests digests = {0};
    int parent, node, i;

    if (want_all(u, &digests) != KP_OK)
        return KP_FAILED;
    for (i = 0; i < 2; i++)
        fdt_for_each_subnode(parent, u->frame.tree, fdt_path_offset(u->frame.tree, parents[i]))
            fdt_for_each_subnode(
                node, u->frame.tree,
                parent) if (fit_is(&u->frame, node, "signature") && !has_key(u, node) &&
                            fdt_getprop(u->frame.tree, node, "value", NULL) != NULL &&
                            keep(u, &digests, parent, node, i) != KP_OK) return KP_FAILED;
    return KP_OK;
}

static int32_t check_kept(struct updater *u)
{
    struct fit_digests digests = {0};
    const struct kept *kept;
    uint8_t digest[FIT_DIGEST];

    if (u->kept != NULL && want_all(u, &digests) != KP_OK)
        return KP_FAILED;
    for (kept = u->kept; kept != NULL; kept = kept->next) {
        const char *where = kept->is_configuration ? "/" FIT_CONFIGURATIONS : "/" FIT_IMAGES;
        const int parent =
            fdt_subnode_offset(u->frame.tree, fdt_path_offset(u->frame.tree, where), kept->parent);
        const int node =
            parent < 0 ? parent : fdt_subnode_offset(u->frame.tree, parent, kept->name);

        if (node < 0)
            continue; /* it was deleted */
        if (!find_digest(u, &digests, parent, node, kept->is_configuration, digest) ||
            memcmp(digest, kept->digest, FIT_DIGEST) != 0)
            return kp_fail_at(u->call, &u->p->keys,
                              "give the key by this name in keys, or delete the node",
                              "%s/%s: %s: key-name-hint: %s: it was signed, and what is signed "
                              "changes",
                              where, kept->parent, kept->name,
                              fit_text(&u->frame, node, "key-name-hint") == NULL
                                  ? "missing"
                                  : fit_text(&u->frame, node, "key-name-hint"));
    }
    return KP_OK;
}

/* --- the stage --- */

static int32_t list_keys(struct updater *u)
{
    const struct kp_key *const *keys = u->p->keys.items;
    const struct kp_keys *service = u->call->host->get_extension(u->call->host, KP_KEYS_ID);
    struct fit_key *list = u->call->host->alloc(u->call, (u->p->keys.count + 1) * sizeof(*list));
    uint64_t i;

    if (list == NULL)
        return KP_FAILED;
    for (i = 0; i < u->p->keys.count; i++) {
        struct kp_key_facts facts = {.size = sizeof(facts)};

        if (service == NULL || service->describe(u->call, keys[i], &facts) != KP_OK)
            return KP_FAILED;
        list[i] = (struct fit_key){keys[i], facts.name, &keys[i]};
    }
    u->protection = (struct fit_protection){.keys = list,
                                            .key_count = u->p->keys.count,
                                            .keys_field = &u->p->keys,
                                            .only_known = 1,
                                            .has_time = u->p->has_time};
    return KP_OK;
}

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
    struct updater u = {.call = call, .p = call->params};
    struct fit_out_params out;

    if (list_keys(&u) != KP_OK || fit_read(call, call->input, &u.frame) != KP_OK ||
        find_out(&u, &out) != KP_OK || keep_signatures(&u) != KP_OK || change(&u) != KP_OK)
        return KP_FAILED;
    u.protection.signer.time = (uint32_t)(u.p->has_time ? u.p->time : call->host->build_time(call));
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

static const struct kp_param *const set_table[] = {
    KP_TEXT(struct set_params, node, .flags = KP_PARAM_REQUIRED,
            .summary = "path of a node: /images/kernel-1"),
    KP_RECORD_LIST(struct set_params, properties, struct fit_more, .fields = fit_more_table,
                   .flags = KP_PARAM_REQUIRED, .summary = "properties with their new values"),
    NULL,
};

static const struct kp_param *const delete_table[] = {
    KP_TEXT(struct delete_params, node, .flags = KP_PARAM_REQUIRED, .summary = "path of a node"),
    KP_TEXT(struct delete_params, property,
            .presence = offsetof(struct delete_params, has_property),
            .summary = "its property; without one the node goes with all that is in it"),
    NULL,
};

static const struct kp_param *const table[] = {
    KP_RECORD_LIST(struct update_params, replace, struct replace_params, .fields = replace_table,
                   .summary = "images that get new contents"),
    KP_RECORD_LIST(struct update_params, set, struct set_params, .fields = set_table,
                   .summary = "properties that are set"),
    KP_RECORD_LIST(struct update_params, delete, struct delete_params, .fields = delete_table,
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
