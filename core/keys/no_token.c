/* SPDX-License-Identifier: BSD-3-Clause
 *
 * keys/no_token.c - a kpipe without PKCS#11: instead of token*.c.
 */
#include "keys/key_private.h"

bool kp_key_open_token(struct kp_keyring *keyring, struct kp_diags *diags,
                       const struct kp_key_source *source, struct kp_key *key)
{
    (void)keyring;
    (void)key;
    return kp_error_hint(diags, source->place,
                         "`kpipe plugins` lists what this kpipe was made without", KP1426,
                         source->name, KPIPE_NO_PKCS11);
}

struct kp_range *kp_token_sign(const struct kp_key *key, const struct kp_signing *what,
                               uint32_t salt, struct kp_key_trouble *trouble)
{
    (void)key;
    (void)what;
    (void)salt;
    return kp_key_refuse(trouble, NULL, "%s", KPIPE_NO_PKCS11);
}

void kp_tokens_free(struct kp_tokens *tokens)
{
    (void)tokens;
}
