/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/its.h - image tree source, the text that mkimage -f takes, to nodes.
 */
#ifndef FIT_ITS_H
#define FIT_ITS_H

#include <kpipe/tree.h>

#include "nodes.h"

/* Most scratch memory that reading takes: for an operation's memory_base. */
#define FIT_ITS_MEMORY (UINT64_C(256) << 20)

/* Reads the file `name` of a tree and all that it includes. Paths in it are relative to the
 * folder of the file in which they stand, and none leads out of the tree. *reservations is what
 * /memreserve/ says, in its order; with NULL in place of it that is an error. KP_FAILED after
 * reporting "its: FILE:LINE:COLUMN: what: value: reason", at the parameter `name` where it is one. */
int32_t fit_read_its(struct kp_call *call, const struct kp_tree *tree, const struct kp_text *name,
                     struct fit_node **root, struct fit_reservation **reservations);

#endif
