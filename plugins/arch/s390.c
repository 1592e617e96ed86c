/* SPDX-License-Identifier: BSD-3-Clause
 *
 * arch/s390.c - the facts about IBM Z (s390x).
 *
 * Data only. Linux is 64-bit there since 4.1, so both names mean one. The p_paddr of its
 * vmlinux is its p_vaddr: physical as long as the kernel ran where it was linked (6.1),
 * virtual since it is linked high (6.10), and so not to be relied on.
 */
#include <kpipe/kpipe.h>

static const uint32_t page_sizes[] = {4096, 0};

static const char *const aliases[] = {"s390", NULL};
static const char *const debian[] = {"s390x", NULL};
static const struct kp_arch s390x = {
    .size = sizeof(struct kp_arch),
    .flags = KP_ARCH_64BIT | KP_ARCH_BIG_ENDIAN,
    .elf_machine = 22, /* EM_S390; the ELF class tells s390x from the old s390 */
    .name = "s390x",
    .aliases = aliases,
    .summary = "IBM Z, 64-bit",
    .kbuild = "s390",
    .debian = debian,
    .uboot = "s390",
    .uboot_number = 8, /* IH_ARCH_S390 */
    .page_sizes = page_sizes,
};

static const struct kp_arch *const archs[] = {&s390x, NULL};

KP_PLUGIN("org.kpipe.s390", "s390", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "IBM Z (s390x)", KP_OFFERS_ARCH("s390x s390"), .archs = archs)
