/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/diff_private.h - what the files of diff.h share. Each function returns false when memory
 * runs out.
 */
#ifndef KP_ENGINE_DIFF_PRIVATE_H
#define KP_ENGINE_DIFF_PRIVATE_H

#include "engine/diff.h"

/* diff_bytes.c */
void kp_diff_compare_bytes(const struct kp_range *left, const struct kp_range *right,
                           struct kp_diff_bytes *found);

/* diff_facts.c: what is told of layers without asking anybody; then of those whose bytes
 * differ. */
bool kp_diff_facts(struct kp_diff *diff, struct kp_layer_diff *pair);
bool kp_diff_places(struct kp_diff *diff, struct kp_layer_diff *pair);

/* diff_fields.c: of the inspections with details. */
bool kp_diff_fields(struct kp_diff *diff, struct kp_layer_diff *pair);

/* A further difference; NULL when memory runs out. */
static inline struct kp_difference *kp_diff_add(struct kp_layer_diff *pair,
                                                enum kp_difference_what what, const char *name,
                                                const struct kp_inspected_field *left,
                                                const struct kp_inspected_field *right)
{
    struct kp_difference *difference = KP_PUSH(&pair->differences, struct kp_difference);

    if (difference != NULL)
        *difference = (struct kp_difference){
            .what = what, .name = name, .side = {left, right}, .order = pair->differences.count};
    return difference;
}

#endif
