/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sources/kbuild/facts.c - what a recipe must know of a tree to choose its stages: mostly choices of
 * the stages payload, relocs, bzimage and zboot, by their names there.
 *
 * Where Kbuild's commands or files say it, they are asked; the release is asked for the rest. Facts
 * from the makefiles of Linux 5.10, 6.1, 6.12 and 7.2 named below.
 */
#include "kbuild.h"

#include <stdlib.h>
#include <string.h>

static int32_t fact(const struct kbuild *kbuild, const char *name, const char *value)
{
    return kbuild->call->host->source_fact(kbuild->call, name, value);
}

static bool is_folder(const struct kbuild *kbuild, const char *folder)
{
    return strcmp(kbuild->folder, folder) == 0;
}

/* arch/riscv/Makefile: KBUILD_IMAGE. */
static const char *riscv_target(const struct kbuild *kbuild)
{
    static const struct {
        const char *codec, *image;
    } images[] = {
        {"gzip", "Image.gz"}, {"bzip2", "Image.bz2"}, {"lzma", "Image.lzma"}, {"xz", "Image.xz"},
        {"lzo", "Image.lzo"}, {"lz4", "Image.lz4"},   {"zstd", "Image.zst"},
    };

    if (kbuild_is_set(kbuild, CONFIG_RISCV_M_MODE) &&
        (kbuild_is_set(kbuild, CONFIG_K210) || kbuild_is_set(kbuild, CONFIG_CANAAN) ||
         kbuild_is_set(kbuild, CONFIG_KENDRYTE)))
        return "loader.bin";
    for (size_t i = 0; kbuild->codec != NULL && i < sizeof(images) / sizeof(images[0]); i++)
        if (strcmp(kbuild->codec, images[i].codec) == 0)
            return images[i].image;
    return "Image";
}

/* arch/{x86,arm,arm64,loongarch}/Makefile: the same. */
const char *kbuild_target(const struct kbuild *kbuild)
{
    if (is_folder(kbuild, "x86"))
        return "bzImage";
    if (kbuild_is_set(kbuild, CONFIG_XIP))
        return "xipImage";
    if (kbuild->zboot)
        return "vmlinuz.efi";
    if (is_folder(kbuild, "arm"))
        return "zImage";
    if (is_folder(kbuild, "arm64"))
        return "Image.gz";
    if (is_folder(kbuild, "riscv"))
        return riscv_target(kbuild);
    return kbuild_is_set(kbuild, CONFIG_EFI_STUB) ? "vmlinux.efi" : "vmlinux.elf";
}

/* As a name that a recipe can have. */
static int32_t give_image(const struct kbuild *kbuild)
{
    char name[32];

    snprintf(name, sizeof(name), "%s", kbuild_target(kbuild));
    for (char *dot = name; (dot = strchr(dot, '.')) != NULL;)
        *dot = '-';
    return fact(kbuild, "image", name);
}

/* scripts/Makefile.lib: from 5.17 on, files of their own have no size behind them, which is the preset
 * of payload that ends with -image; scripts/xz_wrap.sh knows more filters since 6.12. */
static int32_t give_preset(const struct kbuild *kbuild)
{
    const char *kernel = kbuild->version >= KBUILD_VERSION(6, 12)   ? "kernel-6.12"
                         : kbuild->version >= KBUILD_VERSION(5, 17) ? "kernel-6.1"
                                                                    : "kernel-5.10";

    return fact(kbuild, "preset", kernel);
}

/* The latest choice of the stage system-map that is not later than the kernel. */
static int32_t give_map_form(const struct kbuild *kbuild)
{
    return fact(kbuild, "system-map-form",
                kbuild->version >= KBUILD_VERSION(7, 2)    ? "kernel-7.2"
                : kbuild->version >= KBUILD_VERSION(6, 12) ? "kernel-6.12"
                : kbuild->version >= KBUILD_VERSION(6, 1)  ? "kernel-6.1"
                                                           : "kernel-5.10");
}

