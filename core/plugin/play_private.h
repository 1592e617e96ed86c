/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/play_private.h - a recording that is played, shared by replay.c, which reads it and makes
 * the call, and remote_play.c, which says what was said. Nobody else includes this.
 */
#ifndef KP_PLUGIN_PLAY_PRIVATE_H
#define KP_PLUGIN_PLAY_PRIVATE_H

#include "base/vector.h"
#include "host/image.h"
#include "kpipe/bytes.h"
#include "plugin/replay.h"

struct kp_play {
    const struct kp_tape *tape;
    struct kp_vector runs;   /* of struct kp_range *, by handle */
    struct kp_vector images; /* of struct kp_image *, by handle */
    const struct kp_tape_message *call;
    /* Of CALL: */
    uint8_t what;
    const char *name;
    uint64_t build_time, output_limit, part_limit;
    bool tells_end;
    uint32_t main; /* handle, or NONE */
    const uint8_t *params;
    size_t params_size;
    size_t next; /* message behind the request that was answered last */
};

#endif
