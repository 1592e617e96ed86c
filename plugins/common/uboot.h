/* SPDX-License-Identifier: BSD-3-Clause
 *
 * common/uboot.h - what U-Boot's two image formats, uImage and FIT, have in common: its names of
 * architectures, and what its decompressors can read.
 */
#ifndef COMMON_UBOOT_H
#define COMMON_UBOOT_H

#include <kpipe/kpipe.h>

/* IH_COMP_* that the code speaks of. */
#define UBOOT_COMP_NONE 0u
#define UBOOT_COMP_LZMA 3u
/* No IH_COMP_*: compressed, but in no way that a header could tell. */
#define UBOOT_COMP_UNNAMED 255u

/* What a hint says where U-Boot cannot unpack a payload. */
#define UBOOT_UNPACKS "U-Boot unpacks gzip, bzip2, lzma, lzo, lz4 (frame format) and zstd"

/* For tables of parameters, with IH_COMP_* as values. */
extern const struct kp_choice *const uboot_compressions[];
/* Rows of such a table with IH_OS_*: those that both formats take. */
#define UBOOT_SYSTEMS                                                                              \
    KP_ONE_OF(5, "linux", "Linux"), KP_ONE_OF(17, "u-boot", "U-Boot itself, and its scripts"),     \
        KP_ONE_OF(28, "efi", "an EFI program"),                                                    \
        KP_ONE_OF(25, "arm-trusted-firmware", "Trusted Firmware-A"),                               \
        KP_ONE_OF(27, "opensbi", "OpenSBI"), KP_ONE_OF(1, "openbsd", "OpenBSD"),                   \
        KP_ONE_OF(2, "netbsd", "NetBSD"), KP_ONE_OF(3, "freebsd", "FreeBSD"),                      \
        KP_ONE_OF(14, "vxworks", "VxWorks"), KP_ONE_OF(16, "qnx", "QNX"),                          \
        KP_ONE_OF(18, "rtems", "RTEMS"), KP_ONE_OF(21, "integrity", "INTEGRITY"),                  \
        KP_ONE_OF(22, "ose", "Enea OSE"), KP_ONE_OF(23, "plan9", "Plan 9"),                        \
        KP_ONE_OF(24, "openrtos", "OpenRTOS")
/* The choice of that name (or NULL), the name of that number; NULL: there is none. */
const struct kp_choice *uboot_choice(const struct kp_choice *const *choices, const char *name);
const char *uboot_choice_name(const struct kp_choice *const *choices, uint32_t number);

/* A way of compression as found in a payload. */
struct uboot_codec {
    const char *name; /* for messages, and, with a number of its own, U-Boot's; NULL: not
                         compressed */
    uint32_t number;  /* IH_COMP_*, or UBOOT_COMP_UNNAMED */
};

/* uboot_codec.c: what a payload is compressed with. */
int32_t uboot_find_codec(struct kp_call *call, const struct kp_image *image,
                         struct uboot_codec *codec);
/* Whether bytes that uboot_find_codec did not take for lzma are lzma after all. */
int32_t uboot_maybe_lzma(struct kp_call *call, const struct kp_image *image, int *maybe);

/* uboot_arch.c: U-Boot's name of IH_ARCH_*; NULL: there is none. */
const char *uboot_arch_name(uint32_t number);
/* As FIT has it: i386 is x86 there. */
const char *uboot_fit_arch_name(uint32_t number);
/* An architecture's number; 0 after reporting. `field` is the parameter that named it. */
uint32_t uboot_arch_number(struct kp_call *call, const struct kp_text *field);

#endif
