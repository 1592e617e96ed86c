/* SPDX-License-Identifier: BSD-3-Clause
 *
 * keys/file.c - keys in files: PEM (RFC 7468) with a private key, a public key or a certificate,
 * of which the public key is taken; or the bytes of a secret, and nothing else.
 */
#include <errno.h>
#include <inttypes.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#include "base/memory.h"
#include "keys/key_private.h"

#define CONVERT_HINT                                                                               \
    "a key stands in PEM, \"-----BEGIN ... KEY-----\", as `openssl pkey -in FILE -inform DER` "    \
    "writes it; a secret for AES is a file of 16, 24 or 32 bytes"
#define PASSPHRASE_HINT                                                                            \
    "put the passphrase into a file, and name that: {file: P, secret-from: F}; or set KPIPE_PIN"

struct opening {
    struct kp_keyring *keyring;
    struct kp_diags *diags;
    const struct kp_key_source *source;
    struct kp_key *key;
    struct kp_secret text;
};

static bool holds(const struct kp_secret *text, const char *part)
{
    return memmem(text->bytes, text->size, part, strlen(part)) != NULL;
}

static bool no_key(const struct opening *opening, const char *why, const char *hint)
{
    ERR_clear_error();
    if (why == NULL)
        return kp_out_of_memory(opening->diags);
    return kp_error_hint(opening->diags, opening->source->place, hint, KP1421,
                         opening->source->name, opening->source->file, why);
}

/* What libcrypto calls for a passphrase, instead of asking whoever sits at the terminal. */
static int give_passphrase(char *to, int size, int writes, void *data)
{
    const struct kp_secret *secret = data;

    (void)writes;
    if (secret->bytes == NULL || secret->size > (size_t)size)
        return -1;
    memcpy(to, secret->bytes, secret->size);
    return (int)secret->size;
}

/* The private part in DER, in memory of ours. */
static bool keep_private(struct kp_key *key, EVP_PKEY *from)
{
    const int length = i2d_PrivateKey(from, NULL);
    unsigned char *at;

    if (length <= 0 || !kp_secret_new(&key->secret, (size_t)length))
        return false;
    at = key->secret.bytes;
    return i2d_PrivateKey(from, &at) == length;
}

static bool take(const struct opening *opening, EVP_PKEY *from)
{
    const char *why;

    if (!kp_key_set_public(opening->key, from, opening->keyring->arena, &why))
        return no_key(opening, why, why == NULL ? NULL : CONVERT_HINT);
    return !opening->key->is_private || keep_private(opening->key, from) ||
           kp_out_of_memory(opening->diags);
}

/* The ciphers of RFC 1421's form as OpenSSL writes it. They are looked up by name, and kpipe has
 * libcrypto know no names by itself (cli/main.c). */
static void name_ciphers(void)
{
    EVP_add_cipher(EVP_aes_128_cbc());
    EVP_add_cipher(EVP_aes_192_cbc());
    EVP_add_cipher(EVP_aes_256_cbc());
    EVP_add_cipher(EVP_des_ede3_cbc());
}

static bool open_private(const struct opening *opening)
{
    /* PKCS #8's label says it, or a header of the older form (RFC 1421, 4.6.1.1). */
    const bool encrypted = holds(&opening->text, "ENCRYPTED");
    KP_AUTO(secret) struct kp_secret passphrase = {0};
    EVP_PKEY *from;
    BIO *bio;
    bool good;

    if (encrypted &&
        !kp_keyring_secret(opening->keyring, opening->diags, opening->source, NULL, &passphrase))
        return false;
    if (encrypted && passphrase.size == 0)
        return kp_error_hint(opening->diags, opening->source->place, PASSPHRASE_HINT, KP1422,
                             opening->source->name, opening->source->file);
    opening->key->is_private = true;
    name_ciphers();
    kp_memory_private_begin();
    bio = BIO_new_mem_buf(opening->text.bytes, (int)opening->text.size);
    from = bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, give_passphrase, &passphrase);
    if (from != NULL)
        good = take(opening, from);
    else if (bio == NULL)
        good = kp_out_of_memory(opening->diags);
    else if (encrypted)
        good = kp_error(opening->diags, opening->source->place, KP1423, opening->source->name,
                        opening->source->file);
    else
        good = no_key(opening, "its PEM is damaged, or of a key that is not known", CONVERT_HINT);
    EVP_PKEY_free(from);
    BIO_free(bio);
    ERR_clear_error();
    kp_memory_private_end();
    return good;
}

