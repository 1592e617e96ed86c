/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/vmlinux/plugin.c - the stage vmlinux: of a kernel as it is loaded, an ELF file that
 * debuggers and disassemblers understand, with the symbols that the kernel carries in itself.
 *
 * How these are found is common/kallsyms.c's matter. What no kernel carries, types and lines, is
 * not made up.
 */
#include <string.h>

#include "vmlinux.h"

static const struct kp_choice *const choices[] = {
    KP_ONE_OF(SYMBOLS_AUTO, "auto", "if the kernel has them; else a warning"),
    KP_ONE_OF(SYMBOLS_REQUIRED, "required", "it is an error if the kernel has none"),
    KP_ONE_OF(SYMBOLS_NONE, "none", "without; they are still looked at to find the base"),
    NULL,
};

static const struct kp_param *const table[] = {
    KP_TEXT(struct vmlinux_params, arch, .trait = KP_TRAIT_ARCH,
            .presence = offsetof(struct vmlinux_params, has_arch),
            .computed = "the ELF file's, or by the header of an Image",
            .summary = "the architecture of a flat kernel",
            .help = "Byte order, and whether it has 32 or 64 bits, the kernel's symbols tell."),
    KP_UINT(struct vmlinux_params, base, .flags = KP_PARAM_SHORT | KP_PARAM_HEX,
            .maximum = UINT64_MAX, .presence = offsetof(struct vmlinux_params, has_base),
            .computed = "by the kernel's symbols, else by its pointers, if they tell for sure",
            .summary = "the virtual address of a flat kernel's first byte",
            .help = "As `_text` in System.map, or `_start` of riscv: ffff800080000000 in an arm64 "
                    "kernel of today. Kernels with CONFIG_KALLSYMS_ALL have that symbol in them. "
                    "For others the base is found at which the kernel's pointers are addresses of "
                    "texts. An ELF file tells its own."),
    KP_CHOICE(struct vmlinux_params, symbols, .choices = choices, .fallback = "auto",
              .summary = "whether the kernel's own symbols are written"),
    NULL,
};

static int32_t run(struct kp_call *call)
{
    struct vmlinux kernel = {
        .call = call,
        .params = call->params,
        .size = kp_size(call, call->input),
        .bytes = kp_view(call, call->input),
    };

    if (kernel.bytes == NULL)
        return KP_FAILED;
    if (kernel.size >= SELFMAG && memcmp(kernel.bytes, ELFMAG, SELFMAG) == 0)
        return vmlinux_from_elf(&kernel);
    return vmlinux_from_flat(&kernel);
}

static const char *const kinds[] = {KP_KIND_ELF, KP_KIND_RAW, KP_KIND_IMAGE, KP_KIND_PE, NULL};
static const char *const sets[] = {KP_TRAIT_ARCH, NULL};

static const struct kp_operation pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "make an ELF file with symbols of a kernel",
    .help =
        "For debuggers, disassemblers and crash tools. The kernel is one as it is loaded: an "
        "Image, "
        "or what is inside of a zImage, bzImage or EFI zboot, decompressed. Its symbols are those "
        "of its own table (CONFIG_KALLSYMS; all of them if it was built with CONFIG_KALLSYMS_ALL, "
        "else functions only), of any kernel since 2.6.10.\n\n"
        "A flat kernel becomes one segment; its sections are .text and .init.text, where symbols "
        "tell these, and what is around them. An ELF file without symbols, as x86's bzImage has "
        "it, keeps its segments and sections and gets symbols added; one with symbols passes as "
        "it is. Symbols have the binding and type that their letters tell, and reach up to the "
        "next one. Relocations of a kernel that relocates itself are not applied.",
    .input_kinds = kinds,
    .output_kind = KP_KIND_ELF,
    .params = table,
    .params_size = sizeof(struct vmlinux_params),
    .sets = sets,
    .memory_base = VMLINUX_SCRATCH,
    .memory_per_byte = VMLINUX_PER_BYTE,
    .run = run,
};

static const struct kp_format vmlinux_format = {
    .size = sizeof(struct kp_format),
    .name = "vmlinux",
    .summary = "kernels as ELF files with the symbols that they carry",
    .pack = &pack,
};

static const struct kp_format *const formats[] = {&vmlinux_format, NULL};

KP_PLUGIN("org.kpipe.vmlinux", "vmlinux", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "ELF files with symbols of kernels without them, by kallsyms",
          KP_OFFERS_FORMAT("vmlinux") KP_OFFERS_STAGE("vmlinux"), .formats = formats)
