/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/public.c - public keys from U-Boot's device tree, or from PEM. What they verify is
 * signature.c's matter. Keys of a tree: U-Boot 2025.01, lib/rsa/rsa-sign.c and
 * lib/ecdsa/ecdsa-libcrypto.c, *_add_verify_data.
 */
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <string.h>

#include "public.h"

#define TREE_MAGIC 0xd00dfeedu
/* Largest modulus and coordinate, in bytes. */
#define MOST_MODULUS 1024
#define MOST_COORDINATE 66
/* Largest file of PEM. */
#define MOST_PEM (1u << 20)

static struct fit_public *add(struct kp_call *call, struct fit_publics *publics)
{
    if (publics->count == publics->room) {
        const uint64_t room = publics->room == 0 ? 16 : publics->room * 2;
        struct fit_public *items = call->host->alloc(call, room * sizeof(*items));

        if (items == NULL)
            return NULL;
        if (publics->count > 0)
            memcpy(items, publics->items, publics->count * sizeof(*items));
        publics->items = items;
        publics->room = room;
    }
    return &publics->items[publics->count++];
}

/* What kind of key it is. */
static int32_t describe(struct kp_call *call, struct fit_public *key)
{
    key->bits = (uint32_t)EVP_PKEY_get_bits(key->key);
    if (EVP_PKEY_is_a(key->key, "RSA"))
        key->type = KP_KEY_RSA;
    else if (EVP_PKEY_is_a(key->key, "EC"))
        key->type = KP_KEY_EC;
    else
        return kp_fail(call, "key: %s: neither RSA nor on an elliptic curve", key->name);
    return KP_OK;
}

static EVP_PKEY *from_params(const char *type, OSSL_PARAM_BLD *builder)
{
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;

    if (params == NULL || context == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(params);
    return key;
}

/* --- keys in a device tree --- */

static EVP_PKEY *rsa_key(const struct fit_frame *frame, int node)
{
    int modulus_length = 0, exponent_length = 0;
    const uint8_t *modulus = fdt_getprop(frame->tree, node, "rsa,modulus", &modulus_length);
    const uint8_t *exponent = fdt_getprop(frame->tree, node, "rsa,exponent", &exponent_length);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    BIGNUM *n = NULL, *e = BN_new();
    EVP_PKEY *key = NULL;

    if (modulus == NULL || modulus_length < 128 || modulus_length > MOST_MODULUS)
        goto out;
    n = BN_bin2bn(modulus, modulus_length, NULL);
    if (n == NULL || e == NULL || builder == NULL)
        goto out;
    if (exponent != NULL && exponent_length == 8) {
        if (BN_bin2bn(exponent, exponent_length, e) == NULL)
            goto out;
    } else if (exponent != NULL || BN_set_word(e, 65537) != 1) { /* what older trees leave out */
        goto out;
    }
    if (OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1)
        key = from_params("RSA", builder);
out:
    OSSL_PARAM_BLD_free(builder);
    BN_free(n);
    BN_free(e);
    return key;
}

static EVP_PKEY *ec_key(const struct fit_frame *frame, int node)
{
    const char *curve = fit_text(frame, node, "ecdsa,curve");
    int x_length = 0, y_length = 0;
    const uint8_t *x = fdt_getprop(frame->tree, node, "ecdsa,x-point", &x_length);
    const uint8_t *y = fdt_getprop(frame->tree, node, "ecdsa,y-point", &y_length);
    uint8_t point[1 + 2 * MOST_COORDINATE] = {4}; /* uncompressed: SEC 1, 2.3.3 */
    OSSL_PARAM_BLD *builder;
    EVP_PKEY *key = NULL;

    if (curve == NULL || x == NULL || y == NULL || x_length != y_length || x_length < 1 ||
        x_length > MOST_COORDINATE)
        return NULL;
    memcpy(point + 1, x, (size_t)x_length);
    memcpy(point + 1 + x_length, y, (size_t)y_length);
    builder = OSSL_PARAM_BLD_new();
    if (builder != NULL &&
        OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, curve, 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point,
                                         1 + (size_t)x_length + (size_t)y_length) == 1)
        key = from_params("EC", builder);
    OSSL_PARAM_BLD_free(builder);
    return key;
}

