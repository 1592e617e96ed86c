/* SPDX-License-Identifier: BSD-3-Clause
 *
 * uimage/tables.c - the names and numbers of U-Boot's include/image.h.
 *
 * The tables of choices are what may be written; the functions also know numbers
 * that are only read. Left out of the choices: `tee`, whose addresses mkimage takes
 * from the payload's own header, and firmware_ivt, which is another layout.
 */
#include "uimage.h"

const struct kp_choice *const uimage_types[] = {
    KP_ONE_OF(UIMAGE_KERNEL, "kernel", "a kernel, copied or unpacked to its load address"),
    KP_ONE_OF(UIMAGE_KERNEL_NOLOAD, "kernel_noload", "a kernel that runs where it lies"),
    KP_ONE_OF(UIMAGE_STANDALONE, "standalone", "a program that returns to U-Boot"),
    KP_ONE_OF(UIMAGE_RAMDISK, "ramdisk", "an initial RAM disk"),
    KP_ONE_OF(UIMAGE_MULTI, "multi", "several images, the first usually a kernel"),
    KP_ONE_OF(UIMAGE_FIRMWARE, "firmware", "firmware, usually for flash memory"),
    KP_ONE_OF(UIMAGE_SCRIPT, "script", "commands for U-Boot's shell"),
    KP_ONE_OF(7, "filesystem", "a file system"),
    KP_ONE_OF(8, "flat_dt", "a device tree; mkimage reads but no longer writes these"),
    NULL,
};

const struct kp_choice *const uimage_systems[] = {UBOOT_SYSTEMS, NULL};

const char *uimage_os_name(uint32_t number)
{
    if (number == 26)
        return "tee";
    return uboot_choice_name(uimage_systems, number);
}
