/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/keys-open.c - keys of files, without recipes: what is known of them, and what they
 * make, from several threads at once. What users see is tests/cli/keys.sh's, tokens are
 * tests/cli/keys-token.sh's.
 */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <pthread.h>

#include "engine-shared.h"
#include "keys/key.h"

static struct kp_keyring *keyring;
static struct kp_secret pin;
static uint8_t digest[64] = "a digest of any hash; the longest has sixty-four bytes, this one";

static EVP_PKEY *make(bool rsa, const char *path, const char *passphrase)
{
    EVP_PKEY *key = rsa ? EVP_RSA_gen(1024) : EVP_EC_gen("P-384");
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(key);
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(PEM_write_PrivateKey(file, key, passphrase == NULL ? NULL : EVP_aes_256_cbc(),
                                          (const unsigned char *)passphrase,
                                          passphrase == NULL ? 0 : (int)strlen(passphrase), NULL,
                                          NULL),
                     1);
    fclose(file);
    chmod(path, 0600);
    return key;
}

static const struct kp_key *open_key(const char *file)
{
    const struct kp_key_source source = {.name = "dev", .place = {file, 0, 0, 0}, .file = file};

    return kp_keyring_open(keyring, diags, &source);
}

static struct kp_signing request(uint32_t scheme)
{
    return (struct kp_signing){.size = sizeof(struct kp_signing),
                               .scheme = scheme,
                               .hash = "sha256",
                               .digest = digest,
                               .length = 32};
}

static void check_rsa(EVP_PKEY *key, const struct kp_range *signature, bool pss, int salt)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    uint8_t bytes[128];

    ck_assert_uint_eq(kp_range_size(signature), sizeof(bytes));
    ck_assert(kp_range_read(signature, 0, bytes, sizeof(bytes)));
    ck_assert_int_eq(EVP_PKEY_verify_init(context), 1);
    ck_assert_int_eq(
        EVP_PKEY_CTX_set_rsa_padding(context, pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING), 1);
    ck_assert_int_eq(EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()), 1);
    if (pss)
        ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_pss_saltlen(context, salt), 1);
    ck_assert_int_eq(EVP_PKEY_verify(context, bytes, sizeof(bytes), digest, 32), 1);
    EVP_PKEY_CTX_free(context);
}

START_TEST(what_is_known)
{
    EVP_PKEY *rsa = make(true, "rsa.pem", NULL);
    EVP_PKEY *locked = make(false, "locked.pem", "geheim");
    const struct kp_key *key = open_key("rsa.pem"), *again = open_key("rsa.pem");
    unsigned char *der = NULL;
    const int length = i2d_PUBKEY(rsa, &der);
    FILE *file;

    ck_assert_ptr_nonnull(key);
    ck_assert_uint_eq(key->type, KP_KEY_RSA);
    ck_assert_uint_eq(key->bits, 1024);
    ck_assert(key->is_private && key->on_token == NULL);
    ck_assert_str_eq(key->name, "dev");
    ck_assert_uint_eq(kp_range_size(key->public_key), (uint64_t)length);
    ck_assert_int_eq(memcmp(kp_range_view(key->public_key), der, (size_t)length), 0);
    ck_assert_str_eq(key->identity, again->identity);
    ck_assert_str_ne(key->identity, open_key("locked.pem")->identity);
    /* The public part alone is another key. */
    file = fopen("rsa.pub", "w");
    ck_assert_int_eq(PEM_write_PUBKEY(file, rsa), 1);
    fclose(file);
    ck_assert_str_ne(key->identity, open_key("rsa.pub")->identity);
    ck_assert_int_eq(strncmp(key->identity, "private ", 8), 0);
    ck_assert_str_eq(key->identity + 8, open_key("rsa.pub")->identity + 7);
    /* Of a secret nobody learns a digest: two files with the same are two. */
    put_file("secret", "0123456789abcdef");
    put_file("another", "0123456789abcdef");
    chmod("secret", 0600);
    chmod("another", 0600);
    ck_assert_str_ne(open_key("secret")->identity, open_key("another")->identity);
    ck_assert_ptr_null(open_key("secret")->public_key);
    expect_findings("");
    OPENSSL_free(der);
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(locked);
}
END_TEST

static void *sign_often(void *data)
{
    const struct kp_key *key = data;
    const struct kp_signing what =
        request(key->type == KP_KEY_EC ? KP_SIGN_ECDSA : KP_SIGN_RSA_PKCS1);
    struct kp_key_trouble trouble;

    for (int i = 0; i < 20; i++) {
        struct kp_range *signature = kp_key_sign(key, &what, &trouble);

        ck_assert_ptr_nonnull(signature);
        kp_range_unref(signature);
    }
    return NULL;
}

