/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cli/schema.h - the parts of the JSON Schema of recipes (draft 2020-12).
 *
 * A schema says what editors can check while somebody types. It takes whatever is right,
 * and refuses what is wrong as far as a schema can tell; `kpipe check` has the last word.
 */
#ifndef KP_CLI_SCHEMA_H
#define KP_CLI_SCHEMA_H

#include <stdint.h>

#include "base/json.h"
#include "cli/cli.h"

/* A member "name": {"$ref": "#/$defs/TO"}; NULL name: an item of an array. */
void kp_schema_ref(struct kp_json *json, const char *name, const char *to);
/* "name": {"description": ...: the caller goes on and ends it. */
void kp_schema_begin(struct kp_json *json, const char *name, const char *description);
/* "name": text of that pattern. */
void kp_schema_pattern(struct kp_json *json, const char *name, const char *text);
/* Members of the schema of a number from `minimum` to `maximum`, in each of the forms that
 * recipes know; both 0: of any. */
void kp_schema_unsigned(struct kp_json *json, uint64_t minimum, uint64_t maximum);
void kp_schema_signed(struct kp_json *json, int64_t low, int64_t high);

/* What paths, names of images and trees are, in the table at hand. */
enum kp_schema_names {
    KP_SCHEMA_OF_STAGE,  /* images and trees are named */
    KP_SCHEMA_OF_SOURCE, /* images and trees are paths */
};

/* The schema of what stands behind the name of a stage or source: parameters, the short
 * one alone, or nothing. With `complete` it asks for those that are required. */
void kp_schema_parameters(struct kp_json *json, const char *name,
                          const struct kp_param *const *table, enum kp_schema_names names,
                          bool complete, const char *summary, const char *help);

/* Definitions of scalars, inputs, chains and outputs. */
void kp_schema_items(struct kp_session *session, struct kp_json *json);
/* Definitions of all stage types, and of what takes one of them. */
void kp_schema_stages(struct kp_session *session, struct kp_json *json);
/* The members {TYPE: {...}} of inputs that plugins offer; and their definitions. */
void kp_schema_source_forms(struct kp_session *session, struct kp_json *json);
void kp_schema_sources(struct kp_session *session, struct kp_json *json);

#endif
