/* SPDX-License-Identifier: BSD-3-Clause
 *
 * codecs/lzo/lzo.h - what the lzo plugin's files share: lzop's file format, found out
 * from lzop 1.04 and its output. All numbers are big endian.
 */
#ifndef KPIPE_LZO_H
#define KPIPE_LZO_H

#include <kpipe/kpipe.h>

/* The header: magic, version, lib_version, version_needed_to_extract (16 bits each), method,
 * level, flags, mode, mtime_low, mtime_high, length of the name, name, checksum. */
#define LZO_MAGIC_SIZE 9u
#define LZO_FIXED_SIZE 34u       /* up to the name's length */
#define LZO_FILE_VERSION 0x1040u /* of lzop, 1.04 */
#define LZO_FILE_VERSION_NEEDED 0x0940u
#define LZO_METHOD_1 1u
#define LZO_METHOD_1_15 2u
#define LZO_METHOD_999 3u
#define LZO_FLAG_ADLER32_D 0x1u /* checksums of the blocks' contents (D) and compressed bytes (C) */
#define LZO_FLAG_ADLER32_C 0x2u
#define LZO_FLAG_STDIN 0x4u
#define LZO_FLAG_STDOUT 0x8u
#define LZO_FLAG_EXTRA_FIELD 0x40u
#define LZO_FLAG_CRC32_D 0x100u
#define LZO_FLAG_CRC32_C 0x200u
#define LZO_FLAG_FILTER 0x800u
#define LZO_FLAG_H_CRC32 0x1000u
#define LZO_FLAGS_UNKNOWN 0x000fc000u
#define LZO_OS_UNIX 0x03000000u
/* Those of lzop from a pipe to a pipe. */
#define LZO_FLAGS_PIPE (LZO_OS_UNIX | LZO_FLAG_STDIN | LZO_FLAG_STDOUT | LZO_FLAG_ADLER32_D)

#define LZO_MAGIC                                                                                  \
    {                                                                                              \
        0x89, 'L', 'Z', 'O', 0, '\r', '\n', 0x1a, '\n'                                             \
    }

/* All take the whole input at `bytes`. Fails because something at `at` is cut short. */
int32_t lzo_cut_short(struct kp_call *call, const char *what, uint64_t at);
/* Whether a part begins at `at`. */
int lzo_is_part(const uint8_t *bytes, uint64_t size, uint64_t at);
uint32_t lzo_checksum(int crc, const uint8_t *bytes, uint64_t length);
/* Reads the header at *at, and moves *at behind it. */
int32_t lzo_read_header(struct kp_call *call, const uint8_t *bytes, uint64_t size, uint64_t *at,
                        uint32_t *flags);
int32_t lzo_inspect(struct kp_call *call);
extern const struct kp_operation lzo_unpack;

#endif
