/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/zimage/zimage.h - what the zimage plugin's files share: the header of ARM's
 * self-extracting kernel, and the stage's parameters.
 *
 * Facts from Linux 6.1: arch/arm/boot/compressed/head.S (the words from 0x24, and how
 * an appended device tree is found) and vmlinux.lds.S (the table, the padding).
 *   0x24 magic   0x28 start   0x2c end (_edata: file size + start)
 *   0x30 0x04030201 in the kernel's byte order      (absent in old kernels)
 *   0x34 0x45454545, then 0x38 is the table's offset (since 4.15)
 *   0x3c offset of the PE header, if 0x00 is "MZ"    (with CONFIG_EFI_STUB)
 * The magic, start, end, offset and table are little endian except in kernels for BE-32,
 * where they are big endian. BE-8 kernels have them swapped, so they read as little.
 *   table: its first tag's number of words, 0x5a534c4b, then piggy_size_addr (the offset of the
 *   size of the contents, behind the compressed kernel), kernel_bss_size, text_offset, malloc_size
 */
#ifndef KPIPE_ZIMAGE_H
#define KPIPE_ZIMAGE_H

#include <kpipe/kpipe.h>

#define HEADER_SIZE 0x40u
#define AT_MAGIC 0x24u
#define AT_START 0x28u
#define AT_END 0x2cu
#define AT_ORDER 0x30u
#define AT_TABLE_MAGIC 0x34u
#define AT_TABLE 0x38u
#define AT_PE 0x3cu
#define MAGIC 0x016f2818u
#define ORDER 0x04030201u
#define ORDER_SWAPPED 0x01020304u
#define TABLE_MAGIC 0x45454545u
#define TABLE_TAG 0x5a534c4bu
#define DTB_HEADER_SIZE 40u /* of a device tree of version 17 (Devicetree spec. 5.2) */

struct zimage {
    const struct kp_image *image;
    uint64_t file_size;
    uint64_t size; /* end - start */
    uint32_t start, end;
    uint32_t order_word; /* at 0x30, read in the header's order */
    int big_header;      /* the header's numbers are big endian */
    int big_kernel;      /* the kernel runs big endian */
    int has_order;       /* 0x30 holds the endianness word */
    uint64_t table;      /* offset of the table; 0: none */
};

struct zimage_params {
    const struct kp_image *dtb;
    const struct kp_image *boot;
    const struct kp_image *kernel;
};

/* Reads and checks the header of the main input, and sets the architecture. */
int32_t zimage_read(struct kp_call *call, struct zimage *z);
int32_t zimage_word(struct kp_call *call, const struct zimage *z, uint64_t offset, uint32_t *value);
int32_t zimage_set_arch(struct kp_call *call);

/* Appends the main input with the header filled in from p->boot; *z becomes what that says. */
int32_t zimage_fill(struct kp_call *call, const struct zimage_params *p, struct zimage *z);

/* The size that a device tree at `offset` of an image states, 0 if there is none. */
int32_t zimage_dtb_size(struct kp_call *call, const struct kp_image *image, uint64_t offset,
                        uint64_t *size);
/* Whether p->dtb may be appended to the zImage. */
int32_t zimage_check_dtb(struct kp_call *call, const struct zimage_params *p,
                         const struct zimage *z);

int32_t zimage_inspect(struct kp_call *call);

#endif
