/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/zboot/read.c - reads and checks the header of an EFI zboot image (zboot.h). The payload
 * is not unpacked.
 */
#include <string.h>

#include "zboot.h"

#define ULL(x) ((unsigned long long)(x))

const struct zboot_codec zboot_codecs[ZBOOT_CODECS] = {
    {"gzip", "gzip", "gzip"}, {"lz4", "lz4", NULL},   {"lzma", "lzma", NULL},
    {"lzo", "lzo", NULL},     {"xz", "xzkern", NULL}, {"zstd", "zstd22", "zstd"},
};

const struct zboot_codec *zboot_codec_by_name(const char *name)
{
    for (size_t i = 0; i < ZBOOT_CODECS; i++)
        if (strcmp(zboot_codecs[i].name, name) == 0)
            return &zboot_codecs[i];
    return NULL;
}

const struct zboot_codec *zboot_codec_by_type(const char *type)
{
    for (size_t i = 0; i < ZBOOT_CODECS; i++)
        if (strcmp(zboot_codecs[i].old_type, type) == 0 ||
            (zboot_codecs[i].type != NULL && strcmp(zboot_codecs[i].type, type) == 0))
            return &zboot_codecs[i];
    return NULL;
}

uint64_t zboot_trailer_size(const struct zboot_codec *codec)
{
    return strcmp(codec->name, "gzip") == 0 ? 0 : ZBOOT_TRAILER_SIZE;
}

const char *zboot_arch(uint16_t machine)
{
    static const struct {
        uint16_t machine;
        const char *name;
    } names[] = {{0xaa64, "arm64"},
                 {0x5064, "riscv64"},
                 {0x5032, "riscv32"},
                 {0x6264, "loongarch64"},
                 {0x6232, "loongarch32"}};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].machine == machine)
            return names[i].name;
    return NULL;
}

int32_t zboot_open(struct kp_call *call, struct pe_file *pe)
{
    static const uint8_t magic[8] = "MZ\0\0zimg";

    if (!pe_file_open(pe, call, call->input, NULL))
        return KP_FAILED;
    if (pe->coff < ZBOOT_HEADER_SIZE)
        return kp_fail(call, "pe header: at 0x%llx: within the header of EFI zboot", ULL(pe->coff));
    if (memcmp(pe->head, magic, sizeof(magic)) != 0)
        return kp_fail_at(call, NULL, "an EFI program without zboot is checked by the stage pe",
                          "magic: 0x%08x at 4: not \"zimg\"", kp_le32(pe->head + ZBOOT_AT_MAGIC));
    if (pe->optional_size == 0)
        return kp_fail(call, "pe header: no optional header: not an EFI program");
    return KP_OK;
}

/* The text, which ends within its place. */
static int32_t read_type(struct kp_call *call, struct zboot *zboot)
{
    const uint8_t *const text = zboot->pe.head + ZBOOT_AT_TYPE;
    size_t i;

    for (i = 0; i < ZBOOT_TYPE_SIZE && text[i] != '\0'; i++)
        zboot->type[i] = text[i] < 0x20 || text[i] > 0x7e ? '?' : (char)text[i];
    zboot->type[i] = '\0';
    if (i == 0 || i == ZBOOT_TYPE_SIZE)
        return kp_fail(call, "compression type: '%.40s': not text of 1 to %u characters",
                       zboot->type, ZBOOT_TYPE_SIZE - 1);
    zboot->codec = zboot_codec_by_type(zboot->type);
    return KP_OK;
}

/* Without knowing the codec it is not known whether a trailer follows. */
static int32_t read_payload(struct kp_call *call, struct zboot *zboot)
{
    const uint64_t trailer = zboot->codec == NULL ? 0 : zboot_trailer_size(zboot->codec);
    const uint64_t size = kp_size(call, call->input);

    zboot->payload = kp_le32(zboot->pe.head + ZBOOT_AT_PAYLOAD);
    zboot->payload_size = kp_le32(zboot->pe.head + ZBOOT_AT_PAYLOAD_SIZE);
    if (zboot->payload < zboot->pe.head_size || zboot->payload_size <= ZBOOT_TRAILER_SIZE ||
        !kp_inside(size, zboot->payload, zboot->payload_size + trailer))
        return kp_fail_at(call, NULL, "the file was cut short, or its header is damaged",
                          "payload: %llu bytes at 0x%llx: not between the header and the end of "
                          "the file (%llu bytes)",
                          ULL(zboot->payload_size + trailer), ULL(zboot->payload), ULL(size));
    if (zboot->codec == NULL)
        return KP_OK;
    zboot->inflated_at = zboot->payload + zboot->payload_size + trailer - ZBOOT_TRAILER_SIZE;
    return zboot_check_inflated(call, zboot->inflated_at, zboot->payload_size, &zboot->inflated);
}

int32_t zboot_read(struct kp_call *call, struct zboot *zboot)
{
    memset(zboot, 0, sizeof(*zboot));
    if (zboot_open(call, &zboot->pe) != KP_OK || !pe_sections_inside(&zboot->pe))
        return KP_FAILED;
    zboot->linux_magic = kp_le32(zboot->pe.head + ZBOOT_AT_LINUX_MAGIC) == ZBOOT_LINUX_MAGIC;
    zboot->arch = zboot_arch(zboot->pe.machine);
    return read_type(call, zboot) == KP_OK ? read_payload(call, zboot) : KP_FAILED;
}

int32_t zboot_identify(struct kp_call *call, uint64_t payload, uint64_t size, const char **codec)
{
    struct kp_identity identity = {.size = sizeof(identity)};
    const struct kp_image *const slice = call->host->image_slice(call, call->input, payload, size);

    if (slice == NULL || call->host->identify(call, slice, &identity) != KP_OK)
        return KP_FAILED;
    *codec = identity.codec;
    return KP_OK;
}

/* A kernel's contents are never smaller than what they were compressed to. */
int32_t zboot_check_inflated(struct kp_call *call, uint64_t at, uint64_t size, uint32_t *inflated)
{
    uint8_t bytes[ZBOOT_TRAILER_SIZE];

    if (call->host->image_read(call, call->input, at, bytes, sizeof(bytes)) != KP_OK)
        return KP_FAILED;
    *inflated = kp_le32(bytes);
    if (*inflated >= size)
        return KP_OK;
    return kp_fail_at(call, NULL, "`payload` appends the size of the contents, as Kbuild does",
                      "payload: %llu bytes: the number at 0x%llx, %u, cannot be the size of the "
                      "contents",
                      ULL(size), ULL(at), *inflated);
}
