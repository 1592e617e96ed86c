/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/words.h - a chain from the words of a command line: the recipe of `kpipe pipe`.
 *
 *     vmlinux objcopy gzip uimage:load=0x80008000,name=x
 *
 * The first word is a file or -; each further one a stage, `stage:k=v,k=v`, or
 * 'stage:{YAML}'. Where a parameter takes an image the value is a path, and becomes an
 * input of the recipe. Places in findings name the word ("argument 3").
 */
#ifndef KP_RECIPE_WORDS_H
#define KP_RECIPE_WORDS_H

#include "recipe/recipe.h"

/* `arch` is --arch's value or NULL; `output` the file for the result ("-": standard
 * output). NULL after reporting. */
struct kp_recipe *kp_recipe_from_words(struct kp_arena *arena, struct kp_diags *diags,
                                       const struct kp_reference_finder *finder,
                                       const char *const *words, size_t count, const char *arch,
                                       const char *output);

#endif
