/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/its_private.h - what the files of the reader of image tree source share, and nobody else.
 *
 * The language is that of Devicetree Specification 0.4, chapter 6, as dtc has it (1.6.1,
 * dtc-lexer.l, dtc-parser.y, livetree.c and checks.c; its Documentation/manual.txt has little of
 * it). Where dtc accepts a source and so does this reader, the tree is the same.
 */
#ifndef FIT_ITS_PRIVATE_H
#define FIT_ITS_PRIVATE_H

#include "its.h"

/* Bytes of text that are read, with all that is included, each time that it is. FIT_ITS_MEMORY
 * follows from it: a property of two bytes becomes some 130 bytes of memory. */
#define ITS_TEXT_MAX (UINT64_C(2) << 20)
#define ITS_INCLUDES_MAX 1000u   /* files that are included, each time that they are */
#define ITS_INCLUDES_DEEP 64u    /* in each other; dtc: 200 */
#define ITS_EXPRESSION_DEEP 64u  /* parentheses, unary operators and choices in each other */
#define ITS_PATHS_MAX (4u << 20) /* bytes of the paths of all nodes to which "&label" refers */
#define ITS_SHOWN 60             /* bytes of what an error quotes */

/* A line directive of the C preprocessor: what follows `at` is line `line` of `file`. */
struct its_mark {
    uint64_t at, line;
    const char *file;
    const struct its_mark *before;
};

/* A file that is read, or has been: places point to it. */
struct its_source {
    const char *path; /* in the tree */
    const char *text; /* without a NUL at its end */
    uint64_t size, at;
    const struct its_mark *marks; /* the last first */
    struct its_source *includer;
    uint32_t depth;
};

struct its_place {
    const struct its_source *source;
    uint64_t at;
};

/* What is called how (its_names.c). Names in different spaces are different; an address that is
 * used for nothing else stands for a space. */
struct its_entry {
    struct its_entry *next;
    const void *space;
    const char *text; /* a copy, with a NUL */
    uint64_t length, hash;
    void *what; /* NULL: new */
};

struct its_names {
    struct its_entry **buckets;
    uint64_t size, count; /* size: a power of two, or 0 */
};

/* Nodes and properties as they are while the source is read. What is deleted stays in its list, as
 * in dtc, and has its old place if it comes back: its_tree.c. */
struct its_node {
    struct fit_node fit; /* the first member; parent and children are its_nodes, too */
    uint64_t born;       /* by the reader's clock; 0: deleted */
    uint64_t cleared;    /* what in it was born no later is deleted */
    struct its_place place;
    const char *path; /* or NULL: nobody asked for it */
    uint32_t phandle; /* or 0 */
    uint8_t depth;    /* the root's is 0 */
    uint8_t omit;     /* leave it out unless something refers to it */
    uint8_t referred;
};

/* A reference within a value. */
struct its_reference {
    struct fit_piece *piece; /* to be filled in */
    uint8_t *cell;           /* its four bytes for a phandle; NULL: it wants the node's path */
    const char *to;          /* "label", "/path", "label/path" */
    struct its_place place;
    struct its_reference *next;
};

struct its_property {
    struct fit_property fit; /* the first member */
    uint64_t born;
    struct its_place place;
    struct its_reference *references, *last_reference;
};

/* Where a label is. */
struct its_label {
    struct its_node *node;
    uint64_t born;
};

struct its_reader {
    struct kp_call *call;
    const struct kp_tree *tree;
    const struct kp_text *name; /* the parameter to which errors are pinned */
    struct its_source *source;  /* that is read now */
    struct its_place behind;    /* the last word; its_skip passed from there ... */
    struct its_place skipped;   /* ... to here */
    struct its_names names;
    struct its_node *root;
    uint64_t clock;
    uint64_t text, includes, paths; /* how much so far, for the limits */
    uint8_t *bytes;                 /* of the value that is being read, not yet a piece of it */
    uint64_t used, room;
    char labels, images; /* spaces of names */
};

/* --- its_report.c --- */

/* Reports "its: FILE:LINE:COLUMN: ..."; the hint gets the line itself, if it is short. */
KP_PRINTF(4, 5)
int32_t its_fail(struct its_reader *reader, struct its_place place, const char *hint,
                 const char *format, ...);
KP_PRINTF(3, 4)
void its_warn(struct its_reader *reader, struct its_place place, const char *format, ...);
/* Reports that what stands here is not what was expected: "';' behind a value". */
int32_t its_unexpected(struct its_reader *reader, const char *expected, const char *hint);

