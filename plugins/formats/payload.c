/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/payload.c - compressed kernels as Kbuild makes them: `size-append` adds the trailer
 * with the size of the contents, `payload` compresses and adds it where Kbuild would.
 *
 * The codecs are other plugins' work; decompress.c is the way back.
 *
 * Facts from Linux 6.1: scripts/Makefile.lib has size_append, and each codec's command with
 * and without it; gzip's has none, since a gzip file ends with that number anyway. With it
 * are made the payloads of boot stubs (arch/{arm,mips,parisc,s390,sh,x86}/boot/.../Makefile)
 * and of EFI zboot (drivers/firmware/efi/libstub/Makefile.zboot); without it the files that
 * are compressed as they are (arch/arm64/boot/Makefile's Image.*, usr/Makefile). Linux 5.10
 * has only commands with it.
 */
#include <string.h>

#include <kpipe/kpipe.h>

#define TRAILER_SIZE 4u

#define KERNEL_5_10 0u
#define KERNEL_5_10_IMAGE 1u
#define KERNEL_6_1 2u
#define KERNEL_6_1_IMAGE 3u
#define KERNEL_6_12 4u
#define KERNEL_6_12_IMAGE 5u
#define NO_KERNEL 6u
#define MAKE_FIT 7u

#define TRAILER_AUTO 0u
#define TRAILER_YES 1u
#define TRAILER_NO 2u

struct append_params {
    uint64_t size;
};

struct payload_params {
    const struct kp_stage_value *codec;
    uint32_t preset;
    uint32_t trailer;
};

static const struct kp_param *const append_table[] = {
    KP_UINT(struct append_params, size, .flags = KP_PARAM_SHORT | KP_PARAM_REQUIRED,
            .maximum = UINT32_MAX, .trait = KP_TRAIT_SIZE, .unit = "bytes",
            .summary = "the size to be written: that of the contents once unpacked"),
    NULL,
};

/* What differs between Linux 5.10 and 6.1 are the trailers: codecs know 6.1 alone. */
static const struct kp_choice *const presets[] = {
    KP_ONE_OF_AS(KERNEL_5_10, "kernel-5.10", "Linux 5.10: bzImage, zImage", "kernel-6.1"),
    KP_ONE_OF_AS(KERNEL_5_10_IMAGE, "kernel-5.10-image", "Linux 5.10: a file of its own, Image.xz",
                 "kernel-6.1-image"),
    KP_ONE_OF(KERNEL_6_1, "kernel-6.1", "Linux 6.1: bzImage, zImage, EFI zboot"),
    KP_ONE_OF(KERNEL_6_1_IMAGE, "kernel-6.1-image", "Linux 6.1: a file of its own, Image.xz"),
    KP_ONE_OF(KERNEL_6_12, "kernel-6.12", "Linux 6.12: bzImage, zImage, EFI zboot"),
    KP_ONE_OF(KERNEL_6_12_IMAGE, "kernel-6.12-image", "Linux 6.12: a file of its own, Image.xz"),
    KP_ONE_OF(MAKE_FIT, "make-fit", "what `make image.fit` puts into a FIT"),
    KP_ONE_OF(NO_KERNEL, "none", "no build: the codec by itself, and a trailer"),
    NULL,
};

static const struct kp_choice *const trailers[] = {
    KP_ONE_OF(TRAILER_AUTO, "auto", "where that kernel has it"),
    KP_ONE_OF(TRAILER_YES, "yes", "always"),
    KP_ONE_OF(TRAILER_NO, "no", "never"),
    NULL,
};

static const struct kp_param *const payload_table[] = {
    KP_STAGE(struct payload_params, codec, .flags = KP_PARAM_SHORT | KP_PARAM_REQUIRED,
             .passes = "preset", .summary = "the codec, with parameters or without"),
    KP_CHOICE(struct payload_params, preset, .choices = presets, .fallback = "kernel-6.1",
              .summary = "the kernel whose build is followed",
              .help = "The codec gets the same preset, if it has that parameter and the recipe "
                      "gives it none. With gzip that means the gzip(1) of this machine; "
                      "{codec: {gzip: {preset: none}}} does without."),
    KP_CHOICE(struct payload_params, trailer, .choices = trailers, .fallback = "auto",
              .summary = "whether the size of the contents follows the compressed data",
              .help = "Four bytes, little endian. Kbuild adds them for all codecs but gzip, "
                      "whose format ends with them; from 6.1 on not to files of their own."),
    NULL,
};

static int32_t append_size(struct kp_call *call, uint64_t size)
{
    uint8_t trailer[TRAILER_SIZE];

    kp_put_le32(trailer, (uint32_t)size);
    return kp_append(call, trailer, sizeof(trailer));
}

/* What it is is still told by the codec, and how large the contents are by the trailer. */
static int32_t append_run(struct kp_call *call)
{
    const struct append_params *p = (const struct append_params *)call->params;

    if (kp_append_image(call, call->input) != KP_OK || append_size(call, p->size) != KP_OK)
        return KP_FAILED;
    return call->host->set_number(call, call->output, KP_TRAIT_SIZE, p->size);
}

static int wants_trailer(const struct payload_params *p, const char *codec)
{
    if (p->trailer != TRAILER_AUTO)
        return p->trailer == TRAILER_YES;
    return strcmp(codec, "gzip") != 0 && p->preset != KERNEL_6_1_IMAGE &&
           p->preset != KERNEL_6_12_IMAGE && p->preset != MAKE_FIT;
}

static int32_t payload_run(struct kp_call *call)
{
    const struct payload_params *p = (const struct payload_params *)call->params;
    const uint64_t size = kp_size(call, call->input);
    const struct kp_image *packed = call->host->run_stage(call, p->codec, call->input);
    struct kp_text codec;

    if (packed == NULL)
        return KP_FAILED;
    if (!call->host->trait_text(call, packed, KP_TRAIT_CODEC, &codec))
        return kp_fail_at(call, &p->codec, "`kpipe plugins` lists the codecs",
                          "codec: this stage does not compress");
    if (kp_append_image(call, packed) != KP_OK)
        return KP_FAILED;
    if (wants_trailer(p, codec.bytes)) {
        if (size > UINT32_MAX)
            return kp_fail_at(call, &p->trailer, "no kernel is that large",
                              "trailer: %llu bytes: their number does not fit its 32 bits",
                              (unsigned long long)size);
        if (append_size(call, size) != KP_OK)
            return KP_FAILED;
    }
    if (call->host->set_text(call, call->output, KP_TRAIT_CODEC, codec.bytes) != KP_OK)
        return KP_FAILED;
    return call->host->set_number(call, call->output, KP_TRAIT_SIZE, size);
}

static const char *const compressed[] = {KP_KIND_COMPRESSED, NULL};

static const struct kp_operation append_operation = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "append the size of the contents to a compressed kernel",
    .help = "As Kbuild's size_append: four bytes, little endian. Boot stubs read them; a codec's "
            "own tools take them for damage, `decompress` does not.",
    .input_kinds = compressed,
    .output_kind = KP_KIND_SAME,
    .params = append_table,
    .params_size = sizeof(struct append_params),
    .run = append_run,
};

static const struct kp_operation payload_operation = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "compress a kernel as Kbuild does",
    .output_kind = KP_KIND_COMPRESSED,
    .params = payload_table,
    .params_size = sizeof(struct payload_params),
    .run = payload_run,
};

static const struct kp_format size_append = {
    .size = sizeof(struct kp_format),
    .name = "size-append",
    .summary = "the size behind a compressed kernel",
    .pack = &append_operation,
};

static const struct kp_format payload = {
    .size = sizeof(struct kp_format),
    .name = "payload",
    .summary = "a compressed kernel as Kbuild makes it",
    .pack = &payload_operation,
};

static const struct kp_format *const formats[] = {&size_append, &payload, NULL};

KP_PLUGIN("org.kpipe.payload", "payload", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "compressed kernels as Kbuild makes them",
          KP_OFFERS_FORMAT("size-append") KP_OFFERS_STAGE("size-append") KP_OFFERS_FORMAT("payload")
              KP_OFFERS_STAGE("payload"),
          .formats = formats)
