/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sources/deb/deb.h - a Debian package in layers, shared by the files of the plugin: ar.c finds
 * the members, tar.c walks an archive, control.c reads what the package says of itself,
 * deb.c gives a recipe what it holds.
 */
#ifndef KPIPE_DEB_H
#define KPIPE_DEB_H

#include <kpipe/kpipe.h>

/* Longest name of a file in a package; Linux takes no longer ones. */
#define DEB_NAME_MAX 4096u

/* ar.c: the two archives inside a package, compressed or not. */
struct deb_members {
    const struct kp_image *control, *data;
};
int32_t deb_find_members(struct kp_call *call, const struct kp_image *package,
                         struct deb_members *members);
/* ar.c: an archive, decompressed to at most `limit` bytes if it is compressed. `name` is for
 * messages, `field` the parameter with the limit, or NULL. */
const struct kp_image *deb_unpack(struct kp_call *call, const struct kp_image *member,
                                  const char *name, uint64_t limit);

/* A file of an archive. */
struct deb_file {
    char name[DEB_NAME_MAX]; /* without "./" or '/' before it */
    char type;               /* '0': a file; '1', '2': a link; else as in tar */
    uint64_t offset, length; /* of its contents, in the archive */
};

/* tar.c: calls `visit` for each file until it returns something else than KP_OK, which is
 * then returned. `name` is for messages. */
int32_t deb_walk(struct kp_call *call, const struct kp_image *archive, const char *name,
                 int32_t (*visit)(void *data, const struct deb_file *file), void *data);
/* tar.c: a name without what may stand before it. */
const char *deb_plain_name(const char *name);

/* control.c: fields of the package's control file; "" if missing. */
struct deb_control {
    char package[256], version[256], architecture[64];
};
int32_t deb_read_control(struct kp_call *call, const struct kp_image *archive,
                         struct deb_control *control);

#endif
