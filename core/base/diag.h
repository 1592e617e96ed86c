/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/diag.h - findings: errors and warnings, collected and shown together.
 *
 * Code that finds something wrong reports it here and goes on as far as it can,
 * so that the user sees all errors at once. A finding has a stable code
 * (codes.h), a place (a recipe's line and column, or none), a text and a hint.
 * Rendering shows the line of the recipe with a caret under the place.
 *
 * A kp_diags may be used by several threads at once. Nothing here prints by
 * itself, and nothing exits.
 */
#ifndef KP_BASE_DIAG_H
#define KP_BASE_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Where something stands. Copied freely; `file` outlives all places (it belongs
 * to the kp_diags that kp_diags_add_source was called on, or is static). */
struct kp_place {
    const char *file; /* as the user named it; NULL: no place */
    uint32_t line;    /* from 1; 0: the file as a whole */
    uint32_t column;  /* from 1, in bytes of the line; 0: the line as a whole */
    uint32_t length;  /* bytes to be underlined; 0 counts as 1 */
};

#define KP_NOWHERE ((struct kp_place){NULL, 0, 0, 0})

enum kp_severity { KP_SEVERITY_ERROR, KP_SEVERITY_WARNING, KP_SEVERITY_NOTE };

/* One finding. The texts belong to the kp_diags. */
struct kp_finding {
    enum kp_severity severity;
    uint32_t code; /* 1203 for KP1203 */
    struct kp_place place;
    const char *text;   /* "what: value: reason", lower case */
    const char *hint;   /* what to do next, or NULL */
    const char *detail; /* for developers, shown under -v; or NULL */
};

struct kp_diags;

struct kp_diags *kp_diags_new(void); /* NULL: out of memory */
void kp_diags_free(struct kp_diags *diags);
static inline void kp_auto_diags(struct kp_diags **diags)
{
    kp_diags_free(*diags);
}

/* Makes a copy of a source text known, for the line under a finding. Returns the
 * diags' own copy of the name, for use in places; NULL: out of memory. */
const char *kp_diags_add_source(struct kp_diags *diags, const char *file, const char *text,
                                size_t length);

/* Reports a finding. `code` and `format` come from codes.h as one macro:
 *     kp_error(diags, place, KP1203, name);
 * Always returns false, for `return kp_error(...)`. */
__attribute__((format(printf, 4, 5))) bool kp_error(struct kp_diags *diags, struct kp_place place,
                                                    uint32_t code, const char *format, ...);
__attribute__((format(printf, 4, 5))) void kp_warning(struct kp_diags *diags, struct kp_place place,
                                                      uint32_t code, const char *format, ...);
/* The same with a hint (may be NULL) and a detail (may be NULL). */
__attribute__((format(printf, 7, 8))) bool
kp_finding_add(struct kp_diags *diags, enum kp_severity severity, struct kp_place place,
               const char *hint, const char *detail, uint32_t code, const char *format, ...);
/* Adds a finding of others, with another hint (or NULL). */
void kp_finding_copy(struct kp_diags *diags, const struct kp_finding *finding, const char *hint);
/* Error with a hint. */
#define kp_error_hint(diags, place, hint, ...)                                                     \
    kp_finding_add((diags), KP_SEVERITY_ERROR, (place), (hint), NULL, __VA_ARGS__)
/* Reports that memory ran out; never allocates. Returns false. */
bool kp_out_of_memory(struct kp_diags *diags);

/* Number of errors so far (with kp_out_of_memory's). */
size_t kp_diags_errors(struct kp_diags *diags);
/* All findings so far: kp_diags_count of them, in the order in which they were
 * reported. Valid until kp_diags_free. */
size_t kp_diags_count(struct kp_diags *diags);
const struct kp_finding *kp_diags_get(struct kp_diags *diags, size_t index);
/* Sorts by place (file in order of first appearance, line, column), places
 * without a file last, otherwise in order of reporting; and drops exact repeats. */
void kp_diags_sort(struct kp_diags *diags);

/* How findings are written. */
struct kp_diag_style {
    bool colour; /* ANSI colours */
    bool detail; /* show details */
};
/* Writes findings from number `first` on as people read them:
 *
 *     board.yml:12:9: error: stage 'gzip': level: 13: out of range 0..12 [KP1305]
 *        12 |   - {gzip: {level: 13}}
 *           |                    ^~
 *       hint: ...
 */
void kp_diags_render(struct kp_diags *diags, size_t first, FILE *to, struct kp_diag_style style);

/* The candidate nearest to `name` by edit distance, for "did you mean"; NULL if
 * none is near enough (a third of the length, at least 1 edit, swaps count once).
 * `candidates` holds `count` pointers. */
const char *kp_nearest(const char *name, const char *const *candidates, size_t count);

#endif