START_TEST(signatures)
{
    EVP_PKEY *rsa = make(true, "rsa.pem", NULL), *ec = make(false, "ec.pem", NULL);
    const struct kp_key *keys[] = {open_key("rsa.pem"), open_key("ec.pem")};
    struct kp_signing what = request(KP_SIGN_RSA_PKCS1);
    struct kp_key_trouble trouble;
    struct kp_range *signature = kp_key_sign(keys[0], &what, &trouble);
    pthread_t threads[4];

    check_rsa(rsa, signature, false, 0);
    kp_range_unref(signature);
    what.scheme = KP_SIGN_RSA_PSS;
    what.salt_length = KP_SALT_MOST;
    signature = kp_key_sign(keys[0], &what, &trouble);
    check_rsa(rsa, signature, true, 128 - 32 - 2);
    kp_range_unref(signature);
    what.salt_length = 128 - 32 - 1;
    ck_assert_ptr_null(kp_key_sign(keys[0], &what, &trouble));
    ck_assert_int_eq(trouble.type, KP_KEY_REFUSED);
    ck_assert_str_eq(trouble.text, "1024 bits have no room for sha256 by PSS with that salt");
    what.salt_length = UINT32_MAX - 1;
    ck_assert_ptr_null(kp_key_sign(keys[0], &what, &trouble));
    what = request(KP_SIGN_ECDSA);
    signature = kp_key_sign(keys[1], &what, &trouble);
    ck_assert_uint_eq(kp_range_size(signature), 96);
    kp_range_unref(signature);
    what.length = 31;
    ck_assert_ptr_null(kp_key_sign(keys[1], &what, &trouble));
    ck_assert_int_eq(trouble.type, KP_KEY_MISUSED);
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(
            pthread_create(&threads[i], NULL, sign_often, (void *)(uintptr_t)keys[i % 2]), 0);
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(ec);
}
END_TEST

/* In pieces, as images are: the same as of the whole. */
START_TEST(encryption)
{
    static const uint8_t iv[16] = "sixteen of them!";
    const struct kp_key *key;
    struct kp_range *parts[3], *whole, *joined, *a, *b;
    struct kp_key_trouble trouble;

    put_file("secret", "0123456789abcdefghijklmn");
    chmod("secret", 0600);
    key = open_key("secret");
    parts[0] = kp_range_copy("seven..", 7);
    parts[1] = kp_range_fill('x', 5000000);
    parts[2] = kp_range_copy("seventeen letters", 17);
    joined = kp_range_gather(parts, 3);
    whole = kp_range_copy(kp_range_view(joined), kp_range_size(joined));
    a = kp_key_encrypt(key, KP_ENCRYPT_AES_CBC, iv, 16, joined, &trouble);
    b = kp_key_encrypt(key, KP_ENCRYPT_AES_CBC, iv, 16, whole, &trouble);
    ck_assert(a != NULL && b != NULL);
    ck_assert_uint_eq(kp_range_size(a), UINT64_C(5000032));
    ck_assert(kp_range_equal(a, b));
    ck_assert_ptr_null(kp_key_encrypt(key, KP_ENCRYPT_AES_CBC, iv, 15, whole, &trouble));
    ck_assert_int_eq(trouble.type, KP_KEY_MISUSED);
    for (size_t i = 0; i < 3; i++)
        kp_range_unref(parts[i]);
    kp_range_unref(whole);
    kp_range_unref(joined);
    kp_range_unref(a);
    kp_range_unref(b);
}
END_TEST

START_TEST(uris)
{
    ck_assert(kp_key_is_uri("pkcs11:") && !kp_key_is_uri("./pkcs11:") && !kp_key_is_uri("a.pem"));
    ck_assert(kp_key_uri_has_pin("pkcs11:object=a?pin-value=1"));
    ck_assert(kp_key_uri_has_pin("pkcs11:object=a?pin-source=file:x&pin-value=1"));
    ck_assert(!kp_key_uri_has_pin("pkcs11:object=a?pin-source=file:x"));
    ck_assert_int_eq(kp_key_shown("pkcs11:object=a?pin-source=file:x"), 15);
    ck_assert_int_eq(kp_key_shown("a?b"), 3);
}
END_TEST

static void begin(void)
{
    set_up();
    ck_assert(kp_secret_copy(&pin, "geheim", 6));
    keyring = kp_keyring_new(&(struct kp_keyring_options){.pin = &pin});
    ck_assert_ptr_nonnull(keyring);
}

static void end(void)
{
    kp_keyring_free(keyring);
    kp_secret_free(&pin);
    tear_down();
}

static void fill(TCase *tests)
{
    tcase_add_test(tests, what_is_known);
    tcase_add_test(tests, signatures);
    tcase_add_test(tests, encryption);
    tcase_add_test(tests, uris);
}

int main(void)
{
    return run_tests("keys-open", begin, end, fill);
}
