/* SPDX-License-Identifier: BSD-3-Clause
 *
 * arch/mips.c - the facts about 32-bit and 64-bit MIPS, both byte orders.
 *
 * Data only. A MIPS vmlinux's p_paddr is its p_vaddr, an address in the unmapped windows
 * KSEG0 or CKSEG0 (arch/mips/kernel/vmlinux.lds.S gives no other). Boot loaders for MIPS
 * take such addresses as they are, but no physical one can be read from the file.
 */
#include <kpipe/kpipe.h>

/* arch/mips/Kconfig: 8 and 32 KiB are for Octeon only, which is a 64-bit core. */
static const uint32_t mips_page_sizes[] = {4096, 16384, 65536, 0};
static const uint32_t mips64_page_sizes[] = {4096, 8192, 16384, 32768, 65536, 0};

static const char *const mips_aliases[] = {"mipsel", "mipsr6", "mipsr6el", "mips32", NULL};
static const char *const mips_debian[] = {"mips", "mipsel", "mipsr6", "mipsr6el", NULL};
static const struct kp_arch mips = {
    .size = sizeof(struct kp_arch),
    .flags = KP_ARCH_BIG_ENDIAN | KP_ARCH_LITTLE_ENDIAN,
    .elf_machine = 8, /* EM_MIPS, of both widths and byte orders */
    .name = "mips",
    .aliases = mips_aliases,
    .summary = "32-bit MIPS",
    .kbuild = "mips",
    .debian = mips_debian,
    .uboot = "mips",
    .uboot_number = 5, /* IH_ARCH_MIPS */
    .page_sizes = mips_page_sizes,
};

static const char *const mips64_aliases[] = {"mips64el", "mips64r6", "mips64r6el", NULL};
static const char *const mips64_debian[] = {"mips64", "mips64el", "mips64r6", "mips64r6el", NULL};
static const struct kp_arch mips64 = {
    .size = sizeof(struct kp_arch),
    .flags = KP_ARCH_64BIT | KP_ARCH_BIG_ENDIAN | KP_ARCH_LITTLE_ENDIAN,
    .elf_machine = 8, /* EM_MIPS */
    .name = "mips64",
    .aliases = mips64_aliases,
    .summary = "64-bit MIPS",
    .kbuild = "mips",
    .debian = mips64_debian,
    .uboot = "mips64",
    .uboot_number = 6, /* IH_ARCH_MIPS64 */
    .page_sizes = mips64_page_sizes,
};

static const struct kp_arch *const archs[] = {&mips, &mips64, NULL};

KP_PLUGIN("org.kpipe.mips", "mips", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "32-bit and 64-bit MIPS",
          KP_OFFERS_ARCH("mips mipsel mipsr6 mipsr6el mips32")
              KP_OFFERS_ARCH("mips64 mips64el mips64r6 mips64r6el"),
          .archs = archs)
