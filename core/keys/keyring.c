/* SPDX-License-Identifier: BSD-3-Clause
 *
 * keys/keyring.c - the keys that were opened, and where their PINs and passphrases come from.
 */
#include <errno.h>
#include <string.h>

#include "keys/key_private.h"

#define URI "pkcs11:"
#define PIN_HINT                                                                                   \
    "it stands alone in a file, which `secret-from` names; else it is the value of KPIPE_PIN"

bool kp_key_is_uri(const char *text)
{
    return strncmp(text, URI, strlen(URI)) == 0;
}

bool kp_key_uri_has_pin(const char *uri)
{
    return strstr(uri, "pin-value=") != NULL;
}

int kp_key_shown(const char *text)
{
    const size_t length = kp_key_is_uri(text) ? strcspn(text, "?") : strlen(text);

    return length < 4096 ? (int)length : 4096;
}

struct kp_keyring *kp_keyring_new(const struct kp_keyring_options *options)
{
    struct kp_keyring *keyring = calloc(1, sizeof(*keyring));

    if (keyring == NULL)
        return NULL;
    keyring->options = *options;
    keyring->arena = kp_arena_new();
    if (keyring->arena != NULL)
        return keyring;
    free(keyring);
    return NULL;
}

static void close_key(struct kp_key *key)
{
    kp_range_unref(key->public_key);
    kp_secret_free(&key->secret);
}

void kp_keyring_free(struct kp_keyring *keyring)
{
    if (keyring == NULL)
        return;
    for (size_t i = 0; i < keyring->keys.count; i++)
        close_key(KP_ITEM(&keyring->keys, struct kp_key *, i));
    kp_vector_free(&keyring->keys);
    kp_tokens_free(keyring->tokens);
    kp_arena_free(keyring->arena);
    free(keyring);
}

void kp_keyring_warn(struct kp_diags *diags, const struct kp_key_source *source,
                     struct kp_place place, const char *file, const struct stat *status)
{
    if (S_ISREG(status->st_mode) && (status->st_mode & S_IROTH) != 0)
        kp_finding_add(diags, KP_SEVERITY_WARNING, place, "let its owner alone read it: chmod 600",
                       NULL, KP1424, source->name, file);
}

static bool read_secret(struct kp_diags *diags, const struct kp_key_source *source,
                        const char *file, struct kp_place place, struct kp_secret *secret)
{
    struct stat status;
    const int error = kp_secret_read(secret, file, KP_KEY_MOST_SECRET, &status);

    if (error == ENOMEM)
        return kp_out_of_memory(diags);
    if (error != 0)
        return kp_error_hint(diags, place, PIN_HINT, KP1425, source->name, file,
                             error == EFBIG ? "longer than a PIN or passphrase can be"
                                            : strerror(error));
    /* As echo and editors end it. */
    if (secret->size > 0 && secret->bytes[secret->size - 1] == '\n')
        secret->size--;
    if (secret->size > 0 && secret->bytes[secret->size - 1] == '\r')
        secret->size--;
    if (secret->size == 0)
        return kp_error_hint(diags, place, PIN_HINT, KP1425, source->name, file, "it is empty");
    kp_keyring_warn(diags, source, place, file, &status);
    return true;
}

bool kp_keyring_secret(struct kp_keyring *keyring, struct kp_diags *diags,
                       const struct kp_key_source *source, const char *pin_file,
                       struct kp_secret *secret)
{
    const struct kp_secret *pin = keyring->options.pin;

    *secret = (struct kp_secret){0};
    if (source->secret_file != NULL)
        return read_secret(diags, source, source->secret_file, source->secret_place, secret);
    if (pin_file != NULL)
        return read_secret(diags, source, pin_file, source->place, secret);
    return pin == NULL || pin->size == 0 || kp_secret_copy(secret, pin->bytes, pin->size) ||
           kp_out_of_memory(diags);
}

const struct kp_key *kp_keyring_open(struct kp_keyring *keyring, struct kp_diags *diags,
                                     const struct kp_key_source *source)
{
    struct kp_key *key = KP_ARENA_NEW(keyring->arena, struct kp_key);
    struct kp_key **slot = key == NULL ? NULL : KP_PUSH(&keyring->keys, struct kp_key *);
    bool good;

    if (slot == NULL) {
        kp_out_of_memory(diags);
        return NULL;
    }
    *slot = key;
    key->name = source->name;
    good = source->uri != NULL ? kp_key_open_token(keyring, diags, source, key)
                               : kp_key_open_file(keyring, diags, source, key);
    return good ? key : NULL;
}
