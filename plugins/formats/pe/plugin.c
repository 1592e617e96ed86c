/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/pe/plugin.c - the format `pe`, programs of EFI firmware: what this plugin offers. It
 * makes none, and signs none.
 */
#include "pe_format.h"

static const struct kp_choice *const checksums[] = {
    KP_ONE_OF(CHECKSUM_KEEP, "keep", "as it is"),
    KP_ONE_OF(CHECKSUM_ZERO, "zero", "0, as kernels are built: none"),
    KP_ONE_OF(CHECKSUM_COMPUTE, "compute", "the right one"),
    NULL,
};

static const struct kp_choice *const sizes[] = {
    KP_ONE_OF(SIZES_KEEP, "keep", "as they are"),
    KP_ONE_OF(SIZES_COMPUTE, "compute", "from the section table"),
    KP_ONE_OF(SIZES_IMAGE, "image", "SizeOfImage from the section table, the others as they are"),
    NULL,
};

static const struct kp_choice *const addresses[] = {
    KP_ONE_OF(ADDRESSES_KEEP, "keep", "as they are"),
    KP_ONE_OF(ADDRESSES_FIT, "fit",
              "what a unified kernel image holds moves up where the section before it has grown"),
    NULL,
};

static const struct kp_choice *const nx[] = {
    KP_ONE_OF(NX_KEEP, "keep", "as it is"),
    KP_ONE_OF(NX_YES, "yes", "set"),
    KP_ONE_OF(NX_NO, "no", "cleared"),
    NULL,
};

static const struct kp_param *const table[] = {
    KP_CHOICE(struct pe_params, checksum, .choices = checksums, .fallback = "keep",
              .summary = "CheckSum, which signing changes and EFI firmware ignores",
              .help = "If it or sizes are computed, the place of a certificate table without "
                      "certificates becomes 0, too."),
    KP_CHOICE(struct pe_params, sizes, .choices = sizes, .fallback = "keep",
              .summary = "SizeOfImage, SizeOfCode, SizeOfInitializedData, SizeOfUninitializedData",
              .help = "SizeOfImage is where the last section ends, rounded to SectionAlignment; "
                      "the others are the sums over the sections that are code, data, bss."),
    KP_CHOICE(struct pe_params, addresses, .choices = addresses, .fallback = "keep",
              .summary = "VirtualAddress of sections",
              .help = "Nothing but the section table tells where .linux, .initrd, .cmdline and "
                      "others lie in memory, so they may move; code may not."),
    KP_BOOL(struct pe_params, tolerant, .fallback = "no",
            .summary = "warn of addresses of sections that firmware takes all the same",
            .help = "Sections that are not aligned in memory, or reach into each other: what "
                    "objcopy --add-section makes of EFI stubs."),
    KP_CHOICE(struct pe_params, nx, .choices = nx, .fallback = "keep",
              .summary = "the flag NX_COMPAT",
              .help = "It says that the program runs with memory that is either writable or "
                      "executable; firmware may refuse one without it, and fail to run one that "
                      "has it unduly."),
    NULL,
};

/* A bootable file's own kind passes: it stays one. */
static const char *const input_kinds[] = {
    KP_KIND_PE, KP_KIND_BZIMAGE, KP_KIND_IMAGE, KP_KIND_ZIMAGE, KP_KIND_ZBOOT, KP_KIND_RAW, NULL};
static const char *const kinds[] = {KP_KIND_PE, NULL};
static const char *const sets[] = {KP_TRAIT_ARCH, NULL};

static const struct kp_operation pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "check the PE/COFF header of an EFI program, and fill it in",
    .help =
        "Without parameters the bytes pass as they are. Checked are: sections inside of the "
        "file, at their alignment, in order, apart, within SizeOfImage; SizeOfHeaders; the "
        "entry point in a section; a certificate table at the end. If a signed file's headers "
        "change, a warning says that its signature does not hold any more. (The CRC of a bzImage "
        "covers them, too, and stays as it is: loaders do not look at it.)",
    .input_kinds = input_kinds,
    .output_kind = KP_KIND_SAME,
    .params = table,
    .params_size = sizeof(struct pe_params),
    .sets = sets,
    .memory_base = (uint64_t)2 * PE_HEAD_MAX,
    .run = pe_pack,
};

static const struct kp_format pe = {
    .size = sizeof(struct kp_format),
    .name = "pe",
    .summary = "PE/COFF, programs of EFI firmware",
    .kinds = kinds,
    .pack = &pack,
    .inspect = pe_inspect,
};

static const struct kp_format *const formats[] = {&pe, NULL};

KP_PLUGIN("org.kpipe.pe", "pe", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors", "man:kpipe(1)",
          "PE/COFF, programs of EFI firmware",
          KP_OFFERS_FORMAT("pe") KP_OFFERS_STAGE("pe") KP_MAGIC("pe", "0", "4d5a", "ffff"),
          .formats = formats)
