/* SPDX-License-Identifier: BSD-3-Clause
 *
 * xz/xz.c - the codecs xz and lzma: parameters and what this plugin offers.
 */
#include "xz.h"

const struct kp_choice *const xz_checks[] = {
    KP_ONE_OF(LZMA_CHECK_NONE, "none", "no check"),
    KP_ONE_OF(LZMA_CHECK_CRC32, "crc32", "the one that Linux verifies"),
    KP_ONE_OF(LZMA_CHECK_CRC64, "crc64", "the default of xz"),
    KP_ONE_OF(LZMA_CHECK_SHA256, "sha256", "SHA-256"),
    NULL,
};

const struct kp_choice *const xz_filters[] = {
    KP_ONE_OF(XZ_BCJ_NONE, "none", "no filter"),
    KP_ONE_OF(XZ_BCJ_AUTO, "auto", "the architecture's, if it has one"),
    KP_ONE_OF(XZ_BCJ_X86, "x86", "x86, 32 and 64 bits"),
    KP_ONE_OF(XZ_BCJ_ARM, "arm", "ARM"),
    KP_ONE_OF(XZ_BCJ_ARMTHUMB, "armthumb", "ARM in Thumb state"),
    KP_ONE_OF(XZ_BCJ_ARM64, "arm64", "ARM64; needs liblzma 5.4.0"),
    KP_ONE_OF(XZ_BCJ_POWERPC, "powerpc", "PowerPC, big endian"),
    KP_ONE_OF(XZ_BCJ_IA64, "ia64", "Itanium"),
    KP_ONE_OF(XZ_BCJ_SPARC, "sparc", "SPARC"),
    KP_ONE_OF(XZ_BCJ_RISCV, "riscv", "RISC-V; needs liblzma 5.6.0"),
    NULL,
};

#define PRESENCE(field) .presence = offsetof(struct xz_params, has_##field)
/* What both codecs take. */
#define COMMON_ROWS(level_, preset_)                                                               \
    KP_UINT(struct xz_params, level, PRESENCE(level), .maximum = 9, .flags = KP_PARAM_SHORT,       \
            .computed = level_, .summary = "effort and memory: 0 is fastest, 9 is smallest"),      \
        KP_BOOL(struct xz_params, extreme, .fallback = "false",                                    \
                .summary = "a slower variant of the level, `xz -e`"),                              \
        KP_UINT(struct xz_params, dict, PRESENCE(dict), .minimum = LZMA_DICT_SIZE_MIN,             \
                .maximum = XZ_DICT_MAX, .unit = "bytes", .computed = "that of level and preset",   \
                .summary = "size of the dictionary"),                                              \
        KP_UINT(struct xz_params, lc, PRESENCE(lc), .maximum = LZMA_LCLP_MAX,                      \
                .computed = "3, or the preset's",                                                  \
                .summary = "literal context bits; with lp at most 4"),                             \
        KP_UINT(struct xz_params, lp, PRESENCE(lp), .maximum = LZMA_LCLP_MAX,                      \
                .computed = "0, or the preset's", .summary = "literal position bits"),             \
        KP_UINT(struct xz_params, pb, PRESENCE(pb), .maximum = LZMA_PB_MAX,                        \
                .computed = "2, or the preset's", .summary = "position bits"),                     \
        KP_KERNEL_PRESET(struct xz_params, preset,                                                 \
                         .help = preset_ " Parameters that are given win over it.")

static const struct kp_param *const xz_table[] = {
    COMMON_ROWS("6", "What scripts/xz_wrap.sh of that release gives `xz` for the architecture. The "
                     "script also looks at the kernel's configuration: with CONFIG_THUMB2_KERNEL "
                     "give 'bcj: armthumb'; kernel-6.12 and riscv without CONFIG_RISCV_ISA_C: "
                     "'lc: 2, lp: 2'; mips with CONFIG_CPU_MICROMIPS: 'lc: 3, lp: 1'; kernel-6.12 "
                     "and ppc64 with "
                     "CONFIG_CPU_LITTLE_ENDIAN (ppc64el): 'bcj: none'."),
    KP_CHOICE(struct xz_params, check, PRESENCE(check), .choices = xz_checks,
              .computed = "crc64, with a kernel's preset crc32",
              .summary = "integrity check of the contents"),
    KP_CHOICE(struct xz_params, bcj, PRESENCE(bcj), .choices = xz_filters,
              .computed = "none, or the preset's",
              .summary = "filter for a kind of machine code, in front of LZMA2"),
    KP_TEXT(struct xz_params, arch, PRESENCE(arch), .trait = KP_TRAIT_ARCH,
            .needed_if = "preset=kernel-6.1,kernel-6.1-image,kernel-6.12,kernel-6.12-image",
            .summary = "architecture, for 'bcj: auto' and the preset"),
    KP_BOOL(struct xz_params, blocks, .fallback = "false",
            .summary = "blocks of three times the dictionary, with their sizes, as `xz -T2`",
            .help = "So do `xz -T0` and all other numbers of threads but 1, and from 5.6 on xz "
                    "without -T."),
    NULL,
};

