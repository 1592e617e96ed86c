/* SPDX-License-Identifier: BSD-3-Clause
 *
 * arch/arm64.c - the facts about 64-bit ARM.
 *
 * Data only. An arm64 kernel may lie anywhere in memory (arm64/booting.rst), so
 * its ELF file tells no physical address.
 */
#include <kpipe/kpipe.h>

static const char *const aliases[] = {"aarch64", NULL};
static const char *const debian[] = {"arm64", NULL};
static const uint32_t page_sizes[] = {4096, 16384, 65536, 0};

static const struct kp_arch arm64 = {
    .size = sizeof(struct kp_arch),
    .flags = KP_ARCH_64BIT | KP_ARCH_LITTLE_ENDIAN | KP_ARCH_BIG_ENDIAN,
    .elf_machine = 183, /* EM_AARCH64 */
    .name = "arm64",
    .aliases = aliases,
    .summary = "64-bit ARM (AArch64)",
    .kbuild = "arm64",
    .debian = debian,
    .uboot = "arm64",
    .uboot_number = 22, /* IH_ARCH_ARM64 */
    .efi_machine = 0xaa64,
    .bcj = "arm64",
    .page_sizes = page_sizes,
};

static const struct kp_arch *const archs[] = {&arm64, NULL};

KP_PLUGIN("org.kpipe.arm64", "arm64", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "64-bit ARM", KP_OFFERS_ARCH("arm64 aarch64"), .archs = archs)
