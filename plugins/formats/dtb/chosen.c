/* SPDX-License-Identifier: BSD-3-Clause
 *
 * dtb/chosen.c - what a boot loader tells Linux in /chosen: its command line, and where the
 * initramfs lies.
 *
 * Linux reads both addresses of the initramfs with as many cells as they have
 * (drivers/of/fdt.c, early_init_dt_check_for_initrd), and reserves the memory itself.
 * U-Boot and QEMU write as many as the root's #address-cells (U-Boot: boot/fdt_support.c,
 * fdt_initrd), and so does this.
 */
#include <string.h>

#include "dtb.h"

static int32_t append(struct kp_call *call, void *tree, int chosen, const struct kp_text *text)
{
    int found = 0;
    const char *old = tree_text(tree, chosen, "bootargs", &found);
    const size_t length = old == NULL ? 0 : strlen(old);
    char *joined;
    int code;

    if (found && old == NULL)
        return kp_fail_at(call, text, "give bootargs, which replaces it",
                          "append_bootargs: the tree's bootargs are not one text");
    if (length == 0)
        code = fdt_setprop(tree, chosen, "bootargs", text->bytes, (int)text->length + 1);
    else
        code = fdt_appendprop(tree, chosen, "bootargs", text->bytes, (int)text->length + 1);
    if (code == 0 && length > 0) { /* the old text's NUL becomes the blank between both */
        joined = fdt_getprop_w(tree, chosen, "bootargs", NULL);
        joined[length] = ' ';
    }
    return tree_result(call, text, "append_bootargs", code);
}

static int set_address(void *tree, int chosen, const char *property, uint64_t address, int cells)
{
    return cells == 1 ? fdt_setprop_u32(tree, chosen, property, (uint32_t)address)
                      : fdt_setprop_u64(tree, chosen, property, address);
}

static int32_t set_initrd(struct kp_call *call, void *tree, int chosen, const struct dtb_initrd *i)
{
    const int cells = fdt_address_cells(tree, 0);
    uint64_t end = i->end;
    int code;

    if (i->has_end == (i->image != NULL))
        return kp_fail_at(call, &i->load, "image: NAME takes the end from the image's size",
                          "initrd: give either end or image");
    if (i->image != NULL && !kp_add(i->load, kp_size(call, i->image), &end))
        return kp_fail_at(call, &i->load, NULL, "load: 0x%llx: the image does not end in 64 bits",
                          (unsigned long long)i->load);
    if (end <= i->load)
        return kp_fail_at(call, i->has_end ? &i->end : &i->load, NULL,
                          "initrd: 0x%llx to 0x%llx: empty", (unsigned long long)i->load,
                          (unsigned long long)end);
    if (cells != 1 && cells != 2)
        return kp_fail_at(call, &i->load, NULL,
                          "initrd: #address-cells of the tree's root: neither 1 nor 2");
    if (cells == 1 && end > UINT32_MAX)
        return kp_fail_at(call, i->has_end ? &i->end : &i->load, NULL,
                          "initrd: ends at 0x%llx: this tree's addresses have 32 bits",
                          (unsigned long long)end);
    code = set_address(tree, chosen, "linux,initrd-start", i->load, cells);
    if (code == 0)
        code = set_address(tree, chosen, "linux,initrd-end", end, cells);
    return tree_result(call, &i->load, "initrd", code);
}

int32_t dtb_choose(struct kp_call *call, void *tree, const struct dtb_params *p)
{
    int chosen, code;
    int32_t result = KP_OK;

    if (!p->has_bootargs && !p->has_append_bootargs && !p->has_initrd)
        return KP_OK;
    chosen = fdt_path_offset(tree, "/chosen");
    if (chosen == -FDT_ERR_NOTFOUND)
        chosen = fdt_add_subnode(tree, 0, "chosen");
    if (chosen < 0)
        return tree_result(call, NULL, "/chosen", chosen);
    if (p->has_bootargs) {
        code =
            fdt_setprop(tree, chosen, "bootargs", p->bootargs.bytes, (int)p->bootargs.length + 1);
        result = tree_result(call, &p->bootargs, "bootargs", code);
    }
    if (result == KP_OK && p->has_append_bootargs)
        result = append(call, tree, chosen, &p->append_bootargs);
    if (result == KP_OK && p->has_initrd)
        result = set_initrd(call, tree, chosen, &p->initrd);
    return result;
}
