/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/keys.c - the stage `fit-keys`: public keys go into U-Boot's own device tree, where its
 * verification looks for them. The nodes are those of mkimage -K and fdt_add_pubkey (U-Boot 2025.01,
 * lib/rsa/rsa-sign.c and lib/ecdsa/ecdsa-libcrypto.c, *_add_verify_data): with RSA, numbers from
 * which U-Boot need not divide.
 */
#include <openssl/core_names.h>
#include <openssl/x509.h>
#include <string.h>

#include "fit.h"
#include "public.h"

#define REQUIRED_NO 0u
#define REQUIRED_CONF 1u
#define REQUIRED_IMAGE 2u

/* Largest modulus in bytes. */
#define MOST_BYTES 1024

struct key_params {
    const struct kp_key *key;
    struct kp_text hint;
    uint32_t hash, required;
    uint8_t has_hint;
};

struct keys_params {
    struct kp_list keys;
    uint32_t mode;
    uint8_t has_mode;
};

struct writer {
    struct kp_call *call;
    struct fit_frame *frame;
    const struct key_params *p;
    const struct kp_keys *service;
    struct kp_key_facts facts;
    int node;
};

static int set_text(const struct writer *w, const char *name, const char *text)
{
    return fdt_setprop(w->frame->tree, w->node, name, text, (int)strlen(text) + 1);
}

/* A number of so many bits, big-endian. */
static int set_number(const struct writer *w, const char *name, const BIGNUM *number, uint32_t bits)
{
    uint8_t bytes[MOST_BYTES];

    if (BN_bn2binpad(number, bytes, (int)(bits / 8)) < 0)
        return -FDT_ERR_BADVALUE;
    return fdt_setprop(w->frame->tree, w->node, name, bytes, (int)(bits / 8));
}

/* What Montgomery's multiplication wants of a modulus n: -1/n mod 2^32, and 2^(2 bits) mod n. */
static int montgomery(const BIGNUM *n, uint32_t bits, uint32_t *inverse, BIGNUM *r_squared)
{
    BN_CTX *context = BN_CTX_new();
    BIGNUM *word = BN_new(), *found = BN_new();
    int good = context != NULL && word != NULL && found != NULL && BN_set_bit(word, 32) == 1 &&
               BN_mod_inverse(found, n, word, context) != NULL && BN_sub(found, word, found) == 1;

    if (good) {
        *inverse = (uint32_t)BN_get_word(found);
        BN_zero(word);
        good = BN_set_bit(word, (int)(2 * bits)) == 1 && BN_mod(r_squared, word, n, context) == 1;
    }
    BN_free(word);
    BN_free(found);
    BN_CTX_free(context);
    return good;
}

static int put_rsa(const struct writer *w, const EVP_PKEY *key)
{
    BIGNUM *n = NULL, *e = NULL, *r_squared = BN_new();
    uint32_t inverse = 0;
    int code = -FDT_ERR_BADVALUE;

    if (r_squared == NULL || EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) != 1 ||
        EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) != 1 || BN_num_bits(e) > 64 ||
        w->facts.bits / 8 > MOST_BYTES || !montgomery(n, w->facts.bits, &inverse, r_squared))
        goto out;
    code = fdt_setprop_u32(w->frame->tree, w->node, "rsa,num-bits", w->facts.bits);
    if (code == 0)
        code = fdt_setprop_u32(w->frame->tree, w->node, "rsa,n0-inverse", inverse);
    if (code == 0)
        code = set_number(w, "rsa,exponent", e, 64);
    if (code == 0)
        code = set_number(w, "rsa,modulus", n, w->facts.bits);
    if (code == 0)
        code = set_number(w, "rsa,r-squared", r_squared, w->facts.bits);
out:
    BN_free(n);
    BN_free(e);
    BN_free(r_squared);
    return code;
}

static int put_ec(const struct writer *w, const EVP_PKEY *key)
{
    BIGNUM *x = NULL, *y = NULL;
    char curve[64];
    size_t length;
    int code = -FDT_ERR_BADVALUE;

    if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, curve, sizeof(curve),
                                       &length) == 1 &&
        EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_X, &x) == 1 &&
        EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_Y, &y) == 1)
        code = set_text(w, "ecdsa,curve", curve);
    if (code == 0)
        code = set_number(w, "ecdsa,x-point", x, w->facts.bits);
    if (code == 0)
        code = set_number(w, "ecdsa,y-point", y, w->facts.bits);
    BN_free(x);
    BN_free(y);
    return code;
}

/* The key's node, made if it is not there. */
static int find_node(const struct writer *w, const char *hint)
{
    uint8_t *tree = w->frame->tree;
    int keys = fdt_subnode_offset(tree, 0, "signature"), node;
    char name[TREE_NAME + 8];

    snprintf(name, sizeof(name), "key-%.255s", hint);
    if (keys == -FDT_ERR_NOTFOUND)
        keys = fdt_add_subnode(tree, 0, "signature");
    if (keys < 0)
        return keys;
    node = fdt_subnode_offset(tree, keys, name);
    return node == -FDT_ERR_NOTFOUND ? fdt_add_subnode(tree, keys, name) : node;
}

static EVP_PKEY *public_part(const struct writer *w)
{
    const uint8_t *der = kp_view(w->call, w->facts.public_key);

    return der == NULL ? NULL : d2i_PUBKEY(NULL, &der, (long)kp_size(w->call, w->facts.public_key));
}

