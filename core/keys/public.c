/* SPDX-License-Identifier: BSD-3-Clause
 *
 * keys/public.c - the public part of a key: what it is, how large, and by what it is known.
 */
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include "keys/key_private.h"

/* The NIST curves over prime fields whose orders fill whole bytes or nearly so (FIPS 186-4, D.1.2). */
static uint32_t curve_bits(EVP_PKEY *key)
{
    char name[80];
    int nid;

    if (EVP_PKEY_get_group_name(key, name, sizeof(name), NULL) != 1)
        return 0;
    nid = OBJ_sn2nid(name);
    if (nid == NID_undef)
        nid = EC_curve_nist2nid(name);
    switch (nid) {
    case NID_X9_62_prime256v1:
        return 256;
    case NID_secp384r1:
        return 384;
    case NID_secp521r1:
        return 521;
    default:
        return 0;
    }
}

static bool set_identity(struct kp_key *key, struct kp_arena *arena)
{
    uint8_t digest[32];
    char text[2 * sizeof(digest) + 1];

    if (!kp_range_sha256(key->public_key, digest))
        return false;
    for (size_t i = 0; i < sizeof(digest); i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    key->identity = kp_arena_printf(arena, "%s %s", key->is_private ? "private" : "public", text);
    return key->identity != NULL;
}

bool kp_key_set_public(struct kp_key *key, EVP_PKEY *from, struct kp_arena *arena, const char **why)
{
    unsigned char *der = NULL;
    int length;

    *why = NULL;
    if (EVP_PKEY_is_a(from, "RSA") == 1) {
        key->type = KP_KEY_RSA;
        key->bits = (uint32_t)EVP_PKEY_get_bits(from);
    } else if (EVP_PKEY_is_a(from, "EC") == 1) {
        key->type = KP_KEY_EC;
        key->bits = curve_bits(from);
        *why = "its curve is none of P-256, P-384 and P-521";
        if (key->bits == 0)
            return false;
    } else {
        *why = "neither an RSA key nor one on a NIST curve";
        return false;
    }
    length = i2d_PUBKEY(from, &der);
    *why = NULL;
    if (length > 0)
        key->public_key = kp_range_copy(der, (uint64_t)length);
    OPENSSL_free(der);
    return key->public_key != NULL && set_identity(key, arena);
}
