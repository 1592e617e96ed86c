/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/piece.h - a scalar's text, cut into what is copied and what is replaced.
 * What a $(name) stands for is variables.h's matter.
 */
#ifndef KP_RECIPE_PIECE_H
#define KP_RECIPE_PIECE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/node.h"

enum kp_piece_kind {
    KP_PIECE_END,       /* behind the last */
    KP_PIECE_TEXT,      /* copied */
    KP_PIECE_DOLLAR,    /* $$ */
    KP_PIECE_REFERENCE, /* $(name) */
    KP_PIECE_UNFINISHED /* $( up to the end */
};

struct kp_piece {
    enum kp_piece_kind kind;
    size_t begin; /* offsets in the text; of a reference with $( and ) */
    size_t end;
};

/* The piece that begins at an offset. */
struct kp_piece kp_piece_at(const struct kp_node *node, size_t at);
/* True if the whole text is one $(name). */
bool kp_piece_alone(const struct kp_node *node, struct kp_piece piece);
/* Where a piece of a scalar was written: exact where the scalar stands on one line
 * without escapes, else the scalar's own place. */
struct kp_place kp_piece_place(const struct kp_node *node, struct kp_piece piece);

#endif
