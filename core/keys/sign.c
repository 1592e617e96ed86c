/* SPDX-License-Identifier: BSD-3-Clause
 *
 * keys/sign.c - signatures of digests: what is asked for checked against the rules and the key,
 * then made by libcrypto, or by the token that the key is on.
 */
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdarg.h>
#include <string.h>

#include "base/memory.h"
#include "keys/key_private.h"

void *kp_key_refuse(struct kp_key_trouble *trouble, const char *hint, const char *format, ...)
{
    va_list arguments;

    trouble->type = KP_KEY_REFUSED;
    trouble->hint = hint;
    va_start(arguments, format);
    vsnprintf(trouble->text, sizeof(trouble->text), format, arguments);
    va_end(arguments);
    return NULL;
}

void *kp_key_no_memory(struct kp_key_trouble *trouble)
{
    trouble->type = KP_KEY_NO_MEMORY;
    return NULL;
}

static const struct hash {
    const char *name;
    uint32_t size;
    const EVP_MD *(*algorithm)(void);
} hashes[] = {{"sha1", 20, EVP_sha1},
              {"sha256", 32, EVP_sha256},
              {"sha384", 48, EVP_sha384},
              {"sha512", 64, EVP_sha512}};

static const struct hash *find_hash(const char *name)
{
    for (size_t i = 0; name != NULL && i < sizeof(hashes) / sizeof(hashes[0]); i++)
        if (strcmp(hashes[i].name, name) == 0)
            return &hashes[i];
    return NULL;
}

/* What is against kpipe/key.h in a request; NULL: nothing. */
static const char *misuse(const struct kp_signing *what)
{
    const struct hash *hash = find_hash(what->hash);

    if (what->scheme < KP_SIGN_RSA_PKCS1 || what->scheme > KP_SIGN_ECDSA)
        return "signs by a scheme that there is not";
    if (hash == NULL)
        return "signs with a hash that there is not";
    if (what->digest == NULL || what->length != hash->size)
        return "signs a digest that is not as long as those of its hash";
    if (what->salt_length != 0 && what->scheme != KP_SIGN_RSA_PSS)
        return "signs with a salt by a scheme without one";
    return NULL;
}

/* The salt of PSS, if the key has room for it (RFC 8017, 9.1.1: emLen >= hLen + sLen + 2). */
static bool find_salt(const struct kp_key *key, const struct kp_signing *what, uint32_t *salt,
                      struct kp_key_trouble *trouble)
{
    const uint32_t room = (key->bits - 1 + 7) / 8, taken = (uint32_t)what->length + 2;

    *salt = what->salt_length;
    if (what->scheme == KP_SIGN_RSA_PSS && what->salt_length == KP_SALT_MOST && room >= taken)
        *salt = room - taken;
    if (what->scheme != KP_SIGN_RSA_PSS || (room >= taken && *salt <= room - taken))
        return true;
    kp_key_refuse(trouble, NULL, "%u bits have no room for %s by PSS with that salt", key->bits,
                  what->hash);
    return false;
}

static bool fits(const struct kp_key *key, const struct kp_signing *what,
                 struct kp_key_trouble *trouble)
{
    const bool wants_ec = what->scheme == KP_SIGN_ECDSA;

    if (key->type == KP_KEY_SECRET)
        kp_key_refuse(trouble, NULL, "it is a secret, and only private keys sign");
    else if ((key->type == KP_KEY_EC) != wants_ec)
        kp_key_refuse(trouble, NULL, "it is %s, and %s is wanted",
                      wants_ec ? "an RSA key" : "a key on a curve",
                      wants_ec ? "one on a curve" : "an RSA key");
    else if (!key->is_private)
        kp_key_refuse(trouble, "name the private key here",
                      "it is public, and only private keys sign");
    else
        return true;
    return false;
}

/* --- here --- */

