/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/public.h - public keys, as U-Boot keeps them in its own device tree and as OpenSSL writes
 * them, and what they say of a signature.
 */
#ifndef FIT_PUBLIC_H
#define FIT_PUBLIC_H

#include <openssl/evp.h>

#include "protect.h"

struct fit_public {
    EVP_PKEY *key;
    const char *name;     /* key-name-hint of a node, or the file's name */
    const char *algo;     /* "sha256,rsa2048" of a node; NULL: any */
    const char *required; /* "conf", "image", or NULL */
    uint32_t type, bits;  /* KP_KEY_* */
};

struct fit_publics {
    struct fit_public *items;
    uint64_t count, room;
    int any; /* one of the required ones suffices (required-mode) */
};

/* public.c: reads the keys in an image: a device tree with a node /signature (U-Boot,
 * doc/usage/fit/signature.rst, "Public key storage"), a public key or a certificate in PEM. */
int32_t fit_read_publics(struct kp_call *call, const struct kp_image *image,
                         struct fit_publics *publics);
void fit_free_publics(struct fit_publics *publics);

/* signature.c: whether a signature of a digest is the key's. NULL: it is; else a phrase. */
const char *fit_judge_signature(const struct fit_public *key, const struct fit_signature_kind *kind,
                                const uint8_t *digest, const uint8_t *signature, size_t length);

#endif
