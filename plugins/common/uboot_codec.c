/* SPDX-License-Identifier: BSD-3-Clause
 *
 * common/uboot_codec.c - finds out what a payload is compressed with.
 *
 * U-Boot chooses its decompressor by the header's label alone, so a wrong label
 * is a board that does not boot. The formats that a label can name are recognised
 * here, whether a plugin for that codec is installed or not; for all others the
 * host is asked. Nothing is unpacked.
 */
#include <string.h>

#include "uboot.h"

#define HEAD_SIZE 13u /* of an lzma header, the longest that is looked at */

const struct kp_choice *const uboot_compressions[] = {
    KP_ONE_OF(UBOOT_COMP_NONE, "none", "U-Boot uses the bytes as they are"),
    KP_ONE_OF(1, "gzip", "U-Boot unpacks with gzip"),
    KP_ONE_OF(2, "bzip2", "U-Boot unpacks with bzip2"),
    KP_ONE_OF(UBOOT_COMP_LZMA, "lzma", "U-Boot unpacks with lzma"),
    KP_ONE_OF(4, "lzo", "U-Boot unpacks with lzo (lzop's format)"),
    KP_ONE_OF(5, "lz4", "U-Boot unpacks with lz4 (the frame format)"),
    KP_ONE_OF(6, "zstd", "U-Boot unpacks with zstd"),
    NULL,
};

const struct kp_choice *uboot_choice(const struct kp_choice *const *choices, const char *name)
{
    if (name == NULL)
        return NULL;
    while (*choices != NULL && strcmp((*choices)->name, name) != 0)
        choices++;
    return *choices;
}

const char *uboot_choice_name(const struct kp_choice *const *choices, uint32_t number)
{
    while (*choices != NULL && (*choices)->value != number)
        choices++;
    return *choices == NULL ? NULL : (*choices)->name;
}

/* What U-Boot's decompressors want to see first, and two that it cannot unpack. */
static const struct {
    const char *name;
    uint32_t number;
    uint32_t length;
    uint8_t magic[9];
} formats[] = {
    {"gzip", 1, 3, {0x1f, 0x8b, 0x08}},
    {"bzip2", 2, 3, {'B', 'Z', 'h'}},
    {"lzo", 4, 9, {0x89, 'L', 'Z', 'O', 0x00, 0x0d, 0x0a, 0x1a, 0x0a}},
    {"lz4", 5, 4, {0x04, 0x22, 0x4d, 0x18}},
    {"zstd", 6, 4, {0x28, 0xb5, 0x2f, 0xfd}},
    {"xz", UBOOT_COMP_UNNAMED, 6, {0xfd, '7', 'z', 'X', 'Z', 0x00}},
    /* The kernel's Image.lz4. U-Boot's ulz4fn knows only the frame format. */
    {"lz4 in its legacy format", UBOOT_COMP_UNNAMED, 4, {0x02, 0x21, 0x4c, 0x18}},
};

/* An lzma header has no magic number: one byte of properties (below 225), the size
 * of the dictionary, and the unpacked size in 64 bits, of which all or the highest
 * 24 are ones or zeros in any kernel. */
static int has_lzma_size(const uint8_t *head, uint64_t length)
{
    const uint64_t size = length < HEAD_SIZE ? 0 : kp_le64(head + 5);

    return length >= HEAD_SIZE && (size == UINT64_MAX || (size != 0 && size >> 40 == 0));
}

static int is_lzma(const uint8_t *head, uint64_t length)
{
    /* 5d: lc=3 lp=0 pb=2, every encoder's default. The dictionary is at least 64 KiB
     * and at most 128 MiB for all of its presets. */
    return has_lzma_size(head, length) && head[0] == 0x5d && head[1] == 0 && head[2] == 0 &&
           (head[3] != 0 || head[4] != 0) && head[4] <= 0x08;
}

static int32_t read_head(struct kp_call *call, const struct kp_image *image,
                         uint8_t head[HEAD_SIZE], uint64_t *length)
{
    const uint64_t size = kp_size(call, image);

    *length = size < HEAD_SIZE ? size : HEAD_SIZE;
    return call->host->image_read(call, image, 0, head, *length);
}

/* By what earlier stages said, or what other plugins recognise. */
static int32_t ask_host(struct kp_call *call, const struct kp_image *image,
                        struct uboot_codec *codec)
{
    struct kp_identity identity = {sizeof(struct kp_identity), NULL, NULL};
    struct kp_text text;

    if (call->host->trait_text(call, image, KP_TRAIT_CODEC, &text)) {
        codec->name = text.bytes;
    } else {
        if (call->host->identify(call, image, &identity) != KP_OK)
            return KP_FAILED;
        codec->name = identity.codec;
    }
    if (codec->name == NULL)
        return KP_OK;
    codec->number = UBOOT_COMP_UNNAMED;
    if (strcmp(codec->name, "lzma") == 0)
        codec->number = UBOOT_COMP_LZMA; /* with other properties than is_lzma knows */
    return KP_OK;
}

int32_t uboot_find_codec(struct kp_call *call, const struct kp_image *image,
                         struct uboot_codec *codec)
{
    uint8_t head[HEAD_SIZE];
    uint64_t length;
    size_t i;

    codec->name = NULL;
    codec->number = UBOOT_COMP_NONE;
    if (read_head(call, image, head, &length) != KP_OK)
        return KP_FAILED;
    for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (length < formats[i].length || memcmp(head, formats[i].magic, formats[i].length) != 0)
            continue;
        codec->name = formats[i].name;
        codec->number = formats[i].number;
        return KP_OK;
    }
    if (is_lzma(head, length)) {
        codec->name = "lzma";
        codec->number = UBOOT_COMP_LZMA;
        return KP_OK;
    }
    return ask_host(call, image, codec);
}

int32_t uboot_maybe_lzma(struct kp_call *call, const struct kp_image *image, int *maybe)
{
    uint8_t head[HEAD_SIZE];
    uint64_t length;

    if (read_head(call, image, head, &length) != KP_OK)
        return KP_FAILED;
    *maybe = has_lzma_size(head, length) && head[0] < 225;
    return KP_OK;
}