static bool set_scheme(EVP_PKEY_CTX *context, const struct kp_signing *what, uint32_t salt)
{
    const EVP_MD *hash = find_hash(what->hash)->algorithm();

    if (EVP_PKEY_sign_init(context) != 1)
        return false;
    if (what->scheme == KP_SIGN_RSA_PKCS1 &&
        EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) != 1)
        return false;
    if (what->scheme == KP_SIGN_RSA_PSS &&
        EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) != 1)
        return false;
    if (EVP_PKEY_CTX_set_signature_md(context, hash) != 1)
        return false;
    return what->scheme != KP_SIGN_RSA_PSS ||
           (EVP_PKEY_CTX_set_rsa_pss_saltlen(context, (int)salt) == 1 &&
            EVP_PKEY_CTX_set_rsa_mgf1_md(context, hash) == 1);
}

/* r and s of what libcrypto has in DER, each as long as the curve's order. */
static struct kp_range *split(const struct kp_key *key, const uint8_t *der, size_t length)
{
    const size_t size = kp_key_order_size(key);
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &der, (long)length);
    uint8_t both[2 * 66];
    struct kp_range *range = NULL;

    if (signature != NULL && 2 * size <= sizeof(both) &&
        BN_bn2binpad(ECDSA_SIG_get0_r(signature), both, (int)size) == (int)size &&
        BN_bn2binpad(ECDSA_SIG_get0_s(signature), both + size, (int)size) == (int)size)
        range = kp_range_copy(both, 2 * size);
    ECDSA_SIG_free(signature);
    return range;
}

static struct kp_range *sign_with(const struct kp_key *key, EVP_PKEY *private_key,
                                  const struct kp_signing *what, uint32_t salt)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(private_key, NULL);
    size_t length = (size_t)EVP_PKEY_get_size(private_key);
    KP_AUTO(free) uint8_t *bytes = malloc(length);
    struct kp_range *signature = NULL;

    if (context != NULL && bytes != NULL && set_scheme(context, what, salt) &&
        EVP_PKEY_sign(context, bytes, &length, what->digest, (size_t)what->length) == 1)
        signature = key->type == KP_KEY_EC ? split(key, bytes, length)
                                           : kp_range_copy(bytes, (uint64_t)length);
    EVP_PKEY_CTX_free(context);
    return signature;
}

/* The key is taken out of its DER for each signature, so that libcrypto's own memory holds it no
 * longer than that. */
static struct kp_range *sign_here(const struct kp_key *key, const struct kp_signing *what,
                                  uint32_t salt, struct kp_key_trouble *trouble)
{
    const unsigned char *at = key->secret.bytes;
    struct kp_range *signature = NULL;
    EVP_PKEY *private_key;

    kp_memory_private_begin();
    private_key = d2i_AutoPrivateKey(NULL, &at, (long)key->secret.size);
    if (private_key != NULL)
        signature = sign_with(key, private_key, what, salt);
    EVP_PKEY_free(private_key);
    ERR_clear_error();
    kp_memory_private_end();
    if (signature != NULL)
        return signature;
    return kp_key_refuse(trouble, NULL, "OpenSSL makes no signature of %s with %u bits", what->hash,
                         key->bits);
}

struct kp_range *kp_key_sign(const struct kp_key *key, const struct kp_signing *what,
                             struct kp_key_trouble *trouble)
{
    const char *wrong = misuse(what);
    uint32_t salt;

    *trouble = (struct kp_key_trouble){.type = KP_KEY_REFUSED};
    if (wrong != NULL) {
        trouble->type = KP_KEY_MISUSED;
        snprintf(trouble->text, sizeof(trouble->text), "%s", wrong);
        return NULL;
    }
    if (!fits(key, what, trouble) || !find_salt(key, what, &salt, trouble))
        return NULL;
    return key->on_token != NULL ? kp_token_sign(key, what, salt, trouble)
                                 : sign_here(key, what, salt, trouble);
}
