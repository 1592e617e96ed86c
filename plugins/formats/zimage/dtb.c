/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/zimage/dtb.c - a device tree behind a zImage (Linux 6.1, CONFIG_ARM_APPENDED_DTB in
 * arch/arm/Kconfig and arch/arm/boot/compressed/head.S). What the tree says is not read.
 */
#include "zimage.h"

#define DTB_MAGIC 0xd00dfeedu
/* head.S keeps free "a rough" mebibyte behind itself for the device tree. */
#define DTB_ROOM (1u << 20)

int32_t zimage_dtb_size(struct kp_call *call, const struct kp_image *image, uint64_t offset,
                        uint64_t *size)
{
    uint8_t head[8];

    *size = 0;
    if (!kp_inside(kp_size(call, image), offset, DTB_HEADER_SIZE))
        return KP_OK;
    if (call->host->image_read(call, image, offset, head, sizeof(head)) != KP_OK)
        return KP_FAILED;
    if (kp_be32(head) == DTB_MAGIC)
        *size = kp_be32(head + 4);
    return KP_OK;
}

static int32_t check_tree(struct kp_call *call, const struct zimage_params *p)
{
    const uint64_t size = kp_size(call, p->dtb);
    uint64_t stated;

    if (zimage_dtb_size(call, p->dtb, 0, &stated) != KP_OK)
        return KP_FAILED;
    if (stated == 0)
        return kp_fail_at(call, &p->dtb, "compile device tree source with dtc first",
                          "dtb: %llu bytes: not a flattened device tree", (unsigned long long)size);
    if (stated < DTB_HEADER_SIZE || stated > size)
        return kp_fail_at(call, &p->dtb, NULL, "dtb: totalsize %llu: the image has %llu bytes",
                          (unsigned long long)stated, (unsigned long long)size);
    if (stated > DTB_ROOM)
        kp_message(call, KP_WARNING,
                   "the device tree has %llu bytes, the boot code leaves room for %u: without "
                   "padding (dtc -I dtb -O dtb) it may fit",
                   (unsigned long long)stated, DTB_ROOM);
    return KP_OK;
}

/* The boot code looks for the device tree exactly at _edata. It reads there by words, and
 * its libfdt wants 8 bytes of alignment; a kernel that can do it pads its zImage to that. */
static int32_t check_place(struct kp_call *call, const struct zimage *z)
{
    uint64_t appended;

    if (zimage_dtb_size(call, z->image, z->size, &appended) != KP_OK)
        return KP_FAILED;
    if (appended != 0)
        return kp_fail_at(call, NULL, "give the zImage without its device tree",
                          "zImage: a device tree of %llu bytes is appended already",
                          (unsigned long long)appended);
    if (z->file_size != z->size)
        return kp_fail_at(call, NULL, "the device tree must follow the zImage's end: cut them off",
                          "zImage: %llu bytes: %llu more than its header says",
                          (unsigned long long)z->file_size,
                          (unsigned long long)(z->file_size - z->size));
    if (z->size % 8 != 0)
        return kp_fail_at(call, NULL, "this kernel was not built to find a device tree there",
                          "zImage: %llu bytes: a device tree behind it would not be aligned to 8",
                          (unsigned long long)z->size);
    return KP_OK;
}

int32_t zimage_check_dtb(struct kp_call *call, const struct zimage_params *p,
                         const struct zimage *z)
{
    return check_place(call, z) == KP_OK && check_tree(call, p) == KP_OK ? KP_OK : KP_FAILED;
}
