/* SPDX-License-Identifier: BSD-3-Clause
 *
 * arch/powerpc.c - the facts about 32-bit and 64-bit PowerPC.
 *
 * Data only. A PowerPC vmlinux is linked with LOAD_OFFSET = KERNEL_START -
 * PHYSICAL_START (arch/powerpc/include/asm/page.h), so that its p_paddr is physical;
 * the kernel's own arch/powerpc/boot/wrapper reads a uImage's load address from there.
 */
#include <kpipe/kpipe.h>

/* arch/powerpc/Kconfig: 16 and 256 KiB are for 32-bit cores (44x, 8xx), 64 KiB for 44x
 * and for 64-bit Book3S. */
static const uint32_t powerpc_page_sizes[] = {4096, 16384, 65536, 262144, 0};
static const uint32_t ppc64_page_sizes[] = {4096, 65536, 0};

static const char *const powerpc_aliases[] = {"ppc", "ppc32", "powerpcspe", NULL};
static const char *const powerpc_debian[] = {"powerpc", "powerpcspe", NULL};
static const struct kp_arch powerpc = {
    .size = sizeof(struct kp_arch),
    .flags = KP_ARCH_BIG_ENDIAN | KP_ARCH_PADDR_PHYSICAL,
    .elf_machine = 20, /* EM_PPC */
    .name = "powerpc",
    .aliases = powerpc_aliases,
    .summary = "32-bit PowerPC",
    .kbuild = "powerpc",
    .debian = powerpc_debian,
    .uboot = "powerpc",
    .uboot_number = 7, /* IH_ARCH_PPC, of both widths */
    .bcj = "powerpc",
    .page_sizes = powerpc_page_sizes,
};

static const char *const ppc64_aliases[] = {"ppc64el", "ppc64le", "powerpc64", "powerpc64le", NULL};
static const char *const ppc64_debian[] = {"ppc64", "ppc64el", NULL};
static const struct kp_arch ppc64 = {
    .size = sizeof(struct kp_arch),
    .flags = KP_ARCH_64BIT | KP_ARCH_BIG_ENDIAN | KP_ARCH_LITTLE_ENDIAN | KP_ARCH_PADDR_PHYSICAL,
    .elf_machine = 21, /* EM_PPC64 */
    .name = "ppc64",
    .aliases = ppc64_aliases,
    .summary = "64-bit PowerPC",
    .kbuild = "powerpc",
    .debian = ppc64_debian,
    .uboot = "powerpc",
    .uboot_number = 7, /* IH_ARCH_PPC */
    .bcj = "powerpc",  /* it knows big endian only; newer kernels leave it out of little endian */
    .page_sizes = ppc64_page_sizes,
};

static const struct kp_arch *const archs[] = {&powerpc, &ppc64, NULL};

KP_PLUGIN("org.kpipe.powerpc", "powerpc", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "32-bit and 64-bit PowerPC",
          KP_OFFERS_ARCH("powerpc ppc ppc32 powerpcspe")
              KP_OFFERS_ARCH("ppc64 ppc64el ppc64le powerpc64 powerpc64le"),
          .archs = archs)
