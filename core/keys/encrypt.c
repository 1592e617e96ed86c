/* SPDX-License-Identifier: BSD-3-Clause
 *
 * keys/encrypt.c - bytes encrypted with a secret: AES in CBC mode, padded.
 */
#include <openssl/err.h>
#include <string.h>

#include "base/memory.h"
#include "keys/key_private.h"

#define BLOCK 16u
/* Lengths are ints there. */
#define AT_ONCE (UINT64_C(1) << 30)

static const EVP_CIPHER *cipher_of(const struct kp_key *key)
{
    return key->bits == 128   ? EVP_aes_128_cbc()
           : key->bits == 192 ? EVP_aes_192_cbc()
                              : EVP_aes_256_cbc();
}

static bool update(EVP_CIPHER_CTX *context, const struct kp_range *bytes, uint8_t *to)
{
    const uint64_t size = kp_range_size(bytes);
    const uint8_t *piece;
    uint64_t length;
    int made;

    for (uint64_t at = 0; at < size; at += length) {
        kp_range_piece(bytes, at, &piece, &length);
        length = length < AT_ONCE ? length : AT_ONCE;
        if (length == 0 || EVP_EncryptUpdate(context, to, &made, piece, (int)length) != 1)
            return false;
        to += made;
    }
    return EVP_EncryptFinal_ex(context, to, &made) == 1;
}

/* The cipher's key schedule is libcrypto's memory, but no more than a call's. */
static bool encrypt(const struct kp_key *key, const uint8_t *iv, const struct kp_range *bytes,
                    uint8_t *to)
{
    EVP_CIPHER_CTX *context;
    bool good;

    kp_memory_private_begin();
    context = EVP_CIPHER_CTX_new();
    good = context != NULL &&
           EVP_EncryptInit_ex(context, cipher_of(key), NULL, key->secret.bytes, iv) == 1 &&
           update(context, bytes, to);
    EVP_CIPHER_CTX_free(context);
    ERR_clear_error();
    kp_memory_private_end();
    return good;
}

static void *misuse(struct kp_key_trouble *trouble, const char *wrong)
{
    trouble->type = KP_KEY_MISUSED;
    snprintf(trouble->text, sizeof(trouble->text), "%s", wrong);
    return NULL;
}

struct kp_range *kp_key_encrypt(const struct kp_key *key, uint32_t cipher, const uint8_t *iv,
                                uint64_t iv_length, const struct kp_range *bytes,
                                struct kp_key_trouble *trouble)
{
    uint64_t size;
    uint8_t *memory;

    *trouble = (struct kp_key_trouble){.type = KP_KEY_REFUSED};
    if (cipher != KP_ENCRYPT_AES_CBC)
        return misuse(trouble, "encrypts by a cipher that there is not");
    if (iv == NULL || iv_length != BLOCK)
        return misuse(trouble, "encrypts with an IV that is not as long as a block");
    if (key->type != KP_KEY_SECRET)
        return kp_key_refuse(trouble, "a secret for AES is a file of 16, 24 or 32 bytes",
                             "it is no secret, and only secrets encrypt");
    /* One to sixteen bytes of padding. */
    size = kp_range_size(bytes) / BLOCK;
    if (size >= UINT64_MAX / BLOCK)
        return kp_key_no_memory(trouble);
    size = (size + 1) * BLOCK;
    memory = kp_memory_new_filled(size);
    if (memory == NULL)
        return kp_key_no_memory(trouble);
    if (encrypt(key, iv, bytes, memory)) {
        struct kp_range *range = kp_range_adopt(memory, size, kp_memory_free);

        return range != NULL ? range : kp_key_no_memory(trouble);
    }
    kp_memory_free(memory, size);
    return kp_key_refuse(trouble, NULL, "OpenSSL does not encrypt with AES in CBC mode");
}
