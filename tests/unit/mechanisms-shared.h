/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/unit/mechanisms-shared.h - what machines there are, for tests of how a process is shut
 * in: tool-sandbox.c and sandbox-*.c.
 */
#ifndef KP_TEST_MECHANISMS_SHARED_H
#define KP_TEST_MECHANISMS_SHARED_H

#include "sandbox/sandbox.h"

/* Mechanisms to do without: none, and ever more. */
static const unsigned withouts[] = {
    0,
    KP_SANDBOX_SECCOMP,
    KP_SANDBOX_NAMESPACES,
    KP_SANDBOX_NAMESPACES | KP_SANDBOX_SECCOMP,
    KP_SANDBOX_NAMESPACES | KP_SANDBOX_LANDLOCK,
    KP_SANDBOX_ALL,
};
#define WITHOUTS ((int)(sizeof(withouts) / sizeof(withouts[0])))

#endif
