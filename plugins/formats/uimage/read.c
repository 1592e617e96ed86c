/* SPDX-License-Identifier: BSD-3-Clause
 *
 * uimage/read.c - reads an existing image: header, list of parts, checksums.
 *
 * What is read here is foreign: every offset is checked against the file. The
 * checks that make an image unusable fail; whether the checksums match is left to
 * the caller, since `inspect` shows what `unpack` refuses.
 */
#include <string.h>
#include <zlib.h>

#include "uimage.h"

/* Bytes of a checksum between two reports of progress. */
#define CHUNK (4u << 20)

static uint32_t header_checksum(const uint8_t *raw)
{
    uint8_t copy[UIMAGE_HEADER_SIZE];

    memcpy(copy, raw, sizeof(copy));
    kp_put_be32(copy + UIMAGE_AT_HCRC, 0);
    return (uint32_t)crc32_z(0, copy, sizeof(copy));
}

int32_t uimage_read_header(struct kp_call *call, struct uimage_header *header)
{
    const uint64_t size = kp_size(call, call->input);
    uint8_t *raw = header->raw;

    if (size < UIMAGE_HEADER_SIZE)
        return kp_fail(call, "header: %llu bytes: a uImage begins with a header of 64",
                       (unsigned long long)size);
    if (call->host->image_read(call, call->input, 0, raw, UIMAGE_HEADER_SIZE) != KP_OK)
        return KP_FAILED;
    if (kp_be32(raw + UIMAGE_AT_MAGIC) != UIMAGE_MAGIC)
        return kp_fail(call, "ih_magic: 0x%08x: not a uImage's 0x%08x",
                       (unsigned)kp_be32(raw + UIMAGE_AT_MAGIC), UIMAGE_MAGIC);
    header->hcrc = kp_be32(raw + UIMAGE_AT_HCRC);
    header->time = kp_be32(raw + UIMAGE_AT_TIME);
    header->size = kp_be32(raw + UIMAGE_AT_SIZE);
    header->load = kp_be32(raw + UIMAGE_AT_LOAD);
    header->entry = kp_be32(raw + UIMAGE_AT_EP);
    header->dcrc = kp_be32(raw + UIMAGE_AT_DCRC);
    header->os = raw[UIMAGE_AT_OS];
    header->arch = raw[UIMAGE_AT_ARCH];
    header->type = raw[UIMAGE_AT_TYPE];
    header->compression = raw[UIMAGE_AT_COMP];
    memcpy(header->name, raw + UIMAGE_AT_NAME, UIMAGE_NAME_SIZE);
    header->name[UIMAGE_NAME_SIZE] = '\0';
    header->name_length = strlen(header->name);
    header->computed_hcrc = header_checksum(raw);
    return KP_OK;
}

int32_t uimage_checksum(struct kp_call *call, const struct kp_image *image, uint64_t offset,
                        uint64_t length, uint32_t *crc)
{
    const uint8_t *bytes;
    uint64_t piece, done = 0;

    while (done < length) {
        if (call->host->cancelled(call) ||
            call->host->image_piece(call, image, offset + done, &bytes, &piece) != KP_OK)
            return KP_FAILED;
        if (piece == 0)
            return kp_fail(call, "data: ends at byte %llu: it should have %llu",
                           (unsigned long long)(offset + done),
                           (unsigned long long)(offset + length));
        if (piece > length - done)
            piece = length - done;
        if (piece > CHUNK)
            piece = CHUNK;
        *crc = (uint32_t)crc32_z(*crc, bytes, (z_size_t)piece);
        done += piece;
        call->host->progress(call, done, length);
    }
    return KP_OK;
}

/* Multi-file images and scripts begin with a list of their parts' sizes. */
int uimage_has_parts(uint32_t type)
{
    return type == UIMAGE_MULTI || type == UIMAGE_SCRIPT;
}

/* The list: sizes in 32 bits up to a 0, then the parts, each but the last padded
 * to 4 bytes. Each part takes room in the data, so that a hostile list ends soon. */
int32_t uimage_find_part(struct kp_call *call, const struct uimage_header *header, uint64_t index,
                         uint64_t *count, struct uimage_part *part)
{
    uint64_t i, size, before_it = 0, before = 0;
    uint8_t word[4];

    for (i = 0;; i++) {
        if (!kp_inside(header->size, 4 * i, 4))
            return kp_fail(call, "list of parts: no end after %llu sizes: the data has %llu bytes",
                           (unsigned long long)i, (unsigned long long)header->size);
        if (call->host->image_read(call, call->input, UIMAGE_HEADER_SIZE + 4 * i, word, 4) != KP_OK)
            return KP_FAILED;
        size = kp_be32(word);
        if (size == 0)
            break;
        /* Behind this size stands at least the list's end, before this part all others. */
        if (!kp_inside(header->size, 4 * (i + 2) + before, size))
            return kp_fail(call, "part %llu: %llu bytes: the data has only %llu in all",
                           (unsigned long long)i, (unsigned long long)size,
                           (unsigned long long)header->size);
        if (i == index) {
            part->size = size;
            before_it = before;
        }
        before += (size + 3) & ~(uint64_t)3;
    }
    *count = i;
    if (index < i)
        part->offset = UIMAGE_HEADER_SIZE + 4 * (i + 1) + before_it;
    return KP_OK;
}

/* The number of an architecture is U-Boot's; the name is the plugin's that offers it. 26
 * stands for both widths of RISC-V, and 7 of PowerPC: what is known already is kept, else
 * it is what has U-Boot's name as its own, the 64-bit riscv and the 32-bit powerpc. */
static int32_t set_arch(struct kp_call *call, uint32_t number)
{
    const char *name = uboot_arch_name(number);
    const struct kp_arch *arch;
    struct kp_text known;

    if (call->host->trait_text(call, call->input, KP_TRAIT_ARCH, &known)) {
        arch = call->host->arch(call, known.bytes);
        if (arch != NULL && arch->uboot_number == number)
            return KP_OK;
    }
    arch = name == NULL ? NULL : call->host->arch(call, name);
    if (arch == NULL || arch->uboot_number != number)
        return KP_OK;
    return call->host->set_text(call, call->output, KP_TRAIT_ARCH, arch->name);
}

int32_t uimage_set_traits(struct kp_call *call, const struct uimage_header *header)
{
    if (set_arch(call, header->arch) != KP_OK)
        return KP_FAILED;
    if (header->type != UIMAGE_KERNEL && header->type != UIMAGE_STANDALONE &&
        header->type != UIMAGE_MULTI && header->type != UIMAGE_FIRMWARE)
        return KP_OK; /* the others are not copied to where the header says */
    if (call->host->set_number(call, call->output, KP_TRAIT_LOAD, header->load) != KP_OK)
        return KP_FAILED;
    return call->host->set_number(call, call->output, KP_TRAIT_ENTRY, header->entry);
}
