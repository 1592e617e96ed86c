/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/bzimage/fields.c - fills in those fields of the setup header that depend on the boot
 * stub, the kernel or sizes; all others are the setup code's own and stay.
 *
 * Of Linux 5.10, 6.1, 6.12 and 7.2, arch/x86/boot/header.S and arch/x86/boot/tools/build.c:
 *   setup_sects          padded setup code / 512, less one
 *   syssize              5.10: (size + 4, for the CRC) / 16, rounded up, to an even number if
 *                        there is a PE header; since then _edata / 16
 *   root_dev             0
 *   payload_offset       input_data             payload_length      z_input_len
 *   pref_address         LOAD_PHYSICAL_ADDR     kernel_info_offset  kernel_info
 *   init_size            the same formula in all of them (below); tools/build.c of 5.10 may
 *                        raise it
 *   handover_offset      x86_64: efi64_stub_entry - 0x200, i386: efi32_stub_entry; 0 without the
 *                        handover protocol, which xloadflags tell
 */
#include "bzimage.h"

#define HANDOVER_BIAS 0x200u

static uint64_t init_size(const struct setup *setup, const struct facts *facts)
{
    const uint64_t *const boot = facts->boot;
    const uint64_t unpacking =
        boot[END] - boot[STARTUP_32] +
        extract_offset(boot[Z_INPUT_LEN], boot[Z_OUTPUT_LEN], boot[EHEAD] - boot[STARTUP_32]);
    uint64_t size = unpacking > facts->memory ? unpacking : facts->memory;

    /* tools/build.c of 5.10: the head must not be overwritten when all is moved to the end. */
    if (setup->layout == LAYOUT_5_10 && setup->efi &&
        size - boot[END] < setup->padded + boot[EHEAD])
        size = (setup->padded + boot[EHEAD] + boot[END] + PAGE - 1) / PAGE * PAGE;
    return size;
}

static uint64_t system_size(const struct setup *setup, const struct facts *facts)
{
    uint64_t size;

    if (setup->layout != LAYOUT_5_10)
        return facts->boot[EDATA] / 16;
    size = (facts->binary + CRC_SIZE + 15) / 16;
    return setup->efi ? (size + 1) / 2 * 2 : size;
}

static int32_t handover(const struct setup *setup, const struct facts *facts, uint32_t *offset)
{
    const uint64_t entry32 = facts->boot[EFI32_STUB_ENTRY];
    const uint64_t entry64 = facts->boot[EFI64_STUB_ENTRY];

    *offset = (uint32_t)entry32;
    if (!setup->wide || (setup->xloadflags & XLF_EFI_HANDOVER_64) == 0)
        return KP_OK;
    if (entry64 < HANDOVER_BIAS)
        return kp_fail_at(setup->call, &setup->params->boot, NULL,
                          "boot: symbol 'efi64_stub_entry': 0x%llx: below 0x%x", ULL(entry64),
                          HANDOVER_BIAS);
    *offset = (uint32_t)(entry64 - HANDOVER_BIAS);
    if ((setup->xloadflags & XLF_EFI_HANDOVER_32) == 0 || entry32 == *offset)
        return KP_OK;
    return kp_fail_at(setup->call, &setup->params->boot, NULL,
                      "boot: symbols 'efi32_stub_entry' 0x%llx and 'efi64_stub_entry' 0x%llx: "
                      "must be 0x%x apart",
                      ULL(entry32), ULL(entry64), HANDOVER_BIAS);
}

int32_t fields_fill(struct setup *setup, const struct facts *facts)
{
    const struct bzimage_params *const params = setup->params;
    const uint64_t size = init_size(setup, facts);
    uint8_t *const bytes = setup->bytes;
    uint32_t offset;

    if (size > UINT32_MAX)
        return kp_fail_at(setup->call, &params->boot, NULL,
                          "init_size: 0x%llx bytes: does not fit into 32 bits", ULL(size));
    if (handover(setup, facts, &offset) != KP_OK)
        return KP_FAILED;
    bytes[AT_SETUP_SECTS] = (uint8_t)(setup->padded / SECTOR - 1);
    kp_put_le32(bytes + AT_SYSSIZE, (uint32_t)system_size(setup, facts));
    kp_put_le16(bytes + AT_ROOT_DEV, (uint16_t)params->root_dev);
    if (params->has_vid_mode)
        kp_put_le16(bytes + AT_VID_MODE, (uint16_t)params->vid_mode);
    if (params->has_root_flags)
        kp_put_le16(bytes + AT_ROOT_FLAGS, (uint16_t)params->root_flags);
    kp_put_le32(bytes + AT_PAYLOAD_OFFSET, (uint32_t)facts->boot[INPUT_DATA]);
    kp_put_le32(bytes + AT_PAYLOAD_LENGTH, (uint32_t)facts->boot[Z_INPUT_LEN]);
    kp_put_le64(bytes + AT_PREF_ADDRESS, facts->load);
    kp_put_le32(bytes + AT_INIT_SIZE, (uint32_t)size);
    kp_put_le32(bytes + AT_HANDOVER_OFFSET, offset);
    kp_put_le32(bytes + AT_KERNEL_INFO_OFFSET, (uint32_t)facts->boot[KERNEL_INFO]);
    return KP_OK;
}
