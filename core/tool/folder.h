/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tool/folder.h - the private folder of one run of a host tool, which nobody else can look
 * into, and its removal, whatever the tool has made of it.
 *
 *     kpipe-tool-XXXXXX/     0700, in $TMPDIR or /tmp
 *         root/              where a namespace's root is mounted
 *         work/              the tool's own
 *         stdin, stdout
 */
#ifndef KP_TOOL_FOLDER_H
#define KP_TOOL_FOLDER_H

#include <stdbool.h>

#include "base/arena.h"

struct kp_tool_folder {
    int top; /* descriptors; -1: there is none */
    int work;
    char *path, *root_path, *work_path;
};

/* Makes one below `parent`. False and errno. */
bool kp_tool_folder_make(struct kp_tool_folder *folder, struct kp_arena *arena, const char *parent);
/* Removes it with all that is in it. False if something is left. */
bool kp_tool_folder_remove(struct kp_tool_folder *folder);

#endif
