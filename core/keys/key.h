/* SPDX-License-Identifier: BSD-3-Clause
 *
 * keys/key.h - keys that recipes name: opened before anything runs, from files and from PKCS#11
 * tokens, and what is done with them: sign a digest, encrypt bytes.
 *
 * A private part is in memory of secret.h, or never here at all. Nothing that is told about a
 * key, its identity included, lets anybody find out more of it than its public part says. Which
 * plugin may use which key is plugin/host_key.c's.
 */
#ifndef KP_KEYS_KEY_H
#define KP_KEYS_KEY_H

#include "base/diag.h"
#include "base/range.h"
#include "keys/secret.h"
#include "kpipe/key.h"

struct kp_token_key;

struct kp_key {
    const char *name; /* what the recipe calls it */
    /* Tells it from every other key, for the derivation of what it makes: the digest of its public
     * part; of a secret which file it was. */
    const char *identity;
    uint32_t type; /* KP_KEY_* */
    uint32_t bits;
    bool is_private;               /* it can sign */
    struct kp_range *public_key;   /* SubjectPublicKeyInfo; NULL: a secret */
    struct kp_secret secret;       /* here: the private part in DER, or a secret's bytes */
    struct kp_token_key *on_token; /* there; or NULL */
};

/* All keys of a session, with the tokens that they are on. */
struct kp_keyring;

struct kp_keyring_options {
    struct kp_secret *pin; /* PIN or passphrase where nothing else gives one; may be empty */
    bool any_module;       /* recipes may name any PKCS#11 module */
};

/* NULL when memory runs out. The options' PIN must live as long. */
struct kp_keyring *kp_keyring_new(const struct kp_keyring_options *options);
/* Wipes and closes all. No key may be used any more. */
void kp_keyring_free(struct kp_keyring *keyring);

/* Where a key is. The texts live as long as the keyring. */
struct kp_key_source {
    const char *name;
    struct kp_place place;        /* of the path or URI */
    const char *file;             /* one of the two is NULL */
    const char *uri;              /* PKCS#11 (RFC 7512) */
    const char *folder;           /* that relative paths in a URI count from */
    bool given;                   /* the user said it, not a recipe */
    const char *secret_file;      /* that has PIN or passphrase; or NULL */
    struct kp_place secret_place; /* of its path */
};

/* Opens a key. NULL after reporting. One thread at a time. */
const struct kp_key *kp_keyring_open(struct kp_keyring *keyring, struct kp_diags *diags,
                                     const struct kp_key_source *source);

/* Why something was not done with a key. */
struct kp_key_trouble {
    enum {
        KP_KEY_REFUSED, /* this key does not do that, or could not */
        KP_KEY_MISUSED, /* whoever asked did so against the rules of kpipe/key.h */
        KP_KEY_NO_MEMORY,
    } type;
    char text[256];   /* a phrase */
    const char *hint; /* or NULL */
};

/* Signs a digest. NULL, with *trouble, if it did not. Any thread. */
struct kp_range *kp_key_sign(const struct kp_key *key, const struct kp_signing *what,
                             struct kp_key_trouble *trouble);
/* Encrypts bytes with a secret, likewise. */
struct kp_range *kp_key_encrypt(const struct kp_key *key, uint32_t cipher, const uint8_t *iv,
                                uint64_t iv_length, const struct kp_range *bytes,
                                struct kp_key_trouble *trouble);

/* Whether a text is a PKCS#11 URI rather than a path, and whether such a URI holds a PIN, which
 * no recipe may. */
bool kp_key_is_uri(const char *text);
bool kp_key_uri_has_pin(const char *uri);
/* How much of a text may be shown: of a URI no more than what identifies the key. */
int kp_key_shown(const char *text);

#endif
