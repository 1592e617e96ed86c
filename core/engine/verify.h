/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/verify.h - one image verified: by the stage KIND-verify of the image's kind, which is given
 * the keys and makes a report.
 */
#ifndef KP_ENGINE_VERIFY_H
#define KP_ENGINE_VERIFY_H

#include "plugin/registry.h"

struct kp_verify_options {
    struct kp_registry *registry;
    const char *name; /* of the image, for findings */
    const char *const *key_names;
    struct kp_range *const *keys; /* files with public keys */
    size_t key_count;
    const char *configuration; /* or NULL: all */
};

/* The report; NULL after reporting: it cannot be verified, or something is wrong with it. */
struct kp_range *kp_verify(const struct kp_verify_options *options, struct kp_range *image,
                           struct kp_diags *diags);

#endif
