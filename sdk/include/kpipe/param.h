/* SPDX-License-Identifier: MIT
 *
 * kpipe/param.h - how a stage declares its parameters.
 *
 * Parameters are declared, not parsed. A plugin lists them once, in a table of
 * rows bound to the fields of a struct of its own; the host reads the recipe,
 * checks types, ranges and names, and hands the plugin a filled struct. From
 * the same table come the errors with the recipe's line and caret, the output
 * of `kpipe plugins NAME`, the manual page, the schema for editors and the
 * fuzzer's grammar. A plugin contains no parsing of options at all.
 *
 * Example: the whole parameter handling of a codec.
 *
 *     struct my_params {
 *         uint64_t level;
 *         uint32_t strategy;
 *         uint8_t has_name;
 *         struct kp_text name;
 *     };
 *
 *     static const struct kp_param *const my_table[] = {
 *         KP_UINT(struct my_params, level, .minimum = 1, .maximum = 9, .fallback = "6",
 *                 .summary = "effort: 1 is fastest, 9 is smallest"),
 *         KP_CHOICE(struct my_params, strategy, .choices = my_strategies, .fallback = "fast",
 *                   .summary = "how matches are searched"),
 *         KP_TEXT(struct my_params, name, .presence = offsetof(struct my_params, has_name),
 *                 .maximum = 32, .summary = "name stored in the header"),
 *         NULL,
 *     };
 *
 * Limits: 4096 rows an operation with all its records, records nested 8 deep, a
 * struct of at most 64 KiB. A row may use only the fields that belong to its type:
 * `low` on a UINT is refused, not ignored.
 *
 * Where a value comes from, first that applies: the recipe; the trait named in
 * `trait`, of the stage's main input; `fallback`. If none applies, a row with
 * KP_PARAM_REQUIRED, or whose `needed_if` holds, is an error at the recipe's line (before the run, where it
 * can be known that the trait cannot exist), and any other leaves the field
 * zero and its presence byte 0.
 */
#ifndef KPIPE_PARAM_H
#define KPIPE_PARAM_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Types, with the C type of the bound field. Text and lists in the struct are
 * the host's and live until the call returns. */
#define KP_TYPE_UINT 1   /* uint64_t; in recipes decimal, 0x, 0o, K/M/G as powers of 1024 */
#define KP_TYPE_INT 2    /* int64_t; as above, with a sign */
#define KP_TYPE_BOOL 3   /* uint8_t, 0 or 1; in recipes true, false, yes, no */
#define KP_TYPE_CHOICE 4 /* uint32_t: the value of the chosen kp_choice */
#define KP_TYPE_TEXT 5   /* struct kp_text */
#define KP_TYPE_IMAGE 6  /* const struct kp_image *; in recipes the name of an input or image */
#define KP_TYPE_STAGE 7  /* const struct kp_stage_value *, for kp_host.run_stage */
#define KP_TYPE_RECORD 8 /* a struct of the plugin's, embedded, described by `fields` */
#define KP_TYPE_TREE 9   /* const struct kp_tree *; in recipes the name of an input {tree: P} */
#define KP_TYPE_KEY 10   /* const struct kp_key * (key.h); in recipes the name of a key */

/* Flags of a row. */
#define KP_PARAM_REQUIRED 1u /* must get a value from somewhere */
#define KP_PARAM_SHORT 2u    /* what a scalar means: `{uimage: 0x8000}`; one row of a table */
#define KP_PARAM_LIST 4u     /* a list of the type; the field is a struct kp_list */
#define KP_PARAM_TRAITS 8u   /* text in which %(version) stands for a trait of the main input */
#define KP_PARAM_HEX 16u     /* a number that people read in hexadecimal, as an address */
#define KP_PARAM_TOOL 32u    /* text that names the host tool which the stage runs (tool.h) */
/* For images and trees of sources (plugin.h), no lists and not required: a path at which there is
 * nothing counts as not given. So `source: $(tree)/source` fits trees with and without it. */
