/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/zboot/plugin.c - EFI zboot images, the vmlinuz.efi of arm64, riscv and loongarch: fills in
 * or checks their headers, and describes them.
 *
 * The compressed kernel and the program that unpacks it are not joined here: that is the linker's
 * work, and the main input is what objcopy makes of its result.
 */
#include <string.h>

#include "zboot.h"

/* An ELF file's segments. */
#define ELF_SCRATCH (UINT64_C(1) << 20)

/* The header as it is, and whether the payload is what it says. */
static int32_t check(struct kp_call *call, const struct zboot_params *p)
{
    struct zboot zboot;
    const char *found;

    if (p->has_form)
        return kp_fail_at(call, &p->form, "give boot: too, from which a header is filled in",
                          "form: no header is written");
    if (zboot_read(call, &zboot) != KP_OK)
        return KP_FAILED;
    if (zboot.arch == NULL)
        return kp_fail(call, "pe header: machine 0x%x: no architecture with EFI zboot",
                       zboot.pe.machine);
    if (zboot.codec == NULL)
        return kp_fail(call, "compression type: '%s': not one of Linux's", zboot.type);
    if (p->has_codec && zboot.codec != &zboot_codecs[p->codec])
        return kp_fail_at(call, &p->codec, NULL, "codec: %s: the header says '%s'",
                          zboot_codecs[p->codec].name, zboot.type);
    if (zboot_identify(call, zboot.payload, zboot.payload_size, &found) != KP_OK)
        return KP_FAILED;
    if (found == NULL || strcmp(found, zboot.codec->name) != 0)
        return kp_fail(
            call, "payload: at 0x%llx: %s: the header says '%s'", (unsigned long long)zboot.payload,
            found == NULL ? "not the bytes of any codec that is installed" : found, zboot.type);
    if (zboot_append_filled(call, &zboot) != KP_OK)
        return KP_FAILED;
    return call->host->set_text(call, call->output, KP_TRAIT_ARCH, zboot.arch);
}

/* An EFI program's loader zeroes what is behind it: that is no more the board's task. */
static int32_t run(struct kp_call *call)
{
    const struct zboot_params *p = (const struct zboot_params *)call->params;

    if ((p->boot != NULL ? zboot_fill(call, p) : check(call, p)) != KP_OK)
        return KP_FAILED;
    return call->host->clear_trait(call, call->output, KP_TRAIT_BSS);
}

static const char *const kinds[] = {KP_KIND_ZBOOT, NULL};
static const char *const input_kinds[] = {KP_KIND_ZBOOT, KP_KIND_PE, KP_KIND_RAW, NULL};
static const char *const elf_kinds[] = {KP_KIND_ELF, NULL};
static const char *const sets[] = {KP_TRAIT_ARCH, KP_TRAIT_BSS, NULL};

/* In the order of zboot_codecs. */
static const struct kp_choice *const codecs[] = {
    KP_ONE_OF(0, "gzip", "as all kernels may have it"),
    KP_ONE_OF(1, "lz4", "not from Linux 6.12 on"),
    KP_ONE_OF(2, "lzma", "not from Linux 6.12 on"),
    KP_ONE_OF(3, "lzo", "not from Linux 6.12 on"),
    KP_ONE_OF(4, "xz", "not from Linux 6.12 on"),
    KP_ONE_OF(5, "zstd", "as all kernels may have it"),
    NULL,
};

static const struct kp_choice *const forms[] = {
    KP_ONE_OF(ZBOOT_FORM_6_1, "kernel-6.1", "Linux 6.1: xzkern, zstd22, no magic number at 0x38"),
    KP_ONE_OF(ZBOOT_FORM_6_6, "kernel-6.6", "Linux 6.6: xzkern, zstd22, with the magic number"),
    KP_ONE_OF(ZBOOT_FORM_6_12, "kernel-6.12", "Linux 6.12: gzip, zstd, with the magic number"),
    NULL,
};

static const struct kp_param *const table[] = {
    KP_IMAGE(struct zboot_params, boot, .flags = KP_PARAM_SHORT, .kinds = elf_kinds,
             .summary = "ELF file of the boot binary, vmlinuz.efi.elf",
             .help = "The fields that its symbols decide are filled in: payload, compression, and "
                     "sizes and addresses of the PE header. All other bytes must be those of its "
                     "sections. Without it the header must be there already, and is checked."),
    KP_CHOICE(struct zboot_params, codec, .choices = codecs,
              .presence = offsetof(struct zboot_params, has_codec),
              .computed = "what the payload is, by its bytes",
              .summary = "what the kernel inside is compressed with"),
    KP_CHOICE(struct zboot_params, form, .choices = forms,
              .presence = offsetof(struct zboot_params, has_form),
              .computed = "what the header in boot is",
              .summary = "the kernel whose build makes such a header",
              .help =
                  "They differ in their names of the compression and in a magic number at 0x38, "
                  "by which boot loaders know EFI programs of Linux."),
    NULL,
};

static const struct kp_operation pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "make or check an EFI zboot image, vmlinuz.efi",
    .help = "Kbuild's vmlinuz.efi is the flat image that objcopy makes of vmlinuz.efi.elf.\n\n"
            "The code was linked for a payload of one size, and looks for the size of the contents "
            "at its end. A shorter payload, with zeros behind it, boots all the same. Zeros behind "
            "zstd's frame become a frame that is skipped, as newer kernels need it.",
    .input_kinds = input_kinds,
    .output_kind = KP_KIND_ZBOOT,
    .params = table,
    .params_size = sizeof(struct zboot_params),
    .sets = sets,
    .memory_base = PE_HEAD_MAX + ELF_SCRATCH,
    .run = run,
};

static const struct kp_format zboot = {
    .size = sizeof(struct kp_format),
    .name = "zboot",
    .summary = "a compressed kernel as an EFI program",
    .kinds = kinds,
    .pack = &pack,
    .inspect = zboot_inspect,
};

static const struct kp_format *const formats[] = {&zboot, NULL};

KP_PLUGIN("org.kpipe.zboot", "zboot", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "EFI zboot images of arm64, riscv and loongarch",
          KP_OFFERS_FORMAT("zboot") KP_OFFERS_STAGE("zboot")
              KP_MAGIC("zboot", "0", "4d5a00007a696d67", "ffffffffffffffff"),
          .formats = formats)
