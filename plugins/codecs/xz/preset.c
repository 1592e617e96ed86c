/* SPDX-License-Identifier: BSD-3-Clause
 *
 * xz/preset.c - how Linux compresses itself with xz: scripts/xz_wrap.sh of 6.1 and of 6.12,
 * by architecture. What it learns from the kernel's configuration (THUMB2_KERNEL,
 * RISCV_ISA_C, CPU_MICROMIPS) no image tells: the usual value is taken, and the
 * parameters' help says how to get the other.
 */
#include <string.h>

#include "xz.h"

/* One line of the script's `case $SRCARCH`. */
struct wrap {
    const char *kbuild;      /* struct kp_arch's `kbuild` */
    uint32_t bcj_6_1;        /* filters */
    uint32_t bcj_6_12;       /* the same, or of a later script */
    uint32_t alignment_6_12; /* of instructions, in bytes */
};

static const struct wrap wraps[] = {
    {"x86", XZ_BCJ_X86, XZ_BCJ_X86, 1},
    {"arm", XZ_BCJ_ARM, XZ_BCJ_ARM, 4}, /* THUMB2_KERNEL: armthumb, 2 */
    {"arm64", XZ_BCJ_NONE, XZ_BCJ_ARM64, 4},
    {"ia64", XZ_BCJ_IA64, XZ_BCJ_NONE, 2}, /* 6.12 has no ia64 any more */
    {"loongarch", XZ_BCJ_NONE, XZ_BCJ_NONE, 4},
    {"mips", XZ_BCJ_NONE, XZ_BCJ_NONE, 4}, /* CPU_MICROMIPS: 2 */
    {"parisc", XZ_BCJ_NONE, XZ_BCJ_NONE, 4},
    {"powerpc", XZ_BCJ_POWERPC, XZ_BCJ_POWERPC, 4}, /* 6.12: if big endian */
    {"riscv", XZ_BCJ_NONE, XZ_BCJ_RISCV, 2},        /* without RISCV_ISA_C: 4 */
    {"sparc", XZ_BCJ_SPARC, XZ_BCJ_SPARC, 4},
};

/* csky, s390, sh, and what the script does not know. */
static const struct wrap other = {"", XZ_BCJ_NONE, XZ_BCJ_NONE, 2};

static const struct wrap *find_wrap(const struct kp_arch *arch)
{
    for (size_t i = 0; i < sizeof(wraps) / sizeof(wraps[0]); i++)
        if (arch->kbuild != NULL && strcmp(wraps[i].kbuild, arch->kbuild) == 0)
            return &wraps[i];
    return &other;
}

static const struct kp_arch *find_arch(struct kp_call *call, const struct xz_params *params)
{
    const int automatic = params->has_bcj && params->bcj == XZ_BCJ_AUTO;
    const struct kp_arch *arch;

    if (!params->has_arch) {
        kp_fail_at(call, automatic ? &params->bcj : &params->preset,
                   "give 'arch: NAME' here, for the recipe or for its input",
                   "%s: the architecture is not known, and it decides the options",
                   automatic ? "bcj: auto" : "preset");
        return NULL;
    }
    arch = call->host->arch(call, params->arch.bytes);
    if (arch == NULL)
        kp_fail_at(call, &params->arch, "`kpipe plugins` lists the architectures",
                   "arch: %s: no plugin knows this architecture", params->arch.bytes);
    return arch;
}

/* The filter that the architecture's plugin names (arch.h). */
static int32_t filter_of_arch(struct kp_call *call, const struct kp_arch *arch, uint32_t *bcj)
{
    const struct xz_params *const params = call->params;

    *bcj = XZ_BCJ_NONE;
    if (arch->bcj == NULL)
        return KP_OK;
    for (size_t i = 0; xz_filters[i] != NULL; i++) {
        if (strcmp(xz_filters[i]->name, arch->bcj) == 0) {
            *bcj = xz_filters[i]->value;
            return KP_OK;
        }
    }
    return kp_fail_at(call, &params->bcj, "give the filter by name, or 'none'",
                      "bcj: auto: %s, the filter for %s, is not known here", arch->bcj, arch->name);
}

/* lc and lp for the alignment of instructions. */
static void align(lzma_options_lzma *options, uint32_t alignment)
{
    if (alignment == 2)
        options->lp = 1;
    if (alignment == 4) {
        options->lp = 2;
        options->lc = 2;
    }
}

int32_t xz_preset(struct kp_call *call, lzma_options_lzma *options, uint32_t *bcj)
{
    const struct xz_params *const params = call->params;
    const int automatic = params->has_bcj && params->bcj == XZ_BCJ_AUTO;
    const struct kp_arch *arch;
    const struct wrap *wrap;

    *bcj = params->has_bcj ? params->bcj : XZ_BCJ_NONE;
    if (!xz_is_kernel(params->preset) && !automatic)
        return KP_OK;
    arch = find_arch(call, params);
    if (arch == NULL || (automatic && filter_of_arch(call, arch, bcj) != KP_OK))
        return KP_FAILED;
    if (!xz_is_kernel(params->preset))
        return KP_OK;
    wrap = find_wrap(arch);
    if (params->preset == KP_PRESET_KERNEL_6_1 || params->preset == KP_PRESET_KERNEL_6_1_IMAGE) {
        if (!params->has_bcj)
            *bcj = wrap->bcj_6_1;
        if (*bcj == XZ_BCJ_IA64)
            options->pb = 4;
        options->dict_size = UINT32_C(32) << 20;
        return KP_OK;
    }
    if (!params->has_bcj)
        *bcj = wrap->bcj_6_12;
    if (!params->has_bcj && *bcj == XZ_BCJ_POWERPC && (arch->flags & KP_ARCH_BIG_ENDIAN) == 0)
        *bcj = XZ_BCJ_NONE;
    align(options, *bcj == XZ_BCJ_ARMTHUMB ? 2 : wrap->alignment_6_12);
    options->dict_size = UINT32_C(128) << 20;
    return KP_OK;
}
