/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/inspect.h - what a file is: its kind, the fields of its header, its traits.
 *
 * One layer only: the outermost bytes. Opens no plugin but the one that describes the
 * kind, and runs nothing else.
 */
#ifndef KP_ENGINE_INSPECT_H
#define KP_ENGINE_INSPECT_H

#include <stdbool.h>

#include "base/diag.h"
#include "base/range.h"
#include "base/trait.h"
#include "base/vector.h"
#include "plugin/registry.h"

/* One field, copied from the plugin's report. */
struct kp_inspected_field {
    char *name;
    bool is_text;
    uint32_t flags; /* KP_FIELD_HEX ... */
    uint64_t offset, length, number;
    char *text;    /* if is_text: may hold any bytes but NUL */
    char *meaning; /* or NULL */
};

struct kp_inspection {
    const char *kind;        /* NULL: nobody knows the bytes */
    const char *codec;       /* if compressed */
    const char *format;      /* who described it: "uimage"; NULL: nobody could */
    struct kp_vector fields; /* of struct kp_inspected_field */
    struct kp_traits traits;
};

/* Fills a zeroed inspection. False after reporting (a malformed image: what could be
 * read stays in the inspection). Free it in any case. */
bool kp_inspect(struct kp_registry *registry, struct kp_diags *diags, const char *name,
                struct kp_range *range, struct kp_inspection *inspection);
void kp_inspection_free(struct kp_inspection *inspection);

#endif
