/* SPDX-License-Identifier: BSD-3-Clause
 *
 * codecs/gzip/header.c - reads and describes the header of a gzip member (RFC
 * 1952, section 2.3). It does not look at the compressed data.
 */
#include <string.h>

#include <libdeflate.h>

#include "gzip.h"

/* Names are shown, not used: what is longer is cut. */
#define SHOWN_MAX 255u

static int32_t cut_short(struct kp_call *call, const char *what, uint64_t at)
{
    return kp_fail(call, "gzip header: %s at offset %llu: the input ends inside it (%llu bytes)",
                   what, (unsigned long long)at, (unsigned long long)kp_size(call, call->input));
}

/* Moves *at behind text that ends with NUL; *length is without the NUL. */
static int32_t skip_text(struct kp_call *call, const char *what, uint64_t *at, uint64_t *length)
{
    const uint64_t start = *at;
    const uint8_t *bytes, *end;
    uint64_t count;

    for (;;) {
        if (call->host->image_piece(call, call->input, *at, &bytes, &count) != KP_OK)
            return KP_FAILED;
        if (count == 0)
            return cut_short(call, what, start);
        end = memchr(bytes, 0, (size_t)count);
        if (end != NULL)
            break;
        *at += count;
    }
    *at += (uint64_t)(end - bytes);
    *length = *at - start;
    *at += 1;
    return KP_OK;
}

static int32_t skip_extra(struct kp_call *call, uint64_t *at)
{
    const uint64_t size = kp_size(call, call->input);
    uint8_t bytes[2];

    if (!kp_inside(size, *at, 2))
        return cut_short(call, "FEXTRA", *at);
    if (call->host->image_read(call, call->input, *at, bytes, 2) != KP_OK)
        return KP_FAILED;
    if (!kp_inside(size, *at + 2, kp_le16(bytes)))
        return cut_short(call, "FEXTRA", *at);
    *at += 2u + kp_le16(bytes);
    return KP_OK;
}

/* FHCRC: the low half of the CRC-32 of all bytes of the header before it. */
static int32_t check_header_crc(struct kp_call *call, uint64_t start, uint64_t *at)
{
    uint8_t bytes[2];
    uint32_t crc = 0;

    if (!kp_inside(kp_size(call, call->input), *at, 2))
        return cut_short(call, "FHCRC", *at);
    if (call->host->image_read(call, call->input, *at, bytes, 2) != KP_OK)
        return KP_FAILED;
    while (start < *at) {
        const uint8_t *piece;
        uint64_t count;

        if (call->host->image_piece(call, call->input, start, &piece, &count) != KP_OK)
            return KP_FAILED;
        if (count > *at - start)
            count = *at - start;
        crc = libdeflate_crc32(crc, piece, (size_t)count);
        start += count;
    }
    if ((crc & 0xffff) != kp_le16(bytes))
        return kp_fail(call, "gzip header: FHCRC at offset %llu: 0x%04x: the header gives 0x%04x",
                       (unsigned long long)*at, (unsigned)kp_le16(bytes), (unsigned)(crc & 0xffff));
    *at += 2;
    return KP_OK;
}

