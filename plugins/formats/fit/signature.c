/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/signature.c - one signature against one public key, by libcrypto.
 */
#include <openssl/ecdsa.h>
#include <openssl/rsa.h>
#include <string.h>

#include "public.h"

/* Longest signature of ECDSA in DER: two numbers of 66 bytes. */
#define MOST_DER 160

/* r and s, as FIT has them, in the form that libcrypto takes. 0: they are none. */
static size_t to_der(const uint8_t *raw, size_t length, uint8_t der[MOST_DER])
{
    ECDSA_SIG *signature = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw, (int)(length / 2), NULL);
    BIGNUM *s = BN_bin2bn(raw + length / 2, (int)(length / 2), NULL);
    int size = 0;

    if (signature != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(signature, r, s) == 1) {
        r = s = NULL; /* the signature's now */
        size = i2d_ECDSA_SIG(signature, NULL);
        if (size > 0 && size <= MOST_DER)
            i2d_ECDSA_SIG(signature, &der);
        else
            size = 0;
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(signature);
    return (size_t)size;
}

static int set_padding(EVP_PKEY_CTX *context, uint32_t scheme)
{
    switch (scheme) {
    case KP_SIGN_RSA_PKCS1:
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
    case KP_SIGN_RSA_PSS: /* a salt of any length, as U-Boot */
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_AUTO) == 1;
    default:
        return 1;
    }
}

const char *fit_judge_signature(const struct fit_public *key, const struct fit_signature_kind *kind,
                                const uint8_t *digest, const uint8_t *signature, size_t length)
{
    EVP_PKEY_CTX *context;
    uint8_t der[MOST_DER];
    int good;

    if (key->type != kind->crypto->key_type || key->bits != kind->crypto->bits)
        return "the key is of another kind or size";
    if (kind->scheme == KP_SIGN_ECDSA) {
        if (length != 2 * (((size_t)key->bits + 7) / 8))
            return "value: not as long as this kind of signature is";
        length = to_der(signature, length, der);
        signature = der;
    }
    context = EVP_PKEY_CTX_new_from_pkey(NULL, key->key, NULL);
    good = context != NULL && EVP_PKEY_verify_init(context) == 1 &&
           set_padding(context, kind->scheme) &&
           EVP_PKEY_CTX_set_signature_md(context, kind->hash->digest()) == 1 &&
           EVP_PKEY_verify(context, signature, length, digest, kind->hash->length) == 1;
    EVP_PKEY_CTX_free(context);
    return good ? NULL : "not the key's signature of this";
}
