/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/strip/strip.c - the format strip: an ELF file without symbols, relocations and debugging
 * information, byte for byte what `objcopy -R .comment -S` of GNU binutils makes of it. It writes
 * slices of the input and copies nothing. Linux compresses such a file of vmlinux on x86 (Linux
 * 6.1, arch/x86/boot/compressed/Makefile, vmlinux.bin).
 *
 * It removes nothing that is loaded: objcopy then makes new program headers.
 */
#include "strip.h"

struct strip_params {
    struct kp_list remove;
};

static const struct kp_param *const strip_table[] = {
    KP_TEXT_LIST(struct strip_params, remove, .flags = KP_PARAM_SHORT, .fallback = ".comment",
                 .summary = "sections to leave out as well: names, or patterns with * ? []",
                 .help = "As objcopy -R; what a pattern with ! before it matches is kept. What is "
                         "given replaces the default. Sections that a segment covers cannot be "
                         "left out."),
    NULL,
};

static int32_t set_version(const struct strip *strip)
{
    struct kp_call *const call = strip->call;
    char version[ELF_VERSION_MAX + 1];
    uint64_t found;

    /* No two kept sections share bytes: the input is searched once at most. */
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < strip->kept_count; i++) {
            const struct section *const section = strip->kept[i];

            if (is_loaded(&section->in) && elf_has_banner(section->name) == (pass == 0) &&
                elf_search_version(&strip->elf, section->in.sh_offset, section->in.sh_size, version,
                                   &found))
                return call->host->set_text(call, call->output, KP_TRAIT_VERSION, version);
        }
    }
    return KP_OK;
}

static int32_t set_content(const struct strip *strip)
{
    const char *const arch = elf_arch_name(&strip->elf);

    if (arch != NULL &&
        strip->call->host->set_text(strip->call, strip->call->output, KP_TRAIT_ARCH, arch) != KP_OK)
        return KP_FAILED;
    return set_version(strip);
}

static int32_t strip_run(struct kp_call *call)
{
    const struct strip_params *const params = call->params;
    struct strip strip = {.call = call};
    int32_t result = KP_FAILED;

    if (strip_read(&strip) && strip_choose(&strip, &params->remove) && strip_link(&strip) &&
        strip_map(&strip) && strip_place(&strip) && strip_link_special(&strip) &&
        strip_name(&strip) && strip_write(&strip) == KP_OK)
        result = set_content(&strip);
    elf_file_close(&strip.elf);
    return result;
}

static const char *const elf_kinds[] = {KP_KIND_ELF, NULL};
static const char *const sets[] = {KP_TRAIT_ARCH, KP_TRAIT_VERSION, NULL};

static const struct kp_operation strip_pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "leave symbols, relocations and debugging information out of an ELF file",
    .help = "Byte for byte what `objcopy -R .comment -S` of binutils 2.40 makes of executables, "
            "shared objects and object files for x86, arm, arm64, riscv and s390. For x86 "
            "executables and shared objects of common linkers it is also what 2.35.2 (unless "
            "they have .relr.dyn), 2.44 and 2.47 make; object files come out otherwise there. "
            "What objcopy would do with another file is an error. Architecture and kernel "
            "version are taken from the file.",
    .input_kinds = elf_kinds,
    .output_kind = KP_KIND_ELF,
    .params = strip_table,
    .params_size = sizeof(struct strip_params),
    .sets = sets,
    .memory_base = STRIP_SCRATCH,
    .run = strip_run,
};

static const struct kp_format strip_format = {
    .size = sizeof(struct kp_format),
    .name = "strip",
    .summary = "ELF files without symbols and debugging information",
    .pack = &strip_pack,
};

static const struct kp_format *const formats[] = {&strip_format, NULL};

KP_PLUGIN("org.kpipe.strip", "strip", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "ELF files without symbols, by libelf",
          KP_OFFERS_FORMAT("strip") KP_OFFERS_STAGE("strip"), .formats = formats)
