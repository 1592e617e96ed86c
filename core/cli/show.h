/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/show.h - an opened image, written to standard output: as an indented text (show.c), as
 * JSON (show_json.c), as a drawing (show_map.c).
 */
#ifndef KP_CLI_SHOW_H
#define KP_CLI_SHOW_H

#include "base/json.h"
#include "engine/layers.h"

void kp_show_text(const char *file, const struct kp_layers *layers);
void kp_show_json(struct kp_json *json, const char *file, const struct kp_layers *layers);
void kp_show_map(const char *file, const struct kp_layers *layers);

/* Text out of an image may hold anything: it is shown with escapes. */
void kp_show_escaped(const char *text);
/* The value of a field, what it means, and whether it is wrong. */
void kp_show_value(const struct kp_inspected_field *field);
/* The same as members of an object that was begun. */
void kp_show_json_value(struct kp_json *json, const struct kp_inspected_field *field);
/* "compressed (xz)", "elf"; of what nobody knows its role, or "unknown" */
void kp_show_kind(const struct kp_layer *layer);

#endif
