/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/owner.h - who can decide what stands at a path.
 *
 * A file is as trustworthy as whoever may write to it, or to a folder on the way to it. This
 * looks at owners and modes; access lists count as far as the mode shows them (its group
 * bits are their mask).
 */
#ifndef KP_BASE_OWNER_H
#define KP_BASE_OWNER_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/arena.h"

/* Whether nobody but root can put something else there: the file, each folder and link on the
 * way to it, and to what it leads to, are root's. NULL if so, else a phrase: "/opt/x belongs to
 * user 1000". */
const char *kp_owner_not_root(struct kp_arena *arena, const char *path);
/* Whether a file is the user's own or root's, and not everybody's to write. NULL if so, else a
 * phrase: "everybody may write to it". */
const char *kp_owner_not_own(struct kp_arena *arena, const struct stat *status);

#endif
