/* SPDX-License-Identifier: BSD-3-Clause
 *
 * kernel/kernel.h - what the files of the plugin `kernel` share.
 */
#ifndef KPIPE_KERNEL_H
#define KPIPE_KERNEL_H

#include <kpipe/kpipe.h>

/* symbols.c: tells whether the kernel has symbols of its own, and how many; and, if the host wants
 * details, each with its size, unless an ELF file has symbols besides, which another plugin tells. */
int32_t kernel_tell_symbols(struct kp_call *call, const uint8_t *bytes, uint64_t size);

#endif
