/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cpio/details.c - tells all that an entry of an archive says of a file, and a checksum of what is
 * in it, so that archives can be compared by names. Numbers of inodes say nothing and are left out.
 */
#include <string.h>

#include <zlib.h>

#include "cpio.h"

/* The checksum of gzip and PKZIP, as crc32(1) shows it. */
static int32_t sum_data(struct cpio_reader *r, uint32_t *sum)
{
    const uint64_t length = r->number[CPIO_FILESIZE];
    const uint8_t *bytes;
    uint64_t piece;
    uLong crc = crc32_z(0, NULL, 0);

    for (uint64_t done = 0; done < length; done += piece) {
        if (r->call->host->cancelled(r->call) ||
            r->call->host->image_piece(r->call, r->image, r->data_at + done, &bytes, &piece) !=
                KP_OK)
            return KP_FAILED;
        piece = piece < length - done ? piece : length - done;
        if (piece == 0)
            return kp_fail(r->call, "%s: its data are not there", cpio_plain_name(r->name));
        crc = crc32_z(crc, bytes, (size_t)piece);
    }
    *sum = (uint32_t)crc;
    return KP_OK;
}

/* Where a link leads, of at most CPIO_NAME_SIZE. */
static int32_t read_target(struct cpio_reader *r, char *target)
{
    const uint32_t size = r->number[CPIO_FILESIZE];
    const uint32_t length = size < CPIO_NAME_SIZE ? size : CPIO_NAME_SIZE - 1;

    target[length] = '\0';
    return r->call->host->image_read(r->call, r->image, r->data_at, target, length);
}

int32_t cpio_tell_entry(struct cpio_reader *r)
{
    const uint32_t *const n = r->number, type = n[CPIO_MODE] & CPIO_TYPE;
    char text[CPIO_NAME_SIZE + 128], target[CPIO_NAME_SIZE];
    uint32_t sum = 0;
    int length;

    length = snprintf(text, sizeof(text), "%s %04o %u:%u", cpio_type_name(n[CPIO_MODE]),
                      (unsigned)(n[CPIO_MODE] & CPIO_PERMISSIONS), (unsigned)n[CPIO_UID],
                      (unsigned)n[CPIO_GID]);
    if (n[CPIO_MTIME] != 0)
        length += snprintf(text + length, sizeof(text) - (size_t)length, " mtime %u",
                           (unsigned)n[CPIO_MTIME]);
    if (type == CPIO_CHAR || type == CPIO_BLOCK) {
        snprintf(text + length, sizeof(text) - (size_t)length, " %c %u:%u",
                 type == CPIO_CHAR ? 'c' : 'b', (unsigned)n[CPIO_RMAJOR], (unsigned)n[CPIO_RMINOR]);
    } else if (type == CPIO_LINK) {
        if (read_target(r, target) != KP_OK)
            return KP_FAILED;
        snprintf(text + length, sizeof(text) - (size_t)length, " -> %s", target);
    } else if (n[CPIO_FILESIZE] > 0) {
        if (sum_data(r, &sum) != KP_OK)
            return KP_FAILED;
        snprintf(text + length, sizeof(text) - (size_t)length, " %u bytes, crc32 0x%08x",
                 (unsigned)n[CPIO_FILESIZE], (unsigned)sum);
    }
    return kp_detail_text(r->call, cpio_plain_name(r->name), r->at, r->next - r->at, text);
}
