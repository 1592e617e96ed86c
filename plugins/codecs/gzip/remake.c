/* SPDX-License-Identifier: BSD-3-Clause
 *
 * codecs/gzip/remake.c - which encoder and level may have made a gzip file, by its header. The
 * compressed data is not looked at: it tells only to those who make it again.
 */
#include <kpipe/codec.h>

#include "gzip.h"

/* By XFL, the likeliest first. gzip -9 is what Kbuild and most who build an initramfs call,
 * dracut with --rsyncable where gzip has it; zlib stands for minigzip, which is Android's. */
static const char *const most_effort[] = {
    "encoder: gnu, level: 9",
    "encoder: zlib, level: 9",
    "encoder: gnu, level: 9, rsyncable: true",
    "encoder: libdeflate, level: 9",
    "encoder: libdeflate, level: 12",
    "encoder: libdeflate, level: 11",
    "encoder: libdeflate, level: 10",
    NULL,
};
static const char *const least_effort[] = {
    "encoder: gnu, level: 1",
    "encoder: zlib, level: 1",
    "encoder: libdeflate, level: 1",
    "encoder: gnu, level: 1, rsyncable: true",
    NULL,
};
static const char *const some_effort[] = {
    "encoder: gnu, level: 6",
    "encoder: zlib, level: 6",
    "encoder: gnu, level: 6, rsyncable: true",
    "encoder: libdeflate, level: 6",
    "encoder: gnu, level: 8",
    "encoder: gnu, level: 7",
    "encoder: gnu, level: 5",
    "encoder: gnu, level: 4",
    "encoder: gnu, level: 3",
    "encoder: gnu, level: 2",
    "encoder: zlib, level: 8",
    "encoder: zlib, level: 7",
    "encoder: zlib, level: 5",
    "encoder: zlib, level: 4",
    "encoder: zlib, level: 3",
    "encoder: zlib, level: 2",
    NULL,
};

int32_t gzip_remake(struct kp_call *call, const struct gzip_header *header)
{
    const char *const *const ways = header->extra_flags == 2   ? most_effort
                                    : header->extra_flags == 4 ? least_effort
                                                               : some_effort;
    char bytes[GZIP_NAME_MAX], name[4 * GZIP_NAME_MAX + 8], mtime[32] = "";
    const int named = (header->flags & GZIP_FNAME) != 0;

    /* What none of our encoders writes. */
    if ((header->flags & ~GZIP_FNAME) != 0 || header->os != GZIP_OS_UNIX ||
        (header->extra_flags != 0 && ways == some_effort))
        return KP_OK;
    if (named) {
        if (header->name_length < 1 || header->name_length > sizeof(bytes))
            return KP_OK;
        if (call->host->image_read(call, call->input, header->name_at, bytes,
                                   header->name_length) != KP_OK)
            return KP_FAILED;
        if (kp_quote(name, sizeof(name), bytes, header->name_length) == 0)
            return KP_OK;
    }
    if (header->mtime != 0)
        snprintf(mtime, sizeof(mtime), ", mtime: %lu", (unsigned long)header->mtime);
    for (size_t i = 0; ways[i] != NULL; i++)
        if (kp_codec_remake(call, "gzip", "%s%s%s%s", ways[i], mtime, named ? ", name: " : "",
                            named ? name : "") != KP_OK)
            return KP_FAILED;
    return KP_OK;
}
