/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/its.h - image tree source, the text that mkimage -f takes, to nodes.
 */
#ifndef FIT_ITS_H
#define FIT_ITS_H

#include <kpipe/tree.h>

#include "nodes.h"

/* Reads the file `name` of a tree and all that it includes. Paths in it are relative to the
 * folder of the file in which they stand, and none leads out of the tree. KP_FAILED after reporting
 * "FILE:LINE:COLUMN: what: value: reason". */
int32_t fit_read_its(struct kp_call *call, const struct kp_tree *tree, const struct kp_text *name,
                     struct fit_node **root);

#endif
