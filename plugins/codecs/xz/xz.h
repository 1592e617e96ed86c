/* SPDX-License-Identifier: BSD-3-Clause
 *
 * codecs/xz/xz.h - what the files of the plugin share that offers the two formats of
 * liblzma: xz (The .xz File Format, version 1.2.1) and lzma, the older one, "alone"
 * (XZ Utils, doc/lzma-file-format.txt).
 */
#ifndef KPIPE_XZ_H
#define KPIPE_XZ_H

#include <lzma.h>

#include <kpipe/codec.h>
#include <kpipe/kpipe.h>

/* Values of `bcj` are the filters' IDs (.xz File Format, 5.3.2; RISC-V's is in XZ Utils'
 * bcj.h since 5.6.0), and these two. */
#define XZ_BCJ_NONE 0u
#define XZ_BCJ_AUTO 1u
#define XZ_BCJ_X86 4u
#define XZ_BCJ_POWERPC 5u
#define XZ_BCJ_IA64 6u
#define XZ_BCJ_ARM 7u
#define XZ_BCJ_ARMTHUMB 8u
#define XZ_BCJ_SPARC 9u
#define XZ_BCJ_ARM64 10u
#define XZ_BCJ_RISCV 11u

#define XZ_DICT_MAX (UINT32_C(3) << 29) /* liblzma's encoders have none larger */
#define LZMA_HEADER_SIZE 13u            /* properties, dictionary size, uncompressed size */

/* Parameters of both codecs; those with a has_ are over the preset's. */
struct xz_params {
    uint64_t level;
    uint64_t dict;
    uint64_t lc;
    uint64_t lp;
    uint64_t pb;
    struct kp_text arch;
    uint32_t preset;
    uint32_t check;
    uint32_t bcj;
    uint8_t extreme;
    uint8_t blocks;
    uint8_t has_level;
    uint8_t has_dict;
    uint8_t has_lc;
    uint8_t has_lp;
    uint8_t has_pb;
    uint8_t has_arch;
    uint8_t has_check;
    uint8_t has_bcj;
};

/* What headers tell of how a file was made. */
struct xz_made {
    int is_xz;      /* else lzma, which has no check, filter and blocks */
    uint32_t check; /* LZMA_CHECK_* */
    uint32_t bcj;   /* XZ_BCJ_* */
    int blocks;     /* with their sizes */
    uint32_t dict;  /* size of the dictionary; 0: the rest is not known */
    int properties; /* lc, lp and pb, as one byte; -1: unknown */
};

/* xz.c */
extern const struct kp_choice *const xz_checks[];
extern const struct kp_choice *const xz_filters[];

/* Whether a preset is of what Kbuild compresses with flags of its own. */
static inline int xz_is_kernel(uint32_t preset)
{
    return preset != KP_PRESET_NONE && preset != KP_PRESET_MAKE_FIT;
}

/* preset.c: the filter, and over *options what the preset wants for the architecture. */
int32_t xz_preset(struct kp_call *call, lzma_options_lzma *options, uint32_t *bcj);

/* encode.c, decode.c, inspect.c: what the operations and codecs run. */
int32_t xz_compress(struct kp_call *call);
int32_t xz_lzma_compress(struct kp_call *call);
int32_t xz_decompress(struct kp_call *call);
int32_t xz_lzma_decompress(struct kp_call *call);
int32_t xz_inspect(struct kp_call *call);
/* remake.c: reports how it may have been made. */
int32_t xz_remake(struct kp_call *call, const struct xz_made *made);
int32_t xz_lzma_inspect(struct kp_call *call);

#endif
