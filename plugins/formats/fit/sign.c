/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/sign.c - signatures of images and configurations. The host holds the keys and signs; what is
 * signed is worked out here (regions.c).
 *
 * Which properties a signature's node gets, and in which order: U-Boot 2025.01, tools/image-host.c,
 * fit_image_write_sig.
 */
#include <stdlib.h>
#include <string.h>

#include "protect_private.h"

int32_t fit_open_keys(struct fit_protector *p)
{
    struct kp_call *call = p->frame->call;
    const uint64_t count = p->what->key_count;
    uint64_t i;

    p->paths = call->host->alloc(call, FIT_PATHS);
    if (p->paths == NULL)
        return KP_FAILED;
    if (count == 0)
        return KP_OK;
    p->service = call->host->get_extension(call->host, KP_KEYS_ID);
    p->keys = call->host->alloc(call, count * sizeof(*p->keys));
    if (p->keys == NULL)
        return KP_FAILED;
    if (p->service == NULL)
        return kp_fail_at(call, p->what->keys_field, NULL, "keys: this host holds none");
    for (i = 0; i < count; i++) {
        struct fit_open_key *key = &p->keys[i];

        key->given = &p->what->keys[i];
        key->facts.size = sizeof(key->facts);
        if (p->service->describe(call, key->given->key, &key->facts) != KP_OK)
            return KP_FAILED;
        key->hint = key->given->hint != NULL ? key->given->hint : key->facts.name;
    }
    return KP_OK;
}

int32_t fit_take_keys(struct kp_call *call, const struct kp_list *keys,
                      struct fit_protection *protection)
{
    const struct kp_key *const *items = keys->items;
    const struct kp_keys *service = call->host->get_extension(call->host, KP_KEYS_ID);
    struct fit_key *taken = call->host->alloc(call, (keys->count + 1) * sizeof(*taken));
    uint64_t i;

    if (taken == NULL)
        return KP_FAILED;
    if (service == NULL && keys->count > 0)
        return kp_fail_at(call, keys, NULL, "keys: this host holds none");
    for (i = 0; i < keys->count; i++) {
        struct kp_key_facts facts = {.size = sizeof(facts)};

        if (service->describe(call, items[i], &facts) != KP_OK)
            return KP_FAILED;
        taken[i] = (struct fit_key){items[i], facts.name, &items[i]};
    }
    protection->keys = taken;
    protection->key_count = keys->count;
    protection->keys_field = keys;
    return KP_OK;
}

const struct fit_open_key *fit_key_for(const struct fit_protector *p, int node)
{
    const char *hint = fit_text(p->frame, node, "key-name-hint");
    uint64_t i;

    for (i = 0; hint != NULL && i < p->what->key_count; i++)
        if (strcmp(p->keys[i].hint, hint) == 0)
            return &p->keys[i];
    return NULL;
}

/* A node for which there is no key: an error if there are others, as a wrong hint must not give a
 * FIT without a signature; without any key it is not to be signed, as with mkimage without -k. */
static int32_t no_key(struct fit_protector *p, int node)
{
    const char *hint = fit_text(p->frame, node, "key-name-hint");
    const char *name = fdt_get_name(p->frame->tree, node, NULL);

    if (fdt_getprop(p->frame->tree, node, "value", NULL) != NULL)
        return KP_OK; /* it is signed, by somebody else */
    if (p->what->only_known)
        return KP_OK;
    if (p->what->key_count > 0)
        return kp_fail_at(p->frame->call, p->what->keys_field,
                          "a key belongs to the nodes whose key-name-hint is its name",
                          "%s: key-name-hint: %s: none of the keys has that name", name,
                          hint == NULL ? "missing" : hint);
    if (!p->real && !p->signs)
        kp_message(p->frame->call, KP_WARNING,
                   "%s: key-name-hint: %s: not signed: no keys are given", name,
                   hint == NULL ? "missing" : hint);
    p->signs = 1;
    return KP_OK;
}

/* What the node says and the key it names must fit. */
static int32_t check_key(const struct fit_protector *p, const struct fit_open_key *key, int node,
                         struct fit_signature_kind *kind)
{
    const char *name = fdt_get_name(p->frame->tree, node, NULL), *why;

    if (fit_signature_kind(p->frame, node, kind, &why) != KP_OK)
        return kp_fail(p->frame->call, "%s: %s", name, why);
    if (key->facts.type == kind->crypto->key_type && key->facts.bits == kind->crypto->bits)
        return KP_OK;
    return kp_fail_at(p->frame->call, key->given->field, "name the algorithm of the key",
                      "%s: algo: %s: the key '%s' is one of %s with %u bits", name,
                      kind->crypto->name, key->hint,
                      key->facts.type == KP_KEY_RSA  ? "RSA"
                      : key->facts.type == KP_KEY_EC ? "an elliptic curve"
                                                     : "a cipher",
                      (unsigned)key->facts.bits);
}

