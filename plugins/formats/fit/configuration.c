/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/configuration.c - nodes of /configurations from what a recipe says, and the nodes of
 * signatures, which images can have as well.
 */
#include <string.h>

#include "fit.h"

int32_t fit_use_key(struct fit_maker *maker, const struct kp_key *key, const char *hint,
                    const void *field)
{
    if (maker->key_count == maker->key_room) {
        const uint64_t room = maker->key_room == 0 ? 16 : maker->key_room * 2;
        struct fit_key *keys = maker->call->host->alloc(maker->call, room * sizeof(*keys));

        if (keys == NULL)
            return KP_FAILED;
        if (maker->key_count > 0)
            memcpy(keys, maker->keys, maker->key_count * sizeof(*keys));
        maker->keys = keys;
        maker->key_room = room;
    }
    maker->keys[maker->key_count++] = (struct fit_key){key, hint, field};
    return KP_OK;
}

/* "sha256,rsa2048": the hash as wished, the rest as the key is. */
static int32_t make_algo(struct fit_maker *maker, const struct fit_signature_params *s,
                         const struct kp_key_facts *facts, char *algo, size_t size)
{
    if (facts->type == KP_KEY_SECRET)
        return kp_fail_at(maker->call, &s->key, "ciphers take such keys",
                          "key: '%s' is a secret, which signs nothing", facts->name);
    if (fit_key_algo(facts, s->hash, algo, size) != KP_OK)
        return kp_fail_at(maker->call, &s->key, "RSA of 2048, 3072 or 4096 bits, P-256 or P-384",
                          "key: '%s': U-Boot has no name for such keys", facts->name);
    if (facts->type == KP_KEY_EC && s->has_padding)
        return kp_fail_at(maker->call, &s->padding, NULL, "padding: ECDSA has none");
    return KP_OK;
}

/* Which properties of a configuration are covered. */
static int32_t make_sign_images(struct kp_call *call, struct fit_node *node,
                                const struct fit_signature_params *s, int configuration)
{
    const struct kp_text *texts = s->sign_images.items;
    struct fit_property *property;
    uint64_t i;

    if (s->sign_images.count == 0)
        return KP_OK;
    if (!configuration)
        return kp_fail_at(call, &s->sign_images, NULL,
                          "sign_images: this signature covers one image alone");
    property = fit_add_property(call, node, "sign-images");
    for (i = 0; property != NULL && i < s->sign_images.count; i++)
        if (fit_put_bytes(call, property, texts[i].bytes, texts[i].length + 1) != KP_OK)
            return KP_FAILED;
    return property == NULL ? KP_FAILED : KP_OK;
}

static int32_t make_signature(struct fit_maker *maker, struct fit_node *node,
                              const struct fit_signature_params *s, int configuration)
{
    struct kp_call *call = maker->call;
    struct kp_key_facts facts = {.size = sizeof(facts)};
    const struct kp_keys *service = call->host->get_extension(call->host, KP_KEYS_ID);
    char *algo = call->host->alloc(call, 32);

    if (!s->has_key)
        return kp_fail_at(call, s, "name one of the recipe's keys", "signatures: key: missing");
    if (service == NULL)
        return kp_fail_at(call, &s->key, NULL, "keys: this host holds none");
    if (algo == NULL || service->describe(call, s->key, &facts) != KP_OK ||
        make_algo(maker, s, &facts, algo, 32) != KP_OK ||
        fit_add_text(call, node, "algo", algo) != KP_OK ||
        fit_add_text(call, node, "key-name-hint", s->has_hint ? s->hint.bytes : facts.name) !=
            KP_OK)
        return KP_FAILED;
    if (s->has_padding &&
        fit_add_text(call, node, "padding", fit_choice(fit_paddings, s->padding)) != KP_OK)
        return KP_FAILED;
    if (make_sign_images(call, node, s, configuration) != KP_OK)
        return KP_FAILED;
    return fit_use_key(maker, s->key, s->has_hint ? s->hint.bytes : NULL, &s->key);
}

