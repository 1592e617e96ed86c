/* SPDX-License-Identifier: MIT
 *
 * kpipe/tree.h - a folder of files, as a plugin sees it.
 *
 * A parameter of type KP_TYPE_TREE (param.h) names a folder. The host holds it; the plugin
 * lists it and opens its files by relative name with kp_host.tree_list, tree_find and
 * tree_open, read-only, and never gets outside of it: neither by "..", nor by an absolute
 * name, nor by a link. Every read counts as an input of the stage.
 *
 * What differs between two copies of one tree is not shown: owners, times, inode
 * numbers, the order in which the file system keeps names.
 */
#ifndef KPIPE_TREE_H
#define KPIPE_TREE_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Types of a kp_tree_entry. */
#define KP_TREE_FILE 1u
#define KP_TREE_FOLDER 2u
#define KP_TREE_LINK 3u         /* a symbolic link */
#define KP_TREE_CHAR_DEVICE 4u  /* a character device */
#define KP_TREE_BLOCK_DEVICE 5u /* a block device */
#define KP_TREE_PIPE 6u         /* a named pipe */
#define KP_TREE_SOCKET 7u       /* a socket */

struct kp_tree_entry {
    uint64_t size;        /* sizeof(struct kp_tree_entry) */
    uint32_t type;        /* KP_TREE_* */
    uint32_t permissions; /* the low twelve bits of its mode: 0755, 04755 */
    const char *name;     /* from the tree's root, "usr/bin/init": no leading '/', no "." or ".." */
    uint64_t length;      /* a file's size in bytes; else 0 */
    const char *target;   /* what a link says, as it stands there; else NULL */
    uint32_t major;       /* of a device; else 0 */
    uint32_t minor;       /* of a device; else 0 */
    uint64_t same_file;   /* two files of a tree with the same number, not 0, are one (hard links);
                             such files count from 1, in the order of their first full names.
                             0: it has one name only, as far as the tree shows */
};

#ifdef __cplusplus
}
#endif

#endif
