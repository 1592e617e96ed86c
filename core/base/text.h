/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/text.h - text that came from outside, made safe to look at.
 *
 * File names, lines of recipes and strings found in images may hold anything,
 * sequences that drive the terminal included. What is shown to people goes
 * through kp_text_escape. Nothing here writes anything by itself.
 */
#ifndef KP_BASE_TEXT_H
#define KP_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/vector.h"

/* The code point that begins at `text`, of at most `length` bytes (not 0), in
 * *point; and how many bytes it takes, or 0 if they are no UTF-8 (overlong forms
 * and surrogates are none). */
size_t kp_text_decode(const char *text, size_t length, uint32_t *point);

/* True for code points that do something rather than show something: control
 * characters, line and paragraph separators, changes of writing direction, and
 * what has no width. */
bool kp_text_is_control(uint32_t point);

/* Appends `length` bytes; control characters and bytes that are no UTF-8 become
 * \x1b, other code points that must not be shown \u202e. */
void kp_text_escape(struct kp_string *to, const char *text, size_t length);

/* The same for one code point: appends it and returns how many bytes of `text`
 * it took; *columns (may be NULL) is what it takes on the screen, by code points. */
size_t kp_text_escape_one(struct kp_string *to, const char *text, size_t length, size_t *columns);

#endif
