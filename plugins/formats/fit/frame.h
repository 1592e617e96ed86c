/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fit/frame.h - a FIT without its contents: a flattened device tree that libfdt can edit cheaply,
 * in which each property `data` of a node in /images is a number of four bytes, and a table that
 * says what stands for each number. Contents are moved only once, when the FIT is written.
 *
 * The format: Flattened Image Tree specification, "Image nodes" and "External data";
 * Devicetree Specification 0.4, chapter 5.
 */
#ifndef FIT_FRAME_H
#define FIT_FRAME_H

#include "../../common/tree_edit.h"
#include "nodes.h"

/* libfdt counts in int, and so do the loaders. */
#define FIT_LIMIT (UINT64_C(1) << 31)
/* Largest tree without contents, and most images and configurations. Those of a whole distribution
 * take a few hundred kilobytes; work that goes by the square of these stays bearable. */
#define FIT_FRAME_LIMIT (UINT64_C(1) << 23)
#define FIT_MOST_NODES 4096u
/* Contents of one FIT may share bytes, but not so that all together are more than so many times the
 * file. */
#define FIT_MOST_SHARED 8u
/* Most bytes of the tree of somebody else's FIT that are looked through for the images that are named
 * in it and for what signatures are of: half a minute. A thousand boards, each signed, take a sixth. */
#define FIT_WORK (UINT64_C(1) << 34)
#define FIT_IMAGES "images"
#define FIT_CONFIGURATIONS "configurations"

/* Contents of one image node. */
struct fit_data {
    struct fit_piece *first;
    uint64_t length;
    uint64_t at; /* of a frame that was read: where they stand in the file */
    uint8_t external;
    uint64_t digests; /* digest.c: where its digests begin, plus 1 */
};

struct fit_frame {
    struct kp_call *call;
    uint8_t *tree;     /* a tree of libfdt; its totalsize is the room that edits have */
    uint64_t capacity; /* bytes that `tree` may grow to */
    struct fit_data *data;
    uint32_t data_count;
    uint64_t file_size;    /* of a frame that was read: of the file, */
    uint32_t totalsize;    /* of the tree, with contents in it, */
    uint32_t space_read;   /* and what is free behind its blocks */
    uint32_t strings_read; /* of a frame that was read: the size of its strings block then */
    uint8_t data_appended; /* "data" is a string that the FIT did not have */
    uint64_t *work;        /* of a frame that was read: how much of FIT_WORK was done */
};

/* Whose bytes a flattened tree has. */
#define FIT_LIKE_DTC 0u     /* strings in the order in which they are first used */
#define FIT_LIKE_LIBFDT 1u  /* of libfdt's sequential writing: the last string first */
#define FIT_LIKE_MKIMAGE 2u /* of the older libfdt in U-Boot: besides, readable as version 2 */

/* flatten.c: makes a frame of nodes and, unless NULL, of memory reservations. The strings block
 * begins with `strings` (struct kp_text), if they are not NULL. */
int32_t fit_flatten(struct kp_call *call, const struct fit_node *root,
                    const struct fit_reservation *reservations, const struct kp_list *strings,
                    uint32_t like, struct fit_frame *frame);
/* read.c: reads one, checking all of it, so that libfdt may go through the frame. Contents that
 * lie behind the tree (`data-offset`, `data-position`) get a number as well, as the last property of
 * their node. */
int32_t fit_read(struct kp_call *call, const struct kp_image *fit, struct fit_frame *frame);
/* frame.c. */
/* Gives the tree so many bytes of room behind its end. */
int32_t fit_make_room(struct fit_frame *frame, uint64_t room);
/* What a function of libfdt returned, as KP_OK, TREE_NO_SPACE or a failure "what: reason". */
int32_t fit_result(struct fit_frame *frame, const char *what, int code);

/* The contents of an image's node: its entry in the table, or NULL if it has none. */
struct fit_data *fit_data_of(const struct fit_frame *frame, int image);
/* Whether a property is `data`, or tells where external contents lie: no signature covers those. */
int fit_is_contents(const char *property);

/* Offsets of /images and /configurations. Negative: there is none. */
int fit_images(const struct fit_frame *frame);
int fit_configurations(const struct fit_frame *frame);
/* The image of that name. Negative: there is none, or that is too much work. */
int fit_find_image(const struct fit_frame *frame, const char *name);
/* Counts bytes that are to be looked through as work; 0: that is too much. */
int fit_may_look(const struct fit_frame *frame, uint64_t bytes);
/* Reports that there was too much, if there was. */
int32_t fit_check_work(const struct fit_frame *frame);
/* The first node in one of these. Negative: there is none, also if `parent` is negative, for which
 * libfdt would begin with the root. */
int fit_first_in(const struct fit_frame *frame, int parent);

#define fit_for_each_image(image_, frame_)                                                         \
    for (image_ = fit_first_in((frame_), fit_images(frame_)); image_ >= 0;                         \
         image_ = fdt_next_subnode((frame_)->tree, image_))
#define fit_for_each_configuration(configuration_, frame_)                                         \
    for (configuration_ = fit_first_in((frame_), fit_configurations(frame_)); configuration_ >= 0; \
         configuration_ = fdt_next_subnode((frame_)->tree, configuration_))

/* write.c: how contents are stored. */
struct fit_place {
    uint8_t external, has_position;
    uint64_t align;    /* of contents behind the tree, and of the tree's end */
    uint64_t position; /* where the first of them lies; else behind the tree */
};
/* place.c: where the contents of a FIT that was read lie, and by which alignment. 0: in no way that
 * fit_write has. */
int fit_find_place(const struct fit_frame *frame, struct fit_place *place);
/* Writes the FIT to the call's output. */
int32_t fit_write(struct fit_frame *frame, const struct fit_place *place);

#endif
