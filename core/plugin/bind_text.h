/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/bind_text.h - small pieces of text around parameters, shared by the binder's
 * parts: ranges and types in words, %(traits) in values, defaults that are lists.
 */
#ifndef KP_PLUGIN_BIND_TEXT_H
#define KP_PLUGIN_BIND_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/auto.h"
#include "kpipe/param.h"
#include "plugin/bind.h"

/* Whether a number lies in the row's limits. */
bool kp_bind_in_range(const struct kp_param *row, uint64_t number);
/* "0..12", in hexadecimal for addresses. Never NULL. */
const char *kp_bind_range_text(struct kp_arena *arena, const struct kp_param *row);
/* "1..4 items". Never NULL. */
const char *kp_bind_items_text(struct kp_arena *arena, const struct kp_param *row);
/* "a number", "an image", ... */
const char *kp_bind_type_text(const struct kp_param *row);
/* What to do when nothing tells a trait. */
const char *kp_bind_trait_hint(struct kp_arena *arena, const char *trait);

/* The hint under an unknown name: the nearest known one, or all of them (bind_scalar.c). */
const char *kp_bind_suggest(struct kp_arena *arena, const char *name, const char *const *names,
                            size_t count);

/* A piece of a text with %(traits). */
struct kp_text_piece {
    enum { KP_PIECE_TEXT, KP_PIECE_TRAIT, KP_PIECE_BROKEN } type;
    const char *text; /* of a trait: its name */
    size_t length;
};
/* The next piece of *rest, which moves on; false at the end. `%%` is a piece "%". */
bool kp_bind_next_piece(const char **rest, struct kp_text_piece *piece);

/* A condition of a row's `needed_if`, "NAME=CHOICE,CHOICE...", in the table that it belongs to:
 * the index of the row that it names; false if there is no such row, it is no single choice,
 * or one of the words is none of its choices. */
bool kp_bind_condition(const struct kp_param *const *table, const char *condition, size_t *index);
/* Whether the condition holds for a choice of that row. */
bool kp_bind_condition_holds(const char *condition, const struct kp_param *row, uint64_t choice);
/* The name of a choice by its value; "?" if there is none. */
const char *kp_bind_choice_name(const struct kp_param *row, uint64_t choice);

/* The items of a default "[a, b]" or "a", as values with `text` set; NULL when memory
 * runs out. */
struct kp_value *kp_bind_split_list(struct kp_arena *arena, const char *text, size_t *count);

#endif
