/* SPDX-License-Identifier: BSD-3-Clause
 *
 * arch/sparc.c - the facts about 32-bit and 64-bit SPARC.
 *
 * Data only. p_paddr of a SPARC vmlinux is its p_vaddr (arch/sparc/kernel/vmlinux.lds.S):
 * the firmware maps memory there before it starts the kernel.
 */
#include <kpipe/kpipe.h>

/* arch/sparc/include/asm/page_32.h and page_64.h: no choice of a build. */
static const uint32_t sparc_page_sizes[] = {4096, 0};
static const uint32_t sparc64_page_sizes[] = {8192, 0};

static const char *const sparc_aliases[] = {"sparc32", NULL};
static const char *const sparc_debian[] = {"sparc", NULL};
static const struct kp_arch sparc = {
    .size = sizeof(struct kp_arch),
    .flags = KP_ARCH_BIG_ENDIAN,
    .elf_machine = 2, /* EM_SPARC */
    .name = "sparc",
    .aliases = sparc_aliases,
    .summary = "32-bit SPARC",
    .kbuild = "sparc",
    .debian = sparc_debian,
    .uboot = "sparc",
    .uboot_number = 10, /* IH_ARCH_SPARC */
    .bcj = "sparc",
    .page_sizes = sparc_page_sizes,
};

static const char *const sparc64_debian[] = {"sparc64", NULL};
static const struct kp_arch sparc64 = {
    .size = sizeof(struct kp_arch),
    .flags = KP_ARCH_64BIT | KP_ARCH_BIG_ENDIAN,
    .elf_machine = 43, /* EM_SPARCV9 */
    .name = "sparc64",
    .summary = "64-bit SPARC",
    .kbuild = "sparc",
    .debian = sparc64_debian,
    .uboot = "sparc64",
    .uboot_number = 11, /* IH_ARCH_SPARC64 */
    .bcj = "sparc",
    .page_sizes = sparc64_page_sizes,
};

static const struct kp_arch *const archs[] = {&sparc, &sparc64, NULL};

KP_PLUGIN("org.kpipe.sparc", "sparc", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "32-bit and 64-bit SPARC",
          KP_OFFERS_ARCH("sparc sparc32") KP_OFFERS_ARCH("sparc64"), .archs = archs)
