/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/bzimage/plugin.c - the format `bzimage`, x86's kernel with its real-mode setup code, as
 * Kbuild joins it, and what `kpipe unpack` needs to make one again: what this plugin offers.
 */
#include "bzimage.h"

static const struct kp_choice *const layouts[] = {
    KP_ONE_OF(LAYOUT_AUTO, "auto", "as the setup code tells"),
    KP_ONE_OF(LAYOUT_5_10, "kernel-5.10", "as Linux 5.10: PE sections aligned to 32 bytes, CRC"),
    KP_ONE_OF(LAYOUT_6_1, "kernel-6.1",
              "as Linux 6.1.192 and 6.12: PE sections aligned to pages, CRC"),
    KP_ONE_OF(LAYOUT_6_15, "kernel-6.15", "since Linux 6.15: aligned to pages, no CRC"),
    NULL,
};

static const char *const elf_kinds[] = {KP_KIND_ELF, NULL};

static const struct kp_param *const table[] = {
    KP_IMAGE(struct bzimage_params, setup, .flags = KP_PARAM_REQUIRED,
             .summary = "the setup code, arch/x86/boot/setup.bin",
             .help = "Its code and what it was configured with are used, and no value that depends "
                     "on the other parts: that of another build of the same kernel will do."),
    KP_IMAGE(struct bzimage_params, boot, .flags = KP_PARAM_REQUIRED, .kinds = elf_kinds,
             .summary = "the boot stub, arch/x86/boot/compressed/vmlinux, for its symbols",
             .help = "From these Kbuild makes zoffset.h. The main input is the flat binary of it."),
    KP_IMAGE(struct bzimage_params, kernel, .flags = KP_PARAM_REQUIRED, .kinds = elf_kinds,
             .summary = "the kernel, vmlinux, for its size and load address",
             .help = "From its symbols Kbuild makes voffset.h."),
    KP_CHOICE(struct bzimage_params, layout, .choices = layouts, .fallback = "auto",
              .summary = "how the kernel's makefiles put the file together",
              .help = "'auto' goes by the alignment in the PE header (without one, by the boot "
                      "sector), and then by the release, which the setup code holds."),
    KP_UINT(struct bzimage_params, root_dev, .flags = KP_PARAM_HEX, .maximum = UINT16_MAX,
            .fallback = "0", .summary = "default root device, major and minor number",
            .help = "Kbuild writes 0. As rdev of old set it: 0x803 is sda3."),
    KP_UINT(struct bzimage_params, vid_mode, .flags = KP_PARAM_HEX, .maximum = UINT16_MAX,
            .presence = offsetof(struct bzimage_params, has_vid_mode),
            .computed = "the setup code's", .summary = "default video mode, as in vga="),
    KP_UINT(struct bzimage_params, root_flags, .flags = KP_PARAM_HEX, .maximum = UINT16_MAX,
            .presence = offsetof(struct bzimage_params, has_root_flags),
            .computed = "the setup code's",
            .summary = "1: the root is mounted read-only at first; 0: it is not"),
    NULL,
};

static const char *const input_kinds[] = {KP_KIND_RAW, NULL};
static const char *const kinds[] = {KP_KIND_BZIMAGE, NULL};
static const char *const sets[] = {KP_TRAIT_ARCH, KP_TRAIT_VERSION, NULL};

static const struct kp_operation pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "join x86's setup code and boot binary",
    .help =
        "The main input is the binary of the protected-mode part, arch/x86/boot/vmlinux.bin; the "
        "result is byte for byte arch/x86/boot/bzImage.\n\n"
        "Computed, whatever the setup code holds there: setup_sects, syssize, root_dev, "
        "payload_offset, payload_length, pref_address, init_size, handover_offset, "
        "kernel_info_offset; in the PE header SizeOfCode, SizeOfInitializedData, "
        "AddressOfEntryPoint, BaseOfCode, SizeOfImage, SizeOfHeaders, with layout kernel-5.10 "
        "ImageBase, and all sizes and places in the section table; the entry point in .compat; the "
        "CRC at the end. All else is the setup code's: the code, the other fields of both headers "
        "(kernel_alignment and xloadflags are relied upon), and which sections there are.\n\n"
        "Load and entry address are cleared: a boot loader puts the two parts to different "
        "places.",
    .input_kinds = input_kinds,
    .output_kind = KP_KIND_BZIMAGE,
    .params = table,
    .params_size = sizeof(struct bzimage_params),
    .sets = sets,
    /* The setup code, its PE header, and the segments of two ELF files. */
    .memory_base =
        SETUP_MAX + PE_HEAD_MAX + UINT64_C(2) * (ELF_SEGMENTS_MAX + 1) * sizeof(GElf_Phdr),
    .run = bzimage_pack,
};

static const struct kp_format bzimage = {
    .size = sizeof(struct kp_format),
    .name = "bzimage",
    .summary = "x86's kernel with its setup code",
    .kinds = kinds,
    .pack = &pack,
    .inspect = bzimage_inspect,
};

static const char *const update_kinds[] = {KP_KIND_RAW, KP_KIND_BZIMAGE, NULL};

static const struct kp_operation update_operation = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "bring a bzImage's headers up to date with its parts",
    .help =
        "For recipes that `kpipe unpack` writes: the stage `layout` puts the parts in their "
        "places, and this one computes what depends on more than sizes and places. The boot "
        "program around the payload stays as it is; the parameters are what kpipe found out about "
        "it.\n\n"
        "init_size, the memory that the kernel asks for, is raised where the payload's contents "
        "need more; it is never lowered. The payload must be compressed by a codec that is "
        "installed, and end with the size of its contents (the stage `size-append`); these must "
        "be a kernel of the same architecture and load address: an ELF file without symbols and, "
        "for a kernel that can be relocated, the file vmlinux.relocs behind it. If they need more "
        "memory than the kernel for which the boot program was built, boot with `nokaslr`: the "
        "program has that size for its search of a random place, and keeps it.\n\n"
        "An empty signature gives an unsigned image: both words of the certificate table are 0.",
    .input_kinds = update_kinds,
    .output_kind = KP_KIND_BZIMAGE,
    .params = update_table,
    .params_size = sizeof(struct update_params),
    .sets = sets,
    /* The setup code twice, the PE header, and the segments of the contents. */
    .memory_base = 2 * SETUP_LARGEST + PE_HEAD_MAX + (ELF_SEGMENTS_MAX + 1) * sizeof(GElf_Phdr),
    .run = bzimage_update,
};

static const struct kp_format update = {
    .size = sizeof(struct kp_format),
    .name = "bzimage-update",
    .summary = "a bzImage's headers for changed parts",
    .pack = &update_operation,
};

static const struct kp_format *const formats[] = {&bzimage, &update, NULL};

/* The boot flag, the jump at 0x200 and HdrS. */
KP_PLUGIN("org.kpipe.bzimage", "bzimage", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "x86's kernel with its setup code",
          KP_OFFERS_FORMAT("bzimage") KP_OFFERS_STAGE("bzimage") KP_OFFERS_FORMAT("bzimage-update")
              KP_OFFERS_STAGE("bzimage-update")
                  KP_MAGIC("bzimage", "510", "55aaeb0048647253", "ffffff00ffffffff"),
          .formats = formats)
