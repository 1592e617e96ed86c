/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/signature.c - signatures beside plugins: 64 bytes of Ed25519 (RFC 8032) over the whole
 * file, as `openssl pkeyutl -sign -rawin` writes them. Which keys count is trust.c's matter.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "plugin/trust.h"

static void odd(struct kp_arena *arena, struct kp_signature *signature, const char *what,
                const char *why)
{
    signature->state = KP_SIGNATURE_ODD;
    signature->reason = kp_arena_printf(arena, "%s%s", what, why);
    if (signature->reason == NULL)
        signature->reason = "out of memory";
}

void kp_signature_read(struct kp_arena *arena, const char *plugin, struct kp_signature *signature)
{
    const char *path = kp_arena_printf(arena, "%s.sig", plugin);
    int descriptor KP_AUTO(close) =
        path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    uint8_t bytes[KP_SIGNATURE_SIZE + 1];
    struct stat status;

    *signature = (struct kp_signature){.state = KP_SIGNATURE_NONE};
    if (path == NULL)
        odd(arena, signature, "", "out of memory");
    else if (descriptor < 0 && errno != ENOENT)
        odd(arena, signature, "cannot be opened: ", strerror(errno));
    if (descriptor < 0)
        return;
    if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode))
        odd(arena, signature, "", "not a file");
    else if (status.st_size != KP_SIGNATURE_SIZE ||
             read(descriptor, bytes, sizeof(bytes)) != KP_SIGNATURE_SIZE)
        odd(arena, signature, "", "not a signature of 64 bytes");
    else {
        signature->state = KP_SIGNATURE_THERE;
        memcpy(signature->bytes, bytes, KP_SIGNATURE_SIZE);
    }
}

bool kp_signature_fits(const struct kp_signature *signature, const struct kp_trust_key *key,
                       const uint8_t *bytes, uint64_t size)
{
    EVP_PKEY *public_key;
    EVP_MD_CTX *context;
    bool fits;

    if (signature->state != KP_SIGNATURE_THERE)
        return false;
    public_key =
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->bytes, sizeof(key->bytes));
    context = EVP_MD_CTX_new();
    fits = public_key != NULL && context != NULL &&
           EVP_DigestVerifyInit(context, NULL, NULL, NULL, public_key) == 1 &&
           EVP_DigestVerify(context, signature->bytes, KP_SIGNATURE_SIZE, bytes, (size_t)size) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(public_key);
    return fits;
}
