/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/image.c - the flat kernel with the Image header of arm64, riscv and loongarch: checks
 * and describes it, and pads it to its size in memory.
 *
 * But for padding the bytes pass as they are: Kbuild's objcopy step makes an Image, and the header
 * is already in it.
 *
 * Facts from Linux 6.1: Documentation/arm64/booting.rst, section 4, and
 * Documentation/riscv/boot-image-header.rst. All numbers are little endian.
 *   0x00 code0, code1    0x08 text_offset    0x10 image_size    0x18 flags
 *   0x30 "RISCV\0\0\0" (riscv; deprecated)   0x38 "ARM\x64" or "RSC\x05"
 *   0x3c offset of the PE header, if code0 begins with "MZ"
 * loongarch's, from Linux 6.12, Documentation/arch/loongarch/booting.rst, and Linux 6.1,
 * arch/loongarch/kernel/head.S, which has no magic number:
 *   0x00 "MZ\0\0", 0    0x08 kernel_entry    0x10 _end - _text    0x18 load_offset
 *   0x38 0x818223cd or 0, 0x3c offset of the PE header, which follows at once
 */
#include <string.h>

#include "../common/pe.h"

#define HEADER_SIZE 64u
#define AT_TEXT_OFFSET 0x08u
#define AT_IMAGE_SIZE 0x10u
#define AT_FLAGS 0x18u
#define AT_VERSION 0x20u     /* riscv */
#define AT_ENTRY 0x08u       /* loongarch */
#define AT_LOAD_OFFSET 0x18u /* loongarch */
#define AT_MAGIC 0x38u
#define ARM64_MAGIC 0x644d5241u
#define RISCV_MAGIC 0x05435352u
#define LOONGARCH_MAGIC 0x818223cdu /* LINUX_PE_MAGIC: EFI zboot and x86 have it as well */

enum header { ARM64, RISCV, LOONGARCH };

struct image {
    uint64_t file_size;
    uint64_t text_offset, image_size, flags;
    uint64_t entry, load_offset; /* loongarch: in place of text_offset and flags */
    uint32_t version;            /* riscv: major and minor */
    uint32_t magic;
    enum header header;
    int efi;
    uint32_t pe;                           /* offset of the PE header */
    uint16_t machine;                      /* of the PE header */
    uint64_t head_size;                    /* to the end of that */
    uint64_t signature_at, signature_size; /* the certificate table; 0: none */
    uint64_t checksum_at, certificates_at; /* their fields */
    uint32_t checksum;
    const char *arch;
};

struct image_params {
    uint8_t pad;
};

/* EFI zboot's header begins as loongarch's does, but with "zimg" behind "MZ\0\0". */
static int32_t find_header(struct kp_call *call, struct image *image, const uint8_t *head)
{
    static const uint8_t loongarch[8] = "MZ";

    image->magic = kp_le32(head + AT_MAGIC);
    if (image->magic == ARM64_MAGIC)
        image->header = ARM64;
    else if (image->magic == RISCV_MAGIC)
        image->header = RISCV;
    else if (memcmp(head, loongarch, sizeof(loongarch)) == 0 &&
             (image->magic == LOONGARCH_MAGIC || image->magic == 0))
        image->header = LOONGARCH;
    else
        return kp_fail(call,
                       "magic: 0x%08x: neither arm64's 0x%08x nor riscv's 0x%08x, and no header of "
                       "loongarch, with MZ and 0x%08x",
                       (unsigned)image->magic, ARM64_MAGIC, RISCV_MAGIC, LOONGARCH_MAGIC);
    return KP_OK;
}

static int32_t read_header(struct kp_call *call, struct image *image)
{
    uint8_t head[HEADER_SIZE];

    memset(image, 0, sizeof(*image));
    image->file_size = kp_size(call, call->input);
    if (image->file_size < HEADER_SIZE)
        return kp_fail(call, "header: %llu bytes: an Image begins with a header of %u",
                       (unsigned long long)image->file_size, HEADER_SIZE);
    if (call->host->image_read(call, call->input, 0, head, sizeof(head)) != KP_OK ||
        find_header(call, image, head) != KP_OK)
        return KP_FAILED;
    image->image_size = kp_le64(head + AT_IMAGE_SIZE);
    if (image->header == LOONGARCH) {
        image->entry = kp_le64(head + AT_ENTRY);
        image->load_offset = kp_le64(head + AT_LOAD_OFFSET);
    } else {
        image->text_offset = kp_le64(head + AT_TEXT_OFFSET);
        image->flags = kp_le64(head + AT_FLAGS);
    }
    image->version = kp_le32(head + AT_VERSION);
    image->pe = kp_le32(head + PE_SIGNATURE_AT);
    image->efi = memcmp(head, "MZ", 2) == 0;
    return KP_OK;
}

