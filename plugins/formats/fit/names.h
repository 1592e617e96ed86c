/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/names.h - the names of a tree that were seen, each with the node that it is in, so that none
 * stands twice: readers might take the one or the other.
 */
#ifndef FIT_NAMES_H
#define FIT_NAMES_H

#include "frame.h"

struct fit_names {
    uint64_t *sums; /* of `room` hashes, 0 where there is none; at most half full */
    uint64_t room, count;
};

/* Remembers a name of a node ('/') or a property (':') in the node of that number: 1, or 0 if there
 * is one already. Negative after reporting that there is no memory. */
int fit_take_name(struct kp_call *call, struct fit_names *names, uint32_t node, char what,
                  const uint8_t *name, uint64_t length);

#endif
