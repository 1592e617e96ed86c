/* SPDX-License-Identifier: BSD-3-Clause
 *
 * arch/loongarch.c - the facts about 64-bit and 32-bit LoongArch.
 *
 * Data only. p_paddr of a LoongArch vmlinux is its p_vaddr, an address in a direct mapped
 * window (arch/loongarch/kernel/vmlinux.lds.S), not a physical one. It boots as an EFI
 * program; U-Boot's images have no number for it.
 */
#include <kpipe/kpipe.h>

/* The page table layouts of arch/loongarch/Kconfig. */
static const uint32_t page_sizes[] = {4096, 16384, 65536, 0};

static const char *const loongarch64_aliases[] = {"loongarch", "loong64", NULL};
static const char *const loongarch64_debian[] = {"loong64", NULL};
static const struct kp_arch loongarch64 = {
    .size = sizeof(struct kp_arch),
    .flags = KP_ARCH_64BIT | KP_ARCH_LITTLE_ENDIAN,
    .elf_machine = 258, /* EM_LOONGARCH, of both widths */
    .name = "loongarch64",
    .aliases = loongarch64_aliases,
    .summary = "64-bit LoongArch",
    .kbuild = "loongarch",
    .debian = loongarch64_debian,
    .efi_machine = 0x6264,
    .page_sizes = page_sizes,
};

static const char *const loongarch32_aliases[] = {"loong32", NULL};
static const struct kp_arch loongarch32 = {
    .size = sizeof(struct kp_arch),
    .flags = KP_ARCH_LITTLE_ENDIAN,
    .elf_machine = 258, /* EM_LOONGARCH */
    .name = "loongarch32",
    .aliases = loongarch32_aliases,
    .summary = "32-bit LoongArch",
    .kbuild = "loongarch",
    .efi_machine = 0x6232,
    .page_sizes = page_sizes,
};

static const struct kp_arch *const archs[] = {&loongarch64, &loongarch32, NULL};

KP_PLUGIN("org.kpipe.loongarch", "loongarch", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "64-bit and 32-bit LoongArch",
          KP_OFFERS_ARCH("loongarch64 loongarch loong64") KP_OFFERS_ARCH("loongarch32 loong32"),
          .archs = archs)
