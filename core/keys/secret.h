/* SPDX-License-Identifier: BSD-3-Clause
 *
 * keys/secret.h - bytes that nobody may see: private keys, PINs, passphrases. They are wiped when
 * they are let go of; they are in no core dump, in no swapped page and in no copy of the process,
 * as far as OpenSSL's secure heap can be had.
 *
 * What libcrypto computes with is ordinary memory. It is wiped when it is freed
 * (kp_secret_begin), and kp_memory_private_begin of base/memory.h keeps copies of the process
 * from being made meanwhile.
 */
#ifndef KP_KEYS_SECRET_H
#define KP_KEYS_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/* Zeroed: none. */
struct kp_secret {
    uint8_t *bytes;
    size_t size;
};

/* Has libcrypto wipe what it frees. To be called before anything of libcrypto's is; false if it
 * comes too late. */
bool kp_secret_begin(void);

/* `size` zeros; false when memory runs out. */
bool kp_secret_new(struct kp_secret *secret, size_t size);
bool kp_secret_copy(struct kp_secret *secret, const void *bytes, size_t size);
void kp_secret_free(struct kp_secret *secret);
static inline void kp_auto_secret(struct kp_secret *secret)
{
    kp_secret_free(secret);
}

/* All of a file, which is read, never mapped. Returns 0 or an errno: EFBIG if there are more than
 * `most` bytes. */
int kp_secret_read(struct kp_secret *secret, const char *path, size_t most, struct stat *status);
/* The value of an environment variable, which is wiped and gone then: copies of the process and
 * /proc/PID/environ would have it, and recipes could name it. Nothing if it is not set. False when
 * memory runs out. */
bool kp_secret_take_environment(struct kp_secret *secret, const char *name);

#endif
