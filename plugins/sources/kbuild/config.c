/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sources/kbuild/config.c - how the kernel was configured: the few symbols that say what its boot
 * image is.
 *
 * Facts from Linux 6.1: Documentation/kbuild/kconfig.rst and scripts/kconfig/confdata.c: lines
 * CONFIG_NAME=value, and comments. include/config/auto.conf is the copy that a build has read; it
 * differs from .config if that was changed since. Names of symbols: arch/{x86,arm,arm64,riscv,
 * loongarch}/Kconfig, init/Kconfig (KERNEL_*), drivers/firmware/efi/Kconfig.
 */
#include "kbuild.h"

#include <string.h>

/* Kernels with everything switched on have some 300 KB. */
#define CONFIG_MAX (8u << 20)

static const char *const names[CONFIG_SYMBOLS] = {
    [CONFIG_X86_64] = "X86_64",
    [CONFIG_X86_32] = "X86_32",
    [CONFIG_ARM] = "ARM",
    [CONFIG_ARM64] = "ARM64",
    [CONFIG_RISCV] = "RISCV",
    [CONFIG_LOONGARCH] = "LOONGARCH",
    [CONFIG_UML] = "UML",
    [CONFIG_64BIT] = "64BIT",
    [CONFIG_BIG_ENDIAN] = "CPU_BIG_ENDIAN",
    [CONFIG_GZIP] = "KERNEL_GZIP",
    [CONFIG_BZIP2] = "KERNEL_BZIP2",
    [CONFIG_LZMA] = "KERNEL_LZMA",
    [CONFIG_XZ] = "KERNEL_XZ",
    [CONFIG_LZO] = "KERNEL_LZO",
    [CONFIG_LZ4] = "KERNEL_LZ4",
    [CONFIG_ZSTD] = "KERNEL_ZSTD",
    [CONFIG_UNCOMPRESSED] = "KERNEL_UNCOMPRESSED",
    [CONFIG_NEED_RELOCS] = "X86_NEED_RELOCS",
    [CONFIG_PHYSICAL_START] = "PHYSICAL_START",
    [CONFIG_EFI_STUB] = "EFI_STUB",
    [CONFIG_EFI_ZBOOT] = "EFI_ZBOOT",
    [CONFIG_XIP] = "XIP_KERNEL",
    [CONFIG_RISCV_M_MODE] = "RISCV_M_MODE",
    [CONFIG_K210] = "SOC_CANAAN_K210",
    [CONFIG_CANAAN] = "SOC_CANAAN",
    [CONFIG_KENDRYTE] = "SOC_KENDRYTE",
    [CONFIG_LD_IS_BFD] = "LD_IS_BFD",
    [CONFIG_LD_VERSION] = "LD_VERSION",
};

static const struct {
    int symbol;
    const char *arch, *arch32; /* with CONFIG_64BIT and without; one NULL: the same */
    const char *folder;
} architectures[] = {
    {CONFIG_X86_64, "x86_64", NULL, "x86"},
    {CONFIG_X86_32, "i386", NULL, "x86"},
    {CONFIG_ARM64, "arm64", NULL, "arm64"},
    {CONFIG_ARM, "arm", NULL, "arm"},
    {CONFIG_RISCV, "riscv64", "riscv32", "riscv"},
    {CONFIG_LOONGARCH, "loongarch64", "loongarch32", "loongarch"},
};

static const struct {
    int symbol;
    const char *codec;
} codecs[] = {
    {CONFIG_GZIP, "gzip"}, {CONFIG_BZIP2, "bzip2"}, {CONFIG_LZMA, "lzma"}, {CONFIG_XZ, "xz"},
    {CONFIG_LZO, "lzo"},   {CONFIG_LZ4, "lz4"},     {CONFIG_ZSTD, "zstd"},
};

bool kbuild_is_set(const struct kbuild *kbuild, int symbol)
{
    return strcmp(kbuild->config[symbol], "y") == 0;
}

/* Takes a line CONFIG_NAME=value whose name is looked for. */
static void take_line(const char *line, size_t length, char config[][KBUILD_VALUE_MAX])
{
    static const char prefix[] = "CONFIG_";
    const char *equals;
    size_t name, value;

    if (length < sizeof(prefix) || memcmp(line, prefix, sizeof(prefix) - 1) != 0)
        return;
    line += sizeof(prefix) - 1;
    length -= sizeof(prefix) - 1;
    equals = memchr(line, '=', length);
    if (equals == NULL)
        return;
    name = (size_t)(equals - line);
    value = length - name - 1;
    if (value >= KBUILD_VALUE_MAX)
        return;
    for (size_t i = 0; i < CONFIG_SYMBOLS; i++) {
        if (strlen(names[i]) != name || memcmp(names[i], line, name) != 0)
            continue;
        memset(config[i], 0, KBUILD_VALUE_MAX);
        memcpy(config[i], equals + 1, value);
    }
}