int32_t fit_make_signatures(struct fit_maker *maker, struct fit_node *node,
                            const struct kp_list *signatures, int configuration)
{
    const struct fit_signature_params *items = signatures->items;
    uint64_t i;

    for (i = 0; i < signatures->count; i++) {
        char *name = maker->call->host->alloc(maker->call, 32);
        struct fit_node *signature;

        if (name == NULL)
            return KP_FAILED;
        snprintf(name, 32, i == 0 && maker->plain_names ? "signature" : "signature-%u",
                 (unsigned)i + 1);
        signature = fit_add_node(maker->call, node, name);
        if (signature == NULL ||
            make_signature(maker, signature, &items[i], configuration) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

/* --- configurations --- */

/* Names of images, as a property has them. */
static int32_t add_references(struct fit_maker *maker, struct fit_node *node, const char *name,
                              const struct kp_text *texts, uint64_t count)
{
    struct fit_property *property = fit_add_property(maker->call, node, name);
    uint64_t i;

    if (property == NULL)
        return KP_FAILED;
    for (i = 0; i < count; i++) {
        if (fit_find_node(maker->images, texts[i].bytes) == NULL)
            return kp_fail_at(maker->call, &texts[i], "images: gives each its name",
                              "%s: %s: there is no image of that name", name, texts[i].bytes);
        if (fit_put_bytes(maker->call, property, texts[i].bytes, texts[i].length + 1) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

/* A tree's model and compatible, from the image that a configuration names first. */
static int32_t describe_by_tree(struct fit_maker *maker, struct fit_node *node,
                                const struct fit_configuration_params *c)
{
    const struct kp_text *trees = c->fdt.items;
    const struct fit_node *image =
        c->fdt.count == 0 ? NULL : fit_find_node(maker->images, trees[0].bytes);
    const struct fit_property *data = image == NULL ? NULL : fit_find_property(image, "data");
    struct fit_tree_facts facts = {0};

    if (data != NULL && data->first != NULL &&
        fit_read_tree(maker->call, data->first->image, &facts) != KP_OK)
        return KP_FAILED;
    return fit_describe(maker->call, node, &facts, c->has_description ? NULL : "description",
                        c->has_compatible ? NULL : "compatible");
}

/* The properties that name images, in the order of the specification. */
static int32_t make_references(struct fit_maker *maker, struct fit_node *node,
                               const struct fit_configuration_params *c)
{
    if ((c->has_kernel && add_references(maker, node, "kernel", &c->kernel, 1) != KP_OK) ||
        (c->has_firmware && add_references(maker, node, "firmware", &c->firmware, 1) != KP_OK) ||
        (c->has_fdt && add_references(maker, node, "fdt", c->fdt.items, c->fdt.count) != KP_OK) ||
        (c->has_ramdisk && add_references(maker, node, "ramdisk", &c->ramdisk, 1) != KP_OK) ||
        (c->has_loadables && add_references(maker, node, "loadables", c->loadables.items,
                                            c->loadables.count) != KP_OK) ||
        (c->has_fpga && add_references(maker, node, "fpga", &c->fpga, 1) != KP_OK) ||
        (c->has_script && add_references(maker, node, "script", &c->script, 1) != KP_OK))
        return KP_FAILED;
    return KP_OK;
}

int32_t fit_make_configuration(struct fit_maker *maker, const struct fit_configuration_params *c)
{
    struct kp_call *call = maker->call;
    const struct kp_text *compatible = c->compatible.items;
    struct fit_property *property;
    struct fit_node *node;
    uint64_t i;

    if (fit_find_node(maker->configurations, c->name.bytes) != NULL)
        return kp_fail_at(call, &c->name, "give each its own name",
                          "name: %s: a second configuration", c->name.bytes);
    node = fit_add_node(call, maker->configurations, c->name.bytes);
    if (node == NULL || (c->has_description &&
                         fit_add_text(call, node, "description", c->description.bytes) != KP_OK))
        return KP_FAILED;
    if (c->has_compatible) {
        property = fit_add_property(call, node, "compatible");
        for (i = 0; property != NULL && i < c->compatible.count; i++)
            if (fit_put_bytes(call, property, compatible[i].bytes, compatible[i].length + 1) !=
                KP_OK)
                return KP_FAILED;
    }
    if (make_references(maker, node, c) != KP_OK || describe_by_tree(maker, node, c) != KP_OK ||
        fit_make_more(call, node, &c->properties) != KP_OK ||
        fit_reorder(call, node, &c->order) != KP_OK)
        return KP_FAILED;
    return fit_make_signatures(maker, node,
                               c->has_signatures ? &c->signatures : &maker->p->signatures, 1);
}
