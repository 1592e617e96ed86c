/* SPDX-License-Identifier: BSD-3-Clause
 *
 * arch/x86.c - the facts about 32-bit and 64-bit x86.
 *
 * Data only. "x86" alone names x86_64 here: Kbuild calls both by that word, but
 * what is built under it today is the 64-bit kernel. U-Boot's mkimage means the
 * 32-bit one by it; the uimage plugin refuses the word for that reason.
 */
#include <kpipe/kpipe.h>

/* Both map kernels with 4 KiB pages; the large pages are no choice of a build. */
static const uint32_t page_sizes[] = {4096, 0};

static const char *const i386_aliases[] = {"i486", "i586", "i686", "x86_32", NULL};
static const char *const i386_debian[] = {"i386", NULL};
static const struct kp_arch i386 = {
    .size = sizeof(struct kp_arch),
    .flags = KP_ARCH_LITTLE_ENDIAN | KP_ARCH_PADDR_PHYSICAL,
    .elf_machine = 3, /* EM_386 */
    .name = "i386",
    .aliases = i386_aliases,
    .summary = "32-bit x86",
    .kbuild = "x86",
    .debian = i386_debian,
    .uboot = "x86",
    .uboot_number = 3, /* IH_ARCH_I386 */
    .efi_machine = 0x14c,
    .bcj = "x86",
    .page_sizes = page_sizes,
};

static const char *const x86_64_aliases[] = {"x86-64", "amd64", "x64", "x86", NULL};
static const char *const x86_64_debian[] = {"amd64", NULL};
static const struct kp_arch x86_64 = {
    .size = sizeof(struct kp_arch),
    .flags = KP_ARCH_64BIT | KP_ARCH_LITTLE_ENDIAN | KP_ARCH_PADDR_PHYSICAL,
    .elf_machine = 62, /* EM_X86_64 */
    .name = "x86_64",
    .aliases = x86_64_aliases,
    .summary = "64-bit x86",
    .kbuild = "x86",
    .debian = x86_64_debian,
    .uboot = "x86_64",
    .uboot_number = 24, /* IH_ARCH_X86_64 */
    .efi_machine = 0x8664,
    .bcj = "x86",
    .page_sizes = page_sizes,
};

static const struct kp_arch *const archs[] = {&i386, &x86_64, NULL};

KP_PLUGIN("org.kpipe.x86", "x86", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "32-bit and 64-bit x86",
          KP_OFFERS_ARCH("i386 i486 i586 i686 x86_32")
              KP_OFFERS_ARCH("x86_64 x86-64 amd64 x64 x86"),
          .archs = archs)
