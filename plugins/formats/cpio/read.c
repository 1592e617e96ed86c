/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cpio/read.c - reads an archive entry by entry.
 *
 * What init/initramfs.c of the kernel would skip or stumble over is an error here: names and
 * data that do not lie in the archive, headers that are none, an archive without its end.
 */
#include <string.h>

#include "cpio.h"

#define CHUNK (4u << 20)

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Fails at the entry that is being read. */
static int32_t fail(const struct cpio_reader *r, const char *hint, const char *what)
{
    return kp_fail_at(r->call, NULL, hint, "entry %llu at 0x%llx: %s", (unsigned long long)r->index,
                      (unsigned long long)r->at, what);
}

static int32_t read_magic(struct cpio_reader *r, const uint8_t *header)
{
    r->has_check = memcmp(header, "070702", CPIO_MAGIC_SIZE) == 0;
    if (r->has_check || memcmp(header, "070701", CPIO_MAGIC_SIZE) == 0)
        return KP_OK;
    if (memcmp(header, "070707", CPIO_MAGIC_SIZE) == 0)
        return fail(r, "`cpio -H newc` writes what Linux reads",
                    "magic: 070707: the old format, which Linux does not read");
    return fail(r, NULL, "magic: neither 070701 nor 070702");
}

static int32_t read_numbers(struct cpio_reader *r, const uint8_t *header)
{
    unsigned i, digit;
    int value;

    for (i = 0; i < CPIO_NUMBERS; i++) {
        r->number[i] = 0;
        for (digit = 0; digit < 8; digit++) {
            value = hex_digit(header[CPIO_MAGIC_SIZE + 8 * i + digit]);
            if (value < 0)
                return fail(r, NULL, "header: a number that is not hexadecimal");
            r->number[i] = r->number[i] << 4 | (uint32_t)value;
        }
    }
    return KP_OK;
}

static int32_t read_name(struct cpio_reader *r)
{
    const uint32_t size = r->number[CPIO_NAMESIZE];

    if (size == 0 || size > CPIO_NAME_SIZE)
        return fail(r, NULL, "c_namesize: not between 1 and 4096");
    if (!kp_inside(r->size, r->at + CPIO_HEADER_SIZE, size))
        return fail(r, "the file was cut short: get it again",
                    "c_namesize: the name does not lie in the archive");
    if (r->call->host->image_read(r->call, r->image, r->at + CPIO_HEADER_SIZE, r->name, size) !=
        KP_OK)
        return KP_FAILED;
    if (r->name[size - 1] != 0)
        return fail(r, NULL, "the name does not end with NUL");
    return KP_OK;
}

int32_t cpio_read_entry(struct cpio_reader *r, int *end)
{
    uint8_t header[CPIO_HEADER_SIZE];

    r->at = r->next;
    if (!kp_inside(r->size, r->at, CPIO_HEADER_SIZE))
        return fail(r, "the file was cut short: get it again",
                    "no header: the archive has no " CPIO_TRAILER);
    if (r->call->host->image_read(r->call, r->image, r->at, header, sizeof(header)) != KP_OK ||
        read_magic(r, header) != KP_OK || read_numbers(r, header) != KP_OK || read_name(r) != KP_OK)
        return KP_FAILED;
    /* All is far from 2^64: the image has a size, and the numbers have 32 bits. */
    r->data_at = (r->at + CPIO_HEADER_SIZE + r->number[CPIO_NAMESIZE] + 3) & ~(uint64_t)3;
    if (!kp_inside(r->size, r->data_at, r->number[CPIO_FILESIZE]) && r->number[CPIO_FILESIZE] != 0)
        return fail(r, "the file was cut short: get it again",
                    "c_filesize: the data does not lie in the archive");
    r->next = (r->data_at + r->number[CPIO_FILESIZE] + 3) & ~(uint64_t)3;
    *end = strcmp(r->name, CPIO_TRAILER) == 0;
    if (*end && r->next > r->size)
        r->next = r->size;
    if (!*end)
        r->index++;
    return KP_OK;
}

int32_t cpio_sum(struct kp_call *call, const struct kp_image *image, uint64_t at, uint64_t length,
                 uint32_t *sum)
{
    const uint8_t *bytes;
    uint64_t done = 0, piece, i;

    for (*sum = 0; done < length; done += piece) {
        if (call->host->cancelled(call) ||
            call->host->image_piece(call, image, at + done, &bytes, &piece) != KP_OK)
            return KP_FAILED;
        if (piece == 0)
            return kp_fail(call, "data: ends at byte %llu", (unsigned long long)(at + done));
        if (piece > length - done)
            piece = length - done;
        if (piece > CHUNK)
            piece = CHUNK;
        for (i = 0; i < piece; i++)
            *sum += bytes[i];
    }
    return KP_OK;
}

/* Of names of one file only the one with the data has a sum. */
int32_t cpio_check_data(struct cpio_reader *r, int *wrong)
{
    uint32_t sum = 0;

    *wrong = 0;
    if (!r->has_check || (r->number[CPIO_MODE] & CPIO_TYPE) != CPIO_FILE ||
        r->number[CPIO_FILESIZE] == 0)
        return KP_OK;
    if (cpio_sum(r->call, r->image, r->data_at, r->number[CPIO_FILESIZE], &sum) != KP_OK)
        return KP_FAILED;
    *wrong = sum != r->number[CPIO_CHECK];
    return KP_OK;
}

const char *cpio_plain_name(const char *name)
{
    while (name[0] == '/' || strncmp(name, "./", 2) == 0)
        name += name[0] == '/' ? 1 : 2;
    return name;
}

int32_t cpio_count_zeros(struct kp_call *call, const struct kp_image *image, uint64_t at,
                         uint64_t *count)
{
    const uint64_t size = kp_size(call, image);
    const uint8_t *bytes;
    uint64_t piece, i;

    for (*count = 0; at + *count < size;) {
        if (call->host->cancelled(call) ||
            call->host->image_piece(call, image, at + *count, &bytes, &piece) != KP_OK)
            return KP_FAILED;
        for (i = 0; i < piece && bytes[i] == 0; i++)
            ;
        *count += i;
        if (i < piece || piece == 0)
            break;
    }
    return KP_OK;
}
