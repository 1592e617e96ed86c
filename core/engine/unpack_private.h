/* SPDX-License-Identifier: BSD-3-Clause
 *
 * engine/unpack_private.h - shared by the files of unpack: the walk through the layers (unpack.c,
 * unpack_codec.c), an image that is laid out as it is (unpack_layout.c, unpack_fields.c), the recipe's
 * text (unpack_text.c), the runs that prove it (unpack_try.c), and the folder (unpack_files.c).
 */
#ifndef KP_ENGINE_UNPACK_PRIVATE_H
#define KP_ENGINE_UNPACK_PRIVATE_H

#include "engine/unpack.h"

/* A name in the recipe: of a file, or of an image that the recipe makes. */
struct kp_unpack_item {
    const char *name;
    const struct kp_layer *layer; /* what it stands for; NULL: a rest */
    struct kp_range *range;       /* of a file: its bytes, owned */
    const char *file;             /* its file in the folder; NULL: it is made: */
    const char *text;             /* what the recipe says behind `NAME:` */
};

struct kp_unpack {
    const struct kp_layers *layers;
    const struct kp_unpack_options *options;
    struct kp_unpacked *unpacked;
    struct kp_diags *diags;
    struct kp_arena *arena;
    const char *folder;     /* where it is put together: beside options->folder */
    const char *arch;       /* for the recipe, or NULL */
    struct kp_vector items; /* of struct kp_unpack_item, each after those that it needs */
};

/* Where images that were tried stand, in the folder. */
#define KP_UNPACK_MADE ".made"

/* All of these return NULL or false after reporting, unless they say otherwise. */

/* unpack.c: the item that stands for a layer: made if it can be, else a file as it is. */
const char *kp_unpack_layer(struct kp_unpack *unpack, const struct kp_layer *layer);
const char *kp_unpack_as_file(struct kp_unpack *unpack, const struct kp_layer *layer);
/* Tries what a plugin reports; if it gives the layer's bytes, it is an item, and true. `layout` is what
 * it may name @layout, or NULL. */
bool kp_unpack_try_chain(struct kp_unpack *unpack, const struct kp_layer *layer, const char *chain,
                         const char *layout);
/* What the image of a layer is called, and where it is for people. */
const char *kp_unpack_stem(const struct kp_layer *layer);
const char *kp_unpack_path(const struct kp_layer *layer);
/* Takes note of a text, which NULL of no memory may be. */
bool kp_unpack_note(struct kp_unpack *unpack, const char *text);

/* unpack_codec.c: the item of one that is compressed. */
const char *kp_unpack_compressed(struct kp_unpack *unpack, const struct kp_layer *layer);

/* unpack_files.c: a folder beside the one that is wanted; puts it in its place, with the recipe that
 * makes `image`; or removes all that was written. */
bool kp_unpack_begin(struct kp_unpack *unpack);
bool kp_unpack_finish(struct kp_unpack *unpack, const char *image);
void kp_unpack_remove(struct kp_unpack *unpack);
/* A file of some bytes, of which it takes the reference. `stem` and `ending` name it. */
const char *kp_unpack_file(struct kp_unpack *unpack, const struct kp_layer *layer, const char *stem,
                           const char *ending, struct kp_range *range);
/* A name that no item has yet. */
const char *kp_unpack_name(struct kp_unpack *unpack, const char *stem);
bool kp_unpack_add(struct kp_unpack *unpack, const struct kp_unpack_item *item);
/* NULL: there is none yet. */
const struct kp_unpack_item *kp_unpack_item_of(const struct kp_unpack *unpack,
                                               const struct kp_layer *layer);
/* Where the walk stands: what came after it can be taken back. */
struct kp_unpack_mark {
    size_t items, notes;
};
struct kp_unpack_mark kp_unpack_mark(const struct kp_unpack *unpack);
void kp_unpack_go_back(struct kp_unpack *unpack, struct kp_unpack_mark mark);

/* unpack_layout.c: a layer laid out as it is: text for an item. */
const char *kp_unpack_layout(struct kp_unpack *unpack, const struct kp_layer *layer);

/* unpack_text.c: the recipe that makes `image`: of all items, or, to try one more, of `added` with
 * images that were made as files. */
bool kp_unpack_text(const struct kp_unpack *unpack, struct kp_string *text, const char *image,
                    const struct kp_unpack_item *added, size_t added_count);
/* A chain as a plugin reports it, with names of items for its "@part". NULL without a report if it
 * names a part that there is none of. */
const char *kp_unpack_chain(struct kp_unpack *unpack, const struct kp_layer *layer,
                            const char *chain, const char *layout);

/* unpack_try.c: whether the last of these new items gives these bytes. What goes wrong on the way is
 * no error. */
bool kp_unpack_try(struct kp_unpack *unpack, const struct kp_unpack_item *added, size_t added_count,
                   const struct kp_range *expected);

#endif
