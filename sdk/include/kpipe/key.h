/* SPDX-License-Identifier: MIT
 *
 * kpipe/key.h - keys that sign and encrypt for a plugin which never sees them.
 *
 * A recipe names its keys (`keys: {dev: dev.pem}`), and a parameter of type KP_TYPE_KEY (param.h)
 * takes such a name. What the plugin gets is a handle. The host holds the key: it was in a PEM
 * file, or it never leaves the token that is reached by PKCS#11. The plugin asks by the extension
 * KP_KEYS_ID for what the key does:
 *
 *     const struct kp_keys *keys = call->host->get_extension(call->host, KP_KEYS_ID);
 *     const struct kp_signing what = {.size = sizeof(what), .scheme = KP_SIGN_RSA_PKCS1,
 *                                     .hash = "sha256", .digest = digest, .length = 32};
 *     const struct kp_image *signature = keys->sign(call, params->key, &what);
 *
 * No private part of a key comes out of any of these services, nor does it enter a worker, a
 * recording, a message or an output. A plugin can use a key only in the call for which a recipe
 * gave it that key.
 */
#ifndef KPIPE_KEY_H
#define KPIPE_KEY_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct kp_call;
struct kp_image;

/* A key that a recipe gave as parameter. Opaque; valid until the call returns. */
struct kp_key;

#define KP_KEYS_ID "kpipe.keys/1"

/* What a key is. */
#define KP_KEY_RSA 1u
#define KP_KEY_EC 2u     /* on a NIST curve */
#define KP_KEY_SECRET 3u /* bytes, for a symmetric cipher */

struct kp_key_facts {
    uint64_t size;    /* sizeof(struct kp_key_facts), set by the plugin */
    uint32_t type;    /* KP_KEY_* */
    uint32_t bits;    /* of the modulus, the curve's order, the bytes: 2048, 256, 128 */
    const char *name; /* what the recipe calls it; until the call returns */
    /* Its public part: SubjectPublicKeyInfo in DER (RFC 5280, 4.1.2.7), as an image that lasts until
     * the call returns. NULL for a secret. */
    const struct kp_image *public_key;
};

/* How a digest becomes a signature. */
#define KP_SIGN_RSA_PKCS1 1u /* RSASSA-PKCS1-v1_5 (RFC 8017, 8.2): always the same bytes */
#define KP_SIGN_RSA_PSS 2u   /* RSASSA-PSS (RFC 8017, 8.1), MGF1 with the same hash */
#define KP_SIGN_ECDSA                                                                              \
    3u /* (FIPS 186-4, 6): r and s, big-endian, each as long as the curve's
                                order in bytes, one behind the other */

/* For salt_length: as long as the key and the hash leave room for. */
#define KP_SALT_MOST UINT32_MAX

struct kp_signing {
    uint64_t size;         /* sizeof(struct kp_signing) */
    uint32_t scheme;       /* KP_SIGN_* */
    uint32_t salt_length;  /* KP_SIGN_RSA_PSS: bytes; else 0 */
    const char *hash;      /* "sha1", "sha256", "sha384", "sha512": what made the digest */
    const uint8_t *digest; /* of what is signed */
    uint64_t length;       /* of the digest, in bytes */
};

/* How an image is encrypted. */
#define KP_ENCRYPT_AES_CBC                                                                         \
    1u /* NIST SP 800-38A, 6.2, padded as RFC 5652, 6.3 says; the IV has
                                 16 bytes */

struct kp_keys {
    uint64_t size; /* sizeof(struct kp_keys), as the host knows it */
    /* What the key is. [call] */
    int32_t (*describe)(struct kp_call *call, const struct kp_key *key, struct kp_key_facts *facts);
    /* Signs a digest and returns the signature, valid until the call returns. NULL after
     * reporting: the key is of another type, it is a public key, a token refused. [call] */
    const struct kp_image *(*sign)(struct kp_call *call, const struct kp_key *key,
                                   const struct kp_signing *what);
    /* Encrypts a whole image with a secret and returns it, valid until the call returns. NULL
     * after reporting. [call] */
    const struct kp_image *(*encrypt)(struct kp_call *call, const struct kp_key *key,
                                      uint32_t cipher, const uint8_t *iv, uint64_t iv_length,
                                      const struct kp_image *image);
};

#ifdef __cplusplus
}
#endif

#endif
