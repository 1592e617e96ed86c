/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/plugins/hostile/claim.c - a plugin that claims to be a bundled one: its id (built with
 * CLAIM_ID), or the name of its stage (with CLAIM_STAGE).
 */
#include "hostile.h"

static int32_t how_owned(struct kp_call *call)
{
    return kp_append(call, "owned", 5);
}

#define HOSTILE_WAYS(WAY) WAY(owned)

#ifdef CLAIM_ID
HOSTILE_PLUGIN("org.kpipe.gzip", "claim", "")
#else
HOSTILE_PLUGIN("org.example.rival", "gzip", "")
#endif
