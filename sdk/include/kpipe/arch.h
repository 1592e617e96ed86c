/* SPDX-License-Identifier: MIT
 *
 * kpipe/arch.h - an architecture as a table of facts.
 *
 * An architecture plugin is data: what the processor family is called by those
 * who build, package and boot kernels for it, and the rules of its addresses.
 * Stages ask the host for these facts (kp_host.arch) and so need no table of
 * their own; a new architecture works with every format at once.
 */
#ifndef KPIPE_ARCH_H
#define KPIPE_ARCH_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define KP_ARCH_64BIT 1u         /* ELF class 2 */
#define KP_ARCH_BIG_ENDIAN 2u    /* exists in big endian */
#define KP_ARCH_LITTLE_ENDIAN 4u /* exists in little endian */
/* An ELF vmlinux's p_paddr is the address that the loader must use. True for
 * x86 and powerpc; false for the others, as arm, arm64 and riscv, whose kernels
 * link virtual addresses there and learn the physical ones from the board. */
#define KP_ARCH_PADDR_PHYSICAL 8u

struct kp_arch {
    uint64_t size;              /* sizeof(struct kp_arch) */
    uint32_t flags;             /* KP_ARCH_* */
    uint32_t elf_machine;       /* e_machine (ELF specification; EM_* of <elf.h>) */
    const char *name;           /* the trait's value: "arm64"; [a-z][a-z0-9_]* */
    const char *const *aliases; /* other names that recipes may use: "aarch64" */
    const char *summary;        /* "64-bit ARM (AArch64)" */
    const char *kbuild;         /* ARCH= of the kernel's build and its folder in arch/ */
    const char *const *debian;  /* Debian's names: "arm64"; NULL: none */
    const char *uboot;          /* name after mkimage -A and in a FIT's arch property; NULL: none */
    uint32_t uboot_number;      /* IH_ARCH_* of U-Boot's include/image.h; 0: none */
    uint32_t efi_machine;       /* Machine of the PE/COFF header (UEFI spec. 2.1.1); 0: none */
    const char *bcj;            /* xz's branch filter, "x86" or "arm"; NULL: none */
    const uint32_t *page_sizes; /* page sizes that kernels use, in bytes; ends with 0 */
    const void *boot_stub;      /* place of the boot stub's head; NULL at level 0 */
};

#ifdef __cplusplus
}
#endif

#endif