/* With "MZ" the file promises to be an EFI program too. Its sections must lie in the file: the
 * only sign of one cut short, since image_size counts memory. */
static int32_t read_pe(struct kp_call *call, struct image *image)
{
    struct pe_file pe;

    if (!image->efi)
        return KP_OK;
    if (!pe_file_open(&pe, call, call->input, NULL) || !pe_sections_inside(&pe))
        return KP_FAILED;
    image->machine = pe.machine;
    image->head_size = pe.head_size;
    if (pe.optional_size == 0)
        return KP_OK;
    image->checksum_at = pe.optional + PE_CHECKSUM;
    image->checksum = kp_le32(pe_optional(&pe, PE_CHECKSUM));
    image->certificates_at = pe.directories + UINT64_C(8) * PE_DIRECTORY_CERTIFICATES;
    return pe_certificates(&pe, &image->signature_at, &image->signature_size) ? KP_OK : KP_FAILED;
}

/* The headers of riscv and loongarch are the same for 32 and 64 bits: the PE header tells, else
 * what is known already, else it is 64. */
static const char *arch_of(const struct image *image, const struct kp_arch *given)
{
    if (image->header == ARM64)
        return "arm64";
    if (image->header == LOONGARCH)
        return image->machine == 0x6232 ? "loongarch32" : "loongarch64";
    if (image->efi ? image->machine == 0x5032
                   : given != NULL && strcmp(given->name, "riscv32") == 0)
        return "riscv32";
    return "riscv64";
}

static int32_t find_arch(struct kp_call *call, struct image *image)
{
    struct kp_text known = {"", 0};
    const struct kp_arch *given = NULL, *own;

    if (call->host->trait_text(call, call->input, KP_TRAIT_ARCH, &known))
        given = call->host->arch(call, known.bytes);
    image->arch = arch_of(image, given);
    own = call->host->arch(call, image->arch);
    if (own != NULL && image->efi && own->efi_machine != image->machine)
        return kp_fail(call, "pe header: machine 0x%x: the Image header is one of %s",
                       (unsigned)image->machine, image->arch);
    if (given != NULL && strcmp(given->name, image->arch) != 0)
        return kp_fail_at(call, NULL, "correct arch: in the recipe, or take another kernel",
                          "arch: %s: the Image header is one of %s", given->name, image->arch);
    return KP_OK;
}

static int32_t check_numbers(struct kp_call *call, const struct image *image)
{
    const uint64_t known_flags = image->header == RISCV ? 0x1 : 0xf;

    if (image->image_size == 0 && image->header != ARM64)
        return kp_fail(call, "image_size: 0: %s",
                       image->header == RISCV ? "riscv boot loaders refuse that"
                                              : "a kernel of loongarch tells it");
    if (image->image_size != 0 && image->file_size > image->image_size)
        return kp_fail(call, "image_size: %llu bytes: the file has %llu",
                       (unsigned long long)image->image_size, (unsigned long long)image->file_size);
    /* The kernel's linker script aligns it to pages; the old field's byte order is unknown. */
    if (image->image_size != 0 && image->text_offset % 4096 != 0)
        return kp_fail(call, "text_offset: 0x%llx: not a multiple of 4096",
                       (unsigned long long)image->text_offset);
    if ((image->flags & ~known_flags) != 0)
        kp_message(call, KP_WARNING, "flags: 0x%llx: bits are set that have no meaning yet",
                   (unsigned long long)image->flags);
    return KP_OK;
}

/* The bytes to be zeroed behind the file: what the header wants beyond it. */
static int32_t set_traits(struct kp_call *call, const struct image *image)
{
    if (call->host->set_text(call, call->output, KP_TRAIT_ARCH, image->arch) != KP_OK)
        return KP_FAILED;
    if (image->image_size <= image->file_size)
        return KP_OK;
    return call->host->set_number(call, call->output, KP_TRAIT_BSS,
                                  image->image_size - image->file_size);
}

/* As Kbuild does by a number of 32 bits (Linux 6.12, drivers/firmware/efi/libstub/Makefile.zboot);
 * a larger one would be no kernel. Nothing is left to be zeroed behind it then. */
static int32_t pad(struct kp_call *call, const struct image_params *p, const struct image *image)
{
    if (image->image_size == 0)
        return kp_fail_at(call, &p->pad, "such old kernels know no EFI zboot",
                          "pad: image_size is 0: up to where is not known");
    if (image->image_size > UINT32_MAX)
        return kp_fail_at(call, &p->pad, NULL, "pad: image_size is 0x%llx: more than 32 bits",
                          (unsigned long long)image->image_size);
    if (call->host->clear_trait(call, call->output, KP_TRAIT_BSS) != KP_OK)
        return KP_FAILED;
    return kp_append_fill(call, 0, image->image_size - image->file_size);
}

