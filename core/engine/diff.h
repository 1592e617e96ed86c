/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/diff.h - how two images differ, layer by layer: what their headers say, what lies where,
 * and their bytes.
 *
 * Layers belong together that have the same path (layers.h), and fields that have the same name.
 * What a field means is the plugin's word; nothing here knows a format. Equal bytes are not looked
 * into. What is told of a difference, and how, is up to who asked.
 */
#ifndef KP_ENGINE_DIFF_H
#define KP_ENGINE_DIFF_H

#include "engine/layers.h"

/* How two runs of bytes differ. */
struct kp_diff_bytes {
    bool differ;
    uint64_t first; /* the first byte that differs, or that only the longer one has */
    int value[2];   /* its values; -1: it has ended */
    uint64_t count; /* bytes that differ, as far as both reach */
};

/* In the order in which they are kept. */
enum kp_difference_what {
    KP_DIFFERENCE_FACT,   /* of the layer itself: kind, codec, role, meaning, offset, size */
    KP_DIFFERENCE_FIELD,  /* by name; of several with one name, in their order */
    KP_DIFFERENCE_DETAIL, /* likewise, with KP_FIELD_DETAIL */
    KP_DIFFERENCE_SIZE,   /* a detail that is a size: all with one name together */
    KP_DIFFERENCE_TRAIT,
    KP_DIFFERENCE_GAP,      /* as kp_layer_gaps has them, in their order */
    KP_DIFFERENCE_TRAILING, /* bytes behind a compressed stream */
};

struct kp_difference {
    enum kp_difference_what what;
    const char *name;
    /* The values in both; NULL: there is none. For what is no field one that stands for it. */
    const struct kp_inspected_field *side[2];
    struct kp_diff_bytes bytes; /* of a gap, and of what trails: if they lie in the same place */
    size_t order;
};

/* A layer that differs. */
struct kp_layer_diff {
    const struct kp_layer *layer[2]; /* NULL: only the other image has it; and that is all */
    struct kp_vector differences;    /* of struct kp_difference; sizes: the greatest change first */
    struct kp_diff_bytes bytes;
    bool same_contents; /* compressed in different ways, and what comes out is the same */
    bool details_cut;   /* it has more details than were compared */
    struct kp_inspection inspection[2]; /* with details */
};

struct kp_diff {
    struct kp_arena *arena;
    struct kp_layers image[2];
    struct kp_vector
        layers; /* of struct kp_layer_diff, as layers are shown; empty: no difference */
    struct kp_diags *findings;
};

/* Compares two images. What is wrong with their layers is reported to `findings` as warnings.
 * False if memory ran out; what was found before is there. Free it in any case. */
bool kp_diff_open(struct kp_diff *diff, const struct kp_layers_options options[2],
                  struct kp_range *const ranges[2], struct kp_diags *findings);
void kp_diff_free(struct kp_diff *diff);
static inline void kp_auto_diff(struct kp_diff *diff)
{
    kp_diff_free(diff);
}

/* By how much a KP_DIFFERENCE_SIZE differs: what was added, or taken away. */
uint64_t kp_difference_change(const struct kp_difference *difference, bool *grew);

#endif