static int32_t read_file(const struct kbuild *kbuild, const char *name,
                         char config[][KBUILD_VALUE_MAX])
{
    const struct kp_image *image = kbuild_open(kbuild, name, "olddefconfig");
    const char *text, *end;

    if (image == NULL)
        return KP_FAILED;
    if (kp_size(kbuild->call, image) > CONFIG_MAX)
        return kbuild_fail(kbuild, NULL, "%s: more than 8 MiB: no kernel's configuration", name);
    text = (const char *)kp_view(kbuild->call, image);
    if (text == NULL)
        return KP_FAILED;
    for (end = text + kp_size(kbuild->call, image); text < end;) {
        const char *line_end = memchr(text, '\n', (size_t)(end - text));

        if (line_end == NULL)
            line_end = end;
        take_line(text, (size_t)(line_end - text), config);
        text = line_end + 1;
    }
    return KP_OK;
}

/* What was configured and not built yet would give an image of neither. */
static int32_t check_built(const struct kbuild *kbuild)
{
    static const char file[] = "include/config/auto.conf";
    char built[CONFIG_SYMBOLS][KBUILD_VALUE_MAX] = {{0}};
    const int32_t found = kbuild_has(kbuild, file);

    if (found != 1)
        return found == 0 ? KP_OK : KP_FAILED;
    if (read_file(kbuild, file, built) != KP_OK)
        return KP_FAILED;
    for (size_t i = 0; i < CONFIG_SYMBOLS; i++)
        if (strcmp(built[i], kbuild->config[i]) != 0)
            return kbuild_fail(kbuild, "run make once more",
                               ".config: changed since the kernel was built: CONFIG_%s was '%s'",
                               names[i], built[i][0] == '\0' ? "n" : built[i]);
    return KP_OK;
}

static int32_t find_architecture(struct kbuild *kbuild)
{
    for (size_t i = 0; i < sizeof(architectures) / sizeof(architectures[0]); i++) {
        if (!kbuild_is_set(kbuild, architectures[i].symbol) || kbuild_is_set(kbuild, CONFIG_UML))
            continue;
        kbuild->folder = architectures[i].folder;
        kbuild->arch = architectures[i].arch32 == NULL || kbuild_is_set(kbuild, CONFIG_64BIT)
                           ? architectures[i].arch
                           : architectures[i].arch32;
        return KP_OK;
    }
    return kbuild_fail(kbuild, NULL,
                       ".config: of an architecture whose boot images kpipe does not make: it is "
                       "none of x86, arm, arm64, riscv and loongarch");
}

/* Where no symbol says how the boot image is compressed, Kbuild's default target is Image.gz
 * (Linux 6.1, arch/{arm64,riscv}/Makefile), and vmlinux.efi of loongarch is not compressed. */
static void find_codec(struct kbuild *kbuild)
{
    for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++)
        if (kbuild_is_set(kbuild, codecs[i].symbol))
            kbuild->codec = codecs[i].codec;
    if (kbuild->codec == NULL && !kbuild_is_set(kbuild, CONFIG_UNCOMPRESSED) &&
        strcmp(kbuild->folder, "loongarch") != 0)
        kbuild->codec = "gzip";
}

/* Whether the tree is of the architecture of that name, or of that folder in arch/. */
static bool is_arch(const struct kbuild *kbuild, const char *name)
{
    const struct kp_arch *arch = kbuild->call->host->arch(kbuild->call, name);

    return (arch != NULL && strcmp(arch->name, kbuild->arch) == 0) ||
           strcmp(name, kbuild->folder) == 0;
}

/* What the recipe expects. */
static int32_t check_expected(const struct kbuild *kbuild)
{
    const struct kbuild_params *params = kbuild->params;

    if (params->has_arch && !is_arch(kbuild, params->arch.bytes))
        return kp_fail_at(kbuild->call, &params->arch, NULL,
                          "the tree is of %s: the recipe wants %s", kbuild->arch,
                          params->arch.bytes);
    if (params->has_codec &&
        (kbuild->codec == NULL || strcmp(kbuild->codec, params->codec.bytes) != 0))
        return kp_fail_at(
            kbuild->call, &params->codec, NULL, "the tree's kernel is %s: the recipe wants %s",
            kbuild->codec == NULL ? "not compressed" : kbuild->codec, params->codec.bytes);
    return KP_OK;
}

int32_t kbuild_read_config(struct kbuild *kbuild)
{
    if (read_file(kbuild, ".config", kbuild->config) != KP_OK ||
        find_architecture(kbuild) != KP_OK || check_built(kbuild) != KP_OK)
        return KP_FAILED;
    find_codec(kbuild);
    kbuild->zboot = kbuild_is_set(kbuild, CONFIG_EFI_ZBOOT);
    kbuild->has_stub = (kbuild->zboot || strcmp(kbuild->folder, "x86") == 0 ||
                        strcmp(kbuild->folder, "arm") == 0) &&
                       !kbuild_is_set(kbuild, CONFIG_XIP);
    return check_expected(kbuild);
}
