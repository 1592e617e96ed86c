/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/check.h - the small steps of verify.h, shared by its parts: copy a struct, a
 * text or a table of what a plugin returned, and say what is wrong with it.
 *
 * A fault is reported where it is found ("default '13': out of range 0..12") and
 * on the way out each caller says inside what: "codec 'gzip': compress: level: ...".
 * The rules of each struct stand in verify*.c, not here.
 */
#ifndef KP_PLUGIN_CHECK_H
#define KP_PLUGIN_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "plugin/note.h"
#include "plugin/registry.h"

/* Rows of one table, bytes of one text, bytes of one struct of parameters. */
#define KP_CHECK_MAX_ROWS 256
#define KP_CHECK_MAX_TEXT 4096
#define KP_CHECK_MAX_STRUCT 65536

struct kp_checker {
    struct kp_arena *arena;
    const char *why; /* the fault; NULL while there is none */
    unsigned rows;   /* of parameters, at all depths: bounds tables that share rows */
    bool source;     /* they are a source's, whose images and trees are paths */
};

/* Both return false. The first reports a fault, the second says inside what it is. */
__attribute__((format(printf, 2, 3))) bool kp_check_fail(struct kp_checker *checker,
                                                         const char *format, ...);
__attribute__((format(printf, 2, 3))) bool kp_check_inside(struct kp_checker *checker,
                                                           const char *format, ...);

/* End of a member: the size that a struct had when that member was its last. */
#define KP_END_OF(type, member) (offsetof(type, member) + sizeof(((type *)0)->member))

/* Copies min(sizes) of a struct that starts with its size to a zeroed one. It must
 * reach as far as API level 0 did: `least` is KP_END_OF its last member then. */
bool kp_check_copy(struct kp_checker *checker, void *to, size_t to_size, const void *from,
                   size_t least);

/* Checks a text and puts a copy in its place. */
#define KP_TEXT_NEEDED 1u /* must be there and not be empty */
#define KP_TEXT_LINES 2u  /* may hold line feeds */
bool kp_check_text(struct kp_checker *checker, const char *what, unsigned rules, const char **text);
/* A text that must be there and follow a grammar (names.h). */
bool kp_check_name(struct kp_checker *checker, const char *what, bool (*valid)(const char *name),
                   const char **name);

/* Row `index` of a table of pointers of whatever type. */
const void *kp_check_row(const void *table, size_t index);
/* Counts the rows of a table that ends with NULL; `table` may be NULL. */
bool kp_check_count(struct kp_checker *checker, const char *what, const void *table, size_t *count);
/* Puts a copy in the place of a table of names, which follow a grammar and occur once.
 * NULL stays NULL; a table without rows is refused, since NULL can mean another thing. */
bool kp_check_names(struct kp_checker *checker, const char *what, bool (*valid)(const char *name),
                    const char *const **names);

/* Puts a copy in the place of a table of parameters (verify_params.c). */
bool kp_check_params(struct kp_checker *checker, const struct kp_param *const **table,
                     uint64_t struct_size);
/* Copies an operation (verify_operation.c). */
bool kp_check_operation(struct kp_checker *checker, const struct kp_operation *from,
                        struct kp_operation *to);
/* Copies a source, and makes the operation that runs it (verify_source.c). */
bool kp_check_source(struct kp_checker *checker, const struct kp_source *from, struct kp_source *to,
                     struct kp_stage *stage);
/* Whether the note says the same as the descriptor and its stages (verify_note.c). */
bool kp_check_note(struct kp_checker *checker, const struct kp_plugin_file *file);

#endif
