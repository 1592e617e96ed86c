/* SPDX-License-Identifier: BSD-3-Clause
 *
 * arch/arm.c - the facts about 32-bit ARM.
 *
 * Data only. An ARM vmlinux's p_paddr is a virtual address; where the kernel
 * lies in memory (zreladdr) is the board's fact.
 */
#include <kpipe/kpipe.h>

static const char *const aliases[] = {"armhf", "armel", "armv7", "armv7l", "arm32", NULL};
static const char *const debian[] = {"armhf", "armel", NULL};
static const uint32_t page_sizes[] = {4096, 0};

static const struct kp_arch arm = {
    .size = sizeof(struct kp_arch),
    .flags = KP_ARCH_LITTLE_ENDIAN | KP_ARCH_BIG_ENDIAN,
    .elf_machine = 40, /* EM_ARM */
    .name = "arm",
    .aliases = aliases,
    .summary = "32-bit ARM",
    .kbuild = "arm",
    .debian = debian,
    .uboot = "arm",
    .uboot_number = 2,    /* IH_ARCH_ARM */
    .efi_machine = 0x1c2, /* Linux marks its stub as Thumb, whatever it is compiled to */
    .bcj = "arm",
    .page_sizes = page_sizes,
};

static const struct kp_arch *const archs[] = {&arm, NULL};

KP_PLUGIN("org.kpipe.arm", "arm", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "32-bit ARM", KP_OFFERS_ARCH("arm armhf armel armv7 armv7l arm32"),
          .archs = archs)