#define KP_PARAM_MAY_MISS 64u

/* One value of a KP_TYPE_CHOICE. */
struct kp_choice {
    uint64_t size;         /* sizeof(struct kp_choice) */
    uint32_t value;        /* what the plugin's field gets */
    uint32_t reserved;     /* 0 */
    const char *name;      /* what the recipe says */
    const char *summary;   /* a phrase: what it means */
    const char *tool;      /* the host tool that this choice needs (tool.h), or NULL */
    const char *passes_as; /* the name that a stage gets in its place where `passes` below
                              passes this choice on; NULL: the same */
};

/* One parameter. Use the KP_UINT() ... macros below: they fill the first eight
 * fields from the struct's declaration, so that table and struct cannot differ.
 * The host checks each row all the same (offset, size, overlap) and refuses a
 * plugin whose table does not fit its struct. */
struct kp_param {
    uint64_t size;        /* sizeof(struct kp_param) */
    uint32_t type;        /* KP_TYPE_* */
    uint32_t field_size;  /* sizeof the bound field */
    uint64_t offset;      /* offsetof the bound field */
    uint64_t item_size;   /* records: sizeof the element struct, also in a list; else 0 */
    const char *name;     /* [a-z][a-z0-9_-]*, unique in its table */
    uint32_t list;        /* KP_PARAM_LIST or 0; set by the KP_..._LIST macros */
    uint32_t flags;       /* KP_PARAM_* */
    uint64_t presence;    /* offsetof a uint8_t that becomes 1 when there is a value; 0: none
                             (so a presence byte is never a struct's first member) */
    const char *summary;  /* a phrase, no final stop; never NULL */
    const char *help;     /* further paragraphs, or NULL */
    const char *unit;     /* "bytes", "seconds", or NULL */
    const char *fallback; /* the default, written as in a recipe, "9" or "[a, b]" for a list;
                             NULL: none. Not for IMAGE, STAGE and RECORD */
    const char *trait;    /* the main input's trait that gives the default, or NULL. Only for
                             UINT and TEXT that are no lists and no fields of records */
    const char *computed; /* if the plugin computes the default from its input: how, in a
                             phrase, for the documentation; the presence byte tells */
    uint64_t minimum;     /* UINT: smallest value. TEXT: least length in bytes */
    uint64_t maximum;     /* UINT: largest value. TEXT: greatest length in bytes. If minimum and
                             maximum are both 0 there are no limits */
    int64_t low;          /* INT: smallest value */
    int64_t high;         /* INT: largest value; low and high both 0: no limits */
    uint64_t min_items;   /* lists: least number of items */
    uint64_t max_items;   /* lists: greatest number of items; 0: no limit */
    const struct kp_choice *const *choices; /* CHOICE: its values, NULL-terminated */
    const struct kp_param *const *fields;   /* RECORD: its rows, NULL-terminated */
    const char *const *kinds; /* IMAGE: the kinds it takes, NULL-terminated; NULL: any */
    const char *since;        /* the plugin version that introduced it, or NULL */
    const char *deprecated;   /* if it should not be used any more: what to use, or NULL */
    const char *needed_if;    /* required only with certain choices of another row of the same
                                 table: "type=kernel,firmware"; NULL: see KP_PARAM_REQUIRED */
    const char *passes; /* STAGE: the name of a CHOICE or TEXT row of the same table. Where the
                                 recipe gives the stage no parameter of that name, and it has
                                 one, it gets what this stage has: `payload: {codec: xz, preset:
                                 kernel-6.1}`. NULL: nothing is passed */
};

#ifndef __cplusplus
/* Rows as compound literals (C only; in C++ fill named structs). The arguments
 * after the field are designated initialisers of struct kp_param. */
#define KP_ROW_(type_, struct_, field_, item_, list_, ...)                                         \
    (&(const struct kp_param){.size = sizeof(struct kp_param),                                     \
                              .type = (type_),                                                     \
                              .field_size = (uint32_t)sizeof(((struct_ *)0)->field_),              \
                              .offset = offsetof(struct_, field_),                                 \
                              .item_size = (item_),                                                \
                              .name = #field_,                                                     \
                              .list = (list_),                                                     \
                              __VA_ARGS__})
