/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/zimage/plugin.c - ARM's self-extracting kernel: fills in or checks its header, appends
 * a device tree, describes it.
 *
 * The boot stub and the compressed kernel are not joined here: that is the linker's work, and the
 * main input is what objcopy makes of its result.
 */
#include "zimage.h"

/* Two ELF files' headers and segments. */
#define SCRATCH (UINT64_C(1) << 20)

static int32_t run(struct kp_call *call)
{
    const struct zimage_params *p = (const struct zimage_params *)call->params;
    struct zimage z;

    if (p->kernel != NULL && p->boot == NULL)
        return kp_fail_at(call, &p->kernel, "give boot: too, the ELF file of the boot binary",
                          "kernel: there is nothing to compare it with");
    if (p->boot != NULL ? zimage_fill(call, p, &z) != KP_OK : zimage_read(call, &z) != KP_OK)
        return KP_FAILED;
    if (p->dtb != NULL && zimage_check_dtb(call, p, &z) != KP_OK)
        return KP_FAILED;
    if (p->boot == NULL && kp_append_image(call, call->input) != KP_OK)
        return KP_FAILED;
    return p->dtb == NULL ? KP_OK : kp_append_image(call, p->dtb);
}

static const char *const kinds[] = {KP_KIND_ZIMAGE, NULL};
static const char *const input_kinds[] = {KP_KIND_ZIMAGE, KP_KIND_RAW, KP_KIND_PE, NULL};
static const char *const elf_kinds[] = {KP_KIND_ELF, NULL};
static const char *const dtb_kinds[] = {KP_KIND_DTB, NULL};
static const char *const sets[] = {KP_TRAIT_ARCH, NULL};

static const struct kp_param *const table[] = {
    KP_IMAGE(struct zimage_params, dtb, .flags = KP_PARAM_SHORT, .kinds = dtb_kinds,
             .summary = "device tree to append, for a kernel with CONFIG_ARM_APPENDED_DTB"),
    KP_IMAGE(struct zimage_params, boot, .kinds = elf_kinds,
             .summary = "ELF file of the boot binary, arch/arm/boot/compressed/vmlinux",
             .help = "The words of the header and of its table are filled in from its symbols, "
                     "and all other bytes must be those of its sections. Without it the "
                     "header must be there already, and is checked."),
    KP_IMAGE(struct zimage_params, kernel, .kinds = elf_kinds,
             .summary = "the vmlinux that is compressed inside, to be checked against boot",
             .help = "The boot code makes room for its bss, whose size it was linked with, and "
                     "for the unpacked kernel."),
    NULL,
};

/* Load and entry addresses of a zImage are the board's facts about the zImage itself: it
 * is position-independent, and nothing of them changes here. */
static const struct kp_operation pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "make or check an ARM zImage, and append a device tree to it",
    .help = "Kbuild's arch/arm/boot/zImage is the flat image that objcopy makes of "
            "arch/arm/boot/compressed/vmlinux; all byte orders are known (little endian, BE-8, "
            "BE-32).",
    .input_kinds = input_kinds,
    .output_kind = KP_KIND_ZIMAGE,
    .params = table,
    .params_size = sizeof(struct zimage_params),
    .sets = sets,
    .memory_base = SCRATCH,
    .run = run,
};

static const struct kp_format zimage = {
    .size = sizeof(struct kp_format),
    .name = "zimage",
    .summary = "ARM's self-extracting kernel",
    .kinds = kinds,
    .pack = &pack,
    .inspect = zimage_inspect,
};

static const struct kp_format *const formats[] = {&zimage, NULL};

KP_PLUGIN("org.kpipe.zimage", "zimage", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "ARM's self-extracting kernel",
          KP_OFFERS_FORMAT("zimage") KP_OFFERS_STAGE("zimage")
              KP_MAGIC("zimage", "36", "18286f01", "ffffffff")
                  KP_MAGIC("zimage", "36", "016f2818", "ffffffff"),
          .formats = formats)