static int32_t read_node(struct kp_call *call, const struct fit_frame *frame, int node,
                         struct fit_publics *publics)
{
    const int ec = fdt_getprop(frame->tree, node, "ecdsa,curve", NULL) != NULL;
    struct fit_public *key = add(call, publics);

    if (key == NULL)
        return KP_FAILED;
    memset(key, 0, sizeof(*key));
    key->name = fit_text(frame, node, "key-name-hint");
    if (key->name == NULL)
        key->name = fdt_get_name(frame->tree, node, NULL);
    key->algo = fit_text(frame, node, "algo");
    key->required = fit_text(frame, node, "required");
    key->key = ec ? ec_key(frame, node) : rsa_key(frame, node);
    if (key->key == NULL)
        return kp_fail(call, "key: /signature/%s: not a public key of RSA or ECDSA",
                       fdt_get_name(frame->tree, node, NULL));
    return describe(call, key);
}

static int32_t read_tree(struct kp_call *call, const struct kp_image *image,
                         struct fit_publics *publics)
{
    struct fit_frame frame;
    const char *mode;
    int keys, node;

    if (fit_read(call, image, &frame) != KP_OK)
        return KP_FAILED;
    keys = fdt_subnode_offset(frame.tree, 0, "signature");
    if (keys < 0)
        return kp_fail_at(call, NULL, "`kpipe run` puts keys into a tree by the stage fit-keys",
                          "key: the device tree has no node /signature");
    mode = fit_text(&frame, keys, "required-mode");
    publics->any = mode != NULL && strcmp(mode, "any") == 0;
    fdt_for_each_subnode(node, frame.tree, keys)
        if (read_node(call, &frame, node, publics) != KP_OK)
            return KP_FAILED;
    return KP_OK;
}

/* --- keys in PEM --- */

static EVP_PKEY *read_pem(const uint8_t *bytes, uint64_t size)
{
    BIO *text = BIO_new_mem_buf(bytes, (int)size);
    EVP_PKEY *key = text == NULL ? NULL : PEM_read_bio_PUBKEY(text, NULL, NULL, NULL);
    X509 *certificate = NULL;

    if (key == NULL && text != NULL && BIO_reset(text) == 1)
        certificate = PEM_read_bio_X509(text, NULL, NULL, NULL);
    if (certificate != NULL)
        key = X509_get_pubkey(certificate);
    X509_free(certificate);
    BIO_free(text);
    return key;
}

static const char *file_name(struct kp_call *call, const struct kp_image *image)
{
    struct kp_text text;

    return call->host->trait_text(call, image, KP_TRAIT_FILE, &text) == 1 ? text.bytes : "(key)";
}

int32_t fit_read_publics(struct kp_call *call, const struct kp_image *image,
                         struct fit_publics *publics)
{
    const uint64_t size = kp_size(call, image);
    const uint8_t *bytes = kp_view(call, image);
    struct fit_public *key;

    if (bytes == NULL)
        return KP_FAILED;
    if (size >= 4 && kp_be32(bytes) == TREE_MAGIC)
        return read_tree(call, image, publics);
    key = add(call, publics);
    if (key == NULL)
        return KP_FAILED;
    memset(key, 0, sizeof(*key));
    key->name = file_name(call, image);
    key->key = size > MOST_PEM ? NULL : read_pem(bytes, size);
    if (key->key == NULL)
        return kp_fail_at(call, NULL,
                          "`openssl pkey -in KEY -pubout` writes one; a private key is not taken "
                          "here",
                          "key: %s: neither a device tree nor a public key or certificate in PEM",
                          key->name);
    return describe(call, key);
}

void fit_free_publics(struct fit_publics *publics)
{
    uint64_t i;

    for (i = 0; i < publics->count; i++)
        EVP_PKEY_free(publics->items[i].key);
}
