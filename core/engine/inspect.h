/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/inspect.h - what an image is: its kind, the fields of its header, its parts, its traits,
 * as the plugins tell that describe its kind.
 *
 * One layer only: nothing is decompressed, and no part is looked into; that is layers.h's. Opens
 * no plugin but those that describe the kind, and runs nothing else.
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
    char *of;      /* the part that it tells of, or NULL: */
    uint32_t relation, unit;
};

/* One part, likewise. */
struct kp_inspected_part {
    char *name;                  /* unique within the image */
    char *role, *kind, *meaning; /* or NULL */
    uint64_t offset, length;     /* inside the image */
    uint32_t flags;              /* KP_PART_SEARCH ... */
    uint32_t align;              /* 0: it must stay where it is */
};

struct kp_inspection {
    const char *kind;         /* NULL: nobody knows the bytes */
    const char *codec;        /* if compressed */
    const char *format;       /* who described its header: "uimage"; NULL: nobody could */
    struct kp_vector fields;  /* of struct kp_inspected_field */
    size_t details;           /* how many of them are */
    struct kp_vector parts;   /* of struct kp_inspected_part, in the order of reports */
    struct kp_vector remakes; /* of char *: the ways in which it is made again */
    bool parts_cut;           /* there are more than are kept */
    bool details_cut;         /* likewise */
    bool covered;             /* the format names its parts: what none covers is a gap */
    struct kp_traits traits;
};

/* Parts that are kept of an image; a hostile one may name any number. */
#define KP_INSPECT_PARTS 4096
/* Likewise, ways in which it can be made again. */
#define KP_INSPECT_REMAKES 64

/* Details likewise. */
#define KP_INSPECT_DETAILS 1000000

/* How much is asked for. */
enum kp_inspect_extent {
    KP_INSPECT_HEADER, /* only of the plugin that knows the header, of none that looks further */
    KP_INSPECT_FACTS,
    KP_INSPECT_ALL, /* with details */
};

/* Fills a zeroed inspection. `kind` (or NULL) is what the image must be by the word of what it is a
 * part of; it holds where the bytes do not show it. False after reporting (a malformed image:
 * what could be read stays in the inspection). Free it in any case. */
bool kp_inspect(struct kp_registry *registry, struct kp_diags *diags, const char *name,
                struct kp_range *range, const char *kind, enum kp_inspect_extent extent,
                struct kp_inspection *inspection);
void kp_inspection_free(struct kp_inspection *inspection);

#endif
