/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/words_private.h - a word of a chain, shared by words.c, which makes the recipe,
 * and words_read.c, which reads parameters. Nobody else includes it.
 */
#ifndef KP_RECIPE_WORDS_PRIVATE_H
#define KP_RECIPE_WORDS_PRIVATE_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/node.h"

/* A word, and where in it the reader stands. */
struct kp_word {
    struct kp_arena *arena;
    struct kp_diags *diags;
    const char *source; /* "argument 3" */
    const char *text;
    const char *at;
    const char *stage;
};

/* The place of `length` bytes at an address inside the word. */
struct kp_place kp_word_place(const struct kp_word *word, const char *at, size_t length);
/* All that stands behind "stage:", where word->at stands. NULL after reporting. */
struct kp_node *kp_word_params(struct kp_word *word);

#endif
