/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/verify.h - what the files of fit-verify share: a FIT that is verified, and its report.
 */
#ifndef FIT_VERIFY_H
#define FIT_VERIFY_H

#include "fit.h"
#include "public.h"

struct fit_verifier {
    struct kp_call *call;
    struct fit_frame frame;
    struct fit_publics publics;
    struct fit_digests digests;
    uint8_t
        *trusted; /* by a node's offset / 4, which is that of a token: a good signature covers it */
    uint64_t wrong;
    uint8_t *named; /* likewise: images of the only configuration that counts */
    int only;       /* the configuration that is verified, with what it names; negative: all are */
    int has_required, failed; /* the latter: the host failed */
};

/* --- verify.c --- */

/* A line of the report, and something that is wrong. */
KP_PRINTF(2, 3)
void fit_say_good(struct fit_verifier *v, const char *format, ...);
KP_PRINTF(2, 3)
void fit_say_wrong(struct fit_verifier *v, const char *format, ...);
const char *fit_node_name(const struct fit_verifier *v, int node);

/* --- verify_configuration.c --- */

/* The first key whose signature it is; NULL with *why for the key that it names, or for all. */
const struct fit_public *fit_find_signer(struct fit_verifier *v, int node,
                                         const struct fit_signature_kind *kind,
                                         const uint8_t *digest, const struct fit_public *only,
                                         const char **why);
/* By each of the keys that are required, or by one of them; by any if none is. */
void fit_verify_configuration(struct fit_verifier *v, int configuration);

#endif
