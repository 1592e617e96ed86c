/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/piece.c - finding $(name) and $$ in text. A $ before anything else is itself.
 */
#include "recipe/piece.h"

#include <string.h>

struct kp_piece kp_piece_at(const struct kp_node *node, size_t at)
{
    const char *text = node->text;
    const char *end;
    struct kp_piece piece = {KP_PIECE_END, at, at};

    if (at >= node->length)
        return piece;
    if (text[at] == '$' && text[at + 1] == '$') {
        piece.kind = KP_PIECE_DOLLAR;
        piece.end = at + 2;
    } else if (text[at] == '$' && text[at + 1] == '(') {
        end = strchr(text + at, ')');
        piece.kind = end != NULL ? KP_PIECE_REFERENCE : KP_PIECE_UNFINISHED;
        piece.end = end != NULL ? (size_t)(end - text) + 1 : node->length;
    } else {
        end = strchr(text + at + 1, '$');
        piece.kind = KP_PIECE_TEXT;
        piece.end = end != NULL ? (size_t)(end - text) : node->length;
    }
    return piece;
}

bool kp_piece_alone(const struct kp_node *node, struct kp_piece piece)
{
    return piece.kind == KP_PIECE_REFERENCE && piece.begin == 0 && piece.end == node->length;
}

struct kp_place kp_piece_place(const struct kp_node *node, struct kp_piece piece)
{
    const size_t quotes = node->plain ? 0 : 2;
    struct kp_place place = node->place;

    if (place.column == 0 || place.length != node->length + quotes)
        return place;
    place.column += (uint32_t)(piece.begin + quotes / 2);
    place.length = (uint32_t)(piece.end - piece.begin);
    return place;
}
