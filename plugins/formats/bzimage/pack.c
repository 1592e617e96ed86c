/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/bzimage/pack.c - joins the setup code, with its header filled in, and the boot binary,
 * byte for byte as Kbuild does (Linux 5.10, 6.1, 6.12, arch/x86/boot/tools/build.c; Linux 7.2,
 * arch/x86/boot/Makefile). The boot binary is not copied.
 */
#include "bzimage.h"

/* What is written behind the setup code. */
struct system {
    uint64_t kernel;  /* bytes of the boot binary */
    uint64_t padding; /* zeros behind them */
    bool crc;         /* and a CRC behind those */
};

static struct system plan(const struct setup *setup, const struct facts *facts)
{
    const uint64_t rounded = kp_le32(setup->bytes + AT_SYSSIZE) * UINT64_C(16);

    switch (setup->layout) {
    case LAYOUT_5_10:
        return (struct system){facts->binary, rounded - CRC_SIZE - facts->binary, true};
    case LAYOUT_6_1: /* the linker left room for it */
        return (struct system){facts->binary - CRC_SIZE, 0, true};
    default:
        return (struct system){facts->binary, 0, false};
    }
}

/* What older kernels' own tool told. */
static void tell(const struct setup *setup)
{
    static const char *const layouts[] = {"?", "kernel-5.10", "kernel-6.1", "kernel-6.15"};
    const unsigned root = kp_le16(setup->bytes + AT_ROOT_DEV);

    kp_message(setup->call, KP_NOTE, "layout %s, Linux %s", layouts[setup->layout],
               setup->release.text[0] != '\0' ? setup->release.text : "of unknown release");
    kp_message(setup->call, KP_NOTE, "root device (%u, %u)", root >> 8, root & 0xff);
    kp_message(setup->call, KP_NOTE, "setup %llu bytes, padded to %llu", ULL(setup->size),
               ULL(setup->padded));
    kp_message(setup->call, KP_NOTE, "system %llu kB",
               ULL((kp_size(setup->call, setup->call->input) + 1023) / 1024));
}

static int32_t write_crc(const struct setup *setup, const struct system *system)
{
    struct kp_call *const call = setup->call;
    uint32_t crc = CRC_BEGIN;
    uint8_t bytes[CRC_SIZE];

    crc_bytes(setup->bytes, setup->padded, &crc);
    if (!crc_image(call, call->input, 0, system->kernel, &crc))
        return KP_FAILED;
    crc_zeros(system->padding, &crc);
    kp_message(call, KP_NOTE, "crc 0x%08x", (unsigned)crc);
    kp_put_le32(bytes, crc);
    return kp_append(call, bytes, sizeof(bytes));
}

/* A loader puts the two parts to different places: no address is that of the whole. */
static int32_t set_traits(const struct setup *setup)
{
    struct kp_call *const call = setup->call;
    const struct kp_host *const host = call->host;

    if (host->set_text(call, call->output, KP_TRAIT_ARCH, setup->wide ? "x86_64" : "i386") !=
            KP_OK ||
        host->clear_trait(call, call->output, KP_TRAIT_LOAD) != KP_OK ||
        host->clear_trait(call, call->output, KP_TRAIT_ENTRY) != KP_OK ||
        host->clear_trait(call, call->output, KP_TRAIT_BSS) != KP_OK)
        return KP_FAILED;
    if (setup->release.text[0] == '\0')
        return KP_OK;
    return host->set_text(call, call->output, KP_TRAIT_VERSION, setup->release.text);
}

int32_t bzimage_pack(struct kp_call *call)
{
    struct setup setup;
    struct system system;
    struct facts facts;

    if (setup_open(&setup, call) != KP_OK || facts_read(&facts, &setup) != KP_OK ||
        fields_fill(&setup, &facts) != KP_OK || efi_fill(&setup, &facts) != KP_OK)
        return KP_FAILED;
    system = plan(&setup, &facts);
    tell(&setup);
    if (kp_append(call, setup.bytes, setup.padded) != KP_OK ||
        call->host->output_image(call, call->output, call->input, 0, system.kernel) != KP_OK ||
        (system.padding > 0 && kp_append_fill(call, 0, system.padding) != KP_OK) ||
        (system.crc && write_crc(&setup, &system) != KP_OK))
        return KP_FAILED;
    return set_traits(&setup);
}
