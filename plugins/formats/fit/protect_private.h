/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/protect_private.h - what protect.c, sign.c and cipher.c share while one FIT is protected.
 */
#ifndef FIT_PROTECT_PRIVATE_H
#define FIT_PROTECT_PRIVATE_H

#include "protect.h"

/* Room for the paths of all nodes that a signature can cover. */
#define FIT_PATHS ((int)(FIT_SIGNED_NODES * 2 * (TREE_NAME + 16)))

/* A key, and what it is. */
struct fit_open_key {
    const struct fit_key *given;
    struct kp_key_facts facts;
    const char *hint;
};

struct fit_protector {
    struct fit_frame *frame;
    const struct fit_protection *what;
    const struct kp_keys *service;
    struct fit_open_key *keys; /* as many as what->key_count */
    struct fit_digests digests;
    uint64_t *plain; /* by contents: their length before they were encrypted here, plus 1; 0: they
                        were not */
    char *paths;     /* FIT_PATHS bytes */
    int real;        /* the second round, which writes the values */
    int signs;       /* a node without a key was spoken of */
};

/* sign.c */
int32_t fit_open_keys(struct fit_protector *p);
/* Both return KP_OK, KP_FAILED or TREE_NO_SPACE. */
int32_t fit_sign_image(struct fit_protector *p, struct fit_data *data, int image, int node);
int32_t fit_sign_configuration(struct fit_protector *p, int configuration, int node);
/* The key for a node; NULL: none. */
const struct fit_open_key *fit_key_for(const struct fit_protector *p, int node);

/* cipher.c */
/* Encrypts what is to be, before all rounds: frame->data changes. */
int32_t fit_encrypt(struct fit_protector *p);
/* In a round: what the tree says of it. */
int32_t fit_mark_encrypted(struct fit_protector *p, int image);

#endif
