/* SPDX-License-Identifier: BSD-3-Clause
 *
 * common/uboot_arch.c - U-Boot's names and numbers of architectures (include/image.h).
 */
#include <string.h>

#include "uboot.h"

/* IH_ARCH_*, by number, as mkimage -A calls them; but for 3, which it calls "x86".
 * Where kpipe knows the architecture it knows it by this name or alias. */
static const char *const arch_names[] = {
    NULL,    "alpha",   "arm",     "i386", "ia64",  "mips",       "mips64", "powerpc",  "s390",
    "sh",    "sparc",   "sparc64", "m68k", "nios",  "microblaze", "nios2",  "blackfin", "avr32",
    "st200", "sandbox", "nds32",   "or1k", "arm64", "arc",        "x86_64", "xtensa",   "riscv",
};

const char *uboot_arch_name(uint32_t number)
{
    if (number >= sizeof(arch_names) / sizeof(arch_names[0]))
        return NULL;
    return arch_names[number];
}

const char *uboot_fit_arch_name(uint32_t number)
{
    return number == 3 ? "x86" : uboot_arch_name(number);
}

uint32_t uboot_arch_number(struct kp_call *call, const struct kp_text *field)
{
    const struct kp_arch *arch;

    if (strcmp(field->bytes, "x86") == 0) {
        kp_fail_at(call, field, "say i386 (mkimage's x86) or x86_64",
                   "arch: x86: mkimage means 32 bits by it, others 64");
        return 0;
    }
    arch = call->host->arch(call, field->bytes);
    if (arch == NULL)
        kp_fail_at(call, field, "`kpipe plugins` lists the architectures",
                   "arch: %s: no plugin knows this architecture", field->bytes);
    else if (arch->uboot_number == 0 || arch->uboot_number > UINT8_MAX)
        kp_fail_at(call, field, NULL, "arch: %s: U-Boot has no number for it", arch->name);
    else
        return arch->uboot_number;
    return 0;
}
