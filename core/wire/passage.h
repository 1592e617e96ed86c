/* SPDX-License-Identifier: BSD-3-Clause
 *
 * wire/passage.h - how the fields of the SDK's structs pass between a message and memory: one
 * function for both directions, so that what describes a struct (plugin.c) does so once and
 * writer and reader cannot differ. Nobody else includes this.
 */
#ifndef KP_WIRE_PASSAGE_H
#define KP_WIRE_PASSAGE_H

#include "wire/plugin.h"

/* A passage, in the direction of whichever of `to` and `from` there is. */
struct kp_passage {
    struct kp_wire_writer *to;
    struct kp_wire_reader *from;
    struct kp_arena *arena; /* gets what is read */
    unsigned depth;         /* of the table of parameters that is passed */
    uint32_t params;        /* rows of such tables so far */
    bool lost;              /* memory ran out; `from` is then bad as well */
};

/* A type of struct: how large it is here, and how its fields pass, all but the size. */
struct kp_shape {
    size_t size;
    void (*fields)(struct kp_passage *passage, void *own);
};

void kp_pass_u32(struct kp_passage *passage, uint32_t *value);
void kp_pass_u64(struct kp_passage *passage, uint64_t *value);
void kp_pass_i64(struct kp_passage *passage, int64_t *value);
void kp_pass_text(struct kp_passage *passage, const char **text);
/* That there is one. */
void kp_pass_function(struct kp_passage *passage, int32_t (**function)(struct kp_call *call));
/* That there is something where NULL is expected. */
void kp_pass_opaque(struct kp_passage *passage, const void **opaque);
/* Tables that end with NULL, and with 0; or NULL. */
void kp_pass_names(struct kp_passage *passage, const char *const **names);
void kp_pass_pages(struct kp_passage *passage, const uint32_t **pages);
/* The struct, and the table of structs, to which *pointer points, whatever its type; or NULL. */
void kp_pass_struct(struct kp_passage *passage, void *pointer, const struct kp_shape *shape);
void kp_pass_table(struct kp_passage *passage, void *pointer, const struct kp_shape *shape);
/* The same for a table of parameters, which may hold further ones, up to a limit for all. */
void kp_pass_params(struct kp_passage *passage, const struct kp_param *const **table,
                    const struct kp_shape *shape);

/* A whole struct. The first crosses as its plugin wrote it, its size included. */
void kp_put_struct(struct kp_passage *passage, const void *from, const struct kp_shape *shape);
void *kp_take_struct(struct kp_passage *passage, const struct kp_shape *shape);

#endif
