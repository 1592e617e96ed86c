/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/layout.h - whether the fields that a table of parameters names fit into their
 * struct: size by type, alignment, inside, no two on the same bytes.
 *
 * Only about bytes; what the rows mean is verify_params.c's.
 */
#ifndef KP_PLUGIN_LAYOUT_H
#define KP_PLUGIN_LAYOUT_H

#include "plugin/check.h"

/* Bytes that are taken. */
struct kp_layout_field {
    uint64_t begin, end;
    const char *name; /* of the row */
};

struct kp_layout {
    uint64_t struct_size;
    uint64_t alignment;             /* greatest of all fields so far */
    struct kp_layout_field *fields; /* room for two a row: value and presence byte */
    size_t count;
};

/* Adds a row's field and presence byte. `record_alignment` is that of the struct
 * which a record's own table describes. */
bool kp_layout_add(struct kp_checker *checker, struct kp_layout *layout, const struct kp_param *row,
                   uint64_t record_alignment);

#endif
