/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sandbox/needs.h - which libraries a shared object asks the loader for, and where it wants them
 * looked for: read from its file, of which nothing is believed.
 *
 * Only objects of this process's own kind are read: others cannot be loaded anyway.
 */
#ifndef KP_SANDBOX_NEEDS_H
#define KP_SANDBOX_NEEDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

#define KP_NEEDS_MOST 128 /* libraries of one object; more are not looked for */

struct kp_needs {
    bool library; /* it is a shared object; else the rest is empty */
    const char *names[KP_NEEDS_MOST];
    size_t count;
    const char *run_path; /* DT_RUNPATH, else DT_RPATH: folders and ':'; or NULL */
    bool inherited;       /* it is DT_RPATH, which goes for what is loaded for it as well */
};

/* False when memory runs out. */
bool kp_needs_read(struct kp_arena *arena, int descriptor, struct kp_needs *needs);

#endif
