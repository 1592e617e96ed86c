/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/source.h - what a source gave: named images, lists of images, facts. Filled by the
 * services of host_source.c while the source runs (call.h), final afterwards.
 *
 * The images keep the bytes that they are made of; nothing else of the call is kept.
 */
#ifndef KP_PLUGIN_SOURCE_H
#define KP_PLUGIN_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/vector.h"
#include "host/image.h"

/* Images, lists and facts that one source may give in all. */
#define KP_SOURCE_MAX_ITEMS 65536u
/* Bytes of a fact's value, and of a label. */
#define KP_SOURCE_MAX_TEXT 65536u

struct kp_source_image {
    const char *label; /* in a list: what people call it; else NULL */
    struct kp_image image;
    struct kp_output traits; /* while the source runs: what it says of the image */
};

/* A name behind the input's: an image, or a list of them. */
struct kp_source_name {
    const char *name;
    bool is_list;
    struct kp_vector images; /* of struct kp_source_image *; exactly one if it is no list */
};

struct kp_source_fact {
    const char *name;
    const char *value;
};

/* Zeroed but for the arena and the arenas of the maps, before the source runs. */
struct kp_source_items {
    struct kp_arena *arena;
    const char *key;        /* of the run: source, parameters, open files */
    struct kp_vector names; /* of struct kp_source_name *, in the order given */
    struct kp_vector facts; /* of struct kp_source_fact *, in the order given */
    struct kp_map names_by_name;
    struct kp_map facts_by_name;
    size_t count;
};

/* NULL when memory runs out. */
struct kp_source_items *kp_source_items_new(struct kp_arena *arena);
/* Lets go of the images. NULL is ignored. */
void kp_source_items_clear(struct kp_source_items *items);

#endif