static uint32_t signature_length(const struct fit_crypto *crypto)
{
    return crypto->key_type == KP_KEY_RSA ? crypto->bits / 8 : 2 * ((crypto->bits + 7) / 8);
}

/* The signature of a digest: FIT_SIGNATURE bytes at most. */
static int32_t sign(const struct fit_protector *p, const struct fit_open_key *key,
                    const struct fit_signature_kind *kind, const uint8_t *digest, uint8_t *value)
{
    const uint32_t length = signature_length(kind->crypto);
    const struct kp_signing what = {
        .size = sizeof(what),
        .scheme = kind->scheme,
        .salt_length = kind->scheme == KP_SIGN_RSA_PSS ? kind->hash->length : 0,
        .hash = kind->hash->name,
        .digest = digest,
        .length = kind->hash->length,
    };
    struct kp_call *call = p->frame->call;
    const struct kp_image *signature = p->service->sign(call, key->given->key, &what);

    if (signature == NULL)
        return KP_FAILED;
    if (kp_size(call, signature) != length)
        return kp_fail(call, "signature: %llu bytes: %s has %u",
                       (unsigned long long)kp_size(call, signature), kind->crypto->name,
                       (unsigned)length);
    return call->host->image_read(call, signature, 0, value, length);
}

/* What is signed, and by whom: with a key that is here, or elsewhere. */
struct signing {
    const struct fit_open_key *key;
    const struct fit_given *given;
    struct fit_signature_kind kind;
    uint32_t length; /* of the signature */
};

static const struct fit_given *find_given(const struct fit_protector *p, int parent, int node,
                                          int is_configuration)
{
    const struct fit_given *given = p->what->given;

    for (; given != NULL; given = given->next)
        if (given->is_configuration == is_configuration &&
            strcmp(given->image, fdt_get_name(p->frame->tree, parent, NULL)) == 0 &&
            strcmp(given->name, fdt_get_name(p->frame->tree, node, NULL)) == 0)
            return given;
    return NULL;
}

/* KP_OK with neither key nor given signature: the node stays as it is. */
static int32_t find_signing(struct fit_protector *p, int parent, int node, int is_configuration,
                            struct signing *s)
{
    const char *why;

    s->given = find_given(p, parent, node, is_configuration);
    s->key = s->given != NULL ? NULL : fit_key_for(p, node);
    if (s->key == NULL && s->given == NULL)
        return no_key(p, node);
    if (s->key != NULL) {
        if (check_key(p, s->key, node, &s->kind) != KP_OK)
            return KP_FAILED;
        s->length = signature_length(s->kind.crypto);
        return KP_OK;
    }
    s->length = (uint32_t)s->given->length;
    if (fit_signature_kind(p->frame, node, &s->kind, &why) != KP_OK)
        return kp_fail_at(p->frame->call, s->given->field, NULL, "%s: %s",
                          fdt_get_name(p->frame->tree, node, NULL), why);
    return KP_OK;
}

/* The signature of a digest, made or given. */
static int32_t find_value(const struct fit_protector *p, const struct signing *s, int node,
                          const uint8_t *digest, uint8_t *value)
{
    const struct fit_given *given = s->given;

    if (given == NULL)
        return sign(p, s->key, &s->kind, digest, value);
    memcpy(value, given->value, given->length);
    if (given->digest == NULL || (given->digest_length == s->kind.hash->length &&
                                  memcmp(given->digest, digest, given->digest_length) == 0))
        return KP_OK;
    return kp_fail_at(p->frame->call, given->field,
                      "give a key, as in key: dev, to have it signed again; or take the signature "
                      "out",
                      "%s: the signature is of other bytes than these",
                      fdt_get_name(p->frame->tree, node, NULL));
}

static int set_text(uint8_t *tree, int node, const char *name, const char *text)
{
    return text == NULL ? 0 : fdt_setprop(tree, node, name, text, (int)strlen(text) + 1);
}

/* What a signature's node gets, but for what it covers. */
static int write_signature(const struct fit_protector *p, const struct signing *s, int node,
                           const uint8_t *value)
{
    const struct fit_signer *by = s->given != NULL ? &s->given->by : &p->what->signer;
    uint8_t *tree = p->frame->tree;
    int code = fdt_setprop(tree, node, "value", value, (int)s->length);

    if (code == 0)
        code = set_text(tree, node, "signer-name", by->name);
    if (code == 0)
        code = set_text(tree, node, "signer-version", by->version);
    if (code == 0)
        code = set_text(tree, node, "comment", by->comment);
    if (code == 0)
        code = fdt_setprop_u32(tree, node, "timestamp", by->time);
    return code;
}