/* arch/x86/tools/relocs.c: since 6.15 without a table of inverse relocations. Linux 6.5 to 6.14
 * take them out of vmlinux once the table is made (arch/x86/Makefile.postlink). */
static int32_t give_relocs(const struct kbuild *kbuild)
{
    static const char made[] = "arch/x86/boot/compressed/vmlinux.relocs";
    struct kp_call *call = kbuild->call;
    const struct kp_image *image = NULL;

    if (!kbuild_is_set(kbuild, CONFIG_NEED_RELOCS) || kbuild->relocations) {
        if (call->host->source_list(call, "made-relocs", NULL, NULL) == NULL)
            return KP_FAILED;
        return fact(kbuild, "relocs",
                    !kbuild_is_set(kbuild, CONFIG_NEED_RELOCS) ? "none"
                    : kbuild->version >= KBUILD_VERSION(6, 15) ? "kernel-6.15"
                                                               : "kernel-6.1");
    }
    image = kbuild_open(kbuild, made, "vmlinux");
    if (image == NULL ||
        kbuild_traits(kbuild, call->host->source_list(call, "made-relocs", made, image), false) !=
            KP_OK)
        return KP_FAILED;
    return fact(kbuild, "relocs", "none");
}

static bool has_word(const struct kbuild_command *command, const char *end)
{
    const size_t length = strlen(end);

    for (size_t i = 0; i < command->count; i++) {
        const char *word = command->words[i].text;
        const size_t size = strlen(word);

        if (size >= length && strcmp(word + size - length, end) == 0)
            return true;
    }
    return false;
}

/* arch/x86/boot/Makefile: cmd_image. Where tools/build still joins the two, its older version fills
 * in what the newer setup code has from its linker: the number of setup_sects (header.S), at
 * 0x1f1. The newer came to stable kernels of older series too. */
static int32_t give_layout(const struct kbuild *kbuild)
{
    static const char image[] = "arch/x86/boot/bzImage";
    struct kbuild_command command;
    uint8_t sectors = 0;

    if (kbuild_read_command(kbuild, image, "bzImage", &command) != KP_OK)
        return KP_FAILED;
    if (has_word(&command, "dd"))
        return fact(kbuild, "layout", "kernel-6.15");
    if (!has_word(&command, "tools/build"))
        return kbuild_fail(kbuild, NULL, "%s: not made by any command that kpipe knows", image);
    if (kp_size(kbuild->call, kbuild->setup) <= 0x1f1)
        return kbuild_fail(kbuild, "make bzImage", "arch/x86/boot/setup.bin: cut short");
    if (kbuild->call->host->image_read(kbuild->call, kbuild->setup, 0x1f1, &sectors, 1) != KP_OK)
        return KP_FAILED;
    return fact(kbuild, "layout", sectors == 0 ? "kernel-5.10" : "kernel-6.1");
}

/* drivers/firmware/efi/libstub/zboot-header.S: LINUX_PE_MAGIC at 0x38, which 6.1 lacks; in the
 * object it can stand nowhere else. */
static int32_t has_zboot_magic(const struct kbuild *kbuild, bool *magic)
{
    static const uint8_t wanted[] = {0xcd, 0x23, 0x82, 0x81};
    const struct kp_image *image;
    const uint8_t *bytes;
    char name[64];

    snprintf(name, sizeof(name), "arch/%s/boot/zboot-header.o", kbuild->folder);
    image = kbuild_open(kbuild, name, "vmlinuz.efi");
    bytes = image == NULL ? NULL : kp_view(kbuild->call, image);
    *magic = bytes != NULL &&
             memmem(bytes, (size_t)kp_size(kbuild->call, image), wanted, sizeof(wanted)) != NULL;
    return bytes == NULL ? KP_FAILED : KP_OK;
}

/* Makefile.zboot: what is compressed is Image or vmlinux.efi itself, or, in 6.12 and later, a copy
 * padded to the size in memory. The names of compression types changed with it. */
