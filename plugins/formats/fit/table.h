/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/table.h - rows that the tables of several stages have: how and where a FIT is written, by
 * whom. They are bound to a member `out` of the stage's struct.
 */
#ifndef FIT_TABLE_H
#define FIT_TABLE_H

#include "fit.h"

#define FIT_OUT_ROW(type_, struct_, field_, ...)                                                   \
    (&(const struct kp_param){                                                                     \
        .size = sizeof(struct kp_param),                                                           \
        .type = (type_),                                                                           \
        .field_size = (uint32_t)sizeof(((struct fit_out_params *)0)->field_),                      \
        .offset = offsetof(struct_, out) + offsetof(struct fit_out_params, field_),                \
        .name = #field_,                                                                           \
        __VA_ARGS__})
#define FIT_OUT_PRESENCE(struct_, field_)                                                          \
    (offsetof(struct_, out) + offsetof(struct fit_out_params, field_))

/* The same where a FIT is changed: what it has is the default. */
#define FIT_UPDATE_ROWS(struct_)                                                                   \
    FIT_OUT_ROW(KP_TYPE_BOOL, struct_, external, .presence = offsetof(struct_, has_external),      \
                .computed = "where they are", .summary = "put contents behind the tree"),          \
        FIT_OUT_ROW(KP_TYPE_UINT, struct_, align, .presence = offsetof(struct_, has_align),        \
                    .computed = "as it is", .minimum = 4, .maximum = 1u << 20, .unit = "bytes",    \
                    .summary = "of external contents: where each begins"),                         \
        FIT_OUT_COMMON_ROWS(struct_)

#define FIT_OUT_ROWS(struct_)                                                                      \
    FIT_OUT_ROW(KP_TYPE_BOOL, struct_, external, .fallback = "false",                              \
                .summary = "put contents behind the tree (mkimage -E): loaders read the tree "     \
                           "alone, and libfdt is not in the way of large ones"),                   \
        FIT_OUT_ROW(KP_TYPE_UINT, struct_, align, .fallback = "4", .minimum = 4,                   \
                    .maximum = 1u << 20, .unit = "bytes",                                          \
                    .summary = "of external contents: where each begins (mkimage -B)"),            \
        FIT_OUT_COMMON_ROWS(struct_)

#define FIT_OUT_COMMON_ROWS(struct_)                                                               \
    FIT_OUT_ROW(KP_TYPE_UINT, struct_, position, .flags = KP_PARAM_HEX, .maximum = UINT32_MAX,     \
                .presence = FIT_OUT_PRESENCE(struct_, has_position),                               \
                .summary = "of external contents: offset of the first (mkimage -p)"),              \
        FIT_OUT_ROW(KP_TYPE_UINT, struct_, space, .unit = "bytes", .maximum = 1u << 24,            \
                    .presence = FIT_OUT_PRESENCE(struct_, has_space),                              \
                    .computed = "less than 1024, as mkimage leaves",                               \
                    .summary = "of contents in the tree: zeros at its end"),                       \
        FIT_OUT_ROW(KP_TYPE_TEXT, struct_, signer_name, .fallback = "kpipe",                       \
                    .summary = "of signatures: what made them"),                                   \
        FIT_OUT_ROW(KP_TYPE_TEXT, struct_, signer_version, .fallback = KPIPE_VERSION,              \
                    .summary = "of signatures: its version"),                                      \
        FIT_OUT_ROW(KP_TYPE_TEXT, struct_, comment,                                                \
                    .presence = FIT_OUT_PRESENCE(struct_, has_comment),                            \
                    .summary = "of signatures: a comment (mkimage -c)")

#endif
