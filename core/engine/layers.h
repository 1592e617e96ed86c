/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/layers.h - an image opened to any depth: a tree of layers. A layer is the file itself, a
 * part of what holds it, or what comes out of a compressed part.
 *
 * Which parts there are, plugins tell (inspect.h); what is looked into, and how far, is decided
 * here, with bounds for hostile files. Nothing is searched for: a part that no plugin names is
 * not found.
 */
#ifndef KP_ENGINE_LAYERS_H
#define KP_ENGINE_LAYERS_H

#include "engine/inspect.h"
#include "plugin/call.h"

struct kp_layer {
    struct kp_layer *parent; /* NULL: the file itself */
    size_t index;            /* among the parent's children */
    const char *path;        /* names from the outermost inwards: "payload/contents"; "" */
    const char *name;        /* the last of them: that of the part, or "contents" */
    const char *role;        /* KP_ROLE_*, or NULL; contents have the role of what holds them */
    const char *meaning;     /* or NULL */
    bool decompressed;       /* it does not stand in the parent's bytes but came out of them */
    uint64_t offset;         /* else: where it stands there */
    struct kp_range *range;
    struct kp_inspection inspection;
    struct kp_vector children; /* of struct kp_layer *, in the order of their offsets */
    bool told;                 /* the parent's fields tell of it (KP_PART_TOLD) */
    bool searched;             /* where it begins was found by a search */
    struct kp_range *contents; /* then: what the search decompressed, until it is a layer's */
    uint64_t stream_end;       /* a compressed one that was opened: the bytes behind it trail */
    struct kp_diags *findings; /* what is wrong with it: */
    size_t header_findings;    /* first so many of its header, then of what did not come out */
    const char *closed;        /* why it was not looked into, a phrase; or NULL */
};

struct kp_layers_options {
    struct kp_registry *registry;
    const char *name; /* of the file, for findings */
    unsigned depth;   /* layers below the file that are looked into */
    uint64_t limit;   /* bytes that are decompressed at most, all together */
    const char *role; /* if set: only parts of that role are looked into, and briefly */
    bool details;     /* fields with KP_FIELD_DETAIL are wanted */
    void *data;       /* as in struct kp_call_context: */
    bool (*cancelled)(void *data);
    bool (*parallel)(void *data, uint64_t count, kp_task task, void *task_data);
};
#define KP_LAYERS_DEPTH 24u
#define KP_LAYERS_LIMIT (UINT64_C(4) << 30)
/* Layers in all; what lies behind them is not looked into. */
#define KP_LAYERS_MOST 16384u

struct kp_layers {
    struct kp_arena *arena;
    struct kp_layers_options options;
    struct kp_layer *top; /* NULL when memory ran out before there was one */
    size_t count;
    uint64_t budget; /* bytes that may still be decompressed */
    bool no_memory;
};

/* Opens a file's bytes. False if memory ran out; what was found before is there. What is wrong
 * with a layer stands in its findings. Free it in any case. */
bool kp_layers_open(struct kp_layers *layers, const struct kp_layers_options *options,
                    struct kp_range *range);
void kp_layers_free(struct kp_layers *layers);
static inline void kp_auto_layers(struct kp_layers *layers)
{
    kp_layers_free(layers);
}

/* The next layer in the order in which they are shown: a layer before its children. NULL behind
 * the last one below `top`. */
struct kp_layer *kp_layers_next(const struct kp_layer *top, const struct kp_layer *layer);

/* Hands on what is wrong with a layer: the first `errors` of its findings as they are, the others as
 * warnings. */
void kp_layer_tell(const struct kp_layer *layer, struct kp_diags *to, size_t errors);

/* Bytes of a layer that neither a field nor a part covers, as struct kp_layer_run in their order:
 * none of a layer without parts. False when memory runs out. */
struct kp_layer_run {
    uint64_t offset, length;
};
bool kp_layer_gaps(const struct kp_layer *layer, struct kp_vector *gaps);

#endif
