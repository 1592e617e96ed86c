/* SPDX-License-Identifier: BSD-3-Clause
 *
 * formats/s390-image.c - describes the boot image of s390 (arch/s390/boot/bzImage, which is no x86
 * bzImage): what a boot loader fills in and the kernel reads, and the program with the payload.
 *
 * Facts from Linux 6.1, arch/s390/boot/head.S and arch/s390/include/asm/setup.h, struct parmarea.
 * All numbers are big endian, and addresses are offsets in the file. No header tells where the
 * payload lies.
 */
#include <kpipe/kpipe.h>
#include <string.h>

#define AT_MARK 0x10008u
#define AT_PARMAREA 0x10400u
#define AT_KERNEL_VERSION 0x10428u
#define AT_COMMAND_LINE_MAX 0x10430u
#define AT_COMMAND_LINE 0x10480u
#define OLD_COMMAND_LINE_SIZE 896u /* before Linux 5.17, which tells the size */
#define HEADER_END 0x11000u
#define VERSION_MAX 128u
#define COMMAND_LINE_MOST (1u << 20) /* what Kconfig allows */

static int32_t show_numbers(struct kp_call *call, const uint8_t *head)
{
    static const struct {
        const char *name;
        uint32_t flags;
    } words[] = {{"ipl_device", KP_FIELD_HEX},
                 {"initrd_start", KP_FIELD_HEX},
                 {"initrd_size", KP_FIELD_BYTES},
                 {"oldmem_base", KP_FIELD_HEX},
                 {"oldmem_size", KP_FIELD_BYTES},
                 {"kernel_version", KP_FIELD_HEX},
                 {"max_command_line_size", KP_FIELD_BYTES}};

    if (kp_field_text(call, "mark", AT_MARK, 6, "S390EP", 6) != KP_OK)
        return KP_FAILED;
    for (uint32_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        const uint32_t at = AT_PARMAREA + 8 * i;

        if (kp_field_number(call, words[i].name, at, 8, kp_be64(head + at), words[i].flags, NULL) !=
            KP_OK)
            return KP_FAILED;
    }
    return KP_OK;
}

/* "6.1.0-50-s390x (user@host) #1 ..." where kernel_version points; its first word is the release. */
static int32_t show_version(struct kp_call *call, uint64_t size, uint64_t at)
{
    char text[VERSION_MAX + 1] = "", *blank;
    const uint64_t length = at < size && size - at < VERSION_MAX ? size - at : VERSION_MAX;

    if (at == 0 || at >= size)
        return KP_OK;
    if (call->host->image_read(call, call->input, at, text, length) != KP_OK ||
        kp_field_text(call, "version", at, strlen(text), text, strlen(text)) != KP_OK)
        return KP_FAILED;
    blank = strchr(text, ' ');
    if (blank == NULL || blank == text)
        return KP_OK;
    *blank = '\0';
    return call->host->set_text(call, call->output, KP_TRAIT_VERSION, text);
}

/* How much room the command line has: all of it lies before the boot program. */
static uint64_t command_line_room(uint64_t size, uint64_t told)
{
    const uint64_t room = told == 0 ? OLD_COMMAND_LINE_SIZE : told;

    if (room <= COMMAND_LINE_MOST && kp_inside(size, AT_COMMAND_LINE, room))
        return room;
    return HEADER_END - AT_COMMAND_LINE;
}

/* The command line is as long as its text; what room it leaves is nobody's, so that it can be longer.
 * The payload's and its contents' sizes are constants of the boot program (Linux 6.1,
 * arch/s390/boot/decompressor.c): nothing here tells them. */
static int32_t hold(struct kp_call *call, uint64_t size, const uint8_t *head)
{
    const struct kp_part payload = {.size = sizeof(payload),
                                    .name = "payload",
                                    .role = KP_ROLE_PAYLOAD,
                                    .offset = HEADER_END,
                                    .length = size - HEADER_END,
                                    .flags = KP_PART_SEARCH};
    const uint64_t room = command_line_room(size, kp_be64(head + AT_COMMAND_LINE_MAX));
    const uint64_t begin = AT_COMMAND_LINE + room;
    const struct kp_image *const area =
        call->host->image_slice(call, call->input, AT_COMMAND_LINE, room);
    const uint8_t *const line = area == NULL ? NULL : call->host->image_view(call, area);

    if (line == NULL ||
        kp_part_at(call, "head", KP_ROLE_CODE, 0, AT_COMMAND_LINE,
                   "what a boot loader starts, and the parameter area") != KP_OK ||
        kp_part_at(call, "cmdline", KP_ROLE_CMDLINE, AT_COMMAND_LINE,
                   strnlen((const char *)line, (size_t)room), NULL) != KP_OK ||
        kp_part_at(call, "boot", KP_ROLE_CODE, begin, size - begin,
                   "the program that unpacks the payload") != KP_OK)
        return KP_FAILED;
    return call->host->part(call, &payload);
}

static int32_t inspect(struct kp_call *call)
{
    const uint64_t size = kp_size(call, call->input);
    uint8_t *const head = call->host->alloc(call, HEADER_END);

    if (head == NULL)
        return KP_FAILED;
    if (size < HEADER_END)
        return kp_fail(call, "parameter area: %llu bytes: the program begins at %u",
                       (unsigned long long)size, HEADER_END);
    if (call->host->image_read(call, call->input, 0, head, HEADER_END) != KP_OK ||
        show_numbers(call, head) != KP_OK ||
        show_version(call, size, kp_be64(head + AT_KERNEL_VERSION)) != KP_OK ||
        hold(call, size, head) != KP_OK)
        return KP_FAILED;
    return call->host->set_text(call, call->output, KP_TRAIT_ARCH, "s390");
}

static const char *const kinds[] = {"s390-image", NULL};

static const struct kp_format format = {
    .size = sizeof(struct kp_format),
    .name = "s390-image",
    .summary = "the compressed kernel of s390 with its boot program",
    .kinds = kinds,
    .inspect = inspect,
};

static const struct kp_format *const formats[] = {&format, NULL};

KP_PLUGIN("org.kpipe.s390-image", "s390-image", KPIPE_VERSION, "BSD-3-Clause", "The kpipe authors",
          "man:kpipe(1)", "the compressed kernel of s390 with its boot program",
          KP_OFFERS_FORMAT("s390-image")
              KP_MAGIC("s390-image", "65544", "533339304550", "ffffffffffff"),
          .formats = formats)
