/* SPDX-License-Identifier: BSD-3-Clause
 *
 * keys/token_private.h - keys on PKCS#11 tokens, shared by token.c (tokens: found, opened),
 * token_find.c (objects on them) and token_sign.c.
 */
#ifndef KP_KEYS_TOKEN_PRIVATE_H
#define KP_KEYS_TOKEN_PRIVATE_H

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>
#include <pthread.h>

#include "keys/key_private.h"

/* A token with a session, which one thread uses at a time. */
struct kp_token {
    CK_FUNCTION_LIST *module;
    CK_SLOT_ID slot;
    CK_SESSION_HANDLE session;
    bool is_open, is_failed; /* it was reported then, and no PIN is tried twice */
    bool is_logged_in;
    char label[33];
    struct kp_secret pin; /* kept for keys that want it for each signature */
    pthread_mutex_t lock;
};

struct kp_token_key {
    struct kp_token *token;
    CK_OBJECT_HANDLE object;
    bool each_time; /* CKA_ALWAYS_AUTHENTICATE */
};

struct kp_tokens {
    CK_FUNCTION_LIST **modules; /* those that the system and the user have set up */
    struct kp_vector named;     /* of CK_FUNCTION_LIST *: those that URIs named */
    struct kp_vector paths;     /* of const char *: whose, in the same order */
    struct kp_vector tokens;    /* of struct kp_token * */
};

/* A key that is being opened. */
struct kp_token_opening {
    struct kp_keyring *keyring;
    struct kp_diags *diags;
    const struct kp_key_source *source;
    struct kp_key *key;
    P11KitUri *uri;
};

/* token_find.c: finds the object, its public part included. False after reporting. */
bool kp_token_find(const struct kp_token_opening *opening, struct kp_token *token);
/* Whether the URI asks for a public key or a certificate, which are there without a PIN. */
bool kp_token_wants_public(const struct kp_token_opening *opening);
/* The phrase for a CK_RV. */
const char *kp_token_why(CK_RV result);

#endif