int32_t gzip_read_header(struct kp_call *call, uint64_t at, struct gzip_header *header)
{
    const uint64_t start = at;
    uint8_t fixed[GZIP_HEADER_SIZE];

    memset(header, 0, sizeof(*header));
    if (!kp_inside(kp_size(call, call->input), at, sizeof(fixed)))
        return cut_short(call, "member", at);
    if (call->host->image_read(call, call->input, at, fixed, sizeof(fixed)) != KP_OK)
        return KP_FAILED;
    if (fixed[0] != 0x1f || fixed[1] != 0x8b)
        return kp_fail(call, "gzip header: offset %llu: 0x%02x%02x: not gzip's magic 0x1f8b",
                       (unsigned long long)at, fixed[0], fixed[1]);
    if (fixed[2] != GZIP_METHOD_DEFLATE)
        return kp_fail(call, "gzip header: CM at offset %llu: %u: only 8 (deflate) is known",
                       (unsigned long long)(at + 2), fixed[2]);
    if ((fixed[3] & GZIP_RESERVED) != 0)
        return kp_fail(call, "gzip header: FLG at offset %llu: 0x%02x: reserved bits are set",
                       (unsigned long long)(at + 3), fixed[3]);
    header->flags = fixed[3];
    header->mtime = kp_le32(fixed + 4);
    header->extra_flags = fixed[8];
    header->os = fixed[9];
    at += sizeof(fixed);
    if ((header->flags & GZIP_FEXTRA) != 0 && skip_extra(call, &at) != KP_OK)
        return KP_FAILED;
    header->name_at = at;
    if ((header->flags & GZIP_FNAME) != 0 &&
        skip_text(call, "FNAME", &at, &header->name_length) != KP_OK)
        return KP_FAILED;
    header->comment_at = at;
    if ((header->flags & GZIP_FCOMMENT) != 0 &&
        skip_text(call, "FCOMMENT", &at, &header->comment_length) != KP_OK)
        return KP_FAILED;
    if ((header->flags & GZIP_FHCRC) != 0 && check_header_crc(call, start, &at) != KP_OK)
        return KP_FAILED;
    header->end = at;
    return KP_OK;
}

static const char *os_name(uint8_t os)
{
    static const char *const names[] = {"FAT",     "Amiga", "VMS",       "Unix",     "VM/CMS",
                                        "Atari",   "HPFS",  "Macintosh", "Z-System", "CP/M",
                                        "TOPS-20", "NTFS",  "QDOS",      "RISC OS"};

    return os < sizeof(names) / sizeof(names[0]) ? names[os] : NULL;
}

static int32_t text_field(struct kp_call *call, const char *name, uint64_t at, uint64_t length)
{
    char text[SHOWN_MAX + 1];
    const uint64_t shown = length < SHOWN_MAX ? length : SHOWN_MAX;

    if (call->host->image_read(call, call->input, at, text, shown) != KP_OK)
        return KP_FAILED;
    /* The RFC says Latin-1, gzip(1) writes what the file is called. */
    for (uint64_t i = 0; i < shown; i++)
        if (text[i] < 0x20 || text[i] > 0x7e)
            text[i] = '?';
    return kp_field_text(call, name, at, length + 1, text, shown);
}

int32_t gzip_inspect(struct kp_call *call)
{
    const uint64_t size = kp_size(call, call->input);
    struct gzip_header header;
    uint8_t isize[4];

    if (gzip_read_header(call, 0, &header) != KP_OK)
        return KP_FAILED;
    if (!kp_inside(size, header.end, GZIP_TRAILER_SIZE))
        return cut_short(call, "trailer", header.end);
    if (call->host->image_read(call, call->input, size - 4, isize, 4) != KP_OK)
        return KP_FAILED;
    kp_field_number(call, "CM", 2, 1, GZIP_METHOD_DEFLATE, 0, "deflate");
    kp_field_number(call, "FLG", 3, 1, header.flags, KP_FIELD_HEX, NULL);
    kp_field_number(call, "MTIME", 4, 4, header.mtime, header.mtime != 0 ? KP_FIELD_TIME : 0,
                    header.mtime == 0 ? "no time" : NULL);
    kp_field_number(call, "XFL", 8, 1, header.extra_flags, 0,
                    header.extra_flags == 2   ? "most effort"
                    : header.extra_flags == 4 ? "least effort"
                                              : NULL);
    kp_field_number(call, "OS", 9, 1, header.os, 0, os_name(header.os));
    if ((header.flags & GZIP_FNAME) != 0 &&
        text_field(call, "FNAME", header.name_at, header.name_length) != KP_OK)
        return KP_FAILED;
    if ((header.flags & GZIP_FCOMMENT) != 0 &&
        text_field(call, "FCOMMENT", header.comment_at, header.comment_length) != KP_OK)
        return KP_FAILED;
    /* Of the last member only, modulo 2^32, and wrong if anything follows it: so
     * it is shown, but sets no trait. */
    if (kp_field_number(call, "ISIZE", size - 4, 4, kp_le32(isize), KP_FIELD_BYTES, NULL) != KP_OK)
        return KP_FAILED;
    return gzip_remake(call, &header);
}
