/* SPDX-License-Identifier: BSD-3-Clause
 *
 * plugin/decode.h - the contents of compressed bytes, by the `.unpack` of a codec. Which codec
 * that is, and what is done with bytes behind its stream, is the caller's matter.
 */
#ifndef KP_PLUGIN_DECODE_H
#define KP_PLUGIN_DECODE_H

#include "plugin/call.h"

/* The parameters of a codec's `.unpack`: defaults, but for the limit, if it takes one. The arena
 * is the binder's. NULL after reporting. */
struct kp_value *kp_decode_values(const struct kp_binder *binder, const struct kp_stage *stage,
                                  struct kp_place place, uint64_t limit, size_t *count);

/* Decompresses what begins `image` into result->output, at most `limit` bytes of it; *end gets
 * the offset behind the stream. False after reporting: no such codec, damaged, too large. */
bool kp_decode(const struct kp_call_context *context, const char *codec,
               const struct kp_image *image, uint64_t limit, uint64_t *end,
               struct kp_call_result *result);

#endif
