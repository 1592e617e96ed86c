/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/folders.h - where kpipe's own plugins, recipes and program for workers lie.
 *
 * In the build tree: a file `kpipe-build-tree` beside the command names the sources.
 * Installed: relative to the command if the tree was moved as a whole, else where
 * the build was told to install. Nothing is opened here but that one file.
 */
#ifndef KP_CLI_FOLDERS_H
#define KP_CLI_FOLDERS_H

#include <stdbool.h>

#include "base/arena.h"

/* Each may be NULL: none. */
struct kp_folders {
    const char *plugins; /* the bundled ones */
    const char *recipes; /* what `extends: kpipe:...` means */
    const char *user;    /* the user's plugins */
    const char *worker;  /* the program kpipe-worker */
};

/* False when memory runs out. */
bool kp_folders_find(struct kp_folders *folders, struct kp_arena *arena);

#endif
