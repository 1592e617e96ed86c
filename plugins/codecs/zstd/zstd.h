/* SPDX-License-Identifier: BSD-3-Clause
 *
 * codecs/zstd/zstd.h - what the zstd plugin's two files share. The format is RFC 8878.
 */
#ifndef KPIPE_ZSTD_H
#define KPIPE_ZSTD_H

#include <kpipe/kpipe.h>

/* A window of 128 MiB is what Linux' payloads have, which are of level 22; zstd(1), too,
 * refuses larger ones unless told otherwise. */
#define ZSTD_WINDOW_LOG 27

int32_t zstd_inspect(struct kp_call *call);
extern const struct kp_operation zstd_unpack;

#endif
