/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/pe/checksum.c - CheckSum of the optional header. Microsoft's "PE Format" names only the
 * function that computes it; GNU ld and signers of EFI programs do so too: the words of 16 bits,
 * little endian, are added up, carries too, with CheckSum itself as 0; the file's size is added.
 */
#include "pe_format.h"

struct sum {
    uint64_t words;
    bool odd; /* the next byte is a word's upper one */
};

static void add(struct sum *sum, const uint8_t *bytes, uint64_t size)
{
    uint64_t i = 0;

    if (sum->odd && size > 0) {
        sum->words += (uint64_t)bytes[i++] << 8;
        sum->odd = false;
    }
    for (; i + 1 < size; i += 2)
        sum->words += kp_le16(bytes + i);
    if (i < size) {
        sum->words += bytes[i];
        sum->odd = true;
    }
}

bool pe_checksum(const struct pe_file *file, uint32_t *checksum)
{
    const uint64_t at = file->optional + PE_CHECKSUM;
    struct kp_call *const call = file->call;
    struct sum sum = {0, false};
    const uint8_t *bytes;
    uint64_t length;

    add(&sum, file->head, at);
    add(&sum, (const uint8_t[4]){0}, 4);
    add(&sum, file->head + at + 4, file->head_size - at - 4);
    for (uint64_t from = file->head_size; from < file->size; from += length) {
        if (call->host->cancelled(call) ||
            call->host->image_piece(call, call->input, from, &bytes, &length) != KP_OK)
            return false;
        add(&sum, bytes, length);
    }
    while (sum.words > UINT16_MAX)
        sum.words = (sum.words & UINT16_MAX) + (sum.words >> 16);
    *checksum = (uint32_t)(sum.words + file->size);
    return true;
}
