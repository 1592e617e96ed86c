/* SPDX-License-Identifier: BSD-3-Clause
 *
 * dtb/dtb.h - flattened device trees: what the parts of this plugin share.
 *
 * The format: Devicetree Specification 0.4, chapter 5. All edits are libfdt's; but libfdt
 * trusts more of a tree than foreign bytes deserve, so a tree reaches it only after
 * check.c has walked through it, and an overlay only after fixups.c has as well.
 */
#ifndef DTB_DTB_H
#define DTB_DTB_H

#include <libfdt.h>

#include <kpipe/kpipe.h>

#include "../../common/tree_edit.h"

#define DTB_MAGIC 0xd00dfeedu
/* Of version 17, and of version 16, which does not tell the structure block's size. */
#define DTB_HEADER_SIZE 40u
#define DTB_HEADER_SIZE_16 36u
/* libfdt counts in int; this leaves it room to add. */
#define DTB_LIMIT (1u << 30)
/* Most work for an overlay: what it has, times the bytes of both structures, which libfdt
 * searches from the start for each of them. A quarter of a minute; overlays of boards take
 * milliseconds. */
#define DTB_WORK (UINT64_C(1) << 35)

/* Offsets of the header's fields, in the order of the specification's struct. */
#define DTB_AT_TOTALSIZE 4u
#define DTB_AT_STRUCT 8u
#define DTB_AT_STRINGS 12u
#define DTB_AT_RESERVATIONS 16u
#define DTB_AT_VERSION 20u
#define DTB_AT_LAST_COMPATIBLE 24u
#define DTB_AT_BOOT_CPU 28u
#define DTB_AT_STRINGS_SIZE 32u
#define DTB_AT_STRUCT_SIZE 36u

/* A tree: where it came from, for errors, and what its header says. */
struct dtb_blob {
    const char *name;  /* "dtb", "overlays[1]" */
    const void *field; /* the parameter at fault, or NULL: the main input */
    uint8_t *bytes;    /* a copy, aligned to 16 bytes */
    uint64_t file_size;
    uint32_t totalsize, struct_at, strings_at, reservations_at, version, last_compatible, boot_cpu;
    uint32_t strings_size, struct_size; /* the latter up to the tree's end if version is 16 */
    uint64_t reservations, nodes, properties;
    uint64_t references; /* at most as many are in __fixups__ and __local_fixups__ */
};

/* check.c */
/* Copies the tree out of an image; the header has been checked then. What follows its
 * totalsize in the image is left out. */
int32_t dtb_load(struct kp_call *call, const struct kp_image *image, struct dtb_blob *blob);
/* Reads the header's fields again, and checks them against `file_size`. */
int32_t dtb_read_header(struct kp_call *call, struct dtb_blob *blob);
/* Checks all blocks, so that libfdt may read them. */
int32_t dtb_check(struct kp_call *call, struct dtb_blob *blob);

/* fixups.c: checks all that an overlay asks of the base tree. */
struct dtb_missing { /* a target that the base tree does not have yet */
    const char *fragment;
    const char *path; /* or NULL: */
    uint32_t phandle;
};
int32_t dtb_check_overlay(struct kp_call *call, const void *base, const struct dtb_blob *overlay,
                          struct dtb_missing *missing);

/* pack.c: the parameters that change a tree. */
struct dtb_initrd {
    uint64_t load, end;
    const struct kp_image *image;
    uint8_t has_end;
};

struct dtb_params {
    struct kp_list overlays; /* const struct kp_image * */
    struct kp_list delete;   /* struct tree_delete */
    struct kp_list set;      /* struct tree_set */
    struct kp_text bootargs, append_bootargs;
    struct dtb_initrd initrd;
    uint64_t size, space;
    uint8_t has_bootargs, has_append_bootargs, has_initrd, has_size, has_space;
};

/* chosen.c */
int32_t dtb_choose(struct kp_call *call, void *tree, const struct dtb_params *p);
extern const struct kp_operation dtb_pack; /* pack.c */
int32_t dtb_inspect(struct kp_call *call); /* inspect.c */

#endif
