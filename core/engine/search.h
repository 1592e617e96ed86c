/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/search.h - finds compressed data of which no header tells where it begins: in a boot
 * program that has a payload somewhere, and, where nobody knows the bytes, anywhere.
 *
 * Boot programs also hold the magic numbers of codecs as constants, and a payload may hold
 * compressed data itself; so a place counts only if it can be decompressed as a whole.
 */
#ifndef KP_ENGINE_SEARCH_H
#define KP_ENGINE_SEARCH_H

#include "engine/layers.h"

struct kp_found {
    const char *codec;
    uint64_t offset;           /* in the range that was searched */
    uint64_t end;              /* behind the stream, in the same */
    struct kp_range *contents; /* the caller's to let go; NULL: nothing was found */
};

enum kp_search_for {
    KP_SEARCH_END,     /* what ends with the range (KP_PART_ENDS) */
    KP_SEARCH_KERNEL,  /* the first that holds a kernel's banner */
    KP_SEARCH_LARGEST, /* the same, or, if none does, that with the largest contents */
};

/* Searches a range. Decompresses at most *budget bytes in all, of which it takes what it used.
 * False when memory runs out. */
bool kp_search(const struct kp_layers_options *options, struct kp_range *range,
               enum kp_search_for wanted, uint64_t *budget, struct kp_found *found);

/* Whether bytes hold the banner of a kernel that is not compressed. */
bool kp_search_banner(struct kp_range *range);

#endif