/* Where the next byte stands. */
static inline struct its_place its_here(const struct its_reader *reader)
{
    return (struct its_place){reader->source, reader->source->at};
}

/* --- its_names.c --- */

/* NULL: nothing has that name. */
struct its_entry *its_find(const struct its_reader *reader, const void *space, const char *text,
                           uint64_t length);
/* The entry, which is made if there is none. NULL after reporting. */
struct its_entry *its_enter(struct its_reader *reader, const void *space, const char *text,
                            uint64_t length);
/* A copy with a NUL. NULL after reporting. */
char *its_copy(struct its_reader *reader, const char *text, uint64_t length);

/* --- its_files.c --- */

/* Makes the file `name`, as it stands at `place`, the one that is read. */
int32_t its_include(struct its_reader *reader, struct its_place place, const char *name,
                    uint64_t length);
/* Opens a file whose bytes are wanted. */
int32_t its_open_image(struct its_reader *reader, struct its_place place, const char *name,
                       uint64_t length, const struct kp_image **image);

/* --- its_scan.c: words. Each begins where its_skip left off. --- */

/* Passes over blanks, comments and line directives, into files that are included and out of them. */
int32_t its_skip(struct its_reader *reader);
/* The byte that stands here, or -1 at the end of all. */
int its_byte(const struct its_reader *reader);
/* True, and behind it, if the word stands here. */
int its_take(struct its_reader *reader, const char *word);
/* Skips, and takes a word that must stand there. */
int32_t its_expect(struct its_reader *reader, const char *word, const char *expected,
                   const char *hint);
/* A name of a node or a property: *length is 0 if none stands here. */
void its_take_name(struct its_reader *reader, const char **name, uint64_t *length);
/* "label:": true if there is one. */
int its_take_label(struct its_reader *reader, const char **label, uint64_t *length);
/* Skips, and passes over labels, of which nothing in a flattened tree comes. */
int32_t its_skip_labels(struct its_reader *reader);
/* "&label" or "&{/path}": *to is a copy without & and braces. */
int32_t its_take_reference(struct its_reader *reader, const char **to);
/* A text in quotes, appended to reader->bytes without them, escapes resolved, and without a NUL;
 * `quote` is that of texts or of characters. */
int32_t its_take_text(struct its_reader *reader, char quote);
/* The value of a hexadecimal digit; of any other byte, a number above 15. */
uint64_t its_digit(int byte);
/* 123, 0x7b, 0173, with U, L, UL, LL or ULL behind it. */
int32_t its_take_literal(struct its_reader *reader, uint64_t *value);
int32_t its_append(struct its_reader *reader, const void *bytes, uint64_t length);

/* --- its_expression.c --- */

/* Skips, and reads what may stand where one number is wanted: a number, a character, or an
 * expression in parentheses. */
int32_t its_read_number(struct its_reader *reader, uint64_t *value);

/* --- its_value.c --- */

/* What stands between a property's = and its ; */
int32_t its_read_value(struct its_reader *reader, struct its_property *property);

/* --- its_tree.c --- */

int its_alive(const struct its_node *node); /* in its parent */
int its_property_alive(const struct its_node *node, const struct its_property *property);
/* What is there and not deleted, or NULL. */
struct its_node *its_child(const struct its_reader *reader, const struct its_node *node,
                           const char *name, uint64_t length);
struct its_property *its_property(const struct its_reader *reader, const struct its_node *node,
                                  const char *name);
struct its_node *its_referred(const struct its_reader *reader, const char *to);
/* A node in the body of another. *fresh, in: that body began the other; out: this one does. */
int32_t its_enter_node(struct its_reader *reader, struct its_node *parent, struct its_place place,
                       const char *name, uint64_t length, int *fresh, struct its_node **node);
/* A property in a body, without a value. */
int32_t its_enter_property(struct its_reader *reader, struct its_node *node, struct its_place place,
                           const char *name, uint64_t length, int fresh,
                           struct its_property **property);
void its_delete(struct its_reader *reader, struct its_node *node);
/* /delete-node/ and /delete-property/ in a body. */
int32_t its_delete_child(struct its_reader *reader, struct its_node *node, struct its_place place,
                         const char *name, uint64_t length, int fresh);
int32_t its_delete_property(struct its_reader *reader, struct its_node *node, const char *name,
                            uint64_t length, int fresh);
int32_t its_set_label(struct its_reader *reader, struct its_node *node, struct its_place place,
                      const char *label, uint64_t length);

/* --- its_finish.c --- */

/* Fills in what references stand for, and takes out what is deleted or omitted. */
int32_t its_finish(struct its_reader *reader);

#endif
