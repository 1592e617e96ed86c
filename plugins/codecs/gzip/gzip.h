/* SPDX-License-Identifier: BSD-3-Clause
 *
 * codecs/gzip/gzip.h - what the gzip plugin's files share. The file format is
 * RFC 1952; the compressed data inside it, RFC 1951, belongs to the libraries.
 */
#ifndef KPIPE_GZIP_H
#define KPIPE_GZIP_H

#include <kpipe/kpipe.h>

/* RFC 1952, section 2.3. */
#define GZIP_HEADER_SIZE 10u /* without optional fields */
#define GZIP_TRAILER_SIZE 8u /* CRC32, ISIZE */
#define GZIP_METHOD_DEFLATE 8u
#define GZIP_OS_UNIX 3u
#define GZIP_FTEXT 1u
#define GZIP_FHCRC 2u
#define GZIP_FEXTRA 4u
#define GZIP_FNAME 8u
#define GZIP_FCOMMENT 16u
#define GZIP_RESERVED 0xe0u

/* Bytes that are handled between two looks at cancellation and progress. */
#define GZIP_STEP (UINT64_C(1) << 20)

#define GZIP_NAME_MAX 255u /* bytes of a file's name */

struct gzip_params {
    uint64_t level, mtime;
    struct kp_text name;
    uint32_t encoder, preset;
    uint8_t has_level, has_encoder, has_name, rsyncable;
};

static inline uint64_t gzip_level(const struct gzip_params *params)
{
    return params->has_level ? params->level : params->preset == KP_PRESET_MAKE_FIT ? 6 : 9;
}

/* A member's header, as it was found. */
struct gzip_header {
    uint64_t end; /* offset of the compressed data */
    uint64_t name_at, name_length;
    uint64_t comment_at, comment_length;
    uint32_t mtime;
    uint8_t flags, extra_flags, os;
};

/* Reads the header at `at` of the main input; fails if it is none. */
int32_t gzip_read_header(struct kp_call *call, uint64_t at, struct gzip_header *header);
/* Appends what stands before the compressed data, and puts what stands behind it. */
int32_t gzip_append_header(struct kp_call *call);
void gzip_put_trailer(uint8_t *to, uint32_t crc, uint64_t size);
/* Compress the main input, of `size` bytes, by zlib (levels 0 to 9) or gzip(1) (1 to 9). */
int32_t gzip_by_zlib(struct kp_call *call, uint64_t size);
int32_t gzip_by_tool(struct kp_call *call, uint64_t size);
int32_t gzip_inspect(struct kp_call *call);
/* Reports how a file of one member with this header may have been made. */
int32_t gzip_remake(struct kp_call *call, const struct gzip_header *header);
extern const struct kp_operation gzip_unpack;

#endif
