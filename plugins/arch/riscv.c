/* SPDX-License-Identifier: BSD-3-Clause
 *
 * arch/riscv.c - the facts about 64-bit and 32-bit RISC-V.
 *
 * Data only. Both have one e_machine and one number in U-Boot; the ELF class, or
 * the machine of an EFI header, tells them apart.
 */
#include <kpipe/kpipe.h>

static const uint32_t page_sizes[] = {4096, 0};

static const char *const riscv64_aliases[] = {"riscv", "rv64", NULL};
static const char *const riscv64_debian[] = {"riscv64", NULL};
static const struct kp_arch riscv64 = {
    .size = sizeof(struct kp_arch),
    .flags = KP_ARCH_64BIT | KP_ARCH_LITTLE_ENDIAN,
    .elf_machine = 243, /* EM_RISCV */
    .name = "riscv64",
    .aliases = riscv64_aliases,
    .summary = "64-bit RISC-V",
    .kbuild = "riscv",
    .debian = riscv64_debian,
    .uboot = "riscv",
    .uboot_number = 26, /* IH_ARCH_RISCV */
    .efi_machine = 0x5064,
    .bcj = "riscv",
    .page_sizes = page_sizes,
};

static const char *const riscv32_aliases[] = {"rv32", NULL};
static const struct kp_arch riscv32 = {
    .size = sizeof(struct kp_arch),
    .flags = KP_ARCH_LITTLE_ENDIAN,
    .elf_machine = 243, /* EM_RISCV */
    .name = "riscv32",
    .aliases = riscv32_aliases,
    .summary = "32-bit RISC-V",
    .kbuild = "riscv",
    .uboot = "riscv",
    .uboot_number = 26, /* IH_ARCH_RISCV */
    .efi_machine = 0x5032,
    .bcj = "riscv",
    .page_sizes = page_sizes,
};

static const struct kp_arch *const archs[] = {&riscv64, &riscv32, NULL};

KP_PLUGIN("org.kpipe.riscv", "riscv", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "64-bit and 32-bit RISC-V",
          KP_OFFERS_ARCH("riscv64 riscv rv64") KP_OFFERS_ARCH("riscv32 rv32"), .archs = archs)
