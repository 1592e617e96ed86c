/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/file.h - the files that recipes stand in, and the paths that they name.
 * What is in a file is yaml.h's matter.
 */
#ifndef KP_RECIPE_FILE_H
#define KP_RECIPE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/diag.h"

/* What messages call standard input. */
#define KP_RECIPE_STDIN "<stdin>"

struct kp_recipe_text {
    char *text; /* from malloc; the caller releases it */
    size_t length;
    dev_t device; /* these two tell whether two paths name the same file */
    ino_t inode;
};

/* Reads a whole file ("-": standard input), or one byte more than a recipe may have if
 * it is too large. Errors are reported at `place`: where the file was named. */
bool kp_recipe_file_read(struct kp_diags *diags, struct kp_place place, const char *path,
                         struct kp_recipe_text *file);

/* The folder of a file ("." for a mere name), and a path relative to a folder. NULL
 * when memory runs out. */
const char *kp_recipe_folder(struct kp_arena *arena, const char *path);
const char *kp_recipe_join(struct kp_arena *arena, const char *folder, const char *path);

#endif