static const struct kp_param *const lzma_table[] = {
    COMMON_ROWS("6, with a kernel's preset 9", "Both kernels do `lzma -9`, by XZ Utils."),
    NULL,
};

#define COMPRESS(...)                                                                              \
    {                                                                                              \
        .size = sizeof(struct kp_operation), .flags = KP_OP_DETERMINISTIC,                         \
        .threading = KP_THREADS_ANY, .output_kind = KP_KIND_COMPRESSED,                            \
        .params_size = sizeof(struct xz_params), __VA_ARGS__                                       \
    }
#define DECOMPRESS(...)                                                                            \
    {                                                                                              \
        .size = sizeof(struct kp_operation), .flags = KP_OP_DETERMINISTIC,                         \
        .threading = KP_THREADS_ANY, .input_kinds = packed_kinds, .params = kp_decode_table,       \
        .params_size = sizeof(struct kp_decode_params), __VA_ARGS__                                \
    }

static const char *const packed_kinds[] = {KP_KIND_COMPRESSED, NULL};

static const struct kp_operation compress =
    COMPRESS(.summary = "compress with xz; the bytes are those of `xz -T1`", .params = xz_table,
             .run = xz_compress,
             .help = "One block, by one thread, however many kpipe has: xz itself has needed -T1 "
                     "for this since 5.6. With `blocks` the bytes are those of more threads, "
                     "whose number does not matter.");
static const struct kp_operation decompress =
    DECOMPRESS(.summary = "decompress xz", .run = xz_decompress,
               .help = "Several streams one after the other are joined. All checks are made.");
static const struct kp_operation lzma_compress =
    COMPRESS(.summary = "compress with lzma; the bytes are those of XZ Utils' lzma",
             .params = lzma_table, .run = xz_lzma_compress,
             .help = "The header says that the size is unknown, and an end marker follows.");
static const struct kp_operation lzma_decompress =
    DECOMPRESS(.summary = "decompress lzma", .run = xz_lzma_decompress,
               .help = "The format has no checksum: not every damage is found.");

static const struct kp_codec xz_codec = {
    .size = sizeof(struct kp_codec),
    .name = "xz",
    .summary = "xz files",
    .suffix = ".xz",
    .compress = &compress,
    .decompress = &decompress,
    .inspect = xz_inspect,
};
static const struct kp_codec lzma_codec = {
    .size = sizeof(struct kp_codec),
    .name = "lzma",
    .summary = "lzma files, the format before xz",
    .suffix = ".lzma",
    .compress = &lzma_compress,
    .decompress = &lzma_decompress,
    .inspect = xz_lzma_inspect,
};
static const struct kp_codec *const codecs[] = {&xz_codec, &lzma_codec, NULL};

/* lzma has no magic. A header is taken for one if its properties are lc=3 lp=0 pb=2 (0x5d) or
 * lc=1 lp=2 pb=2 (0x6d), and the data begins with 0 as every range coder's does, and either the
 * size is unknown and the dictionary a multiple of 64 KiB below 2 GiB, or the size is
 * below 4 GiB and the dictionary a power of two. */
/* clang-format off */
#define UNKNOWN_SIZE(properties)                                                                   \
    KP_MAGIC_CODEC("lzma", "0", properties "00000000ffffffffffffffff00",                           \
                                "ff"       "ffff0080ffffffffffffffffff")
#define KNOWN_SIZE_OF(properties, dictionary)                                                      \
    KP_MAGIC_CODEC("lzma", "0", properties "0000" dictionary "000000000000000000",                 \
                                "ff"       "ffff"  "ffff"    "00000000ffffffffff")
#define KNOWN_SIZE(dictionary) KNOWN_SIZE_OF("5d", dictionary) KNOWN_SIZE_OF("6d", dictionary)
#define LZMA_MAGIC                                                                                 \
    UNKNOWN_SIZE("5d") UNKNOWN_SIZE("6d")                                                          \
    KNOWN_SIZE("0100") KNOWN_SIZE("0200") KNOWN_SIZE("0400") KNOWN_SIZE("0800")                    \
    KNOWN_SIZE("1000") KNOWN_SIZE("2000") KNOWN_SIZE("4000") KNOWN_SIZE("8000")                    \
    KNOWN_SIZE("0001") KNOWN_SIZE("0002") KNOWN_SIZE("0004") KNOWN_SIZE("0008")                    \
    KNOWN_SIZE("0010") KNOWN_SIZE("0020") KNOWN_SIZE("0040")
/* clang-format on */

KP_PLUGIN("org.kpipe.xz", "xz", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors", "man:kpipe(1)",
          "the codecs xz and lzma, by liblzma",
          KP_OFFERS_CODEC("xz") KP_OFFERS_CODEC("lzma")
              KP_MAGIC_CODEC("xz", "0", "fd377a585a000000", "fffffffffffffff0") LZMA_MAGIC,
          .codecs = codecs)