static int32_t give_zboot(const struct kbuild *kbuild)
{
    struct kbuild_command command;
    char target[64];
    bool padded, magic;

    if (!kbuild->zboot)
        return fact(kbuild, "zboot", "none");
    snprintf(target, sizeof(target), "arch/%s/boot/vmlinuz", kbuild->folder);
    if (kbuild_read_command(kbuild, target, "vmlinuz.efi", &command) != KP_OK ||
        has_zboot_magic(kbuild, &magic) != KP_OK)
        return KP_FAILED;
    padded = has_word(&command, "/vmlinux.bin");
    if (fact(kbuild, "zboot-pad", padded ? "yes" : "no") != KP_OK)
        return KP_FAILED;
    return fact(kbuild, "zboot", padded ? "kernel-6.12" : magic ? "kernel-6.6" : "kernel-6.1");
}

void kbuild_take_load(struct kbuild *kbuild, const char *number)
{
    const char *digits = strncmp(number, "0x", 2) == 0 ? number + 2 : number;
    const size_t length = strspn(digits, digits > number ? "0123456789abcdefABCDEF" : "0123456789");

    if (length > 0 && length <= 16 && digits[length] == '\0')
        memcpy(kbuild->load, number, strlen(number) + 1);
}

/* arch/arm/boot/Makefile: cmd_uimage has -a ADDRESS where make was given LOADADDR. */
static int32_t find_load(struct kbuild *kbuild)
{
    struct kbuild_command command = {NULL, 0};
    bool found;

    if (is_folder(kbuild, "x86"))
        kbuild_take_load(kbuild, kbuild->config[CONFIG_PHYSICAL_START]);
    if (!is_folder(kbuild, "arm") || kbuild->load[0] != '\0')
        return KP_OK;
    if (kbuild_find_command(kbuild, "arch/arm/boot/uImage", &command, &found) != KP_OK)
        return KP_FAILED;
    for (size_t i = 0; i + 1 < command.count; i++)
        if (strcmp(command.words[i].text, "-a") == 0)
            kbuild_take_load(kbuild, command.words[i + 1].text);
    return KP_OK;
}

/* init/Kconfig, scripts/ld-version.sh: 24000 is 2.40. GNU ld and objcopy are one package. */
static int32_t give_objcopy(const struct kbuild *kbuild)
{
    const unsigned long number = strtoul(kbuild->config[CONFIG_LD_VERSION], NULL, 10);
    char text[32];

    if (!kbuild_is_set(kbuild, CONFIG_LD_IS_BFD) || number < 20000 || number > 9999999)
        return KP_OK;
    snprintf(text, sizeof(text), "%lu.%lu", number / 10000, number / 100 % 100);
    return fact(kbuild, "objcopy", text);
}

int32_t kbuild_give_facts(struct kbuild *kbuild)
{
    if (fact(kbuild, "arch", kbuild->arch) != KP_OK ||
        fact(kbuild, "version", kbuild->release) != KP_OK ||
        fact(kbuild, "endian", kbuild_is_set(kbuild, CONFIG_BIG_ENDIAN) ? "big" : "little") !=
            KP_OK ||
        (kbuild->codec != NULL && fact(kbuild, "codec", kbuild->codec) != KP_OK) ||
        give_preset(kbuild) != KP_OK || give_image(kbuild) != KP_OK ||
        give_zboot(kbuild) != KP_OK || give_map_form(kbuild) != KP_OK ||
        give_objcopy(kbuild) != KP_OK || find_load(kbuild) != KP_OK)
        return KP_FAILED;
    if (kbuild->load[0] != '\0' && fact(kbuild, "load", kbuild->load) != KP_OK)
        return KP_FAILED;
    if (!is_folder(kbuild, "x86"))
        return KP_OK;
    return give_relocs(kbuild) == KP_OK ? give_layout(kbuild) : KP_FAILED;
}
