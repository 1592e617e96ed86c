/* SPDX-License-Identifier: BSD-3-Clause
 *
 * keys/token_sign.c - signatures that a token makes (PKCS #11 2.40, 2.1 and 2.3).
 */
#include <string.h>

#include "keys/token_private.h"

/* DigestInfo up to the digest (RFC 8017, 9.2, note 1), which CKM_RSA_PKCS leaves to its caller; and
 * what PSS is told. */
static const struct hash {
    const char *name;
    CK_MECHANISM_TYPE mechanism;
    CK_RSA_PKCS_MGF_TYPE mask;
    uint8_t size, prefix[19];
} hashes[] = {
    {"sha1",
     CKM_SHA_1,
     CKG_MGF1_SHA1,
     15,
     {0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14}},
    {"sha256",
     CKM_SHA256,
     CKG_MGF1_SHA256,
     19,
     {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
      0x05, 0x00, 0x04, 0x20}},
    {"sha384",
     CKM_SHA384,
     CKG_MGF1_SHA384,
     19,
     {0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02,
      0x05, 0x00, 0x04, 0x30}},
    {"sha512",
     CKM_SHA512,
     CKG_MGF1_SHA512,
     19,
     {0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03,
      0x05, 0x00, 0x04, 0x40}},
};

/* A request as the token takes it. */
struct request {
    CK_MECHANISM mechanism;
    CK_RSA_PKCS_PSS_PARAMS pss;
    uint8_t bytes[19 + 64];
    CK_ULONG length;
    CK_ULONG most; /* bytes of the signature */
};

static void prepare(const struct kp_key *key, const struct kp_signing *what, uint32_t salt,
                    struct request *request)
{
    const struct hash *hash = hashes;
    size_t length = (size_t)what->length, before = 0;

    while (strcmp(hash->name, what->hash) != 0)
        hash++;
    *request = (struct request){.most = (key->bits + 7) / 8};
    switch (what->scheme) {
    case KP_SIGN_RSA_PKCS1:
        request->mechanism.mechanism = CKM_RSA_PKCS;
        before = hash->size;
        memcpy(request->bytes, hash->prefix, before);
        break;
    case KP_SIGN_RSA_PSS:
        request->pss = (CK_RSA_PKCS_PSS_PARAMS){hash->mechanism, hash->mask, salt};
        request->mechanism = (CK_MECHANISM){CKM_RSA_PKCS_PSS, &request->pss, sizeof(request->pss)};
        break;
    default: /* the leftmost bits of the digest, as many as the order has (FIPS 186-4, 6.4) */
        request->mechanism.mechanism = CKM_ECDSA;
        request->most = 2 * kp_key_order_size(key);
        if (length > kp_key_order_size(key))
            length = kp_key_order_size(key);
    }
    memcpy(request->bytes + before, what->digest, length);
    request->length = (CK_ULONG)(before + length);
}

/* With the token's lock held. */
static CK_RV sign(const struct kp_token_key *key, struct request *request, uint8_t *signature,
                  CK_ULONG *length)
{
    const struct kp_token *token = key->token;
    const CK_FUNCTION_LIST *module = token->module;
    CK_RV result = module->C_SignInit(token->session, &request->mechanism, key->object);

    if (result == CKR_OK && key->each_time)
        result = module->C_Login(token->session, CKU_CONTEXT_SPECIFIC, token->pin.bytes,
                                 (CK_ULONG)token->pin.size);
    if (result != CKR_OK)
        return result;
    return module->C_Sign(token->session, request->bytes, request->length, signature, length);
}

struct kp_range *kp_token_sign(const struct kp_key *key, const struct kp_signing *what,
                               uint32_t salt, struct kp_key_trouble *trouble)
{
    struct kp_token *token = key->on_token->token;
    struct request request;
    KP_AUTO(free) uint8_t *signature = NULL;
    struct kp_range *range;
    CK_ULONG length;
    CK_RV result;

    prepare(key, what, salt, &request);
    length = request.most;
    signature = malloc(length);
    if (signature == NULL)
        return kp_key_no_memory(trouble);
    pthread_mutex_lock(&token->lock);
    result = sign(key->on_token, &request, signature, &length);
    pthread_mutex_unlock(&token->lock);
    if (result != CKR_OK)
        return kp_key_refuse(trouble, NULL, "token '%s': %s", token->label, kp_token_why(result));
    if (length != request.most)
        return kp_key_refuse(trouble, NULL, "token '%s': its signature has %lu bytes, not %lu",
                             token->label, length, request.most);
    range = kp_range_copy(signature, length);
    return range != NULL ? range : kp_key_no_memory(trouble);
}
