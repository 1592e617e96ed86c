/* SPDX-License-Identifier: BSD-3-Clause
 *
 * codecs/zstd/zstd.h - what the zstd plugin's files share. The format is RFC 8878.
 */
#ifndef KPIPE_ZSTD_H
#define KPIPE_ZSTD_H

#include <kpipe/kpipe.h>

/* A window of 128 MiB is what Linux' payloads have, which are of level 22; zstd(1), too,
 * refuses larger ones unless told otherwise. */
#define ZSTD_WINDOW_LOG 27

/* What a frame's header tells of how it was made. */
struct zstd_frame {
    uint64_t window;  /* in bytes; 0 if single */
    uint64_t content; /* if has_content, its size */
    int single, has_content, checksum;
};

int32_t zstd_inspect(struct kp_call *call);
/* Reports how it may have been made. */
int32_t zstd_remake(struct kp_call *call, const struct zstd_frame *frame);
extern const struct kp_operation zstd_unpack;

#endif
