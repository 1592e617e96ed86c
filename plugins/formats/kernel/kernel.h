/* SPDX-License-Identifier: BSD-3-Clause
 *
 * kernel/kernel.h - what the files of the plugin `kernel` share.
 */
#ifndef KPIPE_KERNEL_H
#define KPIPE_KERNEL_H

#include <kpipe/kpipe.h>

/* symbols.c: tells the kernel's own symbols with their sizes, as details; none of an ELF file that
 * has symbols besides, which the plugin of these tells. */
int32_t kernel_tell_symbols(struct kp_call *call, const uint8_t *bytes, uint64_t size);

#endif