static int32_t run(struct kp_call *call)
{
    const struct image_params *p = (const struct image_params *)call->params;
    struct image image;

    if (read_header(call, &image) != KP_OK || read_pe(call, &image) != KP_OK ||
        find_arch(call, &image) != KP_OK || check_numbers(call, &image) != KP_OK ||
        set_traits(call, &image) != KP_OK || kp_append_image(call, call->input) != KP_OK)
        return KP_FAILED;
    return p->pad ? pad(call, p, &image) : KP_OK;
}

/* Bits 0 (byte order), 1-2 (page size), 3 (placement); riscv has only the first. */
static int32_t show_flags(struct kp_call *call, const struct image *image)
{
    static const char *const pages[] = {"any pages", "4K pages", "16K pages", "64K pages"};
    const char *const order = image->flags & 1 ? "big endian" : "little endian";
    char text[64];

    if (image->header == RISCV)
        snprintf(text, sizeof(text), "%s", order);
    else
        snprintf(text, sizeof(text), "%s, %s, %s", order, pages[(image->flags >> 1) & 3],
                 image->flags & 8 ? "placed anywhere" : "placed near the start of memory");
    return kp_field_number(call, "flags", AT_FLAGS, 8, image->flags, KP_FIELD_HEX, text);
}

static int32_t show_size(struct kp_call *call, const struct image *image, const char *meaning)
{
    const uint32_t flag =
        image->image_size != 0 && image->file_size > image->image_size ? KP_FIELD_INVALID : 0;

    return kp_field_number(call, "image_size", AT_IMAGE_SIZE, 8, image->image_size,
                           KP_FIELD_BYTES | flag, meaning);
}

static int32_t show_loongarch(struct kp_call *call, const struct image *image)
{
    if (kp_field_number(call, "kernel_entry", AT_ENTRY, 8, image->entry, KP_FIELD_HEX, NULL) !=
            KP_OK ||
        show_size(call, image, NULL) != KP_OK)
        return KP_FAILED;
    return kp_field_number(call, "load_offset", AT_LOAD_OFFSET, 8, image->load_offset, KP_FIELD_HEX,
                           NULL);
}

static int32_t show_image(struct kp_call *call, const struct image *image)
{
    const bool old = image->image_size == 0 && image->header == ARM64;
    char text[32];

    if (kp_field_number(call, "text_offset", AT_TEXT_OFFSET, 8, image->text_offset, KP_FIELD_HEX,
                        old ? "before Linux 3.17: 0x80000" : NULL) != KP_OK ||
        show_size(call, image, old ? "before Linux 3.17: unknown" : NULL) != KP_OK ||
        show_flags(call, image) != KP_OK)
        return KP_FAILED;
    if (image->header != RISCV)
        return KP_OK;
    snprintf(text, sizeof(text), "%u.%u", (unsigned)(image->version >> 16),
             (unsigned)(image->version & 0xffff));
    return kp_field_number(call, "version", AT_VERSION, 4, image->version, KP_FIELD_HEX, text);
}

static int32_t show_header(struct kp_call *call, const struct image *image)
{
    static const char *const names[] = {"arm64", "riscv", "Linux EFI"};

    if ((image->header == LOONGARCH ? show_loongarch(call, image) : show_image(call, image)) !=
            KP_OK ||
        kp_field_number(call, "magic", AT_MAGIC, 4, image->magic, KP_FIELD_HEX,
                        image->magic == 0 ? "old kernels have none" : names[image->header]) !=
            KP_OK)
        return KP_FAILED;
    if (!image->efi)
        return KP_OK;
    return kp_field_number(call, "pe_header", PE_SIGNATURE_AT, 4, image->pe, KP_FIELD_HEX,
                           "EFI stub");
}

