/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/write.h - an output file: whole and new, or the old one untouched.
 */
#ifndef KP_ENGINE_WRITE_H
#define KP_ENGINE_WRITE_H

#include <stdbool.h>

#include "base/diag.h"
#include "base/range.h"

struct kp_write_options {
    bool sync; /* survive a power cut: flush the file and its folder */
    bool (*stop)(void *data);
    void *data;
};

/* Writes a range to `path` ("-": standard output). The bytes go to a file without a
 * name in the same folder (or one with a hidden name, where the file system has no
 * nameless ones), which takes the place of the old file in one step at the end.
 * Missing folders are made. What is no regular file (a device, a pipe) is written to as
 * it is. False after reporting at `place`, or silently if stopped. */
bool kp_write_file(struct kp_diags *diags, struct kp_place place, const char *path,
                   const struct kp_range *range, const struct kp_write_options *options);

#endif
