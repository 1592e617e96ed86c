/* SPDX-License-Identifier: BSD-3-Clause
 *
 * codecs/lz4/lz4.h - what the lz4 plugin's files share. The formats are described by
 * lz4_Frame_format.md of lz4's documentation.
 */
#ifndef KPIPE_LZ4_H
#define KPIPE_LZ4_H

#include <kpipe/kpipe.h>

#define LZ4_LEGACY_MAGIC UINT32_C(0x184c2102)
#define LZ4_STANDARD_MAGIC UINT32_C(0x184d2204)
#define LZ4_SKIPPABLE_MAGIC UINT32_C(0x184d2a50) /* the low four bits are free */

/* "Fixed block size: 8 MB. All blocks must be completely filled, except the last one." */
#define LZ4_LEGACY_BLOCK (UINT32_C(8) << 20)
#define LZ4_LEGACY_BOUND ((uint32_t)LZ4_COMPRESSBOUND(LZ4_LEGACY_BLOCK))

/* The number at `at` of the main input; 0 where it has not as many bytes. */
int32_t lz4_peek(struct kp_call *call, uint64_t at, uint32_t *number);
int32_t lz4_inspect(struct kp_call *call);
extern const struct kp_operation lz4_unpack;

#endif
