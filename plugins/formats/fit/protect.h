/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/protect.h - hashes, signatures and ciphers of a FIT: how they are made, and what they cover.
 *
 * Rules: U-Boot's doc/usage/fit/signature.rst and source_file_format.rst; which bytes a
 * configuration's signature covers, and that nobody believes `hashed-nodes`:
 * boot/image-fit-sig.c of 2026.
 */
#ifndef FIT_PROTECT_H
#define FIT_PROTECT_H

#include <openssl/evp.h>

#include "frame.h"

/* Longest digest (sha512) and signature (an RSA key of 8192 bits). */
#define FIT_DIGEST 64u
#define FIT_SIGNATURE 1024u
/* Most nodes that one signature covers: as many as U-Boot of 2026 takes. */
#define FIT_SIGNED_NODES 100u

/* --- digest.c --- */

struct fit_algorithm {
    const char *name;              /* as FIT has it */
    uint32_t length;               /* of the digest */
    int may_sign;                  /* is part of signature algorithms */
    const EVP_MD *(*digest)(void); /* NULL: crc32 */
};
/* NULL: none of that name. */
const struct fit_algorithm *fit_find_algorithm(const char *name, size_t length);
/* For tables of parameters: all, and those that signatures are of. */
extern const struct kp_choice *const fit_hashes[];
#define FIT_SIGNING_HASHES (fit_hashes + 1)
#define FIT_CRC32 0u
#define FIT_SHA256 3u
const char *fit_hash_name(uint32_t number); /* of one of those */

/* A digest of the contents of one image. */
struct fit_digest {
    const struct fit_data *data;
    const struct fit_algorithm *algorithm;
    uint8_t value[FIT_DIGEST];
    int failed;
};
struct fit_digests {
    struct fit_digest *items;
    uint64_t count, room;
};
/* Asks for one, to be made by fit_make_digests. All of one image are asked for in a row. */
int32_t fit_want_digest(struct kp_call *call, struct fit_digests *digests, struct fit_data *data,
                        const struct fit_algorithm *algorithm);
/* Makes all that are not made yet, at several at a time. */
int32_t fit_make_digests(struct kp_call *call, struct fit_digests *digests);
/* One that was made. */
const uint8_t *fit_digest_of(const struct fit_digests *digests, const struct fit_data *data,
                             const struct fit_algorithm *algorithm);

/* --- regions.c --- */

/* What a configuration's signature covers: nodes of the frame, by offset, the root first. */
struct fit_covered {
    int nodes[FIT_SIGNED_NODES];
    uint32_t count;
};
/* Every image that a configuration names, with its hashes, cipher and dm-verity. With `only` (a list
 * of texts as a property has it) those alone of its properties count. Returns KP_OK, or KP_FAILED with
 * *why a phrase that says what is wrong; nothing is reported. */
int32_t fit_cover(const struct fit_frame *frame, int configuration, const char *only,
                  uint32_t only_length, struct fit_covered *covered, const char **why);
/* Digest of what is covered and of `strings` bytes of the strings block. KP_FAILED with *why, as
 * above. */
int32_t fit_digest_covered(const struct fit_frame *frame, const struct fit_covered *covered,
                           uint32_t strings, const struct fit_algorithm *algorithm,
                           uint8_t digest[FIT_DIGEST], const char **why);

/* --- algorithm.c --- */

/* A signature's algorithm, "sha256,rsa2048". */
struct fit_crypto {
    const char *name; /* "rsa2048" */
    uint32_t key_type, bits;
};
struct fit_signature_kind {
    const struct fit_algorithm *hash;
    const struct fit_crypto *crypto;
    uint32_t scheme; /* KP_SIGN_* */
};
/* The algorithm's name for signatures of a key, "sha256,rsa2048"; `hash` is a number of fit_hashes.
 * KP_FAILED, without a report: there is none. */
int32_t fit_key_algo(const struct kp_key_facts *facts, uint32_t hash, char *algo, size_t size);
/* Of a signature's node: its algo and padding. KP_FAILED with *why. */
int32_t fit_signature_kind(const struct fit_frame *frame, int node, struct fit_signature_kind *kind,
                           const char **why);
/* A text property of a node, if it is one text with its NUL, else NULL. */
const char *fit_text(const struct fit_frame *frame, int node, const char *property);
/* Whether a node's name begins with `what`, as U-Boot tells hash-1 and signature@2. */
int fit_is(const struct fit_frame *frame, int node, const char *what);

/* Asks for the digests that an image's hashes and signatures name. */
int32_t fit_want_digests(const struct fit_frame *frame, int image, struct fit_digests *digests);

/* Digest of what a signature's node of an image or a configuration is of, as it says itself. 0: that
 * cannot be told, or an image's was not asked for. */
int fit_digest_signed(const struct fit_frame *frame, const struct fit_digests *digests, int parent,
                      int node, int is_configuration, uint8_t digest[FIT_DIGEST], uint32_t *length);

/* --- protect.c --- */

struct fit_key {
    const struct kp_key *key;
    const char *hint;  /* the key-name-hint of the nodes that it is for; NULL: the key's name */
    const void *field; /* the parameter that gave it */
};
/* An initial vector for a cipher node's iv-name-hint. */
struct fit_iv {
    const char *hint;
    const struct kp_image *image;
};

/* Who signed, and when; a text that is NULL is not stored. */
struct fit_signer {
    const char *name, *version, *comment;
    uint32_t time;
};
/* A signature that is there already. */
struct fit_given {
    const char *image, *name; /* of the image or configuration, and of the signature's node */
    int is_configuration;
    const uint8_t *value;
    uint64_t length;
    const uint8_t *digest; /* what it is of, or NULL */
    uint64_t digest_length;
    const void *field; /* the parameter that gave it */
    uint32_t strings;  /* bytes of the strings block that it covers; UINT32_MAX: all */
    struct fit_signer by;
    struct fit_given *next;
};

struct fit_protection {
    const struct fit_key *keys;
    uint64_t key_count;
    const struct fit_iv *ivs;
    uint64_t iv_count;
    const void *keys_field; /* the parameter for further keys */
    int only_known;         /* nodes for which there is no key stay as they are */
    const struct fit_given *given;
    struct fit_signer signer; /* of what is signed here; its time is also that of the root: */
    uint8_t has_time;         /* whose timestamp is set */
};
/* sign.c: all keys of a parameter of type KP_TYPE_KEY, each for the nodes whose key-name-hint is its
 * name. */
int32_t fit_take_keys(struct kp_call *call, const struct kp_list *keys,
                      struct fit_protection *protection);
/* Sets the time, encrypts, hashes and signs, in the order and with the room that mkimage gives
 * itself. */
int32_t fit_protect(struct fit_frame *frame, const struct fit_protection *protection);

#endif
