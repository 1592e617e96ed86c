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

/* Searches a range; `ends`: what is meant ends with it (KP_PART_ENDS). Else it is the first that
 * holds a kernel's banner, or, if none does, that with the largest contents. Decompresses at
 * most *budget bytes in all, of which it takes what it used. False when memory runs out. */
bool kp_search(const struct kp_layers_options *options, struct kp_range *range, bool ends,
               uint64_t *budget, struct kp_found *found);

#endif