int32_t fit_sign_image(struct fit_protector *p, struct fit_data *data, int image, int node)
{
    uint8_t value[FIT_SIGNATURE] = {0};
    struct signing s = {.key = NULL};

    if (find_signing(p, image, node, 0, &s) != KP_OK)
        return KP_FAILED;
    if (s.key == NULL && s.given == NULL)
        return KP_OK;
    if (!p->real && fit_want_digest(p->frame->call, &p->digests, data, s.kind.hash) != KP_OK)
        return KP_FAILED;
    if (p->real &&
        find_value(p, &s, node, fit_digest_of(&p->digests, data, s.kind.hash), value) != KP_OK)
        return KP_FAILED;
    return fit_result(p->frame, "signature", write_signature(p, &s, node, value));
}

/* The paths of all nodes that are covered, each with its NUL; at most `room` bytes, else 0. */
static int list_paths(const struct fit_protector *p, const struct fit_covered *covered, char *to,
                      int room)
{
    int length = 0;
    uint32_t i;

    for (i = 0; i < covered->count; i++) {
        if (fdt_get_path(p->frame->tree, covered->nodes[i], to + length, room - length) != 0)
            return 0;
        length += (int)strlen(to + length) + 1;
    }
    return length;
}

/* sign-images may leave out what newer U-Boots want to be covered. */
static void warn_of_less(const struct fit_protector *p, int configuration,
                         const struct fit_covered *covered)
{
    struct fit_covered all;
    const char *why;

    if (!p->real && fit_cover(p->frame, configuration, NULL, 0, &all, &why) == KP_OK &&
        all.count != covered->count)
        kp_message(p->frame->call, KP_WARNING,
                   "/configurations/%s: sign-images: the signature does not cover all images that "
                   "the configuration names: U-Boot since 2026 refuses it",
                   fdt_get_name(p->frame->tree, configuration, NULL));
}

static int32_t cover(const struct fit_protector *p, int configuration, int node,
                     struct fit_covered *covered)
{
    int length = 0;
    const char *only = fdt_getprop(p->frame->tree, node, "sign-images", &length);
    const char *why;

    if (fit_cover(p->frame, configuration, only, (uint32_t)length, covered, &why) != KP_OK)
        return kp_fail(p->frame->call, "/configurations/%s: %s: %s",
                       fdt_get_name(p->frame->tree, configuration, NULL),
                       fdt_get_name(p->frame->tree, node, NULL), why);
    if (only != NULL)
        warn_of_less(p, configuration, covered);
    return KP_OK;
}

/* The paths that hashed-nodes lists, for readers that still believe them. */
static int32_t put_covered(const struct fit_protector *p, int node, const char *paths, int length,
                           uint32_t strings)
{
    const uint32_t range[2] = {0, cpu_to_fdt32(strings)};
    int code = fdt_setprop(p->frame->tree, node, "hashed-nodes", paths, length);

    if (code == 0)
        code = fdt_setprop(p->frame->tree, node, "hashed-strings", range, (int)sizeof(range));
    return fit_result(p->frame, "signature", code);
}

int32_t fit_sign_configuration(struct fit_protector *p, int configuration, int node)
{
    uint32_t strings = fdt_size_dt_strings(p->frame->tree);
    uint8_t value[FIT_SIGNATURE] = {0}, digest[FIT_DIGEST];
    struct signing s = {.key = NULL};
    struct fit_covered covered;
    const char *why;
    int32_t result;
    int length;

    if (find_signing(p, configuration, node, 1, &s) != KP_OK)
        return KP_FAILED;
    if (s.key == NULL && s.given == NULL)
        return KP_OK;
    if (cover(p, configuration, node, &covered) != KP_OK)
        return KP_FAILED;
    if (s.given != NULL && s.given->strings < strings)
        strings = s.given->strings;
    length = list_paths(p, &covered, p->paths, FIT_PATHS);
    if (p->real &&
        fit_digest_covered(p->frame, &covered, strings, s.kind.hash, digest, &why) != KP_OK)
        return kp_fail(p->frame->call, "signature: %s", why);
    if (p->real && find_value(p, &s, node, digest, value) != KP_OK)
        return KP_FAILED;
    p->frame->data_appended = 0; /* the signature covers that string now */
    result = fit_result(p->frame, "signature", write_signature(p, &s, node, value));
    return result == KP_OK ? put_covered(p, node, p->paths, length, strings) : result;
}
