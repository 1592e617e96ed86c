/* SPDX-License-Identifier: BSD-3-Clause
 *
 * keys/key_private.h - shared by the files of this folder: keyring.c (which keys there are),
 * file.c (keys in files), public.c (public parts), sign.c, encrypt.c, token*.c (PKCS#11).
 */
#ifndef KP_KEYS_KEY_PRIVATE_H
#define KP_KEYS_KEY_PRIVATE_H

#include <openssl/evp.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/codes.h"
#include "base/vector.h"
#include "keys/key.h"

struct kp_tokens;

struct kp_keyring {
    struct kp_keyring_options options;
    struct kp_arena *arena;
    struct kp_vector keys;    /* of struct kp_key * */
    struct kp_tokens *tokens; /* token.c's; NULL: none was opened */
};

/* Most of a key's file, and of a PIN or passphrase. */
#define KP_KEY_MOST ((size_t)64 << 10)
#define KP_KEY_MOST_SECRET ((size_t)1023)

/* keyring.c: the PIN or passphrase of a key: of `secret-from`, else of the file `pin_file` that
 * its URI names (or NULL), else the user's; empty if there is none. False after reporting. */
bool kp_keyring_secret(struct kp_keyring *keyring, struct kp_diags *diags,
                       const struct kp_key_source *source, const char *pin_file,
                       struct kp_secret *secret);
/* The same: warns of a file with something secret in it that everybody may read. */
void kp_keyring_warn(struct kp_diags *diags, const struct kp_key_source *source,
                     struct kp_place place, const char *file, const struct stat *status);

/* file.c: fills a zeroed key, whose parts are the keyring's to free in any case. False after
 * reporting. */
bool kp_key_open_file(struct kp_keyring *keyring, struct kp_diags *diags,
                      const struct kp_key_source *source, struct kp_key *key);

/* public.c: takes type, size and public part of an OpenSSL key over. False with a phrase, or
 * with NULL when memory runs out. */
bool kp_key_set_public(struct kp_key *key, EVP_PKEY *from, struct kp_arena *arena,
                       const char **why);
/* The length of a NIST curve's order in bytes. */
static inline size_t kp_key_order_size(const struct kp_key *key)
{
    return (key->bits + 7) / 8;
}

/* --- token*.c, or no_token.c --- */

/* As kp_key_open_file. */
bool kp_key_open_token(struct kp_keyring *keyring, struct kp_diags *diags,
                       const struct kp_key_source *source, struct kp_key *key);
/* `salt` is the length of the salt in bytes. */
struct kp_range *kp_token_sign(const struct kp_key *key, const struct kp_signing *what,
                               uint32_t salt, struct kp_key_trouble *trouble);
void kp_tokens_free(struct kp_tokens *tokens);

static inline void kp_auto_pkey(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}

/* sign.c: fills in a trouble; NULL. */
__attribute__((format(printf, 3, 4))) void *
kp_key_refuse(struct kp_key_trouble *trouble, const char *hint, const char *format, ...);
void *kp_key_no_memory(struct kp_key_trouble *trouble);

#endif