static int32_t put_key(struct writer *w)
{
    const char *hint = w->p->has_hint ? w->p->hint.bytes : w->facts.name;
    static const char *const required[] = {NULL, "conf", "image"};
    EVP_PKEY *key;
    char algo[64];
    int code;

    if (w->facts.public_key == NULL)
        return kp_fail_at(w->call, &w->p->key, NULL,
                          "key: '%s' is a secret, which has no public part", w->facts.name);
    if (fit_key_algo(&w->facts, w->p->hash, algo, sizeof(algo)) != KP_OK)
        return kp_fail_at(w->call, &w->p->key, "RSA of 2048, 3072 or 4096 bits, P-256 or P-384",
                          "key: '%s': U-Boot has no name for such keys", w->facts.name);
    key = public_part(w);
    w->node = find_node(w, hint);
    code = key == NULL ? -FDT_ERR_BADVALUE : w->node < 0 ? w->node : 0;
    if (code == 0)
        code = set_text(w, "key-name-hint", hint);
    if (code == 0)
        code = w->facts.type == KP_KEY_RSA ? put_rsa(w, key) : put_ec(w, key);
    if (code == 0)
        code = set_text(w, "algo", algo);
    if (code == 0 && w->p->required != REQUIRED_NO)
        code = set_text(w, "required", required[w->p->required]);
    EVP_PKEY_free(key);
    return code == 0 ? KP_OK : kp_fail(w->call, "key: '%s': %s", hint, fdt_strerror(code));
}

static int32_t run(struct kp_call *call)
{
    const struct keys_params *p = call->params;
    const struct key_params *keys = p->keys.items;
    struct fit_frame frame;
    struct writer w = {.call = call, .frame = &frame};
    uint64_t i;

    w.service = call->host->get_extension(call->host, KP_KEYS_ID);
    if (w.service == NULL)
        return kp_fail_at(call, &p->keys, NULL, "keys: this host holds none");
    if (fit_read(call, call->input, &frame) != KP_OK ||
        fit_make_room(&frame, 4096 + p->keys.count * 8192) != KP_OK)
        return KP_FAILED;
    for (i = 0; i < p->keys.count; i++) {
        w.p = &keys[i];
        w.facts = (struct kp_key_facts){.size = sizeof(w.facts)};
        if (w.service->describe(call, keys[i].key, &w.facts) != KP_OK || put_key(&w) != KP_OK)
            return KP_FAILED;
    }
    if (p->has_mode) {
        w.node = fdt_subnode_offset(frame.tree, 0, "signature");
        if (fit_result(&frame, "required-mode",
                       set_text(&w, "required-mode", p->mode == 0 ? "all" : "any")) != KP_OK)
            return KP_FAILED;
    }
    fdt_pack(frame.tree);
    return kp_append(call, frame.tree, fdt_totalsize(frame.tree));
}

static const char *const kinds[] = {KP_KIND_DTB, NULL};

static const struct kp_choice *const requirements[] = {
    KP_ONE_OF(REQUIRED_CONF, "conf", "each configuration that boots must be signed with it"),
    KP_ONE_OF(REQUIRED_IMAGE, "image", "each image that is loaded must be signed with it"),
    KP_ONE_OF(REQUIRED_NO, "none", "it is known, but nothing need be signed with it"),
    NULL,
};

static const struct kp_choice *const modes[] = {
    KP_ONE_OF(0, "all", "a signature of each required key"),
    KP_ONE_OF(1, "any", "a signature of one of them"),
    NULL,
};

static const struct kp_param *const key_table[] = {
    KP_KEY(struct key_params, key, .flags = KP_PARAM_SHORT | KP_PARAM_REQUIRED,
           .summary = "the key; its public part is enough"),
    KP_CHOICE(struct key_params, required, .choices = requirements, .fallback = "conf",
              .summary = "what must be signed with it"),
    KP_CHOICE(struct key_params, hash, .choices = FIT_SIGNING_HASHES, .fallback = "sha256",
              .summary = "the hash that its signatures are of"),
    KP_TEXT(struct key_params, hint, .presence = offsetof(struct key_params, has_hint),
            .maximum = TREE_NAME - 4, .computed = "the key's name in the recipe",
            .summary = "key-name-hint: what signatures call it"),
    NULL,
};

static const struct kp_param *const table[] = {
    KP_RECORD_LIST(struct keys_params, keys, struct key_params, .fields = key_table,
                   .flags = KP_PARAM_SHORT | KP_PARAM_REQUIRED, .summary = "keys to be put in"),
    KP_CHOICE(struct keys_params, mode, .choices = modes,
              .presence = offsetof(struct keys_params, has_mode),
              .summary = "how many required keys must have signed (required-mode)"),
    NULL,
};

const struct kp_operation fit_put_keys = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "put public keys into U-Boot's device tree",
    .help = "Adds a node /signature/key-NAME for each key, as mkimage -K and fdt_add_pubkey do, "
            "with what U-Boot needs to verify. The tree is the one that U-Boot itself is built "
            "with; the secret half of a key stays where it is.",
    .input_kinds = kinds,
    .output_kind = KP_KIND_DTB,
    .params = table,
    .params_size = sizeof(struct keys_params),
    .memory_base = 16u << 20,
    .memory_per_byte = 16,
    .run = run,
};