#define KP_UINT(s, f, ...) KP_ROW_(KP_TYPE_UINT, s, f, 0, 0, __VA_ARGS__)
#define KP_INT(s, f, ...) KP_ROW_(KP_TYPE_INT, s, f, 0, 0, __VA_ARGS__)
#define KP_BOOL(s, f, ...) KP_ROW_(KP_TYPE_BOOL, s, f, 0, 0, __VA_ARGS__)
#define KP_CHOICE(s, f, ...) KP_ROW_(KP_TYPE_CHOICE, s, f, 0, 0, __VA_ARGS__)
#define KP_TEXT(s, f, ...) KP_ROW_(KP_TYPE_TEXT, s, f, 0, 0, __VA_ARGS__)
#define KP_IMAGE(s, f, ...) KP_ROW_(KP_TYPE_IMAGE, s, f, 0, 0, __VA_ARGS__)
#define KP_STAGE(s, f, ...) KP_ROW_(KP_TYPE_STAGE, s, f, 0, 0, __VA_ARGS__)
#define KP_TREE(s, f, ...) KP_ROW_(KP_TYPE_TREE, s, f, 0, 0, __VA_ARGS__)
#define KP_KEY(s, f, ...) KP_ROW_(KP_TYPE_KEY, s, f, 0, 0, __VA_ARGS__)
#define KP_RECORD(s, f, ...) KP_ROW_(KP_TYPE_RECORD, s, f, sizeof(((s *)0)->f), 0, __VA_ARGS__)
/* Lists: the field is a struct kp_list. */
#define KP_UINT_LIST(s, f, ...) KP_ROW_(KP_TYPE_UINT, s, f, 0, KP_PARAM_LIST, __VA_ARGS__)
#define KP_CHOICE_LIST(s, f, ...) KP_ROW_(KP_TYPE_CHOICE, s, f, 0, KP_PARAM_LIST, __VA_ARGS__)
#define KP_TEXT_LIST(s, f, ...) KP_ROW_(KP_TYPE_TEXT, s, f, 0, KP_PARAM_LIST, __VA_ARGS__)
#define KP_IMAGE_LIST(s, f, ...) KP_ROW_(KP_TYPE_IMAGE, s, f, 0, KP_PARAM_LIST, __VA_ARGS__)
#define KP_KEY_LIST(s, f, ...) KP_ROW_(KP_TYPE_KEY, s, f, 0, KP_PARAM_LIST, __VA_ARGS__)
#define KP_RECORD_LIST(s, f, element, ...)                                                         \
    KP_ROW_(KP_TYPE_RECORD, s, f, sizeof(element), KP_PARAM_LIST, __VA_ARGS__)
/* One value of a choice. */
#define KP_ONE_OF(value_, name_, summary_)                                                         \
    (&(const struct kp_choice){.size = sizeof(struct kp_choice),                                   \
                               .value = (value_),                                                  \
                               .name = (name_),                                                    \
                               .summary = (summary_)})
/* One that is passed on to a stage under another name. */
#define KP_ONE_OF_AS(value_, name_, summary_, passes_as_)                                          \
    (&(const struct kp_choice){.size = sizeof(struct kp_choice),                                   \
                               .value = (value_),                                                  \
                               .name = (name_),                                                    \
                               .summary = (summary_),                                              \
                               .passes_as = (passes_as_)})
/* One that has a host tool do the work. */
#define KP_ONE_OF_TOOL(value_, name_, summary_, tool_)                                             \
    (&(const struct kp_choice){.size = sizeof(struct kp_choice),                                   \
                               .value = (value_),                                                  \
                               .name = (name_),                                                    \
                               .summary = (summary_),                                              \
                               .tool = (tool_)})
#endif

#ifdef __cplusplus
}
#endif

#endif
