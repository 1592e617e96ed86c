/* SPDX-License-Identifier: BSD-3-Clause
 *
 * codecs/zstd/remake.c - which level of zstd(1) may have made a frame, by its header: the window
 * tells groups of levels apart.
 */
#include <kpipe/codec.h>

#include "zstd.h"

#define LARGE (UINT64_C(256) << 10) /* libzstd has tables of its own for what is smaller */

/* The likeliest first: 3 is zstd's own, and what Kbuild leaves modules at, which are files and so
 * have no window that tells; Kbuild calls -19 and -22 --ultra, initramfs-tools -9 or -19, dracut
 * -15. `window` is that of libzstd 1.5's table for what is LARGE. */
static const struct {
    uint8_t level, window;
} levels[] = {
    {3, 21},  {19, 23}, {22, 27}, {9, 22},  {15, 22}, {1, 19},  {10, 22}, {18, 23},
    {17, 23}, {12, 22}, {6, 21},  {16, 22}, {14, 22}, {13, 22}, {11, 22}, {8, 21},
    {7, 21},  {5, 21},  {4, 21},  {2, 20},  {21, 26}, {20, 25},
};

/* Whether a level with this window makes such a frame. */
static int fits(const struct zstd_frame *frame, uint32_t window)
{
    if (!frame->single)
        return frame->window == UINT64_C(1) << window;
    /* What is known to be smaller than the window is its own window. */
    return frame->content <= LARGE || frame->content <= UINT64_C(1) << window;
}

static int32_t report(struct kp_call *call, const struct zstd_frame *frame, unsigned level,
                      const char *more)
{
    return kp_codec_remake(call, "zstd", "level: %u%s%s%s", level, more,
                           frame->checksum ? "" : ", checksum: false",
                           frame->has_content ? ", content_size: true" : "");
}

int32_t zstd_remake(struct kp_call *call, const struct zstd_frame *frame)
{
    static const uint8_t distant[] = {19, 3};

    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
        if (fits(frame, levels[i].window) && report(call, frame, levels[i].level, "") != KP_OK)
            return KP_FAILED;
    /* --long has the largest window at each level. */
    for (size_t i = 0; i < sizeof(distant); i++)
        if (!frame->single && fits(frame, ZSTD_WINDOW_LOG) &&
            report(call, frame, distant[i], ", distant: true") != KP_OK)
            return KP_FAILED;
    return KP_OK;
}
