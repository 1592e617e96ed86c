/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/unpack.h - an opened image as files, one a part, and a recipe that makes the same bytes of
 * them again.
 *
 * How an image is made of its parts, its plugin tells (kp_host.remake), or it is laid out as it
 * is, with the fields of its header by their names. Nothing is believed: each way is run, and
 * counts only if it makes the bytes that are there. What nobody can make again is a file as it is.
 */
#ifndef KP_ENGINE_UNPACK_H
#define KP_ENGINE_UNPACK_H

#include "engine/layers.h"
#include "recipe/recipe.h"
#include "tool/toolbox.h"

struct kp_unpack_options {
    const char *folder; /* of the files; must not exist, or be empty */
    struct kp_toolbox *toolbox;
    const struct kp_reference_finder *finder;
    unsigned threads; /* as in struct kp_run_options */
    bool sync;
};

/* What was made, for the user. */
struct kp_unpacked {
    size_t files;            /* beside the recipe */
    struct kp_vector notes;  /* of const char *: what is as it is, or cannot be kept */
    struct kp_string recipe; /* its text */
};

/* All is written, or nothing: the folder appears at the end. False after reporting. Free *unpacked
 * in any case. */
bool kp_unpack(const struct kp_layers *layers, struct kp_diags *diags,
               const struct kp_unpack_options *options, struct kp_unpacked *unpacked);
void kp_unpacked_free(struct kp_unpacked *unpacked);
static inline void kp_auto_unpacked(struct kp_unpacked *unpacked)
{
    kp_unpacked_free(unpacked);
}

#endif
