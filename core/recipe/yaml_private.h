/* SPDX-License-Identifier: BSD-3-Clause
 *
 * recipe/yaml_private.h - what yaml.c (events to nodes) and yaml_place.c (places and
 * libyaml's errors) share. Nobody else includes it.
 */
#ifndef KP_RECIPE_YAML_PRIVATE_H
#define KP_RECIPE_YAML_PRIVATE_H

#include <yaml.h>

#include "base/vector.h"
#include "recipe/yaml.h"

/* Each alias searches all anchors. */
#define KP_YAML_MAX_ANCHORS 1000

struct kp_yaml_anchor {
    const char *name;
    struct kp_node *node; /* NULL until it is read to its end */
    size_t nodes;         /* what it stands for, aliases in it counted in full */
    unsigned height;      /* levels of nesting in it */
};

struct kp_yaml_reader {
    yaml_parser_t parser;
    struct kp_arena *arena;
    struct kp_diags *diags;
    const char *name;
    const char *folder;
    const char *text;
    size_t length;
    size_t nodes;             /* so far, aliases counted in full */
    struct kp_vector anchors; /* struct kp_yaml_anchor */
    bool failed;              /* something was reported, and reading went on */

    /* libyaml counts characters; places count bytes. The last character that a
     * place was asked for, and the line that it is on. */
    size_t index;
    size_t byte;
    size_t line;
    size_t line_byte;
};

/* The place of a mark; reader->byte becomes its offset. */
struct kp_place kp_yaml_place(struct kp_yaml_reader *reader, const yaml_mark_t *mark);
/* Where a node begins, behind its anchor and tag if it has such `properties`; of a
 * scalar also the length that it has on that line. */
struct kp_place kp_yaml_node_place(struct kp_yaml_reader *reader, const yaml_event_t *event,
                                   bool properties);
/* Reports the tag in the properties that begin at a mark. */
void kp_yaml_refuse_tag(struct kp_yaml_reader *reader, const yaml_mark_t *mark);
/* Reports what libyaml says is wrong. */
void kp_yaml_report(struct kp_yaml_reader *reader);

#endif