/* Distributions sign their kernels: what signing changes, and adds. */
static int32_t show_signature(struct kp_call *call, const struct image *image)
{
    const struct kp_part kernel = {.size = sizeof(kernel),
                                   .name = "kernel",
                                   .offset = image->head_size,
                                   .length = image->signature_at - image->head_size,
                                   .meaning = "all but header and signature",
                                   .flags = KP_PART_TOLD};
    const struct kp_part signature = {.size = sizeof(signature),
                                      .name = "signature",
                                      .role = KP_ROLE_SIGNATURE,
                                      .offset = image->signature_at,
                                      .length = image->signature_size};
    struct kp_field field = {.size = sizeof(field),
                             .type = KP_FIELD_NUMBER,
                             .flags = KP_FIELD_HEX,
                             .name = "Certificate Table",
                             .offset = image->certificates_at,
                             .length = 4,
                             .number = image->signature_at,
                             .of = "signature",
                             .relation = KP_FIELD_OFFSET_OF};

    if (kp_field_number(call, "CheckSum", image->checksum_at, 4, image->checksum, KP_FIELD_HEX,
                        NULL) != KP_OK ||
        call->host->field(call, &field) != KP_OK)
        return KP_FAILED;
    field.name = "Certificate Table.Size";
    field.flags = KP_FIELD_BYTES;
    field.offset += 4;
    field.number = image->signature_size;
    field.relation = KP_FIELD_SIZE_OF;
    if (call->host->field(call, &field) != KP_OK ||
        kp_part_at(call, "header", KP_ROLE_CODE, 0, image->head_size, NULL) != KP_OK ||
        call->host->part(call, &kernel) != KP_OK)
        return KP_FAILED;
    return call->host->part(call, &signature);
}

/* Laid out; CheckSum if it is right, as after signing. */
static int32_t remake(struct kp_call *call, const struct image *image)
{
    if (image->signature_size != 0 && image->checksum != 0 &&
        call->host->remake(call, "[@layout, {pe: {checksum: compute}}, image]") != KP_OK)
        return KP_FAILED;
    return call->host->remake(call, "[@layout, image]");
}

static int32_t inspect(struct kp_call *call)
{
    struct image image;

    if (read_header(call, &image) != KP_OK)
        return KP_FAILED;
    /* Before Linux 6.12 nothing but its size tells loongarch's kernel from other EFI programs. */
    if (image.header == LOONGARCH && image.image_size == 0)
        return kp_field_number(call, "pe_header", PE_SIGNATURE_AT, 4, image.pe, KP_FIELD_HEX,
                               "an EFI program, and no kernel");
    if (show_header(call, &image) != KP_OK || read_pe(call, &image) != KP_OK ||
        find_arch(call, &image) != KP_OK || check_numbers(call, &image) != KP_OK)
        return KP_FAILED;
    if (image.signature_size != 0 && image.signature_at > image.head_size &&
        show_signature(call, &image) != KP_OK)
        return KP_FAILED;
    return set_traits(call, &image) == KP_OK ? remake(call, &image) : KP_FAILED;
}

static const char *const kinds[] = {KP_KIND_IMAGE, NULL};
/* With an EFI stub an Image is a PE file, too. */
static const char *const input_kinds[] = {KP_KIND_IMAGE, KP_KIND_PE, KP_KIND_RAW, NULL};
static const char *const sets[] = {KP_TRAIT_ARCH, KP_TRAIT_BSS, NULL};

static const struct kp_param *const table[] = {
    KP_BOOL(struct image_params, pad, .fallback = "no",
            .summary = "append zeros up to image_size, what the kernel takes in memory",
            .help =
                "As Kbuild does before it compresses a kernel for EFI zboot: in Linux 6.12, not "
                "in 6.1."),
    NULL,
};

static const struct kp_operation pack = {
    .size = sizeof(struct kp_operation),
    .flags = KP_OP_DETERMINISTIC,
    .threading = KP_THREADS_ANY,
    .summary = "check the header of an Image of arm64, riscv or loongarch",
    .input_kinds = input_kinds,
    .output_kind = KP_KIND_IMAGE,
    .params = table,
    .params_size = sizeof(struct image_params),
    .sets = sets,
    .memory_base = PE_HEAD_MAX,
    .run = run,
};

static const struct kp_format image_format = {
    .size = sizeof(struct kp_format),
    .name = "image",
    .summary = "the flat kernel of arm64, riscv and loongarch",
    .kinds = kinds,
    .pack = &pack,
    .inspect = inspect,
};

static const struct kp_format *const formats[] = {&image_format, NULL};

/* loongarch's header: "MZ" and zeros, then 52 bytes that may be any (old kernels have no magic
 * number among them), the place of the PE header, and what begins it: "PE", and the machine's
 * high byte. */
#define ANY_26 "0000000000000000000000000000000000000000000000000000"
#define ANY_52 ANY_26 ANY_26
KP_PLUGIN("org.kpipe.image", "image", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "the flat kernel of arm64, riscv and loongarch",
          KP_OFFERS_FORMAT("image") KP_OFFERS_STAGE("image")
              KP_MAGIC("image", "56", "41524d64", "ffffffff")
                  KP_MAGIC("image", "56", "52534305", "ffffffff")
                      KP_MAGIC("image", "0", "4d5a000000000000" ANY_52 "40000000504500000062",
                               "ffffffffffffffff" ANY_52 "ffffffffffffffff00ff"),
          .formats = formats)