static EVP_PKEY *read_public(BIO *bio, bool certificate)
{
    X509 *read;
    EVP_PKEY *from;

    if (!certificate)
        return PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
    read = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    from = read == NULL ? NULL : X509_get_pubkey(read);
    X509_free(read);
    return from;
}

static bool open_public(const struct opening *opening, bool certificate)
{
    BIO *bio = BIO_new_mem_buf(opening->text.bytes, (int)opening->text.size);
    KP_AUTO(pkey) EVP_PKEY *from = bio == NULL ? NULL : read_public(bio, certificate);
    const bool no_memory = bio == NULL;

    BIO_free(bio);
    if (no_memory)
        return kp_out_of_memory(opening->diags);
    if (from == NULL)
        return no_key(opening,
                      certificate ? "its certificate is damaged, or for a key that is not known"
                                  : "its PEM is damaged, or of a key that is not known",
                      CONVERT_HINT);
    return take(opening, from);
}

/* Bytes for a symmetric cipher. Which file it is tells it from others: a digest would let others
 * try out what they guess. */
static bool take_secret(struct opening *opening, const struct stat *status)
{
    const struct kp_file_identity identity = kp_file_identity_of(status);
    struct kp_key *key = opening->key;

    key->type = KP_KEY_SECRET;
    key->bits = (uint32_t)opening->text.size * 8;
    key->secret = opening->text;
    opening->text = (struct kp_secret){0};
    key->identity = kp_arena_printf(
        opening->keyring->arena, "secret %" PRIu64 ":%" PRIu64 ":%" PRIu64 ":%" PRId64 ".%" PRId64,
        identity.device, identity.inode, identity.size, identity.seconds, identity.nanoseconds);
    kp_keyring_warn(opening->diags, opening->source, opening->source->place, opening->source->file,
                    status);
    return key->identity != NULL || kp_out_of_memory(opening->diags);
}

static bool open_text(struct opening *opening, const struct stat *status)
{
    const struct kp_secret *text = &opening->text;

    if (holds(text, "-----BEGIN OPENSSH "))
        return no_key(opening, "OpenSSH's own form of a key",
                      "`ssh-keygen -p -m PKCS8 -f COPY` rewrites a copy of it");
    if (holds(text, "PRIVATE KEY-----")) {
        kp_keyring_warn(opening->diags, opening->source, opening->source->place,
                        opening->source->file, status);
        return open_private(opening);
    }
    if (holds(text, "-----BEGIN PUBLIC KEY-----"))
        return open_public(opening, false);
    if (holds(text, "-----BEGIN CERTIFICATE-----"))
        return open_public(opening, true);
    if (text->size == 16 || text->size == 24 || text->size == 32)
        return take_secret(opening, status);
    return no_key(opening, "neither PEM nor 16, 24 or 32 bytes", CONVERT_HINT);
}

bool kp_key_open_file(struct kp_keyring *keyring, struct kp_diags *diags,
                      const struct kp_key_source *source, struct kp_key *key)
{
    struct opening opening = {keyring, diags, source, key, {0}};
    struct stat status;
    const int error = kp_secret_read(&opening.text, source->file, KP_KEY_MOST, &status);
    bool good;

    if (error == ENOMEM)
        return kp_out_of_memory(diags);
    if (error == EFBIG)
        return no_key(&opening, "too large", CONVERT_HINT);
    if (error != 0)
        return kp_error_hint(
            diags, source->place,
            error == ENOENT && !source->given
                ? "a relative path counts from the folder of the recipe that says it"
                : NULL,
            KP1420, source->name, source->file, strerror(error));
    good = open_text(&opening, &status);
    kp_secret_free(&opening.text);
    return good;
}
