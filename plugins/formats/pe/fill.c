/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/pe/fill.c - the stage `pe`: checks a PE/COFF file and fills in what it was asked to.
 * Only the headers change; the rest of the bytes are the input's.
 */
#include <string.h>

#include "pe_format.h"

static void put(const struct pe_file *file, uint32_t field, uint64_t value)
{
    kp_put_le32(pe_optional(file, field), (uint32_t)value);
}

/* "Optional Header": each size is the sum over all sections of that sort, as GNU ld computes it:
 * bss counts in units of FileAlignment, too. */
int32_t pe_compute_sizes(const struct pe_file *file, uint32_t which)
{
    const uint32_t memory = kp_le32(pe_optional(file, PE_SECTION_ALIGNMENT));
    const uint32_t bytes = kp_le32(pe_optional(file, PE_FILE_ALIGNMENT));
    uint64_t code = 0, data = 0, bss = 0, end = 0, size;
    struct pe_section section;

    for (uint16_t i = 0; i < file->section_count; i++) {
        pe_section(file, i, &section);
        end = (uint64_t)section.virtual_address +
              (section.virtual_size != 0 ? section.virtual_size : section.raw_size);
        if ((section.characteristics & PE_SECTION_CODE) != 0)
            code += section.raw_size;
        if ((section.characteristics & PE_SECTION_DATA) != 0)
            data += section.raw_size;
        if ((section.characteristics & PE_SECTION_BSS) != 0)
            bss +=
                kp_align(section.virtual_size, bytes, &size) ? size : 0; /* of 32 bits: it does */
    }
    if (!kp_align(end, memory, &end) || end > UINT32_MAX || code > UINT32_MAX ||
        data > UINT32_MAX || bss > UINT32_MAX)
        return kp_fail(file->call, "pe header: sections up to 0x%llx: too large for 32 bits",
                       ULL(end));
    put(file, PE_SIZE_OF_IMAGE, end);
    if (which == SIZES_IMAGE)
        return KP_OK;
    put(file, PE_SIZE_OF_CODE, code);
    put(file, PE_SIZE_OF_DATA, data);
    put(file, PE_SIZE_OF_BSS, bss);
    return KP_OK;
}

static void set_nx(const struct pe_file *file, uint32_t nx)
{
    uint8_t *const at = pe_optional(file, PE_DLL_CHARACTERISTICS);

    if (nx != NX_KEEP)
        kp_put_le16(at, (uint16_t)((kp_le16(at) & ~PE_DLL_NX_COMPAT) |
                                   (nx == NX_YES ? PE_DLL_NX_COMPAT : 0)));
}

/* A certificate table without certificates is none. */
static void clear_empty(const struct pe_file *file)
{
    uint32_t address, size;

    pe_directory(file, PE_DIRECTORY_CERTIFICATES, &address, &size);
    if (size == 0 && address != 0)
        kp_put_le32(file->head + file->directories + UINT64_C(8) * PE_DIRECTORY_CERTIFICATES, 0);
}

/* A signature covers all headers but CheckSum and the place of the certificates. */
static int32_t warn_if_signed(const struct pe_file *file)
{
    struct pe_file before;
    uint64_t at, size;

    if (!pe_file_open(&before, file->call, file->call->input, NULL) ||
        !pe_certificates(file, &at, &size))
        return KP_FAILED;
    memcpy(pe_optional(&before, PE_CHECKSUM), pe_optional(file, PE_CHECKSUM), 4);
    if (size != 0 && memcmp(before.head, file->head, file->head_size) != 0)
        kp_message(file->call, KP_WARNING,
                   "the file is signed, and the signature does not hold for the changed headers");
    return KP_OK;
}

static int32_t set_checksum(const struct pe_file *file, uint32_t how)
{
    uint32_t checksum = 0;

    if (how == CHECKSUM_KEEP)
        return KP_OK;
    if (how == CHECKSUM_COMPUTE && !pe_checksum(file, &checksum))
        return KP_FAILED;
    put(file, PE_CHECKSUM, checksum);
    return KP_OK;
}

int32_t pe_pack(struct kp_call *call)
{
    const struct pe_params *const params = call->params;
    struct pe_file file;

    if (!pe_file_open(&file, call, call->input, NULL))
        return KP_FAILED;
    file.lenient = params->tolerant;
    if (pe_check_headers(&file) != KP_OK ||
        (params->addresses == ADDRESSES_FIT && pe_fit_addresses(&file) != KP_OK) ||
        (params->sizes != SIZES_KEEP && pe_compute_sizes(&file, params->sizes) != KP_OK) ||
        pe_check(&file) != KP_OK)
        return KP_FAILED;
    if (params->sizes != SIZES_KEEP || params->checksum == CHECKSUM_COMPUTE)
        clear_empty(&file);
    set_nx(&file, params->nx);
    if (set_checksum(&file, params->checksum) != KP_OK || warn_if_signed(&file) != KP_OK ||
        kp_append(call, file.head, file.head_size) != KP_OK ||
        call->host->output_image(call, call->output, call->input, file.head_size,
                                 file.size - file.head_size) != KP_OK)
        return KP_FAILED;
    return pe_set_arch(&file);
}
