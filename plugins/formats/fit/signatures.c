/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/signatures.c - nodes of signatures, of images and of configurations: to be signed with a key
 * that the recipe names, or signed already by somebody whose key nobody has here.
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
    if (s->sign_images.count == 0)
        return KP_OK;
    if (!configuration)
        return kp_fail_at(call, &s->sign_images, NULL,
                          "sign_images: this signature covers one image alone");
    return fit_add_texts(call, node, "sign-images", &s->sign_images);
}

/* A signature that was made elsewhere, and the digest that it is of. */
static int32_t keep_given(struct fit_maker *maker, const struct fit_signature_params *s,
                          const struct fit_node *node)
{
    struct kp_call *call = maker->call;
    struct fit_given *given = call->host->alloc(call, sizeof(*given));
    uint64_t digest_length = 0;
    uint8_t *value, *digest = NULL;

    if (given == NULL || fit_read_hex(call, &s->value, &value, &given->length) != KP_OK ||
        (s->has_digest && fit_read_hex(call, &s->digest, &digest, &digest_length) != KP_OK))
        return KP_FAILED;
    if (given->length > FIT_SIGNATURE)
        return kp_fail_at(call, &s->value, NULL, "value: %llu bytes: more than a signature has",
                          (unsigned long long)given->length);
    if (s->has_digest && digest_length > FIT_DIGEST)
        return kp_fail_at(call, &s->digest, NULL, "digest: %llu bytes: more than one has",
                          (unsigned long long)digest_length);
    given->image = node->parent->name;
    given->name = node->name;
    given->is_configuration = node->parent->parent == maker->configurations;
    given->value = value;
    given->digest = digest;
    given->digest_length = digest_length;
    given->field = &s->value;
    given->strings = s->has_hashed_strings ? (uint32_t)s->hashed_strings : UINT32_MAX;
    given->by = (struct fit_signer){s->has_signer_name ? s->signer_name.bytes : NULL,
                                    s->has_signer_version ? s->signer_version.bytes : NULL,
                                    s->has_comment ? s->comment.bytes : NULL, (uint32_t)s->time};
    given->next = maker->given;
    maker->given = given;
    return KP_OK;
}

static int32_t make_signature(struct fit_maker *maker, struct fit_node *node,
                              const struct fit_signature_params *s, int configuration)
{
    struct kp_call *call = maker->call;
    struct kp_key_facts facts = {.size = sizeof(facts)};
    const struct kp_keys *service = call->host->get_extension(call->host, KP_KEYS_ID);
    char *made = call->host->alloc(call, 32);
    const char *algo = made, *hint = s->has_hint ? s->hint.bytes : NULL;

    if (!s->has_key && !(s->has_value && s->has_algo && s->has_hint))
        return kp_fail_at(call, s, "name one of the recipe's keys", "signatures: key: missing");
    if (s->has_key && service == NULL)
        return kp_fail_at(call, &s->key, NULL, "keys: this host holds none");
    if (made == NULL || (s->has_key && service->describe(call, s->key, &facts) != KP_OK))
        return KP_FAILED;
    if (s->has_algo)
        algo = s->algo.bytes;
    else if (make_algo(maker, s, &facts, made, 32) != KP_OK)
        return KP_FAILED;
    if (fit_add_text(call, node, "algo", algo) != KP_OK ||
        fit_add_text(call, node, "key-name-hint", hint != NULL ? hint : facts.name) != KP_OK ||
        (s->has_padding && fit_add_text(call, node, "padding",
                                        uboot_choice_name(fit_paddings, s->padding)) != KP_OK) ||
        make_sign_images(call, node, s, configuration) != KP_OK ||
        fit_reorder(call, node, &s->order) != KP_OK)
        return KP_FAILED;
    return s->has_key ? fit_use_key(maker, s->key, hint, &s->key) : keep_given(maker, s, node);
}

int32_t fit_make_signatures(struct fit_maker *maker, struct fit_node *node,
                            const struct kp_list *signatures, int configuration)
{
    const struct fit_signature_params *items = signatures->items;
    uint64_t i;

    for (i = 0; i < signatures->count; i++) {
        char *numbered = maker->call->host->alloc(maker->call, 32);
        const char *name = items[i].has_name ? items[i].name.bytes : numbered;
        struct fit_node *signature;

        if (numbered == NULL)
            return KP_FAILED;
        snprintf(numbered, 32, i == 0 && maker->plain_names ? "signature" : "signature-%u",
                 (unsigned)i + 1);
        if (fit_find_node(node, name) != NULL)
            return kp_fail_at(maker->call, &items[i].name, "give each its own name",
                              "signatures: %s: a second node", name);
        signature = fit_add_node(maker->call, node, name);
        if (signature == NULL ||
            make_signature(maker, signature, &items[i], configuration) != KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}
