/* SPDX-License-Identifier: BSD-3-Clause
 *
 * common/tree_details.h - the nodes and properties of a flattened tree, each as a fact.
 */
#ifndef COMMON_TREE_DETAILS_H
#define COMMON_TREE_DETAILS_H

#include <libfdt.h>

#include <kpipe/kpipe.h>

/* Tells each node and property of a tree that has been checked, with KP_FIELD_DETAIL. With `located`
 * the tree is the beginning of the main input, and facts say where they stand. */
int32_t tree_tell_details(struct kp_call *call, const void *tree, int located);

#endif
